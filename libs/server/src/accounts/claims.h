/* claims.h - account JWTs in force: taken over, changed, expired, deleted (spec 03 sections 19 and
 * 20.4). Threads: [control].
 */
#pragma once

#include <natsd/error.h>
#include <natsd/slice.h>

struct nnet_timer;
struct nserver;
struct nserver__account;

// A JWT becomes what holds in the account of its subject, which has to be `key`. NB_* with the
// reason: then nothing has changed. The same again changes nothing but for an account that has
// expired or lacks something.
NB_MUST_USE int nserver__claims_apply(struct nserver *server, struct slice key, struct slice token,
                                      struct nb_diag *diag);
// The account when a JWT of it is in force, expired or not; NULL otherwise.
struct nserver__account *nserver__claims_account(struct nserver *server, struct slice key);
// Its JWT has expired, or was deleted: its connections end, and nobody enters.
void nserver__claims_expire(struct nserver *server, struct nserver__account *account);
// After a reload with a memory resolver: every account is what its JWT there says, or gone.
void nserver__claims_review(struct nserver *server);
