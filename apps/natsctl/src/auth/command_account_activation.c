#include "auth/account_options.h"
#include "auth/commands.h"
#include "auth/result_file.h"
#include "auth/session.h"
#include "auth/shares.h"
#include "output.h"

/* What lets another account import a private export. */

enum {
    ACTIVATION_TARGET,
    ACTIVATION_SUBJECT,
    ACTIVATION_EXPIRE,
    ACTIVATION_OUTPUT,
    ACTIVATION_FORCE,
    ACTIVATION_OPTION_COUNT
};

static const struct args_option activation_options[ACTIVATION_OPTION_COUNT] = {
    [ACTIVATION_TARGET] = {.name = "target",
                           .kind = ARGS_TEXT,
                           .value = "ACCOUNT",
                           .help = "who may import it, by name or key"},
    [ACTIVATION_SUBJECT] = {.name = "subject",
                            .kind = ARGS_TEXT,
                            .value = "SUBJECT",
                            .help = "only this part of the export"},
    [ACTIVATION_EXPIRE] = {.name = "expire",
                           .kind = ARGS_TEXT,
                           .value = "TIME",
                           .help = "30d, a date, or never"},
    [ACTIVATION_OUTPUT] = {.name = "output",
                           .kind = ARGS_TEXT,
                           .value = "FILE",
                           .help = "write it there"},
    [ACTIVATION_FORCE] = RESULT_FILE_FORCE_OPTION,
};

static int find_target(struct auth_session *session, struct slice *out)
{
    const char *word = session->cli->own[ACTIVATION_TARGET].text;

    return word != NULL ? auth_find_account_key(session, word, out)
                        : cli_usage(session->cli, "--target is needed");
}

static int sign_activation(struct auth_session *session, const struct auth_token *account,
                           const struct nauth_export_claims *export, struct auth_token *token)
{
    const char *part = session->cli->own[ACTIVATION_SUBJECT].text;
    struct nauth_nkey key = {.has_seed = false};
    const struct nauth_signing_key *scope;
    int code = find_target(session, &token->claims.subject);

    token->name = nb_slice_cstr(export->subject);
    token->claims.kind = NAUTH_CLAIMS_ACTIVATION;
    token->claims.activation.subject = part != NULL ? nb_slice_of(part) : export->subject;
    token->claims.name = token->claims.activation.subject;
    token->claims.activation.is_service = export->is_service;
    token->claims.activation.kind = export->type;
    if (code == EXIT_CODE_OK) {
        code = expiry_apply(session, &session->cli->own[ACTIVATION_EXPIRE], &token->claims.expires);
    }
    if (code == EXIT_CODE_OK) {
        code = auth_account_signer(session, account, NULL, &key, &scope);
    }
    if (code == EXIT_CODE_OK) {
        if (!nb_slice_equal(auth_copy_key(session, &key), account->claims.subject)) {
            token->claims.activation.issuer_account = account->claims.subject;
        }
        code = auth_sign(session, token, &key);
    }
    nauth_nkey_fini(&key);
    return code;
}

static int put_activation(const struct cli *cli, const struct auth_token *token)
{
    const struct args_value *own = cli->own;
    const char *path = own[ACTIVATION_OUTPUT].text;
    int code = result_file_put(cli, path, token->text, own[ACTIVATION_FORCE].is_on);

    if (path == NULL) {
        output_text("\n");
    }
    return code;
}

static int activation(struct auth_session *session, struct auth_token *account,
                      const void *ctx NB_UNUSED)
{
    struct auth_token token = {.name = NULL};
    size_t index;
    int code = shares_find_export(session, account, session->cli->words[1], &index);

    if (code == EXIT_CODE_OK) {
        code = sign_activation(session, account, &account->claims.account.exports[index], &token);
    }
    if (code == EXIT_CODE_OK) {
        code = put_activation(session->cli, &token);
    }
    auth_token_fini(&token);
    return code;
}

static int run_activation(struct cli *cli)
{
    return auth_run_account(cli, activation, NULL);
}

static const struct command_example activation_examples[] = {
    {"auth account activation ORDERS 'orders.new.>' --target BILLING --output activation.jwt",
     "BILLING may import it: imports add --token activation.jwt."},
};

const struct command command_auth_account_activation = {
    .name = "activation",
    .purpose = "Makes the token that lets another account import a private export.",
    .arguments = "<account> <export>",
    .options = activation_options,
    .option_count = ACTIVATION_OPTION_COUNT,
    .examples = activation_examples,
    .example_count = NB_ARRAY_LEN(activation_examples),
    .words_min = 2,
    .words_max = 2,
    .run = run_activation,
};
