/* parts.h - what the parts of OCSP share: the memory of peers' certificates, the rules made of the
 * options, and the proof for the server's own certificate.
 *
 * Threads: [control], or [main] while there are no threads.
 */
#pragma once

#include <natsd/lock.h>
#include <natsd/ocsp_peer.h>
#include <natsd/ocsp_staple.h>
#include <natsd/timer.h>
#include <natsd/worker.h>

#include "ocsp/ocsp.h"

// The cache and its file, which is written now and then.
struct nserver__ocsp_memory {
    struct nnet_ocsp_cache *cache; // NULL: nothing is remembered
    char *dir;
    bool preserves_revoked;
    int64_t save_interval_s;
    struct nnet_timer timer;
    struct nserver__ocsp_save *saving; // a job is under way
    bool is_started;                   // the threads run
};

// The proof for the certificate of the client port.
struct nserver__ocsp_proof {
    struct nserver__ocsp *ocsp;
    struct nnet_staple *staple;
    char *cert_file;  // for messages
    bool ends_server; // when it is not good
    bool is_known;    // something was said
    bool is_replaced; // by a reload: what it says does not count
};

struct nserver__ocsp {
    struct nserver *server;
    struct nnet_tls_context *tls; // for responders over https; NULL until somebody may be asked
    struct nserver__ocsp_memory memory;
    struct nserver__ocsp_proof *proof; // NULL: none
    unsigned running;                  // proofs that have not stopped, and a job that saves
    bool is_stopping;
    void (*stopped)(struct nserver *server);

    struct nb_mutex lock; // [main] waits for the first word about the proof
    pthread_cond_t changed;
    bool is_known NB_GUARDED_BY(lock);
    int rc NB_GUARDED_BY(lock);
    struct nb_diag failure NB_GUARDED_BY(lock);
};

// ocsp.c: something that was counted as running is over.
void nserver__ocsp_note_end(struct nserver__ocsp *ocsp);
// NB_*: the system's roots cannot be used.
NB_MUST_USE int nserver__ocsp_make_tls(struct nserver__ocsp *ocsp, struct nb_diag *diag);

// memory.c
void nserver__ocsp_memory_take(struct nserver__ocsp *ocsp, const struct nserver__config *config);
void nserver__ocsp_memory_start(struct nserver__ocsp *ocsp);
void nserver__ocsp_memory_stop(struct nserver__ocsp *ocsp);
void nserver__ocsp_memory_save(struct nserver__ocsp *ocsp); // blocks
void nserver__ocsp_memory_fini(struct nserver__ocsp_memory *memory);

// advisories.c
extern const struct nnet_ocsp_peer_events nserver__ocsp_advisories; // ctx: the server

// proof.c
// Watches the certificate of the configuration, if its options want that; `was` is NULL at the
// start. Whoever waits for the first word is told.
void nserver__ocsp_proof_start(struct nserver__ocsp *ocsp, const struct nserver__config *was,
                               const struct nserver__config *config);
void nserver__ocsp_proof_stop(struct nserver__ocsp *ocsp);
