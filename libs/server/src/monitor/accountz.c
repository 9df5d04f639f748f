/* accountz.c - /accountz: the accounts, and one of them in detail (spec 04 section 3.8). */
#include <stdlib.h>

#include <natsd/base64.h>
#include <natsd/memory.h>

#include "lifecycle/state.h"
#include "monitor/index_stats.h"
#include "monitor/monitor.h"
#include "monitor/monitor_text.h"
#include "sharing/service_import.h"
#include "sharing/stream_import.h"

enum {
    JWT_MAX_BYTES = 8 * 1024 * 1024,
    REASON_MAX_BYTES = 256, // of an account's name in an error
};

/* Mappings and exports, as they are configured. */

static int compare_weights(const void *a, const void *b)
{
    const struct nserver_mapping_dest *x = a;
    const struct nserver_mapping_dest *y = b;

    return (x->weight > y->weight) - (x->weight < y->weight);
}

// Lightest first, and added up.
static void write_mapping(const struct nserver_mapping *mapping, struct nb_json_writer *w)
{
    struct nserver_mapping_dest *dests = nb_calloc(mapping->dest_count + 1, sizeof(*dests));
    unsigned sum = 0;

    for (size_t i = 0; i < mapping->dest_count; i++) {
        dests[i] = mapping->dests[i];
    }
    qsort(dests, mapping->dest_count, sizeof(*dests), compare_weights);
    nb_json_key(w, mapping->source);
    nb_json_array(w);
    for (size_t i = 0; i < mapping->dest_count; i++) {
        sum += dests[i].weight;
        nb_json_object(w);
        nb_json_put_text(w, "subject", dests[i].subject);
        nb_json_put_u64(w, "weight", sum);
        nb_json_opt_str(w, "cluster", nb_slice_of(dests[i].cluster));
        nb_json_object_end(w);
    }
    nb_json_array_end(w);
    nb_free(dests);
}

static void write_mappings(const struct nserver_account_options *options, struct nb_json_writer *w)
{
    if (options->mapping_count == 0) {
        return;
    }
    nb_json_key(w, "mappings");
    nb_json_object(w);
    for (size_t i = 0; i < options->mapping_count; i++) {
        write_mapping(&options->mappings[i], w);
    }
    nb_json_object_end(w);
}

static const char *response_text(enum nauth_response_type type)
{
    switch (type) {
    case NAUTH_RESPONSE_SINGLETON:
        return "Singleton";
    case NAUTH_RESPONSE_STREAM:
        return "Streamed";
    case NAUTH_RESPONSE_CHUNKED:
        return "Chunked";
    }
    NB_UNREACHABLE("type of a response");
}

static void write_latency(const char *key, struct slice subject, int sampling,
                          struct nb_json_writer *w)
{
    nb_json_key(w, key);
    nb_json_object(w);
    nb_json_key(w, "sampling");
    if (sampling == 0) {
        nb_json_str(w, NB_SLICE("headers"));
    } else {
        nb_json_i64(w, sampling);
    }
    nb_json_put_str(w, "results", subject);
    nb_json_object_end(w);
}

static void write_revocations(const struct nserver_export *export, struct nb_json_writer *w)
{
    if (export->revocation_count == 0) {
        return;
    }
    nb_json_key(w, "revoked_activations");
    nb_json_object(w);
    for (size_t i = 0; i < export->revocation_count; i++) {
        nserver__write_time(w, export->revocations[i].key,
                            (struct nb_wall){export->revocations[i].at * NB_NS_PER_S});
    }
    nb_json_object_end(w);
}

static void write_export(const struct nserver_export *export, struct nb_json_writer *w)
{
    nb_json_object(w);
    nb_json_put_text(w, "subject", export->subject);
    nb_json_put_text(w, "type", export->is_service ? "service" : "stream");
    nb_json_opt_bool(w, "token_req", export->token_required);
    if (export->is_service) {
        nb_json_put_text(w, "response_type", response_text(export->response_type));
        if (export->latency_subject != NULL) {
            write_latency("service_latency", nb_slice_of(export->latency_subject),
                          export->latency_sampling, w);
        }
    }
    if (export->account_count > 0) {
        nb_json_key(w, "approved_accounts");
        nb_json_array(w);
        for (size_t i = 0; i < export->account_count; i++) {
            nb_json_str(w, nb_slice_of(export->accounts[i]));
        }
        nb_json_array_end(w);
    }
    write_revocations(export, w);
    nb_json_object_end(w);
}

// What the system account exports by itself, unless it says something else of them.
static const struct nserver_export system_exports[] = {
    {.is_service = true,
     .subject = "$SYS.REQ.ACCOUNT.*.CONNZ",
     .response_type = NAUTH_RESPONSE_STREAM},
    {.is_service = true,
     .subject = "$SYS.REQ.ACCOUNT.*.STATZ",
     .response_type = NAUTH_RESPONSE_STREAM},
    {.is_service = true, .subject = "$SYS.DEBUG.SUBSCRIBERS"},
    {.is_service = true, .subject = "$SYS.REQ.USER.*.INFO"},
};

static bool exports_itself(const struct nserver_account_options *options, const char *subject)
{
    for (size_t i = 0; i < options->export_count; i++) {
        if (options->exports[i].is_service && strcmp(options->exports[i].subject, subject) == 0) {
            return true;
        }
    }
    return false;
}

static void write_exports(const struct nserver_account_options *options, bool is_system,
                          struct nb_json_writer *w)
{
    if (options->export_count == 0 && !is_system) {
        return;
    }
    nb_json_key(w, "exports");
    nb_json_array(w);
    for (size_t i = 0; i < options->export_count; i++) {
        write_export(&options->exports[i], w);
    }
    for (size_t i = 0; is_system && i < NB_ARRAY_LEN(system_exports); i++) {
        if (!exports_itself(options, system_exports[i].subject)) {
            write_export(&system_exports[i], w);
        }
    }
    nb_json_array_end(w);
}

/* Imports, as they are in force. */

static void write_service(const struct nserver__service_import *import, struct nb_json_writer *w)
{
    bool is_tracked = import->latency_subject.n > 0;

    nb_json_object(w);
    nb_json_put_str(w, "subject", import->subject);
    nb_json_put_str(w, "account", import->exporter->name);
    nb_json_put_text(w, "type", "service");
    nb_json_put_str(w, "to", import->local);
    nb_json_put_str(w, "local_subject", import->local);
    nb_json_put_bool(w, "invalid", !atomic_load_explicit(&import->is_valid, memory_order_relaxed));
    nb_json_put_bool(w, "share", import->share);
    nb_json_put_bool(w, "tracking", is_tracked);
    if (is_tracked) {
        write_latency("latency", import->latency_subject, import->latency_sampling, w);
    }
    nb_json_object_end(w);
}

static void write_stream(const struct nserver__stream_import *import, struct nb_json_writer *w)
{
    nb_json_object(w);
    nb_json_put_str(w, "subject", import->from);
    nb_json_put_str(w, "account", import->exporter->name);
    nb_json_put_text(w, "type", "stream");
    nb_json_put_str(w, "local_subject", import->local);
    nb_json_put_bool(w, "invalid", false);
    nb_json_put_bool(w, "share", false);
    nb_json_put_bool(w, "tracking", false);
    nb_json_object_end(w);
}

static void write_imports(const struct nserver__account *account,
                          const struct nserver__terms *terms, struct nb_json_writer *w)
{
    if (account->service_import_count + terms->stream_import_count == 0) {
        return;
    }
    nb_json_key(w, "imports");
    nb_json_array(w);
    for (size_t i = 0; i < terms->stream_import_count; i++) {
        write_stream(terms->stream_imports[i], w);
    }
    for (size_t i = 0; i < account->service_import_count; i++) {
        write_service(account->service_imports[i], w);
    }
    nb_json_array_end(w);
}

/* What a JWT says. */

static void write_revoked_users(const struct nauth_revocations *revocations,
                                struct nb_json_writer *w)
{
    if (revocations->count == 0) {
        return;
    }
    nb_json_key(w, "revoked_user");
    nb_json_object(w);
    for (size_t i = 0; i < revocations->count; i++) {
        struct nb_buf text;

        nb_buf_init(&text, REASON_MAX_BYTES);
        nb_wall_format_utc((struct nb_wall){revocations->items[i].at * NB_NS_PER_S}, &text);
        nb_json_key_slice(w, revocations->items[i].key);
        nb_json_str(w, nb_buf_slice(&text));
        nb_buf_fini(&text);
    }
    nb_json_object_end(w);
}

static void write_token(const struct nserver__terms *terms, struct nb_json_writer *w)
{
    if (terms->claims == NULL) {
        return;
    }
    nb_json_opt_str(w, "jwt", terms->token);
    nb_json_opt_str(w, "issuer_key", terms->claims->issuer);
    nserver__write_texts(w, "tags", &terms->claims->tags);
    if (terms->token.n > 0) {
        nb_json_key(w, "decoded_jwt");
        nauth_claims_write(terms->claims, w);
    }
    write_revoked_users(&terms->claims->account.revocations, w);
}

/* One account. */

static void write_index_stats(const struct nserver__account *account, struct nb_json_writer *w)
{
    struct nserver__index_stats stats = {0};

    nserver__index_stats_add(&stats, account);
    nb_json_key(w, "sublist_stats");
    nb_json_object(w);
    nserver__index_stats_write(&stats, w);
    nb_json_object_end(w);
}

static void write_account(struct nserver *server, const struct nserver__account *account,
                          struct nb_json_writer *w)
{
    const struct nserver__terms *terms = nserver__account_terms(account);
    bool is_system = account == server->system_account;

    nb_json_object(w);
    nb_json_put_str(w, "account_name", account->name);
    nserver__write_time(w, "update_time", (struct nb_wall){nserver__config(server)->loaded_at_ns});
    nb_json_opt_bool(w, "is_system", is_system);
    nb_json_put_bool(w, "expired", terms->is_expired);
    nb_json_put_bool(w, "complete", !terms->is_incomplete);
    nb_json_put_bool(w, "jetstream_enabled", false);
    nb_json_put_i64(w, "leafnode_connections", 0);
    nb_json_put_i64(w, "client_connections", atomic_load(&account->client_count));
    nb_json_put_u64(w, "subscriptions", nsub_trie_stats(account->trie).subscription_count);
    write_mappings(&terms->options, w);
    write_exports(&terms->options, is_system, w);
    write_imports(account, terms, w);
    nb_json_opt_str(w, "name_tag", nserver__account_label(account));
    write_token(terms, w);
    write_index_stats(account, w);
    nb_json_object_end(w);
}

static const struct nserver__account *find(struct nserver__report *report, struct slice name)
{
    const struct nserver__account *account =
        nserver__registry_find(&report->server->accounts, name);
    struct nb_diag diag = {0};

    if (account != NULL && !nserver__account_terms(account)->is_gone) {
        return account;
    }
    nb_diag_set(&diag, "Account %.*s does not exist",
                NB_SLICE_ARGS(nb_slice_sub(name, 0, REASON_MAX_BYTES)));
    nserver__report_fail(report, diag.text);
    return NULL;
}

void nserver__account_info(struct nserver__report *report, struct slice name)
{
    const struct nserver__account *account = find(report, name);

    if (account != NULL) {
        write_account(report->server, account, &report->w);
        nserver__report_end(report);
    }
}

/* All. */

static void write_name(void *ctx, struct nserver__account *account)
{
    if (!nserver__account_terms(account)->is_gone) {
        nb_json_str(ctx, account->name);
    }
}

void nserver__accountz(struct nserver__report *report, struct slice name)
{
    struct nserver *server = report->server;
    struct nb_json_writer *w = &report->w;
    const struct nserver__account *account = NULL;

    if (name.n > 0) {
        account = find(report, name);
        if (account == NULL) {
            return;
        }
    }
    nb_json_object(w);
    nb_json_put_text(w, "server_id", server->id);
    nserver__write_time(w, "now", nb_wall_now());
    nserver__write_system_account(w, &nserver__config(server)->opts);
    if (account != NULL) {
        nb_json_key(w, "account_detail");
        write_account(server, account, w);
    } else {
        nb_json_key(w, "accounts");
        nb_json_array(w);
        nserver__registry_each(&server->accounts, write_name, w);
        nb_json_array_end(w);
    }
    nb_json_object_end(w);
    nserver__report_end(report);
}
