/* subscription.h - one subscription of a client.
 *
 * Owner: the client's worker inserts and removes it; every worker delivers to it, through
 * results of the trie, until no worker can see it any more.
 *
 * Counts that decide a delivery are taken by who delivers (spec 01 sections 11.2 and 14): a
 * message is claimed before it is written, so never more than `max` arrive.
 */
#pragma once

#include <natsd/trie.h>

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct nserver__client;

enum {
    NSERVER__SID_SIZE_MAX = (1 << 30) - 1, // a line is never so long
};

enum nserver__sub_kind {
    NSERVER__SUB_CLIENT,
    NSERVER__SUB_SHADOW, // of a client's, in an account that exports to its own (shadows.h)
    NSERVER__SUB_INNER,  // of the server itself (inner_sub.h)
};

struct nserver__sub {
    struct nsub_sub index;          // first: results of the trie give us this
    struct nserver__client *client; // NULL for an inner one
    // Delivered since SUB: by the client's own worker while there was no maximum (written by it
    // alone), and otherwise; the latter may run past max by refused claims.
    _Atomic uint64_t own_count;
    _Atomic uint64_t shared_count;
    _Atomic uint32_t max; // 0: none
    uint32_t sid_size : 30;
    uint32_t kind : 2; // enum nserver__sub_kind
    _Atomic bool is_closed;
    uint8_t bytes[]; // sid, subject, queue
};

static_assert(offsetof(struct nserver__sub, bytes) <= 65, "there may be millions of them");

static inline struct slice nserver__sub_sid(const struct nserver__sub *sub)
{
    return nb_slice_make(sub->bytes, sub->sid_size);
}

static inline struct nserver__sub *nserver__sub_of(struct nsub_sub *index)
{
    return (struct nserver__sub *)(void *)index;
}

enum nserver__claim {
    CLAIM_REFUSED, // closed, or the maximum was reached: the message is not for it
    CLAIM_GRANTED,
    CLAIM_LAST, // granted, and it was the last: it has to be removed
};

// Of any worker: one atomic add. Sequentially consistent as is the other side, which stores the
// maximum and then reads the count: one of the two sees the other, so the message that reaches
// the maximum always ends the subscription.
static inline enum nserver__claim nserver__sub_claim(struct nserver__sub *sub)
{
    uint64_t max;
    uint64_t n;

    if (atomic_load_explicit(&sub->is_closed, memory_order_relaxed)) {
        return CLAIM_REFUSED;
    }
    n = atomic_fetch_add(&sub->shared_count, 1) + 1;
    max = atomic_load(&sub->max);
    if (NB_LIKELY(max == 0)) {
        return CLAIM_GRANTED;
    }
    // Constant since before the maximum was stored.
    n += atomic_load_explicit(&sub->own_count, memory_order_relaxed);
    if (n < max) {
        return CLAIM_GRANTED;
    }
    return n == max ? CLAIM_LAST : CLAIM_REFUSED;
}

// hot: [owner] no more than a store, as long as there is no maximum, which he sets himself.
static inline enum nserver__claim nserver__sub_claim_own(struct nserver__sub *sub)
{
    uint64_t n;

    if (NB_UNLIKELY(atomic_load_explicit(&sub->max, memory_order_relaxed) != 0 ||
                    atomic_load_explicit(&sub->is_closed, memory_order_relaxed))) {
        return nserver__sub_claim(sub);
    }
    n = atomic_load_explicit(&sub->own_count, memory_order_relaxed);
    atomic_store_explicit(&sub->own_count, n + 1, memory_order_relaxed);
    return CLAIM_GRANTED;
}

// hot: may another worker deliver now and count it later? Those were delivered before a maximum
// that it does not see yet, as if the UNSUB had come a moment later.
static inline bool nserver__sub_is_unlimited(const struct nserver__sub *sub)
{
    return atomic_load_explicit(&sub->max, memory_order_relaxed) == 0 &&
           !atomic_load_explicit(&sub->is_closed, memory_order_relaxed);
}

// The count of those. True: with them it has had its maximum, and has to be removed.
static inline bool nserver__sub_count_late(struct nserver__sub *sub, uint64_t count)
{
    uint64_t n = atomic_fetch_add(&sub->shared_count, count) + count;
    uint64_t max = atomic_load(&sub->max);

    return max != 0 && n + atomic_load_explicit(&sub->own_count, memory_order_relaxed) >= max;
}

// [owner] From now on at most `max` (0: no limit) since SUB. False: so many have been delivered.
static inline bool nserver__sub_limit(struct nserver__sub *sub, uint32_t max)
{
    atomic_store(&sub->max, max);
    return atomic_load(&sub->shared_count) +
               atomic_load_explicit(&sub->own_count, memory_order_relaxed) <
           max;
}

// [any] For showing; roughly, while messages are delivered.
static inline uint64_t nserver__sub_delivered(const struct nserver__sub *sub)
{
    return atomic_load_explicit(&sub->own_count, memory_order_relaxed) +
           atomic_load_explicit(&sub->shared_count, memory_order_relaxed);
}
