/* ocsp.h - revoked certificates: of peers, who are asked about while they connect, and the server's
 * own, which it presents a proof with (spec 03 section 22).
 *
 * Threads: as marked. Everything but the events belongs to the control worker.
 */
#pragma once

#include <natsd/error.h>

#include <stdbool.h>

struct nserver;
struct nserver__config;
struct nserver__ocsp;

struct nserver__ocsp *nserver__ocsp_create(struct nserver *server);
void nserver__ocsp_destroy(struct nserver__ocsp **ocsp);

// Gives the TLS contexts of a configuration that nobody has seen yet their rules for peers. [main]
// before the start, [control] after it: may read the cache's file. NB_* with the reason in diag.
NB_MUST_USE int nserver__ocsp_prepare(struct nserver__ocsp *ocsp, struct nserver__config *config,
                                      struct nb_diag *diag);
// [main] The threads run, nobody has connected: waits until it is known what the server's own
// certificate is worth. NB_ECRYPTO with the text of the fatal line.
NB_MUST_USE int nserver__ocsp_start(struct nserver__ocsp *ocsp, struct nb_diag *diag);
// [control] Says that peers are asked about, when they are: at the start and at each reload.
void nserver__ocsp_announce(const struct nserver__ocsp *ocsp, const struct nserver__config *config);
// [control] `config` has taken the place of `was`.
void nserver__ocsp_reload(struct nserver__ocsp *ocsp, const struct nserver__config *was,
                          const struct nserver__config *config);
// [control] Nothing is asked any more; `stopped` runs once, in this thread, perhaps at once.
void nserver__ocsp_stop(struct nserver__ocsp *ocsp, void (*stopped)(struct nserver *server));
// [main] The threads have ended: what is remembered is written.
void nserver__ocsp_end(struct nserver__ocsp *ocsp);
