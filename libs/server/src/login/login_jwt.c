/* login_jwt.c - users of operator mode: the JWT they bring, and the account that vouches for it (spec
 * 03 sections 9.4, step 3, and 9.5).
 */
#include <natsd/connection_type.h>
#include <natsd/jwt.h>
#include <natsd/memory.h>

#include "accounts/claims.h"
#include "accounts/loading.h"
#include "accounts/operators.h"
#include "clients/client.h"
#include "login/callout.h"
#include "login/login.h"
#include "sharing/activation.h"

static int64_t now_unix_s(void)
{
    return nb_wall_now().ns / NB_NS_PER_S;
}

static enum nserver__verdict refuse(const struct nserver__login *login, const char *why)
{
    nserver__client_log(login->c, NB_LOG_DEBUG, "%s", why);
    return VERDICT_REFUSED;
}

/* The JWT. */

// The one it brings, or else the one that stands in for those without.
static bool read_token(struct nserver__login *login, const struct nserver__operators *operators)
{
    struct nauth_claims *claims = nb_zalloc(sizeof(*claims));
    struct nb_diag diag = {0};
    int rc = NB_ENOTFOUND;

    if (login->connect->jwt.n > 0) {
        rc = nauth_jwt_decode(login->connect->jwt, NAUTH_CLAIMS_USER, claims, &diag);
    }
    if (rc != NB_OK && operators->default_sentinel != NULL) {
        rc = nauth_jwt_decode(nb_slice_of(operators->default_sentinel), NAUTH_CLAIMS_USER, claims,
                              &diag);
        login->is_sentinel = rc == NB_OK;
    }
    if (rc != NB_OK) {
        nb_free(claims);
        nserver__client_log(login->c, NB_LOG_DEBUG,
                            login->connect->jwt.n > 0 ? "User JWT not valid: %s"
                                                      : "Authentication requires a user JWT%s",
                            diag.text);
        return false;
    }
    login->admission.claims = claims;
    return true;
}

static bool is_valid_now(const struct nserver__login *login)
{
    struct nauth_issues issues = {0};
    bool is_valid;

    nauth_claims_validate(login->admission.claims, now_unix_s(), &issues);
    is_valid = !nauth_issues_have(&issues, NAUTH_ISSUE_TIME);
    for (size_t i = 0; i < issues.count; i++) {
        nserver__client_log(login->c, NB_LOG_DEBUG, "User JWT no longer valid: %.*s",
                            NB_SLICE_ARGS(issues.items[i].text));
    }
    nauth_issues_fini(&issues);
    return is_valid;
}

static struct slice account_of(const struct nauth_claims *user)
{
    return user->user.issuer_account.n > 0 ? user->user.issuer_account : user->issuer;
}

/* In the account. */

bool nserver__connection_types_allow(const struct nauth_texts *names, bool *are_known)
{
    uint32_t types = 0;

    for (size_t i = 0; i < names->count; i++) {
        types |= nauth_connection_type_of(names->items[i]);
    }
    *are_known = names->count == 0 || types != 0;
    return *are_known && nauth_connection_type_allows(types, NAUTH_CONNECTION_STANDARD);
}

// Any other number below zero than -1 allows nothing.
static int64_t limit_of(int64_t limit)
{
    return limit < -1 ? 0 : limit;
}

static void take_permissions(struct nserver__admission *admission,
                             const struct nauth_permissions *permissions,
                             const struct nauth_user_limits *limits)
{
    admission->has_default_permissions = nauth_permissions_are_empty(permissions);
    admission->permissions = permissions;
    admission->max_subscriptions = limit_of(limits->subs);
    admission->max_payload = limit_of(limits->payload);
}

// What a scoped key says replaces what the user could say.
static bool take_scope(struct nserver__login *login, const struct nserver__terms *terms,
                       const struct nauth_signing_key *key)
{
    struct nauth_claims *user = login->admission.claims;
    struct nb_diag diag = {0};

    if (nauth_scope_check_user(key, user, &diag) != NB_OK) {
        nserver__client_log(login->c, NB_LOG_DEBUG, "User JWT is not valid: %s", diag.text);
        return false;
    }
    nb_arena_init(&login->arena, NSERVER__LOGIN_ARENA_MAX_BYTES);
    if (nauth_scope_permissions(key, user, terms->claims, &login->arena, &login->scope_permissions,
                                &diag) != NB_OK) {
        nserver__client_log(login->c, NB_LOG_DEBUG, "User JWT generated invalid permissions: %s",
                            diag.text);
        return false;
    }
    take_permissions(&login->admission, &login->scope_permissions, &key->scope);
    return true;
}

static bool is_from_here(struct nserver__login *login, const struct nauth_user_limits *limits)
{
    if (nauth_src_allows(&limits->src, nb_slice_of(login->c->peer.ip))) {
        return true;
    }
    nserver__client_log(login->c, NB_LOG_ERROR, "Bad src Ip %s", login->c->peer.ip);
    return false;
}

// Until the JWT, or the window of time, ends.
bool nserver__login_take_expiry(struct nserver__login *login, const struct nauth_claims *user,
                                const struct nauth_user_limits *limits)
{
    int64_t now_ns = nb_wall_now().ns;
    int64_t left_s = INT64_MAX;
    int64_t left_ns = INT64_MAX;

    if (!nauth_times_allow(limits, now_ns / NB_NS_PER_S, &left_s)) {
        return false;
    }
    if (left_s < INT64_MAX / NB_NS_PER_S) {
        left_ns = left_s * NB_NS_PER_S;
    }
    if (user->expires != 0 && user->expires < INT64_MAX / NB_NS_PER_S) {
        int64_t jwt_left_ns = user->expires > 0 ? user->expires * NB_NS_PER_S - now_ns : 0;

        left_ns = jwt_left_ns < left_ns ? jwt_left_ns : left_ns;
    }
    if (left_ns < INT64_MAX) {
        login->admission.expires_in_ns = left_ns > 0 ? left_ns : 1;
    }
    return true;
}

static bool is_signed_by_user(const struct nserver__login *login, bool is_bearer)
{
    return is_bearer || nserver__client_verifies(login->c, login->admission.claims->subject,
                                                 login->connect->sig);
}

// The limits of the JWT, or of the scope that signed it. NULL: refused.
static const struct nauth_user_limits *find_limits(struct nserver__login *login,
                                                   const struct nserver__terms *terms)
{
    struct nauth_claims *user = login->admission.claims;
    const struct nauth_signing_key *key = nserver__terms_signing_key(terms, user->issuer);

    login->scope_hash = key != NULL ? nserver__scope_hash(key) : 0;
    if (key != NULL && key->is_scoped) {
        return take_scope(login, terms, key) ? &key->scope : NULL;
    }
    take_permissions(&login->admission, &user->user.limits.permissions, &user->user.limits);
    return &user->user.limits;
}

static enum nserver__verdict weigh_in_account(struct nserver__login *login,
                                              struct nserver__account *account)
{
    const struct nserver__config *config = nserver__config(login->c->server);
    const struct nserver__terms *terms = nserver__account_terms(account);
    const struct nauth_claims *user = login->admission.claims;
    const struct nauth_user_limits *limits;
    bool are_known;

    if (terms->claims != NULL &&
        nserver__operators_trust(config->operators, terms->claims->issuer) == NULL) {
        return refuse(login, "Account JWT not signed by trusted operator");
    }
    login->account = account; // from here on its service may be asked
    if (!nserver__terms_may_issue(terms, user->issuer)) {
        return refuse(login, "User JWT issuer is not known");
    }
    limits = find_limits(login, terms);
    if (limits == NULL) {
        return VERDICT_REFUSED;
    }
    if (atomic_load(&terms->is_expired)) {
        return refuse(login, "Account JWT has expired");
    }
    if (limits->bearer_token && terms->claims != NULL &&
        terms->claims->account.limits.disallow_bearer) {
        return refuse(login, "Account does not allow bearer tokens");
    }
    if (!nserver__connection_types_allow(&limits->connection_types, &are_known)) {
        return refuse(login,
                      are_known ? "Connection type not allowed" : "invalid connection types");
    }
    if (!is_signed_by_user(login, limits->bearer_token)) {
        return refuse(login, "Signature not verified");
    }
    if (terms->claims != NULL &&
        nauth_is_revoked(&terms->claims->account.revocations, user->subject, user->issued_at)) {
        return refuse(login, "User authentication revoked");
    }
    if (!is_from_here(login, limits)) {
        return VERDICT_REFUSED;
    }
    if (!nserver__login_take_expiry(login, user, limits)) {
        nserver__client_log(login->c, NB_LOG_ERROR, "Outside connect times");
        return VERDICT_REFUSED;
    }
    login->is_bearer = limits->bearer_token;
    login->admission.user = nb_slice_dup(user->subject);
    login->admission.account = account;
    return VERDICT_ACCEPTED;
}

void nserver__login_account_loaded(struct nserver__login *login, struct nserver__account *account,
                                   const char *why)
{
    if (login->callout != NULL) {
        nserver__callout_account_loaded(login, account, why);
        return;
    }
    if (account == NULL) {
        nserver__client_log(login->c, NB_LOG_DEBUG, "Account JWT lookup error: %s", why);
        nserver__login_resume(login, VERDICT_REFUSED);
        return;
    }
    nserver__login_resume(login, weigh_in_account(login, account));
}

enum nserver__verdict nserver__login_weigh_jwt(struct nserver__login *login)
{
    struct nserver *server = login->c->server;
    const struct nserver__operators *operators = nserver__config(server)->operators;
    struct nserver__account *account;
    struct slice key;

    if (!read_token(login, operators)) {
        return VERDICT_REFUSED;
    }
    login->needs_proxy = login->admission.claims->user.limits.proxy_required;
    if (login->needs_proxy && !login->is_proxied) {
        login->failure = NSERVER__REASON_PROXY_REQUIRED;
        return refuse(login, "proxy connection required");
    }
    if (!is_valid_now(login)) {
        return VERDICT_REFUSED;
    }
    key = account_of(login->admission.claims);
    if (!nserver__operators_let_in(operators, key)) {
        atomic_fetch_add(&server->pinned_account_fails, 1);
        nserver__client_log(login->c, NB_LOG_DEBUG,
                            "Account %.*s not listed as operator pinned account",
                            NB_SLICE_ARGS(nb_slice_sub(key, 0, 64)));
        return VERDICT_REFUSED;
    }
    account = nserver__registry_find(&server->accounts, key);
    if (account != NULL && nserver__account_is_ready(account)) {
        return weigh_in_account(login, account);
    }
    nserver__account_load_for_login(login, key);
    return VERDICT_WAITING;
}
