#include "command.h"

#include "child.h"
#include "connection.h"
#include "message_output.h"
#include "outgoing.h"
#include "output.h"

#include <natsd/clock.h>
#include <natsd/headers.h>
#include <natsd/number.h>

#include <stdio.h>

enum {
    REPLY_ECHO,
    REPLY_COMMAND,
    REPLY_QUEUE,
    REPLY_HEADER,
    REPLY_COUNT,
    REPLY_SLEEP,
    REPLY_NO_TEMPLATES,
    REPLY_OPTION_COUNT
};

static const struct args_option options[REPLY_OPTION_COUNT] = {
    [REPLY_ECHO] = {.name = "echo", .kind = ARGS_SWITCH, .help = "answer with what was asked"},
    [REPLY_COMMAND] = {.name = "command",
                       .kind = ARGS_TEXT,
                       .value = "COMMAND",
                       .help = "answer with what a command writes"},
    [REPLY_QUEUE] = {.name = "queue",
                     .letter = 'q',
                     .kind = ARGS_TEXT,
                     .value = "GROUP",
                     .fallback = "NATS-RPLY-22",
                     .help = "queue group [NATS-RPLY-22]"},
    [REPLY_HEADER] = {.name = "header",
                      .letter = 'H',
                      .kind = ARGS_LIST,
                      .value = "KEY:VALUE",
                      .help = "a header; may be repeated"},
    [REPLY_COUNT] = {.name = "count",
                     .kind = ARGS_NUMBER,
                     .value = "N",
                     .help = "end after this many requests"},
    [REPLY_SLEEP] = {.name = "sleep",
                     .kind = ARGS_DURATION,
                     .value = "TIME",
                     .help = "wait up to this long before each answer"},
    [REPLY_NO_TEMPLATES] = {.name = "no-templates",
                            .kind = ARGS_SWITCH,
                            .help = "send {{...}} as it is"},
};

static const struct command_example examples[] = {
    {"reply svc.echo --echo", "Answers each request with its own body."},
    {"reply hello 'hello {{Request}}, you are number {{Count}}'", "A text made from the request."},
    {"reply 'weather.*' --command 'curl -s wttr.in/{{1}}?format=3'",
     "What a program writes; {{1}} is the subject's second token."},
};

#define COUNTER_HEADER "NATS-Reply-Counter"

enum {
    ANSWER_MAX_BYTES = 96 * 1024 * 1024,
    VARIABLE_MAX_BYTES = 128 * 1024, // what the system takes
};

struct responder {
    const struct cli *cli;
    struct connection connection;
    struct outgoing outgoing;
    uint64_t count; // of requests
};

// -- answers ---------------------------------------------------------------------------------

static int send_answer(struct responder *responder, struct slice to,
                       const struct nclient_message *answer)
{
    struct nclient_message message = *answer;

    message.subject = to;
    message.reply = (struct slice){0};
    return connection_publish(&responder->connection, &message);
}

// What was asked, with a header that counts.
static int answer_echo(struct responder *responder, const struct nclient_message *asked)
{
    char digits[NB_U64_TEXT_MAX_BYTES];
    size_t n = nb_format_u64(responder->count - 1, digits);
    struct nclient_message answer = {.data = asked->data};
    struct nb_buf headers;
    int code;

    nb_buf_init(&headers, asked->headers.n + 256);
    if (nproto_headers_set(asked->headers, COUNTER_HEADER, nb_slice_make(digits, n), &headers) ==
        NB_OK) {
        answer.headers = nb_buf_slice(&headers);
    }
    code = send_answer(responder, asked->reply, &answer);
    nb_buf_fini(&headers);
    return code;
}

static int answer_text(struct responder *responder, const struct nclient_message *asked)
{
    int code;

    responder->outgoing.values.count = responder->count;
    responder->outgoing.values.request = &asked->data;
    code = outgoing_make(&responder->outgoing);
    return code == EXIT_CODE_OK ? send_answer(responder, asked->reply, &responder->outgoing.message)
                                : code;
}

static char *make_variable(const char *name, struct slice value)
{
    struct nb_buf text;
    char *made;

    nb_buf_init(&text, VARIABLE_MAX_BYTES);
    nb_buf_must_text(&text, name);
    if (nb_buf_append(&text, value) != NB_OK) {
        nb_buf_must_text(&text, "(too long)");
    }
    made = nb_slice_cstr(nb_buf_slice(&text));
    nb_buf_fini(&text);
    return made;
}

static int run_command(const struct nclient_message *asked, char **words, struct nb_buf *out,
                       struct nb_diag *diag)
{
    char *subject = make_variable("NATS_REQUEST_SUBJECT=", asked->subject);
    char *body = make_variable("NATS_REQUEST_BODY=", asked->data);
    const char *const variables[] = {subject, body, NULL};
    int rc;

    child_put_tokens(words, asked->subject);
    rc = child_run(words, variables, out, diag);
    nb_free(subject);
    nb_free(body);
    return rc;
}

// A command that fails gives no answer: the asker learns by his timeout.
static int answer_command(struct responder *responder, const struct nclient_message *asked)
{
    struct nb_diag diag = {""};
    struct nb_buf out;
    char **words;
    int code = EXIT_CODE_OK;

    if (child_split(responder->cli->own[REPLY_COMMAND].text, &words) != NB_OK) {
        return cli_usage(responder->cli, "malformed command");
    }
    nb_buf_init(&out, ANSWER_MAX_BYTES);
    if (run_command(asked, words, &out, &diag) == NB_OK) {
        const struct nclient_message answer = {.data = nb_buf_slice(&out)};

        code = send_answer(responder, asked->reply, &answer);
    } else {
        cli_warn(responder->cli, "command failed: %s", diag.text);
    }
    nb_buf_fini(&out);
    child_free_words(words);
    return code;
}

// -- requests --------------------------------------------------------------------------------

static void note_request(const struct responder *responder, const struct queue_message *asked)
{
    const struct message_output output = {.form = cli_wants_json(responder->cli) ? MESSAGE_JSON
                                                                                 : MESSAGE_TEXT,
                                          .is_utc = cli_is_on(responder->cli, GLOBAL_UTC)};

    if (!cli_is_on(responder->cli, GLOBAL_QUIET)) {
        message_output_write(&output, asked, responder->count - 1);
        output_flush();
    }
}

// False when it was stopped meanwhile.
static bool sleep_a_while(struct responder *responder)
{
    int64_t max_ns = responder->cli->own[REPLY_SLEEP].duration_ns;
    uint64_t part = nb_random_u64(&responder->outgoing.values.random) % 1024;

    return max_ns <= 0 || queue_wait(&responder->connection.queue, max_ns / 1024 * (int64_t)part);
}

static int answer(struct responder *responder, const struct queue_message *asked)
{
    const struct args_value *own = responder->cli->own;

    responder->count++;
    note_request(responder, asked);
    if (asked->message.reply.n == 0 || !sleep_a_while(responder)) {
        return EXIT_CODE_OK; // nobody waits
    }
    if (own[REPLY_ECHO].is_on) {
        return answer_echo(responder, &asked->message);
    }
    if (own[REPLY_COMMAND].text != NULL) {
        return answer_command(responder, &asked->message);
    }
    return answer_text(responder, &asked->message);
}

static int answer_all(struct responder *responder)
{
    uint64_t max = responder->cli->own[REPLY_COUNT].number;
    int code = EXIT_CODE_OK;

    while (code == EXIT_CODE_OK && (max == 0 || responder->count < max)) {
        struct queue_message *asked;
        enum queue_outcome outcome = queue_take(&responder->connection.queue, -1, &asked);

        if (outcome == QUEUE_STOPPED) {
            break;
        }
        if (outcome == QUEUE_CLOSED) {
            return connection_flush(&responder->connection); // which fails, with the reason
        }
        code = answer(responder, asked);
        nb_free(asked);
    }
    return code == EXIT_CODE_OK ? connection_flush(&responder->connection) : code;
}

static int run_connected(struct responder *responder)
{
    const struct cli *cli = responder->cli;
    int code = connection_connect(&responder->connection);

    if (code == EXIT_CODE_OK) {
        code = connection_subscribe(&responder->connection, cli->words[0],
                                    cli->own[REPLY_QUEUE].text, 0);
    }
    if (code == EXIT_CODE_OK) {
        code = connection_flush(&responder->connection); // tells when it is not permitted
    }
    if (code == EXIT_CODE_OK) {
        cli_note(cli, "Listening on \"%s\" in group \"%s\"", cli->words[0],
                 cli->own[REPLY_QUEUE].text);
        code = answer_all(responder);
    }
    return code;
}

static int run(struct cli *cli)
{
    const struct args_value *own = cli->own;
    struct responder responder = {.cli = cli};
    int code;

    if ((cli->word_count > 1) + own[REPLY_ECHO].is_on + (own[REPLY_COMMAND].text != NULL) != 1) {
        return cli_usage(cli, "one of a body, --echo and --command is needed");
    }
    code = connection_prepare(&responder.connection, cli, CONNECTION_STREAMING);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    outgoing_init(&responder.outgoing, cli, "");
    responder.outgoing.headers = &own[REPLY_HEADER];
    responder.outgoing.has_templates = !own[REPLY_NO_TEMPLATES].is_on;
    responder.outgoing.body = nb_slice_of(cli->word_count > 1 ? cli->words[1] : NULL);
    code = run_connected(&responder);
    connection_close(&responder.connection);
    outgoing_fini(&responder.outgoing);
    return code;
}

const struct command command_reply = {
    .name = "reply",
    .purpose = "Answers requests.",
    .arguments = "<subject> [body]",
    .details = "It runs until it is interrupted, and reconnects when the connection is lost. The\n"
               "body may have the templates of pub and {{Request}}. A command runs without a\n"
               "shell, with NATS_REQUEST_SUBJECT and NATS_REQUEST_BODY in its environment; one\n"
               "that fails gives no answer.",
    .subjects = "Subscribes to the subject given; publishes to where requests want it.",
    .options = options,
    .option_count = REPLY_OPTION_COUNT,
    .examples = examples,
    .example_count = NB_ARRAY_LEN(examples),
    .words_min = 1,
    .words_max = 2,
    .run = run,
};
