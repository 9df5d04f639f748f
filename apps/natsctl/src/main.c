/* main.c - natsctl: reads the command line and runs one command. */
#include "cli.h"
#include "complete.h"
#include "help.h"
#include "output.h"

#include <natsd/number.h>

#include <locale.h>
#include <signal.h>

// For shells and for the build: not commands, so that nothing lists them.
static bool run_hidden(int argc, char *const *argv)
{
    uint64_t index;

    if (argc == 2 && strcmp(argv[1], "--help-man") == 0) {
        help_print_manual();
        return true;
    }
    if (argc >= 4 && strcmp(argv[1], "__complete") == 0 &&
        nb_parse_u64(nb_slice_of(argv[2]), UINT16_MAX, &index) == NB_OK) {
        complete_print((unsigned)index, argc - 3, argv + 3);
        return true;
    }
    return false;
}

static int run_command(struct cli *cli)
{
    if (cli_is_on(cli, GLOBAL_HELP)) {
        help_print(cli);
        return EXIT_CODE_OK;
    }
    if (cli_is_on(cli, GLOBAL_VERSION)) {
        return command_version.run(cli);
    }
    return cli_command(cli)->run(cli);
}

int main(int argc, char **argv)
{
    struct nb_diag diag = {""};
    struct cli cli;
    int code;

    (void)setlocale(LC_CTYPE, "");  // only what the terminal shows
    (void)signal(SIGPIPE, SIG_IGN); // writing tells
    if (run_hidden(argc, argv)) {
        output_flush();
        return EXIT_CODE_OK;
    }
    if (cli_read(&cli, argc, argv, &diag) != NB_OK) {
        code = cli_usage(&cli, "%s", diag.text);
        if (cli.depth == 0 && argc < 2) {
            help_print(&cli);
        }
    } else {
        code = run_command(&cli);
    }
    cli_fini(&cli);
    output_flush();
    return code;
}
