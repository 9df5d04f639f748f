#include "auth/account_options.h"
#include "auth/commands.h"
#include "auth/confirm.h"
#include "auth/creds_file.h"
#include "auth/describe.h"
#include "auth/listing.h"
#include "auth/revocations.h"
#include "auth/session.h"
#include "auth/user_limits.h"
#include "output.h"

#include <stdio.h>
#include <unistd.h>

/* Users: made, changed, listed, shown, removed, and their creds files. */

enum {
    PAYLOAD_DEFAULT_BYTES = 1024 * 1024, // as the nats tool has it
};

enum { USER_KEY, USER_EXPIRE, USER_TAGS, USER_CREDENTIAL, USER_FORCE, USER_COMMON_COUNT };

#define COMMON_OPTIONS                                                                         \
    [USER_KEY] = {.name = "key",                                                               \
                  .kind = ARGS_TEXT,                                                           \
                  .value = "ROLE|KEY",                                                         \
                  .help = "the signing key or role of the account that issues it"},            \
    [USER_EXPIRE] = {.name = "expire",                                                         \
                     .alias = "expiry",                                                        \
                     .kind = ARGS_TEXT,                                                        \
                     .value = "TIME",                                                          \
                     .help = "30d, a date, or never"},                                         \
    [USER_TAGS] = {.name = "tags", .kind = ARGS_LIST, .value = "TAGS", .help = "tags to add"}, \
    [USER_CREDENTIAL] = {.name = "credential",                                                 \
                         .alias = "creds-file",                                                \
                         .kind = ARGS_TEXT,                                                    \
                         .value = "FILE",                                                      \
                         .help = "write its creds there as well"},                             \
    [USER_FORCE] = {.name = "force",                                                           \
                    .letter = 'f',                                                             \
                    .kind = ARGS_SWITCH,                                                       \
                    .help = "put the creds in place of a file that is there"}

// Signs it with --key, or with what signed it before.
static int sign(struct auth_session *session, const struct auth_token *account,
                struct auth_token *user, const char *key_word)
{
    struct nauth_nkey key = {.has_seed = false};
    const struct nauth_signing_key *scope;
    struct nb_diag diag = {""};
    int code = auth_account_signer(session, account, key_word, &key, &scope);
    struct slice issuer;

    if (code != EXIT_CODE_OK) {
        return code;
    }
    issuer = auth_copy_key(session, &key);
    user->claims.user.issuer_account = nb_slice_equal(issuer, account->claims.subject)
                                           ? (struct slice){0}
                                           : auth_copy(session, account->claims.subject);
    user->claims.issuer = issuer;
    if (scope != NULL && nauth_scope_check_user(scope, &user->claims, &diag) != NB_OK) {
        code = cli_usage(session->cli,
                         "role %.*s says what its users may do: no limits and permissions here",
                         NB_SLICE_ARGS(scope->role));
    }
    if (code == EXIT_CODE_OK && scope == NULL && user->claims.user.limits.bearer_token &&
        account->claims.account.limits.disallow_bearer) {
        cli_warn(session->cli, "account %s lets no bearers in", account->name);
    }
    if (code == EXIT_CODE_OK) {
        code = auth_sign(session, user, &key);
    }
    nauth_nkey_fini(&key);
    return code;
}

static bool is_scope(const struct auth_token *account, const char *word)
{
    const struct nauth_account_claims *claims = &account->claims.account;

    for (size_t i = 0; i < claims->signing_key_count && word != NULL; i++) {
        const struct nauth_signing_key *key = &claims->signing_keys[i];

        if (key->is_scoped && (nb_slice_is(key->key, word) || nb_slice_is(key->role, word))) {
            return true;
        }
    }
    return false;
}

// The creds of the store, and those that were asked for.
static int write_creds(struct auth_session *session, const struct auth_token *account,
                       const struct auth_token *user)
{
    const struct args_value *own = session->cli->own;
    char *path =
        auth_store_creds_path(&session->store, session->op.name, account->name, user->name);
    int code = EXIT_CODE_OK;

    if (own[USER_CREDENTIAL].text != NULL) {
        code = creds_write(session, own[USER_CREDENTIAL].text, user->text, own[USER_FORCE].is_on);
    }
    if (code == EXIT_CODE_OK && auth_store_has_key(&session->store, user->claims.subject)) {
        code = creds_write(session, path, user->text, true); // it is only a copy
    }
    nb_free(path);
    return code;
}

// -- add -------------------------------------------------------------------------------------

enum {
    ADD_SEED = USER_COMMON_COUNT,
    ADD_DEFAULTS,
    ADD_LIMITS,
    ADD_OPTION_COUNT = ADD_LIMITS + USER_LIMIT_COUNT
};

#define USER_LIMITS_AT ADD_LIMITS
static const struct args_option add_options[ADD_OPTION_COUNT] = {
    COMMON_OPTIONS,
    [ADD_SEED] = {.name = "user-key",
                  .kind = ARGS_TEXT,
                  .value = "FILE|KEY",
                  .help = "a file with the user's seed, or his public key, instead of a new one"},
    [ADD_DEFAULTS] = {.name = "defaults",
                      .kind = ARGS_SWITCH,
                      .help = "ask nothing; nothing is asked anyway"},
#include "auth/user_limits.def"
};
#undef USER_LIMITS_AT

// A new key, that of a file, or only the public one: then the user keeps the seed.
static int find_subject(struct auth_session *session, struct slice *out)
{
    const char *given = session->cli->own[ADD_SEED].text;
    struct nauth_nkey key = {.has_seed = false};
    int code;

    if (given != NULL && nauth_nkey_is_public_of(nb_slice_of(given), NAUTH_NKEY_USER)) {
        *out = auth_copy(session, nb_slice_of(given));
        return EXIT_CODE_OK;
    }
    code = auth_new_key(session, NAUTH_NKEY_USER, given, &key);
    if (code == EXIT_CODE_OK) {
        *out = auth_copy_key(session, &key);
    }
    nauth_nkey_fini(&key);
    return code;
}

static int fill(struct auth_session *session, const struct auth_token *account,
                struct auth_token *user)
{
    const struct args_value *own = session->cli->own;
    struct nauth_user_limits *limits = &user->claims.user.limits;
    int code = find_subject(session, &user->claims.subject);

    if (code == EXIT_CODE_OK && !is_scope(account, own[USER_KEY].text)) {
        limits->subs = -1;
        limits->data = -1;
        limits->payload = PAYLOAD_DEFAULT_BYTES;
    }
    if (code == EXIT_CODE_OK) {
        code = user_limits_apply(session, &own[ADD_LIMITS], limits);
    }
    if (code == EXIT_CODE_OK) {
        code = expiry_apply(session, &own[USER_EXPIRE], &user->claims.expires);
    }
    auth_tags_add(session, &own[USER_TAGS], &user->claims.tags);
    return code;
}

static int add_to(struct auth_session *session, const struct auth_token *account, const char *name,
                  struct auth_token *user)
{
    int code;

    if (listing_exists(
            auth_store_user_path(&session->store, session->op.name, account->name, name))) {
        return cli_fail(session->cli, "user %s exists already; see 'natsctl auth user edit'", name);
    }
    if (is_scope(account, session->cli->own[USER_KEY].text) &&
        user_limits_are_given(&session->cli->own[ADD_LIMITS])) {
        return cli_usage(session->cli,
                         "role %s says what its users may do: no limits and permissions here",
                         session->cli->own[USER_KEY].text);
    }
    user->name = nb_strdup(name);
    user->path = auth_store_user_path(&session->store, session->op.name, account->name, name);
    user->claims.kind = NAUTH_CLAIMS_USER;
    user->claims.name = auth_copy(session, nb_slice_of(name));
    code = fill(session, account, user);
    if (code == EXIT_CODE_OK) {
        code = sign(session, account, user, session->cli->own[USER_KEY].text);
    }
    if (code == EXIT_CODE_OK) {
        code = auth_write_token(session, user, true);
    }
    if (code == EXIT_CODE_OK) {
        code = write_creds(session, account, user);
    }
    return code;
}

static int add(struct auth_session *session)
{
    const struct cli *cli = session->cli;
    struct auth_token account = {.name = NULL};
    struct auth_token user = {.name = NULL};
    int code;

    if (!auth_store_is_name(nb_slice_of(cli->words[0]))) {
        return cli_usage(cli, "a name has no slash and no dot in front");
    }
    code = auth_load_account(session, cli->word_count > 1 ? cli->words[1] : NULL, &account);
    if (code == EXIT_CODE_OK) {
        code = add_to(session, &account, cli->words[0], &user);
    }
    if (code == EXIT_CODE_OK) {
        describe_token(cli, &user.claims, user.text);
    }
    auth_token_fini(&account);
    auth_token_fini(&user);
    return code;
}

static int run_add(struct cli *cli)
{
    return auth_run(cli, add);
}

static const struct command_example add_examples[] = {
    {"auth user add ann ORDERS --credential ann.creds", "With a creds file for her."},
    {"auth user add ann ORDERS --pub-allow 'orders.>' --sub-allow '_INBOX.>' --expire 90d",
     "She may do this, for so long."},
    {"auth user add ann ORDERS --key reader", "She may do what the role may."},
};

const struct command command_auth_user_add = {
    .name = "add",
    .purpose = "Makes a user, with a key, signed by an account.",
    .arguments = "<name> [account]",
    .details = "Servers need not be told. A plain signing key of the account issues it when\n"
               "there is one here, else the account itself.",
    .options = add_options,
    .option_count = ADD_OPTION_COUNT,
    .examples = add_examples,
    .example_count = NB_ARRAY_LEN(add_examples),
    .words_min = 1,
    .words_max = 2,
    .run = run_add,
};

// -- edit ------------------------------------------------------------------------------------

enum {
    EDIT_NO_TAGS = USER_COMMON_COUNT,
    EDIT_LIMITS,
    EDIT_OPTION_COUNT = EDIT_LIMITS + USER_LIMIT_COUNT
};

#define USER_LIMITS_AT EDIT_LIMITS
static const struct args_option edit_options[EDIT_OPTION_COUNT] = {
    COMMON_OPTIONS,
    [EDIT_NO_TAGS] = {.name = "no-tags",
                      .kind = ARGS_SWITCH,
                      .help = "take the tags away that are there"},
#include "auth/user_limits.def"
};
#undef USER_LIMITS_AT

static int load(struct auth_session *session, const char *user_word, const char *account_word,
                struct auth_token *account, struct auth_token *user)
{
    int code = auth_load_account(session, account_word, account);

    return code == EXIT_CODE_OK ? auth_load_user(session, account, user_word, user) : code;
}

static int apply_edit(struct auth_session *session, const struct auth_token *account,
                      struct auth_token *user)
{
    const struct args_value *own = session->cli->own;
    char *issuer = nb_slice_cstr(user->claims.issuer);
    int code = user_limits_apply(session, &own[EDIT_LIMITS], &user->claims.user.limits);

    if (own[EDIT_NO_TAGS].is_on) {
        user->claims.tags = (struct nauth_texts){.items = NULL};
    }
    auth_tags_add(session, &own[USER_TAGS], &user->claims.tags);
    if (code == EXIT_CODE_OK) {
        code = expiry_apply(session, &own[USER_EXPIRE], &user->claims.expires);
    }
    if (code == EXIT_CODE_OK) {
        code =
            sign(session, account, user, own[USER_KEY].text != NULL ? own[USER_KEY].text : issuer);
    }
    nb_free(issuer);
    return code;
}

static int edit(struct auth_session *session)
{
    const struct cli *cli = session->cli;
    struct auth_token account = {.name = NULL};
    struct auth_token user = {.name = NULL};
    int code =
        load(session, cli->words[0], cli->word_count > 1 ? cli->words[1] : NULL, &account, &user);

    if (code == EXIT_CODE_OK) {
        code = apply_edit(session, &account, &user);
    }
    if (code == EXIT_CODE_OK) {
        code = auth_write_token(session, &user, false);
    }
    if (code == EXIT_CODE_OK) {
        code = write_creds(session, &account, &user);
    }
    if (code == EXIT_CODE_OK) {
        describe_token(cli, &user.claims, user.text);
    }
    auth_token_fini(&account);
    auth_token_fini(&user);
    return code;
}

static int run_edit(struct cli *cli)
{
    return auth_run(cli, edit);
}

static const struct command_example edit_examples[] = {
    {"auth user edit ann ORDERS --expire 90d --credential ann.creds --force", "Renewed."},
};

const struct command command_auth_user_edit = {
    .name = "edit",
    .purpose = "Changes a user and signs it anew.",
    .arguments = "<user> [account]",
    .details = "What is not given stays. The user has to get the new creds; the old ones are\n"
               "good until they expire or are revoked.",
    .options = edit_options,
    .option_count = EDIT_OPTION_COUNT,
    .examples = edit_examples,
    .example_count = NB_ARRAY_LEN(edit_examples),
    .words_min = 1,
    .words_max = 2,
    .run = run_edit,
};

// -- ls and info -----------------------------------------------------------------------------

static struct slice role_of(const struct auth_token *account, struct slice issuer)
{
    const struct nauth_account_claims *claims = &account->claims.account;

    for (size_t i = 0; i < claims->signing_key_count; i++) {
        if (nb_slice_equal(claims->signing_keys[i].key, issuer)) {
            return claims->signing_keys[i].role;
        }
    }
    return (struct slice){0};
}

static int list(struct auth_session *session)
{
    const struct cli *cli = session->cli;
    struct auth_token account = {.name = NULL};
    int code = auth_load_account(session, cli->word_count > 0 ? cli->words[0] : NULL, &account);
    struct auth_tokens users;
    struct listing listing;

    if (code != EXIT_CODE_OK) {
        return code;
    }
    auth_read_users(session, &account, &users);
    listing_begin(&listing, cli, LISTING_NAMES, "Name|Subject|Role|Expires|");
    for (size_t i = 0; i < users.count; i++) {
        const struct nauth_claims *user = &users.items[i].claims;

        listing_text(&listing, "name", nb_slice_of(users.items[i].name));
        listing_text(&listing, "subject", user->subject);
        listing_text(&listing, "role", role_of(&account, user->issuer));
        listing_moment(&listing, "expires", user->expires);
        listing_flag(
            &listing, "revoked",
            nauth_is_revoked(&account.claims.account.revocations, user->subject, user->issued_at));
        listing_end_row(&listing);
    }
    auth_tokens_fini(&users);
    auth_token_fini(&account);
    return listing_end(&listing, "no users");
}

static int run_list(struct cli *cli)
{
    return auth_run(cli, list);
}

static const struct command_example ls_examples[] = {
    {"auth user ls ORDERS", "With their roles; those who are revoked are marked."},
};

const struct command command_auth_user_ls = {
    .name = "ls",
    .alias = "list",
    .purpose = "Lists the users of an account.",
    .arguments = "[account]",
    .options = listing_options,
    .option_count = LISTING_OPTION_COUNT,
    .examples = ls_examples,
    .example_count = NB_ARRAY_LEN(ls_examples),
    .words_max = 1,
    .run = run_list,
};

static int info(struct auth_session *session)
{
    const struct cli *cli = session->cli;
    struct auth_token account = {.name = NULL};
    struct auth_token user = {.name = NULL};
    int code =
        load(session, cli->words[0], cli->word_count > 1 ? cli->words[1] : NULL, &account, &user);

    if (code == EXIT_CODE_OK) {
        describe_token(cli, &user.claims, user.text);
    }
    auth_token_fini(&account);
    auth_token_fini(&user);
    return code;
}

static int run_info(struct cli *cli)
{
    return auth_run(cli, info);
}

static const struct command_example info_examples[] = {
    {"auth user info ann ORDERS", "What she may do."},
};

const struct command command_auth_user_info = {
    .name = "info",
    .alias = "show",
    .purpose = "Shows a user.",
    .arguments = "<user> [account]",
    .examples = info_examples,
    .example_count = NB_ARRAY_LEN(info_examples),
    .words_min = 1,
    .words_max = 2,
    .run = run_info,
};

// -- rm --------------------------------------------------------------------------------------

enum { RM_REVOKE, RM_FORCE, RM_OPTION_COUNT };

static const struct args_option rm_options[RM_OPTION_COUNT] = {
    [RM_REVOKE] = {.name = "revoke",
                   .kind = ARGS_SWITCH,
                   .help = "revoke it in the account as well"},
    [RM_FORCE] = CONFIRM_FORCE_OPTION,
};

static int remove_files(struct auth_session *session, const struct auth_token *account,
                        const struct auth_token *user)
{
    char *creds =
        auth_store_creds_path(&session->store, session->op.name, account->name, user->name);
    int code = EXIT_CODE_OK;

    if (unlink(user->path) != 0) {
        code = cli_fail(session->cli, "%s: could not be removed", user->path);
    }
    (void)unlink(creds); // a copy, which may be missing
    nb_free(creds);
    return code;
}

static int remove_user(struct auth_session *session)
{
    const struct cli *cli = session->cli;
    struct auth_token account = {.name = NULL};
    struct auth_token user = {.name = NULL};
    char what[512];
    int code =
        load(session, cli->words[0], cli->word_count > 1 ? cli->words[1] : NULL, &account, &user);

    if (code == EXIT_CODE_OK) {
        snprintf(what, sizeof(what), "remove user %s of account %s", user.name, account.name);
        code = confirm(cli, cli->own[RM_FORCE].is_on, what);
    }
    if (code == EXIT_CODE_OK && cli->own[RM_REVOKE].is_on) {
        revocations_add(session, &account.claims.account.revocations, user.claims.subject,
                        session->now_s);
        code = auth_save_account(session, &account);
    }
    if (code == EXIT_CODE_OK) {
        code = remove_files(session, &account, &user);
    }
    auth_token_fini(&account);
    auth_token_fini(&user);
    return code;
}

static int run_rm(struct cli *cli)
{
    return auth_run(cli, remove_user);
}

static const struct command_example rm_examples[] = {
    {"auth user rm ann ORDERS --revoke --force", "Then push the account: she is thrown out."},
};

const struct command command_auth_user_rm = {
    .name = "rm",
    .alias = "remove",
    .purpose = "Removes a user from the store.",
    .arguments = "<user> [account]",
    .details = "Creds that somebody has stay good until they expire, unless they are revoked.\n"
               "The seed stays in the store.",
    .options = rm_options,
    .option_count = RM_OPTION_COUNT,
    .examples = rm_examples,
    .example_count = NB_ARRAY_LEN(rm_examples),
    .words_min = 1,
    .words_max = 2,
    .run = run_rm,
};

// -- credential ------------------------------------------------------------------------------

enum { CREDS_EXPIRE, CREDS_FORCE, CREDS_OPTION_COUNT };

static const struct args_option creds_options[CREDS_OPTION_COUNT] = {
    [CREDS_EXPIRE] = {.name = "expire",
                      .kind = ARGS_TEXT,
                      .value = "TIME",
                      .help = "with a JWT that expires then; the one of the store stays"},
    [CREDS_FORCE] = {.name = "force",
                     .letter = 'f',
                     .kind = ARGS_SWITCH,
                     .help = "put it in place of a file that is there"},
};

static int credential(struct auth_session *session)
{
    const struct cli *cli = session->cli;
    struct auth_token account = {.name = NULL};
    struct auth_token user = {.name = NULL};
    char *issuer;
    int code;

    code =
        load(session, cli->words[1], cli->word_count > 2 ? cli->words[2] : NULL, &account, &user);
    if (code == EXIT_CODE_OK && cli->own[CREDS_EXPIRE].is_set) {
        issuer = nb_slice_cstr(user.claims.issuer);
        code = expiry_apply(session, &cli->own[CREDS_EXPIRE], &user.claims.expires);
        if (code == EXIT_CODE_OK) {
            code = sign(session, &account, &user, issuer);
        }
        nb_free(issuer);
    }
    if (code == EXIT_CODE_OK) {
        code = creds_write(session, cli->words[0], user.text, cli->own[CREDS_FORCE].is_on);
    }
    auth_token_fini(&account);
    auth_token_fini(&user);
    return code;
}

static int run_credential(struct cli *cli)
{
    return auth_run(cli, credential);
}

static const struct command_example creds_examples[] = {
    {"auth user credential ann.creds ann ORDERS", "Her JWT and seed, for --creds."},
    {"auth user credential tonight.creds ann ORDERS --expire 8h", "Good for eight hours."},
};

const struct command command_auth_user_credential = {
    .name = "credential",
    .alias = "creds",
    .purpose = "Writes the creds file of a user.",
    .arguments = "<file> <user> [account]",
    .details = "Only its owner can read it. A file that is there stays, unless --force. To look\n"
               "into one: natsctl auth inspect.",
    .options = creds_options,
    .option_count = CREDS_OPTION_COUNT,
    .examples = creds_examples,
    .example_count = NB_ARRAY_LEN(creds_examples),
    .words_min = 2,
    .words_max = 3,
    .run = run_credential,
};
