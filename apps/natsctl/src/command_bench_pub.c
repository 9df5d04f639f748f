#include "command.h"

#include "bench/publisher.h"
#include "bench/run.h"

static const struct args_option options[] = {
    BENCH_ROW_CLIENTS, BENCH_ROW_MSGS,     BENCH_ROW_SIZE,     BENCH_ROW_THROUGHPUT,
    BENCH_ROW_SLEEP,   BENCH_ROWS_NUMBERS, BENCH_ROWS_MESSAGE, BENCH_ROWS_COMMON,
};

static const struct command_example examples[] = {
    {"bench pub orders --msgs 10000000 --size 16", "As fast as the server takes them."},
    {"bench pub orders --clients 8 --throughput 50000 --duration 10s --size 1KB",
     "At a steady rate."},
    {"bench pub orders --multisubject --multisubjectmax 1000", "To orders.0 to orders.999."},
};

static void add_publishers(struct bench_run *run, const struct bench_script *script)
{
    const struct bench_options *own = &run->options;
    uint64_t total = bench_options_total(own);

    for (unsigned i = 0; i < own->clients; i++) {
        const struct bench_publisher_opts opts = {
            .client = &run->result.clients[i],
            .script = script,
            .msgs = total == UINT64_MAX ? total : bench_share(total, own->clients, i),
            .schedule = {.rate = own->rate, .turns = own->clients, .turn = i},
            .sleep_ns = own->sleep_ns,
        };

        bench_load_add(&run->load, bench_publisher_create(&opts));
    }
    run->goal = total == UINT64_MAX ? 0 : total;
}

static int run_open(struct bench_run *run, struct bench_script *script)
{
    struct bench_script_opts opts = bench_script_opts_of(&run->options, run->cli->words[0]);

    bench_script_init(script, &opts);
    add_publishers(run, script);
    return bench_run_lead(run);
}

static int run(struct cli *cli)
{
    struct bench_script script = {.batches = NULL};
    struct bench_run run;
    int code = bench_run_init(&run, cli, BENCH_SUBJECT_LITERAL);

    if (code == EXIT_CODE_OK) {
        const struct bench_run_opts opts = {
            .kind = "pub", .roles = {{BENCH_PUBLISHER, run.options.clients, false}}};

        code = bench_run_open(&run, &opts);
    }
    if (code == EXIT_CODE_OK) {
        code = run_open(&run, &script);
    }
    bench_run_fini(&run);
    bench_script_fini(&script); // what was queued referred to it
    return code;
}

const struct command command_bench_pub = {
    .name = "pub",
    .purpose = "Publishes as fast as the server takes it, or at a rate.",
    .arguments = "<subject>",
    .details = "The time of a client ends when the server has handled its last message. With\n"
               "--throughput message i is sent i / rate after the start, those that are late at\n"
               "once.",
    .subjects = "Publishes to the subject given, or to <subject>.<n>.",
    .options = options,
    .option_count = NB_ARRAY_LEN(options),
    .examples = examples,
    .example_count = NB_ARRAY_LEN(examples),
    .words_min = 1,
    .words_max = 1,
    .run = run,
};
