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
    void (*reset)(struct bench_run *run, bool is_warm_up); // before each round; may be NULL
    void (*settle)(struct bench_run *run);                 // its drivers are done; may be NULL
    uint64_t goal;           // messages of the role that counts; 0: unknown
    bool may_be_interrupted; // a signal is its normal end
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
    size_t session_count; // 0: one for each client
};

// Reads the options alone. An exit code; to be ended in any case.
NB_MUST_USE int bench_run_init(struct bench_run *run, const struct cli *cli,
                               enum bench_subject subject);
// How many threads there will be for so many sessions.
unsigned bench_run_threads(const struct bench_run *run, size_t session_count);
// Makes the threads and the result's clients, in the order of the roles.
NB_MUST_USE int bench_run_open(struct bench_run *run, const struct bench_run_opts *opts);
// Connects, warms up, runs, reports: an exit code.
NB_MUST_USE int bench_run_lead(struct bench_run *run);
// The parts of that, for those with rounds of their own. They are shown as the options want it,
// by what clients of this role have done.
NB_MUST_USE int bench_run_connect(struct bench_run *run);
NB_MUST_USE bool bench_run_round(struct bench_run *run, enum bench_role role, uint64_t goal);
NB_MUST_USE int bench_run_end(struct bench_run *run, bool is_whole); // an exit code
void bench_run_fini(struct bench_run *run);
