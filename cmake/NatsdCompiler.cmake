# How everything is compiled: C17, warnings are errors, asserts stay on in every build.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

# CMake's release types define NDEBUG; asserts guard our own mistakes in production too.
foreach(config IN ITEMS RELEASE RELWITHDEBINFO MINSIZEREL)
    string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_${config} "${CMAKE_C_FLAGS_${config}}")
endforeach()

option(NATSD_WERROR "Warnings are errors" ON)
set(NATSD_SANITIZE "" CACHE STRING "Value for -fsanitize=, for example address,undefined or thread")
option(NATSD_FUZZ "Build the libFuzzer targets (needs clang)" OFF)
option(NATSD_LTO "Optimise the programs across libraries (gcc)" OFF)
option(NATSD_COVERAGE "Instrument for coverage" OFF)

add_compile_definitions(_GNU_SOURCE)
add_compile_options(
    -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
    -Wimplicit-fallthrough -Wvla -Wformat=2 -Wundef -Wpointer-arith -Wcast-align
    -fno-strict-aliasing -fno-omit-frame-pointer -fstack-protector-strong)
if(NATSD_WERROR)
    add_compile_options(-Werror)
endif()
if(NATSD_SANITIZE)
    add_compile_options(-fsanitize=${NATSD_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${NATSD_SANITIZE})
    add_compile_definitions(NB_DEBUG_CHECKS=1)
endif()
if(NATSD_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
    add_link_options(-fsanitize=fuzzer-no-link)
endif()
# Fat objects: the static libraries that are installed, and the tests, can be linked without it.
if(NATSD_LTO)
    add_compile_options(-flto=auto -ffat-lto-objects)
endif()
if(NATSD_COVERAGE)
    add_compile_options(--coverage)
    add_link_options(--coverage)
endif()
