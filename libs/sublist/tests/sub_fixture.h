/* sub_fixture.h - subscriptions and results for the tests of the trie. */
#pragma once

#include <natsd/trie.h>

#include "nb_test.h"

#define SUB(text) SUB_QUEUE(text, "")
#define SUB_QUEUE(text, group)                                        \
    {                                                                 \
        .subject = {(const uint8_t *)(text group), sizeof(text) - 1}, \
        .queue_size = sizeof(group) - 1, .weight = 1                  \
    }

// Puts a queue behind a subject, where there is room for it.
static inline void set_queue(struct nsub_sub *sub, const char *queue)
{
    sub->queue_size = (uint32_t)strlen(queue) & INT32_MAX;
    memcpy((uint8_t *)sub->subject.p + sub->subject.n, queue, sub->queue_size);
}

static inline void must_insert(struct nsub_trie *trie, struct nsub_sub *sub)
{
    assert_int_equal(nsub_trie_insert(trie, sub), NB_OK);
}

static inline void must_remove(struct nsub_trie *trie, struct nsub_sub *sub)
{
    assert_int_equal(nsub_trie_remove(trie, sub), NB_OK);
}

static inline uint32_t plain_places(const struct nsub_result *result, const struct nsub_sub *sub)
{
    uint32_t places = 0;

    for (uint32_t i = 0; i < result->plain_count; i++) {
        places += result->plain[i] == sub;
    }
    return places;
}

static inline const struct nsub_queue_group *find_group(const struct nsub_result *result,
                                                        struct slice queue)
{
    const struct nsub_queue_group *found = NULL;

    for (uint32_t i = 0; i < result->group_count; i++) {
        if (nb_slice_equal(result->groups[i].queue, queue)) {
            assert_null(found); // a queue is there once
            found = &result->groups[i];
        }
    }
    return found;
}

static inline uint32_t group_places(const struct nsub_result *result, const struct nsub_sub *sub)
{
    const struct nsub_queue_group *group = find_group(result, nsub_sub_queue(sub));
    uint32_t places = 0;

    for (uint32_t i = 0; group != NULL && i < group->member_count; i++) {
        places += group->members[i] == sub;
    }
    return places;
}
