/* ocsp_cache.h - the inside of the cache, for the part that is its file. */
#pragma once

#include <natsd/list.h>
#include <natsd/lock.h>
#include <natsd/map.h>
#include <natsd/ocsp_cache.h>

#include <stdatomic.h>

enum {
    NNET__OCSP_FINGERPRINT_BYTES = 44, // base64 of a SHA-256
    NNET__OCSP_SUBJECT_MAX_BYTES = 4 * 1024,
};

struct nnet__ocsp_entry {
    struct nb_link link; // in the order in which they were stored
    uint8_t fingerprint[NNET__OCSP_FINGERPRINT_BYTES];
    struct slice subject;  // owned
    struct slice response; // owned
    enum nnet_ocsp_status status;
    int64_t cached_at_s;
    int64_t expires_s;
};

struct nnet_ocsp_cache {
    _Atomic uint32_t refs;
    char *dir;
    bool preserves_revoked;
    struct nb_mutex lock;
    struct nb_map entries NB_GUARDED_BY(lock);
    struct nb_link order NB_GUARDED_BY(lock);
    uint64_t changes NB_GUARDED_BY(lock); // so far
    uint64_t saved NB_GUARDED_BY(lock);   // of them, in the file
};

// Takes the entry; under the lock. One with the same fingerprint goes.
void nnet__ocsp_cache_insert(struct nnet_ocsp_cache *cache, struct nnet__ocsp_entry *entry);
void nnet__ocsp_entry_free(struct nnet__ocsp_entry *entry);
