#include "help.h"

#include <stdio.h>

#include <natsd/tls.h>

#include "flags.h"

enum {
    HELP_COLUMN = 38,
    HELP_WIDTH = 100,
};

// Words in lines of HELP_WIDTH, indented by HELP_COLUMN; the first line stands at `column`.
static void print_wrapped(const char *text, int column)
{
    struct slice rest = nb_slice_of(text);
    struct slice word;
    const char *space = "";

    if (column >= HELP_COLUMN) {
        printf("\n");
        column = 0;
    }
    printf("%*s", HELP_COLUMN - column, "");
    column = HELP_COLUMN;
    while (nb_slice_take_field(&rest, ' ', &word)) {
        if (column + 1 + (int)word.n > HELP_WIDTH) {
            printf("\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
            space = "";
        }
        column += printf("%s%.*s", space, NB_SLICE_ARGS(word));
        space = " ";
    }
    printf("\n");
}

// Letters that may stand together are written with one dash, words with two.
static const char *dashes(struct slice name)
{
    bool is_word = name.n > 3;

    for (size_t i = 0; i < name.n && name.n == 3; i++) {
        is_word = is_word || (name.p[i] >= 'a' && name.p[i] <= 'z');
    }
    return is_word ? "--" : "-";
}

static void print_row(const struct flag_row *row)
{
    const char *bar = strchr(row->help, '|');
    struct slice names = nb_slice_of(row->names);
    struct slice name;
    const char *comma = "";
    int column = printf("    ");

    while (nb_slice_take_field(&names, ' ', &name)) {
        column += printf("%s%s%.*s", comma, dashes(name), NB_SLICE_ARGS(name));
        comma = ", ";
    }
    if (bar != NULL) {
        column += printf(" %.*s", (int)(bar - row->help), row->help);
    }
    print_wrapped(bar != NULL ? bar + 1 : row->help, column);
}

void help_print(void)
{
    printf("Usage: natsd [options]\n"
           "\n"
           "A NATS server. Without options it serves clients on port 4222 of all addresses.\n"
           "A flag beats the same setting in the configuration file.\n"
           "\n"
           "    natsd -m 8222                   with monitoring on port 8222\n"
           "    natsd -c server.conf -t         is this configuration file right?\n"
           "    natsd -c server.conf            start with it\n"
           "    natsd --signal reload=/run/natsd.pid   read it again\n");
    for (int id = 0; id < FLAG_COUNT; id++) {
        if (flag_rows[id].kind == FLAG_KIND_GROUP) {
            printf("\n%s:\n", flag_rows[id].names);
        } else {
            print_row(&flag_rows[id]);
        }
    }
    printf("\n"
           "-flag value, -flag=value, --flag value and --flag=value are the same. Flags that are\n"
           "on or off are written -flag or -flag=false.\n");
}

static void print_names(const char *title, const char *const *names)
{
    printf("%s\n", title);
    for (; *names != NULL; names++) {
        printf("    %s\n", *names);
    }
}

void help_print_tls(void)
{
    printf("TLS is configured in the tls block of a configuration file:\n"
           "\n"
           "    tls {\n"
           "        cert_file: \"server.pem\"\n"
           "        key_file:  \"server-key.pem\"\n"
           "        ca_file:   \"ca.pem\"\n"
           "        verify:    true\n"
           "    }\n\n");
    print_names("Names for cipher_suites:", nnet_tls_cipher_names());
    printf("\n");
    print_names("Names for curve_preferences:", nnet_tls_curve_names());
}
