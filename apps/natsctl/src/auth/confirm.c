#include "auth/confirm.h"

#include <stdio.h>
#include <unistd.h>

enum {
    ANSWER_ROOM = 512,
};

// What is typed, without its line end.
static void read_answer(char out[ANSWER_ROOM])
{
    if (fgets(out, ANSWER_ROOM, stdin) == NULL) {
        *out = '\0';
    }
    out[strcspn(out, "\r\n")] = '\0';
}

static int ask(const struct cli *cli, bool is_forced, const char *what, const char *wanted)
{
    char answer[ANSWER_ROOM];

    if (is_forced) {
        return EXIT_CODE_OK;
    }
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        return cli_fail_with(cli, EXIT_CODE_REFUSED, "refusing to %s without --force (no terminal)",
                             what);
    }
    if (strcmp(wanted, "y") == 0) {
        fprintf(stderr, "Really %s? [y/N] ", what);
    } else {
        fprintf(stderr, "Really %s? Type %s: ", what, wanted);
    }
    read_answer(answer);
    return strcmp(answer, wanted) == 0 ? EXIT_CODE_OK
                                       : cli_fail_with(cli, EXIT_CODE_REFUSED, "not done");
}

int confirm(const struct cli *cli, bool is_forced, const char *what)
{
    return ask(cli, is_forced, what, "y");
}

int confirm_by_name(const struct cli *cli, bool is_forced, const char *what, const char *name)
{
    return ask(cli, is_forced, what, name);
}
