/* output.h - standard output. When its reader is gone, the program ends quietly (spec 12 section
 * 9.6); any other failure to write is one. Threads: [main].
 */
#pragma once

#include <natsd/buf.h>
#include <natsd/json_reader.h>

void output_write(struct slice bytes);
void output_text(const char *text);
void output_format(const char *format, ...) NB_PRINTF(1, 2);
void output_flush(void);

// What comes from strangers, for a terminal: control characters and what turns text around are
// shown as \xNN and \u{NNNN}. Line ends and tabs stay where `keeps_lines`.
void output_safe(struct slice bytes, bool keeps_lines);
// The document with an indent of 2 and a final line end; numbers as they were written.
void output_json(const struct nb_json_value *root);
