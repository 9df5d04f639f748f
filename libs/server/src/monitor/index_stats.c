#include "monitor/index_stats.h"

#include "accounts/account.h"

void nserver__index_stats_add(struct nserver__index_stats *stats,
                              const struct nserver__account *account)
{
    struct nsub_trie_stats index = nsub_trie_stats(account->trie);

    stats->index.subscription_count += index.subscription_count;
    stats->index.insert_count += index.insert_count;
    stats->index.remove_count += index.remove_count;
    stats->index.match_count += index.match_count;
    for (unsigned i = 0; i < account->view_count; i++) {
        const struct nsub_match_cache *used =
            atomic_load_explicit(&account->views[i].cache, memory_order_acquire);
        struct nsub_match_cache_stats cache = {0};

        if (used != NULL) {
            cache = nsub_match_cache_stats(used);
        }
        stats->cache.entry_count += cache.entry_count;
        stats->cache.hit_count += cache.hit_count;
        stats->cache.lookup_count += cache.lookup_count;
        stats->cache.fanout_total += cache.fanout_total;
        if (cache.fanout_max > stats->cache.fanout_max) {
            stats->cache.fanout_max = cache.fanout_max;
        }
    }
}

static double ratio(uint64_t part, uint64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : 0;
}

void nserver__index_stats_write(const struct nserver__index_stats *stats, struct nb_json_writer *w)
{
    const struct nsub_match_cache_stats *cache = &stats->cache;

    nb_json_put_u64(w, "num_subscriptions", stats->index.subscription_count);
    nb_json_put_u64(w, "num_cache", cache->entry_count);
    nb_json_put_u64(w, "num_inserts", stats->index.insert_count);
    nb_json_put_u64(w, "num_removes", stats->index.remove_count);
    nb_json_put_u64(w, "num_matches", cache->lookup_count);
    nb_json_put_double(w, "cache_hit_rate", ratio(cache->hit_count, cache->lookup_count));
    nb_json_put_u64(w, "max_fanout", cache->fanout_max);
    nb_json_put_double(w, "avg_fanout", ratio(cache->fanout_total, cache->entry_count));
}
