/* jwt_parts.h - the three parts of a token, taken apart but not understood (spec 03 section 3.1).
 * Threads: [any].
 */
#pragma once

#include <natsd/json_reader.h>

struct nauth__jwt_parts {
    struct slice header, payload, signature; // as written
    struct slice signed_v2;                  // header "." payload
};

// NB_EMALFORMED unless there are exactly three.
NB_MUST_USE int nauth__jwt_split(struct slice token, struct nauth__jwt_parts *parts,
                                 struct nb_diag *diag);
// The JSON of a part.
NB_MUST_USE int nauth__jwt_parse(struct slice part, struct nb_json_doc *doc, struct nb_diag *diag);
// Is it a header of the reference? *is_plain_alg: the algorithm is exactly "ed25519".
NB_MUST_USE int nauth__jwt_check_header(struct slice part, bool *is_plain_alg,
                                        struct nb_diag *diag);
