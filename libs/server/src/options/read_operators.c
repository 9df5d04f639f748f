/* read_operators.c - whom a server in operator mode trusts (spec 02 section 4.9, 03 section 7). */
#include <string.h>

#include <natsd/jwt.h>
#include <natsd/memory.h>
#include <natsd/nkey.h>

#include "options/reading.h"

/* Lists of texts. */

// `what` is named in the faults: "error parsing trusted: unsupported type integer". Items are added
// to what was read before.
static void read_list(struct reading *r, const struct nconf_value *value, const char *what,
                      void (*read)(struct reading *r, const struct nconf_value *value))
{
    if (value->type == NCONF_STRING) {
        read(r, value);
    } else if (value->type != NCONF_ARRAY) {
        nserver__read_error(r, value, "error parsing %s: unsupported type %s", what,
                            nconf_type_name(value->type));
        return;
    }
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        if (item->type == NCONF_STRING) {
            read(r, item);
        } else {
            nserver__read_error(r, item, "error parsing %s: unsupported type in array %s", what,
                                nconf_type_name(item->type));
        }
    }
}

/* Operators. */

// A file, or the JWT itself. `text` has what was read; the token is borrowed from it or the value.
static bool find_token(struct slice value, struct nb_buf *text, struct slice *token,
                       struct nb_buf *message)
{
    const struct nconf_source *files = &nconf_source_system;

    if (files->read_file(files->ctx, (const char *)value.p, text, message) == NB_OK) {
        *token = nauth_jwt_of_file(nb_buf_slice(text));
        return true;
    }
    *token = value;
    return nb_slice_starts(value, "eyJ");
}

static int take_operator(struct reading *r, struct slice token, struct nb_diag *diag)
{
    struct nserver_operator_options *operators = &r->opts->operators;
    struct nauth_claims claims = {0};
    int rc = nauth_jwt_decode(token, NAUTH_CLAIMS_OPERATOR, &claims, diag);

    if (rc != NB_OK) {
        return rc;
    }
    nauth_claims_fini(&claims);
    operators->jwts =
        nserver__keep_one_more(r, operators->jwts, operators->jwt_count, sizeof(*operators->jwts));
    operators->jwts[operators->jwt_count++] = nserver__keep_text(r, token);
    return NB_OK;
}

// The fault of an item stands at the list.
static bool read_operator(struct reading *r, const struct nconf_value *list,
                          const struct nconf_value *item)
{
    struct nb_buf message;
    struct nb_buf text;
    struct slice token;
    struct nb_diag diag = {0};
    bool is_good = false;

    nb_buf_init(&message, NCONF_MESSAGE_MAX_BYTES);
    nb_buf_init(&text, NAUTH_JWT_MAX_BYTES);
    if (!find_token(item->text, &text, &token, &message)) {
        nserver__read_error(r, list, "error parsing operator JWT: %.*s",
                            NB_SLICE_ARGS(nb_buf_slice(&message)));
    } else if (take_operator(r, token, &diag) != NB_OK) {
        nserver__read_error(r, list, "error parsing operator JWT: %s", diag.text);
    } else {
        is_good = true;
    }
    nb_buf_fini(&text);
    nb_buf_fini(&message);
    return is_good;
}

void nserver__read_operators(struct reading *r, const struct nconf_value *value)
{
    r->opts->operators.jwts = NULL;
    r->opts->operators.jwt_count = 0;
    if (value->type == NCONF_STRING) {
        (void)read_operator(r, value, value); // its fault is in the report
        return;
    }
    if (value->type != NCONF_ARRAY) {
        nserver__read_error(r, value, "error parsing operators: unsupported type %s",
                            nconf_type_name(value->type));
        return;
    }
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        if (item->type != NCONF_STRING) {
            nserver__read_error(
                r, value, "error parsing operators: unsupported type %s where string is expected",
                nconf_type_name(item->type));
            return;
        }
        (void)read_operator(r, value, item); // its fault is in the report
    }
}

/* Keys. */

static void read_trusted_key(struct reading *r, const struct nconf_value *value)
{
    struct nserver_operator_options *operators = &r->opts->operators;

    if (nserver__read_kept_item(r, value, &operators->trusted_keys,
                                &operators->trusted_key_count) &&
        !nauth_nkey_is_public_of(value->text, NAUTH_NKEY_OPERATOR)) {
        nserver__read_error(r, value, "trust key %s required to be a valid public operator nkey",
                            nserver__quoted_key(r, value->text));
    }
}

void nserver__read_trusted_keys(struct reading *r, const struct nconf_value *value)
{
    r->opts->operators.trusted_keys = NULL;
    r->opts->operators.trusted_key_count = 0;
    read_list(r, value, "trusted", read_trusted_key);
}

static void read_pinned_account(struct reading *r, const struct nconf_value *value)
{
    struct nserver_operator_options *operators = &r->opts->operators;

    (void)nserver__read_kept_item(r, value, &operators->pinned_accounts,
                                  &operators->pinned_account_count); // it is a text
}

void nserver__read_pinned_accounts(struct reading *r, const struct nconf_value *value)
{
    r->opts->operators.pinned_accounts = NULL;
    r->opts->operators.pinned_account_count = 0;
    read_list(r, value, "resolver_pinned_accounts", read_pinned_account);
}

void nserver__read_default_sentinel(struct reading *r, const struct nconf_value *value)
{
    (void)nserver__read_kept_text(r, value, &r->opts->operators.default_sentinel);
}

/* Preloads. */

static void read_preload(struct reading *r, const struct nconf_value *value)
{
    struct nserver_operator_options *operators = &r->opts->operators;
    struct nauth_claims claims = {0};
    struct nserver_text_pair *pair;

    if (value->type != NCONF_STRING) {
        nserver__read_error(r, value, "preload map value should be a string JWT");
        return;
    }
    if (nauth_jwt_decode(value->text, NAUTH_CLAIMS_ACCOUNT, &claims, NULL) != NB_OK) {
        nserver__read_error(r, value, "invalid account JWT");
        return;
    }
    nauth_claims_fini(&claims);
    operators->preloads = nserver__keep_one_more(r, operators->preloads, operators->preload_count,
                                                 sizeof(*operators->preloads));
    pair = &operators->preloads[operators->preload_count++];
    pair->key = nserver__keep_text(r, value->key);
    pair->value = nserver__keep_text(r, value->text);
}

void nserver__read_resolver_preload(struct reading *r, const struct nconf_value *value)
{
    r->opts->operators.preloads = NULL;
    r->opts->operators.preload_count = 0;
    if (value->type != NCONF_MAP) {
        nserver__read_error(r, value, "preload should be a map of account_public_key:account_jwt");
        return;
    }
    for (const struct nconf_value *entry = value->first; entry != NULL; entry = entry->next) {
        read_preload(r, entry);
    }
}

/* What the JWT of the only operator says. */

static void take_resolver(struct reading *r, struct slice server_url)
{
    struct nserver_resolver_options *resolver = &r->opts->operators.resolver;
    struct slice path = NB_SLICE("/accounts/");

    while (server_url.n > 0 && server_url.p[server_url.n - 1] == '/') {
        server_url.n--;
    }
    if (resolver->kind != NSERVER_RESOLVER_NONE || server_url.n == 0) {
        return;
    }
    resolver->kind = NSERVER_RESOLVER_URL;
    resolver->url = nserver__keep_zeroed(r, server_url.n + path.n + 1);
    memcpy(resolver->url, server_url.p, server_url.n);
    memcpy(resolver->url + server_url.n, path.p, path.n);
}

void nserver__finish_operators(struct reading *r)
{
    const struct nserver_operator_options *operators = &r->opts->operators;
    struct nauth_claims claims = {0};

    if (operators->jwt_count != 1 ||
        nauth_jwt_decode(nb_slice_of(operators->jwts[0]), NAUTH_CLAIMS_OPERATOR, &claims, NULL) !=
            NB_OK) {
        return;
    }
    take_resolver(r, claims.op.account_server_url);
    if (r->opts->system_account == NULL) {
        nserver_options_set_text(&r->opts->system_account, claims.op.system_account);
    }
    nauth_claims_fini(&claims);
}
