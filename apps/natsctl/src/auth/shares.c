#include "auth/shares.h"

int shares_find_export(struct auth_session *session, const struct auth_token *account,
                       const char *word, size_t *index)
{
    const struct nauth_account_claims *claims = &account->claims.account;

    for (size_t i = 0; i < claims->export_count; i++) {
        const struct nauth_export_claims *export = &claims->exports[i];

        if (nb_slice_is(export->subject, word) || nb_slice_is(export->name, word)) {
            *index = i;
            return EXIT_CODE_OK;
        }
    }
    return cli_fail_with(session->cli, EXIT_CODE_NOT_FOUND, "account %s has no export \"%s\"",
                         account->name, word);
}

int shares_find_import(struct auth_session *session, const struct auth_token *account,
                       const char *word, size_t *index)
{
    const struct nauth_account_claims *claims = &account->claims.account;

    for (size_t i = 0; i < claims->import_count; i++) {
        const struct nauth_import_claims *import = &claims->imports[i];

        if (nb_slice_is(import->local_subject, word) || nb_slice_is(import->subject, word) ||
            nb_slice_is(import->name, word)) {
            *index = i;
            return EXIT_CODE_OK;
        }
    }
    return cli_fail_with(session->cli, EXIT_CODE_NOT_FOUND, "account %s has no import \"%s\"",
                         account->name, word);
}

// The items are in arenas of ours, so that the const is only a promise to others.
struct nauth_export_claims *shares_export_at(struct auth_token *account, size_t index)
{
    return (struct nauth_export_claims *)(uintptr_t)&account->claims.account.exports[index];
}

struct nauth_import_claims *shares_import_at(struct auth_token *account, size_t index)
{
    return (struct nauth_import_claims *)(uintptr_t)&account->claims.account.imports[index];
}
