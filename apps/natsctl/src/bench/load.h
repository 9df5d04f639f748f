/* bench/load.h - the load side of a benchmark: sessions on threads, led through rounds.
 *
 * main makes the sessions and adds them; they are spread over the workers and connect. In each
 * round they start at one moment and end one by one: the sessions that drive (publishers,
 * requesters) first, then those that only receive, once what was sent has reached them. A
 * warm-up is a round whose results are dropped.
 *
 * Threads: [main], where nothing else is said.
 */
#pragma once

#include "bench/progress.h"
#include "bench/worker.h"
#include "cli.h"
#include "settings.h"
#include "signals.h"

#include <natsd/login.h>

struct bench_load {
    const struct cli *cli;
    struct bench_result *result;
    struct settings settings;
    struct nclient_login *login;
    struct signals signals;
    struct nnet_group *group;
    struct bench_worker *workers;
    unsigned worker_count;
    struct bench_session **sessions; // owned
    size_t session_count;
    size_t session_room;
    struct bench_progress progress;
    enum bench_role shown_role;
    // constant while a round runs
    uint64_t round_start_ns;
    bool is_warm_up;
    bool has_drivers;
    bool has_rate; // messages have a schedule

    size_t connecting_max; // at a time on each worker; constant once it connects
    bool counts_failures;  // to connect, instead of ending at the first; the same

    pthread_mutex_t mutex;
    pthread_cond_t changed;
    // guarded by it
    struct nnet_tls_context *tls;
    bool has_server;
    size_t ready_count;
    size_t failed_count;  // sessions that no server took
    size_t driver_count;  // not finished yet
    size_t passive_count; // not finished yet
    size_t open_count;    // connections and attempts
    size_t order_count;   // not carried out yet
    bool is_complete;     // a goal that sessions share was reached
    int signal;           // that is to end it; 0: none
    bool has_failed;      // it makes no sense to go on
    bool has_told_loss;   // of a connection
    struct nb_diag failure;
};

enum {
    BENCH_CONNECTING_MAX = 64, // connecting_max, until it is set
};

unsigned bench_load_thread_count(unsigned threads_max, size_t session_count);

struct bench_load_opts {
    const char *kind;     // of the result
    unsigned threads_max; // 0: one for each core
    size_t session_count; // that will be added
};

// An exit code; what went wrong was said. `result` is filled in here and the caller's to end. To
// be closed in any case.
NB_MUST_USE int bench_load_open(struct bench_load *load, const struct cli *cli,
                                const struct bench_load_opts *opts, struct bench_result *result);
void bench_load_close(struct bench_load *load);

// The session becomes the load's, and goes to the workers in turn.
void bench_load_add(struct bench_load *load, struct bench_session *session);
struct bench_round {
    bool is_warm_up;     // drivers go on until the round's end
    int64_t duration_ns; // 0: until all are finished
    bool is_shown;       // its progress
    bool wants_bar;
    int64_t interval_ns;                     // of progress lines; 0: none
    uint64_t goal;                           // messages of all that count; 0: unknown
    enum bench_role role;                    // those that do
    void (*settle)(struct bench_load *load); // all drivers are done; may be NULL
};

// Connects all: an exit code; a signal's is not said. Of the round only what is shown counts.
NB_MUST_USE int bench_load_connect(struct bench_load *load, const struct bench_round *round);
// Runs a round. False when a signal or a failure ended it.
bool bench_load_run(struct bench_load *load, const struct bench_round *round);

int bench_load_signal(struct bench_load *load); // that ended it; 0: none
bool bench_load_has_failed(struct bench_load *load);
void bench_load_failure(struct bench_load *load, struct nb_diag *out); // why it failed, or servers

// [any]
void bench_load_complete(struct bench_load *load); // passive sessions have what they share
void bench_load_fail(struct bench_load *load, const char *text);
void bench_load_warn(struct bench_load *load, const char *format, ...) NB_PRINTF(2, 3);
struct nnet_tls_context *bench_load_tls(struct bench_load *load, struct nb_diag *diag); // borrowed
void bench_load_note_server(struct bench_load *load, size_t server, const struct nproto_info *info,
                            bool has_tls);
void bench_load_note_ready(struct bench_load *load);
void bench_load_note_failure(struct bench_load *load, const char *server, const char *text,
                             bool is_last);
void bench_load_note_loss(struct bench_load *load, const struct bench_client *client,
                          const char *text);
void bench_load_note_finished(struct bench_load *load, bool is_driver);
void bench_load_note_order(struct bench_load *load);
void bench_load_count_open(struct bench_load *load, int change);
