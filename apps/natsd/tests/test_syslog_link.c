#include "syslog_link.h"

#include "folder.h"

#include <natsd/memory.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <regex.h>
#include <sys/un.h>

enum {
    DEADLINE_MS = 60 * 1000, // long, for sanitizers on a busy machine
};

/* The daemon's side. */

static int listen_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 4), 0);
    return fd;
}

static int bind_inet(int type, unsigned *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    if (type == SOCK_STREAM) {
        assert_int_equal(listen(fd, 4), 0);
    }
    *port = ntohs(address.sin_port);
    return fd;
}

static void wait_readable(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

    assert_int_equal(poll(&poll_fd, 1, DEADLINE_MS), 1);
}

static int accept_one(int listener)
{
    int fd;

    wait_readable(listener);
    fd = accept(listener, NULL, NULL);
    assert_true(fd >= 0);
    return fd;
}

static void receive(int fd, char *out, size_t room)
{
    ssize_t n;

    wait_readable(fd);
    n = recv(fd, out, room - 1, 0);
    assert_true(n >= 0);
    out[n] = '\0';
}

// A line "hello" of this process behind what `form` says.
static void expect_form(const char *text, const char *form)
{
    char pattern[512];
    regex_t regex;

    snprintf(pattern, sizeof(pattern), "^%s [^ ]+\\[%d\\]: hello\n$", form, (int)getpid());
    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    if (regexec(&regex, text, 0, NULL, 0) != 0) {
        fail_msg("%s is not %s", text, pattern);
    }
    regfree(&regex);
}

static void open_good(struct syslog_link *link, const char *url)
{
    struct nb_diag diag = {0};

    if (syslog_link_open(link, url, &diag) != NB_OK) {
        fail_msg("%s", diag.text);
    }
}

/* Forms. */

#define REMOTE_FORM "<5>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(Z|[+-][0-9:]{5}) [^ ]+"
#define LOCAL_FORM "<5>[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8}"

static void a_datagram_goes_to_a_remote_daemon(void **state NB_UNUSED)
{
    struct syslog_link link;
    char url[64];
    char got[1024];
    unsigned port;
    int fd = bind_inet(SOCK_DGRAM, &port);

    snprintf(url, sizeof(url), "udp://127.0.0.1:%u", port);
    open_good(&link, url);
    syslog_link_write(&link, NB_LOG_INFO, NB_SLICE("hello"));
    receive(fd, got, sizeof(got));
    expect_form(got, REMOTE_FORM);
    syslog_link_write(&link, NB_LOG_INFO, NB_SLICE("hello\n")); // ends once
    receive(fd, got, sizeof(got));
    expect_form(got, REMOTE_FORM);
    syslog_link_close(&link);
    syslog_link_close(&link); // fine when closed
    close(fd);
}

static void a_stream_goes_to_a_remote_daemon(void **state NB_UNUSED)
{
    struct syslog_link link;
    char url[64];
    char got[1024];
    unsigned port;
    int listener = bind_inet(SOCK_STREAM, &port);
    int fd;

    snprintf(url, sizeof(url), "tcp://127.0.0.1:%u", port);
    open_good(&link, url);
    fd = accept_one(listener);
    syslog_link_write(&link, NB_LOG_INFO, NB_SLICE("hello"));
    receive(fd, got, sizeof(got));
    expect_form(got, REMOTE_FORM);
    syslog_link_close(&link);
    close(fd);
    close(listener);
}

static void a_socket_of_this_machine_has_the_local_form(void **state NB_UNUSED)
{
    struct syslog_link link;
    char url[128];
    char got[1024];
    int listener = listen_unix("log.sock");
    int fd;

    snprintf(url, sizeof(url), "unix://%s/log.sock", folder);
    open_good(&link, url);
    fd = accept_one(listener);
    syslog_link_write(&link, NB_LOG_INFO, NB_SLICE("hello"));
    receive(fd, got, sizeof(got));
    expect_form(got, LOCAL_FORM);
    syslog_link_close(&link);
    close(fd);
    close(listener);
    folder_clear();
}

static void each_level_has_its_priority(void **state NB_UNUSED)
{
    static const struct {
        enum nb_log_level level;
        const char *remote;
        const char *local; // facility daemon
    } cases[] = {
        {NB_LOG_FATAL, "<2>", "<26>"}, {NB_LOG_ERROR, "<3>", "<27>"}, {NB_LOG_WARN, "<4>", "<28>"},
        {NB_LOG_INFO, "<5>", "<29>"},  {NB_LOG_DEBUG, "<7>", "<31>"}, {NB_LOG_TRACE, "<5>", "<29>"},
    };
    struct syslog_link link;
    char url[64];
    char got[1024];
    unsigned port;
    int fd = bind_inet(SOCK_DGRAM, &port);

    snprintf(url, sizeof(url), "udp://127.0.0.1:%u", port);
    open_good(&link, url);
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        int remote_facility = link.facility;

        syslog_link_write(&link, cases[i].level, NB_SLICE("x"));
        receive(fd, got, sizeof(got));
        assert_true(nb_slice_starts(nb_slice_of(got), cases[i].remote));
        link.facility = 3 << 3; // as the local one has
        syslog_link_write(&link, cases[i].level, NB_SLICE("x"));
        receive(fd, got, sizeof(got));
        assert_true(nb_slice_starts(nb_slice_of(got), cases[i].local));
        link.facility = remote_facility;
    }
    syslog_link_close(&link);
    close(fd);
}

static void what_cannot_be_reached_is_told(void **state NB_UNUSED)
{
    static const struct {
        const char *url;
        int code;
        const char *reason;
    } cases[] = {
        {"foo://x", NB_EINVALID, "error invalid network type: \"foo\""},
        {"x", NB_EINVALID, "error invalid network type: \"\""},
        {"", NB_EINVALID, "error invalid network type: \"\""},
        {"udp://x", NB_EINVALID,
         "error connecting to syslog: \"dial udp: address x: missing port in address\""},
        {"unix:///nonexistent", NB_EIO,
         "error connecting to syslog: \"dial unix /nonexistent: connect: no such file or "
         "directory\""},
        {"tcp://127.0.0.1:1", NB_EIO,
         "error connecting to syslog: \"dial tcp 127.0.0.1:1: connect: connection refused\""},
        {"tcp://user:password@127.0.0.1:1", NB_EIO,
         "error connecting to syslog: \"dial tcp 127.0.0.1:1: connect: connection refused\""},
    };
    char long_path[512] = "unix:///";
    struct syslog_link link;
    struct nb_diag diag = {0};

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        assert_int_equal(syslog_link_open(&link, cases[i].url, &diag), cases[i].code);
        assert_string_equal(diag.text, cases[i].reason);
        syslog_link_close(&link);
    }
    memset(long_path + 8, 'a', sizeof(long_path) - 9);
    long_path[sizeof(long_path) - 1] = '\0';
    assert_int_equal(syslog_link_open(&link, long_path, &diag), NB_EIO);
    assert_non_null(strstr(diag.text, "file name too long"));
}

/* Trouble. */

static void write_numbered(struct syslog_link *link, unsigned number)
{
    char line[600];

    memset(line, 'x', sizeof(line));
    snprintf(line, sizeof(line), "number %u ", number);
    line[strlen(line)] = 'x';
    syslog_link_write(link, NB_LOG_INFO, nb_slice_make(line, sizeof(line)));
}

// Takes whole lines off the front of what was received and counts them.
static unsigned take_lines(struct nb_buf *got, unsigned *last)
{
    struct slice rest = nb_buf_slice(got);
    unsigned count = 0;
    size_t end;

    while ((end = nb_slice_find_byte(rest, '\n')) < rest.n) {
        struct slice line = nb_slice_sub(rest, 0, end);
        size_t at = nb_slice_find(line, NB_SLICE("number "));
        unsigned number;
        char digits[16] = "";

        assert_true(nb_slice_starts(line, "<5>")); // each begins where the one before ended
        assert_true(at < line.n);
        snprintf(digits, sizeof(digits), "%.*s", 10, (const char *)line.p + at + 7);
        number = (unsigned)strtoul(digits, NULL, 10);
        assert_true(number > *last);
        *last = number;
        count++;
        rest = nb_slice_sub(rest, end + 1, rest.n);
    }
    nb_buf_drop_front(got, nb_buf_slice(got).n - rest.n);
    return count;
}

static void a_daemon_that_does_not_read_holds_nobody_up(void **state NB_UNUSED)
{
    enum { LINES = 10000 }; // 6 MB: more than the socket and the backlog take
    struct syslog_link link;
    char url[128];
    struct nb_buf got;
    unsigned last = 0;
    unsigned count = 0;
    int listener = listen_unix("log.sock");
    int fd;

    snprintf(url, sizeof(url), "unix://%s/log.sock", folder);
    open_good(&link, url);
    fd = accept_one(listener);
    for (unsigned i = 1; i <= LINES; i++) {
        write_numbered(&link, i);
    }
    assert_true(nb_buf_slice(&link.backlog).n > 0);
    assert_true(nb_buf_slice(&link.backlog).n <= SYSLOG_BACKLOG_MAX_BYTES);
    // It reads again: every line that comes is whole, some are lost, the last one arrives.
    nb_buf_init(&got, 64 * 1024 * 1024);
    for (unsigned i = LINES + 1; last < LINES + 1; i++) {
        uint8_t *room;
        ssize_t n;

        write_numbered(&link, i);
        wait_readable(fd);
        assert_int_equal(nb_buf_reserve(&got, 256 * 1024, &room), NB_OK);
        n = recv(fd, room, 256 * 1024, 0);
        assert_true(n > 0);
        nb_buf_commit(&got, (size_t)n);
        count += take_lines(&got, &last);
    }
    assert_true(count < last);
    nb_buf_fini(&got);
    syslog_link_close(&link);
    close(fd);
    close(listener);
    folder_clear();
}

static void a_daemon_that_comes_back_is_connected_anew(void **state NB_UNUSED)
{
    struct syslog_link link;
    char url[128];
    char got[1024];
    int listener = listen_unix("log.sock");
    int fd;

    snprintf(url, sizeof(url), "unix://%s/log.sock", folder);
    open_good(&link, url);
    close(accept_one(listener));
    close(listener);
    folder_clear();
    syslog_link_write(&link, NB_LOG_INFO, NB_SLICE("lost"));
    assert_int_equal(link.fd, -1);
    syslog_link_write(&link, NB_LOG_INFO, NB_SLICE("lost: not a second has passed"));
    assert_int_equal(link.fd, -1);
    link.connected_at = (struct nb_mono){1};
    syslog_link_write(&link, NB_LOG_INFO, NB_SLICE("lost: it is not there yet"));
    assert_int_equal(link.fd, -1);
    listener = listen_unix("log.sock");
    link.connected_at = (struct nb_mono){1};
    syslog_link_write(&link, NB_LOG_INFO, NB_SLICE("hello"));
    fd = accept_one(listener);
    receive(fd, got, sizeof(got));
    expect_form(got, LOCAL_FORM);
    syslog_link_close(&link);
    close(fd);
    close(listener);
    folder_clear();
}

static void a_remote_daemon_that_is_gone_costs_lines_only(void **state NB_UNUSED)
{
    struct syslog_link link;
    char url[64];
    unsigned port;
    int fd = bind_inet(SOCK_DGRAM, &port);

    snprintf(url, sizeof(url), "udp://127.0.0.1:%u", port);
    open_good(&link, url);
    close(fd);
    for (int i = 0; i < 10; i++) {
        syslog_link_write(&link, NB_LOG_INFO, NB_SLICE("lost"));
    }
    assert_true(link.fd >= 0); // nothing to connect anew
    syslog_link_close(&link);
}

static void a_long_line_is_cut(void **state NB_UNUSED)
{
    enum { LENGTH = NB_LOG_LINE_MAX_BYTES + 5000 };
    struct syslog_link link;
    char url[64];
    char *line = nb_alloc(LENGTH);
    char *got = nb_alloc(2 * LENGTH);
    unsigned port;
    int fd = bind_inet(SOCK_DGRAM, &port);

    memset(line, 'x', LENGTH);
    snprintf(url, sizeof(url), "udp://127.0.0.1:%u", port);
    open_good(&link, url);
    syslog_link_write(&link, NB_LOG_INFO, nb_slice_make(line, LENGTH));
    receive(fd, got, 2 * LENGTH);
    assert_true(strlen(got) > NB_LOG_LINE_MAX_BYTES);
    assert_true(strlen(got) < NB_LOG_LINE_MAX_BYTES + 1024);
    assert_int_equal(got[strlen(got) - 1], '\n');
    syslog_link_close(&link);
    close(fd);
    nb_free(line);
    nb_free(got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_datagram_goes_to_a_remote_daemon),
        cmocka_unit_test(a_stream_goes_to_a_remote_daemon),
        cmocka_unit_test(a_socket_of_this_machine_has_the_local_form),
        cmocka_unit_test(each_level_has_its_priority),
        cmocka_unit_test(what_cannot_be_reached_is_told),
        cmocka_unit_test(a_daemon_that_does_not_read_holds_nobody_up),
        cmocka_unit_test(a_daemon_that_comes_back_is_connected_anew),
        cmocka_unit_test(a_remote_daemon_that_is_gone_costs_lines_only),
        cmocka_unit_test(a_long_line_is_cut),
    };
    return cmocka_run_group_tests_name("syslog_link", tests, folder_enter, folder_leave);
}
