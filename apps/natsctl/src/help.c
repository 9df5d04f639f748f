#include "help.h"

#include "cli.h"
#include "output.h"

#include <stdio.h>

enum {
    OPTION_WIDTH = 32, // of "-s, --server URLS"
    COMMAND_WIDTH = 14,
};

static const char exit_codes[] = "  0  done\n"
                                 "  1  it failed\n"
                                 "  2  a bad option, argument or context file\n";

// Of `natsctl auth`, besides.
static const char auth_exit_codes[] =
    "  4  no such operator, account, user or key\n"
    "  5  no server answers to this: no resolver, or not the system account\n"
    "  6  no answer, or not from all servers\n"
    "  7  not done: a question was answered with no, or there is no terminal\n"
    "  8  some servers did it, some refused\n";

// "-s, --server URLS"
static void format_option(const struct args_option *option, char *out, size_t size)
{
    const char *no = option->can_negate ? "[no-]" : "";
    const char *value = option->value != NULL && option->kind != ARGS_SWITCH ? option->value : "";

    if (option->letter != '\0') {
        snprintf(out, size, "-%c, --%s%s%s%s", option->letter, no, option->name,
                 *value != '\0' ? " " : "", value);
    } else {
        snprintf(out, size, "    --%s%s%s%s", no, option->name, *value != '\0' ? " " : "", value);
    }
}

static void print_options(const struct args_option *options, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char shown[96];

        format_option(&options[i], shown, sizeof(shown));
        output_format("  %-*s  %s", OPTION_WIDTH, shown, options[i].help);
        if (options[i].env != NULL) {
            output_format(" ($%s)", options[i].env);
        }
        output_text("\n");
    }
}

static void print_children(const struct command *command)
{
    output_text("\nCommands:\n");
    for (const struct command *const *it = command->children; *it != NULL; it++) {
        output_format("  %-*s  %s\n", COMMAND_WIDTH, (*it)->name, (*it)->purpose);
    }
}

static void print_indented(const char *text)
{
    struct slice rest = nb_slice_of(text);
    struct slice line;

    while (nb_slice_take_line(&rest, &line)) {
        output_format("%s%.*s\n", line.n > 0 ? "  " : "", NB_SLICE_ARGS(line));
    }
}

static void print_examples(const struct command *command)
{
    output_text("\nExamples:\n");
    for (size_t i = 0; i < command->example_count; i++) {
        output_format("  natsctl %s\n      %s\n", command->examples[i].line,
                      command->examples[i].what);
    }
}

static void print_usage(const struct command *command, const char *name)
{
    output_format("%s\n\nUsage:\n  %s%s%s%s%s\n", command->purpose, name,
                  command->children != NULL ? " <command>" : "",
                  command->option_count > 0 || command->children != NULL ? " [options]" : "",
                  *command->arguments != '\0' ? " " : "", command->arguments);
    if (command->alias != NULL) {
        output_format("\nAlias: %s\n", command->alias);
    }
}

static bool is_root(const struct command *command)
{
    return command == &command_root;
}

void help_print(const struct cli *cli)
{
    const struct command *command = cli_command(cli);
    char name[CLI_NAME_MAX_BYTES];

    cli_full_name(cli, name);
    print_usage(command, name);
    if (command->details != NULL) {
        output_text("\n");
        print_indented(command->details);
    }
    if (command->children != NULL) {
        print_children(command);
    }
    if (command->option_count > 0) {
        output_text("\nOptions:\n");
        print_options(command->options, command->option_count);
    }
    if (cli_group(cli) != NULL && cli_group(cli) != command) {
        output_format("\nOptions of all of '%s %s':\n", cli->program, cli_group(cli)->name);
        print_options(cli_group(cli)->options, cli_group(cli)->option_count);
    }
    output_text("\nGlobal options:\n");
    if (is_root(command)) {
        print_options(global_options, GLOBAL_COUNT);
    } else {
        output_format("  see '%s --help'\n", cli->program);
    }
    if (command->example_count > 0) {
        print_examples(command);
    }
    output_format("\nExit codes:\n%s%s", exit_codes,
                  cli->path[1] == &command_auth ? auth_exit_codes : "");
    if (command->subjects != NULL) {
        output_text("\nSubjects used:\n");
        print_indented(command->subjects);
    }
}
