#include "runtime_files.h"

#include "folder.h"

#include <natsd/memory.h>

/* The PID file. */

static void a_pid_file_has_the_bare_number_and_is_private(void **state NB_UNUSED)
{
    struct nb_diag diag = {0};
    struct stat st;
    char want[32];
    char *text;

    assert_int_equal(pid_file_write("n.pid", &diag), NB_OK);
    snprintf(want, sizeof(want), "%d", (int)getpid());
    text = folder_read("n.pid");
    assert_string_equal(text, want);
    nb_free(text);
    assert_int_equal(stat("n.pid", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    folder_clear();
}

static void an_old_pid_file_is_overwritten(void **state NB_UNUSED)
{
    struct nb_diag diag = {0};
    char want[32];
    char *text;

    folder_write("n.pid", "123456789 and something longer");
    assert_int_equal(pid_file_write("n.pid", &diag), NB_OK);
    snprintf(want, sizeof(want), "%d", (int)getpid());
    text = folder_read("n.pid");
    assert_string_equal(text, want);
    nb_free(text);
    folder_clear();
}

static void a_pid_file_that_cannot_be_written_is_told(void **state NB_UNUSED)
{
    struct nb_diag diag = {0};

    assert_int_equal(pid_file_write("no/such", &diag), NB_EIO);
    assert_string_equal(diag.text, "open no/such: no such file or directory");
}

/* The ports file. */

static struct nserver *start_server(struct nserver_options *opts, const struct nb_logger *log)
{
    struct nserver *server = NULL;
    struct nb_diag diag = {0};

    if (nserver_create(opts, log, &server, &diag) != NB_OK ||
        nserver_start(server, &diag) != NB_OK) {
        fail_msg("%s", diag.text);
    }
    return server;
}

static void a_ports_file_is_named_after_the_program(void **state NB_UNUSED)
{
    static const char *const programs[] = {"nats-server", "./nats-server", "/a/b/nats-server"};
    char want[64];

    snprintf(want, sizeof(want), "dir/nats-server_%d.ports", (int)getpid());
    for (size_t i = 0; i < NB_ARRAY_LEN(programs); i++) {
        char *path = ports_file_path("dir", programs[i]);

        assert_string_equal(path, want);
        nb_free(path);
    }
}

static void expect_ports(struct nserver_options *opts, bool has_monitoring)
{
    const struct nb_logger log = {0};
    struct nserver *server = start_server(opts, &log);
    struct nb_diag diag = {0};
    char monitoring[128] = "";
    char want[256];
    char *text;

    assert_int_equal(ports_file_write("x.ports", server, opts, &diag), NB_OK);
    if (has_monitoring) {
        snprintf(monitoring, sizeof(monitoring), ",\"monitoring\":[\"http://127.0.0.1:%u\"]",
                 (unsigned)nserver_http_port(server));
    }
    snprintf(want, sizeof(want), "{\"nats\":[\"nats://127.0.0.1:%u\"]%s}",
             (unsigned)nserver_client_port(server), monitoring);
    text = folder_read("x.ports");
    assert_string_equal(text, want);
    nb_free(text);
    nserver_destroy(&server);
    nserver_options_fini(opts);
    folder_clear();
}

static void a_ports_file_has_the_urls_of_every_listener(void **state NB_UNUSED)
{
    struct nserver_options clients = {.port = -1, .workers = 1};
    struct nserver_options both = {.port = -1, .http_port = -1, .workers = 1};
    struct nserver_options named = {.port = -1, .workers = 1};

    nserver_options_set_text(&clients.host, NB_SLICE("127.0.0.1"));
    expect_ports(&clients, false);
    nserver_options_set_text(&both.host, NB_SLICE("127.0.0.1"));
    expect_ports(&both, true);
    nserver_options_set_text(&named.host, NB_SLICE("localhost")); // as it is bound
    expect_ports(&named, false);
}

static void all_addresses_are_listed_one_by_one(void **state NB_UNUSED)
{
    const struct nb_logger log = {0};
    struct nserver_options opts = {.port = -1, .workers = 1};
    struct nserver *server = start_server(&opts, &log);
    struct nb_diag diag = {0};
    char loopback[64];
    char *text;

    assert_int_equal(ports_file_write("x.ports", server, &opts, &diag), NB_OK);
    snprintf(loopback, sizeof(loopback), "\"nats://127.0.0.1:%u\"",
             (unsigned)nserver_client_port(server));
    text = folder_read("x.ports");
    assert_non_null(strstr(text, loopback));
    assert_null(strstr(text, "0.0.0.0"));
    assert_null(strchr(text, '\n'));
    nb_free(text);
    nserver_destroy(&server);
    nserver_options_fini(&opts);
    folder_clear();
}

static void a_ports_file_is_removed_or_gone_already(void **state NB_UNUSED)
{
    struct nb_diag diag = {0};

    folder_write("x.ports", "{}");
    assert_int_equal(ports_file_remove("x.ports", &diag), NB_OK);
    assert_int_equal(access("x.ports", F_OK), -1);
    assert_int_equal(ports_file_remove("x.ports", &diag), NB_OK);
    assert_int_equal(mkdir("d", 0700), 0);
    assert_int_equal(ports_file_remove("d", &diag), NB_EIO);
    assert_string_equal(diag.text, "remove d: is a directory");
    folder_clear();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pid_file_has_the_bare_number_and_is_private),
        cmocka_unit_test(an_old_pid_file_is_overwritten),
        cmocka_unit_test(a_pid_file_that_cannot_be_written_is_told),
        cmocka_unit_test(a_ports_file_is_named_after_the_program),
        cmocka_unit_test(a_ports_file_has_the_urls_of_every_listener),
        cmocka_unit_test(all_addresses_are_listed_one_by_one),
        cmocka_unit_test(a_ports_file_is_removed_or_gone_already),
    };
    return cmocka_run_group_tests_name("runtime_files", tests, folder_enter, folder_leave);
}
