#include "claims_write.h"

#include "claims_kind.h"

#include <assert.h>

void nauth__write_texts(struct nb_json_writer *w, const char *key, const struct nauth_texts *texts)
{
    if (texts->count == 0) {
        return;
    }
    nb_json_key(w, key);
    nb_json_array(w);
    for (size_t i = 0; i < texts->count; i++) {
        nb_json_str(w, texts->items[i]);
    }
    nb_json_array_end(w);
}

static void write_lists(struct nb_json_writer *w, const char *key, const struct nauth_texts *allow,
                        bool has_allow, const struct nauth_texts *deny)
{
    nb_json_key(w, key);
    nb_json_object(w);
    nauth__write_texts(w, "allow", allow);
    if (has_allow && allow->count == 0) { // which the reference would leave out
        nb_json_key(w, "allow");
        nb_json_array(w);
        nb_json_array_end(w);
    }
    nauth__write_texts(w, "deny", deny);
    nb_json_object_end(w);
}

void nauth__write_permissions(struct nb_json_writer *w, const struct nauth_permissions *permissions)
{
    write_lists(w, "pub", &permissions->publish_allow, permissions->has_publish_allow,
                &permissions->publish_deny);
    write_lists(w, "sub", &permissions->subscribe_allow, permissions->has_subscribe_allow,
                &permissions->subscribe_deny);
    if (permissions->has_responses) {
        nb_json_key(w, "resp");
        nb_json_object(w);
        nb_json_put_i64(w, "max", permissions->responses_max);
        nb_json_put_i64(w, "ttl", permissions->responses_ttl_ns);
        nb_json_object_end(w);
    }
}

static void write_times(struct nb_json_writer *w, const struct nauth_user_limits *limits)
{
    if (limits->time_count == 0) {
        return;
    }
    nb_json_key(w, "times");
    nb_json_array(w);
    for (size_t i = 0; i < limits->time_count; i++) {
        nb_json_object(w);
        nb_json_opt_str(w, "start", limits->times[i].start);
        nb_json_opt_str(w, "end", limits->times[i].end);
        nb_json_object_end(w);
    }
    nb_json_array_end(w);
}

// An absent number is 0 in a user and -1 in a template: so a template writes its zeroes.
static void write_limit(struct nb_json_writer *w, const char *key, int64_t value, bool is_template)
{
    if (value != 0 || is_template) {
        nb_json_put_i64(w, key, value);
    }
}

void nauth__write_user_limits(struct nb_json_writer *w, const struct nauth_user_limits *limits,
                              bool is_template)
{
    nauth__write_permissions(w, &limits->permissions);
    nauth__write_texts(w, "src", &limits->src);
    write_times(w, limits);
    nb_json_opt_str(w, "times_location", limits->times_location);
    write_limit(w, "subs", limits->subs, is_template);
    write_limit(w, "data", limits->data, is_template);
    write_limit(w, "payload", limits->payload, is_template);
    nb_json_opt_bool(w, "bearer_token", limits->bearer_token);
    nb_json_opt_bool(w, "proxy_required", limits->proxy_required);
    nauth__write_texts(w, "allowed_connection_types", &limits->connection_types);
}

static void write_operator(struct nb_json_writer *w, const struct nauth_operator_claims *op)
{
    nauth__write_texts(w, "signing_keys", &op->signing_keys);
    nb_json_opt_str(w, "account_server_url", op->account_server_url);
    nauth__write_texts(w, "operator_service_urls", &op->service_urls);
    nb_json_opt_str(w, "system_account", op->system_account);
    nb_json_opt_str(w, "assert_server_version", op->assert_server_version);
    nb_json_opt_bool(w, "strict_signing_key_usage", op->strict_signing_key_usage);
}

static void write_user(struct nb_json_writer *w, const struct nauth_user_claims *user)
{
    nb_json_opt_str(w, "issuer_account", user->issuer_account);
    nauth__write_user_limits(w, &user->limits, false);
}

static void write_activation(struct nb_json_writer *w,
                             const struct nauth_activation_claims *activation)
{
    nb_json_opt_str(w, "subject", activation->subject);
    nb_json_put_text(w, "kind", activation->is_service ? "service" : "stream");
    nb_json_opt_str(w, "issuer_account", activation->issuer_account);
}

static void write_auth_response(struct nb_json_writer *w,
                                const struct nauth_auth_response_claims *response)
{
    nb_json_opt_str(w, "jwt", response->jwt);
    nb_json_opt_str(w, "error", response->error);
    nb_json_opt_str(w, "issuer_account", response->issuer_account);
}

static void write_kind(struct nb_json_writer *w, const struct nauth_claims *claims)
{
    switch (claims->kind) {
    case NAUTH_CLAIMS_OPERATOR:
        write_operator(w, &claims->op);
        return;
    case NAUTH_CLAIMS_ACCOUNT:
        nauth__write_account(w, &claims->account);
        return;
    case NAUTH_CLAIMS_USER:
        write_user(w, &claims->user);
        return;
    case NAUTH_CLAIMS_ACTIVATION:
        write_activation(w, &claims->activation);
        return;
    case NAUTH_CLAIMS_AUTH_REQUEST:
        nauth__write_auth_request(w, &claims->request);
        return;
    case NAUTH_CLAIMS_AUTH_RESPONSE:
        write_auth_response(w, &claims->response);
        return;
    case NAUTH_CLAIMS_GENERIC:
        break;
    }
    NB_UNREACHABLE("kind of claims");
}

void nauth__write_nats(struct nb_json_writer *w, const struct nauth_claims *claims, int64_t version)
{
    nb_json_object(w);
    write_kind(w, claims);
    nauth__write_texts(w, "tags", &claims->tags);
    nb_json_put_text(w, "type", nauth__kind_name(claims->kind));
    nb_json_put_i64(w, "version", version);
    nb_json_object_end(w);
}

void nauth__write_standard(struct nb_json_writer *w, const struct nauth_claims *claims)
{
    nb_json_opt_str(w, "aud", claims->audience);
    nb_json_opt_i64(w, "exp", claims->expires);
    nb_json_opt_str(w, "jti", claims->id);
    nb_json_opt_i64(w, "iat", claims->issued_at);
    nb_json_opt_str(w, "iss", claims->issuer);
    nb_json_opt_str(w, "name", claims->name);
    nb_json_opt_i64(w, "nbf", claims->not_before);
    nb_json_opt_str(w, "sub", claims->subject);
}

void nauth_claims_write(const struct nauth_claims *claims, struct nb_json_writer *w)
{
    assert(claims->kind != NAUTH_CLAIMS_GENERIC);
    nb_json_object(w);
    nauth__write_standard(w, claims);
    nb_json_key(w, "nats");
    nauth__write_nats(w, claims, claims->version);
    nb_json_object_end(w);
}
