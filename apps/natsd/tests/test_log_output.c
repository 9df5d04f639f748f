#include "log_output.h"

#include "folder.h"

#include <natsd/memory.h>

#include <fcntl.h>
#include <regex.h>
#include <time.h>

static struct nserver_options options_of(const char *text)
{
    struct nserver_option_report report;
    struct nserver_options opts;

    nserver_options_init(&opts);
    nserver_option_report_init(&report);
    if (nserver_options_read_text(&opts, "f.conf", nb_slice_of(text), &report) != NB_OK) {
        fail_msg("%.*s", NB_SLICE_ARGS(nb_buf_slice(&report.errors)));
    }
    nserver_option_report_fini(&report);
    return opts;
}

static struct log_output *open_good(const char *text)
{
    struct nserver_options opts = options_of(text);
    struct log_output *output = NULL;
    struct nb_diag diag = {0};

    if (log_output_open(&opts, &output, &diag) != NB_OK) {
        fail_msg("%s", diag.text);
    }
    nserver_options_fini(&opts);
    return output;
}

static void change(struct log_output *output, const char *text)
{
    struct nserver_options opts = options_of(text);
    struct nb_diag diag = {0};

    assert_int_equal(log_output_reconfigure(output, &opts, &diag), NB_OK);
    nserver_options_fini(&opts);
}

static void expect_form(const char *name, const char *form)
{
    char *text = folder_read(name);
    char pattern[1024];
    regex_t regex;

    assert_non_null(text);
    snprintf(pattern, sizeof(pattern), "^\\[%d\\] %s$", (int)getpid(), form);
    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    if (regexec(&regex, text, 0, NULL, 0) != 0) {
        fail_msg("%s is not %s", text, pattern);
    }
    regfree(&regex);
    nb_free(text);
}

#define TIME "[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6} "

static void each_level_has_its_tag(void **state NB_UNUSED)
{
    static const struct {
        enum nb_log_level level;
        const char *form;
    } cases[] = {
        {NB_LOG_FATAL, TIME "\\[FTL\\] x\n"}, {NB_LOG_ERROR, TIME "\\[ERR\\] x\n"},
        {NB_LOG_WARN, TIME "\\[WRN\\] x\n"},  {NB_LOG_INFO, TIME "\\[INF\\] x\n"},
        {NB_LOG_DEBUG, TIME "\\[DBG\\] x\n"}, {NB_LOG_TRACE, TIME "\\[TRC\\] x\n"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct log_output *output = open_good("log_file: n.log");

        log_output_write(output, cases[i].level, NB_SLICE("x"));
        log_output_close(&output);
        assert_null(output);
        expect_form("n.log", cases[i].form);
        folder_clear();
    }
}

static void a_line_ends_once(void **state NB_UNUSED)
{
    struct log_output *output = open_good("log_file: n.log, logtime: off");

    log_output_write(output, NB_LOG_INFO, NB_SLICE("a\n"));
    log_output_close(&output);
    expect_form("n.log", "\\[INF\\] a\n");
    folder_clear();
    output = open_good("log_file: n.log, logtime: off");
    log_output_write(output, NB_LOG_INFO, NB_SLICE(""));
    log_output_close(&output);
    expect_form("n.log", "\\[INF\\] \n");
    folder_clear();
}

static void the_time_is_local_or_utc(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        int hours;
    } cases[] = {{"log_file: n.log", 5}, {"log_file: n.log, logtime_utc: on", 0}};
    const char *zone = getenv("TZ");
    char *before = zone != NULL ? nb_strdup(zone) : NULL;

    assert_int_equal(setenv("TZ", "EST5", 1), 0); // five hours behind
    tzset();
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct log_output *output = open_good(cases[i].text);
        struct stat st;
        struct tm tm = {0};
        char *text;

        log_output_write(output, NB_LOG_INFO, NB_SLICE("x"));
        log_output_close(&output);
        assert_int_equal(stat("n.log", &st), 0);
        text = folder_read("n.log");
        assert_non_null(strptime(strchr(text, ' ') + 1, "%Y/%m/%d %H:%M:%S", &tm));
        // What the line says, read as UTC, is so many hours before it was written.
        assert_true(labs((long)(st.st_mtime - timegm(&tm)) - cases[i].hours * 3600L) < 600);
        nb_free(text);
        folder_clear();
    }
    if (before != NULL) {
        setenv("TZ", before, 1);
    } else {
        unsetenv("TZ");
    }
    tzset();
    nb_free(before);
}

// What fn writes to standard error.
static char *capture_stderr(void (*fn)(void))
{
    int saved = dup(STDERR_FILENO);
    int fd = open("stderr", O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(saved >= 0 && fd >= 0);
    assert_true(dup2(fd, STDERR_FILENO) >= 0);
    fn();
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    close(saved);
    close(fd);
    return folder_read("stderr");
}

static void log_to_stderr(void)
{
    struct log_output *output = open_good("logtime: off");

    log_output_write(output, NB_LOG_INFO, NB_SLICE("x"));
    log_output_reopen(output);
    log_output_close(&output);
}

static void standard_error_is_the_default_and_plain(void **state NB_UNUSED)
{
    char *text = capture_stderr(log_to_stderr);
    char want[128];

    snprintf(want, sizeof(want),
             "[%d] [INF] x\n[%d] [INF] File log re-open ignored, not a file logger\n",
             (int)getpid(), (int)getpid());
    assert_string_equal(text, want);
    nb_free(text);
    folder_clear();
}

static void complain(void)
{
    log_output_complain("no log");
}

static void a_complaint_has_the_time_alone(void **state NB_UNUSED)
{
    char *text = capture_stderr(complain);
    struct tm tm = {0};

    assert_string_equal(strptime(text, "%Y/%m/%d %H:%M:%S", &tm), " no log\n");
    nb_free(text);
    folder_clear();
}

static void a_file_over_the_limit_is_rotated_at_once(void **state NB_UNUSED)
{
    struct log_output *output;
    char *text;

    folder_write("n.log", "more than twenty bytes of it\n");
    output = open_good("log_file: n.log, log_size_limit: 20, log_max_num: 1, logtime: off");
    log_output_close(&output);
    text = folder_read("n.log");
    assert_non_null(strstr(text, "[INF] Rotated log, backup saved as \"n.log."));
    nb_free(text);
    folder_clear();
}

static void lines_of_rotation_are_in_local_time(void **state NB_UNUSED)
{
    struct log_output *output = open_good("log_file: n.log, log_size_limit: 1, logtime_utc: on");

    log_output_write(output, NB_LOG_INFO, NB_SLICE("x"));
    log_output_close(&output);
    expect_form("n.log", TIME "\\[INF\\] Rotated log, backup saved as \"n\\.log\\.[0-9.]+\"\r\n");
    folder_clear();
}

static void a_reopened_file_says_so(void **state NB_UNUSED)
{
    struct log_output *output = open_good("log_file: n.log, logtime: off");

    log_output_write(output, NB_LOG_INFO, NB_SLICE("x"));
    assert_int_equal(rename("n.log", "moved"), 0);
    log_output_reopen(output);
    log_output_close(&output);
    expect_form("moved", "\\[INF\\] x\n");
    expect_form("n.log", "\\[INF\\] File log re-opened\n");
    folder_clear();
}

static void a_reload_changes_destination_and_form(void **state NB_UNUSED)
{
    struct log_output *output = open_good("log_file: a.log");

    log_output_write(output, NB_LOG_INFO, NB_SLICE("one"));
    change(output, "log_file: b.log, logtime: off");
    log_output_write(output, NB_LOG_INFO, NB_SLICE("two"));
    log_output_close(&output);
    expect_form("a.log", TIME "\\[INF\\] one\n");
    expect_form("b.log", "\\[INF\\] two\n");
    folder_clear();
}

static void a_reload_that_fails_leaves_everything(void **state NB_UNUSED)
{
    struct log_output *output = open_good("log_file: a.log, logtime: off");
    struct nserver_options opts = options_of("log_file: no/such");
    struct nb_diag diag = {0};

    assert_int_equal(log_output_reconfigure(output, &opts, &diag), NB_EIO);
    assert_string_equal(diag.text, "error opening file: open no/such: no such file or directory");
    nserver_options_fini(&opts);
    opts = options_of("remote_syslog: 'foo://x'");
    assert_int_equal(log_output_reconfigure(output, &opts, &diag), NB_EINVALID);
    nserver_options_fini(&opts);
    log_output_write(output, NB_LOG_INFO, NB_SLICE("still here"));
    log_output_close(&output);
    expect_form("a.log", "\\[INF\\] still here\n");
    folder_clear();
}

static void a_file_comes_before_syslog(void **state NB_UNUSED)
{
    struct log_output *output =
        open_good("log_file: n.log, logtime: off, syslog: on, remote_syslog: 'foo://x'");

    log_output_write(output, NB_LOG_INFO, NB_SLICE("x"));
    log_output_close(&output);
    expect_form("n.log", "\\[INF\\] x\n");
    folder_clear();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_level_has_its_tag),
        cmocka_unit_test(a_line_ends_once),
        cmocka_unit_test(the_time_is_local_or_utc),
        cmocka_unit_test(standard_error_is_the_default_and_plain),
        cmocka_unit_test(a_complaint_has_the_time_alone),
        cmocka_unit_test(a_file_over_the_limit_is_rotated_at_once),
        cmocka_unit_test(lines_of_rotation_are_in_local_time),
        cmocka_unit_test(a_reopened_file_says_so),
        cmocka_unit_test(a_reload_changes_destination_and_form),
        cmocka_unit_test(a_reload_that_fails_leaves_everything),
        cmocka_unit_test(a_file_comes_before_syslog),
    };
    return cmocka_run_group_tests_name("log_output", tests, folder_enter, folder_leave);
}
