#include "command.h"

#include "bench/connector.h"
#include "bench/run.h"
#include "value.h"

static const struct args_option options[] = {
    BENCH_ROW("clients", ARGS_NUMBER, "N", "100", "how many connections [100]"),
    BENCH_ROW("hold", ARGS_TEXT, "TIME", NULL, "keep them open so long, or \"forever\" [0]"),
    BENCH_ROW("window", ARGS_NUMBER, "N", "64", "how many each thread opens at a time [64]"),
    BENCH_ROW_THREADS,
    BENCH_ROW_PROGRESS,
    BENCH_ROW_INTERVAL,
    BENCH_ROW_CSV,
    BENCH_ROWS_LATENCY,
};

static const struct command_example examples[] = {
    {"bench connect --clients 10000", "How fast the server takes connections."},
    {"bench connect --clients 50000 --hold forever -s 127.0.0.1,127.0.0.2",
     "Keeps them until it is interrupted; an address has 28,000 ports or so."},
};

struct connect {
    struct bench_run run;
    unsigned clients;
    int64_t hold_ns; // INT64_MAX: until it is interrupted
};

static int read_options(struct connect *connect)
{
    const struct cli *cli = connect->run.cli;
    const char *hold = bench_option(cli, "hold")->text;
    uint64_t window = bench_option(cli, "window")->number;

    if (window == 0 || window > BENCH_CLIENTS_MAX) {
        return cli_usage(cli, "--window is from 1 to %d", BENCH_CLIENTS_MAX);
    }
    if (hold == NULL) {
        return EXIT_CODE_OK;
    }
    if (strcmp(hold, "forever") == 0) {
        connect->hold_ns = INT64_MAX;
    } else if (value_duration(nb_slice_of(hold), &connect->hold_ns) != NB_OK ||
               connect->hold_ns < 0) {
        return cli_usage(cli, "invalid value \"%s\" for --hold", hold);
    }
    return EXIT_CODE_OK;
}

static void note_lost(struct connect *connect, uint64_t failed)
{
    struct bench_result *result = &connect->run.result;
    struct nb_diag why;
    uint64_t errors = 0;

    bench_load_failure(&connect->run.load, &why);
    for (size_t i = 0; i < result->client_count; i++) {
        errors += result->clients[i].errors;
    }
    if (failed > 0) {
        bench_result_warn(result, "%llu connections could not be made: %s",
                          (unsigned long long)failed, why.text);
    }
    if (errors > failed) {
        bench_result_warn(result, "%llu connections were lost",
                          (unsigned long long)(errors - failed));
    }
}

static int lead(struct connect *connect)
{
    struct bench_run *run = &connect->run;
    int code = bench_run_connect(run);
    bool is_whole = code == EXIT_CODE_OK;

    if (!is_whole && bench_load_signal(&run->load) == 0) {
        return code;
    }
    if (is_whole && connect->hold_ns > 0) {
        cli_note(run->cli, "%zu connections are open", run->load.ready_count);
        run->options.duration_ns = connect->hold_ns == INT64_MAX ? 0 : connect->hold_ns;
        is_whole = bench_run_round(run, BENCH_CONNECTOR, 0) || connect->hold_ns == INT64_MAX;
    }
    note_lost(connect, run->load.failed_count);
    return bench_run_end(run, is_whole);
}

static int run_open(struct connect *connect)
{
    struct bench_run *run = &connect->run;

    run->load.connecting_max = bench_option(run->cli, "window")->number;
    run->load.counts_failures = true;
    for (unsigned i = 0; i < connect->clients; i++) { // they go to the workers in the same turn
        struct bench_client *client = &run->result.clients[i % run->load.worker_count];

        bench_load_add(&run->load, bench_connector_create(client));
    }
    return lead(connect);
}

static int run(struct cli *cli)
{
    struct connect connect = {.hold_ns = 0};
    int code = bench_run_init(&connect.run, cli, BENCH_SUBJECT_NONE);

    if (code == EXIT_CODE_OK) {
        code = read_options(&connect);
    }
    if (code == EXIT_CODE_OK) {
        struct bench_run_opts opts = {.kind = "connect"};

        connect.clients = connect.run.options.clients;
        opts.roles[0] = (struct bench_run_role){
            BENCH_CONNECTOR, bench_run_threads(&connect.run, connect.clients), true};
        opts.session_count = connect.clients;
        code = bench_run_open(&connect.run, &opts);
    }
    if (code == EXIT_CODE_OK) {
        code = run_open(&connect);
    }
    bench_run_fini(&connect.run);
    return code;
}

const struct command command_bench_connect = {
    .name = "connect",
    .purpose = "Opens connections as fast as the server takes them.",
    .arguments = "",
    .details = "A connection is open when the server answered its first PING. The result has a\n"
               "client for each thread; its latency is that from the first packet to then. While\n"
               "connections are held the server's PINGs are answered. Several servers are\n"
               "connected to in turn.",
    .options = options,
    .option_count = NB_ARRAY_LEN(options),
    .examples = examples,
    .example_count = NB_ARRAY_LEN(examples),
    .words_min = 0,
    .words_max = 0,
    .run = run,
};
