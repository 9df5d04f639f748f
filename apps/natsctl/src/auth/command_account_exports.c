#include "auth/account_items.h"
#include "auth/commands.h"
#include "auth/describe.h"
#include "auth/shares.h"

#include <natsd/number.h>

/* What an account offers to others. */

enum {
    EXPORT_NAME,
    EXPORT_PRIVATE,
    EXPORT_RESPONSE_TYPE,
    EXPORT_THRESHOLD,
    EXPORT_LATENCY,
    EXPORT_SAMPLING,
    EXPORT_TOKEN_POSITION,
    EXPORT_ADVERTISE,
    EXPORT_ALLOW_TRACE,
    EXPORT_DESCRIPTION,
    EXPORT_URL,
    EXPORT_EDIT_COUNT,
    EXPORT_SERVICE = EXPORT_EDIT_COUNT,
    EXPORT_ADD_COUNT
};

static const struct args_option options[EXPORT_ADD_COUNT] = {
    [EXPORT_NAME] = {.name = "name", .kind = ARGS_TEXT, .value = "TEXT", .help = "its name"},
    [EXPORT_PRIVATE] = {.name = "private",
                        .alias = "activation",
                        .kind = ARGS_SWITCH,
                        .can_negate = true,
                        .help = "importing it needs an activation token"},
    [EXPORT_RESPONSE_TYPE] = {.name = "response-type",
                              .kind = ARGS_CHOICE,
                              .value = "Singleton|Stream|Chunked",
                              .help = "of a service: one answer to a request, or several"},
    [EXPORT_THRESHOLD] = {.name = "threshold",
                          .kind = ARGS_DURATION,
                          .value = "TIME",
                          .help = "of a service: how long an answer may take"},
    [EXPORT_LATENCY] = {.name = "latency",
                        .kind = ARGS_TEXT,
                        .value = "SUBJECT",
                        .help = "of a service: publish there how long answers took"},
    [EXPORT_SAMPLING] = {.name = "sampling",
                         .kind = ARGS_TEXT,
                         .value = "PERCENT",
                         .help = "of how many requests: 1 to 100, or headers [100]"},
    [EXPORT_TOKEN_POSITION] = {.name = "account-token-position",
                               .kind = ARGS_NUMBER,
                               .value = "N",
                               .help = "the token, a *, that has to be the importer's key"},
    [EXPORT_ADVERTISE] = {.name = "advertise",
                          .kind = ARGS_SWITCH,
                          .can_negate = true,
                          .help = "for people: it is meant to be seen"},
    [EXPORT_ALLOW_TRACE] = {.name = "allow-trace",
                            .kind = ARGS_SWITCH,
                            .can_negate = true,
                            .help = "of a service: messages are traced into this account"},
    [EXPORT_DESCRIPTION] = {.name = "description",
                            .kind = ARGS_TEXT,
                            .value = "TEXT",
                            .help = "what it is for"},
    [EXPORT_URL] = {.name = "url", .kind = ARGS_TEXT, .value = "URL", .help = "where more is said"},
    [EXPORT_SERVICE] = {.name = "service",
                        .kind = ARGS_SWITCH,
                        .can_negate = true,
                        .fallback = "true",
                        .help = "a service that answers requests [yes]; --no-service: a stream"},
};

static int set_sampling(struct auth_session *session, struct nauth_export_claims *export)
{
    const struct args_value *given = &session->cli->own[EXPORT_SAMPLING];
    uint64_t percent;

    if (!given->is_set) {
        return EXIT_CODE_OK;
    }
    if (strcmp(given->text, "headers") == 0) {
        export->latency_sampling = 0;
        return EXIT_CODE_OK;
    }
    if (nb_parse_u64(nb_slice_of(given->text), 100, &percent) != NB_OK || percent == 0) {
        return cli_usage(session->cli, "--sampling is 1 to 100, or headers");
    }
    export->latency_sampling = (int64_t)percent;
    return EXIT_CODE_OK;
}

static void set_text(struct auth_session *session, size_t option, struct slice *out)
{
    if (session->cli->own[option].is_set) {
        *out = auth_copy(session, nb_slice_of(session->cli->own[option].text));
    }
}

static void set_flag(const struct auth_session *session, size_t option, bool *out)
{
    if (session->cli->own[option].is_set) {
        *out = session->cli->own[option].is_on;
    }
}

static int apply(struct auth_session *session, struct nauth_export_claims *export)
{
    const struct args_value *own = session->cli->own;

    set_text(session, EXPORT_NAME, &export->name);
    set_text(session, EXPORT_RESPONSE_TYPE, &export->response_type);
    set_text(session, EXPORT_DESCRIPTION, &export->description);
    set_text(session, EXPORT_URL, &export->info_url);
    set_flag(session, EXPORT_PRIVATE, &export->token_required);
    set_flag(session, EXPORT_ADVERTISE, &export->advertise);
    set_flag(session, EXPORT_ALLOW_TRACE, &export->allow_trace);
    if (own[EXPORT_THRESHOLD].is_set) {
        export->response_threshold_ns = own[EXPORT_THRESHOLD].duration_ns;
    }
    if (own[EXPORT_TOKEN_POSITION].is_set) {
        export->account_token_position = (int64_t)(own[EXPORT_TOKEN_POSITION].number & INT32_MAX);
    }
    if (own[EXPORT_LATENCY].is_set) {
        set_text(session, EXPORT_LATENCY, &export->latency_results);
        export->latency_sampling = export->has_latency ? export->latency_sampling : 100;
        export->has_latency = export->latency_results.n > 0;
    }
    if (own[EXPORT_SAMPLING].is_set && !export->has_latency) {
        return cli_usage(session->cli, "--sampling goes with --latency");
    }
    return set_sampling(session, export);
}

// -- as items --------------------------------------------------------------------------------

static int change(struct auth_session *session, struct auth_token *account, size_t index)
{
    return apply(session, shares_export_at(account, index));
}

static void drop(struct auth_session *session, struct nauth_account_claims *claims, size_t index)
{
    claims->exports = auth_shrunk(session, claims->exports, &claims->export_count,
                                  sizeof(*claims->exports), index);
}

static void show(const struct cli *cli, const struct auth_token *account, size_t index)
{
    describe_export(cli, &account->claims.account.exports[index]);
}

static void put_rows(struct auth_session *session NB_UNUSED, const struct auth_token *account,
                     struct listing *listing)
{
    for (size_t i = 0; i < account->claims.account.export_count; i++) {
        const struct nauth_export_claims *export = &account->claims.account.exports[i];

        listing_text(listing, "subject", export->subject);
        listing_text(listing, "name", export->name);
        listing_text(listing, "type", export->type);
        listing_text(listing, "response_type", export->response_type);
        listing_text(listing, "latency", export->latency_results);
        listing_text(listing, "description", export->description);
        listing_flag(listing, "private", export->token_required);
        listing_end_row(listing);
    }
}

static const struct account_items items = {
    .head = "Subject|Name|Type|Responses|Latency|Description|",
    .empty = "no exports",
    .put_rows = put_rows,
    .find = shares_find_export,
    .show = show,
    .change = change,
    .drop = drop,
};

// -- commands --------------------------------------------------------------------------------

static int add(struct auth_session *session, struct auth_token *account, const void *ctx NB_UNUSED)
{
    struct nauth_account_claims *claims = &account->claims.account;
    struct nauth_export_claims *exports =
        auth_grown(session, claims->exports, &claims->export_count, sizeof(*exports));
    struct nauth_export_claims *added = &exports[claims->export_count - 1];
    int code;

    claims->exports = exports;
    added->subject = auth_copy(session, nb_slice_of(session->cli->words[1]));
    added->name = added->subject;
    added->is_service = session->cli->own[EXPORT_SERVICE].is_on;
    added->type = added->is_service ? NB_SLICE("service") : NB_SLICE("stream");
    code = apply(session, added);
    return code == EXIT_CODE_OK ? auth_save_account(session, account) : code;
}

static int run_add(struct cli *cli)
{
    return auth_run_account(cli, add, NULL);
}

static const struct command_example add_examples[] = {
    {"auth account exports add ORDERS orders.price", "A service that every account may import."},
    {"auth account exports add ORDERS 'orders.new.>' --no-service --private",
     "A stream for those who have an activation."},
};

const struct command command_auth_account_exports_add = {
    .name = "add",
    .purpose = "Offers a service or a stream to other accounts.",
    .arguments = "<account> <subject>",
    .options = options,
    .option_count = EXPORT_ADD_COUNT,
    .examples = add_examples,
    .example_count = NB_ARRAY_LEN(add_examples),
    .words_min = 2,
    .words_max = 2,
    .run = run_add,
};

static int run_edit(struct cli *cli)
{
    return account_items_change(cli, &items);
}

static const struct command_example edit_examples[] = {
    {"auth account exports edit ORDERS orders.price --latency orders.latency --sampling 10",
     "Measures every tenth request."},
};

const struct command command_auth_account_exports_edit = {
    .name = "edit",
    .purpose = "Changes an export.",
    .arguments = "<account> <subject|name>",
    .options = options,
    .option_count = EXPORT_EDIT_COUNT,
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
    {"auth account exports rm ORDERS orders.price", "Imports of it don't work any more."},
};

const struct command command_auth_account_exports_rm = {
    ACCOUNT_ITEMS_RM,
    .purpose = "Takes an export back.",
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
    {"auth account exports ls ORDERS", "What it offers."},
};

const struct command command_auth_account_exports_ls = {
    ACCOUNT_ITEMS_LS,
    .alias = "list",
    .purpose = "Lists the exports of an account.",
    .examples = ls_examples,
    .example_count = NB_ARRAY_LEN(ls_examples),
    .run = run_list,
};

static int run_info(struct cli *cli)
{
    return account_items_show(cli, &items);
}

static const struct command_example info_examples[] = {
    {"auth account exports info ORDERS orders.price", "All of one."},
};

const struct command command_auth_account_exports_info = {
    ACCOUNT_ITEMS_INFO,
    .purpose = "Shows an export.",
    .arguments = "<account> <subject|name>",
    .examples = info_examples,
    .example_count = NB_ARRAY_LEN(info_examples),
    .run = run_info,
};
