#include "auth/commands.h"
#include "auth/inventory.h"
#include "auth/listing.h"

/* What resolvers have, compared with the store. */

static const struct args_option options[ASK_OPTION_COUNT] = {ASK_OPTIONS};

// Fields of both commands.
#define SHOW_COMMAND                                                                             \
    .arguments = "",                                                                             \
    .subjects = "Publishes to $SYS.REQ.CLAIMS.LIST and $SYS.REQ.SERVER.PING; subscribes to an\n" \
                "inbox.",                                                                        \
    .options = options, .option_count = ASK_OPTION_COUNT

// Prints rows with what each side has; `is_all` false: only where they differ.
static void list_rows(struct listing *listing, const struct ask *ask,
                      const struct inventory *inventory, const struct auth_tokens *accounts,
                      bool is_all)
{
    for (size_t i = 0; i < inventory->keys.count; i++) {
        struct slice key = inventory->keys.items[i];
        struct slice name = auth_name_of(accounts, key);
        bool is_here = !nb_slice_equal(name, key);
        bool is_everywhere = inventory->servers[i] >= ask->answered;

        if (!is_all && is_here && is_everywhere) {
            continue;
        }
        listing_text(listing, "subject", key);
        listing_text(listing, "account", is_here ? name : (struct slice){0});
        listing_number(listing, "servers", inventory->servers[i]);
        listing_text(listing, "store", is_here ? NB_SLICE("yes") : NB_SLICE("no"));
        listing_end_row(listing);
    }
}

#define HEAD "Subject|Account|Servers|In the store"

static int list_found(struct ask *ask, const struct inventory *inventory)
{
    struct auth_tokens accounts;
    struct listing listing;

    auth_read_accounts(ask->session, &accounts);
    listing_begin(&listing, ask->session->cli, -1, HEAD);
    list_rows(&listing, ask, inventory, &accounts, true);
    (void)listing_end(&listing, "no accounts"); // always fine
    auth_tokens_fini(&accounts);
    return ask_check_complete(ask);
}

static int list(struct auth_session *session)
{
    int code = auth_load_operator(session);

    return code == EXIT_CODE_OK ? inventory_run(session, list_found) : code;
}

static int run_list(struct cli *cli)
{
    return auth_run(cli, list);
}

static const struct command_example ls_examples[] = {
    {"auth resolver ls --temp-user", "Every account, and how many servers have it."},
};

const struct command command_auth_resolver_ls = {
    .name = "ls",
    .alias = "list",
    .purpose = "Lists the accounts that resolvers have.",
    SHOW_COMMAND,
    .examples = ls_examples,
    .example_count = NB_ARRAY_LEN(ls_examples),
    .run = run_list,
};

static void list_missing(struct listing *listing, const struct inventory *inventory,
                         const struct auth_tokens *accounts)
{
    for (size_t i = 0; i < accounts->count; i++) {
        if (!auth_texts_have(&inventory->keys, accounts->items[i].claims.subject)) {
            listing_text(listing, "subject", accounts->items[i].claims.subject);
            listing_text(listing, "account", nb_slice_of(accounts->items[i].name));
            listing_number(listing, "servers", 0);
            listing_text(listing, "store", NB_SLICE("yes"));
            listing_end_row(listing);
        }
    }
}

static int diff_found(struct ask *ask, const struct inventory *inventory)
{
    struct auth_tokens accounts;
    struct listing listing;
    bool is_same;

    auth_read_accounts(ask->session, &accounts);
    listing_begin(&listing, ask->session->cli, -1, HEAD);
    list_rows(&listing, ask, inventory, &accounts, false);
    list_missing(&listing, inventory, &accounts);
    is_same = listing.rows == 0;
    (void)listing_end(&listing, "no differences"); // always fine
    auth_tokens_fini(&accounts);
    return is_same ? ask_check_complete(ask) : EXIT_CODE_FAILED;
}

static int diff(struct auth_session *session)
{
    int code = auth_load_operator(session);

    return code == EXIT_CODE_OK ? inventory_run(session, diff_found) : code;
}

static int run_diff(struct cli *cli)
{
    return auth_run(cli, diff);
}

static const struct command_example diff_examples[] = {
    {"auth resolver diff --creds system.creds", "Exit code 1 when there is a difference."},
};

const struct command command_auth_resolver_diff = {
    .name = "diff",
    .purpose = "Compares the accounts of resolvers with those of the store.",
    .details = "By their keys: whether an account is here and on all servers, not whether it is\n"
               "the same version.",
    SHOW_COMMAND,
    .examples = diff_examples,
    .example_count = NB_ARRAY_LEN(diff_examples),
    .run = run_diff,
};
