#include <natsd/log.h>

#include "nb_test.h"

struct capture {
    unsigned count;
    enum nb_log_level level;
    size_t n;
    char line[NB_LOG_LINE_MAX_BYTES];
};

static void write_capture(void *ctx, enum nb_log_level level, struct slice line)
{
    struct capture *capture = ctx;

    assert_true(line.n <= sizeof(capture->line));
    capture->count++;
    capture->level = level;
    capture->n = line.n;
    memcpy(capture->line, line.p, line.n);
}

static struct capture captured;

static struct nb_logger fresh_logger(void)
{
    captured.count = 0;
    return (struct nb_logger){.write = write_capture, .ctx = &captured};
}

static void assert_line(const char *want)
{
    assert_int_equal(captured.n, strlen(want));
    assert_memory_equal(captured.line, want, captured.n);
}

static void lines_reach_the_sink_with_their_level(void **state NB_UNUSED)
{
    struct nb_logger log = fresh_logger();

    nb_log_error(&log, "cannot open n=%d", 3);
    assert_line("cannot open n=3");
    assert_int_equal(captured.level, NB_LOG_ERROR);
    nb_log_warn(&log, "%s", "w");
    assert_int_equal(captured.level, NB_LOG_WARN);
    nb_log_slice(&log, NB_LOG_INFO, NB_SLICE("whole % line"));
    assert_line("whole % line");
    assert_int_equal(captured.count, 3);
}

static void an_argument_makes_no_line_of_its_own(void **state NB_UNUSED)
{
    struct nb_logger log = fresh_logger();

    nb_log_info(&log, "said %s", "a\r\n[1] forged \x1b[31m\x7f\tend");
    assert_line("said a??[1] forged ?[31m?\tend");
    assert_int_equal(captured.count, 1);
}

static int formatted;

static int count_formatting(void)
{
    return ++formatted;
}

static void debug_and_trace_are_off_until_switched_on(void **state NB_UNUSED)
{
    struct nb_logger log = fresh_logger();

    formatted = 0;
    nb_log_debug(&log, "n=%d", count_formatting());
    nb_log(&log, NB_LOG_TRACE, "x");
    nb_log_slice(&log, NB_LOG_DEBUG, NB_SLICE("x"));
    assert_int_equal(captured.count, 0);
    assert_int_equal(formatted, 0);
    atomic_store(&log.is_debug, true);
    nb_log_debug(&log, "n=%d", count_formatting());
    assert_line("n=1");
    nb_log(&log, NB_LOG_TRACE, "x");
    assert_int_equal(captured.count, 1);
    atomic_store(&log.is_trace, true);
    nb_log(&log, NB_LOG_TRACE, "x");
    assert_int_equal(captured.count, 2);
}

static void without_a_sink_everything_is_dropped(void **state NB_UNUSED)
{
    struct nb_logger log = {0};

    nb_log_info(&log, "x %d", 1);
    nb_log_slice(&log, NB_LOG_FATAL, NB_SLICE("x"));
}

// Around the limit, with both functions.
static void long_lines_are_cut_with_dots(void **state NB_UNUSED)
{
    struct nb_logger log = fresh_logger();
    static char text[NB_LOG_LINE_MAX_BYTES + 10];

    for (size_t n = NB_LOG_LINE_MAX_BYTES - 2; n < NB_LOG_LINE_MAX_BYTES + 3; n++) {
        bool is_cut = n > NB_LOG_LINE_MAX_BYTES;

        memset(text, 'a', n);
        text[n] = '\0';
        for (unsigned function = 0; function < 2; function++) {
            if (function == 0) {
                nb_log_info(&log, "%s", text);
            } else {
                nb_log_slice(&log, NB_LOG_INFO, nb_slice_make(text, n));
            }
            assert_int_equal(captured.n, is_cut ? NB_LOG_LINE_MAX_BYTES : n);
            assert_int_equal(captured.line[0], 'a');
            assert_int_equal(captured.line[captured.n - 1], is_cut ? '.' : 'a');
            assert_int_equal(captured.line[captured.n - 4], 'a');
        }
    }
}

static void a_cut_does_not_tear_a_rune(void **state NB_UNUSED)
{
    struct nb_logger log = fresh_logger();
    static char text[NB_LOG_LINE_MAX_BYTES + 8];

    for (size_t shift = 0; shift < 4; shift++) {
        size_t n = shift;

        memset(text, 'a', shift);
        for (; n + 4 <= sizeof(text); n += 4) {
            memcpy(text + n, "\xF0\x9F\x98\x80", 4);
        }
        nb_log_slice(&log, NB_LOG_INFO, nb_slice_make(text, n));
        assert_memory_equal(captured.line + captured.n - 7, "\xF0\x9F\x98\x80...", 7);
        assert_true(captured.n > NB_LOG_LINE_MAX_BYTES - 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_reach_the_sink_with_their_level),
        cmocka_unit_test(an_argument_makes_no_line_of_its_own),
        cmocka_unit_test(debug_and_trace_are_off_until_switched_on),
        cmocka_unit_test(without_a_sink_everything_is_dropped),
        cmocka_unit_test(long_lines_are_cut_with_dots),
        cmocka_unit_test(a_cut_does_not_tear_a_rune),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
