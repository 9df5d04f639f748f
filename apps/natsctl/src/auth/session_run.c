#include "auth/session.h"

#include <natsd/clock.h>

/* What is around each command: a session, and the account and user that its words name. */

enum {
    ARENA_MAX_BYTES = 256 * 1024 * 1024, // a token has 1 MiB at most, and copies are few
};

const struct args_option auth_options[AUTH_OPTION_COUNT] = {
    [AUTH_STORE_DIR] = {.name = "store-dir",
                        .kind = ARGS_TEXT,
                        .value = "DIR",
                        .help = "where the JWTs are [$XDG_DATA_HOME/nats/nsc/stores]"},
    [AUTH_KEYS_DIR] = {.name = "keys-dir",
                       .kind = ARGS_TEXT,
                       .value = "DIR",
                       .env = "NKEYS_PATH",
                       .help = "where seeds and creds are [$XDG_DATA_HOME/nats/nsc/keys]"},
    [AUTH_OPERATOR] = {.name = "operator",
                       .kind = ARGS_TEXT,
                       .value = "NAME",
                       .help = "the operator [the one that is selected]"},
};

static void open_session(struct auth_session *session, struct cli *cli)
{
    *session = (struct auth_session){.cli = cli};
    session->now_s = nb_wall_now().ns / NB_NS_PER_S;
    auth_store_init(&session->store, cli->group[AUTH_STORE_DIR].text,
                    cli->group[AUTH_KEYS_DIR].text);
    nb_arena_init(&session->arena, ARENA_MAX_BYTES);
}

static void close_session(struct auth_session *session)
{
    auth_token_fini(&session->op);
    nb_arena_fini(&session->arena);
    auth_store_fini(&session->store);
}

int auth_run(struct cli *cli, auth_run_fn run)
{
    struct auth_session session;
    int code;

    open_session(&session, cli);
    code = run(&session);
    close_session(&session);
    return code;
}

// The word at `index`, or NULL.
static const char *word_at(const struct cli *cli, size_t index)
{
    return index < cli->word_count ? cli->words[index] : NULL;
}

int auth_run_account(struct cli *cli, auth_account_fn run, const void *ctx)
{
    struct auth_session session;
    struct auth_token account = {.name = NULL};
    int code;

    open_session(&session, cli);
    code = auth_load_account(&session, word_at(cli, 0), &account);
    if (code == EXIT_CODE_OK) {
        code = run(&session, &account, ctx);
    }
    auth_token_fini(&account);
    close_session(&session);
    return code;
}

int auth_run_user(struct cli *cli, size_t first_word, auth_user_fn run)
{
    struct auth_session session;
    struct auth_token account = {.name = NULL};
    struct auth_token user = {.name = NULL};
    int code;

    open_session(&session, cli);
    code = auth_load_account(&session, word_at(cli, first_word + 1), &account);
    if (code == EXIT_CODE_OK) {
        code = auth_load_user(&session, &account, cli->words[first_word], &user);
    }
    if (code == EXIT_CODE_OK) {
        code = run(&session, &account, &user);
    }
    auth_token_fini(&user);
    auth_token_fini(&account);
    close_session(&session);
    return code;
}
