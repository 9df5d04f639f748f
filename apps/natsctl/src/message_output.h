/* message_output.h - a received message on standard output. Threads: [main]. */
#pragma once

#include "cli.h"
#include "queue.h"

enum message_form {
    MESSAGE_TEXT,     // "[#1] Received on ...", headers, body
    MESSAGE_RAW,      // the body and a line end
    MESSAGE_HEADERS,  // the text without the body
    MESSAGE_SUBJECTS, // its subject
    MESSAGE_JSON,     // one line: spec 12 section 29.3
};

struct message_output {
    enum message_form form;
    bool has_time; // in the text
    bool is_utc;
};

// Not flushed.
void message_output_write(const struct message_output *output, const struct queue_message *message,
                          uint64_t number);
// Headers one per line, a blank line, the body, a blank line.
void message_output_content(const struct nclient_message *message, bool has_body);
