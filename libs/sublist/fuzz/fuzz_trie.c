/* fuzz_trie.c - a trie under any sequence of operations answers as a list does, and keeps its
 * invariants. Input: operations of one byte, each followed by what it needs; a subject is a
 * byte with its number of tokens and then a byte for each.
 */
#include <natsd/match_cache.h>
#include <natsd/trie.h>

#include "../tests/naive_subject.h"
#include "trie.h"

#include <natsd/subject.h>

#include <stdio.h>

enum {
    SUB_COUNT = 24,
    TOKENS_MAX = 40, // more than are looked at by number
    TOKEN_MAX_BYTES = 3,
    CACHE_ENTRY_COUNT = 4,
    OPERATIONS_MAX = 512,
};

enum operation {
    OPERATION_TOGGLE,
    OPERATION_MATCH,
    OPERATION_REVERSE_MATCH,
    OPERATION_SET_WEIGHT,
    OPERATION_COUNT,
};

struct member {
    struct nsub_sub sub;
    char subject[TOKENS_MAX * (TOKEN_MAX_BYTES + 1) + 1]; // and a queue of one byte
    struct naive_subject split;                           // while it is in
    bool is_in;
};

struct fuzz {
    struct nsub_trie *trie;
    struct nsub_match_cache *cache;
    struct member members[SUB_COUNT];
    struct slice input;
    uint32_t in_count;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "does not hold: %s\n", what);
        abort();
    }
}

static uint8_t take(struct fuzz *fuzz)
{
    uint8_t byte = fuzz->input.n > 0 ? fuzz->input.p[0] : 0;

    fuzz->input = nb_slice_sub(fuzz->input, 1, fuzz->input.n);
    return byte;
}

static struct slice take_subject(struct fuzz *fuzz, char *out)
{
    static const char *const tokens[] = {"a", "b", "*", ">", "c", "aa", "", "b*"};
    uint32_t count = 1 + take(fuzz) % TOKENS_MAX;
    size_t n = 0;

    for (uint32_t i = 0; i < count; i++) {
        struct slice token = nb_slice_of(tokens[take(fuzz) % NB_ARRAY_LEN(tokens)]);

        if (i > 0) {
            out[n++] = '.';
        }
        memcpy(out + n, token.p, token.n);
        n += token.n;
    }
    return nb_slice_make(out, n);
}

static void insert(struct fuzz *fuzz, struct member *member)
{
    static const char queues[] = {'\0', 'q', 'r', '\0'};
    uint8_t flags = take(fuzz);
    int rc;

    member->sub = (struct nsub_sub){
        .subject = take_subject(fuzz, member->subject),
        .is_remote = (flags & 0x80) != 0,
        .weight = (flags >> 2) % 4,
        .slot_index = flags,
    };
    if (queues[flags % NB_ARRAY_LEN(queues)] != '\0') {
        member->subject[member->sub.subject.n] = queues[flags % NB_ARRAY_LEN(queues)];
        member->sub.queue_size = 1;
    }
    member->split = naive_split(member->sub.subject);
    rc = nsub_trie_insert(fuzz->trie, &member->sub);
    must(rc == (naive_is_insertable(&member->split) ? NB_OK : NB_EMALFORMED), "insert");
    member->is_in = rc == NB_OK;
    fuzz->in_count += member->is_in;
    if (!member->is_in) {
        naive_free(&member->split);
    }
}

static void toggle(struct fuzz *fuzz)
{
    struct member *member = &fuzz->members[take(fuzz) % SUB_COUNT];

    if (!member->is_in) {
        insert(fuzz, member);
        return;
    }
    must(nsub_trie_insert(fuzz->trie, &member->sub) == NB_EEXISTS, "insert twice");
    must(nsub_trie_remove(fuzz->trie, &member->sub) == NB_OK, "remove");
    must(nsub_trie_remove(fuzz->trie, &member->sub) == NB_ENOTFOUND, "remove twice");
    memset(member->subject, '?', sizeof(member->subject));
    naive_free(&member->split);
    member->is_in = false;
    fuzz->in_count--;
}

static uint32_t places(const struct nsub_result *result, const struct nsub_sub *sub)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < result->plain_count; i++) {
        count += result->plain[i] == sub;
    }
    for (uint32_t g = 0; g < result->group_count; g++) {
        for (uint32_t i = 0; i < result->groups[g].member_count; i++) {
            must(nb_slice_equal(result->groups[g].queue,
                                nsub_sub_queue(result->groups[g].members[i])),
                 "a group has members of one queue");
            count += result->groups[g].members[i] == sub;
        }
    }
    return count;
}

static void compare(const struct fuzz *fuzz, const struct nsub_result *result,
                    const struct naive_subject *subject,
                    bool (*covers)(const struct naive_subject *, const struct naive_subject *))
{
    uint64_t total = 0;
    uint64_t found = result->plain_count;

    for (size_t i = 0; i < SUB_COUNT; i++) {
        const struct member *member = &fuzz->members[i];
        bool is_heavy =
            member->sub.queue_size > 0 && member->sub.is_remote && member->sub.weight > 1;
        uint32_t want = 0;

        if (member->is_in && covers(subject, &member->split)) {
            want = is_heavy ? member->sub.weight : 1;
        }
        must(places(result, &member->sub) == want, "a subscription is in a result as it should");
        total += want;
    }
    for (uint32_t i = 0; i < result->group_count; i++) {
        found += result->groups[i].member_count;
    }
    must(found == total, "nothing else is");
}

static void match(struct fuzz *fuzz)
{
    char text[TOKENS_MAX * (TOKEN_MAX_BYTES + 1)];
    struct slice subject = take_subject(fuzz, text);
    struct naive_subject split = naive_split(subject);
    struct nsub_result *result = nsub_trie_match(fuzz->trie, subject);
    uint32_t plain;
    uint32_t queue;

    // In a published subject wildcards are text, which only wildcards match.
    compare(fuzz, result, &split, naive_matches);
    compare(fuzz, nsub_match_cache_find(fuzz->cache, subject), &split, naive_matches);
    must(nsub_trie_has_interest(fuzz->trie, subject) ==
             (result->plain_count + result->group_count > 0),
         "interest");
    nsub_trie_count_interest(fuzz->trie, subject, &plain, &queue);
    must(plain == result->plain_count && (queue > 0) == (result->group_count > 0), "count");
    if (split.count % 2 == 0) {
        nsub_match_cache_trim(fuzz->cache);
    }
    nsub_result_free(result);
    naive_free(&split);
}

static void reverse_match(struct fuzz *fuzz)
{
    char text[TOKENS_MAX * (TOKEN_MAX_BYTES + 1)];
    struct slice pattern = take_subject(fuzz, text);
    struct naive_subject split = naive_split(pattern);
    struct nsub_result *result = nsub_trie_reverse_match(fuzz->trie, pattern);

    compare(fuzz, result, &split, naive_collides);
    nsub_result_free(result);
    naive_free(&split);
}

static void set_weight(struct fuzz *fuzz)
{
    struct member *member = &fuzz->members[take(fuzz) % SUB_COUNT];
    uint32_t weight = take(fuzz) % 8;

    if (member->is_in) {
        must(nsub_trie_set_weight(fuzz->trie, &member->sub, weight) == NB_OK, "set weight");
    }
}

static void step(struct fuzz *fuzz)
{
    switch ((enum operation)(take(fuzz) % OPERATION_COUNT)) {
    case OPERATION_TOGGLE:
        toggle(fuzz);
        return;
    case OPERATION_MATCH:
        match(fuzz);
        return;
    case OPERATION_REVERSE_MATCH:
        reverse_match(fuzz);
        return;
    case OPERATION_SET_WEIGHT:
        set_weight(fuzz);
        return;
    case OPERATION_COUNT:
        break;
    }
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz fuzz = {.input = nb_slice_make(data, size), .trie = nsub_trie_create()};

    fuzz.cache = nsub_match_cache_create(fuzz.trie, CACHE_ENTRY_COUNT);
    for (int n = 0; n < OPERATIONS_MAX && fuzz.input.n > 0; n++) {
        step(&fuzz);
        must(nsub__tree_check(&fuzz.trie->tree, fuzz.in_count), "the trie's invariants");
    }
    nsub_match_cache_destroy(&fuzz.cache);
    nsub_trie_destroy(&fuzz.trie);
    for (size_t i = 0; i < SUB_COUNT; i++) {
        if (fuzz.members[i].is_in) {
            naive_free(&fuzz.members[i].split);
        }
    }
    return 0;
}
