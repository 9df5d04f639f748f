#include <natsd/match_cache.h>

#include "result.h"
#include "trie.h"

#include <natsd/memory.h>
#include <natsd/short_bytes.h>

struct entry {
    struct nsub_result *result; // owned
    uint64_t generation;        // of the region, before the match
    uint32_t subject_size;
    uint32_t index; // in the ring
    uint8_t region;
    bool was_used; // since the hand came by
    uint8_t subject[];
};

static_assert(NSUB__REGION_COUNT <= UINT8_MAX + 1, "an entry has a byte for it");

struct nsub_match_cache {
    struct nsub_trie *trie;
    uint64_t seed;
    struct nsub__table table; // of struct entry, by the hash of the subject
    struct entry *last;       // found by the last lookup: publishers stay with a subject a while
    struct entry **entries;   // owned; the same in a ring for the hand
    uint32_t entries_room;
    uint32_t entry_max;
    uint32_t hand; // where looking for something to evict goes on
    size_t size;   // bytes of all entries

    struct nsub_result **replaced; // owned; freed by the next trim
    size_t replaced_count;
    size_t replaced_room;
    bool is_fanout_max_old; // the entry that it was taken from has gone

    // Written by the owner alone, read by nsub_match_cache_stats() anywhere. Relaxed: each is a
    // number to show, and nothing else depends on it.
    _Atomic uint64_t hit_count;
    _Atomic uint64_t lookup_count;
    _Atomic uint64_t fanout_total;
    _Atomic uint32_t entry_count;
    _Atomic uint32_t fanout_max;
    _Atomic bool is_fanout_wanted; // somebody asked since the last trim
};

static inline void add_u64(_Atomic uint64_t *counter, uint64_t by)
{
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);

    atomic_store_explicit(counter, value + by, memory_order_relaxed);
}

static inline void set_u32(_Atomic uint32_t *number, uint32_t value)
{
    atomic_store_explicit(number, value, memory_order_relaxed);
}

struct nsub_match_cache *nsub_match_cache_create(struct nsub_trie *trie, uint32_t entry_max)
{
    struct nsub_match_cache *cache = nb_zalloc(sizeof(*cache));

    cache->trie = trie;
    cache->seed = nb_hash_process_seed();
    cache->entry_max = entry_max;
    return cache;
}

static uint32_t fanout(const struct entry *entry)
{
    return entry->result->plain_count + entry->result->group_count;
}

static size_t entry_size(const struct entry *entry)
{
    return sizeof(*entry) + entry->subject_size + nsub__result_size(entry->result);
}

static void account(struct nsub_match_cache *cache, const struct entry *entry)
{
    uint32_t most = atomic_load_explicit(&cache->fanout_max, memory_order_relaxed);

    cache->size += entry_size(entry);
    add_u64(&cache->fanout_total, fanout(entry));
    if (fanout(entry) > most) {
        set_u32(&cache->fanout_max, fanout(entry));
    }
}

static void unaccount(struct nsub_match_cache *cache, const struct entry *entry)
{
    uint32_t most = atomic_load_explicit(&cache->fanout_max, memory_order_relaxed);

    cache->size -= entry_size(entry);
    add_u64(&cache->fanout_total, -(uint64_t)fanout(entry));
    cache->is_fanout_max_old |= fanout(entry) == most;
}

// The caller of this pass may still look at it.
static void put_aside(struct nsub_match_cache *cache, struct nsub_result *result)
{
    enum { ROOM_MIN = 16 };

    if (cache->replaced_count == cache->replaced_room) {
        cache->replaced_room = cache->replaced_room > 0 ? cache->replaced_room * 2 : ROOM_MIN;
        cache->replaced =
            nb_realloc(cache->replaced, cache->replaced_room * sizeof(struct nsub_result *));
    }
    cache->replaced[cache->replaced_count++] = result;
}

static bool is_of(const struct entry *entry, struct slice subject)
{
    return entry->subject_size == subject.n && nb_bytes_equal(entry->subject, subject.p, subject.n);
}

static struct entry *find_entry(const struct nsub_match_cache *cache, struct slice subject,
                                uint64_t hash)
{
    const struct nsub__slot *slot = nsub__table_first(&cache->table, hash);

    while (slot != NULL) {
        struct entry *entry = nsub__ref_pointer(slot->value);

        if (is_of(entry, subject)) {
            return entry;
        }
        slot = nsub__table_next(&cache->table, slot);
    }
    return NULL;
}

static uint64_t entry_hash(const struct nsub_match_cache *cache, const struct entry *entry)
{
    return nb_hash(nb_slice_make(entry->subject, entry->subject_size), cache->seed);
}

static void evict(struct nsub_match_cache *cache, struct entry *entry)
{
    struct nsub__slot *slot = nsub__table_first(&cache->table, entry_hash(cache, entry));
    struct entry *last = cache->entries[cache->table.count - 1];

    while (nsub__ref_pointer(slot->value) != entry) {
        slot = nsub__table_next(&cache->table, slot);
    }
    cache->last = NULL;
    unaccount(cache, entry);
    put_aside(cache, entry->result);
    nsub__table_remove(&cache->table, slot);
    cache->entries[entry->index] = last;
    last->index = entry->index;
    nb_free(entry);
    set_u32(&cache->entry_count, cache->table.count);
}

// Takes one entry out that wasn't used since the hand last came by. The hand goes round at
// most twice, because it clears the mark of what it spares.
static void evict_one(struct nsub_match_cache *cache)
{
    for (;; cache->hand++) {
        struct entry *entry;

        if (cache->hand + 1 >= cache->table.count) { // the last one is the newest
            cache->hand = 0;
        }
        entry = cache->entries[cache->hand];
        if (!entry->was_used ||
            entry->generation != nsub__region_generation(cache->trie, entry->region)) {
            evict(cache, entry);
            cache->hand++; // past the newest, which has taken its place
            return;
        }
        entry->was_used = false;
    }
}

static void append(struct nsub_match_cache *cache, struct entry *entry, uint64_t hash)
{
    enum { ROOM_MIN = 16 };

    if (cache->table.count == cache->entries_room) {
        cache->entries_room = cache->entries_room > 0 ? cache->entries_room * 2 : ROOM_MIN;
        cache->entries = nb_realloc(cache->entries, cache->entries_room * sizeof(struct entry *));
    }
    entry->index = cache->table.count;
    cache->entries[entry->index] = entry;
    nsub__table_insert(&cache->table, hash, nsub__ref_make(entry, NSUB__REF_NODE));
}

static void remember(struct nsub_match_cache *cache, struct slice subject, uint64_t hash,
                     const struct entry *draft)
{
    struct entry *entry = nb_alloc(sizeof(*entry) + subject.n);

    *entry = *draft;
    entry->subject_size = (uint32_t)subject.n;
    memcpy(entry->subject, subject.p, subject.n);
    while (cache->table.count > 0 &&
           (cache->table.count >= cache->entry_max ||
            cache->size + entry_size(entry) > NSUB_MATCH_CACHE_MAX_BYTES)) {
        evict_one(cache);
    }
    append(cache, entry, hash);
    account(cache, entry);
    set_u32(&cache->entry_count, cache->table.count);
}

static bool is_worth_keeping(const struct nsub_match_cache *cache, struct slice subject,
                             const struct nsub_result *result)
{
    return cache->entry_max > 0 && subject.n > 0 && subject.n <= UINT32_MAX &&
           nsub__result_size(result) <= NSUB_MATCH_CACHE_RESULT_MAX_BYTES;
}

// False when the entry can't stay with the new result; then nothing has changed.
static bool refresh(struct nsub_match_cache *cache, struct entry *entry, const struct entry *fresh)
{
    size_t size = nsub__result_size(fresh->result);

    if (size > NSUB_MATCH_CACHE_RESULT_MAX_BYTES ||
        cache->size - nsub__result_size(entry->result) + size > NSUB_MATCH_CACHE_MAX_BYTES) {
        return false;
    }
    unaccount(cache, entry);
    put_aside(cache, entry->result);
    entry->generation = fresh->generation;
    entry->result = fresh->result;
    account(cache, entry);
    return true;
}

static const struct nsub_result *find_slow(struct nsub_match_cache *cache, struct slice subject,
                                           uint64_t hash, struct entry *entry)
{
    struct entry fresh = {.region = (uint8_t)nsub_trie_region(cache->trie, subject)};

    // Before the match: a change that comes meanwhile makes the entry old, not wrong.
    fresh.generation = nsub__region_generation(cache->trie, fresh.region);
    fresh.result = nsub_trie_match(cache->trie, subject);
    if (entry != NULL) {
        if (refresh(cache, entry, &fresh)) {
            return fresh.result;
        }
        evict(cache, entry);
    }
    if (is_worth_keeping(cache, subject, fresh.result)) {
        remember(cache, subject, hash, &fresh);
    } else {
        put_aside(cache, fresh.result);
    }
    return fresh.result;
}

static bool is_current(const struct nsub_match_cache *cache, const struct entry *entry)
{
    return entry->generation == nsub__region_generation(cache->trie, entry->region);
}

const struct nsub_result *nsub_match_cache_find(struct nsub_match_cache *cache,
                                                struct slice subject)
{
    struct entry *entry = cache->last;

    add_u64(&cache->lookup_count, 1);
    if (entry == NULL || !is_of(entry, subject) || !is_current(cache, entry)) {
        uint64_t hash = nb_hash(subject, cache->seed);

        entry = find_entry(cache, subject, hash);
        if (NB_UNLIKELY(entry == NULL || !is_current(cache, entry))) {
            return find_slow(cache, subject, hash, entry);
        }
        cache->last = entry;
    }
    entry->was_used = true;
    add_u64(&cache->hit_count, 1);
    return entry->result;
}

static void recount_fanout(struct nsub_match_cache *cache)
{
    uint32_t most = 0;

    for (uint32_t i = 0; i < cache->table.count; i++) {
        most = fanout(cache->entries[i]) > most ? fanout(cache->entries[i]) : most;
    }
    set_u32(&cache->fanout_max, most);
    cache->is_fanout_max_old = false;
}

void nsub_match_cache_trim(struct nsub_match_cache *cache)
{
    for (size_t i = 0; i < cache->replaced_count; i++) {
        nsub_result_free(cache->replaced[i]);
    }
    cache->replaced_count = 0;
    // Going through all entries is only worth it when somebody looks.
    if (cache->is_fanout_max_old &&
        atomic_load_explicit(&cache->is_fanout_wanted, memory_order_relaxed)) {
        atomic_store_explicit(&cache->is_fanout_wanted, false, memory_order_relaxed);
        recount_fanout(cache);
    }
}

struct nsub_match_cache_stats nsub_match_cache_stats(const struct nsub_match_cache *cache)
{
    struct nsub_match_cache *asked = (struct nsub_match_cache *)cache; // for the one flag

    atomic_store_explicit(&asked->is_fanout_wanted, true, memory_order_relaxed);
    return (struct nsub_match_cache_stats){
        .hit_count = atomic_load_explicit(&cache->hit_count, memory_order_relaxed),
        .lookup_count = atomic_load_explicit(&cache->lookup_count, memory_order_relaxed),
        .entry_count = atomic_load_explicit(&cache->entry_count, memory_order_relaxed),
        .fanout_max = atomic_load_explicit(&cache->fanout_max, memory_order_relaxed),
        .fanout_total = atomic_load_explicit(&cache->fanout_total, memory_order_relaxed),
    };
}

void nsub_match_cache_destroy(struct nsub_match_cache **cache)
{
    if (*cache == NULL) {
        return;
    }
    nsub_match_cache_trim(*cache);
    for (uint32_t i = 0; i < (*cache)->table.count; i++) {
        nsub_result_free((*cache)->entries[i]->result);
        nb_free((*cache)->entries[i]);
    }
    nsub__table_fini(&(*cache)->table);
    nb_free((*cache)->entries);
    nb_free((*cache)->replaced);
    nb_free(*cache);
    *cache = NULL;
}
