#include "sharing/activation.h"

#include <natsd/clock.h>
#include <natsd/jwt.h>
#include <natsd/memory.h>

#include "accounts/terms.h"

bool nserver__terms_may_issue(const struct nserver__terms *terms, struct slice key)
{
    const struct nauth_account_claims *account;

    if (terms->claims == NULL) {
        return terms->is_bootstrap && nb_slice_is(key, terms->options.name);
    }
    account = &terms->claims->account;
    if (!terms->is_identity_refused && nb_slice_equal(key, terms->claims->subject)) {
        return true;
    }
    for (size_t i = 0; i < account->signing_key_count; i++) {
        if (nb_slice_equal(account->signing_keys[i].key, key)) {
            return true;
        }
    }
    return false;
}

static bool is_valid_for_import(const struct nserver__terms *importer,
                                const struct nserver_import *import)
{
    size_t index = (size_t)(import - importer->options.imports);
    struct nauth_issues issues = {0};
    bool is_valid;

    nauth_import_validate_token(&importer->claims->account.imports[index],
                                importer->claims->subject, &issues);
    is_valid = !nauth_issues_have(&issues, NAUTH_ISSUE_ERROR);
    nauth_issues_fini(&issues);
    return is_valid;
}

static bool is_revoked(const struct nserver_export *export, const struct nauth_claims *activation)
{
    for (size_t i = 0; i < export->revocation_count; i++) {
        const struct nserver_revocation *revocation = &export->revocations[i];

        if ((nb_slice_is(activation->subject, revocation->key) ||
             strcmp(revocation->key, "*") == 0) &&
            revocation->at >= activation->issued_at) {
            return true;
        }
    }
    return false;
}

static bool is_valid(const struct nauth_claims *activation, const struct nserver__terms *exporter,
                     int64_t now)
{
    struct slice issuer_account = activation->activation.issuer_account;
    struct nauth_issues issues = {0};
    bool is_good;

    if (issuer_account.n > 0 && (!nb_slice_is(issuer_account, exporter->options.name) ||
                                 !nserver__terms_may_issue(exporter, activation->issuer))) {
        return false;
    }
    nauth_claims_validate(activation, now, &issues);
    is_good = !nauth_issues_have(&issues, NAUTH_ISSUE_TIME);
    nauth_issues_fini(&issues);
    return is_good && (activation->expires == 0 || activation->expires > now);
}

bool nserver__activation_holds(const struct nserver__terms *importer,
                               const struct nserver__terms *exporter,
                               const struct nserver_export *export,
                               const struct nserver_import *import, int64_t *expires)
{
    int64_t now = nb_wall_now().ns / NB_NS_PER_S;
    struct nauth_claims activation;
    bool holds;

    if (import->token == NULL || importer->claims == NULL ||
        !is_valid_for_import(importer, import) ||
        nauth_jwt_decode(nb_slice_of(import->token), NAUTH_CLAIMS_ACTIVATION, &activation, NULL) !=
            NB_OK) {
        return false;
    }
    holds = is_valid(&activation, exporter, now) && !is_revoked(export, &activation);
    if (holds) {
        *expires = activation.expires;
    }
    nauth_claims_fini(&activation);
    return holds;
}
