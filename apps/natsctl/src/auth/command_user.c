#include "auth/account_options.h"
#include "auth/commands.h"
#include "auth/confirm.h"
#include "auth/creds_file.h"
#include "auth/describe.h"
#include "auth/listing.h"
#include "auth/private_file.h"
#include "auth/revocations.h"
#include "auth/session.h"
#include "auth/user_limits.h"
#include "auth/user_sign.h"

#include <stdio.h>
#include <unistd.h>

/* Users: made, changed, listed, shown, removed. */

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

static bool is_scope(const struct auth_token *account, const char *word)
{
    const struct nauth_account_claims *claims = &account->claims.account;
    size_t index = word != NULL ? auth_find_signing_key(claims, word) : claims->signing_key_count;

    return index < claims->signing_key_count && claims->signing_keys[index].is_scoped;
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

// What is signed goes into the store, to who asked for it and on the screen.
static int finish(struct auth_session *session, const struct auth_token *account,
                  const struct auth_token *user, bool is_new)
{
    int code = auth_write_token(session, user, is_new);

    if (code == EXIT_CODE_OK) {
        code = write_creds(session, account, user);
    }
    if (code == EXIT_CODE_OK) {
        describe_token(session->cli, &user->claims, user->text);
    }
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

    if (private_file_exists(
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
        code = user_sign(session, account, user, session->cli->own[USER_KEY].text);
    }
    return code == EXIT_CODE_OK ? finish(session, account, user, true) : code;
}

static int add(struct auth_session *session)
{
    const struct cli *cli = session->cli;
    struct auth_token account = {.name = NULL};
    struct auth_token user = {.name = NULL};
    int code = auth_check_name(session, cli->words[0]);

    if (code == EXIT_CODE_OK) {
        code = auth_load_account(session, cli->word_count > 1 ? cli->words[1] : NULL, &account);
    }
    if (code == EXIT_CODE_OK) {
        code = add_to(session, &account, cli->words[0], &user);
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

static int apply_edit(struct auth_session *session, struct auth_token *user)
{
    const struct args_value *own = session->cli->own;
    int code = user_limits_apply(session, &own[EDIT_LIMITS], &user->claims.user.limits);

    if (own[EDIT_NO_TAGS].is_on) {
        user->claims.tags = (struct nauth_texts){.items = NULL};
    }
    auth_tags_add(session, &own[USER_TAGS], &user->claims.tags);
    return code == EXIT_CODE_OK ? expiry_apply(session, &own[USER_EXPIRE], &user->claims.expires)
                                : code;
}

static int edit(struct auth_session *session, struct auth_token *account, struct auth_token *user)
{
    const char *key_word = session->cli->own[USER_KEY].text;
    int code = apply_edit(session, user);

    if (code == EXIT_CODE_OK) {
        code = key_word != NULL ? user_sign(session, account, user, key_word)
                                : user_sign_again(session, account, user);
    }
    return code == EXIT_CODE_OK ? finish(session, account, user, false) : code;
}

static int run_edit(struct cli *cli)
{
    return auth_run_user(cli, 0, edit);
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

static int list(struct auth_session *session, struct auth_token *account, const void *ctx NB_UNUSED)
{
    struct auth_tokens users;
    struct listing listing;

    auth_read_users(session, account, &users);
    listing_begin(&listing, session->cli, LISTING_NAMES, "Name|Subject|Role|Expires|");
    for (size_t i = 0; i < users.count; i++) {
        const struct nauth_claims *user = &users.items[i].claims;

        listing_text(&listing, "name", nb_slice_of(users.items[i].name));
        listing_text(&listing, "subject", user->subject);
        listing_text(&listing, "role", role_of(account, user->issuer));
        listing_moment(&listing, "expires", user->expires);
        listing_flag(
            &listing, "revoked",
            nauth_is_revoked(&account->claims.account.revocations, user->subject, user->issued_at));
        listing_end_row(&listing);
    }
    auth_tokens_fini(&users);
    return listing_end(&listing, "no users");
}

static int run_list(struct cli *cli)
{
    return auth_run_account(cli, list, NULL);
}

static const struct command_example ls_examples[] = {
    {"auth user ls ORDERS", "With their roles; those who are revoked are marked."},
};

const struct command command_auth_user_ls = {
    LISTING_COMMAND,          .alias = "list",         .purpose = "Lists the users of an account.",
    .arguments = "[account]", .examples = ls_examples, .example_count = NB_ARRAY_LEN(ls_examples),
    .words_max = 1,           .run = run_list,
};

static int info(struct auth_session *session, struct auth_token *account NB_UNUSED,
                struct auth_token *user)
{
    describe_token(session->cli, &user->claims, user->text);
    return EXIT_CODE_OK;
}

static int run_info(struct cli *cli)
{
    return auth_run_user(cli, 0, info);
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

static int remove_user(struct auth_session *session, struct auth_token *account,
                       struct auth_token *user)
{
    const struct cli *cli = session->cli;
    char what[512];
    int code;

    snprintf(what, sizeof(what), "remove user %s of account %s", user->name, account->name);
    code = confirm(cli, cli->own[RM_FORCE].is_on, what);
    if (code == EXIT_CODE_OK && cli->own[RM_REVOKE].is_on) {
        revocations_add(session, &account->claims.account.revocations, user->claims.subject,
                        session->now_s);
        code = auth_save_account(session, account);
    }
    return code == EXIT_CODE_OK ? remove_files(session, account, user) : code;
}

static int run_rm(struct cli *cli)
{
    return auth_run_user(cli, 0, remove_user);
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
