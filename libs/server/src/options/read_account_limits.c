/* read_account_limits.c - how much an account may have, and whether it is traced (spec 02 section
 * 4.7).
 */
#include <natsd/number.h>
#include <natsd/subject.h>

#include <stddef.h>

#include "options/reading.h"

/* Limits. */

void nserver__read_account_limits(struct reading *r, const struct nconf_value *map,
                                  struct nserver_account_options *account)
{
    const struct {
        const char *name;
        int64_t *limit;
    } limits[] = {
        {"max_connections", &account->max_connections},
        {"max_conn", &account->max_connections},
        {"max_subscriptions", &account->max_subscriptions},
        {"max_subs", &account->max_subscriptions},
        {"max_payload", &account->max_payload},
        {"max_pay", &account->max_payload},
        {"max_leafnodes", &account->max_leafnodes},
        {"max_leafs", &account->max_leafnodes},
    };

    if (map->type != NCONF_MAP) {
        nserver__read_error(r, map, "Expected account limits to be a map/struct, got %s",
                            nserver__shown(r, map));
        return;
    }
    for (const struct nconf_value *value = map->first; value != NULL; value = value->next) {
        size_t i = 0;

        while (i < NB_ARRAY_LEN(limits) && !nserver__is_key(value, limits[i].name)) {
            i++;
        }
        if (i < NB_ARRAY_LEN(limits)) {
            (void)nserver__read_int(r, value, limits[i].limit); // its fault is in the report
        } else if (!value->is_used) {
            nserver__read_error(r, value, "Unknown field %s parsing account limits",
                                nserver__quoted(r, value->key));
        }
    }
}

/* JetStream. */

enum jetstream_kind {
    JETSTREAM_SIZE,
    JETSTREAM_SWITCH,
    JETSTREAM_TRAFFIC,
};

#define MEMBER(name) offsetof(struct nserver_jetstream_account_limits, name)

static const struct jetstream_key {
    const char *name;
    enum jetstream_kind kind;
    size_t member;
} jetstream_keys[] = {
    {"max_memory", JETSTREAM_SIZE, MEMBER(max_memory)},
    {"max_mem", JETSTREAM_SIZE, MEMBER(max_memory)},
    {"mem", JETSTREAM_SIZE, MEMBER(max_memory)},
    {"memory", JETSTREAM_SIZE, MEMBER(max_memory)},
    {"max_store", JETSTREAM_SIZE, MEMBER(max_store)},
    {"max_file", JETSTREAM_SIZE, MEMBER(max_store)},
    {"max_disk", JETSTREAM_SIZE, MEMBER(max_store)},
    {"store", JETSTREAM_SIZE, MEMBER(max_store)},
    {"disk", JETSTREAM_SIZE, MEMBER(max_store)},
    {"max_streams", JETSTREAM_SIZE, MEMBER(max_streams)},
    {"streams", JETSTREAM_SIZE, MEMBER(max_streams)},
    {"max_consumers", JETSTREAM_SIZE, MEMBER(max_consumers)},
    {"consumers", JETSTREAM_SIZE, MEMBER(max_consumers)},
    {"max_bytes_required", JETSTREAM_SWITCH, MEMBER(max_bytes_required)},
    {"max_stream_bytes", JETSTREAM_SWITCH, MEMBER(max_bytes_required)},
    {"max_bytes", JETSTREAM_SWITCH, MEMBER(max_bytes_required)},
    {"mem_max_stream_bytes", JETSTREAM_SIZE, MEMBER(memory_max_stream_bytes)},
    {"memory_max_stream_bytes", JETSTREAM_SIZE, MEMBER(memory_max_stream_bytes)},
    {"disk_max_stream_bytes", JETSTREAM_SIZE, MEMBER(disk_max_stream_bytes)},
    {"store_max_stream_bytes", JETSTREAM_SIZE, MEMBER(disk_max_stream_bytes)},
    {"max_ack_pending", JETSTREAM_SIZE, MEMBER(max_ack_pending)},
    {"cluster_traffic", JETSTREAM_TRAFFIC, MEMBER(cluster_traffic)},
};

static void read_traffic(struct reading *r, const struct nconf_value *value, char **out)
{
    bool is_known =
        value->type == NCONF_STRING && (value->text.n == 0 || nb_slice_is(value->text, "system") ||
                                        nb_slice_is(value->text, "owner"));

    if (is_known) {
        *out = value->text.n > 0 ? nserver__keep_text(r, value->text) : NULL;
        return;
    }
    nserver__read_error(r, value,
                        value->type == NCONF_STRING
                            ? "Expected 'system' or 'owner' string value for %s, got %s"
                            : "Expected either 'system' or 'owner' string value for %s, got %s",
                        nserver__quoted(r, value->key), nserver__shown(r, value));
}

static void read_jetstream_value(struct reading *r, const struct nconf_value *value,
                                 enum jetstream_kind kind, void *member)
{
    enum nconf_type want = kind == JETSTREAM_SIZE ? NCONF_INTEGER : NCONF_BOOL;

    if (kind == JETSTREAM_TRAFFIC) {
        read_traffic(r, value, member);
    } else if (value->type != want) {
        nserver__read_error(r, value, "Expected a parseable %s for %s, got %s",
                            want == NCONF_INTEGER ? "size" : "bool", nserver__quoted(r, value->key),
                            nserver__shown(r, value));
    } else if (want == NCONF_INTEGER) {
        *(int64_t *)member = value->integer;
    } else {
        *(bool *)member = value->is_true;
    }
}

static void read_jetstream_key(struct reading *r, const struct nconf_value *value,
                               struct nserver_jetstream_account_limits *limits)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(jetstream_keys); i++) {
        const struct jetstream_key *key = &jetstream_keys[i];

        if (nserver__is_key(value, key->name)) {
            read_jetstream_value(r, value, key->kind, (char *)limits + key->member);
            return;
        }
    }
    nserver__read_unknown(r, value);
}

static bool is_word(const struct nconf_value *value, const char *one, const char *other)
{
    return nb_slice_equal_nocase(value->text, nb_slice_of(one)) ||
           nb_slice_equal_nocase(value->text, nb_slice_of(other));
}

static void read_jetstream_word(struct reading *r, const struct nconf_value *value,
                                struct nserver_account_options *account)
{
    if (is_word(value, "enabled", "enable")) {
        account->jetstream = NSERVER_ACCOUNT_JETSTREAM_ON;
    } else if (is_word(value, "disabled", "disable")) {
        account->jetstream = NSERVER_ACCOUNT_JETSTREAM_OFF;
    } else {
        nserver__read_error(r, value,
                            "Expected 'enabled' or 'disabled' for string value, got '%.*s'",
                            NB_SLICE_ARGS(value->text));
    }
}

void nserver__read_account_jetstream(struct reading *r, const struct nconf_value *value,
                                     struct nserver_account_options *account)
{
    if (value->type == NCONF_BOOL) {
        account->jetstream =
            value->is_true ? NSERVER_ACCOUNT_JETSTREAM_ON : NSERVER_ACCOUNT_JETSTREAM_OFF;
    } else if (value->type == NCONF_STRING) {
        read_jetstream_word(r, value, account);
    } else if (value->type == NCONF_MAP) {
        account->jetstream = NSERVER_ACCOUNT_JETSTREAM_ON;
        for (const struct nconf_value *key = value->first; key != NULL; key = key->next) {
            read_jetstream_key(r, key, &account->jetstream_limits);
        }
    } else {
        nserver__read_error(r, value, "Expected map, bool or string to define JetStream, got %s",
                            nconf_type_name(value->type));
    }
}

/* Tracing. */

enum {
    SAMPLING_MAX = 100,
};

static void read_trace_dest(struct reading *r, const struct nconf_value *value,
                            struct nserver_account_options *account)
{
    account->trace_dest = nserver__keep_text(r, value->text);
    if (!nsub_subject_is_valid_publish(value->text)) {
        nserver__read_error(r, value, "Trace destination %s is not valid",
                            nserver__quoted(r, value->text));
    }
}

static void read_trace_sampling(struct reading *r, const struct nconf_value *value,
                                struct nserver_account_options *account)
{
    struct slice text = value->text;
    int64_t number = value->integer;

    if (value->type == NCONF_STRING) {
        text.n -= text.n > 0 && text.p[text.n - 1] == '%' ? 1 : 0;
        if (nb_parse_i64(text, INT64_MIN, INT64_MAX, &number) != NB_OK) {
            nserver__read_error(r, value, "Invalid trace destination sampling value %s",
                                nserver__quoted(r, value->text));
            return;
        }
    } else if (value->type != NCONF_INTEGER) {
        nserver__read_error(
            r, value,
            "Trace destination sampling field %s should be an integer or a percentage, got %s",
            nserver__quoted(r, value->key), nconf_type_name(value->type));
        return;
    }
    if (number < 1 || number > SAMPLING_MAX) {
        nserver__read_error(
            r, value, "Ttrace destination sampling value %lld is invalid, needs to be [1..100]",
            (long long)number);
        return;
    }
    account->trace_sampling = (int)number;
}

static void read_trace_key(struct reading *r, const struct nconf_value *map,
                           const struct nconf_value *value, struct nserver_account_options *account)
{
    if (nserver__is_key(value, "dest")) {
        if (value->type == NCONF_STRING) {
            read_trace_dest(r, value, account);
        } else {
            nserver__read_error(r, value, "Field %s should be a string, got %s",
                                nserver__quoted(r, value->key), nconf_type_name(value->type));
        }
    } else if (nserver__is_key(value, "sampling")) {
        read_trace_sampling(r, value, account);
    } else if (!value->is_used) {
        nserver__read_error(r, value,
                            "Unknown field %s parsing account message trace map/struct %s",
                            nserver__quoted(r, value->key), nserver__quoted(r, map->key));
    }
}

void nserver__read_account_trace(struct reading *r, const struct nconf_value *value,
                                 struct nserver_account_options *account)
{
    bool is_map = value->type == NCONF_MAP;

    if (value->type == NCONF_STRING) {
        read_trace_dest(r, value, account);
    } else if (!is_map) {
        nserver__read_error(
            r, value, "Expected account message trace %s to be a string or a map/struct, got %s",
            nserver__quoted(r, value->key), nconf_type_name(value->type));
        return;
    }
    for (const struct nconf_value *key = is_map ? value->first : NULL; key != NULL;
         key = key->next) {
        read_trace_key(r, value, key, account);
    }
    if (account->trace_dest == NULL && account->trace_sampling > 0) {
        nserver__read_warning(r, value,
                              "Trace destination sampling ignored since no destination was set");
        account->trace_sampling = 0;
    } else if (account->trace_dest != NULL && account->trace_sampling == 0) {
        account->trace_sampling = SAMPLING_MAX;
    }
}
