/* meet_terms.c - a client whose account has new terms (spec 03 section 19.2): may it stay? */
#include <natsd/hash.h>

#include "clients/client.h"
#include "login/login.h"
#include "sharing/activation.h"
#include "sharing/shadows.h"

/* A scope as one number: to notice that it has changed. */

static uint64_t hash_texts(const struct nauth_texts *texts, uint64_t hash)
{
    hash = nb_hash_u64(texts->count, hash);
    for (size_t i = 0; i < texts->count; i++) {
        hash = nb_hash(texts->items[i], hash);
    }
    return hash;
}

static uint64_t hash_permissions(const struct nauth_permissions *p, uint64_t hash)
{
    hash = hash_texts(&p->publish_allow, hash);
    hash = hash_texts(&p->publish_deny, hash);
    hash = hash_texts(&p->subscribe_allow, hash);
    hash = hash_texts(&p->subscribe_deny, hash);
    hash = nb_hash_u64(p->has_responses, hash);
    hash = nb_hash_u64((uint64_t)p->responses_max, hash);
    return nb_hash_u64((uint64_t)p->responses_ttl_ns, hash);
}

uint64_t nserver__scope_hash(const struct nauth_signing_key *key)
{
    const struct nauth_user_limits *scope = &key->scope;
    uint64_t hash = nb_hash_u64(key->is_scoped, nb_hash_process_seed());

    if (!key->is_scoped) {
        return hash;
    }
    hash = hash_permissions(&scope->permissions, hash);
    hash = hash_texts(&scope->src, hash);
    for (size_t i = 0; i < scope->time_count; i++) {
        hash = nb_hash(scope->times[i].start, hash);
        hash = nb_hash(scope->times[i].end, hash);
    }
    hash = nb_hash(scope->times_location, hash);
    hash = nb_hash_u64((uint64_t)scope->subs, hash);
    hash = nb_hash_u64((uint64_t)scope->data, hash);
    hash = nb_hash_u64((uint64_t)scope->payload, hash);
    hash = nb_hash_u64((scope->bearer_token ? 1U : 0U) | (scope->proxy_required ? 2U : 0U), hash);
    return hash_texts(&scope->connection_types, hash);
}

const struct nauth_signing_key *nserver__terms_signing_key(const struct nserver__terms *terms,
                                                           struct slice key)
{
    const struct nauth_account_claims *account;

    if (terms->claims == NULL) {
        return NULL;
    }
    account = &terms->claims->account;
    for (size_t i = 0; i < account->signing_key_count; i++) {
        if (nb_slice_equal(account->signing_keys[i].key, key)) {
            return &account->signing_keys[i];
        }
    }
    return NULL;
}

/* What a user JWT has to do with the account's. */

// The key that signed is there, and grants what it did.
static bool is_still_signed(const struct nserver__identity *identity,
                            const struct nserver__terms *terms)
{
    const struct nauth_signing_key *key =
        nserver__terms_signing_key(terms, identity->claims->issuer);

    return nserver__terms_may_issue(terms, identity->claims->issuer) &&
           (key != NULL ? nserver__scope_hash(key) : 0) == identity->scope_hash;
}

// False: it was sent away.
static bool is_user_welcome(struct nserver__client *c, const struct nserver__terms *terms)
{
    const struct nserver__identity *identity = c->identity;
    const struct nauth_claims *user = identity->claims;
    const struct nauth_account_claims *account = &terms->claims->account;

    if (nauth_is_revoked(&account->revocations, user->subject, user->issued_at)) {
        nserver__client_refuse(c, "User Authentication Revoked", NSERVER__REASON_REVOKED);
        return false;
    }
    if (identity->is_delegated) { // the callout answers for it
        return true;
    }
    if (!is_still_signed(identity, terms)) {
        nserver__client_close(c, NSERVER__REASON_AUTH_VIOLATION);
        return false;
    }
    if (account->limits.disallow_bearer && identity->is_bearer) {
        nserver__client_auth_failed(c, NSERVER__REASON_AUTH_VIOLATION);
        return false;
    }
    return true;
}

static bool is_welcome(struct nserver__client *c, const struct nserver__terms *terms)
{
    if (terms->claims != NULL && atomic_load(&terms->is_expired)) {
        nserver__client_refuse(c, "Account Authentication Expired", NSERVER__REASON_AUTH_EXPIRED);
        return false;
    }
    return terms->claims == NULL || c->identity == NULL || c->identity->claims == NULL ||
           is_user_welcome(c, terms);
}

void nserver__client_meet_terms(struct nserver__client *c)
{
    const struct nserver__terms *terms = nserver__account_terms(c->sender.account);

    if (!is_welcome(c, terms)) {
        return;
    }
    if (c->identity != NULL && c->identity->has_default_permissions) {
        nserver__client_take_default_rules(c);
    }
    nserver__client_take_limits(c);
    if (nserver__client_is_within_limits(c)) {
        nserver__shadows_renew(c);
    }
}
