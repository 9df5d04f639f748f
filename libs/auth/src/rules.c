#include <natsd/permissions.h>

#include "permission_item.h"
#include "rule_list.h"

#include <stdatomic.h>

// What a queue in an item means, by list.
enum item_queue { ITEM_QUEUE_KEPT, ITEM_QUEUE_DROPPED, ITEM_QUEUE_INVALID };

struct nauth_rules {
    struct nauth__rule_list publish_allow, publish_deny;
    struct nauth__rule_list subscribe_allow, subscribe_deny;
    bool is_publish_limited;   // to what is allowed
    bool is_subscribe_limited; // likewise
    struct nauth_permissions permissions;
    uint8_t *bytes; // of the items
    struct slice *items;
    struct nauth__rule *parsed;
    atomic_uint refs;
};

// Where the copies of the lists go: one block for all bytes, one for all slices, one for all
// rules, because most rules are small and there may be one for each connection.
struct copier {
    uint8_t *bytes;
    struct slice *items;
    struct nauth__rule *parsed;
};

static struct nauth_texts copy_texts(const struct nauth_texts *texts, struct copier *to)
{
    struct slice *items = to->items;

    for (size_t i = 0; i < texts->count; i++) {
        items[i] = nb_slice_make(to->bytes, texts->items[i].n);
        if (items[i].n > 0) {
            memcpy(to->bytes, texts->items[i].p, items[i].n);
        }
        to->bytes += items[i].n;
    }
    to->items += texts->count;
    return (struct nauth_texts){.items = items, .count = texts->count};
}

static void make_list(struct nauth__rule_list *list, const struct nauth_texts *texts,
                      enum item_queue item_queue, struct copier *to)
{
    size_t count = 0;

    for (size_t i = 0; i < texts->count; i++) {
        struct slice queue;
        struct slice subject;

        if (!nauth__permission_item_split(texts->items[i], &subject, &queue) ||
            (queue.n > 0 && item_queue == ITEM_QUEUE_INVALID)) {
            continue;
        }
        if (item_queue == ITEM_QUEUE_DROPPED) { // the subject stays denied
            queue.n = 0;
        }
        to->parsed[count++] = (struct nauth__rule){.subject = subject, .queue = queue};
    }
    nauth__rule_list_init(list, to->parsed, count);
    to->parsed += count;
}

static void measure(const struct nauth_texts *texts, size_t *count, size_t *size)
{
    *count += texts->count;
    for (size_t i = 0; i < texts->count; i++) {
        *size += texts->items[i].n;
    }
}

static struct copier make_room(struct nauth_rules *rules, const struct nauth_permissions *from)
{
    size_t count = 0;
    size_t size = 0;

    measure(&from->publish_allow, &count, &size);
    measure(&from->publish_deny, &count, &size);
    measure(&from->subscribe_allow, &count, &size);
    measure(&from->subscribe_deny, &count, &size);
    rules->bytes = nb_alloc(size);
    rules->items = nb_calloc(count, sizeof(*rules->items));
    rules->parsed = nb_calloc(count, sizeof(*rules->parsed));
    return (struct copier){.bytes = rules->bytes, .items = rules->items, .parsed = rules->parsed};
}

struct nauth_rules *nauth_rules_create(const struct nauth_permissions *permissions)
{
    struct nauth_rules *rules = nb_zalloc(sizeof(*rules));
    struct nauth_permissions *own = &rules->permissions;
    struct copier to = make_room(rules, permissions);

    atomic_init(&rules->refs, 1);
    *own = *permissions;
    own->publish_allow = copy_texts(&permissions->publish_allow, &to);
    own->publish_deny = copy_texts(&permissions->publish_deny, &to);
    own->subscribe_allow = copy_texts(&permissions->subscribe_allow, &to);
    own->subscribe_deny = copy_texts(&permissions->subscribe_deny, &to);
    make_list(&rules->publish_allow, &own->publish_allow, ITEM_QUEUE_INVALID, &to);
    make_list(&rules->publish_deny, &own->publish_deny, ITEM_QUEUE_DROPPED, &to);
    make_list(&rules->subscribe_allow, &own->subscribe_allow, ITEM_QUEUE_KEPT, &to);
    make_list(&rules->subscribe_deny, &own->subscribe_deny, ITEM_QUEUE_KEPT, &to);
    if (own->responses_max == 0) {
        own->responses_max = NAUTH_RESPONSES_MAX_DEFAULT;
    }
    if (own->responses_ttl_ns == 0) {
        own->responses_ttl_ns = NAUTH_RESPONSES_TTL_DEFAULT_NS;
    }
    // Who may only answer may not publish anything else (section 12.1).
    rules->is_publish_limited =
        own->has_publish_allow || own->publish_allow.count > 0 || own->has_responses;
    rules->is_subscribe_limited = own->has_subscribe_allow || own->subscribe_allow.count > 0;
    return rules;
}

static void destroy(struct nauth_rules *rules)
{
    nauth__rule_list_fini(&rules->publish_allow);
    nauth__rule_list_fini(&rules->publish_deny);
    nauth__rule_list_fini(&rules->subscribe_allow);
    nauth__rule_list_fini(&rules->subscribe_deny);
    nb_free(rules->bytes);
    nb_free(rules->items);
    nb_free(rules->parsed);
    nb_free(rules);
}

struct nauth_rules *nauth_rules_ref(struct nauth_rules *rules)
{
    if (rules != NULL) { // relaxed: whoever has a reference to give has seen the rules
        atomic_fetch_add_explicit(&rules->refs, 1, memory_order_relaxed);
    }
    return rules;
}

void nauth_rules_unref(struct nauth_rules *rules)
{
    if (rules != NULL && atomic_fetch_sub(&rules->refs, 1) == 1) {
        destroy(rules);
    }
}

const struct nauth_permissions *nauth_rules_permissions(const struct nauth_rules *rules)
{
    return &rules->permissions;
}

bool nauth_rules_may_publish(const struct nauth_rules *rules, struct slice subject)
{
    const struct slice none = {NULL, 0};

    if (rules->is_publish_limited &&
        nauth__rule_list_ask(&rules->publish_allow, subject, none, NAUTH__HIT_PLAIN) == 0) {
        return false;
    }
    return nauth__rule_list_ask(&rules->publish_deny, subject, none, NAUTH__HIT_PLAIN) == 0;
}

// Section 12.3: once some rule about the subject has a queue, plain ones don't let queues in.
static bool is_subscribe_allowed(const struct nauth_rules *rules, struct slice subject,
                                 struct slice queue)
{
    unsigned stop = queue.n > 0 ? NAUTH__HIT_QUEUE : NAUTH__HIT_PLAIN;
    unsigned hits = nauth__rule_list_ask(&rules->subscribe_allow, subject, queue, stop);

    if ((hits & stop) != 0) {
        return true;
    }
    return hits == NAUTH__HIT_PLAIN;
}

bool nauth_rules_may_subscribe(const struct nauth_rules *rules, struct slice subject,
                               struct slice queue)
{
    return (!rules->is_subscribe_limited || is_subscribe_allowed(rules, subject, queue)) &&
           nauth_rules_may_receive(rules, subject, queue);
}

bool nauth_rules_overlap_deny(const struct nauth_rules *rules, struct slice subject,
                              struct slice queue)
{
    return nauth__rule_list_overlaps(&rules->subscribe_deny, subject, queue);
}

bool nauth_rules_may_receive(const struct nauth_rules *rules, struct slice subject,
                             struct slice queue)
{
    const unsigned denied = NAUTH__HIT_PLAIN | NAUTH__HIT_QUEUE;

    return (nauth__rule_list_ask(&rules->subscribe_deny, subject, queue, denied) & denied) == 0;
}
