# BoringSSL: a build given with -DBORINGSSL_ROOT=<dir with include/ and lib/>, or Debian's
# android-libboringssl-dev, which keeps out of OpenSSL's way in folders called "android".
# BORINGSSL_SSL_SONAME is the name by which the loader knows libssl; empty for a static library.
set(BORINGSSL_ROOT "" CACHE PATH "A BoringSSL installation to use instead of Debian's")

if(BORINGSSL_ROOT)
    set(_where PATHS ${BORINGSSL_ROOT} NO_DEFAULT_PATH)
    find_path(BORINGSSL_INCLUDE_DIR openssl/is_boringssl.h ${_where} PATH_SUFFIXES include)
    find_library(BORINGSSL_SSL_LIBRARY ssl ${_where} PATH_SUFFIXES lib lib64)
    find_library(BORINGSSL_CRYPTO_LIBRARY crypto ${_where} PATH_SUFFIXES lib lib64)
else()
    find_path(BORINGSSL_INCLUDE_DIR openssl/is_boringssl.h PATHS /usr/include/android NO_DEFAULT_PATH)
    set(_where PATHS /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/android NO_DEFAULT_PATH)
    find_library(BORINGSSL_SSL_LIBRARY ssl ${_where})
    find_library(BORINGSSL_CRYPTO_LIBRARY crypto ${_where})
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(BoringSSL
    REQUIRED_VARS BORINGSSL_SSL_LIBRARY BORINGSSL_CRYPTO_LIBRARY BORINGSSL_INCLUDE_DIR
    REASON_FAILURE_MESSAGE "install android-libboringssl-dev, or give -DBORINGSSL_ROOT")
if(BORINGSSL_SSL_LIBRARY AND NOT DEFINED BORINGSSL_SSL_SONAME)
    execute_process(COMMAND ${CMAKE_OBJDUMP} -p ${BORINGSSL_SSL_LIBRARY}
        OUTPUT_VARIABLE _headers ERROR_QUIET)
    string(REGEX MATCH "SONAME +[^ \n]+" _soname "${_headers}")
    string(REGEX REPLACE "SONAME +" "" _soname "${_soname}")
    set(BORINGSSL_SSL_SONAME "${_soname}" CACHE INTERNAL "What the loader calls libssl")
endif()
mark_as_advanced(BORINGSSL_INCLUDE_DIR BORINGSSL_SSL_LIBRARY BORINGSSL_CRYPTO_LIBRARY)

if(BoringSSL_FOUND AND NOT TARGET BoringSSL::SSL)
    add_library(BoringSSL::Crypto UNKNOWN IMPORTED GLOBAL)
    set_target_properties(BoringSSL::Crypto PROPERTIES
        IMPORTED_LOCATION ${BORINGSSL_CRYPTO_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${BORINGSSL_INCLUDE_DIR})
    add_library(BoringSSL::SSL UNKNOWN IMPORTED GLOBAL)
    set_target_properties(BoringSSL::SSL PROPERTIES
        IMPORTED_LOCATION ${BORINGSSL_SSL_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${BORINGSSL_INCLUDE_DIR}
        INTERFACE_LINK_LIBRARIES BoringSSL::Crypto)
endif()
