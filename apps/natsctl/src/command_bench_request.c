#include "command.h"

#include "bench/requester.h"
#include "bench/responder.h"
#include "bench/run.h"

static const struct args_option options[] = {
    BENCH_ROW_CLIENTS,
    BENCH_ROW_MSGS,
    BENCH_ROW_SIZE,
    BENCH_ROW_THROUGHPUT,
    BENCH_ROW("responders", ARGS_NUMBER, "N", "0", "how many clients here that answer [0]"),
    BENCH_ROWS_NUMBERS,
    BENCH_ROWS_MESSAGE,
    BENCH_ROWS_COMMON,
    BENCH_ROWS_LATENCY,
};

static const struct command_example examples[] = {
    {"bench request time.now --clients 10", "Ten clients, a request of each at a time."},
    {"bench request echo --responders 1 --throughput 1000 --duration 10s",
     "Asks and answers by itself, at a rate."},
};

struct request {
    struct bench_run run;
    unsigned responders;
    char *pattern;          // what responders subscribe to
    struct bench_goal goal; // theirs: never reached
};

static void add_requesters(struct bench_run *run)
{
    const struct bench_options *own = &run->options;
    const struct bench_script_opts messages = bench_script_opts_of(own, run->cli->words[0]);
    const char *inbox_prefix = run->load.settings.inbox_prefix;
    uint64_t total = bench_options_total(own);

    for (unsigned i = 0; i < own->clients; i++) {
        const struct bench_requester_opts opts = {
            .client = &run->result.clients[i],
            .messages = &messages,
            .inbox_prefix = inbox_prefix != NULL ? inbox_prefix : "_INBOX",
            .msgs = total == UINT64_MAX ? total : bench_share(total, own->clients, i),
            .schedule = {.rate = own->rate, .turns = own->clients, .turn = i},
            .timeout_ns = cli_timeout_ns(run->cli),
        };

        bench_load_add(&run->load, bench_requester_create(&opts));
    }
    run->goal = total == UINT64_MAX ? 0 : total;
}

static void add_responders(struct request *request)
{
    struct bench_run *run = &request->run;

    bench_goal_set(&request->goal, UINT64_MAX);
    for (unsigned i = 0; i < request->responders; i++) {
        const struct bench_responder_opts opts = {
            .client = &run->result.clients[run->options.clients + i],
            .goal = &request->goal,
            .subject = request->pattern,
            .queue = BENCH_QUEUE_DEFAULT,
            .is_echo = true,
        };

        bench_load_add(&run->load, bench_responder_create(&opts));
    }
}

static int run_open(struct request *request)
{
    struct bench_run *run = &request->run;

    request->pattern = bench_options_wildcard(&run->options, run->cli->words[0]);
    add_requesters(run);
    add_responders(request);
    return bench_run_lead(run);
}

static int run(struct cli *cli)
{
    struct request request = {.pattern = NULL};
    int code = bench_run_init(&request.run, cli, BENCH_SUBJECT_LITERAL);
    uint64_t responders = bench_option(cli, "responders")->number;

    if (code == EXIT_CODE_OK && responders > BENCH_CLIENTS_MAX) {
        code = cli_usage(cli, "--responders is at most %d", BENCH_CLIENTS_MAX);
    }
    if (code == EXIT_CODE_OK) {
        struct bench_run_opts opts = {
            .kind = "request",
            .roles = {{BENCH_REQUESTER, request.run.options.clients, true},
                      {BENCH_RESPONDER, (unsigned)responders, false}},
        };

        request.responders = (unsigned)responders;
        code = bench_run_open(&request.run, &opts);
    }
    if (code == EXIT_CODE_OK) {
        code = run_open(&request);
    }
    bench_run_fini(&request.run);
    nb_free(request.pattern);
    return code;
}

const struct command command_bench_request = {
    .name = "request",
    .purpose = "Asks services, and measures how long an answer takes.",
    .arguments = "<subject>",
    .details = "Each client has one request under way. With --throughput request i is due i /\n"
               "rate after the start, and its latency is counted from that moment, however late\n"
               "it was sent; the uncorrected one is counted from when it was. A request without\n"
               "an answer within --timeout is an error.",
    .subjects = "Publishes to the subject given, and subscribes to an inbox.",
    .options = options,
    .option_count = NB_ARRAY_LEN(options),
    .examples = examples,
    .example_count = NB_ARRAY_LEN(examples),
    .words_min = 1,
    .words_max = 1,
    .run = run,
};

const struct command command_bench_service_request = {
    .name = "request",
    .purpose = "The same as bench request.",
    .arguments = "<subject>",
    .options = options,
    .option_count = NB_ARRAY_LEN(options),
    .words_min = 1,
    .words_max = 1,
    .run = run,
};
