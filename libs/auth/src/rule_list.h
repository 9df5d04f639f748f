/* rule_list.h - one list of permissions made ready for being asked for every message (spec 03
 * section 12). Immutable. Threads: [any].
 *
 * A short list is tried item by item. Of a long one, whole literal subjects and the tokens of
 * patterns are edges in one hash table:
 *
 *   WHOLE --"a.b.c"--> node          a literal subject in one step
 *   ROOT --"a"--> node --*--> node   a pattern token by token; "*" and ">" stand in the node
 *
 * so that a question costs as much as the subject is long, however long the list is.
 */
#pragma once

#include <natsd/slice.h>

#include <stdbool.h>
#include <stdint.h>

enum {
    NAUTH__RULES_SCANNED_MAX = 16, // a list up to here is tried item by item
    // A pattern with more tokens is always tried by itself: bounds the walk's stack.
    NAUTH__RULE_TOKENS_MAX = 64,
};

enum nauth__hit {
    NAUTH__HIT_PLAIN = 1 << 0, // a rule without a queue is about this subject
    NAUTH__HIT_OTHER = 1 << 1, // one with a queue is, but not about this queue
    NAUTH__HIT_QUEUE = 1 << 2, // one with a queue is, and about this queue
};

struct nauth__rule {
    struct slice subject;
    struct slice queue;             // empty: none
    size_t prefix_bytes;            // before the first wildcard
    bool is_literal;                // the prefix is all of it
    const struct nauth__rule *next; // in the same node
};

struct nauth__rule_node {
    const struct nauth__rule *here; // subjects that end here
    const struct nauth__rule *tail; // ... that go on with ">"
    uint32_t star;                  // node behind "*", 0 for none
};

struct nauth__rule_edge {
    struct slice token;
    uint32_t from;
    uint32_t to; // 0: a free slot; no edge leads to the root
};

struct nauth__rule_list {
    const struct nauth__rule *rules; // the scanned ones come first
    size_t count;
    size_t scanned_count;
    bool has_patterns;              // among those with nodes
    struct nauth__rule_node *nodes; // NULL for a short list
    struct nauth__rule_edge *edges;
    size_t edge_mask; // slots - 1
    uint64_t seed;
};

// Orders `rules`, whose subject and queue are set; they stay the caller's and live as long.
void nauth__rule_list_init(struct nauth__rule_list *list, struct nauth__rule *rules, size_t count);
void nauth__rule_list_fini(struct nauth__rule_list *list);
// hot: once per published message of a restricted user; no malloc, no lock. The set of hits, or
// less when one of `stop` is among them.
unsigned nauth__rule_list_ask(const struct nauth__rule_list *list, struct slice subject,
                              struct slice queue, unsigned stop);
// Might some subject that matches `subject` be one that a rule for this queue is about?
bool nauth__rule_list_overlaps(const struct nauth__rule_list *list, struct slice subject,
                               struct slice queue);
