/* index_stats.h - counts of the subscription indexes of accounts, as monitoring shows them (spec 04
 * section 3.7). Threads: [any]; roughly, while messages are delivered.
 */
#pragma once

#include <natsd/json_writer.h>
#include <natsd/match_cache.h>
#include <natsd/trie.h>

struct nserver__account;

struct nserver__index_stats {
    struct nsub_trie_stats index;
    struct nsub_match_cache_stats cache; // of all workers
};

// Added to what is there.
void nserver__index_stats_add(struct nserver__index_stats *stats,
                              const struct nserver__account *account);
// The members, without braces.
void nserver__index_stats_write(const struct nserver__index_stats *stats, struct nb_json_writer *w);
