/* Whatever lists are made of the text, rules answer as the naive way does. A line is an item:
 * its first byte tells the list. The last line is the subject and the queue of the questions.
 */
#include "../tests/naive_rules.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    ITEMS_MAX = 64,
    COPIES = 20, // of a list, so that it is one that is indexed
};

struct lists {
    struct slice items[4][ITEMS_MAX * COPIES];
    size_t counts[4];
};

static bool is_plain_space(struct slice item) // what the oracle can take apart
{
    for (size_t i = 0; i < item.n; i++) {
        if (item.p[i] >= '\t' && item.p[i] <= '\r') {
            return false;
        }
    }
    return true;
}

static void take_item(struct lists *lists, struct slice line)
{
    unsigned list = line.n > 0 ? line.p[0] % 4 : 0;
    struct slice item = nb_slice_sub(line, 1, line.n);
    bool has_queue = list >= 2;

    if (lists->counts[list] < ITEMS_MAX && is_plain_space(item) &&
        nauth_permission_check(item, has_queue, NULL) == NB_OK) {
        lists->items[list][lists->counts[list]++] = nb_slice_trim(item);
    }
}

static void compare(const struct lists *lists, struct slice subject, struct slice queue)
{
    struct nauth_permissions permissions = {
        .publish_allow = {lists->items[0], lists->counts[0]},
        .publish_deny = {lists->items[1], lists->counts[1]},
        .subscribe_allow = {lists->items[2], lists->counts[2]},
        .subscribe_deny = {lists->items[3], lists->counts[3]},
    };
    struct nauth_rules *rules = nauth_rules_create(&permissions);

    assert(nauth_rules_may_publish(rules, subject) == naive_may_publish(&permissions, subject));
    assert(nauth_rules_may_subscribe(rules, subject, queue) ==
           naive_may_subscribe(&permissions, subject, queue));
    assert(nauth_rules_may_receive(rules, subject, queue) ==
           naive_may_receive(&permissions, subject, queue));
    assert(nauth_rules_overlap_deny(rules, subject, queue) ==
           naive_overlaps(&permissions, subject, queue));
    nauth_rules_unref(rules);
}

static void multiply(struct lists *lists)
{
    for (size_t list = 0; list < 4; list++) {
        size_t count = lists->counts[list];

        for (size_t i = count; i < count * COPIES; i++) {
            lists->items[list][i] = lists->items[list][i - count];
        }
        lists->counts[list] = count * COPIES;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct lists lists;
    struct slice text = nb_slice_make(data, size);
    struct slice line = {NULL, 0};
    struct slice last = {NULL, 0};
    struct slice subject;
    struct slice queue;

    memset(&lists, 0, sizeof(lists));
    while (nb_slice_take_line(&text, &line)) {
        if (last.p != NULL) {
            take_item(&lists, last);
        }
        last = line;
    }
    naive_split_item(last, &subject, &queue);
    if (queue.n > 0 && !nsub_subject_is_valid(queue)) {
        queue.n = 0; // the oracle's queues are subjects
    }
    compare(&lists, subject, queue);
    multiply(&lists);
    compare(&lists, subject, queue);
    return 0;
}
