#include "nb_test.h" // cmocka and the headers it needs

#include <natsd/trace_line.h>

#include <string.h>

static const struct {
    const char *stream;
    const char *want;
} ops[] = {
    {"pub foo  2\r\nok\r\n", "[PUB foo  2]"},
    {"HPUB b 12 14\r\nNATS/1.0\r\n\r\nok\r\n", "[HPUB b 12 14]"},
    {"SUB  foo   5\r\n", "[SUB foo   5]"},
    {"SUB foo 5 \r\n", "[SUB foo 5 ]"},
    {"UNSUB 1\r\n", "[UNSUB 1]"},
    {"ping whatever\r\n", "[PING]"},
    {"PONG\r\n", "[PONG]"},
    {"+ok\r\n", "[+OK]"},
    {"-ERR 'x'\r\n", "[-ERR 'x']"},
    {"INFO {}\r\n", "[INFO {}]"},
    {"CONNECT {\"user\":\"u\",\"pass\":\"p\"}\r\n",
     "[CONNECT {\"user\":\"u\",\"pass\":\"[REDACTED]\"}]"},
    {"CONNECT\r\n", "[CONNECT]"},
    // nothing in it forges a line or steers a terminal
    {"SUB a\rb\x1b[2J\x01 1\r\n", "[SUB a\\x0db\\x1b[2J\\x01 1]"},
    {"CONNECT {\"name\":\"\x7f\r\"}\r\n", "[CONNECT {\"name\":\"\\x7f\\x0d\"}]"},
    {"SUB \xc3\xa9\t\"\\ 1\r\n", "[SUB \xc3\xa9\t\"\\ 1]"},
};

// From the first operation of a stream.
static void read_one(const char *stream, struct nproto_parser *parser, struct nproto_msg *msg)
{
    struct slice input = nb_slice_of(stream);
    enum nproto_fault fault = NPROTO_FAULT_NONE;

    nproto_parser_init(parser, NPROTO_PEER_CLIENT);
    parser->has_headers = true;
    assert_int_equal(nproto_parser_next(parser, &input, msg, &fault), NB_OK);
}

static void trace_shows_an_operation_as_it_came(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(ops); i++) {
        struct nproto_parser parser;
        struct nproto_msg msg;
        struct nb_buf out;

        read_one(ops[i].stream, &parser, &msg);
        nb_buf_init(&out, 4096);
        assert_int_equal(nproto_trace_op(&msg, &out), NB_OK);
        if (!nb_slice_is(nb_buf_slice(&out), ops[i].want)) {
            fail_msg("got %.*s, want %s", NB_SLICE_ARGS(nb_buf_slice(&out)), ops[i].want);
        }
        nb_buf_fini(&out);
        nproto_parser_fini(&parser);
    }
}

static void trace_stops_at_the_buffers_limit(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(ops); i++) {
        for (size_t max = 0; max < strlen(ops[i].want); max++) {
            struct nproto_parser parser;
            struct nproto_msg msg;
            struct nb_buf out;

            read_one(ops[i].stream, &parser, &msg);
            nb_buf_init(&out, max);
            assert_int_equal(nproto_trace_op(&msg, &out), NB_ELIMIT);
            nb_buf_fini(&out);
            nproto_parser_fini(&parser);
        }
    }
}

#define BLOCK "NATS/1.0\r\nK: v\r\n\r\n"

static const struct {
    const char *payload;
    uint32_t header_size;
    bool headers_only;
    uint32_t length_max;
    const char *want; // NULL: nothing to show
} payloads[] = {
    {"hello", 0, false, 0, "MSG_PAYLOAD: [\"hello\"]"},
    {"", 0, false, 0, NULL},
    {"0123456789", 0, false, 10, "MSG_PAYLOAD: [\"0123456789\"]"},
    {"abcdefghijk", 0, false, 10, "MSG_PAYLOAD: [\"abcdefghij...\"]"},
    {"a\"b\\c\r\n\t\x01", 0, false, 0, "MSG_PAYLOAD: [\"a\\\"b\\\\c\\r\\n\\t\\x01\"]"},
    {"\xff\xc3\xa9\x07", 0, false, 0, "MSG_PAYLOAD: [\"\\xff\xc3\xa9\\a\"]"},
    {"\xc3\xa9", 0, false, 1, "MSG_PAYLOAD: [\"\\xc3...\"]"},
    {BLOCK "ok", 18, false, 0, "MSG_PAYLOAD: [\"NATS/1.0\\r\\nK: v\\r\\n\\r\\nok\"]"},
    {BLOCK "ok", 18, true, 0, "MSG_PAYLOAD: [\"NATS/1.0\\r\\nK: v\"]"},
    {BLOCK "ok", 18, true, 8, "MSG_PAYLOAD: [\"NATS/1.0...\"]"},
    {BLOCK, 18, true, 0, "MSG_PAYLOAD: [\"NATS/1.0\\r\\nK: v\"]"},
    {"odd block", 3, true, 0, "MSG_PAYLOAD: [\"odd\"]"},
    {"hello", 0, true, 0, NULL},
};

static void trace_shows_a_payload_quoted_and_cut(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(payloads); i++) {
        struct nb_buf out;
        bool shown;

        nb_buf_init(&out, 4096);
        shown = nproto_trace_payload(nb_slice_of(payloads[i].payload), payloads[i].header_size,
                                     payloads[i].headers_only, payloads[i].length_max, &out);
        assert_int_equal(shown, payloads[i].want != NULL);
        assert_true(nb_slice_is(nb_buf_slice(&out), shown ? payloads[i].want : ""));
        nb_buf_fini(&out);
    }
}

static void trace_shows_as_much_of_a_payload_as_fits(void **state NB_UNUSED)
{
    struct nb_buf out;

    nb_buf_init(&out, 20);
    assert_true(nproto_trace_payload(NB_SLICE("0123456789"), 0, false, 0, &out));
    assert_true(nb_slice_starts(nb_buf_slice(&out), "MSG_PAYLOAD: [\""));
    nb_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trace_shows_an_operation_as_it_came),
        cmocka_unit_test(trace_stops_at_the_buffers_limit),
        cmocka_unit_test(trace_shows_a_payload_quoted_and_cut),
        cmocka_unit_test(trace_shows_as_much_of_a_payload_as_fits),
    };
    return cmocka_run_group_tests_name("trace_line", tests, NULL, NULL);
}
