#include "command.h"

#include "output.h"
#include "pings.h"
#include "targets.h"
#include "value.h"

#include <natsd/json_writer.h>

enum { PING_COUNT, PING_INTERVAL, PING_ID, PING_OPTION_COUNT };

static const struct args_option options[PING_OPTION_COUNT] = {
    [PING_COUNT] = {.name = "count",
                    .kind = ARGS_NUMBER,
                    .value = "N",
                    .fallback = "1",
                    .help = "how often [1]"},
    [PING_INTERVAL] = {.name = "interval",
                       .kind = ARGS_DURATION,
                       .value = "TIME",
                       .fallback = "1s",
                       .help = "pause between two times [1s]"},
    [PING_ID] = {.name = "id", .kind = ARGS_SWITCH, .help = "ids instead of names"},
};

static const struct command_example examples[] = {
    {"server ping --server nats://a,nats://b,nats://c", "Are all three there?"},
    {"server ping --count 10 --interval 500ms", "One server, ten times."},
};

enum {
    JSON_ROOM = 64 * 1024 * 1024,
};

struct summary {
    const struct cli *cli;
    struct connection connection;
    struct nb_json_writer json;
    struct pings all;
    unsigned missing;
    int code;
};

static void add(struct pings *sum, const struct pings *pings)
{
    sum->min_ns = sum->count == 0 || pings->min_ns < sum->min_ns ? pings->min_ns : sum->min_ns;
    sum->max_ns = pings->max_ns > sum->max_ns ? pings->max_ns : sum->max_ns;
    sum->sum_ns += pings->sum_ns;
    sum->count += pings->count;
}

static void print_duration(const char *before, int64_t ns)
{
    struct nb_buf text;

    nb_buf_init(&text, 64);
    value_format_duration(ns, &text);
    output_format("%s%.*s", before, NB_SLICE_ARGS(nb_buf_slice(&text)));
    nb_buf_fini(&text);
}

static void report(struct summary *summary, const struct pings *pings)
{
    const struct cli *cli = summary->cli;
    struct nclient_server_info info;

    if (nclient_server_info(summary->connection.client, &info) != NB_OK) {
        NB_UNREACHABLE("the server of a connection");
    }
    if (cli_wants_json(cli)) {
        nb_json_object(&summary->json);
        nb_json_put_text(&summary->json, "name", info.name);
        nb_json_put_text(&summary->json, "id", info.id);
        nb_json_put_text(&summary->json, "url", info.url);
        nb_json_put_i64(&summary->json, "rtt_ns", pings->min_ns);
        nb_json_object_end(&summary->json);
        return;
    }
    output_safe(nb_slice_of(cli->own[PING_ID].is_on ? info.id : info.name), false);
    print_duration(" rtt=", pings->min_ns);
    output_text("\n");
    output_flush();
}

static int ping_often(struct summary *summary)
{
    const struct args_value *own = summary->cli->own;

    for (uint64_t i = 0; i < own[PING_COUNT].number; i++) {
        struct pings pings;
        int rc;

        if (i > 0 && !queue_wait(&summary->connection.queue, own[PING_INTERVAL].duration_ns)) {
            return NB_ECLOSED;
        }
        rc = pings_take(&summary->connection, 1, &pings);
        if (rc != NB_OK) {
            return rc;
        }
        report(summary, &pings);
        add(&summary->all, &pings);
    }
    return NB_OK;
}

static void ping_target(struct summary *summary, const struct target *target)
{
    struct nb_diag diag = {""};
    int rc = connection_open_url(&summary->connection, target->connect, target->tls_name, &diag);

    if (rc == NB_OK) {
        rc = ping_often(summary);
        connection_disconnect(&summary->connection);
        if (rc != NB_OK) {
            nb_diag_set(&diag, "%s: %s", target->url, nb_error_text(rc));
        }
    }
    if (rc != NB_OK) {
        summary->missing++;
        summary->code = cli_fail(summary->cli, "%s", diag.text);
    }
}

static void print_summary(const struct summary *summary, size_t server_count)
{
    output_format("\n%zu server(s)", server_count - summary->missing);
    if (summary->all.count > 0) {
        print_duration(", rtt max=", summary->all.max_ns);
        print_duration(" min=", summary->all.min_ns);
        print_duration(" avg=", pings_average_ns(&summary->all));
    }
    output_text("\n");
    if (summary->missing > 0) {
        output_format("Missing %u server(s)\n", summary->missing);
    }
}

static void ping_all(struct summary *summary, const struct targets *targets)
{
    struct nb_buf buf;

    nb_buf_init(&buf, JSON_ROOM);
    nb_json_begin(&summary->json, &buf, NB_JSON_INDENTED);
    nb_json_array(&summary->json);
    for (size_t i = 0; i < targets->count; i++) {
        ping_target(summary, &targets->list[i]);
    }
    nb_json_array_end(&summary->json);
    if (!cli_wants_json(summary->cli)) {
        print_summary(summary, targets->count);
    }
    if (nb_json_end(&summary->json) == NB_OK && cli_wants_json(summary->cli)) {
        output_write(nb_buf_slice(&buf));
        output_text("\n");
    }
    nb_buf_fini(&buf);
}

static int run(struct cli *cli)
{
    struct summary summary = {.cli = cli};
    struct nb_diag diag = {""};
    struct targets targets;

    summary.code = connection_prepare(&summary.connection, cli, CONNECTION_ONE_SHOT);
    if (summary.code != EXIT_CODE_OK) {
        return summary.code;
    }
    if (targets_find(summary.connection.settings.urls, false, &targets, &diag) != NB_OK) {
        summary.code = cli_usage(cli, "%s", diag.text);
    } else {
        ping_all(&summary, &targets);
        targets_fini(&targets);
    }
    connection_close(&summary.connection);
    return summary.code;
}

const struct command command_server_ping = {
    .name = "ping",
    .purpose = "Asks each server that is named whether it is there.",
    .arguments = "",
    .details = "With a PING of the protocol, on a connection of its own. A server that can't be\n"
               "reached or doesn't answer is missing, which is a failure.",
    .options = options,
    .option_count = PING_OPTION_COUNT,
    .examples = examples,
    .example_count = NB_ARRAY_LEN(examples),
    .run = run,
};
