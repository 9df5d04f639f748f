/* template.h - {{Count}} and the like in bodies, subjects and headers (spec 12 section 18.1).
 *
 * {{Count}} {{Cnt}} {{Time}} {{TimeStamp}} {{Unix}} {{UnixNano}} {{ID}} {{Random min max}} and,
 * in replies, {{Request}}; with or without a dot before the name. Anything else between the
 * braces is an error: NB_EMALFORMED with a text, and the text is sent as it is.
 */
#pragma once

#include <natsd/buf.h>
#include <natsd/nuid.h>
#include <natsd/random.h>

enum {
    TEMPLATE_MAX_BYTES = 96 * 1024 * 1024, // of what comes out
    TEMPLATE_RANDOM_MAX_BYTES = 1024 * 1024,
};

struct template_values {
    uint64_t count;              // from 1
    const struct slice *request; // {{Request}}; NULL: there is none
    bool is_utc;                 // {{Time}}, {{TimeStamp}}
    struct nb_nuid nuid;
    struct nb_random random;
};

void template_values_init(struct template_values *values);
// Appends to `out`, whose limit holds: NB_ELIMIT.
NB_MUST_USE int template_expand(struct slice text, struct template_values *values,
                                struct nb_buf *out, struct nb_diag *diag);
