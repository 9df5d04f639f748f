#include "command.h"

#include "connection.h"
#include "message_output.h"
#include "outgoing.h"
#include "output.h"
#include "value.h"

#include <natsd/clock.h>
#include <natsd/headers.h>

#include <stdio.h>

enum {
    REQUEST_HEADER,
    REQUEST_COUNT,
    REQUEST_REPLIES,
    REQUEST_REPLY_TIMEOUT,
    REQUEST_WAIT_FOR_EMPTY,
    REQUEST_RAW,
    REQUEST_FORCE_STDIN,
    REQUEST_NO_TEMPLATES,
    REQUEST_OPTION_COUNT
};

static const struct args_option options[REQUEST_OPTION_COUNT] = {
    [REQUEST_HEADER] = {.name = "header",
                        .letter = 'H',
                        .kind = ARGS_LIST,
                        .value = "KEY:VALUE",
                        .help = "a header; may be repeated"},
    [REQUEST_COUNT] = {.name = "count",
                       .kind = ARGS_NUMBER,
                       .value = "N",
                       .fallback = "1",
                       .help = "how many requests, one after the other [1]"},
    [REQUEST_REPLIES] = {.name = "replies",
                         .kind = ARGS_NUMBER,
                         .value = "N",
                         .fallback = "1",
                         .help = "how many replies to wait for; 0: until the timeout [1]"},
    [REQUEST_REPLY_TIMEOUT] = {.name = "reply-timeout",
                               .kind = ARGS_DURATION,
                               .value = "TIME",
                               .fallback = "300ms",
                               .help = "with several: for each after the first [300ms]"},
    [REQUEST_WAIT_FOR_EMPTY] = {.name = "wait-for-empty",
                                .kind = ARGS_SWITCH,
                                .help = "until a reply without a body"},
    [REQUEST_RAW] = {.name = "raw",
                     .letter = 'r',
                     .kind = ARGS_SWITCH,
                     .help = "bodies only, as they are"},
    [REQUEST_FORCE_STDIN] = {.name = "force-stdin",
                             .kind = ARGS_SWITCH,
                             .help = "read the body from standard input in any case"},
    [REQUEST_NO_TEMPLATES] = {.name = "no-templates",
                              .kind = ARGS_SWITCH,
                              .help = "send {{...}} as it is"},
};

static const struct command_example examples[] = {
    {"request time.now ''", "One question, one answer."},
    {"request svc.echo hello --raw --timeout 1s", "Only the body of the answer."},
    {"request '$SRV.PING' '' --replies 0 --timeout 2s", "All answers of two seconds."},
    {"request convert -H Unit:km < list.csv", "With the body from a file."},
};

enum {
    STATUS_NO_RESPONDERS = 503,
    SUBJECT_ROOM = NCLIENT_INBOX_MAX_BYTES + 32,
};

struct request {
    const struct cli *cli;
    struct connection connection;
    struct outgoing outgoing;
    struct message_output output;
    char inbox[NCLIENT_INBOX_MAX_BYTES + 1];
    uint64_t number; // of requests sent
    uint64_t printed;
    // of this request
    char reply[SUBJECT_ROOM];
    struct nb_mono sent;
    uint64_t replies;
    int64_t rtt_sum_ns;
};

static bool is_notice(const struct nclient_message *message)
{
    struct slice description;

    return message->data.n == 0 &&
           nproto_headers_status(message->headers, &description) == STATUS_NO_RESPONDERS;
}

static void print_reply(struct request *request, const struct queue_message *message)
{
    int64_t rtt_ns = nb_mono_since(nb_mono_now(), request->sent);
    struct nb_buf rtt;

    request->replies++;
    request->rtt_sum_ns += rtt_ns;
    if (request->output.form != MESSAGE_TEXT) {
        message_output_write(&request->output, message, ++request->printed);
        output_flush();
        return;
    }
    nb_buf_init(&rtt, 64);
    value_format_duration(rtt_ns, &rtt);
    cli_note(request->cli, "Received with rtt %.*s", NB_SLICE_ARGS(nb_buf_slice(&rtt)));
    nb_buf_fini(&rtt);
    message_output_content(&message->message, true);
    output_flush();
}

// How long the next reply may take.
static int64_t next_timeout_ns(const struct request *request)
{
    int64_t left_ns = cli_timeout_ns(request->cli) - nb_mono_since(nb_mono_now(), request->sent);
    int64_t rest_ns;

    if (request->replies > 0 && request->cli->own[REQUEST_REPLIES].number > 1) {
        rest_ns = request->rtt_sum_ns / (int64_t)request->replies +
                  request->cli->own[REQUEST_REPLY_TIMEOUT].duration_ns;
        left_ns = rest_ns < left_ns ? rest_ns : left_ns;
    }
    return left_ns > 0 ? left_ns : 0;
}

static bool is_enough(const struct request *request, const struct nclient_message *last)
{
    uint64_t wanted = request->cli->own[REQUEST_REPLIES].number;

    if (request->cli->own[REQUEST_WAIT_FOR_EMPTY].is_on) {
        return last->data.n == 0;
    }
    return wanted > 0 && request->replies >= wanted;
}

// The time is over: with some replies that is how a question to many ends.
static int on_timeout(const struct request *request)
{
    if (request->replies > 0) {
        return EXIT_CODE_OK;
    }
    return cli_fail(request->cli, "request %.*s: no answer in time",
                    NB_SLICE_ARGS(request->outgoing.message.subject));
}

static int take_replies(struct request *request)
{
    bool is_over = false;
    int code = EXIT_CODE_OK;

    while (!is_over && code == EXIT_CODE_OK) {
        struct queue_message *message;
        enum queue_outcome outcome =
            queue_take(&request->connection.queue, next_timeout_ns(request), &message);

        if (outcome == QUEUE_TIMEOUT) {
            return on_timeout(request);
        }
        if (outcome != QUEUE_MESSAGE) {
            return connection_flush(&request->connection); // which fails, with the reason
        }
        if (!nb_slice_is(message->message.subject, request->reply)) {
            nb_free(message); // a late one of the request before
            continue;
        }
        if (is_notice(&message->message)) {
            code = cli_fail(request->cli, "request %.*s: no responders",
                            NB_SLICE_ARGS(request->outgoing.message.subject));
        } else {
            print_reply(request, message);
            is_over = is_enough(request, &message->message);
        }
        nb_free(message);
    }
    return code;
}

static int ask_once(struct request *request)
{
    char error[512];
    int code;

    request->number++;
    request->replies = 0;
    request->rtt_sum_ns = 0;
    snprintf(request->reply, sizeof(request->reply), "%s.%llu", request->inbox,
             (unsigned long long)request->number);
    request->outgoing.reply = request->reply;
    request->outgoing.values.count = request->number;
    code = outgoing_make(&request->outgoing);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    if (request->output.form == MESSAGE_TEXT) {
        cli_note(request->cli, "Sending request on \"%.*s\"",
                 NB_SLICE_ARGS(request->outgoing.message.subject));
    }
    request->sent = nb_mono_now();
    code = connection_publish(&request->connection, &request->outgoing.message);
    if (code == EXIT_CODE_OK) {
        code = take_replies(request);
    }
    if (code == EXIT_CODE_FAILED &&
        connection_take_error(&request->connection, error, sizeof(error))) {
        cli_note(request->cli, "%s", error); // most likely why
    }
    return code;
}

static int run_connected(struct request *request)
{
    char filter[SUBJECT_ROOM];
    int code;

    nclient_new_inbox(request->connection.client, request->inbox);
    snprintf(filter, sizeof(filter), "%s.*", request->inbox);
    code = connection_subscribe(&request->connection, filter, NULL, 0);
    for (uint64_t i = 0; i < request->cli->own[REQUEST_COUNT].number && code == EXIT_CODE_OK; i++) {
        code = ask_once(request);
    }
    return code;
}

static enum message_form find_form(const struct cli *cli)
{
    if (cli_wants_json(cli)) {
        return MESSAGE_JSON;
    }
    return cli->own[REQUEST_RAW].is_on ? MESSAGE_RAW : MESSAGE_TEXT;
}

static int run(struct cli *cli)
{
    const struct args_value *own = cli->own;
    const char *word = cli->word_count > 1 ? cli->words[1] : NULL;
    struct request request = {.cli = cli, .output = {.form = find_form(cli)}};
    struct outgoing_body body;
    int code = outgoing_read_body(cli, word, NULL, own[REQUEST_FORCE_STDIN].is_on, &body);

    if (code != EXIT_CODE_OK) {
        return code;
    }
    outgoing_init(&request.outgoing, cli, cli->words[0]);
    request.outgoing.headers = &own[REQUEST_HEADER];
    request.outgoing.has_templates = !own[REQUEST_NO_TEMPLATES].is_on;
    request.outgoing.body = body.bytes;
    code = connection_open(&request.connection, cli, CONNECTION_ONE_SHOT);
    if (code == EXIT_CODE_OK) {
        code = run_connected(&request);
        connection_close(&request.connection);
    }
    outgoing_fini(&request.outgoing);
    outgoing_body_fini(&body);
    return code;
}

const struct command command_request = {
    .name = "request",
    .alias = "req",
    .purpose = "Asks and prints what is answered.",
    .arguments = "<subject> [body]",
    .details = "Without a body, and when standard input is no terminal, it is read from there.\n"
               "Nobody there to answer, and no answer within --timeout, are failures. With\n"
               "several replies it waits for each as long as they took on average and\n"
               "--reply-timeout.",
    .subjects = "Publishes to the subject given; subscribes to an inbox.",
    .options = options,
    .option_count = REQUEST_OPTION_COUNT,
    .examples = examples,
    .example_count = NB_ARRAY_LEN(examples),
    .words_min = 1,
    .words_max = 2,
    .run = run,
};
