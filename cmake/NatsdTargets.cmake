include(NatsdPackage)

# One function for each kind of target. Sources, tests and fuzz targets are found in their
# folders, so that none can be left out by mistake.

# natsd_library(NAME <name> [USES <lib>...] [LINK <target>...] [DESCRIPTION <text>])
#   libs/<name>/src/**/*.c  becomes the static library natsd-<name>, installed with its
#                           headers, a pkg-config file and a CMake package
#   libs/<name>/tests/test_*.c   each a cmocka program and a test
#   libs/<name>/tests/example_*.c  the README's example, compiled and run as a test
#   libs/<name>/fuzz/fuzz_*.c    each a fuzz target; its corpus is replayed as a test
#   USES  natsd libraries it is built on; LINK  other libraries, private to it
function(natsd_library)
    cmake_parse_arguments(LIB "" "NAME;DESCRIPTION" "USES;LINK" ${ARGN})
    set(target natsd-${LIB_NAME})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/src/*.c)
    add_library(${target} STATIC ${sources})
    add_library(natsd::${LIB_NAME} ALIAS ${target})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${LIB_NAME})
    target_include_directories(${target}
        PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
               $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
        PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src)
    # Clang sees that a lock of natsd/lock.h is released on every path. Tests do as they like.
    target_compile_options(${target} PRIVATE $<$<C_COMPILER_ID:Clang>:-Wthread-safety>)
    list(TRANSFORM LIB_USES PREPEND natsd- OUTPUT_VARIABLE used)
    target_link_libraries(${target} PUBLIC ${used} PRIVATE ${LIB_LINK})

    natsd_package(${LIB_NAME} "${LIB_DESCRIPTION}" "${LIB_USES}" "${LIB_LINK}")
    if(BUILD_TESTING)
        natsd_library_tests(${LIB_NAME})
    endif()
endfunction()

function(natsd_library_tests name)
    file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/tests/test_*.c)
    foreach(source IN LISTS tests)
        get_filename_component(stem ${source} NAME_WE)
        natsd_test(${name}_${stem} ${source} natsd-${name})
    endforeach()
    file(GLOB examples CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/tests/example_*.c)
    foreach(source IN LISTS examples)
        get_filename_component(stem ${source} NAME_WE)
        add_executable(${name}_${stem} ${source})
        natsd_link_quickly(${name}_${stem})
        target_link_libraries(${name}_${stem} PRIVATE natsd-${name})
        add_test(NAME ${name}/${stem} COMMAND ${name}_${stem})
        set_tests_properties(${name}/${stem} PROPERTIES TIMEOUT 60)
    endforeach()
    file(GLOB fuzzers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/fuzz_*.c)
    foreach(source IN LISTS fuzzers)
        natsd_fuzz(${name} ${source})
    endforeach()
endfunction()

# Link-time optimisation is for the programs: it would make each of the many tests slow to link.
function(natsd_link_quickly target)
    if(NATSD_LTO)
        target_link_options(${target} PRIVATE -fno-lto)
    endif()
endfunction()

# A cmocka program. It may include the private headers of the library it tests.
function(natsd_test target source)
    add_executable(${target} ${source})
    natsd_link_quickly(${target})
    target_link_libraries(${target} PRIVATE ${ARGN} PkgConfig::CMOCKA Threads::Threads)
    target_include_directories(${target} PRIVATE
        ${CMAKE_CURRENT_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/tests/support)
    string(REGEX REPLACE "^([a-z]+)_(.*)$" "\\1/\\2" test ${target})
    add_test(NAME ${test} COMMAND ${target})
    set_tests_properties(${test} PROPERTIES TIMEOUT 300)
endfunction()

# fuzz/fuzz_x.c with seeds in fuzz/corpus/x/. With NATSD_FUZZ it becomes a libFuzzer program;
# otherwise a program that replays the corpus, so that a target cannot rot.
function(natsd_fuzz name source)
    get_filename_component(stem ${source} NAME_WE)
    string(REPLACE fuzz_ "" subject ${stem})
    set(corpus ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${subject})
    if(NATSD_FUZZ)
        add_executable(${stem} ${source})
        target_link_options(${stem} PRIVATE -fsanitize=fuzzer)
        set_property(GLOBAL APPEND PROPERTY NATSD_FUZZERS "${stem} ${corpus}")
    else()
        add_executable(${stem} ${source} ${CMAKE_SOURCE_DIR}/tests/support/replay_corpus.c)
        natsd_link_quickly(${stem})
        add_test(NAME ${name}/${stem} COMMAND ${stem} ${corpus})
        set_tests_properties(${name}/${stem} PROPERTIES TIMEOUT 120)
    endif()
    target_link_libraries(${stem} PRIVATE natsd-${name})
    target_include_directories(${stem} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src)
endfunction()

# Once all targets are known: fuzzers.txt in the build directory has a line for each fuzz target,
# its name and its corpus, and the target "fuzzers" builds them.
function(natsd_list_fuzzers)
    get_property(fuzzers GLOBAL PROPERTY NATSD_FUZZERS)
    list(TRANSFORM fuzzers REPLACE " .*" "" OUTPUT_VARIABLE names)
    add_custom_target(fuzzers DEPENDS ${names})
    list(JOIN fuzzers "\n" lines)
    file(WRITE ${CMAKE_BINARY_DIR}/fuzzers.txt "${lines}\n")
endfunction()

# apps/<name>/src/**/*.c as the program <name>.
function(natsd_app)
    cmake_parse_arguments(APP "" "NAME" "USES;LINK" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/src/*.c)
    add_executable(${APP_NAME} ${sources})
    target_include_directories(${APP_NAME} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src)
    if(NATSD_LTO)
        target_link_options(${APP_NAME} PRIVATE -flto=auto)
    endif()
    list(TRANSFORM APP_USES PREPEND natsd-)
    target_link_libraries(${APP_NAME} PRIVATE ${APP_USES} ${APP_LINK} Threads::Threads)
    install(TARGETS ${APP_NAME} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT programs)
endfunction()
