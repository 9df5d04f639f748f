/* convert.h - from the text of a number or a date to its value. */
#pragma once

#include "message.h"

// All three write the whole error, without a line, as the reference does.
// Digits with an optional sign and size suffix; the multiplication wraps modulo 2^64.
NB_MUST_USE int nconf__convert_integer(struct slice text, int64_t *out, struct nb_buf *message);
NB_MUST_USE int nconf__convert_float(struct slice text, double *out, struct nb_buf *message);
// "YYYY-MM-DDThh:mm:ssZ", whose form has been checked.
NB_MUST_USE int nconf__convert_time(struct slice text, int64_t *unix_s, struct nb_buf *message);
