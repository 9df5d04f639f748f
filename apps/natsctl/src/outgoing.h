/* outgoing.h - a message as the command line describes it: subject, headers and body with their
 * templates, made anew for each count.
 */
#pragma once

#include "cli.h"
#include "template.h"

#include <natsd/client.h>

struct outgoing {
    const struct cli *cli;
    const char *subject;
    const char *reply;                // NULL: none
    const struct args_value *headers; // "K:V" each; NULL: none
    struct slice body;                // borrowed
    bool has_templates;
    struct template_values values;
    struct nclient_message message; // the last one made
    // private
    struct nb_buf subject_buf;
    struct nb_buf headers_buf;
    struct nb_buf body_buf;
};

void outgoing_init(struct outgoing *outgoing, const struct cli *cli, const char *subject);
void outgoing_fini(struct outgoing *outgoing);

// Makes ->message with values.count; valid until the next call. An exit code. A template that is
// unknown is noted and sent as it is.
NB_MUST_USE int outgoing_make(struct outgoing *outgoing);

// Where a body comes from.
struct outgoing_body {
    struct slice bytes; // all of it
    struct nb_buf buf;  // private
};

// The argument `word` if there is one, else `file` (NULL: none), else standard input when it is
// forced or no terminal, else nothing. An exit code.
NB_MUST_USE int outgoing_read_body(const struct cli *cli, const char *word, const char *file,
                                   bool is_stdin_forced, struct outgoing_body *out);
void outgoing_body_fini(struct outgoing_body *body);
