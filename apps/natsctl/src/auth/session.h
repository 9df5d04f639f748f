/* session.h - what every command of `natsctl auth` begins with: the store, the operator, accounts
 * and users by name or key, and who signs. All tell on standard error what went wrong and return
 * an exit code.
 *
 * Ownership: tokens own their text; what an edit puts into claims is in the session's arena, so
 *   that claims which were edited live as long as the session.
 * Threads: [main].
 */
#pragma once

#include "auth/store.h"
#include "cli.h"

#include <natsd/claims.h>
#include <natsd/jwt.h>

enum auth_option { AUTH_STORE_DIR, AUTH_KEYS_DIR, AUTH_OPERATOR, AUTH_OPTION_COUNT };

extern const struct args_option auth_options[AUTH_OPTION_COUNT];

struct auth_token {
    char *name; // in the store; owned
    char *path; // owned
    struct slice text;
    struct nauth_claims claims;
};

void auth_token_fini(struct auth_token *token); // fine on zeroed, and twice

struct auth_session {
    struct cli *cli;
    struct auth_store store;
    struct nb_arena arena;
    int64_t now_s;
    struct auth_token op; // after auth_load_operator()
};

typedef int (*auth_run_fn)(struct auth_session *session);
// Opens a session, runs, closes it.
int auth_run(struct cli *cli, auth_run_fn run);

typedef int (*auth_account_fn)(struct auth_session *session, struct auth_token *account,
                               const void *ctx);
// The same with the account that the first word names: see auth_load_account().
int auth_run_account(struct cli *cli, auth_account_fn run, const void *ctx);

typedef int (*auth_user_fn)(struct auth_session *session, struct auth_token *account,
                            struct auth_token *user);
// The same with the user that the word at `first_word` names, of the account in the next word.
int auth_run_user(struct cli *cli, size_t first_word, auth_user_fn run);

// -- what there is ---------------------------------------------------------------------------

// --operator, or the one that is selected.
NB_MUST_USE int auth_load_operator(struct auth_session *session);
NB_MUST_USE int auth_load_operator_named(struct auth_session *session, const char *name);
// The one that the first word names; without words that of auth_load_operator().
NB_MUST_USE int auth_load_operator_of_words(struct auth_session *session);
// By name or by key; NULL: the only one besides the system account. Loads the operator.
NB_MUST_USE int auth_load_account(struct auth_session *session, const char *word,
                                  struct auth_token *account);
// The key that `word` is, of whichever account, or that of the account which auth_load_account()
// finds by it. In the arena.
NB_MUST_USE int auth_find_account_key(struct auth_session *session, const char *word,
                                      struct slice *out);
// By name or by key.
NB_MUST_USE int auth_load_user(struct auth_session *session, const struct auth_token *account,
                               const char *word, struct auth_token *user);
// Reads a token of the store without a word: NB_ENOTFOUND, or why it can't be used.
NB_MUST_USE int auth_read_token(const char *path, enum nauth_claims_kind kind,
                                struct auth_token *token, struct nb_diag *diag);

// Each account of the operator, sorted by name; those that can't be read are warned of.
struct auth_tokens {
    struct auth_token *items;
    size_t count;
};
void auth_read_accounts(struct auth_session *session, struct auth_tokens *out);
void auth_read_users(struct auth_session *session, const struct auth_token *account,
                     struct auth_tokens *out);
void auth_tokens_fini(struct auth_tokens *tokens);
// The name of an account by its key, or the key itself. Borrowed from both.
struct slice auth_name_of(const struct auth_tokens *tokens, struct slice key);

// Which of the account's signing keys has this public key or role; the count when there is none.
size_t auth_find_signing_key(const struct nauth_account_claims *account, const char *word);

// -- who signs -------------------------------------------------------------------------------

// A signing key of the operator whose seed is in the store, else its identity.
NB_MUST_USE int auth_operator_signer(struct auth_session *session, struct nauth_nkey *out);
// `word` is a role, a key, or NULL: a signing key without a scope whose seed is in the store, else
// the account's identity. *scope is NULL, or the scope of the key, borrowed from the account.
NB_MUST_USE int auth_account_signer(struct auth_session *session, const struct auth_token *account,
                                    const char *word, struct nauth_nkey *out,
                                    const struct nauth_signing_key **scope);

// -- what is made ----------------------------------------------------------------------------

// For a command that makes something: may it be called so, is there no such operator yet?
NB_MUST_USE int auth_check_name(const struct auth_session *session, const char *name);
NB_MUST_USE int auth_check_new_operator(const struct auth_session *session, const char *name);

// Rows of a table of options, whose text is what auth_new_key() takes as `given`.
#define AUTH_IDENTITY_OPTION                                                 \
    {                                                                        \
        .name = "key", .kind = ARGS_TEXT, .value = "FILE",                   \
        .help = "a file with the seed of the identity, instead of a new one" \
    }
#define AUTH_SIGNING_KEY_OPTION                              \
    {                                                        \
        .name = "key", .kind = ARGS_TEXT, .value = "FILE",   \
        .help = "a file with the seed, instead of a new one" \
    }

// A new key of this type, kept in the store; or the one that `given` names: a file with a seed.
NB_MUST_USE int auth_new_key(struct auth_session *session, enum nauth_nkey_type type,
                             const char *given, struct nauth_nkey *out);
// A file with a seed, or "-".
NB_MUST_USE int auth_read_seed(struct auth_session *session, const char *path,
                               struct nauth_nkey *out);
// Checks the claims, signs and keeps them as token->text; warnings are said.
NB_MUST_USE int auth_sign(struct auth_session *session, struct auth_token *token,
                          const struct nauth_nkey *signer);
// The same for what the operator signs, or the account with `key_word`; and writes the file.
NB_MUST_USE int auth_save_operator(struct auth_session *session);
NB_MUST_USE int auth_save_account(struct auth_session *session, struct auth_token *account);
// Writes token->text.
NB_MUST_USE int auth_write_token(struct auth_session *session, const struct auth_token *token,
                                 bool is_new);

// -- editing claims --------------------------------------------------------------------------

struct slice auth_copy(struct auth_session *session, struct slice text);
struct slice auth_copy_key(struct auth_session *session, const struct nauth_nkey *key); // public
// A copy with room for one more at the end, zeroed; *count is one more then.
void *auth_grown(struct auth_session *session, const void *items, size_t *count, size_t size);
// A copy without the one at `index`.
void *auth_shrunk(struct auth_session *session, const void *items, size_t *count, size_t size,
                  size_t index);
bool auth_texts_have(const struct nauth_texts *texts, struct slice text);
void auth_texts_add(struct auth_session *session, struct nauth_texts *texts, struct slice text);
// What was given, separated by commas, instead of what is there.
void auth_texts_set(struct auth_session *session, const struct args_value *given,
                    struct nauth_texts *texts);
// The same, added; tags are in lower case.
void auth_tags_add(struct auth_session *session, const struct args_value *given,
                   struct nauth_texts *tags);
