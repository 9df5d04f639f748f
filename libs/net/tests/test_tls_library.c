#include "nb_test.h"

#include "tls_library.h"

#include <natsd/tls.h>

#include <dlfcn.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *self; // the name of this program

static const struct nnet_tls_opts client_opts = {.is_server = false};

static void the_library_is_loaded_with_the_first_configuration(void **state NB_UNUSED)
{
    struct nnet_tls_context *context = NULL;
    struct nb_diag diag = {0};

    assert_int_equal(nnet_tls_context_create(&client_opts, &context, &diag), NB_OK);
    assert_non_null(nnet__ssl.SSL_write);
    nnet_tls_context_unref(context);
    assert_int_equal(nnet__ssl_load(&diag), NB_OK); // again
}

#ifdef NNET_SSL_SONAME

#define REASON "TLS is not available: "

static const char *folder(void)
{
    const char *dir = getenv("TMPDIR");

    return dir != NULL ? dir : "/tmp";
}

// In a process of its own: loading comes to nothing, twice, and says why.
static int try_to_load(const char *reason)
{
    for (int i = 0; i < 2; i++) {
        struct nnet_tls_context *context = NULL;
        struct nb_diag diag = {0};
        int rc = nnet_tls_context_create(&client_opts, &context, &diag);

        if (rc != NB_EIO || context != NULL || strstr(diag.text, reason) == NULL) {
            fprintf(stderr, "%d: %s\n", rc, diag.text);
            return 1;
        }
    }
    return 0;
}

static void make_file(const char *path, const char *content)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, strlen(content), file), strlen(content));
    fclose(file);
}

// Whatever stands in place of libssl, beside libcrypto and where the loader looks first.
static void assert_refused(const char *content, const char *reason)
{
    char dir[1024];
    char libssl[1200];
    char libcrypto[1200];
    char command[4096];
    Dl_info real;
    int status;

    snprintf(dir, sizeof(dir), "%s/natsd-XXXXXX", folder());
    assert_non_null(mkdtemp(dir));
    snprintf(libssl, sizeof(libssl), "%s/" NNET_SSL_SONAME, dir);
    make_file(libssl, content);
    assert_int_not_equal(dladdr((void *)(uintptr_t)ERR_clear_error, &real), 0);
    snprintf(libcrypto, sizeof(libcrypto), "%s%s", dir, strrchr(real.dli_fname, '/'));
    assert_int_equal(symlink(real.dli_fname, libcrypto), 0);
    snprintf(command, sizeof(command), "LD_LIBRARY_PATH='%s' '%s' '%s'", dir, self, reason);
    status = system(command);
    unlink(libssl);
    unlink(libcrypto);
    rmdir(dir);
    assert_int_equal(status, 0);
}

static void a_broken_library_is_an_error_with_its_reason(void **state NB_UNUSED)
{
    assert_refused("", REASON);
    assert_refused("this is no library, but it is long enough to be looked at as one", REASON);
}

#endif

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_library_is_loaded_with_the_first_configuration),
#ifdef NNET_SSL_SONAME
        cmocka_unit_test(a_broken_library_is_an_error_with_its_reason),
#endif
    };

    self = argv[0];
#ifdef NNET_SSL_SONAME
    if (argc > 1) {
        return try_to_load(argv[1]);
    }
#endif
    (void)argc;
    return cmocka_run_group_tests_name("tls_library", tests, NULL, NULL);
}
