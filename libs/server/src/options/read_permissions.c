/* read_permissions.c - what users may publish and subscribe to (spec 02 section 4.6, 03 section
 * 12.1).
 */
#include <natsd/duration.h>

#include "options/reading.h"

// Which list is read: subscribe lists may name queues.
struct subject_list {
    struct nauth_texts *allow;
    struct nauth_texts *deny;
    bool has_queues;
};

/* Lists of subjects. */

static struct slice *one_more(struct reading *r, struct nauth_texts *list)
{
    struct slice *items = nserver__keep_one_more(r, (void *)(uintptr_t)list->items, list->count,
                                                 sizeof(*list->items));

    list->items = items;
    return &items[list->count++];
}

static void add_subject(struct reading *r, struct nauth_texts *list, struct slice subject)
{
    *one_more(r, list) = nb_slice_make(nserver__keep_text(r, subject), subject.n);
}

// The first that is not valid is reported, where the list stands.
static void check_subjects(struct reading *r, const struct nconf_value *value,
                           const struct nauth_texts *list, bool has_queues)
{
    struct nb_diag diag;

    for (size_t i = 0; i < list->count; i++) {
        if (nauth_permission_check(list->items[i], has_queues, &diag) != NB_OK) {
            nserver__read_error(r, value, "%s", diag.text);
            return;
        }
    }
}

// A text or a list of them; it replaces what was read before.
void nserver__read_subjects(struct reading *r, const struct nconf_value *value,
                            struct nauth_texts *list, bool has_queues)
{
    *list = (struct nauth_texts){0};
    if (value->type == NCONF_STRING) {
        add_subject(r, list, value->text);
    } else if (value->type != NCONF_ARRAY) {
        nserver__read_error(
            r, value, "Expected subject permissions to be a subject, or array of subjects, got %s",
            nconf_type_name(value->type));
        return;
    }
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        if (item->type != NCONF_STRING) {
            nserver__read_error(r, item, "Subject in permissions array cannot be cast to string");
            return;
        }
        add_subject(r, list, item->text);
    }
    check_subjects(r, value, list, has_queues);
}

static void read_allow_and_deny(struct reading *r, const struct nconf_value *map,
                                const struct subject_list *lists)
{
    for (const struct nconf_value *value = map->first; value != NULL; value = value->next) {
        if (nserver__is_key(value, "allow")) {
            nserver__read_subjects(r, value, lists->allow, lists->has_queues);
        } else if (nserver__is_key(value, "deny")) {
            nserver__read_subjects(r, value, lists->deny, lists->has_queues);
        } else if (!value->is_used) {
            nserver__read_error(r, value,
                                "Unknown field name %s parsing subject permissions, only 'allow' "
                                "or 'deny' are permitted",
                                nserver__quoted(r, value->key));
        }
    }
}

static void read_lists(struct reading *r, const struct nconf_value *value,
                       const struct subject_list *lists)
{
    if (value->type == NCONF_MAP) {
        read_allow_and_deny(r, value, lists);
    } else {
        nserver__read_subjects(r, value, lists->allow, lists->has_queues);
    }
}

/* Responses. */

static void read_unknown(struct reading *r, const struct nconf_value *value)
{
    if (!value->is_used) {
        nserver__read_error(r, value, "Unknown field %s parsing permissions",
                            nserver__quoted(r, value->key));
    }
}

static void read_expiry(struct reading *r, const struct nconf_value *value, int64_t *ttl_ns)
{
    struct nb_diag diag;

    if (value->type != NCONF_STRING) {
        nserver__read_error(r, value, "error parsing expires, not a duration string");
    } else if (nb_duration_parse(value->text, ttl_ns, &diag) != NB_OK) {
        nserver__read_error(r, value, "error parsing expires: %s", diag.text);
    }
}

static void read_response_key(struct reading *r, const struct nconf_value *value,
                              struct nauth_permissions *permissions)
{
    if (nserver__is_key(value, "max") || nserver__is_key(value, "max_msgs") ||
        nserver__is_key(value, "max_messages") || nserver__is_key(value, "max_responses")) {
        (void)nserver__read_int(r, value, &permissions->responses_max);
    } else if (nserver__is_key(value, "expires") || nserver__is_key(value, "expiration") ||
               nserver__is_key(value, "ttl")) {
        read_expiry(r, value, &permissions->responses_ttl_ns);
    } else {
        read_unknown(r, value);
    }
}

static void read_responses(struct reading *r, const struct nconf_value *value,
                           struct nauth_permissions *permissions)
{
    permissions->has_responses =
        value->type == NCONF_MAP || (value->type == NCONF_BOOL && value->is_true);
    permissions->responses_max = 0;
    permissions->responses_ttl_ns = 0;
    if (value->type != NCONF_MAP && value->type != NCONF_BOOL) {
        nserver__read_error(r, value,
                            "error parsing response permissions, expected a boolean or a map");
        return;
    }
    for (const struct nconf_value *key = value->first; key != NULL; key = key->next) {
        read_response_key(r, key, permissions);
    }
    if (permissions->responses_max == 0) {
        permissions->responses_max = NAUTH_RESPONSES_MAX_DEFAULT;
    }
    if (permissions->responses_ttl_ns == 0) {
        permissions->responses_ttl_ns = NAUTH_RESPONSES_TTL_DEFAULT_NS;
    }
}

/* The block. */

static void read_entry(struct reading *r, const struct nconf_value *value,
                       struct nauth_permissions *permissions)
{
    const struct subject_list publish = {&permissions->publish_allow, &permissions->publish_deny,
                                         false};
    const struct subject_list subscribe = {&permissions->subscribe_allow,
                                           &permissions->subscribe_deny, true};

    if (nserver__is_key(value, "pub") || nserver__is_key(value, "publish") ||
        nserver__is_key(value, "import")) {
        read_lists(r, value, &publish);
    } else if (nserver__is_key(value, "sub") || nserver__is_key(value, "subscribe") ||
               nserver__is_key(value, "export")) {
        read_lists(r, value, &subscribe);
    } else if (nserver__is_key(value, "allow_responses") ||
               nserver__is_key(value, "publish_allow_responses")) {
        read_responses(r, value, permissions);
    } else {
        read_unknown(r, value);
    }
}

void nserver__read_permissions(struct reading *r, const struct nconf_value *value,
                               struct nauth_permissions **out)
{
    if (value->type != NCONF_MAP) {
        nserver__read_error(r, value, "Expected permissions to be a map/struct, got %s",
                            nserver__shown(r, value));
        return;
    }
    *out = nserver__keep_zeroed(r, sizeof(**out));
    for (const struct nconf_value *entry = value->first; entry != NULL; entry = entry->next) {
        read_entry(r, entry, *out);
    }
}

void nserver__set_default_permissions(struct reading *r, size_t first_user,
                                      struct nauth_permissions *permissions)
{
    for (size_t i = first_user; i < r->opts->user_count; i++) {
        if (r->opts->users[i].permissions == NULL) {
            r->opts->users[i].permissions = permissions;
        }
    }
}
