/* read_accounts.c - the accounts block (spec 02 section 4.7): users and mappings of each. */
#include <natsd/memory.h>

#include "options/reading.h"

static const char *const later[] = {
    "exports",   "imports",    "nkey", "jetstream", "limits", "default_permissions",
    "msg_trace", "trace_dest",
};

static bool is_later(struct slice key)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(later); i++) {
        if (nb_slice_equal_nocase(key, nb_slice_of(later[i]))) {
            return true;
        }
    }
    return false;
}

static void read_entry(struct reading *r, const struct nconf_value *value,
                       struct nserver_account_options *account)
{
    if (nb_slice_equal_nocase(value->key, NB_SLICE("users"))) {
        nserver__read_users(r, value, account->name);
    } else if (nb_slice_equal_nocase(value->key, NB_SLICE("mappings")) ||
               nb_slice_equal_nocase(value->key, NB_SLICE("maps"))) {
        nserver__read_mappings(r, value, &account->mappings, &account->mapping_count);
    } else if (is_later(value->key)) {
        nserver__read_later(r, value);
    } else {
        nserver__read_unknown(r, value);
    }
}

static struct nserver_account_options *find_account(const struct nserver_options *opts,
                                                    struct slice name)
{
    for (size_t i = 0; i < opts->account_count; i++) {
        if (nb_slice_is(name, opts->accounts[i].name)) {
            return &opts->accounts[i];
        }
    }
    return NULL;
}

static struct nserver_account_options *add_account(struct nserver_options *opts, struct slice name)
{
    struct nserver_account_options *account;

    opts->accounts =
        nb_realloc(opts->accounts, (opts->account_count + 1) * sizeof(*opts->accounts));
    account = &opts->accounts[opts->account_count++];
    *account = (struct nserver_account_options){.name = nb_slice_cstr(name)};
    return account;
}

static void read_account(struct reading *r, const struct nconf_value *value)
{
    struct nserver_account_options *account;

    if (nb_slice_is(value->key, "$G")) {
        nserver__read_error(r, value, "\"$G\" is a Reserved Account");
        return;
    }
    if (value->type != NCONF_MAP) {
        nserver__read_error(r, value, "Expected map entries for accounts");
        return;
    }
    if (find_account(r->opts, value->key) != NULL) {
        nserver__read_error(r, value, "Duplicate Account Entry: %.*s", NB_SLICE_ARGS(value->key));
        return;
    }
    account = add_account(r->opts, value->key);
    for (const struct nconf_value *entry = value->first; entry != NULL; entry = entry->next) {
        read_entry(r, entry, account);
    }
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
    } else if (find_account(r->opts, name) != NULL) {
        nserver__read_error(r, value, "Duplicate Account Entry: %.*s", NB_SLICE_ARGS(name));
    } else {
        add_account(r->opts, name);
    }
}

void nserver__read_accounts(struct reading *r, const struct nconf_value *value)
{
    if (value->type != NCONF_MAP && value->type != NCONF_ARRAY) {
        return; // as the reference has it
    }
    for (const struct nconf_value *entry = value->first; entry != NULL; entry = entry->next) {
        if (value->type == NCONF_ARRAY) {
            read_name(r, entry);
        } else if (!entry->is_used) { // one that was used as a variable is no account
            read_account(r, entry);
        }
    }
}
