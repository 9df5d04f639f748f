#include "claims_read.h"

#include "quoted.h"

#include <natsd/map.h>

/* ---- revocations, exports, imports ---- */

static int read_revocation(struct nauth__reader *reader, const struct nb_json_value *value,
                           void *out)
{
    struct nauth_revocation *revocation = out;

    return nauth__read_i64(reader, value, &revocation->at);
}

static int read_revocations(struct nauth__reader *reader, const struct nb_json_value *value,
                            void *out)
{
    struct nauth_revocations *revocations = out;
    struct nauth__array array = {.count = revocations->count};
    int rc;

    // The map copies what is there before it writes.
    array.items = (void *)(uintptr_t)revocations->items;
    rc = nauth__read_map(reader, value, sizeof(struct nauth_revocation), read_revocation, &array);
    if (rc == NB_OK) {
        *revocations = (struct nauth_revocations){.items = array.items, .count = array.count};
    }
    return rc;
}

// "stream" or "service".
static int read_share_type(struct nauth__reader *reader, const struct nb_json_value *value,
                           struct slice *type, bool *is_service)
{
    int rc = nauth__read_text(reader, value, type);

    if (rc < 0 || value->type == NB_JSON_NULL) {
        return rc;
    }
    *is_service = nb_slice_is(*type, "service");
    if (!*is_service && !nb_slice_is(*type, "stream")) {
        nauth__diag_quoted(reader->diag, "unknown export type ", *type, "");
        return NB_EMALFORMED;
    }
    return NB_OK;
}

static int read_export_type(struct nauth__reader *reader, const struct nb_json_value *value,
                            void *out)
{
    struct nauth_export_claims *export = out;

    return read_share_type(reader, value, &export->type, &export->is_service);
}

static int read_import_type(struct nauth__reader *reader, const struct nb_json_value *value,
                            void *out)
{
    struct nauth_import_claims *import = out;

    return read_share_type(reader, value, &import->type, &import->is_service);
}

// A number of percent, or the text "headers" for 0.
static int read_sampling(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    int64_t *sampling = out;

    if (value->type != NB_JSON_STRING) {
        return nauth__read_i64(reader, value, out);
    }
    if (!nb_slice_equal_nocase(value->text, NB_SLICE("headers"))) {
        nauth__diag_quoted(reader->diag, "unknown sampling ", value->text, "");
        return NB_EMALFORMED;
    }
    *sampling = 0;
    return NB_OK;
}

static int read_latency(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    static const struct nauth__field fields[] = {
        {"sampling", read_sampling, offsetof(struct nauth_export_claims, latency_sampling)},
        {"results", nauth__read_text, offsetof(struct nauth_export_claims, latency_results)},
    };
    struct nauth_export_claims *export = out;

    export->has_latency = value->type == NB_JSON_OBJECT;
    return nauth__read_object(reader, value, NAUTH__FIELDS(fields), export);
}

static int read_position(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    int rc = nauth__read_i64(reader, value, out);

    return rc == NB_OK && *(const int64_t *)out < 0 ? nauth__refuse_type(reader, value, "uint")
                                                    : rc;
}

static int read_export(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
#define AT(member) offsetof(struct nauth_export_claims, member)
    static const struct nauth__field fields[] = {
        {"name", nauth__read_text, AT(name)},
        {"subject", nauth__read_text, AT(subject)},
        {"type", read_export_type, 0},
        {"token_req", nauth__read_bool, AT(token_required)},
        {"revocations", read_revocations, AT(revocations)},
        {"response_type", nauth__read_text, AT(response_type)},
        {"response_threshold", nauth__read_i64, AT(response_threshold_ns)},
        {"service_latency", read_latency, 0},
        {"account_token_position", read_position, AT(account_token_position)},
        {"advertise", nauth__read_bool, AT(advertise)},
        {"allow_trace", nauth__read_bool, AT(allow_trace)},
        {"description", nauth__read_text, AT(description)},
        {"info_url", nauth__read_text, AT(info_url)},
    };
#undef AT

    return nauth__read_object(reader, value, NAUTH__FIELDS(fields), out);
}

static int read_import(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
#define AT(member) offsetof(struct nauth_import_claims, member)
    static const struct nauth__field fields[] = {
        {"name", nauth__read_text, AT(name)},
        {"subject", nauth__read_text, AT(subject)},
        {"account", nauth__read_text, AT(account)},
        {"token", nauth__read_text, AT(token)},
        {"to", nauth__read_text, AT(to)},
        {"local_subject", nauth__read_text, AT(local_subject)},
        {"type", read_import_type, 0},
        {"share", nauth__read_bool, AT(share)},
        {"allow_trace", nauth__read_bool, AT(allow_trace)},
    };
#undef AT

    return nauth__read_object(reader, value, NAUTH__FIELDS(fields), out);
}

static int read_exports(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    struct nauth_account_claims *account = out;
    struct nauth__array array;
    int rc =
        nauth__read_array(reader, value, sizeof(struct nauth_export_claims), read_export, &array);

    if (rc == NB_OK) {
        account->exports = array.items;
        account->export_count = array.count;
    }
    return rc;
}

static int read_imports(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    struct nauth_account_claims *account = out;
    struct nauth__array array;
    int rc =
        nauth__read_array(reader, value, sizeof(struct nauth_import_claims), read_import, &array);

    if (rc == NB_OK) {
        account->imports = array.items;
        account->import_count = array.count;
    }
    return rc;
}

/* ---- limits ---- */

static int read_jetstream(struct nauth__reader *reader, const struct nb_json_value *value,
                          struct nauth_jetstream_limits *limits)
{
#define AT(member) offsetof(struct nauth_jetstream_limits, member)
    static const struct nauth__field fields[] = {
        {"mem_storage", nauth__read_i64, AT(mem_storage)},
        {"disk_storage", nauth__read_i64, AT(disk_storage)},
        {"streams", nauth__read_i64, AT(streams)},
        {"consumer", nauth__read_i64, AT(consumer)},
        {"max_ack_pending", nauth__read_i64, AT(max_ack_pending)},
        {"mem_max_stream_bytes", nauth__read_i64, AT(mem_max_stream_bytes)},
        {"disk_max_stream_bytes", nauth__read_i64, AT(disk_max_stream_bytes)},
        {"max_bytes_required", nauth__read_bool, AT(max_bytes_required)},
    };
#undef AT

    return nauth__read_object(reader, value, NAUTH__FIELDS(fields), limits);
}

static int read_tier(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    struct nauth_tier *tier = out;

    return read_jetstream(reader, value, &tier->limits);
}

static int read_tiers(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    struct nauth_account_claims *account = out;
    struct nauth__array array = {.items = (void *)(uintptr_t)account->limits.tiers,
                                 .count = account->limits.tier_count};
    int rc = nauth__read_map(reader, value, sizeof(struct nauth_tier), read_tier, &array);

    if (rc == NB_OK) {
        account->limits.tiers = array.items;
        account->limits.tier_count = array.count;
    }
    return rc;
}

static int read_limits(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
#define AT(member) offsetof(struct nauth_account_claims, limits.member)
    static const struct nauth__field fields[] = {
        {"subs", nauth__read_i64, AT(subs)},
        {"data", nauth__read_i64, AT(data)},
        {"payload", nauth__read_i64, AT(payload)},
        {"imports", nauth__read_i64, AT(imports)},
        {"exports", nauth__read_i64, AT(exports)},
        {"wildcards", nauth__read_bool, AT(wildcards)},
        {"disallow_bearer", nauth__read_bool, AT(disallow_bearer)},
        {"conn", nauth__read_i64, AT(conn)},
        {"leaf", nauth__read_i64, AT(leaf)},
        {"tiered_limits", read_tiers, 0},
    };
#undef AT
    struct nauth_account_claims *account = out;
    int rc = nauth__read_object(reader, value, NAUTH__FIELDS(fields), account);

    if (rc == NB_OK) {
        rc = read_jetstream(reader, value, &account->limits.jetstream);
    }
    if (reader->is_v1) { // knows nothing of JetStream
        account->limits.tiers = NULL;
        account->limits.tier_count = 0;
    }
    if (reader->is_v1 || account->limits.tier_count > 0) {
        account->limits.jetstream = (struct nauth_jetstream_limits){0};
    }
    return rc;
}

/* ---- signing keys ---- */

static int read_template(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    return nauth__read_user_limits(reader, value, out);
}

static int read_scope(struct nauth__reader *reader, const struct nb_json_value *value,
                      struct nauth_signing_key *key)
{
#define AT(member) offsetof(struct nauth_signing_key, member)
    static const struct nauth__field fields[] = {
        {"key", nauth__read_text, AT(key)},
        {"role", nauth__read_text, AT(role)},
        {"description", nauth__read_text, AT(description)},
        {"template", read_template, AT(scope)},
    };
#undef AT
    static const struct nauth__field kind_fields[] = {{"kind", nauth__read_text, 0}};
    struct slice kind = {NULL, 0};
    int rc = nauth__read_object(reader, value, NAUTH__FIELDS(kind_fields), &kind);

    if (rc == NB_OK && !nb_slice_is(kind, "user_scope")) {
        nauth__diag_quoted(reader->diag, "unknown signing key scope ", kind, "");
        return NB_EMALFORMED;
    }
    key->is_scoped = true;
    key->scope.subs = -1; // what a template doesn't say is not limited
    key->scope.data = -1;
    key->scope.payload = -1;
    return rc < 0 ? rc : nauth__read_object(reader, value, NAUTH__FIELDS(fields), key);
}

static int read_signing_key(struct nauth__reader *reader, const struct nb_json_value *value,
                            void *out)
{
    struct nauth_signing_key *key = out;

    if (value->type == NB_JSON_OBJECT && !reader->is_v1) {
        return read_scope(reader, value, key);
    }
    return nauth__read_text(reader, value, &key->key);
}

// Of keys that are there twice the last counts.
static size_t drop_repeats(struct nauth_signing_key *keys, size_t count)
{
    struct nb_map known = {0};
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        struct nauth_signing_key *earlier = nb_map_find(&known, keys[i].key);

        if (earlier != NULL) {
            struct slice key = earlier->key; // the map's

            *earlier = keys[i];
            earlier->key = key;
            continue;
        }
        keys[kept] = keys[i];
        nb_map_insert(&known, keys[kept].key, &keys[kept]);
        kept++;
    }
    nb_map_fini(&known);
    return kept;
}

static int read_signing_keys(struct nauth__reader *reader, const struct nb_json_value *value,
                             void *out)
{
    struct nauth_account_claims *account = out;
    struct nauth__array array;
    int rc = nauth__read_array(reader, value, sizeof(struct nauth_signing_key), read_signing_key,
                               &array);

    if (rc == NB_OK) {
        account->signing_key_count = drop_repeats(array.items, array.count);
        account->signing_keys = array.items;
    }
    return rc;
}

/* ---- mappings ---- */

static int read_weight(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    int64_t *weight = out;
    int rc = nauth__read_i64(reader, value, weight);

    return rc == NB_OK && (*weight < 0 || *weight > UINT8_MAX)
               ? nauth__refuse_type(reader, value, "uint8")
               : rc;
}

static int read_destination(struct nauth__reader *reader, const struct nb_json_value *value,
                            void *out)
{
    static const struct nauth__field fields[] = {
        {"subject", nauth__read_text, offsetof(struct nauth_weighted_mapping, subject)},
        {"weight", read_weight, offsetof(struct nauth_weighted_mapping, weight)},
        {"cluster", nauth__read_text, offsetof(struct nauth_weighted_mapping, cluster)},
    };

    return nauth__read_object(reader, value, NAUTH__FIELDS(fields), out);
}

static int read_mapping(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    struct nauth_mapping_claims *mapping = out;
    struct nauth__array array;
    int rc = nauth__read_array(reader, value, sizeof(struct nauth_weighted_mapping),
                               read_destination, &array);

    if (rc == NB_OK) {
        mapping->dests = array.items;
        mapping->dest_count = array.count;
    }
    return rc;
}

static int read_mappings(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    struct nauth_account_claims *account = out;
    struct nauth__array array = {.items = (void *)(uintptr_t)account->mappings,
                                 .count = account->mapping_count};
    int rc =
        nauth__read_map(reader, value, sizeof(struct nauth_mapping_claims), read_mapping, &array);

    if (rc == NB_OK) {
        account->mappings = array.items;
        account->mapping_count = array.count;
    }
    return rc;
}

/* ---- the whole ---- */

static int read_authorization(struct nauth__reader *reader, const struct nb_json_value *value,
                              void *out)
{
#define AT(member) offsetof(struct nauth_account_claims, authorization.member)
    static const struct nauth__field fields[] = {
        {"auth_users", nauth__read_texts, AT(auth_users)},
        {"allowed_accounts", nauth__read_texts, AT(allowed_accounts)},
        {"xkey", nauth__read_text, AT(xkey)},
    };
#undef AT

    return nauth__read_object(reader, value, NAUTH__FIELDS(fields), out);
}

static int read_trace(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    static const struct nauth__field fields[] = {
        {"dest", nauth__read_text, offsetof(struct nauth_account_claims, trace_dest)},
        {"sampling", nauth__read_i64, offsetof(struct nauth_account_claims, trace_sampling)},
    };
    struct nauth_account_claims *account = out;

    int rc = nauth__read_object(reader, value, NAUTH__FIELDS(fields), account);

    account->has_trace = value->type == NB_JSON_OBJECT;
    if (account->has_trace && account->trace_sampling == 0) {
        account->trace_sampling = 100; // section 4.3
    }
    return rc;
}

int nauth__read_account(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
#define AT(member) offsetof(struct nauth_account_claims, member)
    static const struct nauth__field fields[] = {
        {"imports", read_imports, 0},
        {"exports", read_exports, 0},
        {"limits", read_limits, 0},
        {"signing_keys", read_signing_keys, 0},
        {"revocations", read_revocations, AT(revocations)},
    };
    static const struct nauth__field v2_fields[] = {
        {"default_permissions", nauth__read_permissions, AT(default_permissions)},
        {"mappings", read_mappings, 0},
        {"authorization", read_authorization, 0},
        {"trace", read_trace, 0},
        {"cluster_traffic", nauth__read_text, AT(cluster_traffic)},
        {"description", nauth__read_text, AT(description)},
        {"info_url", nauth__read_text, AT(info_url)},
    };
#undef AT
    int rc = nauth__read_object(reader, value, NAUTH__FIELDS(fields), out);

    return rc < 0 || reader->is_v1
               ? rc
               : nauth__read_object(reader, value, NAUTH__FIELDS(v2_fields), out);
}
