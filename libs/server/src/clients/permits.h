/* permits.h - replies that a client may publish to, because it was given messages that ask for them
 * (spec 03 section 12.5).
 *
 * Bounded: the oldest makes place for the newest (spec 13 section 5.12).
 *
 * Threads: [any].
 */
#pragma once

#include <natsd/clock.h>
#include <natsd/slice.h>

#include <stdbool.h>

struct nauth_permissions;
struct nnet_worker;
struct nserver__permits;

enum {
    NSERVER__PERMITS_MAX = 100000,                 // of a client
    NSERVER__PERMITS_MAX_BYTES = 32 * 1024 * 1024, // when replies are long
};

// By responses_max and responses_ttl_ns; negative ones are no limit.
struct nserver__permits *nserver__permits_create(const struct nauth_permissions *permissions);
void nserver__permits_destroy(struct nserver__permits *permits); // NULL is fine

// [owner of the client] Other workers may still be looking at them.
void nserver__permits_retire(struct nserver__permits *permits, struct nnet_worker *net);

// Given now; one that it has begins anew.
void nserver__permits_add(struct nserver__permits *permits, struct slice reply, struct nb_mono now);
// Counts: once too often, or too late, is not permitted.
bool nserver__permits_use(struct nserver__permits *permits, struct slice reply, struct nb_mono now);
size_t nserver__permits_count(struct nserver__permits *permits);
