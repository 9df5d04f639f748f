#include "login/callout_answer.h"

#include <stdarg.h>

#include <natsd/jwt.h>
#include <natsd/memory.h>
#include <natsd/quote.h>
#include <natsd/xkey.h>

#include "clients/client.h"
#include "sharing/activation.h"

enum {
    REASON_MAX_BYTES = 16 * 1024,
};

static int64_t now_unix_s(void)
{
    return nb_wall_now().ns / NB_NS_PER_S;
}

/* Reasons. */

static void capitalize(struct slice owned)
{
    uint8_t *first = (uint8_t *)owned.p; // ours

    if (owned.n > 0 && *first >= 'a' && *first <= 'z') {
        *first = (uint8_t)(*first - 'a' + 'A');
    }
}

static int refuse(struct nserver__callout_answer *answer, const char *format, ...) NB_PRINTF(2, 3);

static int refuse(struct nserver__callout_answer *answer, const char *format, ...)
{
    struct nb_buf text;
    va_list args;

    nb_buf_init(&text, REASON_MAX_BYTES);
    va_start(args, format);
    nb_buf_must_vformat(&text, format, args);
    va_end(args);
    nb_slice_free(&answer->reason);
    answer->reason = nb_buf_take(&text);
    nb_buf_fini(&text);
    capitalize(answer->reason);
    return NB_EINVALID;
}

// Shortened: it goes into a reason. Somebody's text may be anything.
static int refuse_for(struct nserver__callout_answer *answer, const char *before,
                      struct slice first, const char *between, struct slice second,
                      const char *after)
{
    struct nb_buf a;
    struct nb_buf b;
    int rc;

    nserver__quote_for_log(nb_slice_sub(first, 0, 256), &a);
    nserver__quote_for_log(nb_slice_sub(second, 0, 256), &b);
    rc = refuse(answer, "%s%.*s%s%.*s%s", before, NB_SLICE_ARGS(nb_buf_slice(&a)), between,
                second.p != NULL ? (int)nb_buf_slice(&b).n : 0,
                second.p != NULL ? (const char *)nb_buf_slice(&b).p : "", after);
    nb_buf_fini(&a);
    nb_buf_fini(&b);
    return rc;
}

static void put_issues(const struct nauth_issues *issues, struct nb_buf *out)
{
    for (size_t i = 0; i < issues->count; i++) {
        if (i > 0) {
            nb_buf_must_text(out, " ");
        }
        nb_buf_must(out, nb_slice_sub(issues->items[i].text, 0, 256));
        if (nb_buf_slice(out).n > REASON_MAX_BYTES / 4) {
            return;
        }
    }
}

// Any issue at all, be it only a warning.
static int check_claims(const struct nauth_claims *claims, const char *what,
                        struct nserver__callout_answer *answer)
{
    struct nauth_issues issues = {0};
    struct nb_buf text;
    int rc = NB_OK;

    nauth_claims_validate(claims, now_unix_s(), &issues);
    if (nauth_issues_have(&issues, NAUTH_ISSUE_WARNING)) {
        nb_buf_init(&text, REASON_MAX_BYTES);
        put_issues(&issues, &text);
        rc = refuse(answer, "%s: [%.*s]", what, NB_SLICE_ARGS(nb_buf_slice(&text)));
        nb_buf_fini(&text);
    }
    nauth_issues_fini(&issues);
    return rc;
}

/* The answer. */

// As it came, or what was sealed; `opened` holds it then.
static int open_answer(const struct nserver__login *login,
                       const struct nserver__callout_terms *terms, struct slice payload,
                       struct nb_buf *opened, struct slice *token, bool *was_sealed,
                       struct nserver__callout_answer *answer)
{
    struct nauth_nkey sender;
    struct nb_diag diag = {0};
    int rc;

    *token = payload;
    if (terms->xkey.n == 0 || nb_slice_starts(payload, "eyJ")) {
        return NB_OK;
    }
    rc = nauth_nkey_parse_public(terms->xkey, &sender, &diag);
    if (rc == NB_OK) {
        rc = nauth_xkey_open(&login->c->server->curve, &sender, payload, opened, &diag);
    }
    if (rc != NB_OK) {
        return refuse_for(answer, "Error decrypting auth callout response on account ",
                          terms->account->name, ": ", (struct slice){0}, diag.text);
    }
    *was_sealed = true;
    *token = nb_buf_slice(opened);
    return NB_OK;
}

static bool is_known_issuer(const struct nserver__callout_terms *terms,
                            const struct nauth_claims *response)
{
    const struct nserver__terms *account = nserver__account_terms(terms->account);
    struct slice issuer_account = response->response.issuer_account;

    if (terms->issuer.n > 0) {
        return nb_slice_equal(response->issuer, terms->issuer);
    }
    // To name the account is not enough: anybody can.
    return (issuer_account.n == 0 || nb_slice_equal(issuer_account, terms->account->name)) &&
           (nb_slice_equal(response->issuer, terms->account->name) ||
            nserver__terms_may_issue(account, response->issuer));
}

static int check_response(const struct nserver__login *login,
                          const struct nserver__callout_terms *terms,
                          const struct nauth_claims *response, bool was_sealed,
                          struct nserver__callout_answer *answer)
{
    if (check_claims(response, "Authorization response had validation errors", answer) != NB_OK) {
        return NB_EINVALID;
    }
    if (!nb_slice_equal(response->subject, terms->user_key)) {
        return refuse(answer,
                      "Auth callout violation: auth callout response is not for expected user");
    }
    if (!nb_slice_is(response->audience, login->c->server->id)) {
        return refuse(answer, "Auth callout violation: auth callout response is not for server");
    }
    if (!was_sealed && !is_known_issuer(terms, response)) {
        return refuse(answer, "Auth callout signing key is unknown");
    }
    if (response->response.error.n > 0) {
        return refuse(answer, "Auth callout service returned an error: %.*s",
                      NB_SLICE_ARGS(nb_slice_sub(response->response.error, 0, 1024)));
    }
    return NB_OK;
}

/* The user. */

static int check_issuer(const struct nserver__callout_terms *terms, const struct nauth_claims *user,
                        struct nserver__callout_answer *answer)
{
    struct slice account = user->user.issuer_account;

    if (terms->issuer.n > 0) {
        answer->account = user->audience;
        if (account.n > 0) {
            return refuse_for(answer, "Error non operator mode account ", terms->account->name,
                              ": attempted to use issuer_account", (struct slice){0}, "");
        }
        if (!nb_slice_equal(user->issuer, terms->issuer)) {
            refuse_for(answer, "Wrong issuer for auth callout response on account ",
                       terms->account->name, ", expected ", terms->issuer, "");
            return NB_EINVALID;
        }
        return NB_OK;
    }
    answer->account = account.n > 0 ? account : user->issuer;
    if (nb_slice_equal(answer->account, terms->account->name) || terms->allows_all_accounts) {
        return NB_OK;
    }
    for (size_t i = 0; i < terms->allowed_accounts.count; i++) {
        if (nb_slice_equal(terms->allowed_accounts.items[i], answer->account)) {
            return NB_OK;
        }
    }
    return refuse_for(answer, "Account ", answer->account,
                      " not permitted as valid account option for auth callout for account ",
                      terms->account->name, "");
}

static int check_user(const struct nserver__login *login,
                      const struct nserver__callout_terms *terms, const struct nauth_claims *user,
                      struct nserver__callout_answer *answer)
{
    const struct nauth_user_limits *limits = &user->user.limits;
    int64_t left_s;
    bool are_known;
    bool is_allowed;

    if ((limits->proxy_required || login->needs_proxy) && !login->is_proxied) {
        answer->failure = NSERVER__REASON_PROXY_REQUIRED;
        return refuse(answer, "Proxy connection required");
    }
    if (check_claims(user, "Error validating user JWT", answer) != NB_OK) {
        return NB_EINVALID;
    }
    if (!nb_slice_equal(user->subject, terms->user_key)) {
        return refuse(
            answer, "Expected authorized user of \"%.*s\" but got \"%.*s\" on account \"%.*s\"",
            NB_SLICE_ARGS(terms->user_key), NB_SLICE_ARGS(nb_slice_sub(user->subject, 0, 64)),
            NB_SLICE_ARGS(nb_slice_sub(terms->account->name, 0, 256)));
    }
    if (!nauth_times_allow(limits, now_unix_s(), &left_s)) {
        return refuse_for(answer, "Authorized user on account ", terms->account->name,
                          " outside of valid connect times", (struct slice){0}, "");
    }
    is_allowed = nserver__connection_types_allow(&limits->connection_types, &are_known);
    if (!is_allowed) {
        return refuse_for(answer, "Authorized user on account ", terms->account->name,
                          are_known ? " not allowed to use connection type"
                                    : " using invalid connection type",
                          (struct slice){0}, "");
    }
    return check_issuer(terms, user, answer);
}

static int read_user(const struct nserver__login *login, const struct nserver__callout_terms *terms,
                     struct slice token, struct nserver__callout_answer *answer)
{
    struct nb_diag diag = {0};

    answer->user = nb_zalloc(sizeof(*answer->user));
    if (nauth_jwt_decode(token, NAUTH_CLAIMS_USER, answer->user, &diag) != NB_OK) {
        return refuse(answer, "%s", diag.text);
    }
    return check_user(login, terms, answer->user, answer);
}

static int read_response(const struct nserver__login *login,
                         const struct nserver__callout_terms *terms, struct slice token,
                         bool was_sealed, struct nserver__callout_answer *answer)
{
    struct nauth_claims response;
    struct nb_diag diag = {0};
    int rc;

    if (nauth_jwt_decode(token, NAUTH_CLAIMS_AUTH_RESPONSE, &response, &diag) != NB_OK) {
        return refuse(answer, "%s", diag.text);
    }
    rc = check_response(login, terms, &response, was_sealed, answer);
    if (rc == NB_OK) {
        rc = read_user(login, terms, response.response.jwt, answer);
    }
    nauth_claims_fini(&response);
    return rc;
}

int nserver__callout_read(const struct nserver__login *login,
                          const struct nserver__callout_terms *terms, struct slice payload,
                          struct nserver__callout_answer *out)
{
    struct nb_buf opened;
    struct slice token;
    bool was_sealed = false;
    int rc;

    *out = (struct nserver__callout_answer){.failure = NSERVER__REASON_AUTH_VIOLATION};
    if (payload.n == 0) {
        return refuse_for(out, "Auth callout violation: \"no reason supplied\" on account ",
                          terms->account->name, "", (struct slice){0}, "");
    }
    nb_buf_init(&opened, NAUTH_JWT_MAX_BYTES + NAUTH_XKEY_OVERHEAD_BYTES);
    rc = open_answer(login, terms, payload, &opened, &token, &was_sealed, out);
    if (rc == NB_OK) {
        rc = read_response(login, terms, token, was_sealed, out);
    }
    nb_buf_fini(&opened);
    return rc;
}

void nserver__callout_answer_fini(struct nserver__callout_answer *answer)
{
    if (answer->user != NULL) {
        nauth_claims_fini(answer->user);
        nb_free(answer->user);
    }
    nb_slice_free(&answer->reason);
    *answer = (struct nserver__callout_answer){0};
}

/* Taking over. */

// In operator mode the account has to know who signed, and a scope says what the user may do.
static int take_scope(struct nserver__login *login, const struct nserver__terms *account,
                      struct nserver__callout_answer *answer)
{
    const struct nauth_signing_key *key = nserver__terms_signing_key(account, answer->user->issuer);
    struct nb_diag diag = {0};

    if (!nserver__terms_may_issue(account, answer->user->issuer)) {
        return refuse_for(answer, "User JWT issuer ", answer->user->issuer, " is not known",
                          (struct slice){0}, "");
    }
    if (key == NULL || !key->is_scoped) {
        login->admission.permissions = &answer->user->user.limits.permissions;
        return NB_OK;
    }
    if (nauth_scope_check_user(key, answer->user, &diag) != NB_OK) {
        return refuse(answer, "User JWT is not valid: %s", diag.text);
    }
    nb_arena_fini(&login->arena);
    nb_arena_init(&login->arena, NSERVER__LOGIN_ARENA_MAX_BYTES);
    if (nauth_scope_permissions(key, answer->user, account->claims, &login->arena,
                                &login->scope_permissions, &diag) != NB_OK) {
        return refuse(answer, "User JWT generated invalid permissions: %s", diag.text);
    }
    login->admission.permissions = &login->scope_permissions;
    return NB_OK;
}

static void replace_claims(struct nserver__admission *admission, struct nauth_claims *claims)
{
    if (admission->claims != NULL) {
        nauth_claims_fini(admission->claims);
        nb_free(admission->claims);
    }
    admission->claims = claims;
}

int nserver__callout_take(struct nserver__login *login, const struct nserver__callout_terms *terms,
                          struct nserver__account *account, struct nserver__callout_answer *answer)
{
    struct nserver__admission *admission = &login->admission;
    const struct nserver__terms *there = nserver__account_terms(account);

    login->scope_hash = 0;
    if (terms->issuer.n == 0 && take_scope(login, there, answer) != NB_OK) {
        return NB_EINVALID;
    }
    if (terms->issuer.n > 0) {
        admission->permissions = &answer->user->user.limits.permissions;
    }
    if (!nserver__login_take_expiry(login, answer->user, &answer->user->user.limits)) {
        return refuse_for(answer, "Authorized user on account ", terms->account->name,
                          " outside of valid connect times", (struct slice){0}, "");
    }
    admission->has_default_permissions =
        terms->issuer.n == 0 && nauth_permissions_are_empty(admission->permissions);
    admission->account = account;
    admission->max_subscriptions = -1;
    admission->max_payload = -1;
    nb_slice_free(&admission->user);
    admission->user = nb_slice_dup(answer->user->name.n > 0 ? answer->user->name
                                                            : nserver__login_raw_user(login));
    replace_claims(admission, answer->user);
    answer->user = NULL;
    login->is_delegated = true;
    login->is_bearer = false;
    return NB_OK;
}
