/* trie.h - the trie as the match cache sees it: what says that a result is old. */
#pragma once

#include "tree.h"
#include "watch.h"

#include <natsd/hash.h>
#include <natsd/lock.h>

#include <stdatomic.h>

enum {
    NSUB__REGION_COUNT = 64, // a power of two
    NSUB__CACHE_LINE_BYTES = 64,
};

struct nsub_trie {
    struct nb_rwlock lock; // guards what follows, up to match_count
    struct nsub__tree tree;
    struct nsub__watches watches;
    struct nsub_trie_stats stats; // but for its match_count
    _Atomic uint64_t match_count; // written by readers

    // What follows is read for each message and only written by changes: apart from the lock.
    uint8_t gap[NSUB__CACHE_LINE_BYTES];
    _Atomic uint64_t generation;      // all changes
    _Atomic uint64_t wild_generation; // changes of what begins with a wildcard
    _Atomic uint64_t region_generations[NSUB__REGION_COUNT]; // of what begins with a literal
};

static inline uint32_t nsub__region_of_token(struct slice token)
{
    return (uint32_t)nb_hash(token, nb_hash_process_seed()) & (NSUB__REGION_COUNT - 1);
}

// hot: once per message. Both counters only grow, so their sum changes when one does.
static inline uint64_t nsub__region_generation(const struct nsub_trie *trie, uint32_t region)
{
    // Acquire: pairs with the release in note_change() of trie.c.
    return atomic_load_explicit(&trie->wild_generation, memory_order_acquire) +
           atomic_load_explicit(&trie->region_generations[region], memory_order_acquire);
}
