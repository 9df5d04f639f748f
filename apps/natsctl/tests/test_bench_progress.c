#include "bench/progress.h"

#include "nb_test.h"

#include <natsd/clock.h>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define S NB_NS_PER_S

enum {
    ROOM = 2048,
};

static const struct {
    const char *name;
    uint64_t goal;
    int64_t duration_ns;
    uint64_t done;
    int64_t elapsed_ns;
    unsigned columns;
    const char *want;
} bars[] = {
    {"half done", 10000, 0, 5000, 2 * S, 60,
     " 50% [===========>           ] 5,000/10,000  2,500/s  ETA 2s"},
    {"wider", 10000, 0, 5000, 2 * S, 70,
     " 50% [================>                ] 5,000/10,000  2,500/s  ETA 2s"},
    {"the narrowest bar", 10000, 0, 5000, 2 * S, 45,
     " 50% [====>   ] 5,000/10,000  2,500/s  ETA 2s"},
    {"too narrow for a bar", 10000, 0, 5000, 2 * S, 44, " 50% 5,000/10,000  2,500/s  ETA 2s"},
    {"too narrow for numbers", 10000, 0, 5000, 2 * S, 10, " 50% 5,000"},
    {"no columns", 10000, 0, 5000, 2 * S, 0, ""},
    {"nothing done, no time gone", 10000, 0, 0, 0, 40, "  0% [>                  ] 0/10,000  0/s"},
    {"done in no time", 10000, 0, 10000, 0, 50,
     "100% [================] 10,000/10,000  0/s  ETA 0s"},
    {"more than all", 10, 0, 30, S, 40, "100% [=============] 30/10  30/s  ETA 0s"},
    {"almost all", 1000000, 0, 999999, S, 60,
     " 99% [===============>] 999,999/1,000,000  999,999/s  ETA 1s"},
    {"minutes left", 700, 0, 10, S, 40, "  1% [>         ] 10/700  10/s  ETA 1m9s"},
    {"half of the time", 0, 10 * S, 12345, 5 * S, 40, " 50% [====>    ] 12,345  2,469/s  ETA 5s"},
    {"more than the time", 0, 10 * S, 12345, 15 * S, 40,
     "100% [===========] 12,345  823/s  ETA 0s"},
    {"a clock that went back", 0, 10 * S, 12345, -S, 40,
     "  0% [>                    ] 12,345  0/s"},
    {"without an end", 0, 0, 12345, 5 * S, 40, "12,345  2,469/s"},
    {"too far away to tell", UINT64_MAX, 0, 1, S, 50,
     "  0% [>        ] 1/18,446,744,073,709,551,615  1/s"},
    {"the largest numbers", UINT64_MAX, 0, UINT64_MAX, 1, 100,
     "100% 18,446,744,073,709,551,615/18,446,744,073,709,551,615"
     "  1,000,000,000,000,000,000/s  ETA 0s"},
};

static void bar_fits_its_columns(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(bars); i++) {
        struct bench_progress progress = {
            .started_ns = 7 * S, .goal = bars[i].goal, .duration_ns = bars[i].duration_ns};
        struct nb_buf out;

        nb_buf_init(&out, ROOM);
        bench_progress_put_bar(&progress, bars[i].done, 7 * S + bars[i].elapsed_ns, bars[i].columns,
                               &out);
        if (!nb_slice_is(nb_buf_slice(&out), bars[i].want)) {
            fail_msg("%s: got |%.*s|, want |%s|", bars[i].name, NB_SLICE_ARGS(nb_buf_slice(&out)),
                     bars[i].want);
        }
        assert_true(nb_buf_slice(&out).n <= bars[i].columns);
        nb_buf_fini(&out);
    }
}

static const struct {
    const char *name;
    struct bench_progress progress;
    uint64_t done;
    int64_t now_ns;
    const char *want;
} lines[] = {
    {"the rate is that since the last line",
     {.started_ns = S, .last_line_ns = 3 * S, .last_done = 1000, .goal = 10000},
     4000,
     5 * S,
     "4.0s  4,000 messages  1,500/s  40%  ETA 6s\n"},
    {"at once",
     {.started_ns = S, .last_line_ns = S, .goal = 10},
     0,
     S,
     "0.0s  0 messages  0/s  0%\n"},
    {"by time",
     {.started_ns = S, .last_line_ns = S, .duration_ns = 10 * S},
     7,
     S + S / 2,
     "0.5s  7 messages  14/s  5%  ETA 10s\n"},
    {"without an end", {.started_ns = S, .last_line_ns = S}, 7, 2 * S, "1.0s  7 messages  7/s\n"},
    {"fewer than before",
     {.started_ns = S, .last_line_ns = S, .last_done = 9},
     7,
     2 * S,
     "1.0s  7 messages  0/s\n"},
};

static void line_says_what_is_new(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(lines); i++) {
        struct nb_buf out;

        nb_buf_init(&out, ROOM);
        bench_progress_put_line(&lines[i].progress, lines[i].done, lines[i].now_ns, &out);
        if (!nb_slice_is(nb_buf_slice(&out), lines[i].want)) {
            fail_msg("%s: got \"%.*s\"", lines[i].name, NB_SLICE_ARGS(nb_buf_slice(&out)));
        }
        nb_buf_fini(&out);
    }
}

// -- on standard error -----------------------------------------------------------------------

// What stands in for standard error: a terminal or a pipe.
struct stand_in {
    int reader;
    int writer;
    int standard_error;
    char text[8192];
};

static void stand_in(struct stand_in *in)
{
    in->standard_error = dup(STDERR_FILENO);
    assert_true(in->standard_error >= 0);
    assert_int_equal(dup2(in->writer, STDERR_FILENO), STDERR_FILENO);
}

static void begin_terminal(struct stand_in *in, unsigned short columns)
{
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    struct termios modes;

    in->reader = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(in->reader >= 0);
    assert_int_equal(grantpt(in->reader), 0);
    assert_int_equal(unlockpt(in->reader), 0);
    in->writer = open(ptsname(in->reader), O_RDWR | O_NOCTTY);
    assert_true(in->writer >= 0);
    assert_int_equal(tcgetattr(in->writer, &modes), 0);
    cfmakeraw(&modes);
    assert_int_equal(tcsetattr(in->writer, TCSANOW, &modes), 0);
    assert_int_equal(ioctl(in->writer, TIOCSWINSZ, &size), 0);
    stand_in(in);
}

static void begin_pipe(struct stand_in *in)
{
    int fds[2];

    assert_int_equal(pipe(fds), 0);
    in->reader = fds[0];
    in->writer = fds[1];
    stand_in(in);
}

// A mark tells where what was written ends: a terminal whose last writer is gone has lost the rest.
static void end(struct stand_in *in)
{
    size_t n = 0;

    assert_int_equal(write(in->writer, "#", 1), 1);
    while (n == 0 || in->text[n - 1] != '#') {
        ssize_t got = read(in->reader, in->text + n, sizeof(in->text) - 1 - n);

        assert_true(got > 0);
        n += (size_t)got;
    }
    in->text[n - 1] = '\0';
    assert_int_equal(dup2(in->standard_error, STDERR_FILENO), STDERR_FILENO);
    close(in->standard_error);
    close(in->writer);
    close(in->reader);
}

static void terminal_has_a_bar_of_its_width(void **state NB_UNUSED)
{
    struct bench_progress progress;
    struct stand_in in;

    begin_terminal(&in, 50);
    bench_progress_start(&progress, true, 0, 1000, 0);
    bench_progress_show(&progress, 500);
    bench_progress_show(&progress, 600); // too soon to be drawn
    bench_progress_end(&progress);
    bench_progress_end(&progress);
    end(&in);
    assert_int_equal(strlen(in.text), 50 + 51); // each from the first column up to the last but one
    assert_memory_equal(in.text, "\r 50% [=", 8);
    assert_non_null(strstr(in.text, "] 500/1,000  "));
    assert_null(strstr(in.text, "600"));
    assert_int_equal(in.text[50], '\r');
    assert_int_equal(strspn(in.text + 51, " "), 49);
    assert_string_equal(in.text + 100, "\r");
}

static void bar_is_drawn_again_when_it_is_due(void **state NB_UNUSED)
{
    struct bench_progress progress;
    struct stand_in in;

    begin_terminal(&in, 0); // it does not say: 80
    bench_progress_start(&progress, true, 0, 1000, 0);
    bench_progress_show(&progress, 500);
    progress.next_bar_ns = (int64_t)nb_mono_now().ns;
    bench_progress_show(&progress, 600);
    end(&in);
    assert_int_equal(strlen(in.text), 2 * 80);
    assert_non_null(strstr(in.text, "] 600/1,000  "));
}

static void line_stands_above_the_bar(void **state NB_UNUSED)
{
    struct bench_progress progress;
    struct stand_in in;
    const char *line;

    begin_terminal(&in, 60);
    bench_progress_start(&progress, true, 10 * S, 1000, 0);
    bench_progress_show(&progress, 500);
    progress.next_line_ns = (int64_t)nb_mono_now().ns;
    bench_progress_show(&progress, 600);
    end(&in);
    line = strstr(in.text, "0.0s  600 messages  ");
    assert_non_null(line);
    assert_int_equal(line - in.text, 60 + 61); // after a bar, and what clears it
    assert_int_equal(line[-1], '\r');
    assert_memory_equal(strchr(line, '\n'), "\n\r 60% [", 8);
}

static void pipe_has_lines_when_they_are_due(void **state NB_UNUSED)
{
    struct bench_progress progress;
    struct stand_in in;
    int64_t before_ns;

    begin_pipe(&in);
    bench_progress_start(&progress, true, 10 * S, 1000, 0);
    bench_progress_show(&progress, 500);
    before_ns = (int64_t)nb_mono_now().ns;
    progress.next_line_ns = before_ns - 35 * S; // the clock made a jump: one line, not four
    bench_progress_show(&progress, 600);
    bench_progress_show(&progress, 700);
    bench_progress_end(&progress);
    end(&in);
    assert_true(progress.next_line_ns >= before_ns + 10 * S);
    assert_true(progress.last_line_ns >= before_ns);
    assert_int_equal(progress.last_done, 600);
    assert_memory_equal(in.text, "0.0s  600 messages  ", 20);
    assert_string_equal(strchr(in.text, '\n'), "\n");
}

static void nothing_is_shown_unasked(void **state NB_UNUSED)
{
    struct bench_progress progress;
    struct stand_in in;

    begin_pipe(&in); // a bar is wanted, but this is no terminal
    bench_progress_start(&progress, true, 0, 1000, 0);
    bench_progress_show(&progress, 500);
    bench_progress_end(&progress);
    end(&in);
    assert_string_equal(in.text, "");
    begin_terminal(&in, 80); // a terminal, but no bar is wanted
    bench_progress_start(&progress, false, 0, 1000, 0);
    bench_progress_show(&progress, 500);
    bench_progress_end(&progress);
    end(&in);
    assert_string_equal(in.text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bar_fits_its_columns),
        cmocka_unit_test(line_says_what_is_new),
        cmocka_unit_test(terminal_has_a_bar_of_its_width),
        cmocka_unit_test(bar_is_drawn_again_when_it_is_due),
        cmocka_unit_test(line_stands_above_the_bar),
        cmocka_unit_test(pipe_has_lines_when_they_are_due),
        cmocka_unit_test(nothing_is_shown_unasked),
    };
    return cmocka_run_group_tests_name("bench progress", tests, NULL, NULL);
}
