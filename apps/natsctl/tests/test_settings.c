#include "settings.h"

#include "nb_test.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTEXT                                                                       \
    "{\"url\":\"nats://ctx:1\",\"user\":\"cu\",\"password\":\"cp\",\"token\":\"ct\"," \
    "\"creds\":\"\",\"tls_first\":true,\"inbox_prefix\":\"IN\",\"x\":1}"

struct config {
    char dir[64];
};

static void write_file(const struct config *config, const char *name, const char *text)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", config->dir, name);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static const char *const variables[] = {"NATS_URL",   "NATS_USER",    "NATS_PASSWORD", "NATS_TOKEN",
                                        "NATS_CREDS", "NATS_NKEY",    "NATS_CERT",     "NATS_KEY",
                                        "NATS_CA",    "NATS_CONTEXT", "NATS_TIMEOUT"};

static int make_config(void **state)
{
    struct config *config = test_calloc(1, sizeof(*config));
    char path[256];

    for (size_t i = 0; i < NB_ARRAY_LEN(variables); i++) {
        unsetenv(variables[i]);
    }
    snprintf(config->dir, sizeof(config->dir), "/tmp/natsctl-test-XXXXXX");
    assert_non_null(mkdtemp(config->dir));
    setenv("XDG_CONFIG_HOME", config->dir, 1);
    snprintf(path, sizeof(path), "%s/nats", config->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/nats/context", config->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    write_file(config, "nats/context/one.json", CONTEXT);
    write_file(config, "nats/context/broken.json", "{");
    write_file(config, "nats/context.txt", "one\n");
    write_file(config, "secret", "s3cret\nmore\n");
    *state = config;
    return 0;
}

static int remove_one(const char *path, const struct stat *stat NB_UNUSED, int type NB_UNUSED,
                      struct FTW *ftw NB_UNUSED)
{
    return remove(path);
}

static int remove_config(void **state)
{
    struct config *config = *state;

    assert_int_equal(nftw(config->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    test_free(config);
    return 0;
}

enum { ARGC_MAX = 16 };

// The line is split at blanks; % stands for the directory.
static int resolve(const struct config *config, const char *line, struct settings *settings,
                   struct nb_diag *diag)
{
    char room[512];
    char *argv[ARGC_MAX];
    int argc = 0;
    size_t n = 0;
    struct cli cli;
    int rc;

    n += (size_t)snprintf(room, sizeof(room), "natsctl version ");
    for (const char *at = line; *at != '\0' && n < sizeof(room) - 64; at++) {
        n += (size_t)snprintf(room + n, sizeof(room) - n, *at == '%' ? "%s" : "%.1s",
                              *at == '%' ? config->dir : at);
    }
    for (char *at = room; at != NULL && *at != '\0' && argc < ARGC_MAX;) {
        char *blank = strchr(at, ' ');

        if (blank != NULL) {
            *blank++ = '\0';
        }
        argv[argc++] = at;
        at = blank;
    }
    rc = cli_read(&cli, argc, argv, diag);
    if (rc == NB_OK) {
        rc = settings_resolve(&cli, settings, diag);
    }
    cli_fini(&cli);
    return rc;
}

static const struct {
    const char *line;
    const char *urls, *user, *password, *token;
} cases[] = {
    {"", "nats://ctx:1", "cu", "cp", "ct"},
    {"--no-context", NULL, NULL, NULL, NULL},
    {"--context one", "nats://ctx:1", "cu", "cp", "ct"},
    {"--context %/nats/context/one.json", "nats://ctx:1", "cu", "cp", "ct"},
    {"-s nats://flag:1", "nats://flag:1", "cu", "cp", "ct"},
    {"--user u", "nats://ctx:1", "u", "cp", "ct"},
    {"--no-context --user u", NULL, NULL, NULL, "u"}, // alone it is a token
    {"--no-context --user u --token t", NULL, NULL, NULL, "t"},
    {"--no-context --user u --password p", NULL, "u", "p", NULL},
    {"--no-context --user u --password-file %/secret", NULL, "u", "s3cret", NULL},
    {"--no-context --token-file %/secret", NULL, NULL, NULL, "s3cret"},
    {"--no-context --token data:;base64,czNjcmV0", NULL, NULL, NULL, "s3cret"},
    {"--no-context --token file://%/secret", NULL, NULL, NULL, "s3cret\nmore"},
    {"--no-context --token env://NATSCTL_TEST_TOKEN", NULL, NULL, NULL, "from-env"},
};

static bool is_same(const char *got, const char *want)
{
    return got == NULL ? want == NULL : want != NULL && strcmp(got, want) == 0;
}

static void settings_come_from_the_strongest_source(void **state)
{
    setenv("NATSCTL_TEST_TOKEN", "from-env", 1);
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct settings settings;
        struct nb_diag diag = {""};
        int rc = resolve(*state, cases[i].line, &settings, &diag);

        if (rc != NB_OK || !is_same(settings.urls, cases[i].urls) ||
            !is_same(settings.user, cases[i].user) ||
            !is_same(settings.password, cases[i].password) ||
            !is_same(settings.token, cases[i].token)) {
            fail_msg("\"%s\": %s", cases[i].line, diag.text);
        }
        settings_fini(&settings);
    }
    unsetenv("NATSCTL_TEST_TOKEN");
}

static void environment_stands_between_options_and_context(void **state)
{
    struct settings settings;
    struct nb_diag diag = {""};

    setenv("NATS_URL", "nats://env:1", 1);
    assert_int_equal(resolve(*state, "", &settings, &diag), NB_OK);
    assert_string_equal(settings.urls, "nats://env:1");
    assert_string_equal(settings.inbox_prefix, "IN");
    assert_true(settings.is_tls_first);
    settings_fini(&settings);
    assert_int_equal(resolve(*state, "-s nats://flag:1 --no-tlsfirst", &settings, &diag), NB_OK);
    assert_string_equal(settings.urls, "nats://flag:1");
    assert_false(settings.is_tls_first);
    settings_fini(&settings);
    setenv("NATS_URL", "", 1); // counts as none
    assert_int_equal(resolve(*state, "", &settings, &diag), NB_OK);
    assert_string_equal(settings.urls, "nats://ctx:1");
    settings_fini(&settings);
    unsetenv("NATS_URL");
}

static void creds_and_nkeys_are_read_from_their_files(void **state)
{
    struct settings settings;
    struct nb_diag diag = {""};

    setenv("NATSCTL_TEST_DIR", ((struct config *)*state)->dir, 1);
    assert_int_equal(
        resolve(*state, "--no-context --creds ${NATSCTL_TEST_DIR}/secret", &settings, &diag),
        NB_OK);
    assert_string_equal(settings.creds, "s3cret\nmore");
    settings_fini(&settings);
    assert_int_equal(resolve(*state, "--no-context --nkey %/secret", &settings, &diag), NB_OK);
    assert_string_equal(settings.nkey_seed, "s3cret\nmore");
    settings_fini(&settings);
    // A user outranks them.
    assert_int_equal(resolve(*state, "--creds %/secret", &settings, &diag), NB_OK);
    assert_null(settings.creds);
    assert_string_equal(settings.user, "cu");
    settings_fini(&settings);
    unsetenv("NATSCTL_TEST_DIR");
}

static const struct {
    const char *line;
    const char *why;
} refused[] = {
    {"--context none", "context none: "},
    {"--context ../one", "invalid context name"},
    {"--context broken", "context broken: "},
    {"--no-context --creds /nonexistent", "/nonexistent: "},
    {"--no-context --token env://NATSCTL_TEST_UNSET", "NATSCTL_TEST_UNSET is not set"},
    {"--no-context --token data:xyz", "malformed data"},
    {"--no-context --creds op://a/b/c", "not supported"},
    {"--no-context --creds nsc://o/a", "expected nsc://operator/account/user"},
    {"--no-context --creds nsc://o/../u", "expected nsc://operator/account/user"},
    {"--no-context --creds nsc://o/a/u/x", "expected nsc://operator/account/user"},
    {"--no-context --creds nsc://o/a/u", "creds/o/a/u.creds: "},
    {"--no-context --tlscert a", "--tlscert and --tlskey"},
    {"--no-context --tlsca env://X", "--tlsca takes a path"},
    {"--timeout -1s", "--timeout is negative"},
};

static void settings_refuse_with_a_reason(void **state)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(refused); i++) {
        struct settings settings;
        struct nb_diag diag = {""};
        int rc = resolve(*state, refused[i].line, &settings, &diag);

        if (rc != NB_EINVALID || strstr(diag.text, refused[i].why) == NULL) {
            fail_msg("\"%s\": %d %s", refused[i].line, rc, diag.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_come_from_the_strongest_source),
        cmocka_unit_test(environment_stands_between_options_and_context),
        cmocka_unit_test(creds_and_nkeys_are_read_from_their_files),
        cmocka_unit_test(settings_refuse_with_a_reason),
    };
    return cmocka_run_group_tests_name("settings", tests, make_config, remove_config);
}
