#include "auth/commands.h"
#include "auth/confirm.h"
#include "auth/inventory.h"
#include "auth/listing.h"

#include <natsd/json_writer.h>

#include <stdio.h>

/* Accounts taken from resolvers: those that are named, or those that the store doesn't have. */

enum {
    REQUEST_MAX_BYTES = 1024 * 1024,
};

enum { RM_FORCE = ASK_OPTION_COUNT, RM_OPTION_COUNT };

static const struct args_option rm_options[RM_OPTION_COUNT] = {
    ASK_OPTIONS,
    [RM_FORCE] = CONFIRM_FORCE_OPTION,
};

// {"accounts":[...]}, signed by the operator for itself.
static int make_request(struct auth_session *session, const struct nauth_texts *keys,
                        struct auth_token *out)
{
    struct nauth_nkey signer = {.has_seed = false};
    struct nb_json_writer w;
    struct nb_buf nats;
    int code = auth_operator_signer(session, &signer);

    if (code != EXIT_CODE_OK) {
        return code;
    }
    nb_buf_init(&nats, REQUEST_MAX_BYTES);
    nb_json_begin(&w, &nats, NB_JSON_COMPACT);
    nb_json_object(&w);
    nb_json_key(&w, "accounts");
    nb_json_array(&w);
    for (size_t i = 0; i < keys->count; i++) {
        nb_json_str(&w, keys->items[i]);
    }
    nb_json_array_end(&w);
    nb_json_object_end(&w);
    out->name = nb_strdup("request to delete");
    out->claims.kind = NAUTH_CLAIMS_GENERIC;
    out->claims.subject = auth_copy_key(session, &signer);
    if (nb_json_end(&w) == NB_OK) {
        out->claims.generic = auth_copy(session, nb_buf_slice(&nats));
        code = auth_sign(session, out, &signer);
    } else {
        code = cli_usage(session->cli, "too many accounts at once");
    }
    nb_buf_fini(&nats);
    nauth_nkey_fini(&signer);
    return code;
}

struct deletion {
    struct listing listing;
    unsigned done;
    unsigned failed;
};

static bool on_delete_answer(void *ctx, const struct nclient_message *message)
{
    struct deletion *deletion = ctx;
    struct ask_verdict verdict;

    ask_read_verdict(message->data, &verdict);
    deletion->done += verdict.is_done ? 1 : 0;
    deletion->failed += verdict.is_done ? 0 : 1;
    listing_text(&deletion->listing, "server", nb_slice_of(verdict.server));
    listing_text(&deletion->listing, "result",
                 verdict.is_done ? NB_SLICE("ok") : NB_SLICE("refused"));
    listing_text(&deletion->listing, "message", nb_slice_of(verdict.text));
    listing_end_row(&deletion->listing);
    return false;
}

static int delete_all(struct ask *ask, const struct nauth_texts *keys)
{
    struct auth_token request = {.name = NULL};
    struct deletion deletion = {.done = 0};
    int code = make_request(ask->session, keys, &request);

    if (code != EXIT_CODE_OK) {
        auth_token_fini(&request);
        return code;
    }
    listing_begin(&deletion.listing, ask->session->cli, -1, "Server|Result|Message");
    code = ask_all(ask, "$SYS.REQ.CLAIMS.DELETE", request.text, on_delete_answer, &deletion);
    (void)listing_end(&deletion.listing, "no server answered"); // always fine
    auth_token_fini(&request);
    if (code == EXIT_CODE_OK && deletion.failed > 0) {
        return cli_fail_with(ask->session->cli,
                             deletion.done > 0 ? EXIT_CODE_PARTIAL : EXIT_CODE_FAILED,
                             "%u servers refused", deletion.failed);
    }
    return code == EXIT_CODE_OK ? ask_check_complete(ask) : code;
}

static int confirm_deletion(struct auth_session *session, const struct nauth_texts *keys)
{
    char what[256];

    if (auth_texts_have(keys, session->op.claims.op.system_account)) {
        return cli_usage(session->cli, "the system account is never taken from servers");
    }
    snprintf(what, sizeof(what),
             "take %zu account(s) from all servers: their users are disconnected, JetStream is "
             "disabled for them",
             keys->count);
    return confirm_by_name(session->cli, session->cli->own[RM_FORCE].is_on, what, session->op.name);
}

static int find_keys(struct auth_session *session, struct nauth_texts *out)
{
    int code = auth_load_operator(session);

    for (size_t i = 0; i < session->cli->word_count && code == EXIT_CODE_OK; i++) {
        struct slice key;

        code = auth_find_account_key(session, session->cli->words[i], &key);
        if (code == EXIT_CODE_OK) {
            auth_texts_add(session, out, key);
        }
    }
    return code;
}

static int remove_accounts(struct auth_session *session)
{
    struct nauth_texts keys = {.items = NULL};
    struct ask ask;
    int code = find_keys(session, &keys);

    if (code == EXIT_CODE_OK) {
        code = confirm_deletion(session, &keys);
    }
    if (code == EXIT_CODE_OK) {
        code = ask_open(&ask, session);
    }
    if (code == EXIT_CODE_OK) {
        code = delete_all(&ask, &keys);
        ask_close(&ask);
    }
    return code;
}

static int run_rm(struct cli *cli)
{
    return auth_run(cli, remove_accounts);
}

static const struct command_example rm_examples[] = {
    {"auth resolver rm ORDERS --temp-user --force", "The store keeps it."},
};

const struct command command_auth_resolver_rm = {
    .name = "rm",
    .alias = "delete",
    .purpose = "Takes accounts from all servers.",
    .arguments = "<account...>",
    .details = "Servers allow it when their resolver has allow_delete. One that is down brings\n"
               "the account back when it returns: use --expect.",
    .subjects = "Publishes to $SYS.REQ.CLAIMS.DELETE and $SYS.REQ.SERVER.PING; subscribes to an\n"
                "inbox.",
    .options = rm_options,
    .option_count = RM_OPTION_COUNT,
    .examples = rm_examples,
    .example_count = NB_ARRAY_LEN(rm_examples),
    .words_min = 1,
    .words_max = COMMAND_WORDS_ANY,
    .run = run_rm,
};

// -- prune -----------------------------------------------------------------------------------

// What servers have and the store doesn't.
static void find_strangers(struct auth_session *session, const struct inventory *inventory,
                           struct nauth_texts *out)
{
    struct auth_tokens accounts;

    auth_read_accounts(session, &accounts);
    for (size_t i = 0; i < inventory->keys.count; i++) {
        struct slice key = inventory->keys.items[i];

        if (nb_slice_equal(auth_name_of(&accounts, key), key) &&
            !nb_slice_equal(key, session->op.claims.op.system_account)) {
            auth_texts_add(session, out, key);
        }
    }
    auth_tokens_fini(&accounts);
}

static int prune_found(struct ask *ask, const struct inventory *inventory)
{
    struct nauth_texts keys = {.items = NULL};
    int code;

    find_strangers(ask->session, inventory, &keys);
    if (keys.count == 0) {
        cli_note(ask->session->cli, "nothing to take away");
        return EXIT_CODE_OK;
    }
    code = confirm_deletion(ask->session, &keys);
    return code == EXIT_CODE_OK ? delete_all(ask, &keys) : code;
}

static int prune(struct auth_session *session)
{
    int code = auth_load_operator(session);

    return code == EXIT_CODE_OK ? inventory_run(session, prune_found) : code;
}

static int run_prune(struct cli *cli)
{
    return auth_run(cli, prune);
}

static const struct command_example prune_examples[] = {
    {"auth resolver prune --temp-user", "Asks before it does it."},
};

const struct command command_auth_resolver_prune = {
    .name = "prune",
    .purpose = "Takes those accounts from all servers that are not in the store.",
    .arguments = "",
    .subjects = "Publishes to $SYS.REQ.CLAIMS.LIST, $SYS.REQ.CLAIMS.DELETE and\n"
                "$SYS.REQ.SERVER.PING; subscribes to an inbox.",
    .options = rm_options,
    .option_count = RM_OPTION_COUNT,
    .examples = prune_examples,
    .example_count = NB_ARRAY_LEN(prune_examples),
    .run = run_prune,
};
