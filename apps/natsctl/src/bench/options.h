/* bench/options.h - what the commands of bench have in common on the command line.
 *
 * A command's table lists what it takes of these (the macros below); bench_options_read() looks
 * for each by its name. Threads: [main].
 */
#pragma once

#include "cli.h"

#include <natsd/buf.h>

struct bench_options {
    unsigned clients;
    unsigned pubs; // pubsub
    unsigned subs;
    uint64_t msgs;
    bool has_msgs; // they were given
    size_t size;   // of payloads
    int64_t duration_ns;
    int64_t warm_up_ns;
    int64_t interval_ns;
    unsigned threads; // 0: as many as make sense
    bool wants_bar;
    const char *csv;
    const char *hdr;
    bool has_cells; // --hdr-json
    uint64_t rate;  // messages per second of all clients; 0: as fast as possible
    int64_t sleep_ns;
    const char *queue;
    bool has_numbers; // --multisubject
    uint64_t number_max;
    bool is_random;
    struct nb_buf payload; // for publishers and requesters
    struct nb_buf headers; // the whole block, or empty
};

enum {
    BENCH_CLIENTS_MAX = 1000000,
    BENCH_SIZE_MAX_BYTES = 64 * 1024 * 1024, // of a payload: what servers can be made to take
};

#define BENCH_QUEUE_DEFAULT "bench" // of responders: each request has one answer

enum bench_subject { // what its first word may be
    BENCH_SUBJECT_LITERAL,
    BENCH_SUBJECT_PATTERN, // wildcards, too
    BENCH_SUBJECT_NONE,
};

// An exit code; what is wrong was said. To be ended in any case.
NB_MUST_USE int bench_options_read(const struct cli *cli, enum bench_subject subject,
                                   struct bench_options *out);
void bench_options_fini(struct bench_options *options);

// The value of the command's option with this name; NULL: it has none.
const struct args_value *bench_option(const struct cli *cli, const char *name);
// "128", "64KB", "1MiB": units of 1024 in any case. NB_EMALFORMED, NB_ERANGE.
NB_MUST_USE int bench_size_parse(struct slice text, size_t max, size_t *out);
// Messages of all publishers or requesters; UINT64_MAX: the time ends the run.
uint64_t bench_options_total(const struct bench_options *options);
// What is subscribed to, owned: the subject, or "<subject>.*" for --multisubject.
char *bench_options_wildcard(const struct bench_options *options, const char *subject);
uint64_t bench_share(uint64_t total, unsigned parts, unsigned index); // the first have the rest

#define BENCH_ROW(its_name, its_kind, its_value, its_fallback, its_help)                          \
    {                                                                                             \
        .name = (its_name), .kind = (its_kind), .value = (its_value), .fallback = (its_fallback), \
        .help = (its_help)                                                                        \
    }

#define BENCH_ROW_CLIENTS \
    BENCH_ROW("clients", ARGS_NUMBER, "N", "1", "how many clients, each a connection [1]")
#define BENCH_ROW_MSGS \
    BENCH_ROW("msgs", ARGS_NUMBER, "N", "100000", "how many messages of all clients [100000]")
#define BENCH_ROW_SIZE \
    BENCH_ROW("size", ARGS_TEXT, "BYTES", "128", "of a payload; 64KB and the like [128]")
#define BENCH_ROW_QUEUE BENCH_ROW("queue", ARGS_TEXT, "NAME", NULL, "queue group to join")
#define BENCH_ROW_SLEEP BENCH_ROW("sleep", ARGS_DURATION, "TIME", NULL, "pause after each message")

#define BENCH_ROW_THREADS \
    BENCH_ROW("threads", ARGS_NUMBER, "N", NULL, "threads, at most [one for each core]")
#define BENCH_ROW_PROGRESS                                                               \
    {                                                                                    \
        .name = "progress", .kind = ARGS_SWITCH, .can_negate = true, .fallback = "true", \
        .help = "a bar on a terminal [yes]"                                              \
    }
#define BENCH_ROW_INTERVAL \
    BENCH_ROW("interval", ARGS_DURATION, "TIME", "0", "a line of progress so often [0, never]")
#define BENCH_ROW_CSV \
    BENCH_ROW("csv", ARGS_TEXT, "FILE", NULL, "write the results of each client as CSV, too")

#define BENCH_ROWS_COMMON                                     \
    BENCH_ROW("duration", ARGS_DURATION, "TIME", NULL,        \
              "run so long instead of counting messages"),    \
        BENCH_ROW("warmup", ARGS_DURATION, "TIME", "0",       \
                  "run so long first without measuring [0]"), \
        BENCH_ROW_THREADS, BENCH_ROW_PROGRESS, BENCH_ROW_INTERVAL, BENCH_ROW_CSV

#define BENCH_ROWS_LATENCY                                                                  \
    BENCH_ROW("hdr", ARGS_TEXT, "FILE", NULL, "write the percentiles of the latency, too"), \
        BENCH_ROW("hdr-json", ARGS_SWITCH, NULL, NULL, "put the histograms' cells into the JSON")

#define BENCH_ROW_THROUGHPUT                                                            \
    {                                                                                   \
        .name = "throughput", .alias = "rate", .kind = ARGS_NUMBER, .value = "N",       \
        .help = "messages per second of all clients, on schedule [as fast as possible]" \
    }

#define BENCH_ROWS_MESSAGE                                                        \
    BENCH_ROW("payload", ARGS_TEXT, "FILE", NULL, "send this as the payload"),    \
        BENCH_ROW("payload-kind", ARGS_CHOICE, "random|zero", "random",           \
                  "what payloads are made of [random]"),                          \
    {                                                                             \
        .name = "header", .letter = 'H', .kind = ARGS_LIST, .value = "KEY:VALUE", \
        .help = "a header of each message; may be repeated"                       \
    }

#define BENCH_ROWS_NUMBERS                                                                 \
    BENCH_ROW("multisubject", ARGS_SWITCH, NULL, NULL, "publish to <subject>.0, .1, ..."), \
        BENCH_ROW("multisubjectmax", ARGS_NUMBER, "N", "100000",                           \
                  "how many of these; 0: one for each message [100000]"),                  \
        BENCH_ROW("multisubjectrandomize", ARGS_SWITCH, NULL, NULL, "in no order")
