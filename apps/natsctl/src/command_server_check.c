#include "command.h"

#include "check_result.h"
#include "pings.h"
#include "value.h"

#include <natsd/clock.h>

#include <stdio.h>

enum {
    CHECK_FORMAT,
    CHECK_NAMESPACE,
    CHECK_CONNECT_WARN,
    CHECK_CONNECT_CRITICAL,
    CHECK_RTT_WARN,
    CHECK_RTT_CRITICAL,
    CHECK_REQ_WARN,
    CHECK_REQ_CRITICAL,
    CHECK_OPTION_COUNT
};

static const struct args_option options[CHECK_OPTION_COUNT] = {
    [CHECK_FORMAT] = {.name = "format",
                      .kind = ARGS_CHOICE,
                      .value = "nagios|json|prometheus|text",
                      .fallback = "nagios",
                      .help = "form of the result [nagios]"},
    [CHECK_NAMESPACE] = {.name = "namespace",
                         .kind = ARGS_TEXT,
                         .value = "NAME",
                         .fallback = "nats_server_check",
                         .help = "begins the names of Prometheus [nats_server_check]"},
    [CHECK_CONNECT_WARN] = {.name = "connect-warn",
                            .kind = ARGS_DURATION,
                            .value = "TIME",
                            .fallback = "500ms",
                            .help = "warn of a slow connection [500ms]"},
    [CHECK_CONNECT_CRITICAL] = {.name = "connect-critical",
                                .kind = ARGS_DURATION,
                                .value = "TIME",
                                .fallback = "1s",
                                .help = "a slower one is critical [1s]"},
    [CHECK_RTT_WARN] = {.name = "rtt-warn",
                        .kind = ARGS_DURATION,
                        .value = "TIME",
                        .fallback = "500ms",
                        .help = "warn of a slow PONG [500ms]"},
    [CHECK_RTT_CRITICAL] = {.name = "rtt-critical",
                            .kind = ARGS_DURATION,
                            .value = "TIME",
                            .fallback = "1s",
                            .help = "a slower one is critical [1s]"},
    [CHECK_REQ_WARN] = {.name = "req-warn",
                        .kind = ARGS_DURATION,
                        .value = "TIME",
                        .fallback = "500ms",
                        .help = "warn of a slow delivery [500ms]"},
    [CHECK_REQ_CRITICAL] = {.name = "req-critical",
                            .kind = ARGS_DURATION,
                            .value = "TIME",
                            .fallback = "1s",
                            .help = "a slower one is critical [1s]"},
};

static const struct command_example examples[] = {
    {"server check connection", "One line for Nagios."},
    {"server check connection --format prometheus --rtt-warn 10ms --rtt-critical 50ms",
     "Gauges for Prometheus, with other limits."},
};

static double seconds(int64_t ns)
{
    return (double)ns / (double)NB_NS_PER_S;
}

static void add(struct check_result *result, const struct cli *cli, const struct check_perf *base,
                int warn_option, const char *format, const char *detail)
{
    struct check_perf perf = *base;
    struct nb_buf time;
    char text[512];

    perf.unit = "s";
    perf.warning = seconds(cli->own[warn_option].duration_ns);
    perf.critical = seconds(cli->own[warn_option + 1].duration_ns); // they stand in pairs
    nb_buf_init(&time, 64);
    value_format_duration((int64_t)(perf.value * (double)NB_NS_PER_S), &time);
    snprintf(text, sizeof(text), "%s%s%s %.*s", format, detail, *detail != '\0' ? " in" : "",
             NB_SLICE_ARGS(nb_buf_slice(&time)));
    nb_buf_fini(&time);
    check_add_measured(result, &perf, text);
}

// To an inbox of its own.
static int deliver(struct connection *connection, int64_t *took_ns)
{
    char inbox[NCLIENT_INBOX_MAX_BYTES + 1];
    struct queue_message *message;
    struct nb_mono start;
    int rc;

    nclient_new_inbox(connection->client, inbox);
    if (connection_subscribe(connection, inbox, NULL, 1) != EXIT_CODE_OK) {
        return NB_ECLOSED;
    }
    start = nb_mono_now();
    rc = nclient_publish(connection->client, nb_slice_of(inbox), NB_SLICE("natsctl"));
    if (rc != NB_OK) {
        return rc;
    }
    if (queue_take(&connection->queue, cli_timeout_ns(connection->cli), &message) !=
        QUEUE_MESSAGE) {
        return NB_ETIMEDOUT;
    }
    *took_ns = nb_mono_since(nb_mono_now(), start);
    nb_free(message);
    return NB_OK;
}

static void check_connected(struct check_result *result, struct connection *connection,
                            int64_t connect_ns)
{
    const struct cli *cli = connection->cli;
    struct nclient_server_info info;
    struct pings pings;
    int64_t delivery_ns;
    int rc = nclient_server_info(connection->client, &info);

    add(result, cli,
        &(struct check_perf){.name = "connect_time",
                             .value = seconds(connect_ns),
                             .help = "Time taken to connect to NATS"},
        CHECK_CONNECT_WARN, "connected to ", info.url);
    if (rc == NB_OK) {
        rc = pings_take(connection, 1, &pings);
    }
    if (rc == NB_OK) {
        add(result, cli,
            &(struct check_perf){.name = "rtt",
                                 .value = seconds(pings.min_ns),
                                 .help = "The round-trip-time of the connection"},
            CHECK_RTT_WARN, "rtt time", "");
        rc = deliver(connection, &delivery_ns);
    }
    if (rc == NB_OK) {
        add(result, cli,
            &(struct check_perf){.name = "request_time",
                                 .value = seconds(delivery_ns),
                                 .help = "Time taken for a full request-reply round-trip"},
            CHECK_REQ_WARN, "round trip took", "");
    } else {
        check_add_text(result, CHECK_CRITICAL, "Check failed: %s", nb_error_text(rc));
    }
}

static enum check_format find_format(const struct cli *cli)
{
    static const char *const names[] = {
        [CHECK_NAGIOS] = "nagios",
        [CHECK_JSON] = "json",
        [CHECK_PROMETHEUS] = "prometheus",
        [CHECK_TABLE] = "text",
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(names); i++) {
        if (strcmp(cli->own[CHECK_FORMAT].text, names[i]) == 0 &&
            !(i == CHECK_NAGIOS && cli_is_on(cli, GLOBAL_JSON))) {
            return (enum check_format)i;
        }
    }
    return CHECK_JSON;
}

static int run(struct cli *cli)
{
    struct check_result result = {.suite = "connections", .name = "Connection"};
    enum check_format format = find_format(cli);
    struct connection connection;
    struct nb_mono start;
    struct nb_diag diag = {""};
    int code = connection_prepare(&connection, cli, CONNECTION_ONE_SHOT);

    if (code != EXIT_CODE_OK) {
        return CHECK_UNKNOWN;
    }
    start = nb_mono_now();
    if (connection_open_url(&connection, NULL, NULL, &diag) == NB_OK) {
        check_connected(&result, &connection, nb_mono_since(nb_mono_now(), start));
    } else {
        check_add_text(&result, CHECK_CRITICAL, "Check failed: %s", diag.text);
    }
    check_result_print(&result, format, cli->own[CHECK_NAMESPACE].text);
    connection_close(&connection);
    return format == CHECK_PROMETHEUS ? EXIT_CODE_OK : (int)check_result_status(&result);
}

static const struct command command_connection = {
    .name = "connection",
    .alias = "conn",
    .purpose = "Checks connecting, PING and a delivery.",
    .arguments = "",
    .details = "The exit code is 0 when all is well, 1 for a warning, 2 when it is critical and 3\n"
               "when that is unknown; for Prometheus it is 0.",
    .subjects = "Subscribes to an inbox and publishes to it.",
    .options = options,
    .option_count = CHECK_OPTION_COUNT,
    .examples = examples,
    .example_count = NB_ARRAY_LEN(examples),
    .run = run,
};

static const struct command *const children[] = {&command_connection, NULL};

const struct command command_server_check = {
    .name = "check",
    .purpose = "Checks for monitoring systems.",
    .arguments = "",
    .children = children,
};
