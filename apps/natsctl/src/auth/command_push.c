#include "auth/ask.h"
#include "auth/commands.h"
#include "auth/describe.h"
#include "auth/listing.h"
#include "auth/result_file.h"
#include "output.h"

#include <stdio.h>

/* Accounts on their way to resolvers and back. */

enum {
    SUBJECT_ROOM = 128,
};

// -- push ------------------------------------------------------------------------------------

enum { PUSH_ALL = ASK_OPTION_COUNT, PUSH_SHOW, PUSH_DRY_RUN, PUSH_OPTION_COUNT };

static const struct args_option push_options[PUSH_OPTION_COUNT] = {
    ASK_OPTIONS,
    [PUSH_ALL] = {.name = "all", .kind = ARGS_SWITCH, .help = "all accounts of the operator"},
    [PUSH_SHOW] = {.name = "show", .kind = ARGS_SWITCH, .help = "show the account as well"},
    [PUSH_DRY_RUN] = {.name = "dry-run",
                      .kind = ARGS_SWITCH,
                      .help = "only print the subject and the JWT that would be sent"},
};

// All pushes of this run.
struct push {
    struct ask ask;
    struct listing listing;
    const struct auth_token *account; // that is being pushed
    unsigned done;
    unsigned failed;
    bool is_incomplete;
};

// With a mark for people.
static struct slice result_text(const struct push *push, bool is_done)
{
    if (cli_wants_json(push->ask.session->cli)) {
        return is_done ? NB_SLICE("ok") : NB_SLICE("refused");
    }
    return is_done ? NB_SLICE("\xe2\x9c\x93 ok") : NB_SLICE("\xe2\x9c\x97 refused");
}

static bool on_push_answer(void *ctx, const struct nclient_message *message)
{
    struct push *push = ctx;
    struct ask_verdict verdict;

    ask_read_verdict(message->data, &verdict);
    push->done += verdict.is_done ? 1 : 0;
    push->failed += verdict.is_done ? 0 : 1;
    listing_text(&push->listing, "account", nb_slice_of(push->account->name));
    listing_text(&push->listing, "server", nb_slice_of(verdict.server));
    listing_text(&push->listing, "result", result_text(push, verdict.is_done));
    listing_text(&push->listing, "message", nb_slice_of(verdict.text));
    listing_end_row(&push->listing);
    return false;
}

static void update_subject(const struct auth_token *account, char out[SUBJECT_ROOM])
{
    snprintf(out, SUBJECT_ROOM, "$SYS.REQ.ACCOUNT.%.*s.CLAIMS.UPDATE",
             NB_SLICE_ARGS(account->claims.subject));
}

static int push_one(struct push *push, const struct auth_token *account)
{
    const struct cli *cli = push->ask.session->cli;
    char subject[SUBJECT_ROOM];
    int code;

    if (cli->own[PUSH_SHOW].is_on && !cli_wants_json(cli)) {
        describe_token(cli, &account->claims, account->text);
    }
    push->account = account;
    update_subject(account, subject);
    code = ask_all(&push->ask, subject, account->text, on_push_answer, push);
    if (code == EXIT_CODE_OK && ask_check_complete(&push->ask) != EXIT_CODE_OK) {
        push->is_incomplete = true;
    }
    return code;
}

// Some failed, or are missing.
static int judge(const struct push *push)
{
    if (push->failed > 0) {
        return cli_fail_with(
            push->ask.session->cli, push->done > 0 ? EXIT_CODE_PARTIAL : EXIT_CODE_FAILED,
            "%u of %u updates were refused", push->failed, push->failed + push->done);
    }
    return push->is_incomplete ? EXIT_CODE_TIMEOUT : EXIT_CODE_OK;
}

static void print_dry(const struct auth_tokens *accounts)
{
    for (size_t i = 0; i < accounts->count; i++) {
        char subject[SUBJECT_ROOM];

        update_subject(&accounts->items[i], subject);
        output_format("%s\n%.*s\n", subject, NB_SLICE_ARGS(accounts->items[i].text));
    }
}

static int push_all(struct auth_session *session, const struct auth_tokens *accounts)
{
    struct push push = {.account = NULL};
    int code;

    if (session->cli->own[PUSH_DRY_RUN].is_on) {
        print_dry(accounts);
        return EXIT_CODE_OK;
    }
    code = ask_open(&push.ask, session);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    listing_begin(&push.listing, session->cli, -1, "Account|Server|Result|Message");
    for (size_t i = 0; i < accounts->count && code == EXIT_CODE_OK; i++) {
        code = push_one(&push, &accounts->items[i]);
    }
    (void)listing_end(&push.listing, "no server answered"); // it has no other result
    ask_close(&push.ask);
    return code == EXIT_CODE_OK ? judge(&push) : code;
}

// The accounts that the words and --all mean.
static int find_accounts(struct auth_session *session, bool is_all, struct auth_tokens *out)
{
    const struct cli *cli = session->cli;
    struct auth_token account = {.name = NULL};
    int code = auth_load_operator(session);

    *out = (struct auth_tokens){.items = NULL};
    if (code != EXIT_CODE_OK) {
        return code;
    }
    if (is_all) {
        auth_read_accounts(session, out);
        return EXIT_CODE_OK;
    }
    code = auth_load_account(session, cli->word_count > 0 ? cli->words[0] : NULL, &account);
    if (code == EXIT_CODE_OK) {
        out->items = nb_alloc(sizeof(*out->items));
        out->items[0] = account;
        out->count = 1;
    }
    return code;
}

static int push(struct auth_session *session)
{
    struct auth_tokens accounts;
    int code = find_accounts(session, session->cli->own[PUSH_ALL].is_on, &accounts);

    if (code == EXIT_CODE_OK) {
        code = push_all(session, &accounts);
    }
    auth_tokens_fini(&accounts);
    return code;
}

static int run_push(struct cli *cli)
{
    return auth_run(cli, push);
}

static const struct command_example push_examples[] = {
    {"auth push ORDERS --creds system.creds", "One account to all servers."},
    {"auth push --all --temp-user --expect 3", "All, and three servers have to take them."},
};

const struct command command_auth_push = {
    .name = "push",
    .purpose = "Gives accounts to the servers, whose resolvers keep them.",
    .arguments = "[account]",
    .details = "Needs a user of the system account: --creds, a context, or --temp-user. Each\n"
               "server with a full resolver answers; a server that is down gets the accounts\n"
               "from the others later.",
    .subjects = "Publishes to $SYS.REQ.ACCOUNT.<key>.CLAIMS.UPDATE and $SYS.REQ.SERVER.PING;\n"
                "subscribes to an inbox.",
    .options = push_options,
    .option_count = PUSH_OPTION_COUNT,
    .examples = push_examples,
    .example_count = NB_ARRAY_LEN(push_examples),
    .words_max = 1,
    .run = run_push,
};

// -- pull ------------------------------------------------------------------------------------

enum { PULL_ALL = ASK_OPTION_COUNT, PULL_OUTPUT, PULL_OVERWRITE, PULL_OPTION_COUNT };

static const struct args_option pull_options[PULL_OPTION_COUNT] = {
    ASK_OPTIONS,
    [PULL_ALL] = {.name = "all", .kind = ARGS_SWITCH, .help = "all accounts the servers have"},
    [PULL_OUTPUT] = {.name = "output",
                     .kind = ARGS_TEXT,
                     .value = "FILE",
                     .help = "the JWT goes there, the store stays as it is"},
    [PULL_OVERWRITE] = {.name = "overwrite-newer",
                        .kind = ARGS_SWITCH,
                        .help = "take the servers' even when the one here is newer"},
};

struct pull {
    struct auth_session *session;
    struct listing listing;
    unsigned answers;
    unsigned failed;
};

static void say_pulled(struct pull *pull, struct slice name, struct slice key, const char *what)
{
    listing_text(&pull->listing, "account", name);
    listing_text(&pull->listing, "subject", key);
    listing_text(&pull->listing, "result", nb_slice_of(what));
    listing_end_row(&pull->listing);
}

// Into the store, under the name that it has there, or its own.
static const char *keep(struct pull *pull, const struct nauth_claims *claims, struct slice text)
{
    struct auth_session *session = pull->session;
    struct auth_tokens accounts;
    struct auth_token token = {.name = NULL};
    struct slice name;
    const char *result = "stored";
    bool is_new;

    auth_read_accounts(session, &accounts);
    name = auth_name_of(&accounts, claims->subject);
    is_new = nb_slice_equal(name, claims->subject);
    for (size_t i = 0; i < accounts.count; i++) {
        const struct auth_token *own = &accounts.items[i];

        if (nb_slice_equal(own->claims.subject, claims->subject)) {
            if (nb_slice_equal(own->text, text)) {
                result = "the same";
            } else if (own->claims.issued_at > claims->issued_at &&
                       !session->cli->own[PULL_OVERWRITE].is_on) {
                result = "the one here is newer: kept";
            }
        }
    }
    name = is_new ? claims->name : name;
    if (!auth_store_is_name(name)) {
        result = "has no name for a folder";
        pull->failed++;
    } else if (strcmp(result, "stored") == 0) {
        token.name = nb_slice_cstr(name);
        token.path = auth_store_account_path(&session->store, session->op.name, token.name);
        token.text = nb_slice_dup(text);
        if (auth_write_token(session, &token, is_new) != EXIT_CODE_OK) {
            result = "not stored";
            pull->failed++;
        }
    }
    auth_token_fini(&token);
    auth_tokens_fini(&accounts);
    return result;
}

static void take_jwt(struct pull *pull, struct slice text)
{
    struct nb_diag diag = {""};
    struct nauth_claims claims;

    if (nauth_jwt_decode(text, NAUTH_CLAIMS_ACCOUNT, &claims, &diag) != NB_OK) {
        cli_warn(pull->session->cli, "an answer is no account: %s", diag.text);
        pull->failed++;
        return;
    }
    say_pulled(pull, claims.name, claims.subject, keep(pull, &claims, text));
    nauth_claims_fini(&claims);
}

// Lines of "<key>|<jwt>"; an empty message is the end.
static bool on_pack(void *ctx, const struct nclient_message *message)
{
    struct pull *pull = ctx;
    struct slice rest = message->data;
    struct slice line;

    pull->answers++;
    while (nb_slice_take_line(&rest, &line)) {
        size_t bar = nb_slice_find_byte(line, '|');

        if (bar < line.n) {
            take_jwt(pull, nb_slice_sub(line, bar + 1, line.n));
        }
    }
    return message->data.n == 0;
}

static int pull_all(struct ask *ask, struct pull *pull)
{
    int code;

    ask->expected = 0; // one server sends any number of messages
    code = ask_all(ask, "$SYS.REQ.CLAIMS.PACK", (struct slice){0}, on_pack, pull);
    return code == EXIT_CODE_OK && pull->failed > 0 ? EXIT_CODE_PARTIAL : code;
}

// The first that is not empty.
static bool on_lookup(void *ctx, const struct nclient_message *message)
{
    struct slice *found = ctx;

    if (message->data.n > 0 && found->n == 0) {
        *found = nb_slice_dup(message->data);
    }
    return found->n > 0;
}

static int put_found(struct pull *pull, struct slice text)
{
    const char *path = pull->session->cli->own[PULL_OUTPUT].text;

    if (path != NULL) {
        return result_file_write(pull->session->cli, path, text, true);
    }
    take_jwt(pull, text);
    return pull->failed > 0 ? EXIT_CODE_FAILED : EXIT_CODE_OK;
}

static int pull_one(struct ask *ask, struct pull *pull, struct slice key)
{
    char subject[SUBJECT_ROOM];
    struct slice found = {0};
    int code;

    snprintf(subject, sizeof(subject), "$SYS.REQ.ACCOUNT.%.*s.CLAIMS.LOOKUP", NB_SLICE_ARGS(key));
    code = ask_all(ask, subject, (struct slice){0}, on_lookup, &found);
    if (code == EXIT_CODE_OK && found.n == 0) {
        code = cli_fail_with(ask->session->cli, EXIT_CODE_NOT_FOUND,
                             "no server has the account %.*s", NB_SLICE_ARGS(key));
    } else if (code == EXIT_CODE_OK) {
        code = put_found(pull, found);
    }
    nb_slice_free(&found);
    return code;
}

static int pull(struct auth_session *session)
{
    bool is_all = session->cli->own[PULL_ALL].is_on;
    struct pull pull = {.session = session};
    struct slice key = {0}; // of the account that is meant, which need not be in the store
    struct ask ask;
    int code = auth_load_operator(session);

    if (code == EXIT_CODE_OK && !is_all) {
        code = auth_find_account_key(
            session, session->cli->word_count > 0 ? session->cli->words[0] : NULL, &key);
    }
    if (code == EXIT_CODE_OK) {
        code = ask_open(&ask, session);
    }
    if (code != EXIT_CODE_OK) {
        return code;
    }
    listing_begin(&pull.listing, session->cli, -1, "Account|Subject|Result");
    code = is_all ? pull_all(&ask, &pull) : pull_one(&ask, &pull, key);
    if (session->cli->own[PULL_OUTPUT].text == NULL && code == EXIT_CODE_OK) {
        code = listing_end(&pull.listing, "the servers have no accounts");
    } else {
        table_fini(&pull.listing.table);
        nb_buf_fini(&pull.listing.buf);
    }
    ask_close(&ask);
    return code;
}

static int run_pull(struct cli *cli)
{
    return auth_run(cli, pull);
}

static const struct command_example pull_examples[] = {
    {"auth pull ORDERS --temp-user", "What the servers have of it."},
    {"auth pull --all --creds system.creds", "Everything that is not newer here."},
};

const struct command command_auth_pull = {
    .name = "pull",
    .alias = "query",
    .purpose = "Fetches accounts from the servers into the store.",
    .arguments = "[account]",
    .details = "An account that is newer here is kept, which is said.",
    .subjects = "Publishes to $SYS.REQ.ACCOUNT.<key>.CLAIMS.LOOKUP or $SYS.REQ.CLAIMS.PACK, and\n"
                "to $SYS.REQ.SERVER.PING; subscribes to an inbox.",
    .options = pull_options,
    .option_count = PULL_OPTION_COUNT,
    .examples = pull_examples,
    .example_count = NB_ARRAY_LEN(pull_examples),
    .words_max = 1,
    .run = run_pull,
};
