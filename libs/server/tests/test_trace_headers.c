#include "nb_test.h"

#include <natsd/memory.h>
#include <natsd/short_bytes.h>

#include "tracing/trace_headers.h"

#define BLOCK(rows) "NATS/1.0\r\n" rows "\r\n"
#define PARENT "00-0af7651916cd43dd8448eb211c80319c-b9c7c989f97918e1-"

// Spec 04 section 12.1.
static const struct {
    const char *block;
    enum nserver__trace_kind kind;
    const char *dest; // of TRACE_ASKED
    bool is_only;
} rows[] = {
    {"", TRACE_NOT_ASKED, "", false},
    {BLOCK(""), TRACE_NOT_ASKED, "", false},
    {BLOCK("Nats-Trace-Dest: a.b\r\n"), TRACE_ASKED, "a.b", false},
    {BLOCK("Nats-Trace-Dest:a.b \r\n"), TRACE_ASKED, "a.b", false},
    {BLOCK("Nats-Trace-Dest: a\r\nNats-Trace-Dest: b\r\n"), TRACE_ASKED, "a", false},
    {BLOCK("Nats-Trace-Dest : a.b\r\n"), TRACE_NOT_ASKED, "", false},
    {BLOCK("Nats-Trace-Dest:      \r\n"), TRACE_NOT_ASKED, "", false},
    {BLOCK("X-Nats-Trace-Dest: a\r\n"), TRACE_NOT_ASKED, "", false},
    {BLOCK("Nats-Trace-Dest-X: a\r\n"), TRACE_NOT_ASKED, "", false},
    {BLOCK("nats-trace-dest: a\r\n"), TRACE_NOT_ASKED, "", false},
    {BLOCK("no colon\r\nNats-Trace-Dest: a\r\n"), TRACE_NOT_ASKED, "", false},
    {"NATS/1.0\r\nNats-Trace-Dest: a", TRACE_NOT_ASKED, "", false},
    {"NATS/1.1\r\nNats-Trace-Dest: a\r\n\r\n", TRACE_NOT_ASKED, "", false},
    {"NATS/1.0 100\r\nNats-Trace-Dest: a\r\n\r\n", TRACE_NOT_ASKED, "", false},
    {BLOCK("Nats-Trace-Dest: trace disabled\r\n"), TRACE_NOT_ASKED, "", false},
    {BLOCK("Nats-Trace-Dest: trace disabled\r\ntraceparent: " PARENT "01\r\n"), TRACE_NOT_ASKED, "",
     false},
    {BLOCK("Nats-Trace-Only: 1\r\n"), TRACE_NOT_ASKED, "", false},
    {BLOCK("Nats-Trace-Only: On\r\nNats-Trace-Dest: a\r\n"), TRACE_ASKED, "a", true},
    {BLOCK("Nats-Trace-Dest: a\r\nNats-Trace-Only: yes\r\n"), TRACE_ASKED, "a", false},
    {BLOCK("Nats-Trace-Dest: a\r\nnats-trace-only: 1\r\n"), TRACE_ASKED, "a", false},
    {BLOCK("traceparent: " PARENT "01\r\n"), TRACE_EXTERNAL, "", false},
    {BLOCK("TrAcEpArEnT: " PARENT "27\r\nNats-Trace-Only: 1\r\n"), TRACE_EXTERNAL, "", false},
    {BLOCK("traceparent: " PARENT "00\r\nTraceparent: " PARENT "01\r\n"), TRACE_EXTERNAL, "",
     false},
    {BLOCK("traceparent: " PARENT "81\r\n"), TRACE_NOT_ASKED, "", false},
    {BLOCK("traceparent: 00-0af7651916cd43dd8448eb211c80319c-01\r\n"), TRACE_NOT_ASKED, "", false},
    {BLOCK("traceparent: " PARENT "01\r\nNats-Trace-Dest: a\r\n"), TRACE_ASKED, "a", false},
};

static void headers_say_whether_a_message_is_traced(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(rows); i++) {
        struct slice block = nb_slice_of(rows[i].block);
        struct nserver__trace_ask ask;

        nserver__trace_headers_read(block, &ask);
        if (ask.kind != rows[i].kind || ask.is_only != rows[i].is_only ||
            (ask.kind == TRACE_ASKED && !nb_slice_is(ask.dest, rows[i].dest))) {
            fail_msg("%s: kind %d, dest %.*s", rows[i].block, (int)ask.kind,
                     NB_SLICE_ARGS(ask.dest));
        }
        if (ask.kind != TRACE_NOT_ASKED && !nserver__trace_headers_may_ask(block)) {
            fail_msg("%s: overlooked", rows[i].block);
        }
    }
}

static void most_headers_are_not_read_further(void **state NB_UNUSED)
{
    static const char *const others[] = {"",
                                         "N",
                                         "\n",
                                         BLOCK(""),
                                         BLOCK("Nats-Msg-Id: 1\r\n"),
                                         BLOCK("tracestate: a=b\r\nNats-Trace-Onl: 1\r\n")};

    for (size_t i = 0; i < NB_ARRAY_LEN(others); i++) {
        assert_false(nserver__trace_headers_may_ask(nb_slice_of(others[i])));
    }
}

static void what_else_is_asked_is_read(void **state NB_UNUSED)
{
    struct nserver__trace_ask ask;

    nserver__trace_headers_read(nb_slice_of(BLOCK("Nats-Trace-Dest: a\r\n")), &ask);
    assert_false(ask.has_encoding);
    assert_false(ask.has_origin);
    nserver__trace_headers_read(
        nb_slice_of(BLOCK("Nats-Trace-Origin-Account: X\r\nAccept-Encoding: gzip\r\n"
                          "Accept-Encoding: snappy\r\nNats-Trace-Dest: a\r\n")),
        &ask);
    assert_true(ask.has_encoding && nb_slice_is(ask.encoding, "gzip"));
    assert_true(ask.has_origin && nb_slice_is(ask.origin, "X"));
}

static struct slice shown(struct slice block, struct nb_buf *out)
{
    struct nb_json_writer w;

    nb_buf_init(out, 4096);
    nb_json_begin(&w, out, NB_JSON_COMPACT);
    nserver__trace_headers_write(block, &w);
    assert_int_equal(nb_json_end(&w), NB_OK);
    return nb_buf_slice(out);
}

static void headers_are_shown_by_name(void **state NB_UNUSED)
{
    static const struct {
        const char *block;
        const char *json;
    } cases[] = {
        {"", "{}"},
        {"garbage: 1\r\n\r\n", "{}"},
        {BLOCK(""), "{}"},
        {BLOCK("x: 1\r\nX: 2\r\nx:   3 \r\n"), "{\"X\":[\"2\"],\"x\":[\"1\",\"3\"]}"},
        {BLOCK("Empty:\r\n: v\r\nSpace : \"\r\n"), "{\"Space \":[\"\\\"\"]}"},
        {BLOCK("a\r\nb:c:d\r\n"), "{\"a\\r\\nb\":[\"c:d\"]}"},
        {"NATS/1.0\r\na: 1\r\nb: 2", "{\"a\":[\"1\"]}"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nb_buf json;

        if (!nb_slice_is(shown(nb_slice_of(cases[i].block), &json), cases[i].json)) {
            fail_msg("%s: %.*s", cases[i].block, NB_SLICE_ARGS(nb_buf_slice(&json)));
        }
        nb_buf_fini(&json);
    }
}

// Each is an allocation of its own, for the sanitizer.
static void every_prefix_is_read_within_its_bytes(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(rows); i++) {
        struct slice whole = nb_slice_of(rows[i].block);

        for (size_t n = 0; n <= whole.n; n++) {
            uint8_t *copy = nb_alloc(n);
            struct slice cut = nb_slice_make(copy, n);
            struct nserver__trace_ask ask;
            struct nb_buf json;

            nb_bytes_copy(copy, whole.p, n);
            nserver__trace_headers_read(cut, &ask);
            if (ask.kind != TRACE_NOT_ASKED) {
                assert_true(nserver__trace_headers_may_ask(cut));
            }
            shown(cut, &json);
            nb_buf_fini(&json);
            nb_free(copy);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_say_whether_a_message_is_traced),
        cmocka_unit_test(most_headers_are_not_read_further),
        cmocka_unit_test(what_else_is_asked_is_read),
        cmocka_unit_test(headers_are_shown_by_name),
        cmocka_unit_test(every_prefix_is_read_within_its_bytes),
    };

    return cmocka_run_group_tests_name("trace_headers", tests, NULL, NULL);
}
