#include "auth/commands.h"
#include "auth/result_file.h"
#include "auth/session.h"

/* What a server needs to know to trust an operator. */

enum {
    CONFIG_RESOLVER,
    CONFIG_DIR,
    CONFIG_PRELOAD,
    CONFIG_OUTPUT,
    CONFIG_FORCE,
    CONFIG_OPTION_COUNT
};

static const struct args_option options[CONFIG_OPTION_COUNT] = {
    [CONFIG_RESOLVER] = {.name = "resolver",
                         .kind = ARGS_CHOICE,
                         .value = "full|cache|memory",
                         .fallback = "full",
                         .help = "how the server gets at accounts [full]"},
    [CONFIG_DIR] = {.name = "dir",
                    .kind = ARGS_TEXT,
                    .value = "DIR",
                    .fallback = "./jwt",
                    .help = "the server's folder for them [./jwt]"},
    [CONFIG_PRELOAD] = {.name = "preload",
                        .kind = ARGS_CHOICE,
                        .value = "system|all",
                        .help = "the accounts that stand in the file [system; all with memory]"},
    [CONFIG_OUTPUT] = {.name = "output",
                       .kind = ARGS_TEXT,
                       .value = "FILE",
                       .help = "write it there"},
    [CONFIG_FORCE] = RESULT_FILE_FORCE_OPTION,
};

enum {
    TEXT_MAX_BYTES = 256 * 1024 * 1024,
};

// A text in quotes of the configuration's language.
static void put_quoted(struct nb_buf *out, const char *text)
{
    nb_buf_must_text(out, "\"");
    for (; *text != '\0'; text++) {
        nb_buf_must_format(out, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
    }
    nb_buf_must_text(out, "\"");
}

static void put_resolver(struct nb_buf *out, const char *type, const char *dir)
{
    if (strcmp(type, "memory") == 0) {
        nb_buf_must_text(out, "resolver: MEMORY\n");
        return;
    }
    nb_buf_must_format(out, "resolver {\n  type: %s\n  dir: ", type);
    put_quoted(out, dir);
    if (strcmp(type, "full") == 0) {
        nb_buf_must_text(out, "\n  allow_delete: true\n  interval: \"2m\"");
    } else {
        nb_buf_must_text(out, "\n  ttl: \"1h\"");
    }
    nb_buf_must_text(out, "\n  timeout: \"1.9s\"\n}\n");
}

static void put_preload(struct nb_buf *out, const struct auth_tokens *accounts, struct slice system,
                        bool all)
{
    nb_buf_must_text(out, "resolver_preload {\n");
    for (size_t i = 0; i < accounts->count; i++) {
        const struct auth_token *account = &accounts->items[i];

        if (all || nb_slice_equal(account->claims.subject, system)) {
            nb_buf_must_format(out, "  # %s\n  %.*s: %.*s\n", account->name,
                               NB_SLICE_ARGS(account->claims.subject),
                               NB_SLICE_ARGS(account->text));
        }
    }
    nb_buf_must_text(out, "}\n");
}

static void make(struct auth_session *session, const struct auth_tokens *accounts,
                 struct nb_buf *out)
{
    const struct args_value *own = session->cli->own;
    bool is_memory = strcmp(own[CONFIG_RESOLVER].text, "memory") == 0;
    bool all =
        own[CONFIG_PRELOAD].text != NULL ? strcmp(own[CONFIG_PRELOAD].text, "all") == 0 : is_memory;
    struct slice system = session->op.claims.op.system_account;

    nb_buf_must_format(out, "# operator %s\noperator: %.*s\n", session->op.name,
                       NB_SLICE_ARGS(session->op.text));
    if (system.n > 0) {
        nb_buf_must_format(out, "system_account: %.*s\n", NB_SLICE_ARGS(system));
    }
    put_resolver(out, own[CONFIG_RESOLVER].text, own[CONFIG_DIR].text);
    put_preload(out, accounts, system, all);
}

static int config(struct auth_session *session)
{
    const struct args_value *own = session->cli->own;
    struct auth_tokens accounts;
    struct nb_buf text;
    int code = auth_load_operator_of_words(session);

    if (code != EXIT_CODE_OK) {
        return code;
    }
    nb_buf_init(&text, TEXT_MAX_BYTES);
    auth_read_accounts(session, &accounts);
    make(session, &accounts, &text);
    code = result_file_put(session->cli, own[CONFIG_OUTPUT].text, nb_buf_slice(&text),
                           own[CONFIG_FORCE].is_on);
    auth_tokens_fini(&accounts);
    nb_buf_fini(&text);
    return code;
}

static int run(struct cli *cli)
{
    return auth_run(cli, config);
}

static const struct command_example examples[] = {
    {"auth operator config --output operator.conf", "To be included by a server's file."},
    {"auth operator config --resolver memory", "All accounts in the file, none is pushed."},
    {"auth operator config ACME --dir /var/lib/natsd/jwt", "With the folder of the server."},
};

const struct command command_auth_operator_config = {
    .name = "config",
    .alias = "generate",
    .purpose = "Prints the part of a server's configuration that makes it trust the operator.",
    .arguments = "[name]",
    .details = "A full resolver keeps all accounts, which are pushed to it; one of a cluster's\n"
               "servers at least should. A cache keeps those in use and asks the others. Both\n"
               "need the system account to begin with, so it stands in the file. With memory\n"
               "all accounts do. Nothing in it is secret.",
    .options = options,
    .option_count = CONFIG_OPTION_COUNT,
    .examples = examples,
    .example_count = NB_ARRAY_LEN(examples),
    .words_max = 1,
    .run = run,
};
