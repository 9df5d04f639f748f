#include "auth/commands.h"
#include "auth/private_file.h"
#include "auth/result_file.h"
#include "auth/session.h"

#include <natsd/xkey.h>

/* An operator with all that belongs to it in one file, and back.
 *
 * Lines with tabs between fields, which names can't have:
 *
 *   natsctl-operator-backup 1
 *   operator ACME <jwt>
 *   account ORDERS <jwt>
 *   user ORDERS ann <jwt>
 *   seed <seed>
 *   end
 *
 * Sealed, it is the public curve key of the sender, made for it, a line end and the box.
 */

#define FIRST_LINE "natsctl-operator-backup 1"
#define LAST_LINE "end"

enum {
    LINE_ROOM = 1024, // names, and what is around them
};

// -- backup ----------------------------------------------------------------------------------

enum { BACKUP_KEY, BACKUP_FORCE, BACKUP_OPTION_COUNT };

static const struct args_option backup_options[BACKUP_OPTION_COUNT] = {
    [BACKUP_KEY] = {.name = "key",
                    .kind = ARGS_TEXT,
                    .value = "X...",
                    .help = "the public curve key that it is sealed for"},
    [BACKUP_FORCE] = RESULT_FILE_FORCE_OPTION,
};

// Everything that goes into the file.
struct content {
    struct auth_session *session;
    struct auth_tokens accounts;
    struct auth_tokens *users; // of each account
    struct nauth_texts keys;   // public ones, whose seeds may be here
};

static void collect(struct auth_session *session, struct content *out)
{
    const struct nauth_claims *op = &session->op.claims;

    *out = (struct content){.session = session};
    auth_texts_add(session, &out->keys, op->subject);
    for (size_t i = 0; i < op->op.signing_keys.count; i++) {
        auth_texts_add(session, &out->keys, op->op.signing_keys.items[i]);
    }
    auth_read_accounts(session, &out->accounts);
    out->users = nb_calloc(out->accounts.count + 1, sizeof(*out->users));
    for (size_t i = 0; i < out->accounts.count; i++) {
        const struct nauth_claims *account = &out->accounts.items[i].claims;

        auth_texts_add(session, &out->keys, account->subject);
        for (size_t k = 0; k < account->account.signing_key_count; k++) {
            auth_texts_add(session, &out->keys, account->account.signing_keys[k].key);
        }
        auth_read_users(session, &out->accounts.items[i], &out->users[i]);
        for (size_t k = 0; k < out->users[i].count; k++) {
            auth_texts_add(session, &out->keys, out->users[i].items[k].claims.subject);
        }
    }
}

static void content_fini(struct content *content)
{
    for (size_t i = 0; i < content->accounts.count; i++) {
        auth_tokens_fini(&content->users[i]);
    }
    nb_free(content->users);
    auth_tokens_fini(&content->accounts);
}

// More than it takes.
static size_t size_of(const struct content *content)
{
    size_t size = LINE_ROOM + content->session->op.text.n + content->keys.count * LINE_ROOM;

    for (size_t i = 0; i < content->accounts.count; i++) {
        size += LINE_ROOM + content->accounts.items[i].text.n;
        for (size_t k = 0; k < content->users[i].count; k++) {
            size += LINE_ROOM + content->users[i].items[k].text.n;
        }
    }
    return size;
}

static void put_seeds(const struct content *content, struct nb_buf *out)
{
    for (size_t i = 0; i < content->keys.count; i++) {
        char seed[NAUTH_NKEY_SEED_TEXT_BYTES + 1];
        struct nauth_nkey key;

        if (auth_store_find_key(&content->session->store, content->keys.items[i], &key, NULL) ==
            NB_OK) {
            nauth_nkey_seed_text(&key, seed);
            nb_buf_must_text(out, "seed\t");
            nb_buf_must_text(out, seed);
            nb_buf_must_text(out, "\n");
            nb_wipe(seed, sizeof(seed));
            nauth_nkey_fini(&key);
        }
    }
}

static void put_content(const struct content *content, struct nb_buf *out)
{
    const struct auth_token *op = &content->session->op;

    nb_buf_must_format(out, FIRST_LINE "\noperator\t%s\t%.*s\n", op->name, NB_SLICE_ARGS(op->text));
    for (size_t i = 0; i < content->accounts.count; i++) {
        const struct auth_token *account = &content->accounts.items[i];

        nb_buf_must_format(out, "account\t%s\t%.*s\n", account->name, NB_SLICE_ARGS(account->text));
        for (size_t k = 0; k < content->users[i].count; k++) {
            const struct auth_token *user = &content->users[i].items[k];

            nb_buf_must_format(out, "user\t%s\t%s\t%.*s\n", account->name, user->name,
                               NB_SLICE_ARGS(user->text));
        }
    }
    put_seeds(content, out);
    nb_buf_must_text(out, LAST_LINE "\n");
}

static int seal(const struct cli *cli, struct slice plain, struct nb_buf *out)
{
    char sender_text[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1];
    struct nauth_nkey recipient;
    struct nauth_nkey sender;
    struct nb_diag diag = {""};
    int code = EXIT_CODE_OK;

    if (nauth_nkey_parse_public(nb_slice_of(cli->own[BACKUP_KEY].text), &recipient, &diag) !=
            NB_OK ||
        recipient.type != NAUTH_NKEY_CURVE) {
        return cli_usage(cli, "%s is no public curve key", cli->own[BACKUP_KEY].text);
    }
    if (nauth_nkey_create(NAUTH_NKEY_CURVE, &sender) != NB_OK) {
        NB_UNREACHABLE("type of a curve key");
    }
    nauth_nkey_public_text(&sender, sender_text);
    nb_buf_must_format(out, "%s\n", sender_text);
    if (nauth_xkey_seal(&sender, &recipient, plain, out, &diag) != NB_OK) {
        code = cli_fail(cli, "%s", diag.text);
    }
    nauth_nkey_fini(&sender);
    return code;
}

static int write_backup(struct auth_session *session, struct slice plain)
{
    const struct cli *cli = session->cli;
    struct nb_buf sealed;
    int code = EXIT_CODE_OK;
    bool is_sealed = cli->own[BACKUP_KEY].text != NULL;

    nb_buf_init(&sealed, plain.n + LINE_ROOM);
    if (is_sealed) {
        code = seal(cli, plain, &sealed);
    }
    if (code == EXIT_CODE_OK) {
        code = result_file_write(cli, cli->words[1], is_sealed ? nb_buf_slice(&sealed) : plain,
                                 cli->own[BACKUP_FORCE].is_on);
    }
    nb_buf_fini(&sealed);
    return code;
}

static int backup(struct auth_session *session)
{
    int code = auth_load_operator_named(session, session->cli->words[0]);
    struct content content;
    struct nb_buf plain;
    uint8_t *room;

    if (code != EXIT_CODE_OK) {
        return code;
    }
    collect(session, &content);
    if (size_of(&content) > PRIVATE_FILE_MAX_BYTES - LINE_ROOM) {
        content_fini(&content);
        return cli_fail(session->cli, "there is more than a backup can hold: copy %s and %s",
                        session->store.stores, session->store.keys);
    }
    nb_buf_init(&plain, size_of(&content));
    if (nb_buf_reserve(&plain, size_of(&content), &room) != NB_OK) { // growing leaves copies
        NB_UNREACHABLE("room for a backup");
    }
    put_content(&content, &plain);
    code = write_backup(session, nb_buf_slice(&plain));
    nb_buf_wipe_fini(&plain);
    content_fini(&content);
    return code;
}

static int run_backup(struct cli *cli)
{
    return auth_run(cli, backup);
}

static const struct command_example backup_examples[] = {
    {"auth operator backup ACME acme.backup --key XBQF...", "Only that key's seed opens it."},
    {"auth operator backup ACME /mnt/safe/acme.backup", "Plain: whoever reads it has everything."},
};

const struct command command_auth_operator_backup = {
    .name = "backup",
    .purpose = "Puts an operator, its accounts, users and all their seeds into one file.",
    .arguments = "<name> <file>",
    .details = "'natsctl auth nkey gen curve' makes a key to seal it with.",
    .options = backup_options,
    .option_count = BACKUP_OPTION_COUNT,
    .examples = backup_examples,
    .example_count = NB_ARRAY_LEN(backup_examples),
    .words_min = 2,
    .words_max = 2,
    .run = run_backup,
};

// -- restore ---------------------------------------------------------------------------------

enum { RESTORE_KEY, RESTORE_OPTION_COUNT };

static const struct args_option restore_options[RESTORE_OPTION_COUNT] = {
    [RESTORE_KEY] = {.name = "key",
                     .kind = ARGS_TEXT,
                     .value = "FILE",
                     .help = "the file with the seed that opens it"},
};

// The plain text of a backup: a copy.
static int open_backup(struct auth_session *session, struct slice file, struct nb_buf *out)
{
    const char *path = session->cli->words[1];
    const char *key_path = session->cli->own[RESTORE_KEY].text;
    struct nauth_nkey own = {.has_seed = false};
    struct nb_diag diag = {""};
    struct slice rest = file;
    struct nauth_nkey sender;
    struct slice line;
    int code;

    if (nb_slice_starts(file, FIRST_LINE "\n")) {
        return nb_buf_append(out, file) == NB_OK ? EXIT_CODE_OK
                                                 : cli_fail(session->cli, "%s: too large", path);
    }
    if (!nb_slice_take_line(&rest, &line) ||
        nauth_nkey_parse_public(line, &sender, NULL) != NB_OK || sender.type != NAUTH_NKEY_CURVE) {
        return cli_fail(session->cli, "%s: no backup of an operator", path);
    }
    if (key_path == NULL) {
        return cli_fail(session->cli, "%s: it is sealed, --key is needed", path);
    }
    code = auth_read_seed(session, key_path, &own);
    if (code == EXIT_CODE_OK && own.type != NAUTH_NKEY_CURVE) {
        code = cli_usage(session->cli, "%s: no seed of a curve key", key_path);
    } else if (code == EXIT_CODE_OK && nauth_xkey_open(&own, &sender, rest, out, &diag) != NB_OK) {
        code = cli_fail(session->cli, "%s: %s", path, diag.text);
    }
    nauth_nkey_fini(&own);
    return code;
}

// The next field; an empty one when there is none.
static struct slice take(struct slice *line)
{
    struct slice field = {0};

    (void)nb_slice_take_field(line, '\t', &field); // then it stays empty
    return field;
}

static int put_seed(struct auth_session *session, struct slice text)
{
    struct nauth_nkey key = {.has_seed = false};
    struct nb_diag diag = {""};
    int rc = nauth_nkey_parse_seed(text, &key, &diag);

    if (rc == NB_OK) {
        rc = auth_store_put_key(&session->store, &key, &diag);
    }
    nauth_nkey_fini(&key);
    return rc == NB_OK ? EXIT_CODE_OK : cli_fail(session->cli, "%s", diag.text);
}

// Takes `path`.
static int put_token(struct auth_session *session, char *path, struct slice text)
{
    int code = result_file_write(session->cli, path, text, false);

    nb_free(path);
    return code;
}

static int put_line(struct auth_session *session, struct slice line)
{
    const char *op = session->cli->words[0];
    struct slice kind = take(&line);
    struct slice first = take(&line);
    struct slice second;
    char *account;
    char *user;
    int code;

    if (nb_slice_is(kind, "seed")) {
        return put_seed(session, first);
    }
    second = take(&line);
    if (nb_slice_is(kind, "operator")) {
        return put_token(session, auth_store_operator_path(&session->store, op), second);
    }
    if (!auth_store_is_name(first)) {
        return cli_fail(session->cli, "a name in the backup is no name");
    }
    account = nb_slice_cstr(first);
    if (nb_slice_is(kind, "account")) {
        code = put_token(session, auth_store_account_path(&session->store, op, account), second);
    } else if (nb_slice_is(kind, "user") && auth_store_is_name(second)) {
        user = nb_slice_cstr(second);
        code = put_token(session, auth_store_user_path(&session->store, op, account, user),
                         take(&line));
        nb_free(user);
    } else {
        code = cli_fail(session->cli, "a line in the backup that is not understood");
    }
    nb_free(account);
    return code;
}

// Nothing is written before the file is known to be whole and of this operator.
static int check_whole(struct auth_session *session, struct slice text)
{
    const struct cli *cli = session->cli;
    struct slice line = {0};
    struct slice name;

    if (!nb_slice_ends(text, "\n" LAST_LINE "\n")) {
        return cli_fail(cli, "%s: it was cut short", cli->words[1]);
    }
    (void)nb_slice_take_line(&text, &line); // the first, which was looked at
    (void)nb_slice_take_line(&text, &line); // there is one more at least
    if (!nb_slice_is(take(&line), "operator")) {
        return cli_fail(cli, "%s: no backup of an operator", cli->words[1]);
    }
    name = take(&line);
    if (!nb_slice_is(name, cli->words[0])) {
        return cli_fail(cli, "%s is of operator %.*s", cli->words[1], NB_SLICE_ARGS(name));
    }
    return EXIT_CODE_OK;
}

static int put_lines(struct auth_session *session, struct slice text)
{
    int code = EXIT_CODE_OK;
    struct slice line;

    (void)nb_slice_take_line(&text, &line); // the first says what it is
    while (code == EXIT_CODE_OK && nb_slice_take_line(&text, &line) &&
           !nb_slice_is(line, LAST_LINE)) {
        code = put_line(session, line);
    }
    return code;
}

static int restore_from(struct auth_session *session, struct slice file)
{
    struct nb_buf plain;
    uint8_t *room;
    int code;

    nb_buf_init(&plain, file.n + 1);
    if (nb_buf_reserve(&plain, file.n, &room) != NB_OK) { // growing leaves copies
        NB_UNREACHABLE("room for a backup");
    }
    code = open_backup(session, file, &plain);
    if (code == EXIT_CODE_OK) {
        code = check_whole(session, nb_buf_slice(&plain));
    }
    if (code == EXIT_CODE_OK) {
        code = put_lines(session, nb_buf_slice(&plain));
    }
    nb_buf_wipe_fini(&plain);
    return code;
}

static int restore(struct auth_session *session)
{
    const char *const *words = session->cli->words;
    struct nb_diag diag = {""};
    struct slice file = {0};
    int code = auth_check_new_operator(session, words[0]);

    if (code != EXIT_CODE_OK) {
        return code;
    }
    if (private_file_read(words[1], &file, &diag) != NB_OK) {
        return cli_fail(session->cli, "%s", diag.text);
    }
    code = restore_from(session, file);
    nb_slice_wipe_free(&file);
    return code;
}

static int run_restore(struct cli *cli)
{
    return auth_run(cli, restore);
}

static const struct command_example restore_examples[] = {
    {"auth operator restore ACME acme.backup --key safe.nk", "With the seed that opens it."},
};

const struct command command_auth_operator_restore = {
    .name = "restore",
    .purpose = "Brings back what 'natsctl auth operator backup' has put into a file.",
    .arguments = "<name> <file>",
    .details = "Nothing that is there is changed: an operator of this name must not exist.\n"
               "Creds files are not in it; 'natsctl auth user credential' makes them.",
    .options = restore_options,
    .option_count = RESTORE_OPTION_COUNT,
    .examples = restore_examples,
    .example_count = NB_ARRAY_LEN(restore_examples),
    .words_min = 2,
    .words_max = 2,
    .run = run_restore,
};
