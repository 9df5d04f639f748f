#include "claims_read.h"

#define NATS(member) offsetof(struct nauth_claims, member)

/* ---- what kind it is ---- */

static int read_nats_head(struct nauth__reader *reader, const struct nb_json_value *value,
                          void *out)
{
    static const struct nauth__field fields[] = {
        {"type", nauth__read_text, offsetof(struct nauth__claims_head, kind)},
        {"version", nauth__read_i64, offsetof(struct nauth__claims_head, version)},
    };

    return nauth__read_object(reader, value, NAUTH__FIELDS(fields), out);
}

int nauth__claims_read_head(struct nauth__reader *reader, const struct nb_json_value *payload,
                            struct nauth__claims_head *head)
{
    static const struct nauth__field type_field[] = {{"type", nauth__read_text, 0}};
    static const struct nauth__field nats_field[] = {{"nats", read_nats_head, 0}};
    struct slice type = {NULL, 0};
    int rc = nauth__read_object(reader, payload, NAUTH__FIELDS(type_field), &type);

    *head = (struct nauth__claims_head){.version = 0};
    if (rc == NB_OK) {
        rc = nauth__read_object(reader, payload, NAUTH__FIELDS(nats_field), head);
    }
    if (rc == NB_OK && type.n > 0) {
        *head = (struct nauth__claims_head){.kind = type, .version = 1};
    }
    return rc;
}

/* ---- the smaller kinds ---- */

static int read_operator(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
#define AT(member) offsetof(struct nauth_operator_claims, member)
    static const struct nauth__field fields[] = {
        {"signing_keys", nauth__read_texts, AT(signing_keys)},
        {"account_server_url", nauth__read_text, AT(account_server_url)},
        {"operator_service_urls", nauth__read_texts, AT(service_urls)},
        {"system_account", nauth__read_text, AT(system_account)},
    };
    static const struct nauth__field v2_fields[] = {
        {"assert_server_version", nauth__read_text, AT(assert_server_version)},
        {"strict_signing_key_usage", nauth__read_bool, AT(strict_signing_key_usage)},
    };
#undef AT
    int rc = nauth__read_object(reader, value, NAUTH__FIELDS(fields), out);

    return rc < 0 || reader->is_v1
               ? rc
               : nauth__read_object(reader, value, NAUTH__FIELDS(v2_fields), out);
}

static int read_activation_kind(struct nauth__reader *reader, const struct nb_json_value *value,
                                void *out)
{
    struct nauth_activation_claims *activation = out;
    int rc = nauth__read_text(reader, value, &activation->kind);

    activation->is_service = nb_slice_is(activation->kind, "service");
    if (rc == NB_OK && value->type != NB_JSON_NULL && !activation->is_service &&
        !nb_slice_is(activation->kind, "stream")) {
        nb_diag_set(reader->diag, "unknown activation type");
        return NB_EMALFORMED;
    }
    return rc;
}

static int read_activation(struct nauth__reader *reader, const struct nb_json_value *value,
                           void *out)
{
#define AT(member) offsetof(struct nauth_activation_claims, member)
    static const struct nauth__field v1_fields[] = {
        {"subject", nauth__read_text, AT(subject)},
        {"type", read_activation_kind, 0},
    };
    static const struct nauth__field fields[] = {
        {"subject", nauth__read_text, AT(subject)},
        {"kind", read_activation_kind, 0},
        {"issuer_account", nauth__read_text, AT(issuer_account)},
    };
#undef AT

    return reader->is_v1 ? nauth__read_object(reader, value, NAUTH__FIELDS(v1_fields), out)
                         : nauth__read_object(reader, value, NAUTH__FIELDS(fields), out);
}

static int read_auth_response(struct nauth__reader *reader, const struct nb_json_value *value,
                              void *out)
{
    static const struct nauth__field fields[] = {
        {"jwt", nauth__read_text, offsetof(struct nauth_auth_response_claims, jwt)},
        {"error", nauth__read_text, offsetof(struct nauth_auth_response_claims, error)},
        {"issuer_account", nauth__read_text,
         offsetof(struct nauth_auth_response_claims, issuer_account)},
    };

    return nauth__read_object(reader, value, NAUTH__FIELDS(fields), out);
}

/* ---- the frame ---- */

static int read_nats(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    static const struct nauth__field tags[] = {{"tags", nauth__read_texts, NATS(tags)}};
    struct nauth_claims *claims = out;
    int rc = NB_OK;

    if (!reader->is_v1) {
        rc = nauth__read_object(reader, value, NAUTH__FIELDS(tags), claims);
    }
    if (rc < 0) {
        return rc;
    }
    switch (claims->kind) {
    case NAUTH_CLAIMS_OPERATOR:
        return read_operator(reader, value, &claims->op);
    case NAUTH_CLAIMS_ACCOUNT:
        return nauth__read_account(reader, value, &claims->account);
    case NAUTH_CLAIMS_USER:
        return nauth__read_user(reader, value, &claims->user);
    case NAUTH_CLAIMS_ACTIVATION:
        return read_activation(reader, value, &claims->activation);
    case NAUTH_CLAIMS_AUTH_REQUEST:
        return nauth__read_auth_request(reader, value, &claims->request);
    case NAUTH_CLAIMS_AUTH_RESPONSE:
        return read_auth_response(reader, value, &claims->response);
    case NAUTH_CLAIMS_GENERIC: // kept as text
        return NB_OK;
    }
    NB_UNREACHABLE("kind of claims");
}

static int read_v1_extras(struct nauth__reader *reader, const struct nb_json_value *payload,
                          struct nauth_claims *claims)
{
    static const struct nauth__field tags[] = {{"tags", nauth__read_texts, NATS(tags)}};
    static const struct nauth__field of_user[] = {
        {"issuer_account", nauth__read_text, NATS(user.issuer_account)}};
    static const struct nauth__field of_activation[] = {
        {"issuer_account", nauth__read_text, NATS(activation.issuer_account)}};
    int rc = nauth__read_object(reader, payload, NAUTH__FIELDS(tags), claims);

    if (rc == NB_OK && claims->kind == NAUTH_CLAIMS_USER) {
        rc = nauth__read_object(reader, payload, NAUTH__FIELDS(of_user), claims);
    }
    if (rc == NB_OK && claims->kind == NAUTH_CLAIMS_ACTIVATION) {
        rc = nauth__read_object(reader, payload, NAUTH__FIELDS(of_activation), claims);
    }
    return rc;
}

int nauth__claims_read(struct nauth__reader *reader, const struct nb_json_value *payload,
                       struct nauth_claims *claims)
{
    static const struct nauth__field fields[] = {
        {"aud", nauth__read_text, NATS(audience)},
        {"exp", nauth__read_i64, NATS(expires)},
        {"jti", nauth__read_text, NATS(id)},
        {"iat", nauth__read_i64, NATS(issued_at)},
        {"iss", nauth__read_text, NATS(issuer)},
        {"name", nauth__read_text, NATS(name)},
        {"nbf", nauth__read_i64, NATS(not_before)},
        {"sub", nauth__read_text, NATS(subject)},
        {"nats", read_nats, 0},
    };
    int rc;

    if (claims->kind == NAUTH_CLAIMS_USER && reader->is_v1) { // absent is unlimited there
        claims->user.limits.subs = -1;
        claims->user.limits.data = -1;
        claims->user.limits.payload = -1;
    }
    rc = nauth__read_object(reader, payload, NAUTH__FIELDS(fields), claims);
    return rc == NB_OK && reader->is_v1 ? read_v1_extras(reader, payload, claims) : rc;
}
