/* main.c - natsd: command line, log, files and signals around a server of libs/server. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/resource.h>
#include <unistd.h>

#include <natsd/server.h>

#include "flags.h"
#include "log_output.h"
#include "runtime_files.h"
#include "signal_command.h"

#define PROGRAM "nats-server" // what operators' scripts look for in messages

// Everything between the flags and the end.
struct daemon {
    struct flags flags;
    const char *program;
    struct nserver_options opts;
    struct log_output *output;
    struct nb_logger log;
    struct nserver *server;
    char *ports_file; // owned; NULL: none was written
};

static int fail(const char *text)
{
    fprintf(stderr, PROGRAM ": %s\n", text);
    return EXIT_FAILURE;
}

/* Options: file, then flags. */

static const char *config_path(const struct flags *flags)
{
    return flags->values[FLAG_CONFIG].is_set ? flags->values[FLAG_CONFIG].text : NULL;
}

// NB_EMALFORMED when the file has errors; warnings are for the caller to show.
static int read_options(const struct flags *flags, struct nserver_options *opts,
                        struct nserver_option_report *report)
{
    nserver_options_init(opts);
    return config_path(flags) != NULL ? nserver_options_read_file(opts, config_path(flags), report)
                                      : NB_OK;
}

static void print_report(const struct nserver_option_report *report)
{
    fprintf(stderr, PROGRAM ": %.*s%.*s\n", NB_SLICE_ARGS(nb_buf_slice(&report->warnings)),
            NB_SLICE_ARGS(nb_buf_slice(&report->errors)));
}

static int test_config(const struct flags *flags)
{
    struct nserver_option_report report;
    struct nserver_options opts;
    int status = EXIT_SUCCESS;

    if (config_path(flags) == NULL) {
        return fail("must specify [-c, --config] option to check configuration file syntax");
    }
    nserver_option_report_init(&report);
    if (read_options(flags, &opts, &report) != NB_OK || nb_buf_slice(&report.warnings).n > 0) {
        print_report(&report);
        status = EXIT_FAILURE;
    } else {
        fprintf(stderr, PROGRAM ": configuration file %s is valid (%s)\n", config_path(flags),
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

    nserver_option_report_init(&report);
    if (read_options(&daemon->flags, &daemon->opts, &report) != NB_OK) {
        print_report(&report);
        status = EXIT_FAILURE;
    } else if (nb_buf_slice(&report.warnings).n > 0) {
        fprintf(stderr, "%.*s", NB_SLICE_ARGS(nb_buf_slice(&report.warnings)));
    }
    if (status == EXIT_SUCCESS && flags_apply(&daemon->flags, &daemon->opts, &diag) != NB_OK) {
        status = fail(diag.text);
    }
    nserver_option_report_fini(&report);
    return status;
}

/* Running. */

static void set_levels(struct nb_logger *log, const struct nserver_options *opts)
{
    atomic_store(&log->is_debug, nserver_choice_is(opts->debug, false));
    atomic_store(&log->is_trace, nserver_choice_is(opts->trace, false));
}

static int fatal(struct daemon *daemon, const char *text)
{
    nb_log(&daemon->log, NB_LOG_FATAL, "%s", text);
    return EXIT_FAILURE;
}

static void write_ports_file(struct daemon *daemon)
{
    struct nb_diag diag = {0};

    if (daemon->opts.ports_file_dir != NULL &&
        ports_file_write(daemon->opts.ports_file_dir, daemon->program, daemon->server,
                         &daemon->opts, &daemon->ports_file, &diag) != NB_OK) {
        nb_log_error(&daemon->log, "Error writing ports file (%s): %s", daemon->ports_file,
                     diag.text);
    }
}

static void remove_ports_file(struct daemon *daemon)
{
    if (daemon->ports_file != NULL && unlink(daemon->ports_file) != 0 && errno != ENOENT) {
        nb_log_error(&daemon->log, "Error cleaning up ports file %s: %s", daemon->ports_file,
                     strerror(errno));
    }
    free(daemon->ports_file);
    daemon->ports_file = NULL;
}

static int start(struct daemon *daemon)
{
    struct nb_diag diag = {0};

    if (nserver_create(&daemon->opts, &daemon->log, &daemon->server, &diag) != NB_OK) {
        return fail(diag.text);
    }
    if (log_output_open(&daemon->opts, &daemon->output, &diag) != NB_OK) {
        return fail(diag.text);
    }
    daemon->log.ctx = daemon->output;
    daemon->log.write = log_output_write;
    set_levels(&daemon->log, &daemon->opts);
    if (daemon->opts.pid_file != NULL && pid_file_write(daemon->opts.pid_file, &diag) != NB_OK) {
        struct nb_diag reason = diag;

        nb_diag_set(&diag, "Could not write pidfile: %.480s", reason.text);
        return fatal(daemon, diag.text);
    }
    if (nserver_start(daemon->server, &diag) != NB_OK) {
        return fatal(daemon, diag.text);
    }
    write_ports_file(daemon);
    return EXIT_SUCCESS;
}

// The file again, the flags over it, and then all of it or nothing.
static int reload_options(struct daemon *daemon, struct nserver_options *wanted,
                          struct nb_diag *diag)
{
    struct nserver_option_report report;
    int rc;

    nserver_option_report_init(&report);
    rc = read_options(&daemon->flags, wanted, &report);
    if (rc != NB_OK) {
        nb_diag_set(diag, "%.*s", NB_SLICE_ARGS(nb_buf_slice(&report.errors)));
    }
    nserver_option_report_fini(&report);
    if (rc == NB_OK) {
        rc = flags_apply(&daemon->flags, wanted, diag);
    }
    return rc == NB_OK ? nserver_reload(daemon->server, wanted, diag) : rc;
}

static bool same_text(const char *a, const char *b)
{
    return nb_slice_equal(nb_slice_of(a), nb_slice_of(b));
}

// The parts of a reload that are the program's own.
static void follow_reload(struct daemon *daemon, struct nserver_options *wanted)
{
    bool has_new_pid_file = !same_text(daemon->opts.pid_file, wanted->pid_file);
    bool has_new_ports_dir = !same_text(daemon->opts.ports_file_dir, wanted->ports_file_dir);
    struct nb_diag diag = {0};

    nserver_options_fini(&daemon->opts);
    daemon->opts = *wanted;
    set_levels(&daemon->log, &daemon->opts);
    nserver_note_log_levels(daemon->server);
    if (log_output_reconfigure(daemon->output, &daemon->opts, &diag) != NB_OK) {
        nb_log_error(&daemon->log, "Log output stays as it was: %s", diag.text);
    }
    if (has_new_pid_file && daemon->opts.pid_file != NULL &&
        pid_file_write(daemon->opts.pid_file, &diag) != NB_OK) {
        nb_log_error(&daemon->log, "Failed to write pidfile: %s", diag.text);
    }
    if (has_new_ports_dir) {
        remove_ports_file(daemon);
        write_ports_file(daemon);
    }
}

static void reload(struct daemon *daemon)
{
    struct nserver_options wanted;
    struct nb_diag diag = {0};
    int rc;

    if (config_path(&daemon->flags) == NULL) {
        nb_log_error(&daemon->log,
                     "Failed to reload server configuration: can only reload config when a file is "
                     "provided using -c or --config");
        return;
    }
    nserver_options_init(&wanted);
    rc = reload_options(daemon, &wanted, &diag);
    if (rc != NB_OK) {
        nb_log_error(&daemon->log, "Failed to reload server configuration: %s", diag.text);
        nserver_options_fini(&wanted);
        return;
    }
    follow_reload(daemon, &wanted);
    nb_log_info(&daemon->log, "Reloaded server configuration (%s)",
                daemon->opts.config_digest != NULL ? daemon->opts.config_digest : "");
}

/* Signals: blocked everywhere, taken here one by one. */

static void watched_signals(sigset_t *set)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM};

    sigemptyset(set);
    for (size_t i = 0; i < NB_ARRAY_LEN(numbers); i++) {
        sigaddset(set, numbers[i]);
    }
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

// The last client has gone: wakes the main thread, which waits for signals only.
static void on_lame_duck_over(void *ctx)
{
    const pthread_t *main_thread = ctx;

    pthread_kill(*main_thread, SIGALRM);
}

static void run(struct daemon *daemon)
{
    pthread_t main_thread = pthread_self();
    sigset_t signals;
    int number = 0;

    watched_signals(&signals);
    for (;;) {
        if (sigwait(&signals, &number) != 0) {
            continue;
        }
        if (number == SIGALRM) {
            return;
        }
        nb_log_info(&daemon->log, "Trapped \"%s\" signal", signal_name(number));
        if (number == SIGINT || (number == SIGTERM && !nserver_is_lame_duck(daemon->server))) {
            return;
        }
        if (number == SIGHUP) {
            reload(daemon);
        } else if (number == SIGUSR1) {
            log_output_reopen(daemon->output);
        } else if (number == SIGUSR2) {
            nserver_lame_duck(daemon->server, on_lame_duck_over, &main_thread);
        }
    }
}

// Each connection is a file: as many as the system lets us have.
static void raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit); // then it stays as it was
    }
}

static int serve(struct daemon *daemon)
{
    sigset_t signals;
    int status;

    watched_signals(&signals);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); // inherited by every thread of the server
    signal(SIGPIPE, SIG_IGN);
    raise_file_limit();
    status = load_options(daemon);
    if (status == EXIT_SUCCESS) {
        status = start(daemon);
    }
    if (status == EXIT_SUCCESS) {
        run(daemon);
    }
    if (daemon->server != NULL) {
        nserver_stop(daemon->server);
    }
    remove_ports_file(daemon);
    nserver_destroy(&daemon->server);
    daemon->log.write = NULL;
    log_output_close(&daemon->output);
    nserver_options_fini(&daemon->opts);
    return status;
}

// Flags that only show something. -1: there is none, go on.
static int show(const struct flags *flags)
{
    if (flags->values[FLAG_VERSION].is_true ||
        (flags->positional != NULL && strcasecmp(flags->positional, "version") == 0)) {
        printf(PROGRAM ": v%s\n", NSERVER_REFERENCE_VERSION);
        return EXIT_SUCCESS;
    }
    if (flags->values[FLAG_HELP].is_true ||
        (flags->positional != NULL && strcasecmp(flags->positional, "help") == 0)) {
        flags_print_help();
        return EXIT_SUCCESS;
    }
    if (flags->values[FLAG_HELP_TLS].is_true) {
        flags_print_tls_help();
        return EXIT_SUCCESS;
    }
    return -1;
}

int main(int argc, char **argv)
{
    struct daemon daemon = {.program = argv[0]};
    struct nb_diag diag = {0};
    int status;

    if (flags_parse(&daemon.flags, argc, argv, &diag) != NB_OK) {
        fprintf(stderr, "%s\n", diag.text);
        flags_print_help();
        return EXIT_SUCCESS;
    }
    status = show(&daemon.flags);
    if (status >= 0) {
        return status;
    }
    if (daemon.flags.positional != NULL) {
        nb_diag_set(&diag, "unrecognized command: \"%.400s\"", daemon.flags.positional);
        return fail(diag.text);
    }
    if (daemon.flags.values[FLAG_SIGNAL].is_set &&
        daemon.flags.values[FLAG_SIGNAL].text[0] != '\0') {
        return signal_command_run(daemon.flags.values[FLAG_SIGNAL].text, &diag) == NB_OK
                   ? EXIT_SUCCESS
                   : fail(diag.text);
    }
    if (daemon.flags.values[FLAG_TEST].is_true) {
        return test_config(&daemon.flags);
    }
    return serve(&daemon);
}
