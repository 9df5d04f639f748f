#include "command.h"

#include "bench/publisher.h"
#include "bench/run.h"
#include "bench/subscriber.h"

static const struct args_option options[] = {
    BENCH_ROW("pubs", ARGS_NUMBER, "N", "1", "how many publishers [1]"),
    BENCH_ROW("subs", ARGS_NUMBER, "N", "1", "how many subscribers [1]"),
    BENCH_ROW_MSGS,
    BENCH_ROW_SIZE,
    BENCH_ROW_THROUGHPUT,
    BENCH_ROW_QUEUE,
    BENCH_ROW("own-subjects", ARGS_SWITCH, NULL, NULL,
              "publisher i and its subscribers use <subject>.<i>"),
    BENCH_ROWS_NUMBERS,
    BENCH_ROWS_MESSAGE,
    BENCH_ROWS_COMMON,
    BENCH_ROWS_LATENCY,
};

static const struct command_example examples[] = {
    {"bench pubsub b --msgs 10000000 --size 16", "One publisher, one subscriber."},
    {"bench pubsub b --pubs 4 --subs 4 --own-subjects", "Four pairs that don't meet."},
    {"bench pubsub b --throughput 100000 --duration 10s --hdr latency.txt",
     "The latency at a rate, with its percentiles in a file."},
};

/* Subscriber k belongs to subject k % subjects, publisher i to i % subjects. A subject has one goal
 * for each of its subscribers, or one for all of them in a queue group.
 */
struct pubsub {
    struct bench_run run;
    unsigned subject_count; // 1, or with --own-subjects one for each publisher
    char **subjects;        // what is published to
    char **patterns;        // what is subscribed to
    struct bench_script *scripts;
    struct bench_goal *goals; // of each subscriber, or of each subject
};

static struct bench_goal *goal_of(const struct pubsub *pubsub, unsigned sub)
{
    return &pubsub->goals[pubsub->run.options.queue != NULL ? sub % pubsub->subject_count : sub];
}

enum when { // is counted
    BEFORE_WARM_UP,
    BEFORE_ROUND,
    AFTER_ROUND,
};

// What all publishers of a subject will send, or have sent. UINT64_MAX: nobody knows.
static uint64_t count_sent(const struct pubsub *pubsub, unsigned subject, enum when when)
{
    const struct bench_run *run = &pubsub->run;
    uint64_t total = bench_options_total(&run->options);
    uint64_t sum = 0;

    if (when == BEFORE_WARM_UP || (when == BEFORE_ROUND && total == UINT64_MAX)) {
        return UINT64_MAX;
    }
    for (unsigned i = subject; i < run->options.pubs; i += pubsub->subject_count) {
        sum += when == AFTER_ROUND ? run->result.clients[i].msgs
                                   : bench_share(total, run->options.pubs, i);
    }
    return sum;
}

static void reset(struct bench_run *run, bool is_warm_up)
{
    struct pubsub *pubsub = nb_container_of(run, struct pubsub, run);

    for (unsigned k = 0; k < run->options.subs; k++) {
        bench_goal_set(goal_of(pubsub, k), count_sent(pubsub, k % pubsub->subject_count,
                                                      is_warm_up ? BEFORE_WARM_UP : BEFORE_ROUND));
    }
}

static void settle(struct bench_run *run)
{
    struct pubsub *pubsub = nb_container_of(run, struct pubsub, run);

    for (unsigned k = 0; k < run->options.subs; k++) {
        bench_goal_change(goal_of(pubsub, k),
                          count_sent(pubsub, k % pubsub->subject_count, AFTER_ROUND));
    }
}

static void add_publishers(struct pubsub *pubsub)
{
    struct bench_run *run = &pubsub->run;
    const struct bench_options *own = &run->options;
    uint64_t total = bench_options_total(own);

    for (unsigned i = 0; i < own->pubs; i++) {
        const struct bench_publisher_opts opts = {
            .client = &run->result.clients[i],
            .script = &pubsub->scripts[i % pubsub->subject_count],
            .msgs = total == UINT64_MAX ? total : bench_share(total, own->pubs, i),
            .schedule = {.rate = own->rate, .turns = own->pubs, .turn = i},
        };

        bench_load_add(&run->load, bench_publisher_create(&opts));
    }
}

static void add_subscribers(struct pubsub *pubsub)
{
    struct bench_run *run = &pubsub->run;

    for (unsigned k = 0; k < run->options.subs; k++) {
        const struct bench_subscriber_opts opts = {
            .client = &run->result.clients[run->options.pubs + k],
            .goal = goal_of(pubsub, k),
            .subject = pubsub->patterns[k % pubsub->subject_count],
            .queue = run->options.queue,
        };

        opts.goal->is_shared = run->options.queue != NULL;
        bench_load_add(&run->load, bench_subscriber_create(&opts));
    }
}

static char *own_subject(const char *subject, unsigned index)
{
    struct nb_buf buf;
    char *text;

    nb_buf_init(&buf, BENCH_SUBJECT_MAX_BYTES);
    nb_buf_must_format(&buf, "%s.%u", subject, index + 1);
    text = nb_slice_cstr(nb_buf_slice(&buf));
    nb_buf_fini(&buf);
    return text;
}

static void make_subjects(struct pubsub *pubsub)
{
    const struct bench_options *own = &pubsub->run.options;
    const char *subject = pubsub->run.cli->words[0];
    bool is_own = bench_option(pubsub->run.cli, "own-subjects")->is_on;

    pubsub->subject_count = is_own ? own->pubs : 1;
    pubsub->subjects = nb_calloc(pubsub->subject_count, sizeof(char *));
    pubsub->patterns = nb_calloc(pubsub->subject_count, sizeof(char *));
    pubsub->scripts = nb_calloc(pubsub->subject_count, sizeof(struct bench_script));
    pubsub->goals = nb_calloc((size_t)own->subs + pubsub->subject_count, sizeof(struct bench_goal));
    for (unsigned i = 0; i < pubsub->subject_count; i++) {
        struct bench_script_opts opts;

        pubsub->subjects[i] = is_own ? own_subject(subject, i) : nb_strdup(subject);
        pubsub->patterns[i] = bench_options_wildcard(own, pubsub->subjects[i]);
        opts = bench_script_opts_of(own, pubsub->subjects[i]);
        opts.has_stamps = own->size >= BENCH_STAMP_MIN_BYTES;
        bench_script_init(&pubsub->scripts[i], &opts);
    }
}

static void free_subjects(struct pubsub *pubsub)
{
    for (unsigned i = 0; i < pubsub->subject_count; i++) {
        nb_free(pubsub->subjects[i]);
        nb_free(pubsub->patterns[i]);
        bench_script_fini(&pubsub->scripts[i]);
    }
    nb_free(pubsub->subjects);
    nb_free(pubsub->patterns);
    nb_free(pubsub->scripts);
    nb_free(pubsub->goals);
}

// Messages that all subscribers together will have received.
static uint64_t count_expected(const struct pubsub *pubsub)
{
    const struct bench_options *own = &pubsub->run.options;
    uint64_t total = bench_options_total(own);
    uint64_t sum = 0;

    if (total == UINT64_MAX) {
        return 0;
    }
    if (own->queue != NULL) {
        return total;
    }
    for (unsigned k = 0; k < own->subs; k++) {
        sum += count_sent(pubsub, k % pubsub->subject_count, BEFORE_ROUND);
    }
    return sum;
}

static int run_open(struct pubsub *pubsub)
{
    struct bench_run *run = &pubsub->run;

    make_subjects(pubsub);
    add_publishers(pubsub);
    add_subscribers(pubsub);
    run->reset = reset;
    run->settle = settle;
    run->goal = count_expected(pubsub);
    return bench_run_lead(run);
}

static int run(struct cli *cli)
{
    struct pubsub pubsub = {.subject_count = 0};
    int code = bench_run_init(&pubsub.run, cli, BENCH_SUBJECT_LITERAL);

    if (code == EXIT_CODE_OK) {
        const struct bench_options *own = &pubsub.run.options;
        const struct bench_run_opts opts = {
            .kind = "pubsub",
            .roles = {{BENCH_PUBLISHER, own->pubs, false},
                      {BENCH_SUBSCRIBER, own->subs, own->size >= BENCH_STAMP_MIN_BYTES}},
        };

        code = bench_run_open(&pubsub.run, &opts);
    }
    if (code == EXIT_CODE_OK) {
        code = run_open(&pubsub);
    }
    bench_run_fini(&pubsub.run);
    free_subjects(&pubsub);
    return code;
}

const struct command command_bench_pubsub = {
    .name = "pubsub",
    .purpose = "Publishes and receives in one process.",
    .arguments = "<subject>",
    .details = "The latency is that from the moment a message was due to that of its arrival,\n"
               "for payloads of 8 bytes and more. Without --throughput some messages of many\n"
               "are timed, and what is seen is how much is queued.",
    .subjects = "Publishes and subscribes to the subject given, or below it.",
    .options = options,
    .option_count = NB_ARRAY_LEN(options),
    .examples = examples,
    .example_count = NB_ARRAY_LEN(examples),
    .words_min = 1,
    .words_max = 1,
    .run = run,
};
