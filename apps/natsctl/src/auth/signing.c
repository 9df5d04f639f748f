#include "auth/private_file.h"
#include "auth/session.h"

enum {
    TOKEN_MAX_BYTES = NAUTH_JWT_MAX_BYTES,
};

// -- who signs -------------------------------------------------------------------------------

// The first of these whose seed is in the store.
static bool find_held(struct auth_session *session, const struct nauth_texts *keys,
                      struct nauth_nkey *out)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (auth_store_find_key(&session->store, keys->items[i], out, NULL) == NB_OK) {
            return true;
        }
    }
    return false;
}

// Of this key; the store must have its seed.
static int find_seed(struct auth_session *session, struct slice key, const char *what,
                     struct nauth_nkey *out)
{
    struct nb_diag diag = {""};
    int rc = auth_store_find_key(&session->store, key, out, &diag);

    if (rc == NB_ENOTFOUND) {
        return cli_fail_with(session->cli, EXIT_CODE_NOT_FOUND,
                             "%s can't sign here: the seed of %.*s is not in %s", what,
                             NB_SLICE_ARGS(key), session->store.keys);
    }
    return rc == NB_OK ? EXIT_CODE_OK : cli_fail(session->cli, "%s: %s", what, diag.text);
}

int auth_operator_signer(struct auth_session *session, struct nauth_nkey *out)
{
    const struct nauth_claims *op = &session->op.claims;

    if (find_held(session, &op->op.signing_keys, out)) {
        return EXIT_CODE_OK;
    }
    if (op->op.strict_signing_key_usage) {
        return cli_fail_with(session->cli, EXIT_CODE_NOT_FOUND,
                             "operator %s wants a signing key, and the seed of none is in %s",
                             session->op.name, session->store.keys);
    }
    return find_seed(session, op->subject, "the operator", out);
}

size_t auth_find_signing_key(const struct nauth_account_claims *account, const char *word)
{
    for (size_t i = 0; i < account->signing_key_count; i++) {
        const struct nauth_signing_key *key = &account->signing_keys[i];

        if (nb_slice_is(key->key, word) || (key->is_scoped && nb_slice_is(key->role, word))) {
            return i;
        }
    }
    return account->signing_key_count;
}

// A strict operator's servers take no users from it.
static int find_identity(struct auth_session *session, const struct auth_token *account,
                         struct nauth_nkey *out)
{
    if (session->op.claims.op.strict_signing_key_usage) {
        return cli_fail_with(session->cli, EXIT_CODE_NOT_FOUND,
                             "operator %s wants a signing key of account %s: 'natsctl auth account "
                             "keys add %s' makes one",
                             session->op.name, account->name, account->name);
    }
    return find_seed(session, account->claims.subject, account->name, out);
}

static int find_named_signer(struct auth_session *session, const struct auth_token *account,
                             const char *word, struct nauth_nkey *out,
                             const struct nauth_signing_key **scope)
{
    const struct nauth_account_claims *claims = &account->claims.account;
    size_t index = auth_find_signing_key(claims, word);

    if (index < claims->signing_key_count) {
        const struct nauth_signing_key *key = &claims->signing_keys[index];

        *scope = key->is_scoped ? key : NULL;
        return find_seed(session, key->key, word, out);
    }
    if (nb_slice_is(account->claims.subject, word)) {
        return find_identity(session, account, out);
    }
    return cli_fail_with(session->cli, EXIT_CODE_NOT_FOUND,
                         "account %s has no signing key or role \"%s\"; see 'natsctl auth account "
                         "keys ls %s'",
                         account->name, word, account->name);
}

int auth_account_signer(struct auth_session *session, const struct auth_token *account,
                        const char *word, struct nauth_nkey *out,
                        const struct nauth_signing_key **scope)
{
    const struct nauth_account_claims *claims = &account->claims.account;

    *scope = NULL;
    if (word != NULL) {
        return find_named_signer(session, account, word, out, scope);
    }
    for (size_t i = 0; i < claims->signing_key_count; i++) {
        const struct nauth_texts key = {&claims->signing_keys[i].key, 1};

        if (!claims->signing_keys[i].is_scoped && find_held(session, &key, out)) {
            return EXIT_CODE_OK;
        }
    }
    return find_identity(session, account, out);
}

// -- keys ------------------------------------------------------------------------------------

int auth_read_seed(struct auth_session *session, const char *path, struct nauth_nkey *out)
{
    struct nb_diag diag = {""};
    struct slice text = {0};
    int rc = private_file_read(path, &text, &diag);

    if (rc == NB_OK) {
        rc = nauth_nkey_parse_seed(nb_slice_trim(text), out, &diag);
    }
    nb_slice_wipe_free(&text);
    return rc == NB_OK ? EXIT_CODE_OK : cli_fail(session->cli, "%s: %s", path, diag.text);
}

int auth_check_name(const struct auth_session *session, const char *name)
{
    return auth_store_is_name(nb_slice_of(name))
               ? EXIT_CODE_OK
               : cli_usage(session->cli, "a name has no slash and no dot in front");
}

int auth_check_new_operator(const struct auth_session *session, const char *name)
{
    int code = auth_check_name(session, name);

    if (code == EXIT_CODE_OK &&
        private_file_exists(auth_store_operator_path(&session->store, name))) {
        code = cli_fail(session->cli, "operator %s exists already", name);
    }
    return code;
}

int auth_new_key(struct auth_session *session, enum nauth_nkey_type type, const char *given,
                 struct nauth_nkey *out)
{
    struct nauth_nkey key = {.has_seed = false};
    struct nb_diag diag = {""};
    int code = EXIT_CODE_OK;

    if (given != NULL) {
        code = auth_read_seed(session, given, &key);
    } else if (nauth_nkey_create(type, &key) != NB_OK) {
        NB_UNREACHABLE("type of a key");
    }
    if (code == EXIT_CODE_OK && key.type != type) {
        code = cli_usage(session->cli, "%s: a seed of another type is needed here", given);
    }
    if (code == EXIT_CODE_OK && auth_store_put_key(&session->store, &key, &diag) != NB_OK) {
        code = cli_fail(session->cli, "%s", diag.text);
    }
    if (code == EXIT_CODE_OK) {
        *out = key;
    }
    nauth_nkey_fini(&key);
    return code;
}

// -- signing ---------------------------------------------------------------------------------

// Says what is wrong; an error if it is one. Being expired is not: somebody may want that.
static int check(struct auth_session *session, const struct auth_token *token)
{
    struct nauth_issues issues = {.items = NULL};
    int code = EXIT_CODE_OK;

    nauth_claims_validate(&token->claims, session->now_s, &issues);
    for (size_t i = 0; i < issues.count; i++) {
        struct slice text = issues.items[i].text;

        if (issues.items[i].level == NAUTH_ISSUE_ERROR) {
            code = cli_fail(session->cli, "%s: %.*s", token->name, NB_SLICE_ARGS(text));
        } else {
            cli_warn(session->cli, "%s: %.*s", token->name, NB_SLICE_ARGS(text));
        }
    }
    nauth_issues_fini(&issues);
    return code;
}

int auth_sign(struct auth_session *session, struct auth_token *token,
              const struct nauth_nkey *signer)
{
    struct nb_diag diag = {""};
    struct nauth_claims read;
    struct nb_buf text;
    int code;

    token->claims.issuer = auth_copy_key(session, signer); // a rule or two depend on it
    token->claims.issued_at = session->now_s;
    code = check(session, token);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    nb_buf_init(&text, TOKEN_MAX_BYTES);
    if (nauth_jwt_encode(&token->claims, signer, session->now_s, &text, &diag) != NB_OK) {
        code = cli_fail(session->cli, "%s: %s", token->name, diag.text);
    } else if (nauth_jwt_decode(nb_buf_slice(&text), token->claims.kind, &read, &diag) != NB_OK) {
        code = cli_fail(session->cli, "%s can't be read back: %s", token->name, diag.text);
    } else {
        nauth_claims_fini(&token->claims);
        token->claims = read; // with the id
        nb_slice_free(&token->text);
        token->text = nb_buf_take(&text);
    }
    nb_buf_fini(&text);
    return code;
}

int auth_write_token(struct auth_session *session, const struct auth_token *token, bool is_new)
{
    struct nb_diag diag = {""};
    int rc = private_file_write(token->path, token->text,
                                is_new ? PRIVATE_FILE_NEW : PRIVATE_FILE_REPLACE, &diag);

    return rc == NB_OK ? EXIT_CODE_OK : cli_fail(session->cli, "%s", diag.text);
}

int auth_save_operator(struct auth_session *session)
{
    struct nauth_nkey key = {.has_seed = false};
    int code = find_seed(session, session->op.claims.subject, "the operator", &key);

    if (code == EXIT_CODE_OK) {
        code = auth_sign(session, &session->op, &key);
    }
    if (code == EXIT_CODE_OK) {
        code = auth_write_token(session, &session->op, false);
    }
    nauth_nkey_fini(&key);
    return code;
}

int auth_save_account(struct auth_session *session, struct auth_token *account)
{
    struct nauth_nkey key = {.has_seed = false};
    int code = auth_operator_signer(session, &key);

    if (code == EXIT_CODE_OK) {
        code = auth_sign(session, account, &key);
    }
    if (code == EXIT_CODE_OK) {
        code = auth_write_token(session, account, false);
    }
    nauth_nkey_fini(&key);
    return code;
}
