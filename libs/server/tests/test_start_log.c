/* What a server says of TLS when it starts, and of its end. */
#include "options_fixture.h"

#include <natsd/server.h>

#include "certificates.h"

#define FILES "cert_file: start.pem, key_file: start-key.pem"

/* A log that keeps its lines: all threads are told of it, and only the control thread writes. */

struct lines {
    struct nb_logger log;
    struct nb_buf text;
};

static void keep_line(void *ctx, enum nb_log_level level NB_UNUSED, struct slice line)
{
    struct lines *lines = ctx;

    nb_buf_must(&lines->text, line);
    nb_buf_must_text(&lines->text, "\n");
}

static void write_text(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

// What is said between the address and the end of the start.
static void expect_lines(const char *text, const char *want)
{
    struct nserver_options opts = read_good(text);
    struct nserver *server = NULL;
    struct nb_diag diag = {0};
    struct lines lines = {.log = {.write = keep_line}};
    const char *start;

    lines.log.ctx = &lines;
    nb_buf_init(&lines.text, 64 * 1024);
    if (nserver_create(&opts, &lines.log, &server, &diag) != NB_OK ||
        nserver_start(server, &diag) != NB_OK) {
        fail_msg("%s: %s", text, diag.text);
    }
    nb_buf_must(&lines.text, nb_slice_make("", 1));
    start = strstr((const char *)nb_buf_slice(&lines.text).p, "Listening for client");
    assert_non_null(start);
    start = strchr(start, '\n') + 1;
    if (strcmp(start, want) != 0) {
        fail_msg("%s\nhas\n%snot\n%s", text, start, want);
    }
    nserver_destroy(&server);
    nb_buf_fini(&lines.text);
    nserver_options_fini(&opts);
}

static void tls_is_announced(void **state NB_UNUSED)
{
#define TLS(keys) "listen: '127.0.0.1:-1', tls { " FILES keys " }"
#define FIRST "Clients that are not using \"TLS Handshake First\" option will fail to connect\n"
    static const char *const cases[][2] = {
        {"listen: '127.0.0.1:-1'", ""},
        {TLS(""), "TLS required for client connections\n"},
        {TLS("") ", allow_non_tls: on", "TLS available for client connections\n"},
        {TLS(", first: auto") ", allow_non_tls: on", "TLS available for client connections\n"},
        {TLS(", first: on") ", allow_non_tls: on", "TLS required for client connections\n" FIRST},
        {TLS(", verify: on, ca_file: start.pem, ocsp_peer: on") ", ocsp_cache: off",
         "TLS required for client connections\nOCSP peer cache online, type [none]\n"},
        {TLS(", verify: on, ca_file: start.pem, ocsp_peer: on") ", ocsp_cache { local_store: start "
                                                                "}",
         "TLS required for client connections\nOCSP peer cache online, type [local]\n"},
        {TLS(", verify: on, ca_file: start.pem, ocsp_peer: off") ", ocsp_cache: on",
         "TLS required for client connections\n"},
    };

    write_text("start.pem", CERTIFICATE_ONE);
    write_text("start-key.pem", KEY_ONE);
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char want[512];

        snprintf(want, sizeof(want), "%sServer is ready\n", cases[i][1]);
        expect_lines(cases[i][0], want);
    }
}

static void the_end_is_told_in_order(void **state NB_UNUSED)
{
    static const char *const cases[][2] = {
        {"listen: '127.0.0.1:-1'", "Initiating Shutdown...\n"
                                   "Client accept loop exiting..\n"
                                   "SYSTEM - System connection closed: Client Closed\n"
                                   "Server Exiting..\n"},
        {"listen: '127.0.0.1:-1', no_sys_acc: on", "Initiating Shutdown...\n"
                                                   "Client accept loop exiting..\n"
                                                   "Server Exiting..\n"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nserver_options opts = read_good(cases[i][0]);
        struct nserver *server = NULL;
        struct nb_diag diag = {0};
        struct lines lines = {.log = {.write = keep_line, .is_debug = true}};

        lines.log.ctx = &lines;
        nb_buf_init(&lines.text, 64 * 1024);
        assert_int_equal(nserver_create(&opts, &lines.log, &server, &diag), NB_OK);
        assert_int_equal(nserver_start(server, &diag), NB_OK);
        nserver_stop(server);
        nb_buf_must(&lines.text, nb_slice_make("", 1));
        assert_string_equal(
            strstr((const char *)nb_buf_slice(&lines.text).p, "Initiating Shutdown"), cases[i][1]);
        nserver_destroy(&server);
        nb_buf_fini(&lines.text);
        nserver_options_fini(&opts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tls_is_announced),
        cmocka_unit_test(the_end_is_told_in_order),
    };
    return cmocka_run_group_tests_name("start_log", tests, NULL, NULL);
}
