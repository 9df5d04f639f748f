/* main.c - natsd: the command line, in the order in which its flags count (spec 02 section 5.1). */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include <natsd/server.h>

#include "daemon.h"
#include "help.h"
#include "reload_check.h"
#include "signal_command.h"

static bool is_command(const struct flags *flags, const char *name)
{
    return flags->positional != NULL && strcasecmp(flags->positional, name) == 0;
}

static int show_version(void)
{
    printf("nats-server: v%s\n", NSERVER_REFERENCE_VERSION);
    return EXIT_SUCCESS;
}

static int show_help(void)
{
    help_print();
    return EXIT_SUCCESS;
}

static int show_tls_help(void)
{
    help_print_tls();
    return EXIT_SUCCESS;
}

static int refuse_command(const char *name)
{
    struct nb_diag diag;

    nb_diag_set(&diag, "unrecognized command: \"%.400s\"", name);
    return daemon_fail(diag.text);
}

static int send_signal(const char *argument)
{
    struct nb_diag diag = {0};

    return signal_command_run(argument, &diag) == NB_OK ? EXIT_SUCCESS : daemon_fail(diag.text);
}

int main(int argc, char **argv)
{
    struct nb_diag diag = {0};
    struct flags flags;
    const struct flag_value *values = flags.values;

    if (flags_parse(&flags, argc, argv, &diag) != NB_OK) {
        fprintf(stderr, "%s\n", diag.text);
        return show_help();
    }
    if (values[FLAG_VERSION].is_true) {
        return show_version();
    }
    if (values[FLAG_HELP].is_true) {
        return show_help();
    }
    if (values[FLAG_HELP_TLS].is_true) {
        return show_tls_help();
    }
    if (is_command(&flags, "version")) {
        return show_version();
    }
    if (is_command(&flags, "help")) {
        return show_help();
    }
    if (flags.positional != NULL) {
        return refuse_command(flags.positional);
    }
    if (values[FLAG_SIGNAL].is_set && values[FLAG_SIGNAL].text[0] != '\0') {
        return send_signal(values[FLAG_SIGNAL].text);
    }
    if (values[FLAG_RELOAD_CHECK].is_set) {
        return reload_check_run(&flags);
    }
    return values[FLAG_TEST].is_true ? daemon_test_config(&flags) : daemon_run(&flags, argv[0]);
}
