#include "auth/account_options.h"
#include "auth/commands.h"
#include "auth/describe.h"
#include "auth/listing.h"
#include "auth/new_account.h"
#include "auth/private_file.h"
#include "auth/result_file.h"
#include "auth/session.h"

/* Operators: made, changed, shown, selected, taken over from somewhere else. */

enum {
    OP_SERVICE,
    OP_ACCOUNT_SERVER,
    OP_TAGS,
    OP_STRICT,
    OP_SERVER_VERSION,
    OP_EXPIRY,
    OP_EDIT_COUNT,
    OP_NO_TAGS = OP_EDIT_COUNT, // of edit
    OP_SYSTEM_ACCOUNT,
    OP_EDIT_OPTION_COUNT,
    OP_SIGNING_KEY = OP_EDIT_COUNT, // of add
    OP_SYS,
    OP_KEY,
    OP_ADD_OPTION_COUNT,
};

#define EDIT_OPTIONS                                                                         \
    [OP_SERVICE] = {.name = "service",                                                       \
                    .kind = ARGS_LIST,                                                       \
                    .value = "URLS",                                                         \
                    .help = "where the servers are: nats://one.example.com:4222"},           \
    [OP_ACCOUNT_SERVER] = {.name = "account-server",                                         \
                           .kind = ARGS_TEXT,                                                \
                           .value = "URL",                                                   \
                           .help = "where servers fetch accounts over HTTP"},                \
    [OP_TAGS] = {.name = "tags", .kind = ARGS_LIST, .value = "TAGS", .help = "tags to add"}, \
    [OP_STRICT] = {.name = "strict",                                                         \
                   .kind = ARGS_SWITCH,                                                      \
                   .can_negate = true,                                                       \
                   .help = "only signing keys sign, identities never"},                      \
    [OP_SERVER_VERSION] = {.name = "server-version",                                         \
                           .kind = ARGS_TEXT,                                                \
                           .value = "VERSION",                                               \
                           .help = "servers must be at least this: 2.10.0"},                 \
    [OP_EXPIRY] = {.name = "expiry",                                                         \
                   .kind = ARGS_TEXT,                                                        \
                   .value = "TIME",                                                          \
                   .help = "1y, a date, or never; servers don't look at it"}

static const struct args_option add_options[OP_ADD_OPTION_COUNT] = {
    EDIT_OPTIONS,
    [OP_SIGNING_KEY] = {.name = "signing-key",
                        .kind = ARGS_SWITCH,
                        .can_negate = true,
                        .fallback = "true",
                        .help = "make a signing key, too, so that the identity may stay locked "
                                "away [yes]"},
    [OP_SYS] = {.name = "sys",
                .kind = ARGS_TEXT,
                .value = "NAME",
                .fallback = "SYSTEM",
                .help = "name of the system account [SYSTEM]"},
    [OP_KEY] = AUTH_IDENTITY_OPTION,
};

static const struct args_option edit_options[OP_EDIT_OPTION_COUNT] = {
    EDIT_OPTIONS,
    [OP_NO_TAGS] = {.name = "no-tags",
                    .kind = ARGS_SWITCH,
                    .help = "take the tags away that are there"},
    [OP_SYSTEM_ACCOUNT] = {.name = "system-account",
                           .kind = ARGS_TEXT,
                           .value = "ACCOUNT",
                           .help = "another system account, by name or key"},
};

static int apply(struct auth_session *session, struct nauth_claims *claims)
{
    const struct args_value *own = session->cli->own;

    if (own[OP_SERVICE].is_set) {
        auth_texts_set(session, &own[OP_SERVICE], &claims->op.service_urls);
    }
    if (own[OP_ACCOUNT_SERVER].is_set) {
        claims->op.account_server_url =
            auth_copy(session, nb_slice_of(own[OP_ACCOUNT_SERVER].text));
    }
    if (own[OP_SERVER_VERSION].is_set) {
        claims->op.assert_server_version =
            auth_copy(session, nb_slice_of(own[OP_SERVER_VERSION].text));
    }
    if (own[OP_STRICT].is_set) {
        claims->op.strict_signing_key_usage = own[OP_STRICT].is_on;
    }
    auth_tags_add(session, &own[OP_TAGS], &claims->tags);
    return expiry_apply(session, &own[OP_EXPIRY], &claims->expires);
}

// -- add -------------------------------------------------------------------------------------

// What nsc keeps beside an operator's JWT.
static int write_nsc(struct auth_session *session)
{
    char *folder = auth_store_operator_folder(&session->store, session->op.name);
    struct nb_buf path;
    struct nb_buf text;
    char *file;
    int code;

    nb_buf_init(&path, strlen(folder) + 16);
    nb_buf_must_format(&path, "%s/.nsc", folder);
    file = nb_slice_cstr(nb_buf_slice(&path));
    nb_buf_init(&text, 1024);
    nb_buf_must_text(&text, "{\"managed\":false,\"name\":\"");
    for (const char *p = session->op.name; *p != '\0'; p++) {
        nb_buf_must_format(&text, *p == '"' ? "\\%c" : "%c", *p);
    }
    nb_buf_must_text(&text, "\",\"kind\":\"operator\",\"version\":\"1\"}");
    code = result_file_write(session->cli, file, nb_buf_slice(&text), true);
    nb_buf_fini(&text);
    nb_buf_fini(&path);
    nb_free(file);
    nb_free(folder);
    return code;
}

// A new signing key, added to the operator's.
static int add_signing_key(struct auth_session *session)
{
    struct nauth_nkey key = {.has_seed = false};
    int code = auth_new_key(session, NAUTH_NKEY_OPERATOR, NULL, &key);

    if (code == EXIT_CODE_OK) {
        auth_texts_add(session, &session->op.claims.op.signing_keys, auth_copy_key(session, &key));
    }
    nauth_nkey_fini(&key);
    return code;
}

// The system account: no limits, a signing key, and its own monitoring for all its users.
static int make_system_account(struct auth_session *session, const char *name,
                               struct auth_token *account)
{
    struct nauth_nkey signing = {.has_seed = false};
    struct nauth_account_claims *claims = &account->claims.account;
    struct nauth_signing_key *keys;
    int code = new_account(session, name, NULL, account);

    if (code == EXIT_CODE_OK) {
        code = auth_new_key(session, NAUTH_NKEY_ACCOUNT, NULL, &signing);
    }
    if (code == EXIT_CODE_OK) {
        keys = auth_grown(session, NULL, &claims->signing_key_count, sizeof(*keys));
        keys[0].key = auth_copy_key(session, &signing);
        claims->signing_keys = keys;
        session->op.claims.op.system_account = account->claims.subject;
    }
    nauth_nkey_fini(&signing);
    return code;
}

// Two files that belong together. The operator's comes last: without it there is none.
static int save_new(struct auth_session *session, struct auth_token *system)
{
    struct nauth_nkey key = {.has_seed = false};
    struct nb_diag diag = {""};
    int code = EXIT_CODE_OK;

    if (auth_store_find_key(&session->store, session->op.claims.subject, &key, &diag) != NB_OK) {
        code = cli_fail(session->cli, "%s", diag.text);
    }
    if (code == EXIT_CODE_OK) {
        code = auth_sign(session, &session->op, &key);
    }
    if (code == EXIT_CODE_OK) {
        code = write_nsc(session);
    }
    if (code == EXIT_CODE_OK) {
        code = auth_save_account(session, system);
    }
    if (code == EXIT_CODE_OK) {
        code = auth_write_token(session, &session->op, true);
    }
    nauth_nkey_fini(&key);
    return code;
}

static int begin_operator(struct auth_session *session, const char *name)
{
    struct nauth_nkey key = {.has_seed = false};
    int code = auth_new_key(session, NAUTH_NKEY_OPERATOR, session->cli->own[OP_KEY].text, &key);

    if (code != EXIT_CODE_OK) {
        return code;
    }
    session->op.name = nb_strdup(name);
    session->op.path = auth_store_operator_path(&session->store, name);
    session->op.claims.kind = NAUTH_CLAIMS_OPERATOR;
    session->op.claims.name = auth_copy(session, nb_slice_of(name));
    session->op.claims.subject = auth_copy_key(session, &key);
    nauth_nkey_fini(&key);
    return EXIT_CODE_OK;
}

static void select_new(struct auth_session *session)
{
    struct nb_diag diag = {""};

    // With a folder of one's own it would be no use to others.
    if (session->cli->group[AUTH_STORE_DIR].text == NULL &&
        auth_store_select(session->op.name, &diag) != NB_OK) {
        cli_warn(session->cli, "not selected: %s", diag.text);
    }
}

static int add(struct auth_session *session)
{
    const char *name = session->cli->words[0];
    const char *system_name = session->cli->own[OP_SYS].text;
    struct auth_token system = {.name = NULL};
    int code = auth_check_name(session, system_name);

    if (code == EXIT_CODE_OK) {
        code = auth_check_new_operator(session, name);
    }
    if (code != EXIT_CODE_OK) {
        return code;
    }
    code = begin_operator(session, name);
    if (code == EXIT_CODE_OK) {
        code = apply(session, &session->op.claims);
    }
    if (code == EXIT_CODE_OK && session->cli->own[OP_SIGNING_KEY].is_on) {
        code = add_signing_key(session);
    }
    if (code == EXIT_CODE_OK) {
        code = make_system_account(session, system_name, &system);
    }
    if (code == EXIT_CODE_OK) {
        code = save_new(session, &system);
    }
    if (code == EXIT_CODE_OK) {
        select_new(session);
        describe_token(session->cli, &session->op.claims, session->op.text);
    }
    auth_token_fini(&system);
    return code;
}

static int run_add(struct cli *cli)
{
    return auth_run(cli, add);
}

static const struct command_example add_examples[] = {
    {"auth operator add ACME", "With a signing key and the system account SYSTEM."},
    {"auth operator add ACME --service nats://n1.example.com,nats://n2.example.com --strict",
     "It knows its servers, and identities never sign."},
};

const struct command command_auth_operator_add = {
    .name = "add",
    .purpose = "Makes an operator, with its keys and a system account.",
    .arguments = "<name>",
    .details = "The operator is whom servers trust; it signs accounts. It is selected: the\n"
               "following commands are about it. Seeds are kept in --keys-dir: that of the\n"
               "identity had better be moved to a safe place, the signing key is enough for\n"
               "everything but changes of the operator itself.",
    .options = add_options,
    .option_count = OP_ADD_OPTION_COUNT,
    .examples = add_examples,
    .example_count = NB_ARRAY_LEN(add_examples),
    .words_min = 1,
    .words_max = 1,
    .run = run_add,
};

// -- edit ------------------------------------------------------------------------------------

static int set_system_account(struct auth_session *session)
{
    const char *word = session->cli->own[OP_SYSTEM_ACCOUNT].text;
    struct auth_token account = {.name = NULL};
    int code;

    if (word == NULL) {
        return EXIT_CODE_OK;
    }
    code = auth_load_account(session, word, &account);
    if (code == EXIT_CODE_OK) {
        session->op.claims.op.system_account = auth_copy(session, account.claims.subject);
    }
    auth_token_fini(&account);
    return code;
}

static int edit(struct auth_session *session)
{
    int code = auth_load_operator_of_words(session);

    if (code != EXIT_CODE_OK) {
        return code;
    }
    if (session->cli->own[OP_NO_TAGS].is_on) {
        session->op.claims.tags = (struct nauth_texts){.items = NULL};
    }
    code = set_system_account(session);
    if (code == EXIT_CODE_OK) {
        code = apply(session, &session->op.claims);
    }
    if (code == EXIT_CODE_OK) {
        code = auth_save_operator(session);
    }
    if (code == EXIT_CODE_OK) {
        describe_token(session->cli, &session->op.claims, session->op.text);
    }
    return code;
}

static int run_edit(struct cli *cli)
{
    return auth_run(cli, edit);
}

static const struct command_example edit_examples[] = {
    {"auth operator edit --service nats://n3.example.com",
     "Another server, instead of the others."},
    {"auth operator edit ACME --no-tags --tags production", "Other tags."},
};

const struct command command_auth_operator_edit = {
    .name = "edit",
    .purpose = "Changes an operator and signs it anew.",
    .arguments = "[name]",
    .details = "What is not given stays. The seed of the identity is needed. Servers read the\n"
               "operator from their configuration: give them the new one.",
    .options = edit_options,
    .option_count = OP_EDIT_OPTION_COUNT,
    .examples = edit_examples,
    .example_count = NB_ARRAY_LEN(edit_examples),
    .words_max = 1,
    .run = run_edit,
};

// -- info and select -------------------------------------------------------------------------

static int info(struct auth_session *session)
{
    int code = auth_load_operator_of_words(session);

    if (code == EXIT_CODE_OK) {
        describe_token(session->cli, &session->op.claims, session->op.text);
    }
    return code;
}

static int run_info(struct cli *cli)
{
    return auth_run(cli, info);
}

static const struct command_example info_examples[] = {
    {"auth operator info", "The one that is selected."},
    {"auth operator info ACME --json", "Its claims."},
};

const struct command command_auth_operator_info = {
    .name = "info",
    .alias = "show",
    .purpose = "Shows an operator.",
    .arguments = "[name]",
    .examples = info_examples,
    .example_count = NB_ARRAY_LEN(info_examples),
    .words_max = 1,
    .run = run_info,
};

static int choose(struct auth_session *session)
{
    struct nb_diag diag = {""};
    int code = auth_load_operator_named(session, session->cli->words[0]);

    if (code == EXIT_CODE_OK && auth_store_select(session->op.name, &diag) != NB_OK) {
        code = cli_fail(session->cli, "%s", diag.text);
    }
    return code;
}

static int run_select(struct cli *cli)
{
    return auth_run(cli, choose);
}

static const struct command_example select_examples[] = {
    {"auth operator select ACME", "From now on commands are about it."},
};

const struct command command_auth_operator_select = {
    .name = "select",
    .purpose = "Chooses the operator that the other commands are about.",
    .arguments = "<name>",
    .details = "The nats tool sees the same choice.",
    .examples = select_examples,
    .example_count = NB_ARRAY_LEN(select_examples),
    .words_min = 1,
    .words_max = 1,
    .run = run_select,
};

// -- ls --------------------------------------------------------------------------------------

static int list(struct auth_session *session)
{
    char *selected = auth_store_selected(&session->store);
    struct private_names names;
    struct listing listing;

    listing_begin(&listing, session->cli, LISTING_NAMES, "Name|Subject|System account|Expires|");
    private_names_read(session->store.stores, NULL, &names);
    for (size_t i = 0; i < names.count; i++) {
        char *path = auth_store_operator_path(&session->store, names.items[i]);
        struct auth_token op = {.name = NULL};

        if (auth_read_token(path, NAUTH_CLAIMS_OPERATOR, &op, NULL) == NB_OK) {
            bool is_selected = selected != NULL && strcmp(selected, names.items[i]) == 0;

            listing_text(&listing, "name", nb_slice_of(names.items[i]));
            listing_text(&listing, "subject", op.claims.subject);
            listing_text(&listing, "system_account", op.claims.op.system_account);
            listing_moment(&listing, "expires", op.claims.expires);
            listing_flag(&listing, "selected", is_selected);
            listing_end_row(&listing);
        }
        auth_token_fini(&op);
        nb_free(path);
    }
    private_names_fini(&names);
    nb_free(selected);
    return listing_end(&listing, "no operators");
}

static int run_list(struct cli *cli)
{
    return auth_run(cli, list);
}

static const struct command_example ls_examples[] = {
    {"auth operator ls", "All, with the one that is selected."},
    {"auth operator ls --names", "One name on each line."},
};

const struct command command_auth_operator_ls = {
    LISTING_COMMAND, .alias = "list",         .purpose = "Lists the operators.",
    .arguments = "", .examples = ls_examples, .example_count = NB_ARRAY_LEN(ls_examples),
    .run = run_list,
};
