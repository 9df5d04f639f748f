#include "auth/new_account.h"

#include "auth/account_options.h"

int new_account(struct auth_session *session, const char *name, const char *seed_path,
                struct auth_token *account)
{
    struct nauth_nkey key = {.has_seed = false};
    int code = auth_new_key(session, NAUTH_NKEY_ACCOUNT, seed_path, &key);

    if (code != EXIT_CODE_OK) {
        return code;
    }
    *account = (struct auth_token){.name = nb_strdup(name)};
    account->path = auth_store_account_path(&session->store, session->op.name, name);
    account->claims.kind = NAUTH_CLAIMS_ACCOUNT;
    account->claims.name = auth_copy(session, nb_slice_of(name));
    account->claims.subject = auth_copy_key(session, &key);
    account_options_default(&account->claims);
    nauth_nkey_fini(&key);
    return EXIT_CODE_OK;
}
