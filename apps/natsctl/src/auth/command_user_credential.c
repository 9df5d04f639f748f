#include "auth/account_options.h"
#include "auth/commands.h"
#include "auth/creds_file.h"
#include "auth/result_file.h"
#include "auth/session.h"
#include "auth/user_sign.h"

/* The creds file of a user, as it is or for a shorter time. */

enum { CREDS_EXPIRE, CREDS_FORCE, CREDS_OPTION_COUNT };

static const struct args_option creds_options[CREDS_OPTION_COUNT] = {
    [CREDS_EXPIRE] = {.name = "expire",
                      .kind = ARGS_TEXT,
                      .value = "TIME",
                      .help = "with a JWT that expires then; the one of the store stays"},
    [CREDS_FORCE] = RESULT_FILE_FORCE_OPTION,
};

static int credential(struct auth_session *session, struct auth_token *account,
                      struct auth_token *user)
{
    const struct cli *cli = session->cli;
    int code = EXIT_CODE_OK;

    if (cli->own[CREDS_EXPIRE].is_set) {
        code = expiry_apply(session, &cli->own[CREDS_EXPIRE], &user->claims.expires);
        if (code == EXIT_CODE_OK) {
            code = user_sign_again(session, account, user);
        }
    }
    return code == EXIT_CODE_OK
               ? creds_write(session, cli->words[0], user->text, cli->own[CREDS_FORCE].is_on)
               : code;
}

static int run_credential(struct cli *cli)
{
    return auth_run_user(cli, 1, credential);
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
