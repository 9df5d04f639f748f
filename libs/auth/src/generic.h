/* generic.h - "nats" of a generic token, as JSON text. Threads: [any]. */
#pragma once

#include "json_fields.h"

#include <natsd/json_writer.h>

// Sets *out to the text, which is in the reader's arena, or to nothing. A token of version 1 has
// its top-level "type" and "tags" put in. NB_ELIMIT when it is nested too deep to be written.
NB_MUST_USE int nauth__generic_read(struct nauth__reader *reader,
                                    const struct nb_json_value *payload, struct slice *out);
// Writes such a text as "nats" of a token, with the version that all have now. NB_EMALFORMED when
// it is no object, NB_ELIMIT when it is nested too deep.
NB_MUST_USE int nauth__generic_write(struct nb_json_writer *w, struct slice text,
                                     struct nb_diag *diag);
