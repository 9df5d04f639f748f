/* The options that the commands of bench share. */
#include "nb_test.h"

#include "bench/options.h"

#include <stdlib.h>
#include <unistd.h>

enum { ARGC_MAX = 24 };

// A command line, separated by blanks, and what it is read to.
struct line {
    char text[256];
    char *argv[ARGC_MAX];
    struct cli cli;
    struct bench_options options;
};

static int read_line_of(struct line *line, const char *text, enum bench_subject subject)
{
    struct nb_diag diag = {""};
    int argc = 0;

    memset(line, 0, sizeof(*line));
    snprintf(line->text, sizeof(line->text), "%s", text);
    for (char *at = line->text; at != NULL && argc < ARGC_MAX;) {
        char *blank = strchr(at, ' ');

        if (blank != NULL) {
            *blank++ = '\0';
        }
        line->argv[argc++] = at;
        at = blank;
    }
    if (cli_read(&line->cli, argc, line->argv, &diag) != NB_OK) {
        fail_msg("%s: %s", text, diag.text);
    }
    return bench_options_read(&line->cli, subject, &line->options);
}

static int read_line(struct line *line, const char *text)
{
    return read_line_of(line, text, BENCH_SUBJECT_LITERAL);
}

static void end_line(struct line *line)
{
    bench_options_fini(&line->options);
    cli_fini(&line->cli);
}

static void size_has_units(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        int rc;
        size_t want;
    } cases[] = {
        {"0", NB_OK, 0},
        {"16", NB_OK, 16},
        {"16b", NB_OK, 16},
        {"1k", NB_OK, 1024},
        {"2KB", NB_OK, 2048},
        {"2KiB", NB_OK, 2048},
        {"1MB", NB_OK, 1048576},
        {"1m", NB_OK, 1048576},
        {"64MiB", NB_OK, 67108864},
        {"67108864", NB_OK, 67108864},
        {"65MB", NB_ERANGE, 0},
        {"67108865", NB_ERANGE, 0},
        {"1G", NB_ERANGE, 0},
        {"", NB_EMALFORMED, 0},
        {"KB", NB_EMALFORMED, 0},
        {"-1", NB_EMALFORMED, 0},
        {"1.5KB", NB_EMALFORMED, 0},
        {"1 KB", NB_EMALFORMED, 0},
        {"1TB", NB_EMALFORMED, 0},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        size_t got = 0;
        int rc = bench_size_parse(nb_slice_of(cases[i].text), BENCH_SIZE_MAX_BYTES, &got);

        if (rc != cases[i].rc || got != cases[i].want) {
            fail_msg("\"%s\": %d, %zu", cases[i].text, rc, got);
        }
    }
}

static void msgs_are_shared_with_the_rest_first(void **state NB_UNUSED)
{
    assert_int_equal(bench_share(10, 3, 0), 4);
    assert_int_equal(bench_share(10, 3, 1), 3);
    assert_int_equal(bench_share(10, 3, 2), 3);
    assert_int_equal(bench_share(2, 3, 1), 1);
    assert_int_equal(bench_share(2, 3, 2), 0);
}

static void options_have_their_defaults(void **state NB_UNUSED)
{
    struct line line;

    assert_int_equal(read_line(&line, "natsctl bench pub s"), EXIT_CODE_OK);
    assert_int_equal(line.options.clients, 1);
    assert_int_equal(line.options.msgs, 100000);
    assert_int_equal(line.options.size, 128);
    assert_int_equal(nb_buf_slice(&line.options.payload).n, 128);
    assert_int_equal(nb_buf_slice(&line.options.headers).n, 0);
    assert_int_equal(line.options.number_max, 100000);
    assert_int_equal(line.options.rate, 0);
    assert_int_equal(bench_options_total(&line.options), 100000);
    assert_true(line.options.wants_bar);
    end_line(&line);
}

static void options_are_read(void **state NB_UNUSED)
{
    struct line line;

    assert_int_equal(read_line(&line, "natsctl bench pub s --clients 4 --size 1KB --rate 500 "
                                      "--duration 3s --no-progress -H A:b --payload-kind zero"),
                     EXIT_CODE_OK);
    assert_int_equal(line.options.clients, 4);
    assert_int_equal(line.options.rate, 500);
    assert_false(line.options.wants_bar);
    assert_int_equal(nb_buf_slice(&line.options.payload).n, 1024);
    assert_int_equal(nb_buf_slice(&line.options.payload).p[1023], 0);
    assert_true(nb_slice_is(nb_buf_slice(&line.options.headers), "NATS/1.0\r\nA: b\r\n\r\n"));
    assert_int_equal(bench_options_total(&line.options), 1500); // a time at a rate
    end_line(&line);
}

static void duration_without_a_rate_has_no_total(void **state NB_UNUSED)
{
    struct line line;

    assert_int_equal(read_line(&line, "natsctl bench pub s --duration 3s"), EXIT_CODE_OK);
    assert_int_equal(bench_options_total(&line.options), UINT64_MAX);
    end_line(&line);
}

static void json_wants_no_bar(void **state NB_UNUSED)
{
    struct line line;

    assert_int_equal(read_line(&line, "natsctl bench pub s -j"), EXIT_CODE_OK);
    assert_false(line.options.wants_bar);
    end_line(&line);
}

static void payload_comes_from_a_file(void **state NB_UNUSED)
{
    char path[] = "/tmp/natsctl-payload-XXXXXX";
    char text[128];
    int fd = mkstemp(path);
    struct line line;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, "from a file", 11), 11);
    close(fd);
    snprintf(text, sizeof(text), "natsctl bench pub s --payload %s", path);
    assert_int_equal(read_line(&line, text), EXIT_CODE_OK);
    assert_int_equal(line.options.size, 11);
    assert_true(nb_slice_is(nb_buf_slice(&line.options.payload), "from a file"));
    end_line(&line);
    unlink(path);
}

static void options_that_make_no_sense_are_refused(void **state NB_UNUSED)
{
    static const char *const cases[] = {
        "natsctl bench pub s --clients 0",
        "natsctl bench pub s --clients 1000001",
        "natsctl bench pubsub s --pubs 0",
        "natsctl bench pubsub s --subs 0",
        "natsctl bench pub s --size 1TB",
        "natsctl bench pub s --size 65MB",
        "natsctl bench pub s --duration 1s --msgs 10",
        "natsctl bench pub s --duration -1s",
        "natsctl bench pub s --warmup -1s",
        "natsctl bench pub s --interval -1s",
        "natsctl bench pub s --sleep 1ms --throughput 5",
        "natsctl bench pub s --payload /nonexistent",
        "natsctl bench pub s --payload /dev/null --size 5",
        "natsctl bench pub s -H nothing",
        "natsctl bench pub s -H :x",
        "natsctl bench pub s.>",
        "natsctl bench pub s.*",
        "natsctl bench pub s..t",
        "natsctl bench sub s --queue a.>",
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct line line;

        if (read_line(&line, cases[i]) != EXIT_CODE_USAGE) {
            fail_msg("accepted: %s", cases[i]);
        }
        end_line(&line);
    }
}

static void who_subscribes_may_use_wildcards(void **state NB_UNUSED)
{
    static const struct {
        const char *line;
        int code;
    } cases[] = {
        {"natsctl bench sub s.>", EXIT_CODE_OK},
        {"natsctl bench sub s.*.t", EXIT_CODE_OK},
        {"natsctl bench sub s.>.t", EXIT_CODE_USAGE},
        {"natsctl bench sub .s", EXIT_CODE_USAGE},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct line line;

        assert_int_equal(read_line_of(&line, cases[i].line, BENCH_SUBJECT_PATTERN), cases[i].code);
        end_line(&line);
    }
}

static void subject_of_full_length_is_taken_and_one_more_refused(void **state NB_UNUSED)
{
    char subject[1026];
    char *argv[] = {(char *)(uintptr_t) "natsctl", (char *)(uintptr_t) "bench",
                    (char *)(uintptr_t) "pub", subject};
    struct nb_diag diag;

    for (int more = 0; more < 2; more++) {
        struct cli cli;
        struct bench_options options;

        memset(subject, 'a', sizeof(subject));
        subject[1024 + more] = '\0';
        assert_int_equal(cli_read(&cli, 4, argv, &diag), NB_OK);
        assert_int_equal(bench_options_read(&cli, BENCH_SUBJECT_LITERAL, &options),
                         more == 0 ? EXIT_CODE_OK : EXIT_CODE_USAGE);
        bench_options_fini(&options);
        cli_fini(&cli);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(size_has_units),
        cmocka_unit_test(msgs_are_shared_with_the_rest_first),
        cmocka_unit_test(options_have_their_defaults),
        cmocka_unit_test(options_are_read),
        cmocka_unit_test(duration_without_a_rate_has_no_total),
        cmocka_unit_test(json_wants_no_bar),
        cmocka_unit_test(payload_comes_from_a_file),
        cmocka_unit_test(options_that_make_no_sense_are_refused),
        cmocka_unit_test(who_subscribes_may_use_wildcards),
        cmocka_unit_test(subject_of_full_length_is_taken_and_one_more_refused),
    };

    return cmocka_run_group_tests_name("bench_options", tests, NULL, NULL);
}
