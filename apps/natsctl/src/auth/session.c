#include "auth/session.h"

#include "auth/private_file.h"

#include <assert.h>
#include <ctype.h>

void auth_token_fini(struct auth_token *token)
{
    nauth_claims_fini(&token->claims);
    nb_slice_free(&token->text);
    nb_free(token->name);
    nb_free(token->path);
    *token = (struct auth_token){.name = NULL};
}

// -- reading ---------------------------------------------------------------------------------

int auth_read_token(const char *path, enum nauth_claims_kind kind, struct auth_token *token,
                    struct nb_diag *diag)
{
    struct nb_diag why = {""};
    struct slice file = {0};
    struct auth_token read = {.name = NULL};
    int rc = private_file_read(path, &file, diag);

    if (rc != NB_OK) {
        return rc;
    }
    read.text = nb_slice_dup(nb_slice_trim(nauth_jwt_of_file(file)));
    rc = nauth_jwt_decode(read.text, kind, &read.claims, &why);
    if (rc == NB_OK) {
        read.path = nb_strdup(path);
        *token = read;
    } else {
        nb_diag_set(diag, "%.200s: %.300s", path, why.text);
        nb_slice_free(&read.text);
    }
    nb_slice_wipe_free(&file);
    return rc == NB_ENOTFOUND ? NB_EMALFORMED : rc;
}

// An exit code for a token that somebody asked for by name. Takes `path`.
static int load(struct auth_session *session, char *path, enum nauth_claims_kind kind,
                const char *what, const char *name, struct auth_token *token)
{
    struct nb_diag diag = {""};
    int rc = auth_store_is_name(nb_slice_of(name)) ? auth_read_token(path, kind, token, &diag)
                                                   : NB_ENOTFOUND;

    nb_free(path);
    if (rc == NB_ENOTFOUND) {
        return cli_fail_with(session->cli, EXIT_CODE_NOT_FOUND,
                             "no %s \"%s\"; see 'natsctl auth %s ls'", what, name, what);
    }
    if (rc != NB_OK) {
        return cli_fail(session->cli, "%s %s: %s", what, name, diag.text);
    }
    token->name = nb_strdup(name);
    return EXIT_CODE_OK;
}

int auth_load_operator_named(struct auth_session *session, const char *name)
{
    return load(session, auth_store_operator_path(&session->store, name), NAUTH_CLAIMS_OPERATOR,
                "operator", name, &session->op);
}

int auth_load_operator(struct auth_session *session)
{
    const char *given = session->cli->group[AUTH_OPERATOR].text;
    char *name;
    int code;

    if (session->op.name != NULL) {
        return EXIT_CODE_OK;
    }
    if (given != NULL) {
        return auth_load_operator_named(session, given);
    }
    name = auth_store_selected(&session->store);
    if (name == NULL) {
        return cli_fail_with(session->cli, EXIT_CODE_NOT_FOUND,
                             "no operator is selected; make one with 'natsctl auth operator add', "
                             "or choose with --operator or 'natsctl auth operator select'");
    }
    code = auth_load_operator_named(session, name);
    nb_free(name);
    return code;
}

int auth_load_operator_of_words(struct auth_session *session)
{
    return session->cli->word_count > 0 ? auth_load_operator_named(session, session->cli->words[0])
                                        : auth_load_operator(session);
}

static void add_token(struct auth_tokens *tokens, const struct auth_token *token)
{
    tokens->items = nb_realloc(tokens->items, (tokens->count + 1) * sizeof(*tokens->items));
    tokens->items[tokens->count++] = *token;
}

// Takes `path`.
static void read_into(struct auth_session *session, char *path, enum nauth_claims_kind kind,
                      const char *name, struct auth_tokens *out)
{
    struct nb_diag diag = {""};
    struct auth_token token = {.name = NULL};
    int rc = auth_read_token(path, kind, &token, &diag);

    nb_free(path);
    if (rc == NB_OK) {
        token.name = nb_strdup(name);
        add_token(out, &token);
    } else if (rc != NB_ENOTFOUND) {
        cli_warn(session->cli, "%s", diag.text);
    }
}

void auth_read_accounts(struct auth_session *session, struct auth_tokens *out)
{
    char *folder = auth_store_accounts_folder(&session->store, session->op.name);
    struct private_names names;

    *out = (struct auth_tokens){.items = NULL};
    private_names_read(folder, NULL, &names);
    for (size_t i = 0; i < names.count; i++) {
        read_into(session,
                  auth_store_account_path(&session->store, session->op.name, names.items[i]),
                  NAUTH_CLAIMS_ACCOUNT, names.items[i], out);
    }
    private_names_fini(&names);
    nb_free(folder);
}

void auth_read_users(struct auth_session *session, const struct auth_token *account,
                     struct auth_tokens *out)
{
    char *folder = auth_store_users_folder(&session->store, session->op.name, account->name);
    struct private_names names;

    *out = (struct auth_tokens){.items = NULL};
    private_names_read(folder, ".jwt", &names);
    for (size_t i = 0; i < names.count; i++) {
        read_into(
            session,
            auth_store_user_path(&session->store, session->op.name, account->name, names.items[i]),
            NAUTH_CLAIMS_USER, names.items[i], out);
    }
    private_names_fini(&names);
    nb_free(folder);
}

void auth_tokens_fini(struct auth_tokens *tokens)
{
    for (size_t i = 0; i < tokens->count; i++) {
        auth_token_fini(&tokens->items[i]);
    }
    nb_free(tokens->items);
    *tokens = (struct auth_tokens){.items = NULL};
}

struct slice auth_name_of(const struct auth_tokens *tokens, struct slice key)
{
    for (size_t i = 0; i < tokens->count; i++) {
        if (nb_slice_equal(tokens->items[i].claims.subject, key)) {
            return nb_slice_of(tokens->items[i].name);
        }
    }
    return key;
}

// Moves the one out that `word` is the key of; or, without a word, the only one that isn't `but`.
static bool take_token(struct auth_tokens *tokens, const char *word, struct slice but,
                       struct auth_token *out)
{
    struct auth_token *found = NULL;

    for (size_t i = 0; i < tokens->count; i++) {
        struct auth_token *token = &tokens->items[i];
        bool is_meant = word != NULL ? nb_slice_is(token->claims.subject, word)
                                     : !nb_slice_equal(token->claims.subject, but);

        if (is_meant && found != NULL) {
            return false; // which of them?
        }
        found = is_meant ? token : found;
    }
    if (found == NULL) {
        return false;
    }
    *out = *found;
    *found = (struct auth_token){.name = NULL};
    return true;
}

int auth_load_account(struct auth_session *session, const char *word, struct auth_token *account)
{
    int code = auth_load_operator(session);
    struct auth_tokens accounts;
    bool is_found;

    if (code != EXIT_CODE_OK) {
        return code;
    }
    if (word != NULL && !nauth_nkey_is_public_of(nb_slice_of(word), NAUTH_NKEY_ACCOUNT)) {
        return load(session, auth_store_account_path(&session->store, session->op.name, word),
                    NAUTH_CLAIMS_ACCOUNT, "account", word, account);
    }
    auth_read_accounts(session, &accounts);
    is_found = take_token(&accounts, word, session->op.claims.op.system_account, account);
    auth_tokens_fini(&accounts);
    if (is_found) {
        return EXIT_CODE_OK;
    }
    return word != NULL ? cli_fail_with(session->cli, EXIT_CODE_NOT_FOUND, "no account %s", word)
                        : cli_usage(session->cli, "which account? there is not exactly one");
}

int auth_find_account_key(struct auth_session *session, const char *word, struct slice *out)
{
    struct auth_token account = {.name = NULL};
    int code;

    if (word != NULL && nauth_nkey_is_public_of(nb_slice_of(word), NAUTH_NKEY_ACCOUNT)) {
        *out = auth_copy(session, nb_slice_of(word));
        return EXIT_CODE_OK;
    }
    code = auth_load_account(session, word, &account);
    if (code == EXIT_CODE_OK) {
        *out = auth_copy(session, account.claims.subject);
    }
    auth_token_fini(&account);
    return code;
}

int auth_load_user(struct auth_session *session, const struct auth_token *account, const char *word,
                   struct auth_token *user)
{
    struct auth_tokens users;
    bool is_found;

    if (!nauth_nkey_is_public_of(nb_slice_of(word), NAUTH_NKEY_USER)) {
        return load(session,
                    auth_store_user_path(&session->store, session->op.name, account->name, word),
                    NAUTH_CLAIMS_USER, "user", word, user);
    }
    auth_read_users(session, account, &users);
    is_found = take_token(&users, word, (struct slice){0}, user);
    auth_tokens_fini(&users);
    return is_found ? EXIT_CODE_OK
                    : cli_fail_with(session->cli, EXIT_CODE_NOT_FOUND, "no user %s in account %s",
                                    word, account->name);
}

// -- editing ---------------------------------------------------------------------------------

static void *arena_alloc(struct auth_session *session, size_t size)
{
    void *memory = nb_arena_alloc(&session->arena, size > 0 ? size : 1);

    assert(memory != NULL);
    return memory;
}

struct slice auth_copy(struct auth_session *session, struct slice text)
{
    struct slice copy = nb_arena_dup(&session->arena, text);

    assert(copy.p != NULL);
    return copy;
}

struct slice auth_copy_key(struct auth_session *session, const struct nauth_nkey *key)
{
    char text[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1];

    nauth_nkey_public_text(key, text);
    return auth_copy(session, nb_slice_of(text));
}

void *auth_grown(struct auth_session *session, const void *items, size_t *count, size_t size)
{
    uint8_t *copy = arena_alloc(session, (*count + 1) * size);

    if (*count > 0) {
        memcpy(copy, items, *count * size);
    }
    (*count)++;
    return copy;
}

void *auth_shrunk(struct auth_session *session, const void *items, size_t *count, size_t size,
                  size_t index)
{
    const uint8_t *from = items;
    uint8_t *copy = arena_alloc(session, *count * size);

    assert(index < *count);
    memcpy(copy, from, index * size);
    memcpy(copy + index * size, from + (index + 1) * size, (*count - index - 1) * size);
    (*count)--;
    return copy;
}

bool auth_texts_have(const struct nauth_texts *texts, struct slice text)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (nb_slice_equal(texts->items[i], text)) {
            return true;
        }
    }
    return false;
}

void auth_texts_add(struct auth_session *session, struct nauth_texts *texts, struct slice text)
{
    struct slice *items;

    if (auth_texts_have(texts, text)) {
        return;
    }
    items = auth_grown(session, texts->items, &texts->count, sizeof(*items));
    items[texts->count - 1] = auth_copy(session, text);
    texts->items = items;
}

void auth_texts_set(struct auth_session *session, const struct args_value *given,
                    struct nauth_texts *texts)
{
    *texts = (struct nauth_texts){.items = NULL};
    for (size_t i = 0; i < given->list_count; i++) {
        struct slice rest = nb_slice_of(given->list[i]);
        struct slice item;

        while (nb_slice_take_field(&rest, ',', &item)) {
            item = nb_slice_trim(item);
            if (item.n > 0) {
                auth_texts_add(session, texts, item);
            }
        }
    }
}

void auth_tags_add(struct auth_session *session, const struct args_value *given,
                   struct nauth_texts *tags)
{
    struct nauth_texts more;

    auth_texts_set(session, given, &more);
    for (size_t i = 0; i < more.count; i++) {
        char *lower = nb_slice_cstr(more.items[i]);

        for (char *p = lower; *p != '\0'; p++) {
            *p = (char)tolower((unsigned char)*p);
        }
        auth_texts_add(session, tags, nb_slice_of(lower));
        nb_free(lower);
    }
}
