/* store.h - a directory of account JWTs (spec 03 section 20.5): what lies there, the hash over all
 * of it, what is due, and what has to go for something new.
 *
 * One file for each account, see token_file.h. The index of them is in memory; files are read when
 * they are asked for, so one that somebody puts there by hand is found, too.
 *
 * Threads: one at a time; blocks: [pool] or before the start.
 * Errors:  NB_EINVALID "invalid public key", NB_ENOTFOUND, NB_ELIMIT "jwt store is full", and those
 *          of token_file.h. Always with the reason in diag.
 */
#pragma once

#include <natsd/clock.h>
#include <natsd/error.h>
#include <natsd/slice.h>

#include <stdbool.h>

struct nserver__store;

enum {
    NSERVER__STORE_HASH_BYTES = 32,
};

struct nserver__store_opts {
    int64_t limit;      // JWTs; 0: none
    bool evicts;        // at the limit the one goes that was used the longest time ago
    int64_t ttl_ns;     // they go when they were not used for so long; 0: when they expire
    bool keeps_deleted; // deleted ones stay under another name
};

// What lies in the directory is indexed; it is made when it isn't there. `dir` is copied.
NB_MUST_USE int nserver__store_open(const char *dir, const struct nserver__store_opts *opts,
                                    struct nb_wall now, struct nserver__store **out,
                                    struct nb_diag *diag);
void nserver__store_close(struct nserver__store **store);
// Another ttl holds for what is there from the next indexing on.
void nserver__store_set_opts(struct nserver__store *store, const struct nserver__store_opts *opts);

// *token is owned. It counts as used.
NB_MUST_USE int nserver__store_load(struct nserver__store *store, struct slice key,
                                    struct nb_wall now, struct slice *token, struct nb_diag *diag);
// Takes the place of what is there, be it newer. *has_changed: it is another text.
NB_MUST_USE int nserver__store_save(struct nserver__store *store, struct slice key,
                                    struct slice token, struct nb_wall now, bool *has_changed,
                                    struct nb_diag *diag);
// The same, unless what is there is as new (merge.h).
NB_MUST_USE int nserver__store_merge(struct nserver__store *store, struct slice key,
                                     struct slice token, struct nb_wall now, bool *has_changed,
                                     struct nb_diag *diag);
// One that isn't there is no error.
NB_MUST_USE int nserver__store_delete(struct nserver__store *store, struct slice key,
                                      struct nb_diag *diag);
// Removes what is due: how many.
size_t nserver__store_expire(struct nserver__store *store, struct nb_wall now);

typedef void (*nserver__stored_fn)(void *ctx, struct slice key, struct slice token);

// Reads the directory again, and calls for each JWT that is not what it was, or new.
NB_MUST_USE int nserver__store_reindex(struct nserver__store *store, struct nb_wall now,
                                       nserver__stored_fn changed, void *ctx, struct nb_diag *diag);
// Calls for each JWT that can be read, is not empty and not due, in the order of their keys.
void nserver__store_each(struct nserver__store *store, struct nb_wall now, nserver__stored_fn fn,
                         void *ctx);
// The keys in their order, owned by the store until its next change; the array is the caller's.
size_t nserver__store_keys(const struct nserver__store *store, struct slice **keys);
size_t nserver__store_count(const struct nserver__store *store);
// XOR of the SHA-256 of all JWTs.
const uint8_t *nserver__store_hash(const struct nserver__store *store);
