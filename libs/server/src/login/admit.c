/* admit.c - a client enters an account: its permissions, its limits, its end. */
#include <natsd/memory.h>

#include "accounts/registry.h"
#include "clients/client.h"
#include "login/callout.h"
#include "login/login.h"

/* The account. */

void nserver__client_leave_account(struct nserver__client *c)
{
    if (c->is_counted) {
        c->is_counted = false;
        atomic_fetch_sub(&c->sender.account->client_count, 1);
    }
}

// Where it is already it doesn't need another place.
static bool take_place(struct nserver__client *c, struct nserver__account *account)
{
    const struct nserver__terms *terms = nserver__account_terms(account);
    int64_t count;

    if (c->is_counted && c->sender.account == account) {
        return true;
    }
    count = atomic_fetch_add(&account->client_count, 1);
    if (terms->max_connections >= 0 && count >= terms->max_connections) {
        atomic_fetch_sub(&account->client_count, 1);
        return false;
    }
    nserver__client_leave_account(c);
    nserver__client_bind(c, account);
    c->is_counted = true;
    return true;
}

/* Limits: the user's, lowered by the account's, lowered by the server's. */

static int64_t lower(int64_t a, int64_t b)
{
    if (a < 0 || b < 0) {
        return a < 0 ? b : a;
    }
    return a < b ? a : b;
}

void nserver__client_take_limits(struct nserver__client *c)
{
    const struct nserver_options *opts = &nserver__config(c->server)->opts;
    const struct nserver__terms *terms = nserver__account_terms(c->sender.account);
    const struct nserver__identity *identity = c->identity;
    int64_t subscriptions = identity != NULL ? identity->max_subscriptions : -1;
    int64_t payload = identity != NULL ? identity->max_payload : -1;

    subscriptions = lower(subscriptions, terms->max_subscriptions);
    c->max_subscriptions =
        lower(subscriptions, opts->max_subscriptions > 0 ? opts->max_subscriptions : -1);
    payload = lower(lower(payload, terms->max_payload), opts->max_payload);
    c->parser.payload_max = payload < 0 ? UINT32_MAX : (uint32_t)lower(payload, UINT32_MAX);
}

bool nserver__client_is_within_limits(struct nserver__client *c)
{
    bool is_full = c->max_subscriptions >= 0 && c->subs.count >= (uint64_t)c->max_subscriptions;

    if (is_full) {
        nserver__client_refuse(c, "maximum subscriptions exceeded",
                               NSERVER__REASON_MAX_SUBSCRIPTIONS);
    }
    return !is_full;
}

/* Permissions. */

static void set_rules(struct nserver__client *c, const struct nauth_permissions *permissions)
{
    struct nauth_rules *rules = NULL;

    if (permissions != NULL && !nauth_permissions_are_empty(permissions)) {
        if (nserver__client_rules(c) != NULL &&
            nauth_permissions_equal(nauth_rules_permissions(nserver__client_rules(c)),
                                    permissions)) {
            return;
        }
        rules = nauth_rules_create(permissions);
    }
    if (rules != nserver__client_rules(c)) {
        nserver__client_set_rules(c, rules);
        nserver__client_recheck_subs(c);
    }
}

// Where a service decides who may enter, nobody but the server asks it.
static void take_rules(struct nserver__client *c, const struct nauth_permissions *permissions)
{
    struct nauth_permissions with_deny =
        permissions != NULL ? *permissions : (struct nauth_permissions){0};
    size_t count = with_deny.publish_deny.count;
    struct slice *denied;

    if (!nserver__account_has_callout(c->server, c->sender.account)) {
        set_rules(c, permissions);
        return;
    }
    denied = nb_calloc(count + 1, sizeof(*denied));
    if (count > 0) {
        memcpy(denied, with_deny.publish_deny.items, count * sizeof(*denied));
    }
    denied[count] = NB_SLICE("$SYS.REQ.USER.AUTH");
    with_deny.publish_deny = (struct nauth_texts){.items = denied, .count = count + 1};
    set_rules(c, &with_deny);
    nb_free(denied);
}

void nserver__client_take_default_rules(struct nserver__client *c)
{
    const struct nserver__terms *terms = nserver__account_terms(c->sender.account);

    take_rules(c,
               terms->default_rules != NULL ? nauth_rules_permissions(terms->default_rules) : NULL);
}

/* The end. */

static void on_expired(struct nnet_timer *timer)
{
    struct nserver__client *c = nb_container_of(timer, struct nserver__client, expiry_timer);

    nserver__client_refuse(c, "User Authentication Expired", NSERVER__REASON_AUTH_EXPIRED);
}

static void set_expiry(struct nserver__client *c, int64_t left_ns)
{
    nnet_timer_disarm(c->worker->net, &c->expiry_timer);
    if (left_ns > 0) {
        c->expiry_timer.fire = on_expired;
        nnet_timer_arm(c->worker->net, &c->expiry_timer, left_ns);
    }
}

/* All of it. */

// One that showed nothing has nothing to be remembered: there may be many of them.
static bool is_anonymous(const struct nserver__admission *admission)
{
    return admission->user.n == 0 && admission->claims == NULL && admission->secret_hash == 0 &&
           admission->max_subscriptions < 0 && admission->max_payload < 0;
}

static void take_identity(struct nserver__client *c, struct nserver__login *login)
{
    struct nserver__admission *admission = &login->admission;
    struct nserver__identity *identity;

    nserver__identity_destroy(&c->identity);
    if (is_anonymous(admission)) {
        return;
    }
    identity = nserver__identity_create(admission->user);
    identity->claims = admission->claims;
    admission->claims = NULL;
    if (identity->claims != NULL) {
        identity->issuer_account = identity->claims->user.issuer_account;
    }
    identity->scope_hash = login->scope_hash;
    identity->is_bearer = login->is_bearer;
    identity->is_delegated = login->is_delegated;
    identity->has_default_permissions = admission->has_default_permissions;
    identity->max_subscriptions = admission->max_subscriptions;
    identity->max_payload = admission->max_payload;
    identity->expires_unix_ns =
        admission->expires_in_ns > 0 ? nb_wall_now().ns + admission->expires_in_ns : 0;
    identity->secret_hash = admission->secret_hash;
    c->identity = identity;
}

// Also one that has never sent a CONNECT may have subscriptions where it is.
static bool has_moved(const struct nserver__client *c, const struct nserver__login *login)
{
    return login->cause == LOGIN_AGAIN && c->sender.account != login->admission.account &&
           (c->has_connected || c->is_counted || c->subs.count > 0);
}

// While a login waits its account may go, or expire.
static bool lets_anybody_in(const struct nserver__account *account)
{
    const struct nserver__terms *terms = nserver__account_terms(account);

    return !terms->is_gone && !atomic_load_explicit(&terms->is_expired, memory_order_relaxed);
}

bool nserver__client_admit(struct nserver__client *c, struct nserver__login *login)
{
    struct nserver__admission *admission = &login->admission;
    struct nserver__account *account = admission->account;

    if (has_moved(c, login)) {
        nserver__client_close(c, NSERVER__REASON_CLIENT_CLOSED);
        return false;
    }
    if (account == NULL || !lets_anybody_in(account)) {
        nserver__client_auth_failed(c, login->failure);
        return false;
    }
    if (!take_place(c, account)) {
        nserver__client_refuse(c, "maximum account active connections exceeded",
                               NSERVER__REASON_MAX_ACCOUNT_CONNECTIONS);
        return false;
    }
    if (admission->has_default_permissions) {
        nserver__client_take_default_rules(c);
    } else {
        take_rules(c, admission->permissions);
    }
    take_identity(c, login);
    nserver__client_take_limits(c);
    set_expiry(c, admission->expires_in_ns);
    return nserver__client_is_within_limits(c);
}
