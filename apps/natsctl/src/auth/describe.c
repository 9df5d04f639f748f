#include "auth/describe.h"

#include "auth/moment.h"
#include "output.h"
#include "table.h"
#include "value.h"

#include <natsd/base64.h>
#include <natsd/json_reader.h>
#include <natsd/jwt.h>

enum {
    CELL_MAX_BYTES = 16 * 1024 * 1024,
    JSON_MAX_BYTES = 64 * 1024 * 1024,
};

// A table of two columns: what, and its value.
struct sheet {
    const struct cli *cli;
    struct table table;
};

static void put(struct sheet *sheet, const char *label, struct slice value)
{
    table_add(&sheet->table, nb_slice_of(label));
    table_add(&sheet->table, value);
}

static void put_text(struct sheet *sheet, const char *label, struct slice value)
{
    if (value.n > 0) {
        put(sheet, label, value);
    }
}

NB_PRINTF(3, 4)
static void put_format(struct sheet *sheet, const char *label, const char *format, ...)
{
    struct nb_buf buf;
    va_list args;

    nb_buf_init(&buf, CELL_MAX_BYTES);
    va_start(args, format);
    nb_buf_must_vformat(&buf, format, args);
    va_end(args);
    put(sheet, label, nb_buf_slice(&buf));
    nb_buf_fini(&buf);
}

static void put_texts(struct sheet *sheet, const char *label, const struct nauth_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        put(sheet, i == 0 ? label : "", texts->items[i]);
    }
}

static void put_moment(struct sheet *sheet, const char *label, int64_t at_s)
{
    struct nb_buf buf;

    nb_buf_init(&buf, 128);
    moment_format(sheet->cli, at_s, &buf);
    put(sheet, label, nb_buf_slice(&buf));
    nb_buf_fini(&buf);
}

void describe_limit(int64_t limit, struct nb_buf *out)
{
    if (limit < 0) {
        nb_buf_must_text(out, "unlimited");
    } else {
        value_format_count((uint64_t)limit, out);
    }
}

static void put_limit(struct sheet *sheet, const char *label, int64_t limit)
{
    struct nb_buf buf;

    nb_buf_init(&buf, 128);
    describe_limit(limit, &buf);
    put(sheet, label, nb_buf_slice(&buf));
    nb_buf_fini(&buf);
}

static void put_bytes(struct sheet *sheet, const char *label, int64_t limit)
{
    struct nb_buf buf;

    nb_buf_init(&buf, 128);
    if (limit < 0) {
        nb_buf_must_text(&buf, "unlimited");
    } else {
        value_format_bytes((uint64_t)limit, &buf);
    }
    put(sheet, label, nb_buf_slice(&buf));
    nb_buf_fini(&buf);
}

static void put_flag(struct sheet *sheet, const char *label, bool is_on)
{
    put(sheet, label, nb_slice_of(is_on ? "yes" : "no"));
}

const char *describe_kind(enum nauth_claims_kind kind)
{
    static const char *const names[] = {
        [NAUTH_CLAIMS_GENERIC] = "generic",
        [NAUTH_CLAIMS_OPERATOR] = "operator",
        [NAUTH_CLAIMS_ACCOUNT] = "account",
        [NAUTH_CLAIMS_USER] = "user",
        [NAUTH_CLAIMS_ACTIVATION] = "activation",
        [NAUTH_CLAIMS_AUTH_REQUEST] = "authorization request",
        [NAUTH_CLAIMS_AUTH_RESPONSE] = "authorization response",
    };

    return names[kind];
}

// -- what all have ---------------------------------------------------------------------------

static void put_standard(struct sheet *sheet, const struct nauth_claims *claims)
{
    put(sheet, "Type", nb_slice_of(describe_kind(claims->kind)));
    put_text(sheet, "Name", claims->name);
    put_text(sheet, "Subject", claims->subject);
    put_text(sheet, "Issuer", claims->issuer);
    put_text(sheet, "Audience", claims->audience);
    put_text(sheet, "ID", claims->id);
    put_moment(sheet, "Issued", claims->issued_at);
    if (claims->not_before != 0) {
        put_moment(sheet, "Not before", claims->not_before);
    }
    put_moment(sheet, "Expires", claims->expires);
    put_texts(sheet, "Tags", &claims->tags);
}

static void put_permissions(struct sheet *sheet, const struct nauth_permissions *permissions)
{
    put_texts(sheet, "Publish allow", &permissions->publish_allow);
    put_texts(sheet, "Publish deny", &permissions->publish_deny);
    put_texts(sheet, "Subscribe allow", &permissions->subscribe_allow);
    put_texts(sheet, "Subscribe deny", &permissions->subscribe_deny);
    if (permissions->has_responses) {
        struct nb_buf ttl;

        nb_buf_init(&ttl, 128);
        value_format_duration(permissions->responses_ttl_ns, &ttl);
        put_limit(sheet, "Responses", permissions->responses_max);
        if (permissions->responses_ttl_ns != 0) {
            put(sheet, "Response time",
                permissions->responses_ttl_ns < 0 ? NB_SLICE("unlimited") : nb_buf_slice(&ttl));
        }
        nb_buf_fini(&ttl);
    }
}

static void put_user_limits(struct sheet *sheet, const struct nauth_user_limits *limits)
{
    put_permissions(sheet, &limits->permissions);
    put_limit(sheet, "Subscriptions", limits->subs);
    put_bytes(sheet, "Payload", limits->payload);
    put_bytes(sheet, "Data", limits->data);
    put_flag(sheet, "Bearer", limits->bearer_token);
    if (limits->proxy_required) {
        put_flag(sheet, "Proxy required", true);
    }
    put_texts(sheet, "Connections", &limits->connection_types);
    put_texts(sheet, "From networks", &limits->src);
    for (size_t i = 0; i < limits->time_count; i++) {
        put_format(sheet, i == 0 ? "At times" : "", "%.*s-%.*s",
                   NB_SLICE_ARGS(limits->times[i].start), NB_SLICE_ARGS(limits->times[i].end));
    }
    put_text(sheet, "Time zone", limits->times_location);
}

// -- accounts --------------------------------------------------------------------------------

static void put_jetstream(struct sheet *sheet, struct slice tier,
                          const struct nauth_jetstream_limits *limits)
{
    put_format(sheet, "JetStream", "%.*s", (int)(tier.n > 0 ? tier.n : 7),
               tier.n > 0 ? (const char *)tier.p : "enabled");
    put_bytes(sheet, "  Disk", limits->disk_storage);
    put_bytes(sheet, "  Memory", limits->mem_storage);
    put_limit(sheet, "  Streams", limits->streams);
    put_limit(sheet, "  Consumers", limits->consumer);
    put_flag(sheet, "  Stream size required", limits->max_bytes_required);
}

static void put_account_limits(struct sheet *sheet, const struct nauth_account_claims *account)
{
    const struct nauth_jetstream_limits *flat = &account->limits.jetstream;

    put_limit(sheet, "Connections", account->limits.conn);
    put_limit(sheet, "Leafnodes", account->limits.leaf);
    put_limit(sheet, "Subscriptions", account->limits.subs);
    put_bytes(sheet, "Payload", account->limits.payload);
    put_limit(sheet, "Imports", account->limits.imports);
    put_limit(sheet, "Exports", account->limits.exports);
    put_flag(sheet, "Wildcard exports", account->limits.wildcards);
    put_flag(sheet, "Bearers", !account->limits.disallow_bearer);
    for (size_t i = 0; i < account->limits.tier_count; i++) {
        put_jetstream(sheet, account->limits.tiers[i].name, &account->limits.tiers[i].limits);
    }
    if (flat->mem_storage != 0 || flat->disk_storage != 0) {
        put_jetstream(sheet, (struct slice){0}, flat);
    }
}

static void put_shares(struct sheet *sheet, const struct nauth_account_claims *account)
{
    for (size_t i = 0; i < account->export_count; i++) {
        const struct nauth_export_claims *export = &account->exports[i];

        put_format(sheet, i == 0 ? "Exports" : "", "%s %.*s%s",
                   export->is_service ? "service" : "stream", NB_SLICE_ARGS(export->subject),
                   export->token_required ? " (needs an activation)" : "");
    }
    for (size_t i = 0; i < account->import_count; i++) {
        const struct nauth_import_claims *import = &account->imports[i];
        struct slice local = import->local_subject.n > 0 ? import->local_subject : import->to;

        put_format(sheet, i == 0 ? "Imports" : "", "%s %.*s from %.*s%s%.*s",
                   import->is_service ? "service" : "stream", NB_SLICE_ARGS(import->subject),
                   NB_SLICE_ARGS(import->account), local.n > 0 ? " as " : "", NB_SLICE_ARGS(local));
    }
}

static void put_mappings(struct sheet *sheet, const struct nauth_account_claims *account)
{
    for (size_t i = 0; i < account->mapping_count; i++) {
        for (size_t k = 0; k < account->mappings[i].dest_count; k++) {
            const struct nauth_weighted_mapping *dest = &account->mappings[i].dests[k];

            put_format(sheet, i == 0 && k == 0 ? "Mappings" : "", "%.*s to %.*s, %lld%%%s%.*s",
                       NB_SLICE_ARGS(account->mappings[i].subject), NB_SLICE_ARGS(dest->subject),
                       (long long)(dest->weight > 0 ? dest->weight : 100),
                       dest->cluster.n > 0 ? " in " : "", NB_SLICE_ARGS(dest->cluster));
        }
    }
}

static void put_account(struct sheet *sheet, const struct nauth_account_claims *account)
{
    put_text(sheet, "Description", account->description);
    put_text(sheet, "Info URL", account->info_url);
    put_account_limits(sheet, account);
    for (size_t i = 0; i < account->signing_key_count; i++) {
        const struct nauth_signing_key *key = &account->signing_keys[i];

        put_format(sheet, i == 0 ? "Signing keys" : "", "%.*s%s%.*s", NB_SLICE_ARGS(key->key),
                   key->is_scoped ? " role " : "", NB_SLICE_ARGS(key->role));
    }
    put_permissions(sheet, &account->default_permissions);
    put_shares(sheet, account);
    put_mappings(sheet, account);
    put_texts(sheet, "Authorized by", &account->authorization.auth_users);
    put_texts(sheet, "  into accounts", &account->authorization.allowed_accounts);
    put_text(sheet, "  sealed for", account->authorization.xkey);
    if (account->has_trace) {
        put_format(sheet, "Traces", "%.*s, %lld%%", NB_SLICE_ARGS(account->trace_dest),
                   (long long)account->trace_sampling);
    }
    put_text(sheet, "Cluster traffic", account->cluster_traffic);
    for (size_t i = 0; i < account->revocations.count; i++) {
        put(sheet, i == 0 ? "Revoked users" : "", account->revocations.items[i].key);
    }
}

// -- the others ------------------------------------------------------------------------------

static void put_operator(struct sheet *sheet, const struct nauth_operator_claims *op)
{
    put_texts(sheet, "Signing keys", &op->signing_keys);
    put_text(sheet, "System account", op->system_account);
    put_text(sheet, "Account server", op->account_server_url);
    put_texts(sheet, "Services", &op->service_urls);
    put_text(sheet, "Server version", op->assert_server_version);
    put_flag(sheet, "Strict signing keys", op->strict_signing_key_usage);
}

static void put_user(struct sheet *sheet, const struct nauth_claims *claims)
{
    bool is_scoped = claims->user.issuer_account.n > 0 && claims->user.limits.subs == 0 &&
                     claims->user.limits.payload == 0 && claims->user.limits.data == 0;

    put_text(sheet, "Account", claims->user.issuer_account);
    if (is_scoped) {
        put(sheet, "Limits", NB_SLICE("those of the scoped key that issued it"));
    } else {
        put_user_limits(sheet, &claims->user.limits);
    }
}

static void put_claims(struct sheet *sheet, const struct nauth_claims *claims)
{
    switch (claims->kind) {
    case NAUTH_CLAIMS_OPERATOR:
        put_operator(sheet, &claims->op);
        return;
    case NAUTH_CLAIMS_ACCOUNT:
        put_account(sheet, &claims->account);
        return;
    case NAUTH_CLAIMS_USER:
        put_user(sheet, claims);
        return;
    case NAUTH_CLAIMS_ACTIVATION:
        put(sheet, "Kind", claims->activation.kind);
        put(sheet, "For subject", claims->activation.subject);
        put_text(sheet, "Account", claims->activation.issuer_account);
        return;
    case NAUTH_CLAIMS_AUTH_REQUEST:
        put_text(sheet, "Server", claims->request.server.name);
        put_text(sheet, "User key", claims->request.user_nkey);
        put_text(sheet, "Client host", claims->request.client.host);
        return;
    case NAUTH_CLAIMS_AUTH_RESPONSE:
        put_text(sheet, "Error", claims->response.error);
        put_text(sheet, "Account", claims->response.issuer_account);
        return;
    case NAUTH_CLAIMS_GENERIC:
        put_text(sheet, "Content", claims->generic);
        return;
    }
    NB_UNREACHABLE("kind of claims");
}

// -- printing --------------------------------------------------------------------------------

void describe_json(struct slice token)
{
    struct nb_json_doc doc = {.root = NULL};
    struct nb_buf payload;
    struct slice part;

    nb_buf_init(&payload, NAUTH_JWT_MAX_BYTES);
    (void)nb_slice_take_field(&token, '.', &part);
    if (nb_slice_take_field(&token, '.', &part) &&
        nauth_base64url_decode(part, &payload) == NB_OK &&
        nb_json_parse(nb_buf_slice(&payload), JSON_MAX_BYTES, &doc, NULL) == NB_OK) {
        output_json(doc.root);
    }
    nb_json_doc_fini(&doc);
    nb_buf_fini(&payload);
}

void describe_token(const struct cli *cli, const struct nauth_claims *claims, struct slice text)
{
    struct sheet sheet = {.cli = cli};

    if (cli_wants_json(cli)) {
        describe_json(text);
        return;
    }
    table_init(&sheet.table, 2);
    put_standard(&sheet, claims);
    put_claims(&sheet, claims);
    table_print(&sheet.table);
    table_fini(&sheet.table);
}

void describe_limits(const struct cli *cli, const struct nauth_signing_key *key)
{
    struct sheet sheet = {.cli = cli};

    table_init(&sheet.table, 2);
    put(&sheet, "Key", key->key);
    if (key->is_scoped) {
        put(&sheet, "Role", key->role);
        put_text(&sheet, "Description", key->description);
        put_user_limits(&sheet, &key->scope);
    } else {
        put(&sheet, "Role", NB_SLICE("none: signs users with any limits"));
    }
    table_print(&sheet.table);
    table_fini(&sheet.table);
}

static void put_responses(struct sheet *sheet, const struct nauth_export_claims *export)
{
    struct nb_buf threshold;

    put_text(sheet, "Responses", export->response_type);
    if (export->response_threshold_ns != 0) {
        nb_buf_init(&threshold, 128);
        value_format_duration(export->response_threshold_ns, &threshold);
        put(sheet, "Response time", nb_buf_slice(&threshold));
        nb_buf_fini(&threshold);
    }
    if (export->has_latency && export->latency_sampling == 0) {
        put_format(sheet, "Latency", "%.*s, as headers ask for it",
                   NB_SLICE_ARGS(export->latency_results));
    } else if (export->has_latency) {
        put_format(sheet, "Latency", "%.*s, %lld%%", NB_SLICE_ARGS(export->latency_results),
                   (long long)export->latency_sampling);
    }
}

void describe_export(const struct cli *cli, const struct nauth_export_claims *export)
{
    struct sheet sheet = {.cli = cli};

    table_init(&sheet.table, 2);
    put(&sheet, "Subject", export->subject);
    put_text(&sheet, "Name", export->name);
    put(&sheet, "Type", export->type);
    put_flag(&sheet, "Private", export->token_required);
    put_responses(&sheet, export);
    if (export->account_token_position > 0) {
        put_format(&sheet, "Importer's key", "token %lld",
                   (long long)export->account_token_position);
    }
    put_flag(&sheet, "Advertised", export->advertise);
    put_flag(&sheet, "Traced", export->allow_trace);
    put_text(&sheet, "Description", export->description);
    put_text(&sheet, "Info URL", export->info_url);
    for (size_t i = 0; i < export->revocations.count; i++) {
        put(&sheet, i == 0 ? "Revoked" : "", export->revocations.items[i].key);
    }
    table_print(&sheet.table);
    table_fini(&sheet.table);
}

void describe_import(const struct cli *cli, const struct nauth_import_claims *import)
{
    struct sheet sheet = {.cli = cli};

    table_init(&sheet.table, 2);
    put(&sheet, "Subject", import->subject);
    put_text(&sheet, "Subject here",
             import->local_subject.n > 0 ? import->local_subject : import->to);
    put_text(&sheet, "Name", import->name);
    put(&sheet, "Type", import->type);
    put(&sheet, "From account", import->account);
    put_flag(&sheet, "Activation token", import->token.n > 0);
    put_flag(&sheet, "Shares who asks", import->share);
    put_flag(&sheet, "Traced", import->allow_trace);
    table_print(&sheet.table);
    table_fini(&sheet.table);
}
