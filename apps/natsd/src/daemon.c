#include "daemon.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <natsd/server.h>

#include "log_output.h"
#include "options_load.h"
#include "runtime_files.h"

enum {
    FAULT_MAX_BYTES = 64 * 1024, // of a reload, with its end
};

struct daemon {
    const struct flags *flags;
    const char *program;
    struct nserver_options opts;
    struct log_output *output;
    struct nb_logger log;
    struct nserver *server;
    char *ports_file; // owned; NULL: none was written
    pthread_t main_thread;
};

int daemon_fail(const char *text)
{
    fprintf(stderr, "nats-server: %s\n", text);
    return EXIT_FAILURE;
}

/* Options: file, then flags. */

// As they are: a message may hold any byte.
static void print_lines(struct slice lines)
{
    if (lines.n > 0) {
        fwrite(lines.p, 1, lines.n, stderr);
    }
}

static int print_report(const struct nserver_option_report *report)
{
    fprintf(stderr, "nats-server: ");
    print_lines(nb_buf_slice(&report->warnings));
    print_lines(nb_buf_slice(&report->errors));
    fprintf(stderr, "\n");
    return EXIT_FAILURE;
}

// Flags are not looked at, beside those that a file must know of.
int daemon_test_config(const struct flags *flags)
{
    const char *path = options_path(flags);
    struct nserver_option_report report;
    struct nserver_options opts;
    int status = EXIT_SUCCESS;

    if (path == NULL) {
        return daemon_fail("must specify [-c, --config] option to check configuration file syntax");
    }
    nserver_option_report_init(&report);
    nserver_options_init(&opts);
    flags_prepare(flags, &opts);
    if (nserver_options_read_file(&opts, path, &report) != NB_OK ||
        nb_buf_slice(&report.warnings).n > 0) {
        status = print_report(&report);
    } else {
        fprintf(stderr, "nats-server: configuration file %s is valid (%s)\n", path,
                opts.config_digest);
    }
    nserver_option_report_fini(&report);
    nserver_options_fini(&opts);
    return status;
}

static int load_options(struct daemon *daemon)
{
    struct nserver_option_report report;
    struct nb_diag diag = {0};
    int status = EXIT_SUCCESS;
    int rc;

    nserver_option_report_init(&report);
    rc = options_load(daemon->flags, options_path(daemon->flags), &daemon->opts, &report, &diag);
    if (nb_buf_slice(&report.errors).n > 0) {
        status = print_report(&report);
    } else {
        print_lines(nb_buf_slice(&report.warnings));
        status = rc == NB_OK ? EXIT_SUCCESS : daemon_fail(diag.text);
    }
    nserver_option_report_fini(&report);
    return status;
}

/* Files. */

static void write_ports_file(struct daemon *daemon)
{
    struct nb_diag diag = {0};

    if (daemon->opts.ports_file_dir == NULL) {
        return;
    }
    daemon->ports_file = ports_file_path(daemon->opts.ports_file_dir, daemon->program);
    if (ports_file_write(daemon->ports_file, daemon->server, &daemon->opts, &diag) != NB_OK) {
        nb_log_error(&daemon->log, "Error writing ports file (%s): %s", daemon->ports_file,
                     diag.text);
    }
}

static void remove_ports_file(struct daemon *daemon)
{
    struct nb_diag diag = {0};

    if (daemon->ports_file == NULL) {
        return;
    }
    if (ports_file_remove(daemon->ports_file, &diag) != NB_OK) {
        nb_log_error(&daemon->log, "Error cleaning up ports file %s: %s", daemon->ports_file,
                     diag.text);
    }
    nb_free(daemon->ports_file);
    daemon->ports_file = NULL;
}

/* The start. */

static void set_levels(struct nb_logger *log, const struct nserver_options *opts)
{
    atomic_store(&log->is_debug, nserver_choice_is(opts->debug, false));
    atomic_store(&log->is_trace, nserver_choice_is(opts->trace, false));
}

static int open_log(struct daemon *daemon)
{
    struct nb_diag diag = {0};

    if (log_output_open(&daemon->opts, &daemon->output, &diag) != NB_OK) {
        log_output_complain(diag.text);
        return EXIT_FAILURE;
    }
    daemon->log.ctx = daemon->output;
    daemon->log.write = log_output_write;
    set_levels(&daemon->log, &daemon->opts);
    return EXIT_SUCCESS;
}

// Who gets an answer from the server finds the file.
static void on_listening(void *ctx)
{
    write_ports_file(ctx);
}

// Ours: the server is over, because the last client has gone in lame duck mode or its certificate
// is revoked.
static int wake_signal(void)
{
    return SIGRTMIN;
}

// The main thread waits for signals only.
static void on_server_over(void *ctx)
{
    struct daemon *daemon = ctx;

    pthread_kill(daemon->main_thread, wake_signal());
}

// Ours: the system account asks for a reload.
static int reload_signal(void)
{
    return SIGRTMIN + 1;
}

static void on_reload_asked(void *ctx)
{
    struct daemon *daemon = ctx;

    pthread_kill(daemon->main_thread, reload_signal());
}

static int start(struct daemon *daemon)
{
    struct nb_diag diag = {0};

    if (nserver_create(&daemon->opts, &daemon->log, &daemon->server, &diag) != NB_OK) {
        return daemon_fail(diag.text);
    }
    if (open_log(daemon) != EXIT_SUCCESS) {
        return EXIT_FAILURE;
    }
    nserver_announce(daemon->server);
    if (daemon->opts.pid_file != NULL && pid_file_write(daemon->opts.pid_file, &diag) != NB_OK) {
        nb_log(&daemon->log, NB_LOG_FATAL, "Could not write pidfile: %s", diag.text);
        return EXIT_FAILURE;
    }
    nserver_set_on_listening(daemon->server, on_listening, daemon);
    nserver_set_on_reload_asked(daemon->server, on_reload_asked, daemon);
    nserver_set_on_revoked(daemon->server, on_server_over, daemon);
    if (nserver_start(daemon->server, &diag) != NB_OK) {
        nb_log(&daemon->log, NB_LOG_FATAL, "%s", diag.text);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

/* Reload: the file again, the flags over it, and then all of it or nothing. */

static void put_fault(struct slice text, struct nb_buf *fault)
{
    nb_buf_clear(fault);
    nb_buf_must(fault, nb_slice_sub(text, 0, FAULT_MAX_BYTES - 1));
    nb_buf_must(fault, nb_slice_make("", 1));
}

static int try_reload(struct daemon *daemon, struct nserver_options *wanted, struct nb_buf *fault)
{
    struct nserver_option_report report;
    struct nb_diag diag = {0};
    int rc;

    nserver_option_report_init(&report);
    rc = options_load(daemon->flags, options_path(daemon->flags), wanted, &report, &diag);
    if (rc == NB_OK) {
        rc = nserver_reload(daemon->server, wanted, &diag);
    }
    if (rc != NB_OK) {
        put_fault(options_fault(&report, &diag), fault);
    }
    nserver_option_report_fini(&report);
    return rc;
}

static bool same_text(const char *a, const char *b)
{
    return nb_slice_equal(nb_slice_of(a), nb_slice_of(b));
}

// The parts of a reload that are the program's own.
static void follow_reload(struct daemon *daemon, const struct nserver_options *was)
{
    struct nb_diag diag = {0};

    set_levels(&daemon->log, &daemon->opts);
    nserver_note_log_levels(daemon->server);
    if (daemon->opts.pid_file != NULL && !same_text(was->pid_file, daemon->opts.pid_file) &&
        pid_file_write(daemon->opts.pid_file, &diag) != NB_OK) {
        nb_log_error(&daemon->log, "Failed to write pidfile: %s", diag.text);
    }
    if (!same_text(was->ports_file_dir, daemon->opts.ports_file_dir)) {
        remove_ports_file(daemon);
        write_ports_file(daemon);
    }
    if (log_output_reconfigure(daemon->output, &daemon->opts, &diag) != NB_OK) {
        nb_log_error(&daemon->log, "Log output stays as it was: %s", diag.text);
    }
}

// The reason why it failed, terminated, or nothing.
static void reload_or_fault(struct daemon *daemon, struct nb_buf *fault)
{
    struct nserver_options wanted;
    struct nserver_options was = daemon->opts;

    if (options_path(daemon->flags) == NULL) {
        put_fault(NB_SLICE("can only reload config when a file is provided using -c or --config"),
                  fault);
        return;
    }
    if (try_reload(daemon, &wanted, fault) != NB_OK) {
        nserver_options_fini(&wanted);
        return;
    }
    daemon->opts = wanted;
    follow_reload(daemon, &was);
    nserver_options_fini(&was);
    nb_log_info(&daemon->log, "Reloaded server configuration (%s)", daemon->opts.config_digest);
}

// Files may have several faults, a line each.
static void log_fault(const struct nb_logger *log, struct slice fault)
{
    struct slice line;

    while (nb_slice_take_line(&fault, &line)) {
        nb_log_error(log, "Failed to reload server configuration: %.*s", NB_SLICE_ARGS(line));
    }
}

enum asked_by { ASKED_BY_SIGNAL, ASKED_BY_SYSTEM_ACCOUNT };

static void reload(struct daemon *daemon, enum asked_by asked_by)
{
    const char *text = NULL;
    struct nb_buf fault;

    nb_buf_init(&fault, FAULT_MAX_BYTES);
    reload_or_fault(daemon, &fault);
    if (nb_buf_slice(&fault).n > 0) {
        text = (const char *)nb_buf_slice(&fault).p;
        log_fault(&daemon->log, nb_slice_of(text));
    }
    if (asked_by == ASKED_BY_SYSTEM_ACCOUNT) {
        nserver_answer_reload(daemon->server, text);
    }
    nb_buf_fini(&fault);
}

/* Signals: blocked everywhere, taken here one by one. */

static void watched_signals(sigset_t *set)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};

    sigemptyset(set);
    for (size_t i = 0; i < NB_ARRAY_LEN(numbers); i++) {
        sigaddset(set, numbers[i]);
    }
    sigaddset(set, wake_signal());
    sigaddset(set, reload_signal());
}

static const char *signal_name(int number)
{
    switch (number) {
    case SIGINT:
        return "interrupt";
    case SIGTERM:
        return "terminated";
    case SIGHUP:
        return "hangup";
    case SIGUSR1:
        return "user defined signal 1";
    default:
        return "user defined signal 2";
    }
}

// False when it is the end.
static bool take_signal(struct daemon *daemon, int number)
{
    if (number == wake_signal()) {
        return false;
    }
    if (number == reload_signal()) {
        reload(daemon, ASKED_BY_SYSTEM_ACCOUNT);
        return true;
    }
    nb_log_info(&daemon->log, "Trapped \"%s\" signal", signal_name(number));
    switch (number) {
    case SIGINT:
        return false;
    case SIGTERM:
        return nserver_is_lame_duck(daemon->server);
    case SIGHUP:
        reload(daemon, ASKED_BY_SIGNAL);
        return true;
    case SIGUSR1:
        log_output_reopen(daemon->output);
        return true;
    default:
        (void)nserver_lame_duck(daemon->server, on_server_over, daemon); // or it is in it
        return true;
    }
}

static void serve(struct daemon *daemon)
{
    sigset_t signals;
    int number = 0;

    watched_signals(&signals);
    do {
        while (sigwait(&signals, &number) != 0) {
        }
    } while (take_signal(daemon, number));
}

/* The whole. */

// Each connection is a file: as many as the system lets us have.
static void raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit); // then it stays as it was
    }
}

static void prepare_process(void)
{
    sigset_t signals;

    watched_signals(&signals);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); // inherited by every thread of the server
    signal(SIGPIPE, SIG_IGN);
    raise_file_limit();
}

int daemon_run(const struct flags *flags, const char *program)
{
    struct daemon daemon = {.flags = flags, .program = program, .main_thread = pthread_self()};
    int status;

    prepare_process();
    status = load_options(&daemon);
    if (status == EXIT_SUCCESS) {
        status = start(&daemon);
    }
    if (status == EXIT_SUCCESS) {
        serve(&daemon);
        nserver_stop(daemon.server);
    }
    remove_ports_file(&daemon);
    nserver_destroy(&daemon.server);
    log_output_close(&daemon.output);
    nserver_options_fini(&daemon.opts);
    return status;
}
