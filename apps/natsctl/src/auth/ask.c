#include "auth/ask.h"

#include "auth/creds_file.h"
#include "reference.h"

#include <natsd/clock.h>
#include <natsd/headers.h>
#include <natsd/json_reader.h>

#include <stdio.h>

enum {
    STATUS_NO_RESPONDERS = 503,
    TEMP_USER_S = 120,
    ANSWER_MAX_BYTES = 64 * 1024 * 1024, // as JSON in memory
};

#define SILENCE_NS (300 * NB_NS_PER_MS)

// -- the user --------------------------------------------------------------------------------

// May ask resolvers, and take the answers.
static int make_temp_user(struct auth_session *session, const struct auth_token *system,
                          const char *inbox_prefix, const struct nauth_nkey *user,
                          struct auth_token *out)
{
    const struct slice subjects[] = {NB_SLICE("$SYS.REQ.CLAIMS.*"),
                                     NB_SLICE("$SYS.REQ.ACCOUNT.*.CLAIMS.*"),
                                     NB_SLICE("$SYS.REQ.SERVER.PING")};
    struct nauth_user_limits *limits = &out->claims.user.limits;
    struct nauth_nkey signer = {.has_seed = false};
    const struct nauth_signing_key *scope;
    struct nb_buf inbox;
    int code = auth_account_signer(session, system, NULL, &signer, &scope);

    if (code != EXIT_CODE_OK) {
        return code;
    }
    out->name = nb_strdup("temporary user");
    out->claims.kind = NAUTH_CLAIMS_USER;
    out->claims.name = NB_SLICE("natsctl");
    out->claims.subject = auth_copy_key(session, user);
    out->claims.expires = session->now_s + TEMP_USER_S;
    limits->subs = -1;
    limits->data = -1;
    limits->payload = -1;
    for (size_t i = 0; i < NB_ARRAY_LEN(subjects); i++) {
        auth_texts_add(session, &limits->permissions.publish_allow, subjects[i]);
    }
    nb_buf_init(&inbox, 4096);
    nb_buf_must_format(&inbox, "%.1000s.>", inbox_prefix != NULL ? inbox_prefix : "_INBOX");
    auth_texts_add(session, &limits->permissions.subscribe_allow, nb_buf_slice(&inbox));
    nb_buf_fini(&inbox);
    if (!nb_slice_equal(auth_copy_key(session, &signer), system->claims.subject)) {
        out->claims.user.issuer_account = system->claims.subject;
    }
    code = auth_sign(session, out, &signer);
    nauth_nkey_fini(&signer);
    return code;
}

// In place of whatever the settings say.
static void use_creds(struct settings *settings, struct slice creds)
{
    char **const others[] = {&settings->user, &settings->password, &settings->token,
                             &settings->creds, &settings->nkey_seed};

    for (size_t i = 0; i < NB_ARRAY_LEN(others); i++) {
        reference_free(*others[i]);
        *others[i] = NULL;
    }
    settings->creds = nb_slice_cstr(creds);
}

static int use_temp_user(struct ask *ask)
{
    struct auth_session *session = ask->session;
    struct nauth_nkey key = {.has_seed = false};
    struct auth_token system = {.name = NULL};
    struct auth_token user = {.name = NULL};
    struct slice creds = {0};
    char *system_key;
    int code = auth_load_operator(session);

    if (code == EXIT_CODE_OK) {
        system_key = nb_slice_cstr(session->op.claims.op.system_account);
        code = auth_load_account(session, system_key, &system);
        nb_free(system_key);
    }
    if (code == EXIT_CODE_OK && nauth_nkey_create(NAUTH_NKEY_USER, &key) != NB_OK) {
        NB_UNREACHABLE("type of a user's key");
    }
    if (code == EXIT_CODE_OK) {
        code = make_temp_user(session, &system, ask->connection.settings.inbox_prefix, &key, &user);
    }
    if (code == EXIT_CODE_OK) {
        creds = creds_text(user.text, &key);
        use_creds(&ask->connection.settings, creds);
        nb_slice_wipe_free(&creds);
    }
    nauth_nkey_fini(&key);
    auth_token_fini(&user);
    auth_token_fini(&system);
    return code;
}

// -- how many there are ----------------------------------------------------------------------

static bool read_active(void *ctx, const struct nclient_message *message)
{
    struct ask *ask = ctx;
    struct nb_json_doc doc = {.root = NULL};
    uint64_t active = 0;

    if (nb_json_parse(message->data, ANSWER_MAX_BYTES, &doc, NULL) == NB_OK &&
        nb_json_to_u64(nb_json_get(nb_json_get(doc.root, "statsz"), "active_servers"), &active) ==
            NB_OK &&
        active < UINT16_MAX) {
        ask->expected = (unsigned)active;
    }
    nb_json_doc_fini(&doc);
    return true;
}

static int collect(struct ask *ask, int64_t timeout_ns, ask_fn fn, void *ctx, bool *has_none);

static int send_request(struct ask *ask, const char *subject, struct slice body)
{
    char reply[NCLIENT_INBOX_MAX_BYTES + 32];
    struct nclient_message message = {.subject = nb_slice_of(subject), .data = body};

    ask->number++;
    ask->answered = 0;
    ask->error[0] = '\0';
    snprintf(reply, sizeof(reply), "%s.%u", ask->inbox, ask->number);
    message.reply = nb_slice_of(reply);
    return connection_publish(&ask->connection, &message);
}

static int count_servers(struct ask *ask)
{
    uint64_t given = ask->session->cli->own[ASK_EXPECT].number;
    bool has_none;
    int code;

    if (given > 0) {
        ask->expected = given < UINT16_MAX ? (unsigned)given : UINT16_MAX;
        return EXIT_CODE_OK;
    }
    code = send_request(ask, "$SYS.REQ.SERVER.PING", NB_SLICE("{}"));
    // Without an answer the number isn't known, which is fine.
    return code == EXIT_CODE_OK ? collect(ask, 2 * SILENCE_NS, read_active, ask, &has_none) : code;
}

// -- asking ----------------------------------------------------------------------------------

int ask_open(struct ask *ask, struct auth_session *session)
{
    struct cli *cli = session->cli;
    char filter[NCLIENT_INBOX_MAX_BYTES + 32];
    int code;

    *ask = (struct ask){.session = session};
    code = connection_prepare(&ask->connection, cli, CONNECTION_ONE_SHOT);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    if (cli->own[ASK_TEMP_USER].is_on) {
        code = use_temp_user(ask);
    }
    if (code == EXIT_CODE_OK) {
        code = connection_connect(&ask->connection);
    }
    if (code == EXIT_CODE_OK) {
        nclient_new_inbox(ask->connection.client, ask->inbox);
        snprintf(filter, sizeof(filter), "%s.*", ask->inbox);
        code = connection_subscribe(&ask->connection, filter, NULL, 0);
    }
    if (code == EXIT_CODE_OK) {
        code = count_servers(ask);
    }
    if (code != EXIT_CODE_OK) {
        ask_close(ask);
    }
    return code;
}

void ask_close(struct ask *ask)
{
    connection_close(&ask->connection);
}

static bool is_notice(const struct nclient_message *message)
{
    struct slice description;

    return message->data.n == 0 &&
           nproto_headers_status(message->headers, &description) == STATUS_NO_RESPONDERS;
}

// Is it an answer to the last request?
static bool is_ours(const struct ask *ask, const struct nclient_message *message)
{
    char reply[NCLIENT_INBOX_MAX_BYTES + 32];

    snprintf(reply, sizeof(reply), "%s.%u", ask->inbox, ask->number);
    return nb_slice_is(message->subject, reply);
}

static int64_t next_wait_ns(int64_t left_ns)
{
    left_ns = left_ns > 0 ? left_ns : 0;
    return left_ns < SILENCE_NS ? left_ns : SILENCE_NS;
}

// Until it is enough or the time is over. Looks up each while: when nobody knows how many there are,
// a while of silence after an answer ends it, and so does a complaint of the server.
static int collect(struct ask *ask, int64_t timeout_ns, ask_fn fn, void *ctx, bool *has_none)
{
    struct nb_mono begun = nb_mono_now();
    bool is_enough = false;

    *has_none = false;
    while (!is_enough) {
        int64_t left_ns = timeout_ns - nb_mono_since(nb_mono_now(), begun);
        struct queue_message *message;
        enum queue_outcome outcome =
            queue_take(&ask->connection.queue, next_wait_ns(left_ns), &message);

        if (outcome == QUEUE_TIMEOUT) {
            is_enough = left_ns <= SILENCE_NS || (ask->answered > 0 && ask->expected == 0) ||
                        connection_take_error(&ask->connection, ask->error, sizeof(ask->error));
            continue;
        }
        if (outcome != QUEUE_MESSAGE) {
            return connection_flush(&ask->connection); // which fails, with the reason
        }
        if (is_ours(ask, &message->message)) {
            *has_none = is_notice(&message->message);
            ask->answered += *has_none ? 0 : 1;
            is_enough = *has_none || fn(ctx, &message->message) ||
                        (ask->expected > 0 && ask->answered >= ask->expected);
        }
        nb_free(message);
    }
    return EXIT_CODE_OK;
}

static int say_nobody(struct ask *ask, const char *subject, bool has_none)
{
    const struct cli *cli = ask->session->cli;

    if (ask->error[0] != '\0') {
        return cli_fail_with(cli, EXIT_CODE_NO_SERVICE,
                             "%s; use credentials of the system account, or --temp-user",
                             ask->error);
    }
    if (has_none) {
        return cli_fail_with(cli, EXIT_CODE_NO_SERVICE,
                             "nobody answers to %s: the server has no resolver for it, or the user "
                             "is not of the system account (try --temp-user)",
                             subject);
    }
    return cli_fail_with(cli, EXIT_CODE_TIMEOUT, "%s: no answer in time", subject);
}

int ask_all(struct ask *ask, const char *subject, struct slice body, ask_fn fn, void *ctx)
{
    bool has_none;
    int code = send_request(ask, subject, body);

    if (code == EXIT_CODE_OK) {
        code = collect(ask, cli_timeout_ns(ask->session->cli), fn, ctx, &has_none);
    }
    if (code == EXIT_CODE_OK && ask->answered == 0) {
        code = say_nobody(ask, subject, has_none);
    }
    return code;
}

int ask_check_complete(const struct ask *ask)
{
    if (ask->expected == 0 || ask->answered >= ask->expected) {
        return EXIT_CODE_OK;
    }
    return cli_fail_with(ask->session->cli, EXIT_CODE_TIMEOUT, "%u of %u servers answered",
                         ask->answered, ask->expected);
}

// -- answers ---------------------------------------------------------------------------------

static void copy_text(const struct nb_json_value *value, char *out, size_t size)
{
    if (value != NULL && value->type == NB_JSON_STRING) {
        snprintf(out, size, "%.*s", NB_SLICE_ARGS(value->text));
    }
}

void ask_read_verdict(struct slice answer, struct ask_verdict *out)
{
    struct nb_json_doc doc = {.root = NULL};
    const struct nb_json_value *data;
    const struct nb_json_value *error;

    *out = (struct ask_verdict){.text = "an answer that is no JSON"};
    if (nb_json_parse(answer, ANSWER_MAX_BYTES, &doc, NULL) != NB_OK) {
        return;
    }
    data = nb_json_get(doc.root, "data");
    error = nb_json_get(doc.root, "error");
    copy_text(nb_json_get(nb_json_get(doc.root, "server"), "name"), out->server,
              sizeof(out->server));
    out->is_done = data != NULL && error == NULL;
    snprintf(out->text, sizeof(out->text), "an answer without a result");
    copy_text(nb_json_get(data, "message"), out->text, sizeof(out->text));
    copy_text(nb_json_get(error, "description"), out->text, sizeof(out->text));
    nb_json_doc_fini(&doc);
}
