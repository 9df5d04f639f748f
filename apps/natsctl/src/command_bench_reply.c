#include "command.h"

#include "bench/responder.h"
#include "bench/run.h"

static const struct args_option options[] = {
    BENCH_ROW_CLIENTS,
    BENCH_ROW("msgs", ARGS_NUMBER, "N", NULL, "end after so many requests [never]"),
    BENCH_ROW("size", ARGS_TEXT, "BYTES", NULL, "of an answer [what was asked]"),
    BENCH_ROW("payload", ARGS_TEXT, "FILE", NULL, "answer this"),
    BENCH_ROW("payload-kind", ARGS_CHOICE, "random|zero", "random",
              "what --size bytes are made of [random]"),
    BENCH_ROW("queue", ARGS_TEXT, "NAME", BENCH_QUEUE_DEFAULT, "queue group to join [bench]"),
    BENCH_ROW("sleep", ARGS_DURATION, "TIME", NULL, "pause before each answer"),
    {.name = "multisubject", .kind = ARGS_SWITCH, .help = "subscribe to <subject>.*"},
    BENCH_ROWS_COMMON,
};

static const struct command_example examples[] = {
    {"bench reply echo --clients 4", "Answers with what was asked, until it is interrupted."},
    {"bench reply slow --sleep 5ms --size 1KB", "A service that takes its time."},
};

struct reply {
    struct bench_run run;
    char *pattern;
    struct bench_goal goal;
};

static void reset(struct bench_run *run, bool is_warm_up)
{
    struct reply *reply = nb_container_of(run, struct reply, run);
    bool has_goal = run->options.has_msgs && !is_warm_up;

    bench_goal_set(&reply->goal, has_goal ? run->options.msgs : UINT64_MAX);
}

static int run_open(struct reply *reply)
{
    struct bench_run *run = &reply->run;
    const struct bench_options *own = &run->options;
    bool has_own =
        bench_option(run->cli, "size")->is_set || bench_option(run->cli, "payload")->is_set;

    reply->pattern = bench_options_wildcard(own, run->cli->words[0]);
    reply->goal.is_shared = true;
    for (unsigned i = 0; i < own->clients; i++) {
        const struct bench_responder_opts opts = {
            .client = &run->result.clients[i],
            .goal = &reply->goal,
            .subject = reply->pattern,
            .queue = own->queue,
            .payload = nb_buf_slice(&own->payload),
            .is_echo = !has_own,
            .sleep_ns = own->sleep_ns,
        };

        bench_load_add(&run->load, bench_responder_create(&opts));
    }
    run->reset = reset;
    run->goal = own->has_msgs ? own->msgs : 0;
    run->may_be_interrupted = !own->has_msgs && own->duration_ns == 0;
    return bench_run_lead(run);
}

static int run(struct cli *cli)
{
    struct reply reply = {.pattern = NULL};
    int code = bench_run_init(&reply.run, cli, BENCH_SUBJECT_PATTERN);

    if (code == EXIT_CODE_OK) {
        const struct bench_run_opts opts = {
            .kind = "reply", .roles = {{BENCH_RESPONDER, reply.run.options.clients, false}}};

        code = bench_run_open(&reply.run, &opts);
    }
    if (code == EXIT_CODE_OK) {
        code = run_open(&reply);
    }
    bench_run_fini(&reply.run);
    nb_free(reply.pattern);
    return code;
}

const struct command command_bench_reply = {
    .name = "reply",
    .alias = "serve",
    .purpose = "Answers requests.",
    .arguments = "<subject>",
    .details = "Without --msgs or --duration it runs until it is interrupted, and that is its\n"
               "normal end.",
    .subjects = "Subscribes to the subject given, and publishes to what requests name.",
    .options = options,
    .option_count = NB_ARRAY_LEN(options),
    .examples = examples,
    .example_count = NB_ARRAY_LEN(examples),
    .words_min = 1,
    .words_max = 1,
    .run = run,
};

const struct command command_bench_service_serve = {
    .name = "serve",
    .alias = "reply",
    .purpose = "The same as bench reply.",
    .arguments = "<subject>",
    .options = options,
    .option_count = NB_ARRAY_LEN(options),
    .words_min = 1,
    .words_max = 1,
    .run = run,
};
