#include "auth/account_items.h"
#include "auth/commands.h"
#include "auth/describe.h"
#include "auth/shares.h"

/* What an account takes from others. */

enum {
    IMPORT_SOURCE,
    IMPORT_NAME,
    IMPORT_LOCAL,
    IMPORT_SHARE,
    IMPORT_ALLOW_TRACE,
    IMPORT_TOKEN,
    IMPORT_EDIT_COUNT,
    IMPORT_SERVICE = IMPORT_EDIT_COUNT,
    IMPORT_OPTION_COUNT
};

static const struct args_option options[IMPORT_OPTION_COUNT] = {
    [IMPORT_SOURCE] = {.name = "source",
                       .kind = ARGS_TEXT,
                       .value = "ACCOUNT",
                       .help = "who exports it, by name or key [the one of the token]"},
    [IMPORT_NAME] = {.name = "name", .kind = ARGS_TEXT, .value = "TEXT", .help = "its name"},
    [IMPORT_LOCAL] = {.name = "local",
                      .kind = ARGS_TEXT,
                      .value = "SUBJECT",
                      .help = "the subject here; $1 for the first * [the exporter's]"},
    [IMPORT_SERVICE] = {.name = "service",
                        .kind = ARGS_SWITCH,
                        .can_negate = true,
                        .fallback = "true",
                        .help = "a service [yes]; --no-service: a stream"},
    [IMPORT_SHARE] = {.name = "share",
                      .kind = ARGS_SWITCH,
                      .can_negate = true,
                      .help = "of a service: tell it who asks"},
    [IMPORT_ALLOW_TRACE] = {.name = "allow-trace",
                            .kind = ARGS_SWITCH,
                            .can_negate = true,
                            .help = "of a stream: messages are traced into this account"},
    [IMPORT_TOKEN] = {.name = "token",
                      .kind = ARGS_TEXT,
                      .value = "FILE",
                      .help = "the activation token for a private export"},
};

// -- add -------------------------------------------------------------------------------------

static int read_activation(struct auth_session *session, struct nauth_import_claims *import)
{
    const char *path = session->cli->own[IMPORT_TOKEN].text;
    struct auth_token token = {.name = NULL};
    struct nb_diag diag = {""};

    if (path == NULL) {
        return EXIT_CODE_OK;
    }
    if (auth_read_token(path, NAUTH_CLAIMS_ACTIVATION, &token, &diag) != NB_OK) {
        return cli_fail(session->cli, "%s", diag.text);
    }
    import->token = auth_copy(session, token.text);
    import->account = auth_copy(session, token.claims.activation.issuer_account.n > 0
                                             ? token.claims.activation.issuer_account
                                             : token.claims.issuer);
    auth_token_fini(&token);
    return EXIT_CODE_OK;
}

static int find_source(struct auth_session *session, struct nauth_import_claims *import)
{
    const char *word = session->cli->own[IMPORT_SOURCE].text;

    if (word == NULL) {
        return import->account.n > 0 ? EXIT_CODE_OK : cli_usage(session->cli, "--source is needed");
    }
    return auth_find_account_key(session, word, &import->account);
}

static int fill(struct auth_session *session, struct nauth_import_claims *import)
{
    const struct args_value *own = session->cli->own;
    int code = read_activation(session, import);

    if (code == EXIT_CODE_OK) {
        code = find_source(session, import);
    }
    import->subject = auth_copy(session, nb_slice_of(session->cli->words[1]));
    import->name = own[IMPORT_NAME].text != NULL
                       ? auth_copy(session, nb_slice_of(own[IMPORT_NAME].text))
                       : import->subject;
    import->local_subject = own[IMPORT_LOCAL].text != NULL
                                ? auth_copy(session, nb_slice_of(own[IMPORT_LOCAL].text))
                                : import->subject;
    import->is_service = own[IMPORT_SERVICE].is_on;
    import->type = import->is_service ? NB_SLICE("service") : NB_SLICE("stream");
    import->share = own[IMPORT_SHARE].is_on;
    import->allow_trace = own[IMPORT_ALLOW_TRACE].is_on;
    return code;
}

// A server would say nothing of it, and the import be dead.
static int check_token(struct auth_session *session, const struct nauth_import_claims *import,
                       struct slice account)
{
    struct nauth_issues issues = {.items = NULL};
    int code = EXIT_CODE_OK;

    if (import->token.n == 0) {
        return EXIT_CODE_OK;
    }
    nauth_import_validate_token(import, account, &issues);
    if (issues.count > 0) {
        code = cli_fail(session->cli, "%.*s", NB_SLICE_ARGS(issues.items[0].text));
    }
    nauth_issues_fini(&issues);
    return code;
}

static int add(struct auth_session *session, struct auth_token *account, const void *ctx NB_UNUSED)
{
    struct nauth_account_claims *claims = &account->claims.account;
    struct nauth_import_claims *imports =
        auth_grown(session, claims->imports, &claims->import_count, sizeof(*imports));
    struct nauth_import_claims *added = &imports[claims->import_count - 1];
    int code;

    claims->imports = imports;
    code = fill(session, added);
    if (code == EXIT_CODE_OK) {
        code = check_token(session, added, account->claims.subject);
    }
    return code == EXIT_CODE_OK ? auth_save_account(session, account) : code;
}

static int run_add(struct cli *cli)
{
    return auth_run_account(cli, add, NULL);
}

static const struct command_example add_examples[] = {
    {"auth account imports add BILLING orders.price --source ORDERS", "A service."},
    {"auth account imports add BILLING 'orders.new.>' --no-service --token activation.jwt",
     "A private stream."},
};

const struct command command_auth_account_imports_add = {
    .name = "add",
    .purpose = "Takes a service or a stream from another account.",
    .arguments = "<account> <subject>",
    .options = options,
    .option_count = IMPORT_OPTION_COUNT,
    .examples = add_examples,
    .example_count = NB_ARRAY_LEN(add_examples),
    .words_min = 2,
    .words_max = 2,
    .run = run_add,
};

// -- as items --------------------------------------------------------------------------------

// What was given; the account and the type stay.
static int apply(struct auth_session *session, struct nauth_import_claims *import)
{
    const struct args_value *own = session->cli->own;
    int code = EXIT_CODE_OK;

    if (own[IMPORT_NAME].is_set) {
        import->name = auth_copy(session, nb_slice_of(own[IMPORT_NAME].text));
    }
    if (own[IMPORT_LOCAL].is_set) {
        import->local_subject = auth_copy(session, nb_slice_of(own[IMPORT_LOCAL].text));
        import->to = (struct slice){0};
    }
    if (own[IMPORT_SHARE].is_set) {
        import->share = own[IMPORT_SHARE].is_on;
    }
    if (own[IMPORT_ALLOW_TRACE].is_set) {
        import->allow_trace = own[IMPORT_ALLOW_TRACE].is_on;
    }
    if (own[IMPORT_SOURCE].is_set) {
        code = find_source(session, import);
    }
    return code == EXIT_CODE_OK ? read_activation(session, import) : code;
}

static int change(struct auth_session *session, struct auth_token *account, size_t index)
{
    struct nauth_import_claims *import = shares_import_at(account, index);
    int code = apply(session, import);

    return code == EXIT_CODE_OK ? check_token(session, import, account->claims.subject) : code;
}

static void drop(struct auth_session *session, struct nauth_account_claims *claims, size_t index)
{
    claims->imports = auth_shrunk(session, claims->imports, &claims->import_count,
                                  sizeof(*claims->imports), index);
}

static void show(const struct cli *cli, const struct auth_token *account, size_t index)
{
    describe_import(cli, &account->claims.account.imports[index]);
}

static void put_rows(struct auth_session *session, const struct auth_token *account,
                     struct listing *listing)
{
    struct auth_tokens accounts;

    auth_read_accounts(session, &accounts);
    for (size_t i = 0; i < account->claims.account.import_count; i++) {
        const struct nauth_import_claims *import = &account->claims.account.imports[i];

        listing_text(listing, "local",
                     import->local_subject.n > 0 ? import->local_subject : import->to);
        listing_text(listing, "subject", import->subject);
        listing_text(listing, "type", import->type);
        listing_text(listing, "source", auth_name_of(&accounts, import->account));
        listing_text(listing, "account", import->account);
        listing_text(listing, "name", import->name);
        listing_flag(listing, "activated", import->token.n > 0);
        listing_end_row(listing);
    }
    auth_tokens_fini(&accounts);
}

static const struct account_items items = {
    .head = "Local|Subject|Type|Source|Key|Name|",
    .empty = "no imports",
    .put_rows = put_rows,
    .find = shares_find_import,
    .show = show,
    .change = change,
    .drop = drop,
};

static int run_edit(struct cli *cli)
{
    return account_items_change(cli, &items);
}

static const struct command_example edit_examples[] = {
    {"auth account imports edit BILLING orders.price --share", "It is told who asks."},
    {"auth account imports edit BILLING 'orders.new.>' --token new.jwt", "A renewed activation."},
};

const struct command command_auth_account_imports_edit = {
    .name = "edit",
    .purpose = "Changes an import.",
    .arguments = "<account> <subject|name>",
    .options = options,
    .option_count = IMPORT_EDIT_COUNT,
    .examples = edit_examples,
    .example_count = NB_ARRAY_LEN(edit_examples),
    .words_min = 2,
    .words_max = 2,
    .run = run_edit,
};

static int run_rm(struct cli *cli)
{
    return account_items_remove(cli, &items);
}

static const struct command_example rm_examples[] = {
    {"auth account imports rm BILLING orders.price", "By its subject here, or its name."},
};

const struct command command_auth_account_imports_rm = {
    ACCOUNT_ITEMS_RM,
    .purpose = "Takes an import away.",
    .arguments = "<account> <subject|name>",
    .examples = rm_examples,
    .example_count = NB_ARRAY_LEN(rm_examples),
    .run = run_rm,
};

static int run_list(struct cli *cli)
{
    return account_items_list(cli, &items);
}

static const struct command_example ls_examples[] = {
    {"auth account imports ls BILLING", "What it takes, and from whom."},
};

const struct command command_auth_account_imports_ls = {
    ACCOUNT_ITEMS_LS,
    .alias = "list",
    .purpose = "Lists the imports of an account.",
    .examples = ls_examples,
    .example_count = NB_ARRAY_LEN(ls_examples),
    .run = run_list,
};

static int run_info(struct cli *cli)
{
    return account_items_show(cli, &items);
}

static const struct command_example info_examples[] = {
    {"auth account imports info BILLING orders.price", "All of one."},
};

const struct command command_auth_account_imports_info = {
    ACCOUNT_ITEMS_INFO,
    .purpose = "Shows an import.",
    .arguments = "<account> <subject|name>",
    .examples = info_examples,
    .example_count = NB_ARRAY_LEN(info_examples),
    .run = run_info,
};
