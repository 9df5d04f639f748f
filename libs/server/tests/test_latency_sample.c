#include "nb_test.h"

#include "sharing/latency_sample.h"

#define BLOCK(rows) "NATS/1.0\r\n" rows "\r\n"
#define UBER(flags) BLOCK("Uber-Trace-Id: 1:2:3:" flags "\r\n")
#define PARENT(flags) BLOCK("Traceparent: 00-abc-def-" flags "\r\n")

// Section 17.1, by headers alone: sampled when `shown` is not NULL.
static const struct {
    const char *block;
    const char *shown;
} rows[] = {
    {"", NULL},
    {"garbage", NULL},
    {BLOCK(""), NULL},
    {BLOCK("Other: 1\r\n"), NULL},
    {UBER("1"), "{\"Uber-Trace-Id\":[\"1:2:3:1\"]}"},
    {UBER("01"), "{\"Uber-Trace-Id\":[\"1:2:3:01\"]}"},
    {UBER("F"), "{\"Uber-Trace-Id\":[\"1:2:3:F\"]}"},
    {UBER("0"), NULL},
    {UBER("2"), NULL},
    {UBER("001"), NULL},
    {UBER("g"), NULL},
    {UBER(""), NULL},
    {UBER("1:1"), NULL},
    {BLOCK("uber-trace-id: 1:2:3:1\r\nUBERCTX-a: x\r\nuberctx-B: y\r\n"),
     "{\"Uber-Trace-Id\":[\"1:2:3:1\"],\"Uberctx-A\":[\"x\"],\"Uberctx-B\":[\"y\"]}"},
    {BLOCK("Uber-Trace-Id: 0:0:0:0\r\nB3: 1-2-1\r\n"), NULL}, // the first that is there decides
    {BLOCK("X-B3-Sampled: 1\r\n"), "{\"X-B3-Sampled\":[\"1\"]}"},
    {BLOCK("X-B3-Sampled: 0\r\nX-B3-TraceId: a\r\n"), NULL},
    {BLOCK("X-B3-Sampled: maybe\r\nX-B3-TraceId: a\r\n"),
     "{\"X-B3-Sampled\":[\"maybe\"],\"X-B3-Traceid\":[\"a\"]}"},
    {BLOCK("X-B3-Sampled: maybe\r\n"), NULL},
    {BLOCK("x-b3-traceid: a\r\nX-B3-ParentSpanId: b\r\nX-B3-SpanId: c\r\n"),
     "{\"X-B3-Traceid\":[\"a\"],\"X-B3-Parentspanid\":[\"b\"],\"X-B3-Spanid\":[\"c\"]}"},
    {BLOCK("B3: 0\r\n"), NULL},
    {BLOCK("b3: a-b-0\r\n"), NULL},
    {BLOCK("b3: a-b-1\r\n"), "{\"B3\":[\"a-b-1\"]}"},
    {BLOCK("b3: a-b\r\n"), "{\"B3\":[\"a-b\"]}"},
    {BLOCK("b3: a-b-0-c\r\n"), NULL},
    {PARENT("01"), "{\"Traceparent\":[\"00-abc-def-01\"]}"},
    {PARENT("7f"), "{\"Traceparent\":[\"00-abc-def-7f\"]}"},
    {PARENT("00"), NULL},
    {PARENT("81"), NULL},
    {PARENT("1"), NULL},
    {PARENT("001"), NULL},
    {PARENT("0g"), NULL},
    {PARENT("01-x"), NULL},
    {BLOCK("traceparent: 00-a-b-01\r\ntracestate: s\r\n"),
     "{\"Traceparent\":[\"00-a-b-01\"],\"Tracestate\":[\"s\"]}"},
};

static void headers_decide_when_chance_does_not(void **state NB_UNUSED)
{
    struct nb_random random;

    nb_random_init(&random, 1);
    for (size_t i = 0; i < NB_ARRAY_LEN(rows); i++) {
        struct nb_buf headers;
        bool is_sampled;

        nb_buf_init(&headers, 4096);
        is_sampled = nserver__latency_sample(0, nb_slice_of(rows[i].block), &random, &headers);
        if (is_sampled != (rows[i].shown != NULL) ||
            !nb_slice_is(nb_buf_slice(&headers), rows[i].shown != NULL ? rows[i].shown : "")) {
            fail_msg("%s: %d, %.*s", rows[i].block, is_sampled,
                     NB_SLICE_ARGS(nb_buf_slice(&headers)));
        }
        nb_buf_fini(&headers);
    }
}

static unsigned sampled_of_ten_thousand(int percent)
{
    struct nb_random random;
    unsigned count = 0;

    nb_random_init(&random, 7);
    for (unsigned i = 0; i < 10000; i++) {
        struct nb_buf headers;

        nb_buf_init(&headers, 64);
        count += nserver__latency_sample(percent, (struct slice){0}, &random, &headers);
        assert_int_equal(nb_buf_slice(&headers).n, 0);
        nb_buf_fini(&headers);
    }
    return count;
}

static void chance_decides_as_often_as_it_says(void **state NB_UNUSED)
{
    assert_int_equal(sampled_of_ten_thousand(100), 10000);
    assert_int_equal(sampled_of_ten_thousand(99), 10000); // N + 1 of a hundred
    assert_int_equal(sampled_of_ten_thousand(0), 0);
    assert_in_range(sampled_of_ten_thousand(50), 4850, 5350);
    assert_in_range(sampled_of_ten_thousand(1), 120, 280);
}

// What is shown of a request has a bound: above it, nothing is.
static void headers_that_are_too_much_are_not_kept(void **state NB_UNUSED)
{
    static const char block[] = BLOCK("Uber-Trace-Id: 1:2:3:1\r\nUberctx-a: 0123456789abcdef\r\n");
    struct nb_random random;

    nb_random_init(&random, 1);
    for (size_t room = 1; room < 100; room++) {
        struct nb_buf headers;

        nb_buf_init(&headers, room);
        (void)nserver__latency_sample(0, nb_slice_of(block), &random, &headers);
        assert_true(nb_buf_slice(&headers).n == 0 || nb_slice_ends(nb_buf_slice(&headers), "\"]}"));
        nb_buf_fini(&headers);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_decide_when_chance_does_not),
        cmocka_unit_test(chance_decides_as_often_as_it_says),
        cmocka_unit_test(headers_that_are_too_much_are_not_kept),
    };
    return cmocka_run_group_tests_name("latency_sample", tests, NULL, NULL);
}
