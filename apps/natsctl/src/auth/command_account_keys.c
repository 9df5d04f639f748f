#include "auth/account_items.h"
#include "auth/commands.h"
#include "auth/confirm.h"
#include "auth/describe.h"
#include "auth/user_limits.h"
#include "output.h"

/* Signing keys of an account: plain ones, and ones with a role, whose users have the limits and
 * permissions that stand here. */

// -- add -------------------------------------------------------------------------------------

enum { ADD_KEY, ADD_DESCRIPTION, ADD_LIMITS, ADD_OPTION_COUNT = ADD_LIMITS + USER_LIMIT_COUNT };

#define USER_LIMITS_AT ADD_LIMITS
static const struct args_option add_options[ADD_OPTION_COUNT] = {
    [ADD_KEY] = AUTH_SIGNING_KEY_OPTION,
    [ADD_DESCRIPTION] = {.name = "description",
                         .kind = ARGS_TEXT,
                         .value = "TEXT",
                         .help = "what the role is for"},
#include "auth/user_limits.def"
};
#undef USER_LIMITS_AT

// `what` it is that the account has not.
static int say_none(const struct cli *cli, const struct auth_token *account, const char *what)
{
    return cli_fail_with(cli, EXIT_CODE_NOT_FOUND, "account %s has no %s %s", account->name, what,
                         cli->words[1]);
}

static int apply_scope(struct auth_session *session, struct nauth_signing_key *key)
{
    const struct args_value *own = session->cli->own;

    if (own[ADD_DESCRIPTION].is_set) {
        key->description = auth_copy(session, nb_slice_of(own[ADD_DESCRIPTION].text));
    }
    return user_limits_apply(session, &own[ADD_LIMITS], &key->scope);
}

static int fill_new(struct auth_session *session, const char *role, struct nauth_signing_key *key)
{
    struct nauth_nkey pair = {.has_seed = false};
    int code = auth_new_key(session, NAUTH_NKEY_ACCOUNT, session->cli->own[ADD_KEY].text, &pair);

    if (code != EXIT_CODE_OK) {
        return code;
    }
    key->key = auth_copy_key(session, &pair);
    nauth_nkey_fini(&pair);
    if (role == NULL) {
        return EXIT_CODE_OK;
    }
    key->is_scoped = true;
    key->role = auth_copy(session, nb_slice_of(role));
    key->scope.subs = -1;
    key->scope.data = -1;
    key->scope.payload = -1;
    return apply_scope(session, key);
}

static int add(struct auth_session *session, struct auth_token *account, const void *role)
{
    struct nauth_account_claims *claims = &account->claims.account;
    size_t count = claims->signing_key_count;
    struct nauth_signing_key *keys;
    struct slice public_key;
    int code;

    if (role != NULL && auth_find_signing_key(claims, role) < count) {
        return cli_fail(session->cli, "account %s has the role %s already", account->name,
                        (const char *)role);
    }
    keys = auth_grown(session, claims->signing_keys, &claims->signing_key_count, sizeof(*keys));
    claims->signing_keys = keys;
    code = fill_new(session, role, &keys[count]);
    public_key = keys[count].key;
    if (code == EXIT_CODE_OK) {
        code = auth_save_account(session, account);
    }
    if (code == EXIT_CODE_OK) {
        output_format("%.*s\n", NB_SLICE_ARGS(public_key));
    }
    return code;
}

static int run_add(struct cli *cli)
{
    const char *role = cli->word_count > 1 ? cli->words[1] : NULL;

    if (role == NULL &&
        (user_limits_are_given(&cli->own[ADD_LIMITS]) || cli->own[ADD_DESCRIPTION].is_set)) {
        return cli_usage(cli, "limits and permissions need a role: keys add %s <role> ...",
                         cli->words[0]);
    }
    return auth_run_account(cli, add, role);
}

static const struct command_example add_examples[] = {
    {"auth account keys add ORDERS", "A plain one: signs users with any limits."},
    {"auth account keys add ORDERS reader --sub-allow 'orders.>,_INBOX.>' --pub-deny '>'",
     "A role: who is signed by it may do this and no more."},
    {"auth account keys add ORDERS own --pub-allow 'orders.{{name()}}.>'",
     "With the name of each user in the subject."},
};

const struct command command_auth_account_keys_add = {
    .name = "add",
    .purpose = "Adds a signing key to an account, plain or with a role.",
    .arguments = "<account> [role]",
    .details = "Subjects of a role may have {{name()}}, {{subject()}}, {{account-name()}},\n"
               "{{account-subject()}}, {{tag(x)}} and {{account-tag(x)}}, which each server fills\n"
               "in for the user. Whoever has the seed of a role's key can make users, but none\n"
               "that may do more.",
    .options = add_options,
    .option_count = ADD_OPTION_COUNT,
    .examples = add_examples,
    .example_count = NB_ARRAY_LEN(add_examples),
    .words_min = 1,
    .words_max = 2,
    .run = run_add,
};

// -- as items --------------------------------------------------------------------------------

static int find(struct auth_session *session, const struct auth_token *account, const char *word,
                size_t *index)
{
    *index = auth_find_signing_key(&account->claims.account, word);
    return *index < account->claims.account.signing_key_count
               ? EXIT_CODE_OK
               : say_none(session->cli, account, "signing key or role");
}

static void show(const struct cli *cli, const struct auth_token *account, size_t index)
{
    describe_limits(cli, &account->claims.account.signing_keys[index]);
}

static void drop(struct auth_session *session, struct nauth_account_claims *claims, size_t index)
{
    claims->signing_keys = auth_shrunk(session, claims->signing_keys, &claims->signing_key_count,
                                       sizeof(*claims->signing_keys), index);
}

static void put_rows(struct auth_session *session, const struct auth_token *account,
                     struct listing *listing)
{
    for (size_t i = 0; i < account->claims.account.signing_key_count; i++) {
        const struct nauth_signing_key *key = &account->claims.account.signing_keys[i];
        bool is_held = auth_store_has_key(&session->store, key->key);

        listing_text(listing, "key", key->key);
        listing_text(listing, "role", key->role);
        listing_text(listing, "description", key->description);
        listing_text(listing, "seed", is_held ? NB_SLICE("stored") : NB_SLICE("not here"));
        listing_end_row(listing);
    }
}

static const struct account_items items = {
    .head = "Key|Role|Description|Seed",
    .empty = "no signing keys",
    .put_rows = put_rows,
    .find = find,
    .show = show,
    .drop = drop,
};

// -- edit ------------------------------------------------------------------------------------

static int edit(struct auth_session *session, struct auth_token *account, const void *ctx NB_UNUSED)
{
    const struct nauth_account_claims *claims = &account->claims.account;
    size_t index = auth_find_signing_key(claims, session->cli->words[1]);
    int code;

    if (index == claims->signing_key_count || !claims->signing_keys[index].is_scoped) {
        return say_none(session->cli, account, "role");
    }
    // The items are in an arena of ours, so that the const is only a promise to others.
    code =
        apply_scope(session, (struct nauth_signing_key *)(uintptr_t)&claims->signing_keys[index]);
    return code == EXIT_CODE_OK ? auth_save_account(session, account) : code;
}

static int run_edit(struct cli *cli)
{
    return auth_run_account(cli, edit, NULL);
}

static const struct command_example edit_examples[] = {
    {"auth account keys edit ORDERS reader --sub-deny 'orders.secret.>'", "The rest stays."},
};

// Without --key, which would be another key.
const struct command command_auth_account_keys_edit = {
    .name = "edit",
    .purpose = "Changes what a role may do.",
    .arguments = "<account> <role>",
    .details = "Servers apply it to the users there are, after 'natsctl auth push': they are\n"
               "disconnected and come back with the new permissions.",
    .options = add_options,
    .option_count = ADD_OPTION_COUNT,
    .examples = edit_examples,
    .example_count = NB_ARRAY_LEN(edit_examples),
    .words_min = 2,
    .words_max = 2,
    .run = run_edit,
};

// -- ls and info -----------------------------------------------------------------------------

static int run_list(struct cli *cli)
{
    return account_items_list(cli, &items);
}

static const struct command_example ls_examples[] = {
    {"auth account keys ls ORDERS", "With their roles, and whether their seeds are here."},
};

const struct command command_auth_account_keys_ls = {
    ACCOUNT_ITEMS_LS,
    .alias = "list",
    .purpose = "Lists the signing keys of an account.",
    .examples = ls_examples,
    .example_count = NB_ARRAY_LEN(ls_examples),
    .run = run_list,
};

static int run_info(struct cli *cli)
{
    return account_items_show(cli, &items);
}

static const struct command_example info_examples[] = {
    {"auth account keys info ORDERS reader", "What the role may do."},
};

const struct command command_auth_account_keys_info = {
    ACCOUNT_ITEMS_INFO,
    .purpose = "Shows a signing key and what its role may do.",
    .arguments = "<account> <role|key>",
    .examples = info_examples,
    .example_count = NB_ARRAY_LEN(info_examples),
    .run = run_info,
};

// -- rm --------------------------------------------------------------------------------------

enum { RM_FORCE, RM_OPTION_COUNT };

static const struct args_option rm_options[RM_OPTION_COUNT] = {
    [RM_FORCE] = CONFIRM_FORCE_OPTION,
};

static int remove_key(struct auth_session *session, struct auth_token *account,
                      const void *ctx NB_UNUSED)
{
    const struct cli *cli = session->cli;
    size_t index = auth_find_signing_key(&account->claims.account, cli->words[1]);
    int code = confirm(cli, cli->own[RM_FORCE].is_on,
                       "remove the key: users that it signed can't connect any more");

    if (code != EXIT_CODE_OK) {
        return code;
    }
    return index < account->claims.account.signing_key_count
               ? account_items_drop(session, account, &items, index)
               : say_none(cli, account, "signing key");
}

static int run_rm(struct cli *cli)
{
    return auth_run_account(cli, remove_key, NULL);
}

static const struct command_example rm_examples[] = {
    {"auth account keys rm ORDERS reader --force", "By role or by key."},
};

const struct command command_auth_account_keys_rm = {
    ACCOUNT_ITEMS_RM,
    .purpose = "Takes a signing key from an account.",
    .arguments = "<account> <role|key>",
    .options = rm_options,
    .option_count = RM_OPTION_COUNT,
    .examples = rm_examples,
    .example_count = NB_ARRAY_LEN(rm_examples),
    .run = run_rm,
};
