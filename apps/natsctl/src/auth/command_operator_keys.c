#include "auth/commands.h"
#include "auth/confirm.h"
#include "auth/listing.h"
#include "auth/session.h"
#include "output.h"

/* Signing keys of an operator, and one that comes from somewhere else. */

// -- ls --------------------------------------------------------------------------------------

static void add_row(struct listing *listing, const struct auth_session *session, struct slice key,
                    const char *use)
{
    bool is_held = auth_store_has_key(&session->store, key);

    listing_text(listing, "key", key);
    listing_text(listing, "use", nb_slice_of(use));
    listing_text(listing, "seed", is_held ? NB_SLICE("stored") : NB_SLICE("not here"));
    listing_end_row(listing);
}

static int list(struct auth_session *session)
{
    int code = auth_load_operator(session);
    const struct nauth_texts *keys = &session->op.claims.op.signing_keys;
    struct listing listing;

    if (code != EXIT_CODE_OK) {
        return code;
    }
    listing_begin(&listing, session->cli, LISTING_NAMES, "Key|Use|Seed");
    add_row(&listing, session, session->op.claims.subject, "identity");
    for (size_t i = 0; i < keys->count; i++) {
        add_row(&listing, session, keys->items[i], "signing");
    }
    return listing_end(&listing, "no keys");
}

static int run_list(struct cli *cli)
{
    return auth_run(cli, list);
}

static const struct command_example ls_examples[] = {
    {"auth operator keys ls", "Which there are, and which seeds are here."},
};

const struct command command_auth_operator_keys_ls = {
    LISTING_COMMAND, .alias = "list",         .purpose = "Lists the keys of the operator.",
    .arguments = "", .examples = ls_examples, .example_count = NB_ARRAY_LEN(ls_examples),
    .run = run_list,
};

// -- add -------------------------------------------------------------------------------------

enum { ADD_KEY, ADD_OPTION_COUNT };

static const struct args_option add_options[ADD_OPTION_COUNT] = {
    [ADD_KEY] = AUTH_SIGNING_KEY_OPTION,
};

static int add(struct auth_session *session)
{
    struct nauth_nkey key = {.has_seed = false};
    struct slice public_key = {0};
    int code = auth_load_operator(session);

    if (code == EXIT_CODE_OK) {
        code = auth_new_key(session, NAUTH_NKEY_OPERATOR, session->cli->own[ADD_KEY].text, &key);
    }
    if (code == EXIT_CODE_OK) {
        public_key = auth_copy_key(session, &key);
        auth_texts_add(session, &session->op.claims.op.signing_keys, public_key);
        code = auth_save_operator(session);
    }
    if (code == EXIT_CODE_OK) {
        output_format("%.*s\n", NB_SLICE_ARGS(public_key));
    }
    nauth_nkey_fini(&key);
    return code;
}

static int run_add(struct cli *cli)
{
    return auth_run(cli, add);
}

static const struct command_example add_examples[] = {
    {"auth operator keys add", "Prints its public key; the seed is stored."},
};

const struct command command_auth_operator_keys_add = {
    .name = "add",
    .purpose = "Adds a signing key to the operator.",
    .arguments = "",
    .details = "Servers read the operator from their configuration: give them the new one.",
    .options = add_options,
    .option_count = ADD_OPTION_COUNT,
    .examples = add_examples,
    .example_count = NB_ARRAY_LEN(add_examples),
    .run = run_add,
};

// -- rm --------------------------------------------------------------------------------------

enum { RM_FORCE, RM_OPTION_COUNT };

static const struct args_option rm_options[RM_OPTION_COUNT] = {
    [RM_FORCE] = CONFIRM_FORCE_OPTION,
};

static int remove_key(struct auth_session *session)
{
    const char *word = session->cli->words[0];
    int code = auth_load_operator(session);
    struct nauth_texts *keys = &session->op.claims.op.signing_keys;
    size_t index = 0;

    while (code == EXIT_CODE_OK && index < keys->count && !nb_slice_is(keys->items[index], word)) {
        index++;
    }
    if (code == EXIT_CODE_OK && index == keys->count) {
        code = cli_fail_with(session->cli, EXIT_CODE_NOT_FOUND, "no signing key %s", word);
    }
    if (code == EXIT_CODE_OK) {
        code = confirm(session->cli, session->cli->own[RM_FORCE].is_on,
                       "remove the key: accounts that it signed are not trusted any more");
    }
    if (code != EXIT_CODE_OK) {
        return code;
    }
    keys->items = auth_shrunk(session, keys->items, &keys->count, sizeof(*keys->items), index);
    return auth_save_operator(session);
}

static int run_rm(struct cli *cli)
{
    return auth_run(cli, remove_key);
}

static const struct command_example rm_examples[] = {
    {"auth operator keys rm OBX3... --force", "Its seed stays where it is."},
};

const struct command command_auth_operator_keys_rm = {
    .name = "rm",
    .alias = "remove",
    .purpose = "Takes a signing key from the operator.",
    .arguments = "<key>",
    .options = rm_options,
    .option_count = RM_OPTION_COUNT,
    .examples = rm_examples,
    .example_count = NB_ARRAY_LEN(rm_examples),
    .words_min = 1,
    .words_max = 1,
    .run = run_rm,
};

// -- import ----------------------------------------------------------------------------------

static int import_keys(struct auth_session *session)
{
    struct nb_diag diag = {""};
    int code = EXIT_CODE_OK;

    for (size_t i = 1; i < session->cli->word_count && code == EXIT_CODE_OK; i++) {
        struct nauth_nkey key = {.has_seed = false};

        code = auth_read_seed(session, session->cli->words[i], &key);
        if (code == EXIT_CODE_OK && auth_store_put_key(&session->store, &key, &diag) != NB_OK) {
            code = cli_fail(session->cli, "%s", diag.text);
        }
        nauth_nkey_fini(&key);
    }
    return code;
}

static int import_operator(struct auth_session *session)
{
    struct nb_diag diag = {""};
    struct auth_token token = {.name = NULL};
    int code = EXIT_CODE_OK;

    if (auth_read_token(session->cli->words[0], NAUTH_CLAIMS_OPERATOR, &token, &diag) != NB_OK) {
        return cli_fail(session->cli, "%s", diag.text);
    }
    if (!auth_store_is_name(token.claims.name)) {
        code = cli_fail(session->cli, "the operator has no name that could be a folder's");
    }
    if (code == EXIT_CODE_OK) {
        token.name = nb_slice_cstr(token.claims.name);
        nb_free(token.path);
        token.path = auth_store_operator_path(&session->store, token.name);
        code = auth_write_token(session, &token, true);
    }
    if (code == EXIT_CODE_OK) {
        code = import_keys(session);
    }
    if (code == EXIT_CODE_OK) {
        output_format("%s\n", token.name);
    }
    auth_token_fini(&token);
    return code;
}

static int run_import(struct cli *cli)
{
    return auth_run(cli, import_operator);
}

static const struct command_example import_examples[] = {
    {"auth operator import acme.jwt identity.nk signing.nk", "With two of its keys."},
};

const struct command command_auth_operator_import = {
    .name = "import",
    .purpose = "Takes over an operator that was made elsewhere.",
    .arguments = "<jwt file> [seed file...]",
    .examples = import_examples,
    .example_count = NB_ARRAY_LEN(import_examples),
    .words_min = 1,
    .words_max = COMMAND_WORDS_ANY,
    .run = run_import,
};
