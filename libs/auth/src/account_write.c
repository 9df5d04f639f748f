#include "claims_write.h"

static void write_revocations(struct nb_json_writer *w, const struct nauth_revocations *revocations)
{
    if (revocations->count == 0) {
        return;
    }
    nb_json_key(w, "revocations");
    nb_json_object(w);
    for (size_t i = 0; i < revocations->count; i++) {
        nb_json_key_slice(w, revocations->items[i].key);
        nb_json_i64(w, revocations->items[i].at);
    }
    nb_json_object_end(w);
}

static void write_import(struct nb_json_writer *w, const struct nauth_import_claims *import)
{
    nb_json_object(w);
    nb_json_opt_str(w, "name", import->name);
    nb_json_opt_str(w, "subject", import->subject);
    nb_json_opt_str(w, "account", import->account);
    nb_json_opt_str(w, "token", import->token);
    nb_json_opt_str(w, "to", import->to);
    nb_json_opt_str(w, "local_subject", import->local_subject);
    nb_json_put_text(w, "type", import->is_service ? "service" : "stream");
    nb_json_opt_bool(w, "share", import->share);
    nb_json_opt_bool(w, "allow_trace", import->allow_trace);
    nb_json_object_end(w);
}

static void write_latency(struct nb_json_writer *w, const struct nauth_export_claims *export)
{
    nb_json_key(w, "service_latency");
    nb_json_object(w);
    if (export->latency_sampling == 0) {
        nb_json_put_text(w, "sampling", "headers");
    } else {
        nb_json_put_i64(w, "sampling", export->latency_sampling);
    }
    nb_json_put_str(w, "results", export->latency_results);
    nb_json_object_end(w);
}

static void write_export(struct nb_json_writer *w, const struct nauth_export_claims *export)
{
    nb_json_object(w);
    nb_json_opt_str(w, "name", export->name);
    nb_json_opt_str(w, "subject", export->subject);
    nb_json_put_text(w, "type", export->is_service ? "service" : "stream");
    nb_json_opt_bool(w, "token_req", export->token_required);
    write_revocations(w, &export->revocations);
    nb_json_opt_str(w, "response_type", export->response_type);
    nb_json_opt_i64(w, "response_threshold", export->response_threshold_ns);
    if (export->has_latency) {
        write_latency(w, export);
    }
    nb_json_opt_i64(w, "account_token_position", export->account_token_position);
    nb_json_opt_bool(w, "advertise", export->advertise);
    nb_json_opt_bool(w, "allow_trace", export->allow_trace);
    nb_json_opt_str(w, "description", export->description);
    nb_json_opt_str(w, "info_url", export->info_url);
    nb_json_object_end(w);
}

static void write_shares(struct nb_json_writer *w, const struct nauth_account_claims *account)
{
    if (account->import_count > 0) {
        nb_json_key(w, "imports");
        nb_json_array(w);
        for (size_t i = 0; i < account->import_count; i++) {
            write_import(w, &account->imports[i]);
        }
        nb_json_array_end(w);
    }
    if (account->export_count > 0) {
        nb_json_key(w, "exports");
        nb_json_array(w);
        for (size_t i = 0; i < account->export_count; i++) {
            write_export(w, &account->exports[i]);
        }
        nb_json_array_end(w);
    }
}

static void write_jetstream(struct nb_json_writer *w, const struct nauth_jetstream_limits *limits)
{
    nb_json_opt_i64(w, "mem_storage", limits->mem_storage);
    nb_json_opt_i64(w, "disk_storage", limits->disk_storage);
    nb_json_opt_i64(w, "streams", limits->streams);
    nb_json_opt_i64(w, "consumer", limits->consumer);
    nb_json_opt_i64(w, "max_ack_pending", limits->max_ack_pending);
    nb_json_opt_i64(w, "mem_max_stream_bytes", limits->mem_max_stream_bytes);
    nb_json_opt_i64(w, "disk_max_stream_bytes", limits->disk_max_stream_bytes);
    nb_json_opt_bool(w, "max_bytes_required", limits->max_bytes_required);
}

static void write_limits(struct nb_json_writer *w, const struct nauth_account_claims *account)
{
    nb_json_key(w, "limits");
    nb_json_object(w);
    nb_json_opt_i64(w, "subs", account->limits.subs);
    nb_json_opt_i64(w, "data", account->limits.data);
    nb_json_opt_i64(w, "payload", account->limits.payload);
    nb_json_opt_i64(w, "imports", account->limits.imports);
    nb_json_opt_i64(w, "exports", account->limits.exports);
    nb_json_opt_bool(w, "wildcards", account->limits.wildcards);
    nb_json_opt_bool(w, "disallow_bearer", account->limits.disallow_bearer);
    nb_json_opt_i64(w, "conn", account->limits.conn);
    nb_json_opt_i64(w, "leaf", account->limits.leaf);
    write_jetstream(w, &account->limits.jetstream);
    if (account->limits.tier_count > 0) {
        nb_json_key(w, "tiered_limits");
        nb_json_object(w);
        for (size_t i = 0; i < account->limits.tier_count; i++) {
            nb_json_key_slice(w, account->limits.tiers[i].name);
            nb_json_object(w);
            write_jetstream(w, &account->limits.tiers[i].limits);
            nb_json_object_end(w);
        }
        nb_json_object_end(w);
    }
    nb_json_object_end(w);
}

static void write_scope(struct nb_json_writer *w, const struct nauth_signing_key *key)
{
    nb_json_object(w);
    nb_json_put_text(w, "kind", "user_scope");
    nb_json_put_str(w, "key", key->key);
    nb_json_put_str(w, "role", key->role);
    nb_json_key(w, "template");
    nb_json_object(w);
    nauth__write_user_limits(w, &key->scope, true);
    nb_json_object_end(w);
    nb_json_put_str(w, "description", key->description);
    nb_json_object_end(w);
}

static void write_signing_keys(struct nb_json_writer *w, const struct nauth_account_claims *account)
{
    if (account->signing_key_count == 0) {
        return;
    }
    nb_json_key(w, "signing_keys");
    nb_json_array(w);
    for (size_t i = 0; i < account->signing_key_count; i++) {
        if (account->signing_keys[i].is_scoped) {
            write_scope(w, &account->signing_keys[i]);
        } else {
            nb_json_str(w, account->signing_keys[i].key);
        }
    }
    nb_json_array_end(w);
}

static void write_mappings(struct nb_json_writer *w, const struct nauth_account_claims *account)
{
    if (account->mapping_count == 0) {
        return;
    }
    nb_json_key(w, "mappings");
    nb_json_object(w);
    for (size_t i = 0; i < account->mapping_count; i++) {
        const struct nauth_mapping_claims *mapping = &account->mappings[i];

        nb_json_key_slice(w, mapping->subject);
        nb_json_array(w);
        for (size_t k = 0; k < mapping->dest_count; k++) {
            nb_json_object(w);
            nb_json_put_str(w, "subject", mapping->dests[k].subject);
            nb_json_opt_i64(w, "weight", mapping->dests[k].weight);
            nb_json_opt_str(w, "cluster", mapping->dests[k].cluster);
            nb_json_object_end(w);
        }
        nb_json_array_end(w);
    }
    nb_json_object_end(w);
}

void nauth__write_account(struct nb_json_writer *w, const struct nauth_account_claims *account)
{
    write_shares(w, account);
    write_limits(w, account);
    write_signing_keys(w, account);
    write_revocations(w, &account->revocations);
    nb_json_key(w, "default_permissions");
    nb_json_object(w);
    nauth__write_permissions(w, &account->default_permissions);
    nb_json_object_end(w);
    write_mappings(w, account);
    nb_json_key(w, "authorization");
    nb_json_object(w);
    nauth__write_texts(w, "auth_users", &account->authorization.auth_users);
    nauth__write_texts(w, "allowed_accounts", &account->authorization.allowed_accounts);
    nb_json_opt_str(w, "xkey", account->authorization.xkey);
    nb_json_object_end(w);
    if (account->has_trace) {
        nb_json_key(w, "trace");
        nb_json_object(w);
        nb_json_opt_str(w, "dest", account->trace_dest);
        nb_json_opt_i64(w, "sampling", account->trace_sampling);
        nb_json_object_end(w);
    }
    nb_json_opt_str(w, "cluster_traffic", account->cluster_traffic);
    nb_json_opt_str(w, "description", account->description);
    nb_json_opt_str(w, "info_url", account->info_url);
}
