#include "help.h"

#include "output.h"

#include <stdio.h>

/* natsctl(1) in mdoc. Nothing in it depends on the day or the build, so that the page in
 * docs/man can be compared with it.
 */

// Text with what roff would take for its own made plain. A line must not begin with a dot or a
// quote.
static void put(const char *text)
{
    if (*text == '.' || *text == '\'') {
        output_text("\\&");
    }
    for (; *text != '\0'; text++) {
        if (*text == '\\') {
            output_text("\\e");
        } else if (*text == '-') {
            output_text("\\-");
        } else {
            output_write(nb_slice_make(text, 1));
            if (*text == '\n' && (text[1] == '.' || text[1] == '\'')) {
                output_text("\\&");
            }
        }
    }
}

// As an argument of a macro.
static void put_quoted(const char *text)
{
    output_text("\"");
    for (; *text != '\0'; text++) {
        if (*text == '"') {
            output_text("\\(dq");
        } else if (*text == '\\') {
            output_text("\\e");
        } else {
            output_write(nb_slice_make(text, 1));
        }
    }
    output_text("\"");
}

static void put_option(const struct args_option *option)
{
    output_text(".It ");
    if (option->letter != '\0') {
        output_format("Fl %c , ", option->letter);
    }
    output_format("Fl -%s%s", option->can_negate ? "[no-]" : "", option->name);
    if (option->kind != ARGS_SWITCH) {
        output_text(" Ar ");
        put_quoted(option->value);
    }
    output_text("\n");
    put(option->help);
    output_text(".\n");
    if (option->env != NULL) {
        output_format("Environment:\n.Ev %s .\n", option->env);
    }
}

static void put_options(const struct args_option *options, size_t count)
{
    if (count == 0) {
        return;
    }
    output_text(".Bl -tag -width Ds\n");
    for (size_t i = 0; i < count; i++) {
        put_option(&options[i]);
    }
    output_text(".El\n");
}

// Blank lines are paragraphs.
static void put_details(const char *details)
{
    struct slice rest = nb_slice_of(details);
    struct slice line;

    while (nb_slice_take_line(&rest, &line)) {
        char *text = nb_slice_cstr(line);

        if (line.n == 0) {
            output_text(".Pp");
        } else {
            put(text);
        }
        output_text("\n");
        nb_free(text);
    }
}

static void put_examples(const struct command *command)
{
    for (size_t i = 0; i < command->example_count; i++) {
        output_text(".Pp\n");
        put(command->examples[i].what);
        output_text("\n.Dl ");
        put_quoted("natsctl ");
        output_text(" Ns ");
        put_quoted(command->examples[i].line);
        output_text("\n");
    }
}

static void put_command(const struct command *command, const char *before)
{
    char name[64];

    snprintf(name, sizeof(name), "%s%s%s", before, *before != '\0' ? " " : "", command->name);
    if (command->children == NULL) {
        output_text(".Ss ");
        put_quoted(name);
        if (*command->arguments != '\0') {
            output_text(" ");
            put_quoted(command->arguments);
        }
        output_text("\n");
        put(command->purpose);
        output_text("\n");
        if (command->alias != NULL) {
            output_text("Also called\n.Cm ");
            output_format("%s .\n", command->alias);
        }
        if (command->details != NULL) {
            output_text(".Pp\n");
            put_details(command->details);
        }
        put_options(command->options, command->option_count);
        put_examples(command);
        return;
    }
    if (command->option_count > 0) {
        output_text(".Ss ");
        put_quoted(name);
        output_text("\n");
        put(command->purpose);
        output_text("\n");
        if (command->details != NULL) {
            output_text(".Pp\n");
            put_details(command->details);
        }
        output_text("Of every command of it:\n");
        put_options(command->options, command->option_count);
        put_examples(command);
    }
    for (const struct command *const *it = command->children; *it != NULL; it++) {
        put_command(*it, name);
    }
}

static void put_end(void)
{
    output_text(".Sh FILES\n"
                ".Bl -tag -width Ds\n"
                ".It Pa $XDG_CONFIG_HOME/nats/context/ Ns Ar name Ns .json\n"
                "A context, as the nats tool writes them; ~/.config without the variable.\n"
                ".It Pa $XDG_CONFIG_HOME/nats/context.txt\n"
                "The name of the one that is selected.\n"
                ".It Pa $XDG_DATA_HOME/nats/nsc/stores\n"
                "JWTs of operators, accounts and users, shared with nsc and the nats tool;\n"
                "~/.local/share without the variable.\n"
                ".It Pa $XDG_DATA_HOME/nats/nsc/keys\n"
                "Seeds and creds files. Secret.\n"
                ".El\n"
                ".Sh EXIT STATUS\n"
                "0 when it is done, 1 when it failed, 2 for a bad option, argument or context\n"
                "file.\n"
                ".Cm auth\n"
                "has 4 for what doesn't exist, 5 when no server answers to such a request, 6 when\n"
                "some or all didn't answer, 7 when it was not done because nobody agreed, 8 when\n"
                "some servers did it and some refused.\n"
                "The codes of\n"
                ".Cm server check\n"
                "are those of Nagios.\n"
                ".Sh SEE ALSO\n"
                ".Xr natsd 1\n");
}

void help_print_manual(void)
{
    output_text(".\\\" Made by natsctl --help-man.\n"
                ".Dd November 21, 2026\n"
                ".Dt NATSCTL 1\n"
                ".Os\n"
                ".Sh NAME\n"
                ".Nm natsctl\n"
                ".Nd command line of NATS\n"
                ".Sh SYNOPSIS\n"
                ".Nm\n"
                ".Op Ar options\n"
                ".Ar command\n"
                ".Op Ar argument ...\n"
                ".Sh DESCRIPTION\n");
    put_details(command_root.details);
    output_text(".Sh OPTIONS\nOf every command:\n");
    put_options(global_options, GLOBAL_COUNT);
    output_text(".Sh COMMANDS\n");
    for (const struct command *const *it = command_root.children; *it != NULL; it++) {
        put_command(*it, "");
    }
    put_end();
}
