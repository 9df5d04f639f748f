/* json_text.h - reading the JSON of an INFO or CONNECT. */
#pragma once

#include <natsd/json_reader.h>

// As nb_json_parse(), within the memory that such a text may take, and with each surrogate escape
// that lacks its partner read as U+FFFD.
int nproto__json_parse(struct slice text, struct nb_json_doc *doc, struct nb_diag *diag);
