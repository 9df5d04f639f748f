/* callout_request.h - what the service that decides is told (spec 03 sections 4.7 and 11.3).
 * Threads: [owner of the client].
 */
#pragma once

#include <natsd/buf.h>
#include <natsd/error.h>
#include <natsd/slice.h>

struct nserver__login;

// The request as a JWT of this server about the login, appended. `asker` is the subject: who is
// trusted to answer; `user_key` the key that the answer has to be for.
NB_MUST_USE int nserver__callout_write_request(const struct nserver__login *login,
                                               struct slice asker, struct slice user_key,
                                               bool is_sealed, struct nb_buf *out,
                                               struct nb_diag *diag);
