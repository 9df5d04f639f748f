/* bench/result.h - what a run of `natsctl bench` found: the contract of those who load a server
 * and those who print (spec 12 section 19.4).
 *
 * Threads: one at a time. The result owns what it points to.
 */
#pragma once

#include "bench/histogram.h"

#include <natsd/client.h>
#include <natsd/nuid.h>

#include <stdio.h>

enum bench_role {
    BENCH_PUBLISHER,
    BENCH_SUBSCRIBER,
    BENCH_REQUESTER,
    BENCH_RESPONDER,
    BENCH_CONNECTOR, // `bench connect`: opens connections and keeps them
    BENCH_INSERTER,  // `bench interest`: puts subscriptions in place, one after another
    BENCH_MATCHER,   // `bench interest`: publishes to some of them
    BENCH_REMOVER,   // `bench interest`: ends them
};

enum {
    BENCH_ROLE_COUNT = BENCH_REMOVER + 1,
};

struct bench_client {
    enum bench_role role;
    unsigned index;     // from 1 among its role
    uint64_t msgs;      // sent, received, answered; for a connector its connections, for an
                        // inserter and a remover their subscriptions
    uint64_t bytes;     // of payload and headers
    int64_t started_ns; // monotonic: when the barrier opened, for a subscriber its first message;
                        // 0: never, then the client's time doesn't count
    int64_t ended_ns;
    bool has_latency;
    struct bench_histogram latency;     // from the scheduled time, when there is a rate
    struct bench_histogram uncorrected; // from when it was really sent; empty without a rate
    uint64_t errors;
    uint64_t reconnects;
};

// One setting as the result repeats it, in the order given.
struct bench_argument {
    const char *name; // a constant
    char *text;       // owned
    bool is_number;   // printed bare in JSON
};

enum {
    BENCH_WARNINGS_MAX = 16,
    BENCH_ARGUMENTS_MAX = 32,
};

struct bench_result {
    char run_id[NB_NUID_BYTES + 1]; // of bench_result_init()
    const char *kind;               // "pub", "sub", "pubsub", "request", "serve", ...: a constant
    size_t message_bytes;
    struct bench_argument arguments[BENCH_ARGUMENTS_MAX];
    size_t argument_count;
    struct nclient_server_info server;
    int64_t started_wall_ns;
    unsigned threads;
    bool is_partial;                    // ended before all was done
    char *warnings[BENCH_WARNINGS_MAX]; // owned
    size_t warning_count;
    struct bench_client *clients; // owned; by role, then index
    size_t client_count;
};

// Nothing but the kind and a new run id.
void bench_result_init(struct bench_result *result, const char *kind);
void bench_result_fini(struct bench_result *result);
// Those beyond the room are dropped. The text of a number is one in JSON, too.
void bench_result_add_argument(struct bench_result *result, const char *name, bool is_number,
                               const char *format, ...) NB_PRINTF(4, 5);
// Each text once; those beyond the room are dropped.
void bench_result_warn(struct bench_result *result, const char *format, ...) NB_PRINTF(2, 3);
// All clients of the role as one: sums, the earliest start, the latest end, histograms merged.
// False when there is none. The caller ends it with bench_client_fini().
NB_MUST_USE bool bench_result_total(const struct bench_result *result, enum bench_role role,
                                    struct bench_client *out);
// The role whose total is the run's: of several the one at the receiving end of what is measured
// (subscribers, requesters), of the phases of `bench interest` the one that publishes.
enum bench_role bench_result_main_role(const struct bench_result *result);
size_t bench_result_role_size(const struct bench_result *result, enum bench_role role); // clients

void bench_client_init(struct bench_client *client, enum bench_role role, unsigned index,
                       bool has_latency);
void bench_client_fini(struct bench_client *client);

double bench_client_seconds(const struct bench_client *client); // not negative
// Of `n` in the client's time; 0 when it took none.
double bench_client_per_second(const struct bench_client *client, uint64_t n);
const char *bench_role_name(enum bench_role role); // "publisher"
char bench_role_letter(enum bench_role role);      // before the index in CSV
