/* read_exports.c - what an account offers to others (spec 02 section 4.7, 03 section 14.1). */
#include <natsd/duration.h>
#include <natsd/number.h>

#include "options/reading.h"

enum {
    SAMPLING_MAX = 100,
};

// An entry while it is read. Some keys are only for services, whose own key may come later.
struct export_entry {
    struct nserver_export export;
    const struct nconf_value *response; // NULL: the key was not there
    const struct nconf_value *latency;
    const struct nconf_value *trace;
    bool has_threshold;
    bool is_faulty;
};

static void fault(struct reading *r, struct export_entry *entry, const struct nconf_value *at,
                  const char *text)
{
    nserver__read_error(r, at, "%s", text);
    entry->is_faulty = true;
}

/* Stream or service. */

static void read_subject(struct reading *r, const struct nconf_value *value, bool is_service,
                         struct export_entry *entry)
{
    const char *kind = is_service ? "service" : "stream";

    if (value->type != NCONF_STRING) {
        nserver__read_error(r, value, "Expected %s name to be string, got %s", kind,
                            nconf_type_name(value->type));
        entry->is_faulty = true;
    } else if (entry->export.subject != NULL && entry->export.is_service != is_service) {
        nserver__read_error(r, value, "Detected %s %s but already saw a %s", kind,
                            nserver__quoted(r, value->text), is_service ? "stream" : "service");
        entry->is_faulty = true;
    } else {
        entry->export.subject = nserver__keep_text(r, value->text);
        entry->export.is_service = is_service;
    }
}

static void read_stream(struct reading *r, const struct nconf_value *value,
                        struct export_entry *entry)
{
    read_subject(r, value, false, entry);
}

static void read_service(struct reading *r, const struct nconf_value *value,
                         struct export_entry *entry)
{
    read_subject(r, value, true, entry);
}

/* To whom. */

static void read_accounts(struct reading *r, const struct nconf_value *value,
                          struct export_entry *entry)
{
    struct nserver_export *export = &entry->export;
    struct nb_diag diag;

    if (nconf_expect(value, NCONF_ARRAY, &diag) != NB_OK) {
        fault(r, entry, value, diag.text);
        return;
    }
    export->accounts = NULL;
    export->account_count = 0;
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        if (!nserver__read_kept_item(r, item, &export->accounts, &export->account_count)) {
            entry->is_faulty = true;
        }
    }
    export->is_restricted = export->account_count > 0;
}

static void read_position(struct reading *r, const struct nconf_value *value,
                          struct export_entry *entry)
{
    int64_t position;

    if (!nserver__read_int(r, value, &position)) {
        entry->is_faulty = true;
    } else if (position < 0 || position > UINT32_MAX) {
        fault(r, entry, value, "account_token_position must be the number of a token");
    } else {
        entry->export.account_token_position = (uint32_t)position;
    }
}

/* How a service answers. */

static void read_response(struct reading *r, const struct nconf_value *value,
                          struct export_entry *entry)
{
    static const struct {
        const char *name;
        enum nauth_response_type type;
    } types[] = {
        {"single", NAUTH_RESPONSE_SINGLETON}, {"singleton", NAUTH_RESPONSE_SINGLETON},
        {"stream", NAUTH_RESPONSE_STREAM},    {"chunk", NAUTH_RESPONSE_CHUNKED},
        {"chunked", NAUTH_RESPONSE_CHUNKED},
    };

    if (entry->response != NULL) {
        fault(r, entry, value, "Duplicate response type definition");
        return;
    }
    entry->response = value;
    if (value->type != NCONF_STRING) {
        nserver__read_error(r, value, "Expected response type to be string, got %s",
                            nconf_type_name(value->type));
        entry->is_faulty = true;
        return;
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(types); i++) {
        if (nb_slice_equal_nocase(value->text, nb_slice_of(types[i].name))) {
            entry->export.response_type = types[i].type;
            return;
        }
    }
    nserver__read_error(r, value, "Unknown response type: %s", nserver__quoted(r, value->text));
    entry->is_faulty = true;
}

static void read_threshold(struct reading *r, const struct nconf_value *value,
                           struct export_entry *entry)
{
    struct nb_diag diag;

    if (entry->has_threshold) {
        fault(r, entry, value, "Duplicate response threshold detected");
        return;
    }
    entry->has_threshold = true;
    if (value->type != NCONF_STRING ||
        nb_duration_parse(value->text, &entry->export.response_threshold_ns, &diag) != NB_OK) {
        nserver__read_error(r, value,
                            "Expected response threshold to be a parseable time duration, got %s",
                            value->type == NCONF_STRING ? nserver__quoted(r, value->text)
                                                        : nconf_type_name(value->type));
        entry->is_faulty = true;
    }
}

/* Latency. */

// A percentage, or "headers" for 0. False with a fault in the report.
static bool read_sampling_text(struct reading *r, const struct nconf_value *value, int64_t *percent)
{
    struct slice text = nb_slice_trim(value->text);

    if (nb_slice_equal_nocase(text, NB_SLICE("headers"))) {
        *percent = 0;
        return true;
    }
    text.n -= text.n > 0 && text.p[text.n - 1] == '%' ? 1 : 0;
    if (nb_parse_i64(text, INT64_MIN, INT64_MAX, percent) != NB_OK) {
        nserver__read_error(r, value,
                            "Failed to parse latency sample: strconv.Atoi: parsing %s: invalid "
                            "syntax",
                            nserver__quoted(r, text));
        return false;
    }
    *percent = *percent == 0 ? -1 : *percent; // 0 is said in another way
    return true;
}

static bool read_sampling(struct reading *r, const struct nconf_value *value, int *out)
{
    int64_t percent = value->integer == 0 ? -1 : value->integer;

    if (value->type == NCONF_STRING) {
        if (!read_sampling_text(r, value, &percent)) {
            return false;
        }
    } else if (value->type != NCONF_INTEGER) {
        nserver__read_error(r, value,
                            "Expected latency sample to be a string or map/struct, got %s",
                            nconf_type_name(value->type));
        return false;
    }
    if (percent < 0 || percent > SAMPLING_MAX) {
        nserver__read_error(r, value, "bad sampling percentage, should be 1-100");
        return false;
    }
    *out = (int)percent;
    return true;
}

// Its keys are known by their case, and others are nobody's business.
static bool read_latency_map(struct reading *r, const struct nconf_value *map,
                             struct nserver_export *export)
{
    const struct nconf_value *sampling = nconf_find_exact(map, NB_SLICE("sampling"));
    const struct nconf_value *subject = nconf_find_exact(map, NB_SLICE("subject"));

    if (sampling != NULL && !read_sampling(r, sampling, &export->latency_sampling)) {
        return false;
    }
    if (subject == NULL) {
        nserver__read_error(r, map, "Latency subject required, but missing");
        return false;
    }
    if (subject->type != NCONF_STRING) {
        nserver__read_error(r, subject, "Expected latency subject to be a string, got %s",
                            nconf_type_name(subject->type));
        return false;
    }
    export->latency_subject = nserver__keep_text(r, subject->text);
    return true;
}

static void read_latency(struct reading *r, const struct nconf_value *value,
                         struct export_entry *entry)
{
    entry->latency = value;
    entry->export.latency_sampling = SAMPLING_MAX;
    if (value->type == NCONF_STRING) {
        entry->export.latency_subject = nserver__keep_text(r, value->text);
    } else if (value->type != NCONF_MAP) {
        nserver__read_error(r, value, "Expected latency entry to be a map/struct or string, got %s",
                            nconf_type_name(value->type));
        entry->is_faulty = true;
    } else if (!read_latency_map(r, value, &entry->export)) {
        entry->is_faulty = true;
    }
}

static void read_trace(struct reading *r, const struct nconf_value *value,
                       struct export_entry *entry)
{
    entry->trace = value;
    entry->is_faulty |= !nserver__read_bool(r, value, &entry->export.allow_trace);
}

/* The entry. */

static const struct {
    const char *name;
    void (*read)(struct reading *r, const struct nconf_value *value, struct export_entry *entry);
} keys[] = {
    {"stream", read_stream},
    {"service", read_service},
    {"accounts", read_accounts},
    {"account_token_position", read_position},
    {"response", read_response},
    {"response_type", read_response},
    {"threshold", read_threshold},
    {"response_threshold", read_threshold},
    {"response_max_time", read_threshold},
    {"response_time", read_threshold},
    {"latency", read_latency},
    {"allow_trace", read_trace},
};

static void read_key(struct reading *r, const struct nconf_value *value, struct export_entry *entry)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(keys); i++) {
        if (nserver__is_key(value, keys[i].name)) {
            keys[i].read(r, value, entry);
            return;
        }
    }
    nserver__read_unknown(r, value);
}

// What streams don't have.
static void check_stream(struct reading *r, struct export_entry *entry)
{
    if (entry->response != NULL) {
        fault(r, entry, entry->response, "Detected response directive on non-service");
    }
    if (entry->latency != NULL) {
        fault(r, entry, entry->latency, "Detected latency directive on non-service");
    }
    if (entry->trace != NULL) {
        fault(r, entry, entry->trace, "Detected allow_trace directive on non-service");
    }
}

static void read_export(struct reading *r, const struct nconf_value *map,
                        struct nserver_account_options *account)
{
    struct export_entry entry = {0};

    if (map->type != NCONF_MAP) {
        nserver__read_error(r, map, "Export Items should be a map with type entry, got %s",
                            nserver__reference_type_name(map->type));
        return;
    }
    for (const struct nconf_value *value = map->first; value != NULL; value = value->next) {
        read_key(r, value, &entry);
    }
    if (entry.is_faulty || entry.export.subject == NULL) {
        return; // one that names nothing is nothing
    }
    if (!entry.export.is_service) {
        check_stream(r, &entry);
    }
    account->exports = nserver__keep_one_more(r, account->exports, account->export_count,
                                              sizeof(*account->exports));
    account->exports[account->export_count++] = entry.export;
}

void nserver__read_exports(struct reading *r, const struct nconf_value *value,
                           struct nserver_account_options *account)
{
    if (value->type != NCONF_ARRAY) {
        nserver__read_error(r, value, "Exports should be an array, got %s",
                            nconf_type_name(value->type));
        return;
    }
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        read_export(r, item, account);
    }
}
