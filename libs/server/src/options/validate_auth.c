/* validate_auth.c - do the options of authentication fit together? (spec 02 section 3.7, items 4, 6
 * and 7, and 03 section 7)
 */
#include <stdio.h>
#include <string.h>

#include <natsd/jwt.h>
#include <natsd/number.h>
#include <natsd/server.h>

#include "options/validate.h"

/* The default sentinel. */

// A user of a scope, who gets everything from there.
static bool is_scoped(const struct nauth_claims *user)
{
    const struct nauth_signing_key scope = {.key = user->issuer};

    return user->user.issuer_account.n > 0 && nauth_scope_check_user(&scope, user, NULL) == NB_OK;
}

static int check_sentinel(const char *sentinel, struct nb_diag *diag)
{
    struct nauth_claims claims = {0};
    int rc = NB_OK;

    if (nauth_jwt_decode(nb_slice_of(sentinel), NAUTH_CLAIMS_USER, &claims, NULL) != NB_OK) {
        nb_diag_set(diag, "default sentinel JWT not valid");
        return NB_EINVALID;
    }
    if (!claims.user.limits.bearer_token && !is_scoped(&claims)) {
        nb_diag_set(diag, "default sentinel must be a bearer token");
        rc = NB_EINVALID;
    }
    nauth_claims_fini(&claims);
    return rc;
}

/* Versions that operators ask for. */

enum { VERSION_PARTS = 3 };

// "2.15.2"; what else it is stands in `reason`.
static int parse_version(struct slice text, int64_t version[VERSION_PARTS], struct nb_diag *reason)
{
    struct slice rest = text;
    struct slice parts[VERSION_PARTS];

    for (size_t i = 0; i < VERSION_PARTS; i++) {
        size_t n = nb_slice_find_byte(rest, '.');

        if ((i == VERSION_PARTS - 1) != (n == rest.n)) {
            nb_diag_set(reason,
                        "asserted server version must be of the form <major>.<minor>.<update>");
            return NB_EMALFORMED;
        }
        parts[i] = nb_slice_sub(rest, 0, n);
        rest = nb_slice_sub(rest, n + 1, rest.n);
    }
    for (size_t i = 0; i < VERSION_PARTS; i++) {
        if (nb_parse_i64(parts[i], INT64_MIN, INT64_MAX, &version[i]) != NB_OK) {
            nb_diag_set(reason, "asserted server version cant parse %.*s to int",
                        NB_SLICE_ARGS(parts[i]));
            return NB_EMALFORMED;
        }
    }
    if (version[0] < 0 || version[1] < 0 || version[2] < 0) {
        nb_diag_set(reason, "asserted server version can'b contain negative values: %.*s",
                    NB_SLICE_ARGS(text));
        return NB_EMALFORMED;
    }
    return NB_OK;
}

static int check_version(const struct nauth_claims *claims, struct nb_diag *diag)
{
    static const char *const names[VERSION_PARTS] = {"major", "minor", "update"};
    struct slice asserted = claims->op.assert_server_version;
    struct nb_diag reason = {0};
    int64_t wanted[VERSION_PARTS];
    int64_t own[VERSION_PARTS];

    if (asserted.n == 0) {
        return NB_OK;
    }
    if (parse_version(asserted, wanted, &reason) != NB_OK) {
        nb_diag_set(diag, "operator %.*s expects version %.*s got error instead: %s",
                    NB_SLICE_ARGS(claims->subject), NB_SLICE_ARGS(asserted), reason.text);
        return NB_EINVALID;
    }
    if (parse_version(nb_slice_of(NSERVER_REFERENCE_VERSION), own, NULL) != NB_OK) {
        NB_UNREACHABLE("a version of our own");
    }
    for (size_t i = 0; i < VERSION_PARTS && wanted[i] >= own[i]; i++) {
        if (wanted[i] > own[i]) {
            nb_diag_set(diag, "operator %.*s expected %s version %lld > server %s version %lld",
                        NB_SLICE_ARGS(claims->subject), names[i], (long long)wanted[i], names[i],
                        (long long)own[i]);
            return NB_EINVALID;
        }
    }
    return NB_OK;
}

/* Operators. */

// One of them must have named the system account, if any has named one.
static int check_system_account(const struct nserver_options *opts,
                                const struct nauth_claims *operators, size_t count,
                                struct nb_diag *diag)
{
    struct slice configured = nb_slice_of(opts->system_account);
    bool is_named = false;

    for (size_t i = 0; i < count; i++) {
        struct slice account = operators[i].op.system_account;

        if (nb_slice_equal(account, configured)) {
            return NB_OK;
        }
        is_named = is_named || account.n > 0;
    }
    if (configured.n > 0 && is_named) {
        nb_diag_set(diag, "system_account in config and operator JWT must be identical");
        return NB_EINVALID;
    }
    return NB_OK;
}

// What operators do not go together with.
static int check_exclusions(const struct nserver_options *opts, struct nb_diag *diag)
{
    const struct nserver_operator_options *operators = &opts->operators;
    const char *fault = NULL;

    if (operators->resolver.kind == NSERVER_RESOLVER_NONE) {
        fault = "operators require an account resolver to be configured";
    } else if (opts->account_count > 0) {
        fault = "operators do not allow Accounts to be configured directly";
    } else if (opts->user_count > 0) {
        fault = "operators do not allow users to be configured directly";
    } else if (operators->trusted_key_count > 0) {
        fault = "conflicting options for 'TrustedKeys' and 'TrustedOperators'";
    }
    if (fault != NULL) {
        nb_diag_set(diag, "%s", fault);
        return NB_EINVALID;
    }
    return NB_OK;
}

static int check_resolver(const struct nserver_options *opts, struct nb_diag *diag)
{
    enum nserver_resolver_kind kind = opts->operators.resolver.kind;

    if (opts->system_account == NULL &&
        (kind == NSERVER_RESOLVER_FULL || kind == NSERVER_RESOLVER_CACHE)) {
        nb_diag_set(diag, "using nats based account resolver - the system account needs to be "
                          "specified in configuration or the operator jwt");
        return NB_EINVALID;
    }
    return NB_OK;
}

static int check_pinned(const struct nserver_options *opts, struct nb_diag *diag)
{
    for (size_t i = 0; i < opts->operators.pinned_account_count; i++) {
        const char *key = opts->operators.pinned_accounts[i];

        if (!nauth_nkey_is_public_of(nb_slice_of(key), NAUTH_NKEY_ACCOUNT)) {
            return nserver__refuse(diag, "pinned account key %s is not a valid public account nkey",
                                   nserver__quote(key).text);
        }
    }
    return NB_OK;
}

static int check_callout(const struct nserver_options *opts, struct nb_diag *diag)
{
    if (opts->auth_callout.is_set) {
        nb_diag_set(diag,
                    "operators do not allow authorization callouts to be configured directly");
        return NB_EINVALID;
    }
    return NB_OK;
}

static int check_signing_keys(const struct nauth_claims *claims, struct nb_diag *diag)
{
    const struct nauth_texts *keys = &claims->op.signing_keys;

    for (size_t i = 0; i < keys->count; i++) {
        struct nserver__quoted quoted;
        char key[sizeof(quoted.text)];

        if (nauth_nkey_is_public_of(keys->items[i], NAUTH_NKEY_OPERATOR)) {
            continue;
        }
        snprintf(key, sizeof(key), "%.*s", NB_SLICE_ARGS(keys->items[i]));
        quoted = nserver__quote(key);
        return nserver__refuse(
            diag, "trusted Keys %s are required to be a valid public operator nkey", quoted.text);
    }
    return NB_OK;
}

static int check_claims(const struct nserver_options *opts, const struct nauth_claims *claims,
                        struct nb_diag *diag)
{
    size_t count = opts->operators.jwt_count;

    if (check_system_account(opts, claims, count, diag) != NB_OK ||
        check_resolver(opts, diag) != NB_OK) {
        return NB_EINVALID;
    }
    for (size_t i = 0; i < count; i++) {
        if (check_version(&claims[i], diag) != NB_OK) {
            return NB_EINVALID;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (check_signing_keys(&claims[i], diag) != NB_OK) {
            return NB_EINVALID;
        }
    }
    return NB_OK;
}

static int check_operators(const struct nserver_options *opts, struct nb_diag *diag)
{
    const struct nserver_operator_options *operators = &opts->operators;
    struct nauth_claims *claims = nb_calloc(operators->jwt_count, sizeof(*claims));
    size_t count = 0;
    int rc = NB_OK;

    while (rc == NB_OK && count < operators->jwt_count) {
        rc = nauth_jwt_decode(nb_slice_of(operators->jwts[count]), NAUTH_CLAIMS_OPERATOR,
                              &claims[count], diag);
        count += rc == NB_OK; // else a program put it there
    }
    rc = rc == NB_OK ? check_claims(opts, claims, diag) : NB_EINVALID;
    while (count > 0) {
        nauth_claims_fini(&claims[--count]);
    }
    nb_free(claims);
    return rc;
}

int nserver__validate_operators(const struct nserver_options *opts, struct nb_diag *diag)
{
    const struct nserver_operator_options *operators = &opts->operators;

    if (operators->default_sentinel != NULL) {
        if (operators->jwt_count == 0) {
            nb_diag_set(diag, "default sentinel requires operators and accounts");
            return NB_EINVALID;
        }
        if (check_sentinel(operators->default_sentinel, diag) != NB_OK) {
            return NB_EINVALID;
        }
    }
    if (operators->jwt_count == 0) {
        return NB_OK;
    }
    if (check_exclusions(opts, diag) != NB_OK || check_operators(opts, diag) != NB_OK ||
        check_pinned(opts, diag) != NB_OK) {
        return NB_EINVALID;
    }
    return check_callout(opts, diag);
}

/* Users. */

static bool has_user(const struct nserver_options *opts, const char *name)
{
    for (size_t i = 0; i < opts->user_count; i++) {
        const struct nserver_user *user = &opts->users[i];
        const char *own = user->nkey != NULL ? user->nkey : user->name;

        if (own != NULL && strcmp(own, name) == 0) {
            return true;
        }
    }
    return false;
}

int nserver__validate_no_auth_user(const struct nserver_options *opts, const char *no_auth_user,
                                   struct nb_diag *diag)
{
    if (no_auth_user == NULL) {
        return NB_OK;
    }
    if (opts->operators.jwt_count > 0) {
        return nserver__refuse(diag, "no_auth_user not compatible with Trusted Operator");
    }
    if (opts->user_count == 0) {
        return nserver__refuse(diag,
                               "no_auth_user: \"%.256s\" present, but users/nkeys are not defined",
                               no_auth_user);
    }
    if (!has_user(opts, no_auth_user)) {
        return nserver__refuse(diag,
                               "no_auth_user: \"%.256s\" not present as user or nkey in "
                               "authorization block or account configuration",
                               no_auth_user);
    }
    return NB_OK;
}

int nserver__validate_auth(const struct nserver_options *opts, struct nb_diag *diag)
{
    return nserver__validate_no_auth_user(opts, opts->no_auth_user, diag);
}

int nserver__validate_proxies(const struct nserver_options *opts, struct nb_diag *diag)
{
    for (size_t i = 0; i < opts->trusted_proxy_count; i++) {
        if (!nauth_nkey_is_public(nb_slice_of(opts->trusted_proxies[i]))) {
            return nserver__refuse(diag, "proxy trusted key %s is invalid",
                                   nserver__quote(opts->trusted_proxies[i]).text);
        }
    }
    return NB_OK;
}

/* The system account, which must be there when the server starts. */

static bool is_preloaded(const struct nserver_options *opts, const char *account)
{
    for (size_t i = 0; i < opts->operators.preload_count; i++) {
        if (strcmp(opts->operators.preloads[i].key, account) == 0) {
            return true;
        }
    }
    return false;
}

// One that has to be fetched is looked for by the server.
int nserver__validate_system_account(const struct nserver_options *opts, struct nb_diag *diag)
{
    enum nserver_resolver_kind kind = opts->operators.resolver.kind;

    if (opts->system_account == NULL || strcmp(opts->system_account, "$SYS") == 0 ||
        nserver__find_account(opts, opts->system_account) != NULL ||
        is_preloaded(opts, opts->system_account)) {
        return NB_OK;
    }
    if (kind != NSERVER_RESOLVER_NONE && kind != NSERVER_RESOLVER_MEMORY) {
        return NB_OK;
    }
    return nserver__refuse(diag, "error resolving system account: account missing");
}
