#include "command.h"

#include "bench/interest.h"
#include "bench/publisher.h"
#include "bench/run.h"

enum {
    SUBS_MAX = 100 * 1000 * 1000,
};

static const struct args_option options[] = {
    BENCH_ROW_CLIENTS,
    BENCH_ROW("subs", ARGS_NUMBER, "N", "100000", "how many subscriptions of all clients [100000]"),
    BENCH_ROW("match", ARGS_NUMBER, "N", "0", "messages to random ones of them [0]"),
    BENCH_ROW_SIZE,
    BENCH_ROW_THREADS,
    BENCH_ROW_PROGRESS,
    BENCH_ROW_INTERVAL,
    BENCH_ROW_CSV,
};

static const struct command_example examples[] = {
    {"bench interest b --subs 1000000", "To b.0 to b.999999, on one connection."},
    {"bench interest b --subs 1000000 --clients 10 --match 1000000",
     "On ten, and a million messages for them."},
};

/* Clients of the result: inserters, the matcher if there is one, removers. The sessions are those
 * of the inserters, which are the removers later, and the matcher's.
 */
struct interest {
    struct bench_run run;
    unsigned clients;
    uint64_t subs;
    uint64_t matches;
    struct bench_goal goal; // of what matches
    struct bench_script script;
    struct bench_client spare; // the matcher's in other phases
};

static struct bench_client *client_of(struct interest *interest, enum bench_role role,
                                      unsigned index)
{
    struct bench_result *result = &interest->run.result;

    for (size_t i = 0; i < result->client_count; i++) {
        if (result->clients[i].role == role) {
            return &result->clients[i + index];
        }
    }
    return NULL;
}

// The matcher has nothing to do but in its own phase.
static bool run_phase(struct interest *interest, enum bench_interest_phase phase,
                      enum bench_role role, uint64_t goal)
{
    struct bench_load *load = &interest->run.load;
    bool is_match = phase == BENCH_INTEREST_MATCH;

    for (unsigned i = 0; i < interest->clients; i++) {
        bench_interest_set_phase(load->sessions[i], phase,
                                 client_of(interest, is_match ? BENCH_INSERTER : role, i));
    }
    if (interest->matches > 0) {
        bench_publisher_set_task(load->sessions[interest->clients],
                                 is_match ? interest->matches : 0,
                                 is_match ? client_of(interest, role, 0) : &interest->spare);
    }
    return bench_run_round(&interest->run, role, goal);
}

static bool match(struct interest *interest)
{
    uint64_t got;
    bool goes_on;

    if (interest->matches == 0) {
        return true;
    }
    bench_goal_set(&interest->goal, UINT64_MAX);
    goes_on = run_phase(interest, BENCH_INTEREST_MATCH, BENCH_MATCHER, interest->matches);
    got = atomic_load_explicit(&interest->goal.msgs, memory_order_relaxed);
    if (goes_on && got != interest->matches) {
        bench_result_warn(&interest->run.result, "%llu of %llu messages found a subscription",
                          (unsigned long long)got, (unsigned long long)interest->matches);
    }
    return goes_on;
}

static int lead(struct interest *interest)
{
    struct bench_run *run = &interest->run;
    int code = bench_run_connect(run);
    bool goes_on = code == EXIT_CODE_OK;

    if (!goes_on) {
        return code;
    }
    goes_on = run_phase(interest, BENCH_INTEREST_INSERT, BENCH_INSERTER, interest->subs) &&
              match(interest) &&
              run_phase(interest, BENCH_INTEREST_REMOVE, BENCH_REMOVER, interest->subs);
    return bench_run_end(run, goes_on);
}

static void add_matcher(struct interest *interest)
{
    struct bench_run *run = &interest->run;
    struct bench_script_opts messages = bench_script_opts_of(&run->options, run->cli->words[0]);
    const struct bench_publisher_opts opts = {.client = &interest->spare,
                                              .script = &interest->script};

    messages.has_numbers = true;
    messages.number_max = interest->subs;
    messages.is_random = true;
    bench_script_init(&interest->script, &messages);
    bench_load_add(&run->load, bench_publisher_create(&opts));
}

static int run_open(struct interest *interest)
{
    struct bench_run *run = &interest->run;

    for (unsigned i = 0; i < interest->clients; i++) {
        const struct bench_interest_opts opts = {.client = client_of(interest, BENCH_INSERTER, i),
                                                 .subject = run->cli->words[0],
                                                 .subs = interest->subs,
                                                 .turns = interest->clients,
                                                 .turn = i,
                                                 .goal = &interest->goal};

        bench_load_add(&run->load, bench_interest_create(&opts));
    }
    if (interest->matches > 0) {
        add_matcher(interest);
    }
    return lead(interest);
}

static int run_opts(struct interest *interest)
{
    struct bench_run *run = &interest->run;
    const struct bench_run_opts opts = {
        .kind = "interest",
        .roles = {{BENCH_INSERTER, interest->clients, false},
                  {BENCH_MATCHER, interest->matches > 0 ? 1 : 0, false},
                  {BENCH_REMOVER, interest->clients, false}},
        .session_count = interest->clients + (interest->matches > 0 ? 1 : 0),
    };
    int code = bench_run_open(run, &opts);

    return code == EXIT_CODE_OK ? run_open(interest) : code;
}

static int run(struct cli *cli)
{
    struct interest interest = {.subs = bench_option(cli, "subs")->number,
                                .matches = bench_option(cli, "match")->number};
    int code = bench_run_init(&interest.run, cli, BENCH_SUBJECT_LITERAL);

    interest.clients = interest.run.options.clients;
    if (code == EXIT_CODE_OK && (interest.subs == 0 || interest.subs > SUBS_MAX)) {
        code = cli_usage(cli, "--subs is from 1 to %d", SUBS_MAX);
    }
    if (code == EXIT_CODE_OK) {
        code = run_opts(&interest);
    }
    bench_run_fini(&interest.run);
    bench_script_fini(&interest.script); // what was queued referred to it
    return code;
}

const struct command command_bench_interest = {
    .name = "interest",
    .purpose = "Measures how subscriptions are put in place, matched and ended.",
    .arguments = "<subject>",
    .details = "Subscribes to <subject>.0, <subject>.1 and so on, publishes to random ones of\n"
               "them, and ends them. The time of each step is that until the server has handled\n"
               "it; in the result each is a role of its own: inserter, matcher and remover.",
    .subjects = "Subscribes to <subject>.<n> and publishes there.",
    .options = options,
    .option_count = NB_ARRAY_LEN(options),
    .examples = examples,
    .example_count = NB_ARRAY_LEN(examples),
    .words_min = 1,
    .words_max = 1,
    .run = run,
};
