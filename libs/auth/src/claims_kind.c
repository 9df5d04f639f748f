#include "claims_kind.h"

static const struct kind {
    const char *name;
    const char *mismatch;
    const char *issuers; // as the reference lists them; NULL: any
    const char *subject; // what else it has to be; NULL: anything that is not empty
    bool has_version;
    bool is_any_subject; // if only an empty one
    enum nauth_nkey_type issuer;
    enum nauth_nkey_type other_issuer; // the same again when there is but one
    enum nauth_nkey_type subject_type;
} kinds[] = {
    [NAUTH_CLAIMS_GENERIC] = {.name = "", .mismatch = "", .is_any_subject = true},
    [NAUTH_CLAIMS_OPERATOR] = {.name = "operator",
                               .mismatch = "not operator claim",
                               .issuers = "[operator]",
                               .subject = "operator key",
                               .has_version = true,
                               .issuer = NAUTH_NKEY_OPERATOR,
                               .other_issuer = NAUTH_NKEY_OPERATOR,
                               .subject_type = NAUTH_NKEY_OPERATOR},
    [NAUTH_CLAIMS_ACCOUNT] = {.name = "account",
                              .mismatch = "not account claim",
                              .issuers = "[account operator]",
                              .subject = "account public key",
                              .has_version = true,
                              .issuer = NAUTH_NKEY_ACCOUNT,
                              .other_issuer = NAUTH_NKEY_OPERATOR,
                              .subject_type = NAUTH_NKEY_ACCOUNT},
    [NAUTH_CLAIMS_USER] = {.name = "user",
                           .mismatch = "not user claim",
                           .issuers = "[account]",
                           .subject = "user public key",
                           .has_version = true,
                           .issuer = NAUTH_NKEY_ACCOUNT,
                           .other_issuer = NAUTH_NKEY_ACCOUNT,
                           .subject_type = NAUTH_NKEY_USER},
    [NAUTH_CLAIMS_ACTIVATION] = {.name = "activation",
                                 .mismatch = "not activation claim",
                                 .issuers = "[account operator]",
                                 .subject = "account public key",
                                 .has_version = true,
                                 .issuer = NAUTH_NKEY_ACCOUNT,
                                 .other_issuer = NAUTH_NKEY_OPERATOR,
                                 .subject_type = NAUTH_NKEY_ACCOUNT},
    [NAUTH_CLAIMS_AUTH_REQUEST] = {.name = "authorization_request",
                                   .mismatch = "not an authorization request claim",
                                   .issuers = "[server]",
                                   .issuer = NAUTH_NKEY_SERVER,
                                   .other_issuer = NAUTH_NKEY_SERVER},
    // The reference has the same text for requests and responses.
    [NAUTH_CLAIMS_AUTH_RESPONSE] = {.name = "authorization_response",
                                    .mismatch = "not an authorization request claim",
                                    .issuers = "[account]",
                                    .issuer = NAUTH_NKEY_ACCOUNT,
                                    .other_issuer = NAUTH_NKEY_ACCOUNT},
};

enum nauth_claims_kind nauth__kind_of(struct slice name)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(kinds); i++) {
        if (nb_slice_is(name, kinds[i].name)) {
            return (enum nauth_claims_kind)i;
        }
    }
    return NAUTH_CLAIMS_GENERIC;
}

const char *nauth__kind_name(enum nauth_claims_kind kind)
{
    return kinds[kind].name;
}

const char *nauth__kind_mismatch(enum nauth_claims_kind wanted)
{
    return kinds[wanted].mismatch;
}

bool nauth__kind_has_version(enum nauth_claims_kind kind)
{
    return kinds[kind].has_version;
}

int nauth__kind_check_issuer(enum nauth_claims_kind kind, enum nauth_nkey_type issuer,
                             struct nb_diag *diag)
{
    const struct kind *row = &kinds[kind];

    if (row->issuers == NULL || issuer == row->issuer || issuer == row->other_issuer) {
        return NB_OK;
    }
    nb_diag_set(diag, "unable to validate expected prefixes - %s", row->issuers);
    return NB_EMALFORMED;
}

int nauth__kind_check_subject(enum nauth_claims_kind kind, struct slice subject,
                              struct nb_diag *diag)
{
    const struct kind *row = &kinds[kind];

    if (row->is_any_subject || (row->subject == NULL && subject.n > 0) ||
        (row->subject != NULL && nauth_nkey_is_public_of(subject, row->subject_type))) {
        return NB_OK;
    }
    nb_diag_set(diag, "expected subject to be %s", row->subject != NULL ? row->subject : "set");
    return NB_EMALFORMED;
}
