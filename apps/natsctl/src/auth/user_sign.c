#include "auth/user_sign.h"

int user_sign(struct auth_session *session, const struct auth_token *account,
              struct auth_token *user, const char *key_word)
{
    struct nauth_nkey key = {.has_seed = false};
    const struct nauth_signing_key *scope;
    struct nb_diag diag = {""};
    int code = auth_account_signer(session, account, key_word, &key, &scope);
    struct slice issuer;

    if (code != EXIT_CODE_OK) {
        return code;
    }
    issuer = auth_copy_key(session, &key);
    user->claims.user.issuer_account = nb_slice_equal(issuer, account->claims.subject)
                                           ? (struct slice){0}
                                           : auth_copy(session, account->claims.subject);
    user->claims.issuer = issuer;
    if (scope != NULL && nauth_scope_check_user(scope, &user->claims, &diag) != NB_OK) {
        code = cli_usage(session->cli,
                         "role %.*s says what its users may do: no limits and permissions here",
                         NB_SLICE_ARGS(scope->role));
    }
    if (code == EXIT_CODE_OK && scope == NULL && user->claims.user.limits.bearer_token &&
        account->claims.account.limits.disallow_bearer) {
        cli_warn(session->cli, "account %s lets no bearers in", account->name);
    }
    if (code == EXIT_CODE_OK) {
        code = auth_sign(session, user, &key);
    }
    nauth_nkey_fini(&key);
    return code;
}

int user_sign_again(struct auth_session *session, const struct auth_token *account,
                    struct auth_token *user)
{
    char *issuer = nb_slice_cstr(user->claims.issuer);
    int code = user_sign(session, account, user, issuer);

    nb_free(issuer);
    return code;
}
