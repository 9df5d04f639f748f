#include "tls_library.h"

#ifdef NNET_SSL_SONAME

#include <natsd/slice.h>

#include <dlfcn.h>
#include <limits.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdio.h>

struct nnet__ssl nnet__ssl;

static const struct call {
    const char *name;
    size_t offset; // in the table
} calls[] = {
#define NNET__SSL_CALL(name) {#name, offsetof(struct nnet__ssl, name)},
#include "tls_library.def"
#undef NNET__SSL_CALL
};

static int find_calls(void *library, struct nnet__ssl *found, struct nb_diag *diag)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(calls); i++) {
        void *call = dlsym(library, calls[i].name);

        if (call == NULL) {
            nb_diag_set(diag, "TLS is not available: no %s in " NNET_SSL_SONAME, calls[i].name);
            return NB_EIO;
        }
        memcpy((char *)found + calls[i].offset, &call, sizeof(call));
    }
    return NB_OK;
}

// Beside the libcrypto that is in use, so that the two belong together. By its name alone the
// loader finds it along our RUNPATH; but where a sanitizer's dlopen stands before the loader's,
// the sanitizer is the caller, and it has none.
static void *open_beside_libcrypto(void)
{
    Dl_info libcrypto;
    const char *end;
    char path[PATH_MAX];
    int n;

    if (dladdr((void *)(uintptr_t)ERR_clear_error, &libcrypto) == 0 ||
        (end = strrchr(libcrypto.dli_fname, '/')) == NULL) {
        return NULL;
    }
    n = snprintf(path, sizeof(path), "%.*s/" NNET_SSL_SONAME, (int)(end - libcrypto.dli_fname),
                 libcrypto.dli_fname);
    return n > 0 && (size_t)n < sizeof(path) ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
}

static void *open_library(void)
{
    void *library = open_beside_libcrypto();

    return library != NULL ? library : dlopen(NNET_SSL_SONAME, RTLD_NOW | RTLD_LOCAL);
}

// Stays until the process ends: connections of another server in it may be using it.
int nnet__ssl_load(struct nb_diag *diag)
{
    static pthread_mutex_t ssl_lock = PTHREAD_MUTEX_INITIALIZER;
    struct nnet__ssl found;
    void *library;
    int rc = NB_OK;

    pthread_mutex_lock(&ssl_lock);
    if (nnet__ssl.SSL_new == NULL) {
        library = open_library();
        if (library == NULL) {
            nb_diag_set(diag, "TLS is not available: %s", dlerror());
            rc = NB_EIO;
        } else {
            rc = find_calls(library, &found, diag);
        }
        if (rc == NB_OK) {
            nnet__ssl = found;
        }
    }
    pthread_mutex_unlock(&ssl_lock);
    return rc;
}

#else

struct nnet__ssl nnet__ssl = {
#define NNET__SSL_CALL(name) .name = name,
#include "tls_library.def"
#undef NNET__SSL_CALL
};

int nnet__ssl_load(struct nb_diag *diag NB_UNUSED)
{
    return NB_OK;
}

#endif
