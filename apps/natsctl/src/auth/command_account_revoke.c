#include "auth/commands.h"
#include "auth/listing.h"
#include "auth/moment.h"
#include "auth/revocations.h"
#include "auth/session.h"
#include "auth/shares.h"

/* Users and activations that don't count any more, although they were signed. */

enum { REVOKE_AT, REVOKE_OPTION_COUNT };

static const struct args_option options[REVOKE_OPTION_COUNT] = {
    [REVOKE_AT] = {.name = "at",
                   .kind = ARGS_TEXT,
                   .value = "TIME",
                   .help = "what was issued until then: a date, or 1h for an hour ago [now]"},
};

static int read_at(struct auth_session *session, int64_t *out)
{
    const char *text = session->cli->own[REVOKE_AT].text;

    *out = session->now_s;
    if (text != NULL &&
        moment_read(session->cli, nb_slice_of(text), session->now_s, -1, out) != NB_OK) {
        return cli_usage(session->cli, "\"%s\" is no time: 1h, 2026-01-31 10:00, @1700000000",
                         text);
    }
    return EXIT_CODE_OK;
}

// The key of a user by name, or what is a key already, or "*".
static int find_user_key(struct auth_session *session, const struct auth_token *account,
                         const char *word, struct slice *out)
{
    struct auth_token user = {.name = NULL};
    int code;

    if (strcmp(word, "*") == 0 || nauth_nkey_is_public_of(nb_slice_of(word), NAUTH_NKEY_USER)) {
        *out = nb_slice_of(word);
        return EXIT_CODE_OK;
    }
    code = auth_load_user(session, account, word, &user);
    if (code == EXIT_CODE_OK) {
        *out = auth_copy(session, user.claims.subject);
    }
    auth_token_fini(&user);
    return code;
}

static int find_account_key(struct auth_session *session, const char *word, struct slice *out)
{
    if (strcmp(word, "*") == 0) {
        *out = nb_slice_of(word);
        return EXIT_CODE_OK;
    }
    return auth_find_account_key(session, word, out);
}

// What the words say: an entry of one of the account's lists.
struct entry {
    struct nauth_revocations *list;
    struct slice key;
};
typedef int (*find_fn)(struct auth_session *session, struct auth_token *account,
                       struct entry *entry);

static int find_user(struct auth_session *session, struct auth_token *account, struct entry *entry)
{
    entry->list = &account->claims.account.revocations;
    return find_user_key(session, account, session->cli->words[1], &entry->key);
}

static int find_activation(struct auth_session *session, struct auth_token *account,
                           struct entry *entry)
{
    const char *const *words = session->cli->words;
    size_t index;
    int code = shares_find_export(session, account, words[1], &index);

    if (code != EXIT_CODE_OK) {
        return code;
    }
    entry->list = &shares_export_at(account, index)->revocations;
    return find_account_key(session, words[2], &entry->key);
}

static int revoke(struct auth_session *session, struct auth_token *account, find_fn find)
{
    struct entry entry;
    int64_t at_s;
    int code = find(session, account, &entry);

    if (code == EXIT_CODE_OK) {
        code = read_at(session, &at_s);
    }
    if (code == EXIT_CODE_OK) {
        revocations_add(session, entry.list, entry.key, at_s);
        code = auth_save_account(session, account);
    }
    if (code == EXIT_CODE_OK) {
        cli_note(session->cli, "Revoked; servers learn of it by 'natsctl auth push %s'",
                 account->name);
    }
    return code;
}

static int unrevoke(struct auth_session *session, struct auth_token *account, find_fn find)
{
    struct entry entry;
    int code = find(session, account, &entry);

    if (code != EXIT_CODE_OK) {
        return code;
    }
    return revocations_remove(session, entry.list, entry.key)
               ? auth_save_account(session, account)
               : cli_fail_with(session->cli, EXIT_CODE_NOT_FOUND, "%.*s is not revoked",
                               NB_SLICE_ARGS(entry.key));
}

// -- commands --------------------------------------------------------------------------------

static int revoke_user(struct auth_session *session, struct auth_token *account,
                       const void *ctx NB_UNUSED)
{
    return revoke(session, account, find_user);
}

static int run_revoke_user(struct cli *cli)
{
    return auth_run_account(cli, revoke_user, NULL);
}

static const struct command_example revoke_user_examples[] = {
    {"auth account revoke user ORDERS ann", "What was issued to her until now."},
    {"auth account revoke user ORDERS '*' --at 2026-01-31", "Everybody's, until that day."},
};

const struct command command_auth_account_revoke_user = {
    .name = "user",
    .purpose = "Revokes what was issued to a user until now.",
    .arguments = "<account> <user|key|*>",
    .details = "After 'natsctl auth push' servers throw the user out. Creds that are issued\n"
               "later are good again.",
    .options = options,
    .option_count = REVOKE_OPTION_COUNT,
    .examples = revoke_user_examples,
    .example_count = NB_ARRAY_LEN(revoke_user_examples),
    .words_min = 2,
    .words_max = 2,
    .run = run_revoke_user,
};

static int revoke_activation(struct auth_session *session, struct auth_token *account,
                             const void *ctx NB_UNUSED)
{
    return revoke(session, account, find_activation);
}

static int run_revoke_activation(struct cli *cli)
{
    return auth_run_account(cli, revoke_activation, NULL);
}

static const struct command_example revoke_activation_examples[] = {
    {"auth account revoke activation ORDERS orders.new BILLING", "BILLING may not import it."},
};

const struct command command_auth_account_revoke_activation = {
    .name = "activation",
    .purpose = "Revokes what was issued to another account for a private export.",
    .arguments = "<account> <export> <account|key|*>",
    .options = options,
    .option_count = REVOKE_OPTION_COUNT,
    .examples = revoke_activation_examples,
    .example_count = NB_ARRAY_LEN(revoke_activation_examples),
    .words_min = 3,
    .words_max = 3,
    .run = run_revoke_activation,
};

static int unrevoke_user(struct auth_session *session, struct auth_token *account,
                         const void *ctx NB_UNUSED)
{
    return unrevoke(session, account, find_user);
}

static int run_unrevoke_user(struct cli *cli)
{
    return auth_run_account(cli, unrevoke_user, NULL);
}

static const struct command_example unrevoke_user_examples[] = {
    {"auth account unrevoke user ORDERS ann", "Her creds are good again, after a push."},
};

const struct command command_auth_account_unrevoke_user = {
    .name = "user",
    .purpose = "Takes the revocation of a user back.",
    .arguments = "<account> <user|key|*>",
    .examples = unrevoke_user_examples,
    .example_count = NB_ARRAY_LEN(unrevoke_user_examples),
    .words_min = 2,
    .words_max = 2,
    .run = run_unrevoke_user,
};

static int unrevoke_activation(struct auth_session *session, struct auth_token *account,
                               const void *ctx NB_UNUSED)
{
    return unrevoke(session, account, find_activation);
}

static int run_unrevoke_activation(struct cli *cli)
{
    return auth_run_account(cli, unrevoke_activation, NULL);
}

static const struct command_example unrevoke_activation_examples[] = {
    {"auth account unrevoke activation ORDERS orders.new BILLING", "It may import again."},
};

const struct command command_auth_account_unrevoke_activation = {
    .name = "activation",
    .purpose = "Takes the revocation of an activation back.",
    .arguments = "<account> <export> <account|key|*>",
    .examples = unrevoke_activation_examples,
    .example_count = NB_ARRAY_LEN(unrevoke_activation_examples),
    .words_min = 3,
    .words_max = 3,
    .run = run_unrevoke_activation,
};

// -- revocations -----------------------------------------------------------------------------

static void list_all(struct listing *listing, const struct nauth_revocations *list,
                     const struct auth_tokens *names, const char *kind, struct slice subject)
{
    for (size_t i = 0; i < list->count; i++) {
        struct slice key = list->items[i].key;
        struct slice name = auth_name_of(names, key);

        listing_text(listing, "key", key);
        listing_text(listing, "name", nb_slice_equal(name, key) ? (struct slice){0} : name);
        listing_text(listing, "kind", nb_slice_of(kind));
        listing_text(listing, "export", subject);
        listing_moment(listing, "until", list->items[i].at);
        listing_end_row(listing);
    }
}

static int list(struct auth_session *session, struct auth_token *account, const void *ctx NB_UNUSED)
{
    const struct nauth_account_claims *claims = &account->claims.account;
    struct auth_tokens accounts;
    struct auth_tokens users;
    struct listing listing;

    auth_read_accounts(session, &accounts);
    auth_read_users(session, account, &users);
    listing_begin(&listing, session->cli, -1, "Key|Name|Kind|Export|Issued until");
    list_all(&listing, &claims->revocations, &users, "user", (struct slice){0});
    for (size_t i = 0; i < claims->export_count; i++) {
        list_all(&listing, &claims->exports[i].revocations, &accounts, "activation",
                 claims->exports[i].subject);
    }
    auth_tokens_fini(&users);
    auth_tokens_fini(&accounts);
    return listing_end(&listing, "nothing is revoked");
}

static int run_list(struct cli *cli)
{
    return auth_run_account(cli, list, NULL);
}

static const struct command_example ls_examples[] = {
    {"auth account revocations ORDERS", "Users, and activations of its exports."},
};

const struct command command_auth_account_revocations = {
    .name = "revocations",
    .purpose = "Lists what an account has revoked.",
    .arguments = "<account>",
    .examples = ls_examples,
    .example_count = NB_ARRAY_LEN(ls_examples),
    .words_min = 1,
    .words_max = 1,
    .run = run_list,
};
