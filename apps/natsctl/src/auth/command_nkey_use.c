#include "auth/commands.h"
#include "auth/private_file.h"
#include "auth/result_file.h"
#include "auth/session.h"
#include "output.h"

#include <natsd/base64.h>
#include <natsd/xkey.h>

/* What a key is for: signing, verifying, sealing and opening what is sealed. */

enum {
    CONTENT_MAX_BYTES = 4 * PRIVATE_FILE_MAX_BYTES,
};

enum { USE_KEY, USE_OUTPUT, USE_FORCE, USE_OPTION_COUNT };

static const struct args_option options[USE_OPTION_COUNT] = {
    [USE_KEY] = {.name = "key",
                 .kind = ARGS_TEXT,
                 .value = "FILE",
                 .help = "the file with the seed that is used"},
    [USE_OUTPUT] = {.name = "output",
                    .kind = ARGS_TEXT,
                    .value = "FILE",
                    .help = "write the result there"},
    [USE_FORCE] = RESULT_FILE_FORCE_OPTION,
};

struct use {
    struct auth_session *session;
    struct nauth_nkey key;
    struct slice content;
};

static int open_use(struct use *use, struct auth_session *session, const char *path)
{
    const char *key = session->cli->own[USE_KEY].text;
    struct nb_diag diag = {""};
    int code;

    *use = (struct use){.session = session};
    if (key == NULL) {
        return cli_usage(session->cli, "--key is needed");
    }
    code = auth_read_seed(session, key, &use->key);
    if (code == EXIT_CODE_OK && private_file_read(path, &use->content, &diag) != NB_OK) {
        code = cli_fail(session->cli, "%s", diag.text);
    }
    return code;
}

static int close_use(struct use *use, int code)
{
    nauth_nkey_fini(&use->key);
    nb_slice_wipe_free(&use->content);
    return code;
}

static int put_result(const struct cli *cli, struct slice bytes)
{
    return result_file_put(cli, cli->own[USE_OUTPUT].text, bytes, cli->own[USE_FORCE].is_on);
}

// -- sign ------------------------------------------------------------------------------------

static int sign(struct auth_session *session)
{
    uint8_t signature[NAUTH_NKEY_SIGNATURE_BYTES];
    struct nb_buf text;
    struct use use;
    int code = open_use(&use, session, session->cli->words[0]);

    if (code == EXIT_CODE_OK && nauth_nkey_sign(&use.key, use.content, signature) != NB_OK) {
        code = cli_fail(session->cli, "a curve key can't sign");
    }
    if (code == EXIT_CODE_OK) {
        nb_buf_init(&text, 256);
        if (nauth_base64url_encode(nb_slice_make(signature, sizeof(signature)), &text) != NB_OK) {
            NB_UNREACHABLE("size of a signature");
        }
        nb_buf_must_text(&text, "\n");
        code = put_result(session->cli, nb_buf_slice(&text));
        nb_buf_fini(&text);
    }
    return close_use(&use, code);
}

static int run_sign(struct cli *cli)
{
    return auth_run(cli, sign);
}

static const struct command_example sign_examples[] = {
    {"auth nkey sign release.tar --key signer.nk > release.sig", "A signature of a file."},
    {"auth nkey sign - --key ann.nk --output nonce.sig", "Of standard input, into a file."},
};

const struct command command_auth_nkey_sign = {
    .name = "sign",
    .purpose = "Signs a file; the signature is in base64.",
    .arguments = "<file|->",
    .options = options,
    .option_count = USE_OPTION_COUNT,
    .examples = sign_examples,
    .example_count = NB_ARRAY_LEN(sign_examples),
    .words_min = 1,
    .words_max = 1,
    .run = run_sign,
};

// -- verify ----------------------------------------------------------------------------------

// Both alphabets, with padding or without.
static int read_signature(struct slice text, struct nb_buf *out)
{
    text = nb_slice_trim(text);
    return nauth_base64url_decode(text, out) == NB_OK ? NB_OK : nauth_base64_decode(text, out);
}

static int check_signature(struct auth_session *session, const struct nauth_nkey *key,
                           struct slice content, const char *path)
{
    struct nb_diag diag = {""};
    struct slice text = {0};
    struct nb_buf signature;
    int code = EXIT_CODE_OK;

    if (private_file_read(path, &text, &diag) != NB_OK) {
        return cli_fail(session->cli, "%s", diag.text);
    }
    nb_buf_init(&signature, 256);
    if (read_signature(text, &signature) != NB_OK) {
        code = cli_fail(session->cli, "%s: no signature in base64", path);
    } else if (nauth_nkey_verify(key, content, nb_buf_slice(&signature)) != NB_OK) {
        code = cli_fail(session->cli, "the signature is not of this file and key");
    } else {
        output_text("verified\n");
    }
    nb_buf_fini(&signature);
    nb_slice_free(&text);
    return code;
}

static int verify(struct auth_session *session)
{
    const char *const *words = session->cli->words;
    struct nb_diag diag = {""};
    struct slice content = {0};
    struct nauth_nkey key;
    int code;

    if (nauth_nkey_parse_public(nb_slice_of(words[2]), &key, &diag) != NB_OK) {
        return cli_usage(session->cli, "%s: %s", words[2], diag.text);
    }
    if (private_file_read(words[0], &content, &diag) != NB_OK) {
        return cli_fail(session->cli, "%s", diag.text);
    }
    code = check_signature(session, &key, content, words[1]);
    nb_slice_free(&content);
    return code;
}

static int run_verify(struct cli *cli)
{
    return auth_run(cli, verify);
}

static const struct command_example verify_examples[] = {
    {"auth nkey verify release.tar release.sig UDXU...", "Exit code 1 when it isn't so."},
};

const struct command command_auth_nkey_verify = {
    .name = "verify",
    .purpose = "Is a signature of this file and this public key?",
    .arguments = "<file|-> <signature file> <public key>",
    .examples = verify_examples,
    .example_count = NB_ARRAY_LEN(verify_examples),
    .words_min = 3,
    .words_max = 3,
    .run = run_verify,
};

// -- seal and unseal -------------------------------------------------------------------------

static int box(struct auth_session *session, bool is_sealing)
{
    struct nb_diag diag = {""};
    struct nauth_nkey other;
    struct nb_buf result;
    struct use use;
    int code = open_use(&use, session, session->cli->words[0]);
    int rc;

    if (code != EXIT_CODE_OK) {
        return close_use(&use, code);
    }
    if (use.key.type != NAUTH_NKEY_CURVE ||
        nauth_nkey_parse_public(nb_slice_of(session->cli->words[1]), &other, &diag) != NB_OK ||
        other.type != NAUTH_NKEY_CURVE) {
        return close_use(&use, cli_usage(session->cli, "both keys have to be curve keys"));
    }
    nb_buf_init(&result, CONTENT_MAX_BYTES);
    rc = is_sealing ? nauth_xkey_seal(&use.key, &other, use.content, &result, &diag)
                    : nauth_xkey_open(&use.key, &other, use.content, &result, &diag);
    code = rc == NB_OK ? put_result(session->cli, nb_buf_slice(&result))
                       : cli_fail(session->cli, "%s", diag.text);
    nb_buf_wipe_fini(&result);
    return close_use(&use, code);
}

static int seal(struct auth_session *session)
{
    return box(session, true);
}

static int run_seal(struct cli *cli)
{
    return auth_run(cli, seal);
}

static int unseal(struct auth_session *session)
{
    return box(session, false);
}

static int run_unseal(struct cli *cli)
{
    return auth_run(cli, unseal);
}

static const struct command_example seal_examples[] = {
    {"auth nkey seal plan.txt XBQF... --key mine.nk --output plan.sealed", "For one recipient."},
};

const struct command command_auth_nkey_seal = {
    .name = "seal",
    .purpose = "Encrypts a file for somebody else's curve key.",
    .arguments = "<file|-> <recipient's public key>",
    .options = options,
    .option_count = USE_OPTION_COUNT,
    .examples = seal_examples,
    .example_count = NB_ARRAY_LEN(seal_examples),
    .words_min = 2,
    .words_max = 2,
    .run = run_seal,
};

static const struct command_example unseal_examples[] = {
    {"auth nkey unseal plan.sealed XDOC... --key mine.nk", "What that one has sealed."},
};

const struct command command_auth_nkey_unseal = {
    .name = "unseal",
    .purpose = "Opens what somebody has sealed for a curve key.",
    .arguments = "<file|-> <sender's public key>",
    .options = options,
    .option_count = USE_OPTION_COUNT,
    .examples = unseal_examples,
    .example_count = NB_ARRAY_LEN(unseal_examples),
    .words_min = 2,
    .words_max = 2,
    .run = run_unseal,
};
