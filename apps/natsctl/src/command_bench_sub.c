#include "command.h"

#include "bench/run.h"
#include "bench/subscriber.h"

static const struct args_option options[] = {
    BENCH_ROW_CLIENTS,
    BENCH_ROW_MSGS,
    BENCH_ROW_QUEUE,
    BENCH_ROW_SLEEP,
    {.name = "multisubject", .kind = ARGS_SWITCH, .help = "subscribe to <subject>.*"},
    BENCH_ROWS_COMMON,
};

static const struct command_example examples[] = {
    {"bench sub orders --msgs 10000000", "Counts what `bench pub orders` sends."},
    {"bench sub orders --clients 4 --queue workers", "Shared among four."},
};

struct sub {
    struct bench_run run;
    char *subject;
    struct bench_goal *goals; // one for each client, or one for all
};

static void reset(struct bench_run *run, bool is_warm_up)
{
    struct sub *sub = nb_container_of(run, struct sub, run);
    bool is_shared = run->options.queue != NULL;
    uint64_t goal = is_warm_up ? UINT64_MAX : bench_options_total(&run->options);

    for (unsigned i = 0; i < (is_shared ? 1 : run->options.clients); i++) {
        sub->goals[i].is_shared = is_shared;
        bench_goal_set(&sub->goals[i], goal);
    }
}

static int run_open(struct sub *sub)
{
    struct bench_run *run = &sub->run;
    bool is_shared = run->options.queue != NULL;
    uint64_t total = bench_options_total(&run->options);

    for (unsigned i = 0; i < run->options.clients; i++) {
        const struct bench_subscriber_opts opts = {
            .client = &run->result.clients[i],
            .goal = &sub->goals[is_shared ? 0 : i],
            .subject = sub->subject,
            .queue = run->options.queue,
            .sleep_ns = run->options.sleep_ns,
        };

        bench_load_add(&run->load, bench_subscriber_create(&opts));
    }
    run->reset = reset;
    run->goal = total == UINT64_MAX ? 0 : total * (is_shared ? 1 : run->options.clients);
    return bench_run_lead(run);
}

static int run(struct cli *cli)
{
    struct sub sub;
    int code = bench_run_init(&sub.run, cli, BENCH_SUBJECT_PATTERN);

    if (code == EXIT_CODE_OK) {
        const struct bench_run_opts opts = {
            .kind = "sub", .roles = {{BENCH_SUBSCRIBER, sub.run.options.clients, false}}};

        code = bench_run_open(&sub.run, &opts);
    }
    sub.subject = bench_options_wildcard(&sub.run.options, cli->words[0]);
    sub.goals = nb_calloc(sub.run.options.clients + 1, sizeof(sub.goals[0]));
    if (code == EXIT_CODE_OK) {
        code = run_open(&sub);
    }
    bench_run_fini(&sub.run);
    nb_free(sub.goals);
    nb_free(sub.subject);
    return code;
}

const struct command command_bench_sub = {
    .name = "sub",
    .purpose = "Subscribes and counts.",
    .arguments = "<subject>",
    .details = "The time of a client is that from its first to its last message. Each client\n"
               "waits for --msgs messages, those of a queue group together.",
    .subjects = "Subscribes to the subject given, or to <subject>.*.",
    .options = options,
    .option_count = NB_ARRAY_LEN(options),
    .examples = examples,
    .example_count = NB_ARRAY_LEN(examples),
    .words_min = 1,
    .words_max = 1,
    .run = run,
};
