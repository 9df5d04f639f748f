/* naive_rules.h - the tables of spec 03 section 12 word for word, item by item: the oracle of
 * tests and fuzz targets. Knows valid items only.
 */
#pragma once

#include <natsd/permissions.h>
#include <natsd/subject.h>

static inline void naive_split_item(struct slice item, struct slice *subject, struct slice *queue)
{
    size_t blank = nb_slice_find_byte(item, ' ');

    *subject = nb_slice_sub(item, 0, blank);
    *queue = nb_slice_trim(nb_slice_sub(item, blank, item.n));
}

static inline bool naive_queue_matches(struct slice queue, struct slice pattern)
{
    return nb_slice_equal(queue, pattern) ||
           (nsub_subject_has_wildcard(pattern) && nsub_subject_is_subset(queue, pattern));
}

static inline bool naive_list_has(const struct nauth_texts *list, struct slice subject)
{
    for (size_t i = 0; i < list->count; i++) {
        struct slice pattern;
        struct slice queue;

        naive_split_item(list->items[i], &pattern, &queue);
        if (nsub_subject_matches(subject, pattern)) {
            return true;
        }
    }
    return false;
}

static inline bool naive_may_publish(const struct nauth_permissions *permissions,
                                     struct slice subject)
{
    bool is_limited = permissions->has_publish_allow || permissions->publish_allow.count > 0 ||
                      permissions->has_responses;

    return (!is_limited || naive_list_has(&permissions->publish_allow, subject)) &&
           !naive_list_has(&permissions->publish_deny, subject);
}

static inline bool naive_may_receive(const struct nauth_permissions *permissions,
                                     struct slice subject, struct slice queue)
{
    for (size_t i = 0; i < permissions->subscribe_deny.count; i++) {
        struct slice pattern;
        struct slice denied;

        naive_split_item(permissions->subscribe_deny.items[i], &pattern, &denied);
        if (nsub_subject_matches(subject, pattern) &&
            (denied.n == 0 || (queue.n > 0 && naive_queue_matches(queue, denied)))) {
            return false;
        }
    }
    return true;
}

static inline bool naive_overlaps(const struct nauth_permissions *permissions, struct slice subject,
                                  struct slice queue)
{
    for (size_t i = 0; i < permissions->subscribe_deny.count; i++) {
        struct slice pattern;
        struct slice denied;

        naive_split_item(permissions->subscribe_deny.items[i], &pattern, &denied);
        if (nsub_subject_collides(subject, pattern) &&
            (denied.n == 0 || (queue.n > 0 && naive_queue_matches(queue, denied)))) {
            return true;
        }
    }
    return false;
}

static inline bool naive_is_subscribe_allowed(const struct nauth_permissions *permissions,
                                              struct slice subject, struct slice queue)
{
    bool is_plain = false;
    bool is_queued = false;
    bool is_queue = false;

    for (size_t i = 0; i < permissions->subscribe_allow.count; i++) {
        struct slice pattern;
        struct slice allowed;

        naive_split_item(permissions->subscribe_allow.items[i], &pattern, &allowed);
        if (!nsub_subject_matches(subject, pattern)) {
            continue;
        }
        is_plain = is_plain || allowed.n == 0;
        is_queued = is_queued || allowed.n > 0;
        is_queue = is_queue || (allowed.n > 0 && naive_queue_matches(queue, allowed));
    }
    return queue.n > 0 && is_queued ? is_queue : is_plain;
}

static inline bool naive_may_subscribe(const struct nauth_permissions *permissions,
                                       struct slice subject, struct slice queue)
{
    bool is_limited = permissions->has_subscribe_allow || permissions->subscribe_allow.count > 0;

    return (!is_limited || naive_is_subscribe_allowed(permissions, subject, queue)) &&
           naive_may_receive(permissions, subject, queue);
}
