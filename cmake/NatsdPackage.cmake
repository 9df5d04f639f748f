# What a library installs: its archive, headers, pkg-config file and CMake package natsd-<name>,
# all in the component <name>, so that one can be had with only those it is built on. The files
# find each other by relative paths: an installation may be moved.
include(CMakePackageConfigHelpers)

# Programs find libraries that lie outside the linker's folders, as Debian's BoringSSL does.
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)

# natsd_package(name description uses link): as natsd_library() was given them.
function(natsd_package name description uses link)
    set(package natsd-${name})
    set(cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/${package})
    set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
    natsd_package_needs("${uses}" "${link}")
    file(RELATIVE_PATH pc_to_prefix /prefix/${pc_dir} /prefix)
    string(REGEX REPLACE "/$" "" pc_to_prefix ${pc_to_prefix})
    configure_file(${CMAKE_SOURCE_DIR}/cmake/package-config.cmake.in ${package}-config.cmake @ONLY)
    configure_file(${CMAKE_SOURCE_DIR}/cmake/package.pc.in ${package}.pc @ONLY)
    write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/${package}-config-version.cmake
        COMPATIBILITY SameMinorVersion)

    install(TARGETS ${package} EXPORT ${package}-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${name})
    install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include/
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT ${name})
    install(EXPORT ${package}-targets NAMESPACE natsd::
        DESTINATION ${cmake_dir} COMPONENT ${name})
    install(FILES
        ${CMAKE_CURRENT_BINARY_DIR}/${package}-config.cmake
        ${CMAKE_CURRENT_BINARY_DIR}/${package}-config-version.cmake
        ${find_modules}
        DESTINATION ${cmake_dir} COMPONENT ${name})
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${package}.pc DESTINATION ${pc_dir} COMPONENT ${name})
endfunction()

# What a user of the archive links beside it, in the words of CMake (find_dependencies, and
# find_modules to be installed with it) and of pkg-config (pc_requires, pc_libs).
function(natsd_package_needs uses link)
    set(find_dependencies "")
    set(find_modules "")
    set(pc_requires "")
    set(pc_libs "")
    foreach(use IN LISTS uses)
        string(APPEND find_dependencies "find_dependency(natsd-${use})\n")
        string(APPEND pc_requires " natsd-${use}")
    endforeach()
    foreach(item IN LISTS link)
        if(item MATCHES "^BoringSSL::(.*)$")
            string(APPEND find_dependencies
                "list(APPEND CMAKE_MODULE_PATH \${CMAKE_CURRENT_LIST_DIR})\n"
                "find_dependency(BoringSSL)\n")
            set(find_modules ${CMAKE_SOURCE_DIR}/cmake/FindBoringSSL.cmake)
            get_filename_component(boringssl_dir ${BORINGSSL_CRYPTO_LIBRARY} DIRECTORY)
            if(CMAKE_MATCH_1 STREQUAL "SSL")
                string(APPEND pc_libs " ${BORINGSSL_SSL_LIBRARY}")
            endif()
            string(APPEND pc_libs " ${BORINGSSL_CRYPTO_LIBRARY} -Wl,-rpath,${boringssl_dir}")
        elseif(item MATCHES "^PkgConfig::(.*)$")
            string(APPEND find_dependencies
                "find_dependency(PkgConfig)\n"
                "if(NOT TARGET ${item})\n"
                "    pkg_check_modules(${CMAKE_MATCH_1} REQUIRED IMPORTED_TARGET GLOBAL ${${CMAKE_MATCH_1}_MODULE_NAME})\n"
                "endif()\n")
            string(APPEND pc_requires " ${${CMAKE_MATCH_1}_MODULE_NAME}")
        elseif(item STREQUAL "Threads::Threads")
            string(APPEND find_dependencies "find_dependency(Threads)\n")
            string(APPEND pc_libs " -pthread")
        else()
            string(APPEND pc_libs " -l${item}")
        endif()
    endforeach()
    return(PROPAGATE find_dependencies find_modules pc_requires pc_libs)
endfunction()
