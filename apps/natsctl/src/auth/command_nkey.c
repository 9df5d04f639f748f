#include "auth/commands.h"
#include "auth/private_file.h"
#include "auth/result_file.h"
#include "auth/seed_types.h"
#include "auth/session.h"
#include "output.h"

#include <natsd/json_writer.h>

// -- gen -------------------------------------------------------------------------------------

enum { GEN_PUBLIC, GEN_OUTPUT, GEN_ENTROPY, GEN_FORCE, GEN_OPTION_COUNT };

static const struct args_option gen_options[GEN_OPTION_COUNT] = {
    [GEN_PUBLIC] = {.name = "public", .kind = ARGS_SWITCH, .help = "print the public key as well"},
    [GEN_OUTPUT] = {.name = "output",
                    .kind = ARGS_TEXT,
                    .value = "FILE",
                    .help = "the seed goes there, only the public key is printed"},
    [GEN_ENTROPY] = {.name = "entropy",
                     .kind = ARGS_TEXT,
                     .value = "FILE",
                     .help = "make it of the first 32 bytes of a file"},
    [GEN_FORCE] = RESULT_FILE_FORCE_OPTION,
};

static const struct command_example gen_examples[] = {
    {"auth nkey gen user --output ann.nk", "The seed into a file, the public key to see."},
    {"auth nkey gen curve", "A key to seal with; the seed is printed."},
};

static int make_key(struct auth_session *session, enum nauth_nkey_type type, struct nauth_nkey *out)
{
    const char *entropy = session->cli->own[GEN_ENTROPY].text;
    struct nb_diag diag = {""};
    struct slice bytes = {0};
    int code = EXIT_CODE_OK;

    if (entropy == NULL) {
        return nauth_nkey_create(type, out) == NB_OK ? EXIT_CODE_OK
                                                     : cli_fail(session->cli, "no such type");
    }
    if (private_file_read(entropy, &bytes, &diag) != NB_OK) {
        code = cli_fail(session->cli, "%s", diag.text);
    } else if (bytes.n < NAUTH_NKEY_RAW_BYTES) {
        code = cli_fail(session->cli, "%s: fewer than 32 bytes", entropy);
    } else if (nauth_nkey_create_from(type, bytes.p, out) != NB_OK) {
        NB_UNREACHABLE("type of a key");
    }
    nb_slice_wipe_free(&bytes);
    return code;
}

static void print_key_json(const struct nauth_nkey *key, const char *public_key, const char *seed)
{
    struct nb_json_writer w;
    struct nb_buf buf;
    uint8_t *room;

    nb_buf_init(&buf, 4096);
    if (nb_buf_reserve(&buf, 1024, &room) != NB_OK) { // growing would leave copies
        NB_UNREACHABLE("room for a key");
    }
    nb_json_begin(&w, &buf, NB_JSON_INDENTED);
    nb_json_object(&w);
    nb_json_put_text(&w, "type", seed_type_name(key->type));
    nb_json_put_text(&w, "public", public_key);
    if (seed != NULL) {
        nb_json_put_text(&w, "seed", seed);
    }
    nb_json_object_end(&w);
    if (nb_json_end(&w) == NB_OK) {
        output_write(nb_buf_slice(&buf));
        output_text("\n");
    }
    nb_buf_wipe_fini(&buf);
}

static int put_key(struct auth_session *session, const struct nauth_nkey *key)
{
    const struct args_value *own = session->cli->own;
    const char *path = own[GEN_OUTPUT].text;
    char public_key[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1];
    char seed[NAUTH_NKEY_SEED_TEXT_BYTES + 1];
    int code = EXIT_CODE_OK;

    nauth_nkey_public_text(key, public_key);
    nauth_nkey_seed_text(key, seed);
    if (path != NULL) {
        code = result_file_write(session->cli, path, nb_slice_of(seed), own[GEN_FORCE].is_on);
    }
    if (code != EXIT_CODE_OK) {
        // Said.
    } else if (cli_wants_json(session->cli)) {
        print_key_json(key, public_key, path == NULL ? seed : NULL);
    } else {
        if (path == NULL) {
            output_format("%s\n", seed);
        }
        if (path != NULL || own[GEN_PUBLIC].is_on) {
            output_format("%s\n", public_key);
        }
    }
    nb_wipe(seed, sizeof(seed));
    return code;
}

static int gen(struct auth_session *session)
{
    struct nauth_nkey key = {.has_seed = false};
    enum nauth_nkey_type type;
    int code;

    if (seed_type_of(session->cli->words[0], &type) != NB_OK) {
        return cli_usage(session->cli, "\"%s\" is no type, expected %s", session->cli->words[0],
                         SEED_TYPES);
    }
    code = make_key(session, type, &key);
    if (code == EXIT_CODE_OK) {
        code = put_key(session, &key);
    }
    nauth_nkey_fini(&key);
    return code;
}

static int run_gen(struct cli *cli)
{
    return auth_run(cli, gen);
}

const struct command command_auth_nkey_gen = {
    .name = "gen",
    .purpose = "Makes an nkey and prints its seed.",
    .arguments = "<type>",
    .details = "Types are user, account, server, cluster, operator, and curve or x25519, which\n"
               "are the same. The seed is the secret; the public key is what others may know.",
    .options = gen_options,
    .option_count = GEN_OPTION_COUNT,
    .examples = gen_examples,
    .example_count = NB_ARRAY_LEN(gen_examples),
    .words_min = 1,
    .words_max = 1,
    .run = run_gen,
};

// -- show ------------------------------------------------------------------------------------

enum { SHOW_TYPE, SHOW_OPTION_COUNT };

static const struct args_option show_options[SHOW_OPTION_COUNT] = {
    [SHOW_TYPE] = {.name = "type",
                   .kind = ARGS_CHOICE,
                   .value = SEED_TYPES,
                   .help = "only keys of this type"},
};

static const struct command_example show_examples[] = {
    {"auth nkey show ann.nk", "The public key that belongs to a seed."},
    {"auth nkey show ann.creds --type user", "That of a creds file."},
};

// The public key of a line that is a seed or a public key.
static bool read_key(struct slice line, struct nauth_nkey *out)
{
    return nauth_nkey_parse_seed(line, out, NULL) == NB_OK ||
           nauth_nkey_parse_public(line, out, NULL) == NB_OK;
}

static bool is_wanted(const struct auth_session *session, const struct nauth_nkey *key)
{
    const char *name = session->cli->own[SHOW_TYPE].text;
    enum nauth_nkey_type type;

    return name == NULL || (seed_type_of(name, &type) == NB_OK && key->type == type);
}

static int show(struct auth_session *session)
{
    const char *path = session->cli->words[0];
    struct nb_diag diag = {""};
    struct slice text = {0};
    unsigned count = 0;
    struct slice rest;
    struct slice line;

    if (private_file_read(path, &text, &diag) != NB_OK) {
        return cli_fail(session->cli, "%s", diag.text);
    }
    for (rest = text; nb_slice_take_line(&rest, &line);) {
        char public_key[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1];
        struct nauth_nkey key;

        if (read_key(nb_slice_trim(line), &key)) {
            if (is_wanted(session, &key)) {
                nauth_nkey_public_text(&key, public_key);
                if (cli_wants_json(session->cli)) {
                    print_key_json(&key, public_key, NULL);
                } else {
                    output_format("%s\n", public_key);
                }
                count++;
            }
            nauth_nkey_fini(&key);
        }
    }
    nb_slice_wipe_free(&text);
    return count > 0
               ? EXIT_CODE_OK
               : cli_fail_with(session->cli, EXIT_CODE_NOT_FOUND, "%s: no such key in it", path);
}

static int run_show(struct cli *cli)
{
    return auth_run(cli, show);
}

const struct command command_auth_nkey_show = {
    .name = "show",
    .purpose = "Prints the public keys of the seeds in a file.",
    .arguments = "<file|->",
    .options = show_options,
    .option_count = SHOW_OPTION_COUNT,
    .examples = show_examples,
    .example_count = NB_ARRAY_LEN(show_examples),
    .words_min = 1,
    .words_max = 1,
    .run = run_show,
};
