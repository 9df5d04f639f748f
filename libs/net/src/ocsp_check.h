/* ocsp_check.h - is a peer's verified chain free of revoked certificates? Asked in a handshake.
 *
 * Threads: [owner] of the worker given.
 */
#pragma once

#include <natsd/certificate.h>
#include <natsd/ocsp_peer.h>
#include <natsd/worker.h>

enum nnet__ocsp_verdict {
    NNET__OCSP_GOOD,
    NNET__OCSP_BAD,
    NNET__OCSP_PENDING, // a responder is asked
};

struct nnet__ocsp_check;
// Also after a cancel; the check is gone then.
typedef void (*nnet__ocsp_check_fn)(void *ctx, enum nnet__ocsp_verdict verdict);

// Takes the chain. `is_client`: the peer is one, for the words. `done` is called
// from the loop and *out set if the verdict is pending, and only then.
enum nnet__ocsp_verdict nnet__ocsp_check_begin(struct nnet_ocsp_peer *rules,
                                               struct nnet_worker *worker,
                                               struct nnet_cert_chain *chain, bool is_client,
                                               nnet__ocsp_check_fn done, void *ctx,
                                               struct nnet__ocsp_check **out);
void nnet__ocsp_check_cancel(struct nnet__ocsp_check *check);
// What a handshake fails with.
const char *nnet__ocsp_rejection(bool is_client);
