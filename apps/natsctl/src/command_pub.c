#include "command.h"

#include "connection.h"
#include "outgoing.h"
#include "output.h"

#include <natsd/clock.h>
#include <natsd/json_writer.h>

enum {
    PUB_REPLY,
    PUB_HEADER,
    PUB_COUNT,
    PUB_SLEEP,
    PUB_SEND_ON,
    PUB_FORCE_STDIN,
    PUB_FILE,
    PUB_NO_TEMPLATES,
    PUB_OPTION_COUNT
};

static const struct args_option options[PUB_OPTION_COUNT] = {
    [PUB_REPLY] = {.name = "reply",
                   .kind = ARGS_TEXT,
                   .value = "SUBJECT",
                   .help = "where answers are to go"},
    [PUB_HEADER] = {.name = "header",
                    .letter = 'H',
                    .kind = ARGS_LIST,
                    .value = "KEY:VALUE",
                    .help = "a header; may be repeated"},
    [PUB_COUNT] = {.name = "count",
                   .kind = ARGS_NUMBER,
                   .value = "N",
                   .fallback = "1",
                   .help = "how many messages [1]"},
    [PUB_SLEEP] = {.name = "sleep",
                   .kind = ARGS_DURATION,
                   .value = "TIME",
                   .help = "pause between messages"},
    [PUB_SEND_ON] = {.name = "send-on",
                     .kind = ARGS_CHOICE,
                     .value = "eof|newline",
                     .fallback = "eof",
                     .help = "of standard input: all as one message, or a message for each line"},
    [PUB_FORCE_STDIN] = {.name = "force-stdin",
                         .kind = ARGS_SWITCH,
                         .help = "read the body from standard input in any case"},
    [PUB_FILE] = {.name = "file",
                  .kind = ARGS_TEXT,
                  .value = "FILE",
                  .help = "read the body from a file"},
    [PUB_NO_TEMPLATES] = {.name = "no-templates",
                          .kind = ARGS_SWITCH,
                          .help = "send {{...}} as it is"},
};

static const struct command_example examples[] = {
    {"pub orders.new '{\"id\": 1}'", "One message."},
    {"pub ticks 'tick {{Count}} at {{Time}}' --count 10 --sleep 1s", "Ten, one each second."},
    {"pub alerts -H Severity:high --reply ops.inbox 'disk full'",
     "With a header and a subject for answers."},
    {"pub lines --send-on newline < access.log", "A message for each line of a file."},
};

enum {
    NOTES_MAX = 20, // more messages are not noted one by one
};

struct pub {
    struct connection connection;
    struct outgoing outgoing;
    uint64_t count; // of each body
    int64_t sleep_ns;
    bool is_noted;
    uint64_t sent;
    uint64_t sent_bytes;
};

// Until the next is due; false when the connection ended.
static bool pause_between(struct pub *pub)
{
    return pub->sleep_ns <= 0 || queue_wait(&pub->connection.queue, pub->sleep_ns);
}

static int send_one(struct pub *pub)
{
    const struct nclient_message *message = &pub->outgoing.message;
    int code = outgoing_make(&pub->outgoing);

    if (code == EXIT_CODE_OK) {
        code = connection_publish(&pub->connection, message);
    }
    if (code != EXIT_CODE_OK) {
        return code;
    }
    pub->sent++;
    pub->sent_bytes += message->headers.n + message->data.n;
    if (pub->is_noted) {
        cli_note(pub->outgoing.cli, "Published %zu bytes to \"%.*s\"", message->data.n,
                 NB_SLICE_ARGS(message->subject));
    }
    return EXIT_CODE_OK;
}

static int send_body(struct pub *pub, struct slice body)
{
    pub->outgoing.body = body;
    for (uint64_t i = 0; i < pub->count; i++) {
        int code;

        if (pub->sent > 0 && !pause_between(pub)) {
            break; // the flush will say why
        }
        pub->outgoing.values.count = pub->sent + 1;
        code = send_one(pub);
        if (code != EXIT_CODE_OK) {
            return code;
        }
    }
    return EXIT_CODE_OK;
}

static int send_lines(struct pub *pub, struct slice all)
{
    struct slice line;
    int code = EXIT_CODE_OK;

    while (code == EXIT_CODE_OK && nb_slice_take_line(&all, &line)) {
        code = send_body(pub, line);
    }
    return code;
}

static void report(const struct pub *pub)
{
    struct nb_json_writer w;
    struct nb_buf buf;

    if (!cli_wants_json(pub->outgoing.cli)) {
        if (!pub->is_noted) {
            cli_note(pub->outgoing.cli, "Published %llu messages, %llu bytes to \"%s\"",
                     (unsigned long long)pub->sent, (unsigned long long)pub->sent_bytes,
                     pub->outgoing.subject);
        }
        return;
    }
    nb_buf_init(&buf, 1024 * 1024);
    nb_json_begin(&w, &buf, NB_JSON_INDENTED);
    nb_json_object(&w);
    nb_json_put_text(&w, "subject", pub->outgoing.subject);
    nb_json_put_u64(&w, "messages", pub->sent);
    nb_json_put_u64(&w, "bytes", pub->sent_bytes);
    nb_json_object_end(&w);
    if (nb_json_end(&w) == NB_OK) {
        output_write(nb_buf_slice(&buf));
        output_text("\n");
    }
    nb_buf_fini(&buf);
}

static int run_connected(struct pub *pub, const struct outgoing_body *body, bool by_line)
{
    int code = by_line ? send_lines(pub, body->bytes) : send_body(pub, body->bytes);

    if (code == EXIT_CODE_OK) {
        code = connection_flush(&pub->connection);
    }
    if (code == EXIT_CODE_OK) {
        report(pub);
    }
    return code;
}

static int run(struct cli *cli)
{
    const struct args_value *own = cli->own;
    const char *word = cli->word_count > 1 ? cli->words[1] : NULL;
    bool by_line = word == NULL && strcmp(own[PUB_SEND_ON].text, "newline") == 0;
    struct pub pub = {.count = own[PUB_COUNT].number, .sleep_ns = own[PUB_SLEEP].duration_ns};
    struct outgoing_body body;
    int code = outgoing_read_body(cli, word, own[PUB_FILE].text, own[PUB_FORCE_STDIN].is_on, &body);

    if (code != EXIT_CODE_OK) {
        return code;
    }
    outgoing_init(&pub.outgoing, cli, cli->words[0]);
    pub.outgoing.reply = own[PUB_REPLY].text;
    pub.outgoing.headers = &own[PUB_HEADER];
    pub.outgoing.has_templates = !own[PUB_NO_TEMPLATES].is_on;
    pub.is_noted = pub.count <= NOTES_MAX && !by_line;
    code = connection_open(&pub.connection, cli, CONNECTION_ONE_SHOT);
    if (code == EXIT_CODE_OK) {
        code = run_connected(&pub, &body, by_line);
        connection_close(&pub.connection);
    }
    outgoing_fini(&pub.outgoing);
    outgoing_body_fini(&body);
    return code;
}

const struct command command_pub = {
    .name = "pub",
    .alias = "publish",
    .purpose = "Publishes messages.",
    .arguments = "<subject> [body]",
    .details = "Without a body, and when standard input is no terminal, it is read from there.\n"
               "Subject, headers and body may have {{Count}}, {{Time}}, {{TimeStamp}}, {{Unix}},\n"
               "{{UnixNano}}, {{ID}} and {{Random min max}}. It ends when the server has handled\n"
               "all messages.",
    .subjects = "Publishes to the subject given.",
    .options = options,
    .option_count = PUB_OPTION_COUNT,
    .examples = examples,
    .example_count = NB_ARRAY_LEN(examples),
    .words_min = 1,
    .words_max = 2,
    .run = run,
};
