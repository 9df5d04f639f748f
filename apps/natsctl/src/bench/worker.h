/* bench/worker.h - a thread of a benchmark: its sessions, what main tells it to do with them, and
 * what is to be done at which moment.
 *
 * Threads: [owner], where nothing else is said.
 */
#pragma once

#include "bench/agenda.h"
#include "bench/session.h"

#include <natsd/ticker.h>

struct bench_load;
struct bench_worker;

enum bench_order { // of main's to all workers
    BENCH_ORDER_CONNECT,
    BENCH_ORDER_START,        // a round: first those that receive
    BENCH_ORDER_DRIVE,        // then the drivers
    BENCH_ORDER_STOP_DRIVERS, // as soon as they can
    BENCH_ORDER_SETTLE,       // the drivers are done
    BENCH_ORDER_STOP_PASSIVE,
    BENCH_ORDER_GIVE_UP, // finished or not, the round is over
    BENCH_ORDER_MEASURE, // its thread
    BENCH_ORDER_CLOSE,
    BENCH_ORDER_COUNT,
};

struct bench_order_task {
    struct nnet_task task;
    struct bench_worker *worker;
    enum bench_order order;
};

struct bench_worker {
    struct bench_load *load;
    struct nnet_worker *worker;
    struct nb_link sessions; // those whose turn to connect came
    struct nb_link waiting;  // the others
    size_t connecting_count;
    bool is_closing;
    struct bench_agenda agenda;
    struct nnet_ticker *ticker; // for its next item
    uint64_t tick_ns;           // the last one
    struct bench_order_task tasks[BENCH_ORDER_COUNT];
    // of this round
    uint64_t start_ns;
    uint64_t cpu_start_ns; // of its thread
    double cpu_share;      // of a core, when it was measured
    bool was_blocked;      // a socket was full
    uint64_t late_ns;      // how far it was behind its schedule, at most
};

void bench_worker_init(struct bench_worker *worker, struct bench_load *load); // [main]
void bench_worker_fini(struct bench_worker *worker);                          // [main]
NB_MUST_USE int bench_worker_start(struct bench_worker *worker, struct nnet_worker *thread);
void bench_worker_on_pass_end(struct bench_worker *worker);

// Connects one that was connected before, whatever the others do.
void bench_worker_connect(struct bench_worker *worker, struct bench_session *session);

// What a session tells.
void bench_worker_on_ready(struct bench_worker *worker, bool is_first);
void bench_worker_on_failed(struct bench_worker *worker, struct bench_session *session,
                            const char *server, const char *text);
void bench_worker_on_closed(struct bench_worker *worker, struct bench_session *session);
void bench_worker_on_finished(struct bench_worker *worker, struct bench_session *session);
// ops->due() at this moment, once; instead of what was set before.
void bench_worker_set_due(struct bench_worker *worker, struct bench_session *session,
                          uint64_t due_ns);
