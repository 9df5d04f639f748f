#include "command.h"

#include "connection.h"
#include "message_output.h"
#include "output.h"

enum {
    SUB_QUEUE,
    SUB_COUNT,
    SUB_WAIT,
    SUB_RAW,
    SUB_HEADERS_ONLY,
    SUB_SUBJECTS_ONLY,
    SUB_TIMESTAMP,
    SUB_OPTION_COUNT
};

static const struct args_option options[SUB_OPTION_COUNT] = {
    [SUB_QUEUE] = {.name = "queue",
                   .letter = 'q',
                   .kind = ARGS_TEXT,
                   .value = "GROUP",
                   .help = "share the messages with the members of a queue group"},
    [SUB_COUNT] = {.name = "count",
                   .kind = ARGS_NUMBER,
                   .value = "N",
                   .help = "end after this many messages"},
    [SUB_WAIT] = {.name = "wait",
                  .kind = ARGS_DURATION,
                  .value = "TIME",
                  .help = "end when nothing came for this long"},
    [SUB_RAW] = {.name = "raw",
                 .letter = 'r',
                 .kind = ARGS_SWITCH,
                 .help = "bodies only, as they are"},
    [SUB_HEADERS_ONLY] = {.name = "headers-only", .kind = ARGS_SWITCH, .help = "no bodies"},
    [SUB_SUBJECTS_ONLY] = {.name = "subjects-only", .kind = ARGS_SWITCH, .help = "subjects only"},
    [SUB_TIMESTAMP] = {.name = "timestamp",
                       .letter = 't',
                       .kind = ARGS_SWITCH,
                       .help = "show when each came"},
};

static const struct command_example examples[] = {
    {"sub 'orders.>'", "Everything about orders, until Ctrl-C."},
    {"sub jobs --queue workers", "Each job goes to one of the workers."},
    {"sub a b --count 10 --raw", "The bodies of ten messages on two subjects."},
    {"sub '>' --format jsonl | jq -r .subject", "A line of JSON for each message."},
};

static enum message_form find_form(const struct cli *cli)
{
    if (cli_wants_json(cli)) {
        return MESSAGE_JSON;
    }
    if (cli->own[SUB_RAW].is_on) {
        return MESSAGE_RAW;
    }
    if (cli->own[SUB_SUBJECTS_ONLY].is_on) {
        return MESSAGE_SUBJECTS;
    }
    return cli->own[SUB_HEADERS_ONLY].is_on ? MESSAGE_HEADERS : MESSAGE_TEXT;
}

static int subscribe_all(const struct cli *cli, struct connection *connection)
{
    const char *queue = cli->own[SUB_QUEUE].text;

    for (size_t i = 0; i < cli->word_count; i++) {
        int code = connection_subscribe(connection, cli->words[i], queue, 0);

        if (code != EXIT_CODE_OK) {
            return code;
        }
        cli_note(cli, "Subscribing on %s%s%s", cli->words[i], queue != NULL ? " in group " : "",
                 queue != NULL ? queue : "");
    }
    return connection_flush(connection); // tells when it is not permitted
}

static void warn_dropped(const struct cli *cli, struct connection *connection)
{
    uint64_t dropped = queue_take_dropped(&connection->queue);

    if (dropped > 0) {
        cli_warn(cli, "%llu messages were dropped: standard output is too slow",
                 (unsigned long long)dropped);
    }
}

static int print_all(const struct cli *cli, struct connection *connection)
{
    const struct message_output output = {.form = find_form(cli),
                                          .has_time = cli->own[SUB_TIMESTAMP].is_on,
                                          .is_utc = cli_is_on(cli, GLOBAL_UTC)};
    int64_t wait_ns = cli->own[SUB_WAIT].is_set ? cli->own[SUB_WAIT].duration_ns : -1;
    uint64_t max = cli->own[SUB_COUNT].number;
    uint64_t count = 0;

    while (max == 0 || count < max) {
        struct queue_message *message;
        enum queue_outcome outcome = queue_take(&connection->queue, wait_ns, &message);

        if (outcome == QUEUE_CLOSED) {
            return connection_flush(connection); // which fails, with the reason
        }
        if (outcome != QUEUE_MESSAGE) {
            cli_note(cli, "Received %llu messages", (unsigned long long)count);
            break;
        }
        message_output_write(&output, message, ++count);
        nb_free(message);
        if (queue_is_empty(&connection->queue)) { // who reads our output waits for it
            output_flush();
            warn_dropped(cli, connection);
        }
    }
    return EXIT_CODE_OK;
}

static int run(struct cli *cli)
{
    struct connection connection;
    int code = connection_prepare(&connection, cli, CONNECTION_STREAMING);

    if (code != EXIT_CODE_OK) {
        return code;
    }
    code = connection_connect(&connection);
    if (code == EXIT_CODE_OK) {
        code = subscribe_all(cli, &connection);
    }
    if (code == EXIT_CODE_OK) {
        code = print_all(cli, &connection);
    }
    connection_close(&connection);
    return code;
}

const struct command command_sub = {
    .name = "sub",
    .alias = "subscribe",
    .purpose = "Prints messages as they come.",
    .arguments = "<subject>...",
    .details = "It runs until it is interrupted, or has what --count or --wait ask for, and\n"
               "reconnects when the connection is lost.",
    .subjects = "Subscribes to the subjects given; they may have wildcards.",
    .options = options,
    .option_count = SUB_OPTION_COUNT,
    .examples = examples,
    .example_count = NB_ARRAY_LEN(examples),
    .words_min = 1,
    .words_max = COMMAND_WORDS_ANY,
    .run = run,
};
