/* content_encoding.h - answers in the encoding that a request accepts (spec 04 section 7.1).
 *
 * Both forms are written without looking for repetitions, as their formats allow: who asks for
 * one gets what it can read, for a fraction of the time.
 *
 * Threads: [any].
 */
#pragma once

#include <natsd/buf.h>

enum nserver__content_encoding {
    CONTENT_PLAIN,
    CONTENT_SNAPPY, // the framing format
    CONTENT_GZIP,
};

// Of an Accept-Encoding header.
enum nserver__content_encoding nserver__content_encoding_of(struct slice accepted);
// The name in Content-Encoding.
const char *nserver__content_encoding_name(enum nserver__content_encoding encoding);
// Appends; NB_ELIMIT when it does not fit.
NB_MUST_USE int nserver__content_encode(enum nserver__content_encoding encoding,
                                        struct slice content, struct nb_buf *out);
