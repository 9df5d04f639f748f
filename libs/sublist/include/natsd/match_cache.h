/* natsd/match_cache.h - what recently published subjects matched, for one worker.
 *
 * One cache serves one trie for one thread: no lock and no shared write on a hit. Each entry
 * is checked against the generation of its subject's region, so it is never older than the
 * last change that the caller could know of, and only what is asked for again is matched
 * again. That a subject matches nothing is remembered, too.
 *
 * Size:     at most `entry_max` entries and NSUB_MATCH_CACHE_MAX_BYTES; those not used lately
 *   go first. Results that were replaced come on top until the next trim.
 * Lifetime: a result stays valid until the next nsub_match_cache_trim(), which the owner
 *   calls between two passes of its loop; entries that a pass replaces are kept until then.
 * Threads:  one.
 */
#pragma once

#include <natsd/trie.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NSUB_MATCH_CACHE_MAX_BYTES = 64 * 1024 * 1024, // of subjects and results
    // A longer result isn't kept: delivering to a million takes longer than finding them.
    NSUB_MATCH_CACHE_RESULT_MAX_BYTES = NSUB_MATCH_CACHE_MAX_BYTES / 8,
};

struct nsub_match_cache;

struct nsub_match_cache_stats {
    uint64_t hit_count;
    uint64_t lookup_count;
    uint32_t entry_count;
    uint32_t fanout_max; // over the entries: plain subscriptions + queue groups
    uint64_t fanout_total;
};

// `entry_max` 0 keeps nothing: every lookup goes to the trie. The trie is borrowed.
struct nsub_match_cache *nsub_match_cache_create(struct nsub_trie *trie, uint32_t entry_max);
void nsub_match_cache_destroy(struct nsub_match_cache **cache);

// hot: once per published message. On a hit one hash, one compare, no write to shared memory.
const struct nsub_result *nsub_match_cache_find(struct nsub_match_cache *cache,
                                                struct slice subject);

// Between passes: frees what was replaced. Cheap when nothing was.
void nsub_match_cache_trim(struct nsub_match_cache *cache);

// [any], while the cache lives. For monitoring: the numbers need not be of one moment, and
// fanout_max is exact only after the owner's trim that follows the call.
struct nsub_match_cache_stats nsub_match_cache_stats(const struct nsub_match_cache *cache);

#ifdef __cplusplus
}
#endif
