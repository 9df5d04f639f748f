#include "auth/account_options.h"
#include "auth/commands.h"
#include "auth/confirm.h"
#include "auth/describe.h"
#include "auth/listing.h"
#include "auth/new_account.h"
#include "auth/private_file.h"
#include "auth/session.h"

#include <ftw.h>
#include <stdio.h>

/* Accounts: made, changed, listed, shown, removed. */

// -- add -------------------------------------------------------------------------------------

enum { ADD_KEY, ADD_DEFAULTS, ADD_OPTIONS, ADD_OPTION_COUNT = ADD_OPTIONS + ACCOUNT_OPTION_COUNT };

#define ACCOUNT_OPTIONS_AT ADD_OPTIONS
static const struct args_option add_options[ADD_OPTION_COUNT] = {
    [ADD_KEY] = AUTH_IDENTITY_OPTION,
    [ADD_DEFAULTS] = {.name = "defaults",
                      .kind = ARGS_SWITCH,
                      .help = "ask nothing; nothing is asked anyway"},
#include "auth/account_options.def"
};
#undef ACCOUNT_OPTIONS_AT

// As the options say, signed, saved and shown.
static int finish(struct auth_session *session, const struct args_value *given,
                  struct auth_token *account)
{
    int code = account_options_apply(session, given, &account->claims);

    if (code == EXIT_CODE_OK) {
        code = auth_save_account(session, account);
    }
    if (code == EXIT_CODE_OK) {
        describe_token(session->cli, &account->claims, account->text);
    }
    return code;
}

static int add(struct auth_session *session)
{
    const char *name = session->cli->words[0];
    const struct args_value *own = session->cli->own;
    struct auth_token account = {.name = NULL};
    int code = auth_load_operator(session);

    if (code == EXIT_CODE_OK) {
        code = auth_check_name(session, name);
    }
    if (code != EXIT_CODE_OK) {
        return code;
    }
    if (private_file_exists(auth_store_account_path(&session->store, session->op.name, name))) {
        return cli_fail(session->cli, "account %s exists already; see 'natsctl auth account edit'",
                        name);
    }
    code = new_account(session, name, own[ADD_KEY].text, &account);
    if (code == EXIT_CODE_OK) {
        code = finish(session, &own[ADD_OPTIONS], &account);
    }
    auth_token_fini(&account);
    return code;
}

static int run_add(struct cli *cli)
{
    return auth_run(cli, add);
}

static const struct command_example add_examples[] = {
    {"auth account add ORDERS", "Without limits, and without JetStream."},
    {"auth account add ORDERS --jetstream --js-disk 10GB --connections 1000", "With some."},
};

const struct command command_auth_account_add = {
    .name = "add",
    .purpose = "Makes an account, with its key, signed by the operator.",
    .arguments = "<name>",
    .details = "What is not limited is unlimited. Servers learn of it by 'natsctl auth push'.",
    .options = add_options,
    .option_count = ADD_OPTION_COUNT,
    .examples = add_examples,
    .example_count = NB_ARRAY_LEN(add_examples),
    .words_min = 1,
    .words_max = 1,
    .run = run_add,
};

// -- edit ------------------------------------------------------------------------------------

#define ACCOUNT_OPTIONS_AT 0
static const struct args_option edit_options[ACCOUNT_OPTION_COUNT] = {
#include "auth/account_options.def"
};
#undef ACCOUNT_OPTIONS_AT

static int edit(struct auth_session *session, struct auth_token *account, const void *ctx NB_UNUSED)
{
    return finish(session, session->cli->own, account);
}

static int run_edit(struct cli *cli)
{
    return auth_run_account(cli, edit, NULL);
}

static const struct command_example edit_examples[] = {
    {"auth account edit ORDERS --connections 500", "Another limit; the rest stays."},
    {"auth account edit ORDERS --default-pub-allow ''", "Takes a list away."},
};

const struct command command_auth_account_edit = {
    .name = "edit",
    .purpose = "Changes an account and signs it anew.",
    .arguments = "<account>",
    .details = "What is not given stays; a list that is given replaces the one that was there.\n"
               "Servers learn of it by 'natsctl auth push'.",
    .options = edit_options,
    .option_count = ACCOUNT_OPTION_COUNT,
    .examples = edit_examples,
    .example_count = NB_ARRAY_LEN(edit_examples),
    .words_min = 1,
    .words_max = 1,
    .run = run_edit,
};

// -- ls and info -----------------------------------------------------------------------------

static int list(struct auth_session *session)
{
    int code = auth_load_operator(session);
    struct auth_tokens accounts;
    struct listing listing;

    if (code != EXIT_CODE_OK) {
        return code;
    }
    auth_read_accounts(session, &accounts);
    listing_begin(&listing, session->cli, LISTING_NAMES, "Name|Subject|Users|Connections|Expires|");
    for (size_t i = 0; i < accounts.count; i++) {
        const struct auth_token *account = &accounts.items[i];
        struct auth_tokens users;

        auth_read_users(session, account, &users);
        listing_text(&listing, "name", nb_slice_of(account->name));
        listing_text(&listing, "subject", account->claims.subject);
        listing_number(&listing, "users", (int64_t)users.count);
        listing_limit(&listing, "connections", account->claims.account.limits.conn);
        listing_moment(&listing, "expires", account->claims.expires);
        listing_flag(&listing, "system",
                     nb_slice_equal(account->claims.subject, session->op.claims.op.system_account));
        listing_end_row(&listing);
        auth_tokens_fini(&users);
    }
    auth_tokens_fini(&accounts);
    return listing_end(&listing, "no accounts");
}

static int run_list(struct cli *cli)
{
    return auth_run(cli, list);
}

static const struct command_example ls_examples[] = {
    {"auth account ls", "All of the operator."},
    {"auth account ls --json", "For a program."},
};

const struct command command_auth_account_ls = {
    LISTING_COMMAND, .alias = "list",         .purpose = "Lists the accounts.",
    .arguments = "", .examples = ls_examples, .example_count = NB_ARRAY_LEN(ls_examples),
    .run = run_list,
};

static int info(struct auth_session *session, struct auth_token *account, const void *ctx NB_UNUSED)
{
    describe_token(session->cli, &account->claims, account->text);
    return EXIT_CODE_OK;
}

static int run_info(struct cli *cli)
{
    return auth_run_account(cli, info, NULL);
}

static const struct command_example info_examples[] = {
    {"auth account info ORDERS", "Its limits, keys, shares and revocations."},
    {"auth account info ORDERS --json", "Its claims."},
};

const struct command command_auth_account_info = {
    .name = "info",
    .alias = "show",
    .purpose = "Shows an account.",
    .arguments = "[account]",
    .examples = info_examples,
    .example_count = NB_ARRAY_LEN(info_examples),
    .words_max = 1,
    .run = run_info,
};

// -- rm --------------------------------------------------------------------------------------

enum { RM_FORCE, RM_OPTION_COUNT };

static const struct args_option rm_options[RM_OPTION_COUNT] = {
    [RM_FORCE] = CONFIRM_FORCE_OPTION,
};

static int remove_entry(const char *path, const struct stat *status NB_UNUSED, int type NB_UNUSED,
                        struct FTW *place NB_UNUSED)
{
    return remove(path);
}

enum {
    OPEN_FOLDERS_MAX = 16,
};

static int remove_account(struct auth_session *session, struct auth_token *account,
                          const void *ctx NB_UNUSED)
{
    char what[512];
    char *folder;
    int code;

    snprintf(what, sizeof(what), "remove account %s and the JWTs of its users", account->name);
    code = confirm(session->cli, session->cli->own[RM_FORCE].is_on, what);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    if (nb_slice_equal(account->claims.subject, session->op.claims.op.system_account)) {
        return cli_fail(session->cli, "%s is the system account of the operator", account->name);
    }
    folder = auth_store_account_folder(&session->store, session->op.name, account->name);
    if (nftw(folder, remove_entry, OPEN_FOLDERS_MAX, FTW_DEPTH | FTW_PHYS) != 0) {
        code = cli_fail(session->cli, "%s: could not be removed", folder);
    }
    nb_free(folder);
    return code;
}

static int run_rm(struct cli *cli)
{
    return auth_run_account(cli, remove_account, NULL);
}

static const struct command_example rm_examples[] = {
    {"auth account rm ORDERS --force", "From the store; see 'natsctl auth resolver rm'."},
};

const struct command command_auth_account_rm = {
    .name = "rm",
    .alias = "remove",
    .purpose = "Removes an account and its users from the store.",
    .arguments = "<account>",
    .details = "Seeds and creds files stay. A server that has the account keeps it until\n"
               "'natsctl auth resolver rm'.",
    .options = rm_options,
    .option_count = RM_OPTION_COUNT,
    .examples = rm_examples,
    .example_count = NB_ARRAY_LEN(rm_examples),
    .words_min = 1,
    .words_max = 1,
    .run = run_rm,
};
