/* store.h - where operators, accounts, users and their keys are (spec 12 section 23.1): the folders
 * that nsc and the nats tool use, so that all three see the same.
 *
 *   <stores>/O/O.jwt                         operator O, with .nsc beside it
 *   <stores>/O/accounts/A/A.jwt              account A
 *   <stores>/O/accounts/A/users/U.jwt        user U
 *   <keys>/keys/U/AB/UAB....nk               a seed
 *   <keys>/creds/O/A/U.creds                 a user's creds
 *
 * Threads: [main]. Paths are owned by the caller, who frees them with nb_free().
 */
#pragma once

#include <natsd/nkey.h>

struct auth_store {
    char *stores;
    char *keys;
};

// NULL: the usual folders.
void auth_store_init(struct auth_store *store, const char *stores, const char *keys);
void auth_store_fini(struct auth_store *store);

// May it be the name of an operator, an account or a user?
bool auth_store_is_name(struct slice name);

char *auth_store_operator_path(const struct auth_store *store, const char *op);
char *auth_store_operator_folder(const struct auth_store *store, const char *op);
char *auth_store_accounts_folder(const struct auth_store *store, const char *op);
char *auth_store_account_folder(const struct auth_store *store, const char *op,
                                const char *account);
char *auth_store_account_path(const struct auth_store *store, const char *op, const char *account);
char *auth_store_users_folder(const struct auth_store *store, const char *op, const char *account);
char *auth_store_user_path(const struct auth_store *store, const char *op, const char *account,
                           const char *user);
char *auth_store_creds_path(const struct auth_store *store, const char *op, const char *account,
                            const char *user);

// A key's file: its seed. NB_EEXISTS when the file holds another one.
NB_MUST_USE int auth_store_put_key(const struct auth_store *store, const struct nauth_nkey *key,
                                   struct nb_diag *diag);
// NB_ENOTFOUND when there is none. *out has a seed: nauth_nkey_fini().
NB_MUST_USE int auth_store_find_key(const struct auth_store *store, struct slice public_key,
                                    struct nauth_nkey *out, struct nb_diag *diag);
bool auth_store_has_key(const struct auth_store *store, struct slice public_key);
// Fine when there is none.
void auth_store_remove_key(const struct auth_store *store, struct slice public_key);

// The operator that is selected: what the nats tool keeps, else what nsc keeps, else the only one
// there is; NULL for none. Owned.
char *auth_store_selected(const struct auth_store *store);
NB_MUST_USE int auth_store_select(const char *op, struct nb_diag *diag);
