/* read_accounts.c - the accounts block (spec 02 section 4.7). */
#include <natsd/nkey.h>

#include "options/reading.h"

/* Users. */

// Users of accounts, and a single user or token, exclude each other.
static bool is_single_free(struct reading *r, const struct nconf_value *value)
{
    const char *single = NULL;

    if (r->opts->username != NULL) {
        single = "single user/pass";
    } else if (r->opts->token != NULL) {
        single = "token";
    }
    if (single != NULL) {
        nserver__read_error(r, value, "Can not have a %s and accounts", single);
    }
    return single == NULL;
}

static void read_users(struct reading *r, const struct nconf_value *value,
                       struct nserver_account_options *account)
{
    size_t first = r->opts->user_count;

    if (!nserver__read_users(r, value, account->name) || r->opts->user_count == first ||
        !is_single_free(r, value)) {
        return;
    }
    for (size_t i = first; i < r->opts->user_count; i++) {
        (void)nserver__claim_name(r, value, &r->opts->users[i]); // its fault is in the report
    }
}

/* An account. */

static void read_nkey(struct reading *r, const struct nconf_value *value,
                      struct nserver_account_options *account)
{
    if (nserver__read_kept_text(r, value, &account->nkey) &&
        !nauth_nkey_is_public_of(value->text, NAUTH_NKEY_ACCOUNT)) {
        nserver__read_error(r, value, "Not a valid public nkey for an account: %s",
                            nserver__quoted_key(r, value->text));
    }
}

static void read_default_permissions(struct reading *r, const struct nconf_value *value,
                                     struct nserver_account_options *account NB_UNUSED)
{
    nserver__read_permissions(r, value, &r->default_permissions);
}

static void read_mappings(struct reading *r, const struct nconf_value *value,
                          struct nserver_account_options *account)
{
    nserver__read_mappings(r, value, &account->mappings, &account->mapping_count);
}

static const struct {
    const char *name;
    void (*read)(struct reading *r, const struct nconf_value *value,
                 struct nserver_account_options *account);
} keys[] = {
    {"nkey", read_nkey},
    {"users", read_users},
    {"default_permissions", read_default_permissions},
    {"exports", nserver__read_exports},
    {"imports", nserver__read_imports},
    {"jetstream", nserver__read_account_jetstream},
    {"mappings", read_mappings},
    {"maps", read_mappings},
    {"limits", nserver__read_account_limits},
    {"msg_trace", nserver__read_account_trace},
    {"trace_dest", nserver__read_account_trace},
};

static void read_entry(struct reading *r, const struct nconf_value *value,
                       struct nserver_account_options *account)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(keys); i++) {
        if (nserver__is_key(value, keys[i].name)) {
            keys[i].read(r, value, account);
            return;
        }
    }
    nserver__read_unknown(r, value);
}

// NULL when there is one of that name already.
static struct nserver_account_options *add_account(struct reading *r, const struct nconf_value *at,
                                                   struct slice name)
{
    struct nserver_options *opts = r->opts;
    struct nserver_account_options *account;
    char *kept = nserver__keep_text(r, name);

    if (!nb_map_insert(&r->accounts, nb_slice_make(kept, name.n), kept)) {
        nserver__read_error(r, at, "Duplicate Account Entry: %.*s", NB_SLICE_ARGS(name));
        return NULL;
    }
    opts->accounts =
        nserver__keep_one_more(r, opts->accounts, opts->account_count, sizeof(*opts->accounts));
    account = &opts->accounts[opts->account_count++];
    nserver_account_options_init(account);
    account->name = kept;
    return account;
}

static void read_account(struct reading *r, const struct nconf_value *value)
{
    size_t first_user = r->opts->user_count;
    struct nserver_account_options *account;

    if (value->type != NCONF_MAP) {
        nserver__read_error(r, value, "Expected map entries for accounts");
        return;
    }
    if (nb_slice_is(value->key, "$G")) {
        nserver__read_error(r, value, "\"$G\" is a Reserved Account");
        return;
    }
    account = add_account(r, value, value->key);
    if (account == NULL) {
        return;
    }
    r->default_permissions = NULL;
    for (const struct nconf_value *entry = value->first; entry != NULL; entry = entry->next) {
        read_entry(r, entry, account);
    }
    nserver__set_default_permissions(r, first_user, r->default_permissions);
}

// A list of names makes accounts without anything in them.
static void read_name(struct reading *r, const struct nconf_value *value)
{
    struct nb_diag diag;
    struct slice name;

    if (nconf_read_string(value, &name, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
    } else if (nb_slice_is(name, "$G")) {
        nserver__read_error(r, value, "\"$G\" is a Reserved Account");
    } else {
        (void)add_account(r, value, name); // its fault is in the report
    }
}

void nserver__read_accounts(struct reading *r, const struct nconf_value *value)
{
    if (value->type != NCONF_MAP && value->type != NCONF_ARRAY) {
        return; // as the reference has it
    }
    r->accounts_at = value;
    for (const struct nconf_value *entry = value->first; entry != NULL; entry = entry->next) {
        if (value->type == NCONF_ARRAY) {
            read_name(r, entry);
        } else if (!entry->is_used) { // one that was used as a variable is no account
            read_account(r, entry);
        }
    }
}
