/* parser_step.h - the slow way through the stream: for operations that are cut, spaced oddly,
 * long, or wrong. It alone finds faults; the fast way (parser.c) takes only what is perfect.
 */
#pragma once

#include <natsd/parser.h>

// The state between two calls. See parser_step.c for the diagram.
enum nproto__state {
    NPROTO__STATE_START,     // before an operation; a zeroed parser is here
    NPROTO__STATE_VERB,      // inside the letters
    NPROTO__STATE_BLANK,     // the verb is complete and must be followed by a blank
    NPROTO__STATE_BLANKS,    // before the argument
    NPROTO__STATE_LINE,      // inside the argument
    NPROTO__STATE_SKIP,      // behind PING, PONG, +OK
    NPROTO__STATE_PAYLOAD,   // the message is put together in `cut`
    NPROTO__STATE_DELIVERED, // the caller may be looking into `cut`, until the next call
    NPROTO__STATE_FAULT,     // for good
};

int nproto__parser_step(struct nproto_parser *parser, struct slice *input, struct nproto_msg *msg,
                        enum nproto_fault *fault);
