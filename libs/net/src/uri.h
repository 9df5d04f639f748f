/* uri.h - the one form of a URI under which a certificate's owner may be a user: scheme in lower
 * case, what must be escaped escaped. Spec 03 section 10.3, candidate 3.
 *
 * Threads: [any].
 */
#pragma once

#include <natsd/buf.h>

// Appended to out. NB_EMALFORMED for what is no URI, or none for certificates; NB_ELIMIT.
NB_MUST_USE int nnet__uri_normalize(struct slice uri, struct nb_buf *out);
