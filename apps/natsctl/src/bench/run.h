/* bench/run.h - one run of a benchmark as its command leads it: options, clients, rounds, report.
 *
 * Threads: [main].
 */
#pragma once

#include "bench/load.h"
#include "bench/options.h"

struct bench_run {
    const struct cli *cli;
    struct bench_options options;
    struct bench_result result;
    struct bench_load load;
    bool is_open;
    // The command's.
    void (*reset)(struct bench_run *run);  // before each round; may be NULL
    void (*settle)(struct bench_run *run); // its drivers are done; may be NULL
    uint64_t goal;                         // messages of the role that counts; 0: unknown
    bool may_be_interrupted;               // a signal is its normal end
};

struct bench_run_role {
    enum bench_role role;
    unsigned count;
    bool has_latency;
};

enum {
    BENCH_RUN_ROLES_MAX = 4,
};

struct bench_run_opts {
    const char *kind;
    struct bench_run_role roles[BENCH_RUN_ROLES_MAX];
    size_t extra_sessions; // that have no client of their own in the result
};

// Reads the options alone. An exit code; to be ended in any case.
NB_MUST_USE int bench_run_init(struct bench_run *run, const struct cli *cli);
// Makes the threads and the result's clients, in the order of the roles.
NB_MUST_USE int bench_run_open(struct bench_run *run, const struct bench_run_opts *opts);
// Connects, warms up, runs, reports: an exit code.
NB_MUST_USE int bench_run_lead(struct bench_run *run);
// The parts of that, for those with rounds of their own.
NB_MUST_USE int bench_run_report(struct bench_run *run);
void bench_run_fini(struct bench_run *run);
