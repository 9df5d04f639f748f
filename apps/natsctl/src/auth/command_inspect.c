#include "auth/commands.h"
#include "auth/describe.h"
#include "auth/private_file.h"
#include "auth/session.h"
#include "output.h"

#include <natsd/json_reader.h>

enum { INSPECT_VERIFY, INSPECT_OPTION_COUNT };

static const struct args_option options[INSPECT_OPTION_COUNT] = {
    [INSPECT_VERIFY] = {.name = "verify",
                        .kind = ARGS_TEXT,
                        .value = "KEY",
                        .help = "the public key that must have issued it"},
};

static const struct command_example examples[] = {
    {"auth inspect ann.creds", "What a creds file says, without its seed."},
    {"auth inspect account.jwt --verify OAB2CB57...", "And is it from this operator?"},
    {"auth inspect - --json < user.jwt", "The claims as they are."},
};

// What "nats" says the token is; generic for what isn't known.
static enum nauth_claims_kind kind_of(struct slice nats)
{
    static const struct {
        const char *type;
        enum nauth_claims_kind kind;
    } kinds[] = {
        {"operator", NAUTH_CLAIMS_OPERATOR},
        {"account", NAUTH_CLAIMS_ACCOUNT},
        {"user", NAUTH_CLAIMS_USER},
        {"activation", NAUTH_CLAIMS_ACTIVATION},
        {"authorization_request", NAUTH_CLAIMS_AUTH_REQUEST},
        {"authorization_response", NAUTH_CLAIMS_AUTH_RESPONSE},
    };
    enum nauth_claims_kind kind = NAUTH_CLAIMS_GENERIC;
    struct nb_json_doc doc = {.root = NULL};

    if (nb_json_parse(nats, 64 * NAUTH_JWT_MAX_BYTES, &doc, NULL) == NB_OK) {
        const struct nb_json_value *type = nb_json_get(doc.root, "type");

        for (size_t i = 0; i < NB_ARRAY_LEN(kinds) && type != NULL; i++) {
            kind = nb_slice_is(type->text, kinds[i].type) ? kinds[i].kind : kind;
        }
    }
    nb_json_doc_fini(&doc);
    return kind;
}

static int decode_any(struct slice token, struct nauth_claims *out, struct nb_diag *diag)
{
    struct nauth_claims generic;
    enum nauth_claims_kind kind;
    int rc = nauth_jwt_decode(token, NAUTH_CLAIMS_GENERIC, &generic, diag);

    if (rc != NB_OK) {
        return rc;
    }
    kind = kind_of(generic.generic);
    if (kind == NAUTH_CLAIMS_GENERIC) {
        *out = generic;
        return NB_OK;
    }
    nauth_claims_fini(&generic);
    return nauth_jwt_decode(token, kind, out, diag);
}

// What is wrong with it goes to standard error; an exit code.
static int judge(struct auth_session *session, const struct nauth_claims *claims)
{
    const char *issuer = session->cli->own[INSPECT_VERIFY].text;
    struct nauth_issues issues = {.items = NULL};
    int code = EXIT_CODE_OK;

    if (claims->kind != NAUTH_CLAIMS_GENERIC) {
        nauth_claims_validate(claims, session->now_s, &issues);
    }
    for (size_t i = 0; i < issues.count; i++) {
        if (issues.items[i].level == NAUTH_ISSUE_WARNING) {
            cli_warn(session->cli, "%.*s", NB_SLICE_ARGS(issues.items[i].text));
        } else {
            code = cli_fail(session->cli, "%.*s", NB_SLICE_ARGS(issues.items[i].text));
        }
    }
    nauth_issues_fini(&issues);
    if (issuer != NULL && !nb_slice_is(claims->issuer, issuer)) {
        code = cli_fail(session->cli, "it was issued by %.*s", NB_SLICE_ARGS(claims->issuer));
    }
    return code;
}

static int inspect(struct auth_session *session)
{
    const char *path = session->cli->words[0];
    struct nauth_claims claims;
    struct nb_diag diag = {""};
    struct slice file = {0};
    struct slice token;
    int code;

    if (private_file_read(path, &file, &diag) != NB_OK) {
        return cli_fail(session->cli, "%s", diag.text);
    }
    token = nb_slice_trim(nauth_jwt_of_file(file));
    if (decode_any(token, &claims, &diag) == NB_OK) {
        describe_token(session->cli, &claims, token);
        output_flush();
        code = judge(session, &claims);
        nauth_claims_fini(&claims);
    } else {
        code = cli_fail(session->cli, "%s: %s", path, diag.text);
    }
    nb_slice_wipe_free(&file);
    return code;
}

static int run(struct cli *cli)
{
    return auth_run(cli, inspect);
}

#define DETAILS                                                                           \
    "The signature is verified, and what doesn't make sense is said: exit code 1 when\n"  \
    "a server would refuse it, be it that it has expired. Of a creds file only the JWT\n" \
    "is looked at."

const struct command command_auth_inspect = {
    .name = "inspect",
    .purpose = "Shows and verifies a JWT, or that of a creds file.",
    .arguments = "<file|->",
    .details = DETAILS,
    .options = options,
    .option_count = INSPECT_OPTION_COUNT,
    .examples = examples,
    .example_count = NB_ARRAY_LEN(examples),
    .words_min = 1,
    .words_max = 1,
    .run = run,
};

static const struct command_example show_examples[] = {
    {"auth jwt show ann.creds", "The same as inspect."},
};

const struct command command_auth_jwt_show = {
    .name = "show",
    .purpose = "Shows and verifies a JWT, or that of a creds file.",
    .arguments = "<file|->",
    .details = DETAILS,
    .options = options,
    .option_count = INSPECT_OPTION_COUNT,
    .examples = show_examples,
    .example_count = NB_ARRAY_LEN(show_examples),
    .words_min = 1,
    .words_max = 1,
    .run = run,
};
