#include "accounts/operators.h"

#include <natsd/jwt.h>
#include <natsd/memory.h>

static void trust(struct nserver__operators *operators, struct slice key, bool is_strict)
{
    struct nserver__trust *entry = &operators->trusts[nb_map_count(&operators->trusted)];

    entry->is_strict = is_strict;
    (void)nb_map_insert(&operators->trusted, key, entry); // once is enough
}

static void trust_operator(struct nserver__operators *operators, const struct nauth_claims *claims)
{
    const struct nauth_operator_claims *op = &claims->op;

    if (!op->strict_signing_key_usage) {
        trust(operators, claims->subject, false);
    }
    for (size_t i = 0; i < op->signing_keys.count; i++) {
        trust(operators, op->signing_keys.items[i], op->strict_signing_key_usage);
    }
}

static size_t count_keys(const struct nserver__operators *operators, size_t trusted_key_count)
{
    size_t count = trusted_key_count;

    for (size_t i = 0; i < operators->count; i++) {
        count += 1 + operators->claims[i].op.signing_keys.count;
    }
    return count;
}

static void pin(struct nserver__operators *operators, const struct nserver_options *opts)
{
    const struct nserver_operator_options *o = &opts->operators;

    for (size_t i = 0; i < o->pinned_account_count; i++) {
        nb_map_insert(&operators->pinned, nb_slice_of(o->pinned_accounts[i]), operators);
    }
    if (o->pinned_account_count > 0 && opts->system_account != NULL) {
        nb_map_insert(&operators->pinned, nb_slice_of(opts->system_account), operators);
    }
}

int nserver__operators_create(const struct nserver_options *opts, struct nserver__operators **out,
                              struct nb_diag *diag)
{
    const struct nserver_operator_options *o = &opts->operators;
    struct nserver__operators *operators;
    int rc = NB_OK;

    *out = NULL;
    if (o->jwt_count == 0 && o->trusted_key_count == 0) {
        return NB_OK;
    }
    operators = nb_zalloc(sizeof(*operators));
    operators->claims = nb_calloc(o->jwt_count + 1, sizeof(*operators->claims));
    for (size_t i = 0; rc == NB_OK && i < o->jwt_count; i++) {
        rc = nauth_jwt_decode(nb_slice_of(o->jwts[i]), NAUTH_CLAIMS_OPERATOR, &operators->claims[i],
                              diag);
        operators->count += rc == NB_OK;
    }
    if (rc != NB_OK) {
        nserver__operators_destroy(&operators);
        return rc;
    }
    operators->trusts =
        nb_calloc(count_keys(operators, o->trusted_key_count), sizeof(*operators->trusts));
    for (size_t i = 0; i < operators->count; i++) {
        trust_operator(operators, &operators->claims[i]);
    }
    for (size_t i = 0; i < o->trusted_key_count; i++) {
        trust(operators, nb_slice_of(o->trusted_keys[i]), false);
    }
    pin(operators, opts);
    operators->default_sentinel = o->default_sentinel;
    *out = operators;
    return NB_OK;
}

void nserver__operators_destroy(struct nserver__operators **operators)
{
    struct nserver__operators *o = *operators;

    if (o == NULL) {
        return;
    }
    for (size_t i = 0; i < o->count; i++) {
        nauth_claims_fini(&o->claims[i]);
    }
    nb_free(o->claims);
    nb_map_fini(&o->trusted);
    nb_map_fini(&o->pinned);
    nb_free(o->trusts);
    nb_free(o);
    *operators = NULL;
}

const struct nserver__trust *nserver__operators_trust(const struct nserver__operators *operators,
                                                      struct slice key)
{
    return operators != NULL ? nb_map_find(&operators->trusted, key) : NULL;
}

bool nserver__operators_let_in(const struct nserver__operators *operators, struct slice account)
{
    return nb_map_count(&operators->pinned) == 0 ||
           nb_map_find(&operators->pinned, account) != NULL;
}
