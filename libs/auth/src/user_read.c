#include "claims_read.h"

#include <natsd/map.h>

struct list {
    struct nauth_texts texts;
    bool is_there; // if only with no items
};

static int read_list(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    struct list *list = out;
    int rc = nauth__read_texts(reader, value, &list->texts);

    list->is_there = value->type == NB_JSON_ARRAY;
    return rc;
}

struct lists {
    struct list allow;
    struct list deny;
};

static int read_lists(struct nauth__reader *reader, const struct nb_json_value *value,
                      struct lists *lists)
{
    static const struct nauth__field fields[] = {
        {"allow", read_list, offsetof(struct lists, allow)},
        {"deny", read_list, offsetof(struct lists, deny)},
    };

    return nauth__read_object(reader, value, NAUTH__FIELDS(fields), lists);
}

// Section 12.2: an allow list without items says something only beside a deny list.
static bool is_allow_list(const struct lists *lists)
{
    return lists->allow.texts.count > 0 || (lists->allow.is_there && lists->deny.texts.count > 0);
}

static int read_publish(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    struct nauth_user_limits *limits = out;
    struct nauth_permissions *permissions = &limits->permissions;
    struct lists lists = {
        .allow = {permissions->publish_allow, permissions->has_publish_allow},
        .deny = {permissions->publish_deny, false},
    };
    int rc = read_lists(reader, value, &lists);

    permissions->publish_allow = lists.allow.texts;
    permissions->publish_deny = lists.deny.texts;
    permissions->has_publish_allow = is_allow_list(&lists);
    limits->has_any_list = limits->has_any_list || lists.allow.is_there || lists.deny.is_there;
    return rc;
}

static int read_subscribe(struct nauth__reader *reader, const struct nb_json_value *value,
                          void *out)
{
    struct nauth_user_limits *limits = out;
    struct nauth_permissions *permissions = &limits->permissions;
    struct lists lists = {
        .allow = {permissions->subscribe_allow, permissions->has_subscribe_allow},
        .deny = {permissions->subscribe_deny, false},
    };
    int rc = read_lists(reader, value, &lists);

    permissions->subscribe_allow = lists.allow.texts;
    permissions->subscribe_deny = lists.deny.texts;
    permissions->has_subscribe_allow = is_allow_list(&lists);
    limits->has_any_list = limits->has_any_list || lists.allow.is_there || lists.deny.is_there;
    return rc;
}

static int read_responses(struct nauth__reader *reader, const struct nb_json_value *value,
                          void *out)
{
    static const struct nauth__field fields[] = {
        {"max", nauth__read_i64, offsetof(struct nauth_permissions, responses_max)},
        {"ttl", nauth__read_i64, offsetof(struct nauth_permissions, responses_ttl_ns)},
    };
    struct nauth_user_limits *limits = out;

    limits->permissions.has_responses = value->type == NB_JSON_OBJECT;
    return nauth__read_object(reader, value, NAUTH__FIELDS(fields), &limits->permissions);
}

static const struct nauth__field permission_fields[] = {
    {"pub", read_publish, 0},
    {"sub", read_subscribe, 0},
    {"resp", read_responses, 0},
};

int nauth__read_permissions(struct nauth__reader *reader, const struct nb_json_value *value,
                            void *out)
{
    struct nauth_permissions *permissions = out;
    struct nauth_user_limits limits = {.permissions = *permissions};
    int rc = nauth__read_object(reader, value, NAUTH__FIELDS(permission_fields), &limits);

    *permissions = limits.permissions;
    return rc;
}

// "10.0.0.0/8, 192.168.1.1/32": one text instead of a list, in lower case and without repeats.
static int split_networks(struct nauth__reader *reader, struct slice text, struct nauth_texts *out)
{
    struct slice *items;
    struct nb_map known = {0};
    struct slice field;
    size_t count = 1;
    uint8_t *lower = nb_arena_alloc(reader->arena, text.n);

    for (size_t i = 0; i < text.n; i++) {
        count += text.p[i] == ',';
    }
    items = nb_arena_alloc(reader->arena, count * sizeof(*items));
    if (lower == NULL || items == NULL) {
        return nauth__too_large(reader);
    }
    for (size_t i = 0; i < text.n; i++) {
        bool is_upper = text.p[i] >= 'A' && text.p[i] <= 'Z';

        lower[i] = (uint8_t)(is_upper ? text.p[i] - 'A' + 'a' : text.p[i]);
    }
    text.p = lower;
    count = 0;
    while (nb_slice_take_field(&text, ',', &field)) {
        field = nb_slice_trim(field);
        if (field.n > 0 && nb_map_insert(&known, field, items)) {
            items[count++] = field;
        }
    }
    nb_map_fini(&known);
    *out = (struct nauth_texts){.items = items, .count = count};
    return NB_OK;
}

static int read_networks(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    return value->type == NB_JSON_STRING ? split_networks(reader, value->text, out)
                                         : nauth__read_texts(reader, value, out);
}

static int read_time_range(struct nauth__reader *reader, const struct nb_json_value *value,
                           void *out)
{
    static const struct nauth__field fields[] = {
        {"start", nauth__read_text, offsetof(struct nauth_time_range, start)},
        {"end", nauth__read_text, offsetof(struct nauth_time_range, end)},
    };

    return nauth__read_object(reader, value, NAUTH__FIELDS(fields), out);
}

static int read_times(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    struct nauth_user_limits *limits = out;
    struct nauth__array array;
    int rc =
        nauth__read_array(reader, value, sizeof(struct nauth_time_range), read_time_range, &array);

    if (rc == NB_OK) {
        limits->times = array.items;
        limits->time_count = array.count;
    }
    return rc;
}

static bool is_list(const struct nb_json_value *object, const char *key)
{
    const struct nb_json_value *value = nb_json_get_nocase(object, key);

    return value != NULL && value->type == NB_JSON_ARRAY;
}

int nauth__read_user_limits(struct nauth__reader *reader, const struct nb_json_value *value,
                            struct nauth_user_limits *limits)
{
    static const struct nauth__field fields[] = {
        {"src", read_networks, offsetof(struct nauth_user_limits, src)},
        {"times", read_times, 0},
        {"times_location", nauth__read_text, offsetof(struct nauth_user_limits, times_location)},
        {"subs", nauth__read_i64, offsetof(struct nauth_user_limits, subs)},
        {"data", nauth__read_i64, offsetof(struct nauth_user_limits, data)},
        {"payload", nauth__read_i64, offsetof(struct nauth_user_limits, payload)},
        {"bearer_token", nauth__read_bool, offsetof(struct nauth_user_limits, bearer_token)},
        {"proxy_required", nauth__read_bool, offsetof(struct nauth_user_limits, proxy_required)},
        {"allowed_connection_types", nauth__read_texts,
         offsetof(struct nauth_user_limits, connection_types)},
    };
    int rc = nauth__read_object(reader, value, NAUTH__FIELDS(fields), limits);

    limits->has_any_list |= is_list(value, "src") || is_list(value, "times") ||
                            is_list(value, "allowed_connection_types");
    return rc < 0 ? rc
                  : nauth__read_object(reader, value, NAUTH__FIELDS(permission_fields), limits);
}

int nauth__read_user(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    static const struct nauth__field fields[] = {
        {"issuer_account", nauth__read_text, offsetof(struct nauth_user_claims, issuer_account)},
    };
    struct nauth_user_claims *user = out;
    int rc = nauth__read_user_limits(reader, value, &user->limits);

    if (rc == NB_OK && !reader->is_v1) { // there it stands beside "nats"
        rc = nauth__read_object(reader, value, NAUTH__FIELDS(fields), user);
    }
    return rc;
}
