/* What publishers send: operations made in advance. */
#include "nb_test.h"

#include "bench/script.h"

#include <natsd/number.h>
#include <natsd/parser.h>

#define HEADERS "NATS/1.0\r\nA: b\r\n\r\n"

struct seen {
    uint64_t msgs;
    uint64_t bytes;
    uint64_t numbers; // the sum of what stands behind "s."
    bool is_in_turn;
};

// As a server reads it: a whole number of valid operations, `ends` where each ends.
static void read_batch(const struct bench_batch *batch, struct seen *seen)
{
    struct slice input = nb_slice_make(batch->chunk->data, batch->ends[batch->count - 1]);
    const uint8_t *start = input.p;
    struct nproto_parser parser;
    struct nproto_msg msg;
    enum nproto_fault fault;

    nproto_parser_init(&parser, NPROTO_PEER_CLIENT);
    parser.has_headers = true;
    for (unsigned i = 0; i < batch->count; i++) {
        uint64_t number;

        assert_int_equal(nproto_parser_next(&parser, &input, &msg, &fault), NB_OK);
        assert_true(msg.op == NPROTO_OP_PUB || msg.op == NPROTO_OP_HPUB);
        assert_int_equal((size_t)(input.p - start), batch->ends[i]);
        if (nb_slice_starts(msg.subject, "s.")) {
            assert_int_equal(
                nb_parse_u64(nb_slice_sub(msg.subject, 2, msg.subject.n), UINT64_MAX, &number),
                NB_OK);
            seen->is_in_turn = seen->is_in_turn && number == seen->msgs % 1000;
            seen->numbers += number;
        }
        seen->msgs++;
        seen->bytes += msg.payload_size;
    }
    assert_int_equal(input.n, 0);
    nproto_parser_fini(&parser);
}

static struct seen read_all(const struct bench_script *script)
{
    struct seen seen = {.is_in_turn = true};

    for (size_t i = 0; i < script->batch_count; i++) {
        read_batch(&script->batches[i], &seen);
    }
    return seen;
}

static struct bench_script_opts opts_of(struct slice payload)
{
    return (struct bench_script_opts){.subject = "s", .payload = payload};
}

static void script_fills_batches_with_whole_operations(void **state NB_UNUSED)
{
    struct bench_script_opts opts = opts_of(NB_SLICE("hello"));
    struct bench_script script;
    struct seen seen;

    bench_script_init(&script, &opts);
    assert_int_equal(script.batch_count, 1);
    assert_int_equal(script.message_bytes, 5);
    assert_memory_equal(script.batches[0].chunk->data, "PUB s 5\r\nhello\r\nPUB s 5\r\n", 25);
    seen = read_all(&script);
    assert_int_equal(seen.bytes, 5 * seen.msgs);
    assert_true(seen.msgs * 16 > 64 * 1024); // written at once by libs/net
    bench_script_fini(&script);
    bench_script_fini(&script);
}

static void script_sends_headers_and_empty_payloads(void **state NB_UNUSED)
{
    struct bench_script_opts opts = opts_of((struct slice){0});
    struct bench_script script;

    opts.headers = NB_SLICE(HEADERS);
    bench_script_init(&script, &opts);
    assert_memory_equal(script.batches[0].chunk->data, "HPUB s 18 18\r\n" HEADERS "\r\nHPUB", 38);
    assert_true(read_all(&script).msgs > 0);
    assert_int_equal(script.message_bytes, 18);
    bench_script_fini(&script);
}

static void script_takes_its_subjects_in_turn(void **state NB_UNUSED)
{
    struct bench_script_opts opts = opts_of(NB_SLICE("x"));
    struct bench_script script;
    struct seen seen;

    opts.has_numbers = true;
    opts.number_max = 1000;
    bench_script_init(&script, &opts);
    seen = read_all(&script);
    assert_true(seen.is_in_turn);
    assert_int_equal(seen.msgs % 1000, 0); // each subject as often as the others
    assert_int_equal(seen.numbers, seen.msgs / 1000 * (999 * 1000 / 2));
    bench_script_fini(&script);
}

// The mean of n is half of the most, about; and there are many of them.
static void script_takes_random_subjects(void **state NB_UNUSED)
{
    struct bench_script_opts opts = opts_of(NB_SLICE("x"));
    struct bench_script script;
    struct seen seen;

    opts.has_numbers = true;
    opts.number_max = 1000;
    opts.is_random = true;
    bench_script_init(&script, &opts);
    seen = read_all(&script);
    assert_false(seen.is_in_turn);
    assert_true(seen.msgs >= 65536);
    assert_true(seen.numbers / seen.msgs >= 480 && seen.numbers / seen.msgs <= 520);
    bench_script_fini(&script);
}

// What would be too much to make in advance, or differs each time, is sent one by one.
static void script_makes_no_batches_of_what_is_better_sent_one_by_one(void **state NB_UNUSED)
{
    struct slice large = nb_slice_make(nb_zalloc(1024 * 1024), 1024 * 1024);
    const struct bench_script_opts cases[] = {
        {.subject = "s", .reply = "_INBOX.a."},
        {.subject = "s", .payload = large},
        {.subject = "s", .has_numbers = true, .number_max = 0},
        {.subject = "s", .has_numbers = true, .number_max = UINT64_MAX},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct bench_script script;

        bench_script_init(&script, &cases[i]);
        if (script.batch_count != 0) {
            fail_msg("case %zu", i);
        }
        bench_script_fini(&script);
    }
    nb_slice_free(&large);
}

// A payload that happens to look like a time would be taken for one.
static void script_leaves_no_time_where_there_is_none(void **state NB_UNUSED)
{
    struct bench_script_opts opts = opts_of(NB_SLICE("0123456789abcdefXYZ"));
    struct bench_script script;
    static const char wanted[] = "PUB s 19\r\n\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0XYZ\r\n";

    opts.has_stamps = true;
    bench_script_init(&script, &opts);
    assert_memory_equal(script.batches[0].chunk->data, wanted, sizeof(wanted) - 1);
    bench_script_fini(&script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(script_fills_batches_with_whole_operations),
        cmocka_unit_test(script_sends_headers_and_empty_payloads),
        cmocka_unit_test(script_takes_its_subjects_in_turn),
        cmocka_unit_test(script_takes_random_subjects),
        cmocka_unit_test(script_makes_no_batches_of_what_is_better_sent_one_by_one),
        cmocka_unit_test(script_leaves_no_time_where_there_is_none),
    };

    return cmocka_run_group_tests_name("bench_script", tests, NULL, NULL);
}
