/* state.h - a running server: what its parts share.
 *
 * The control worker owns what is not marked otherwise: accepting, lame duck, reload and the
 * gathering for monitoring. Workers own their struct nserver__worker and its clients. What
 * everybody reads and a reload replaces is one immutable struct nserver__config.
 */
#pragma once

#include <natsd/http.h>
#include <natsd/listener.h>
#include <natsd/lock.h>
#include <natsd/log.h>
#include <natsd/map.h>
#include <natsd/memory.h>
#include <natsd/message_line.h>
#include <natsd/nkey.h>
#include <natsd/server.h>
#include <natsd/slab.h>
#include <natsd/timer.h>
#include <natsd/worker.h>

#include <assert.h>
#include <stdatomic.h>

#include "accounts/loading.h"
#include "accounts/registry.h"
#include "clients/closed_ring.h"
#include "clients/runs.h"
#include "monitor/process_load.h"

enum {
    NSERVER__ANONYMOUS_BYTES = 13,   // "nats-" and eight letters
    NSERVER__ROOM_BYTES = 64 * 1024, // what a mapping, a transform or a header makes of a subject
    NSERVER__ROOMS_MAX = 96,         // in use at a time: a few for each hop of a message
    NSERVER__SERVER_ID_BYTES = 56,
    NSERVER__CID_FIRST = 4, // as many internal clients as the reference has come before
};

// Counts that monitoring adds up over the workers. Written by one thread, read by others.
struct nserver__counters {
    _Atomic uint64_t in_msgs, in_bytes, out_msgs, out_bytes;
    _Atomic uint64_t slow_consumers, stale_connections, stalls;
};

// Relaxed on both sides: one writer, and readers that only show the value.
static inline void nserver__count(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
                          memory_order_relaxed);
}

static inline uint64_t nserver__counted(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

// What a reload replaces. Immutable once published; freed when no worker can see it any more.
struct nserver__config {
    struct nb_epoch_item retired;
    struct nserver_options opts;
    struct nnet_tls_context *tls; // of the client port; NULL without
    uint64_t certificates_hash;   // of the files of the tls block, as they were read
    bool auth_required;
    bool has_open_global;   // whoever shows nothing enters $G, though users are configured
    bool wants_nonce;       // somebody may have to sign one
    struct nb_map users;    // name to struct nserver_user
    struct nb_map nkeys;    // public key to struct nserver_user
    const char *decoy_hash; // a password of somebody's as bcrypt has it; NULL: there is none
    struct nserver__operators *operators; // NULL: not in operator mode
    struct slice info_host;               // owned
    int info_port;        // 0 until the listener's own is known, when that is the one to show
    int64_t loaded_at_ns; // wall clock
    uint64_t number;      // 0 at the start, one more with each reload
};

// A worker's part of the server.
struct nserver__worker {
    struct nserver *server;
    struct nnet_worker *net;
    unsigned index;
    struct nb_link clients; // those it owns
    struct nb_u64map clients_by_cid;
    struct nb_slab_pool sub_pool; // their subscriptions
    struct nserver__counters counters;
    struct nserver__account_view *used_views; // whose caches have to be trimmed after the pass
    struct nsub_sub *ended_subs;              // out of the index in this pass, not retired yet
    struct nb_mono full_logged_at;   // that there are too many connections: spares the log a flood
    struct nserver__runs runs;       // of deliveries to others' subscriptions
    struct nproto_delivery delivery; // kept for its texts of sizes
    uint8_t *rooms[NSERVER__ROOMS_MAX]; // for subjects made of others, each allocated at first use
    unsigned rooms_used;
    _Atomic uint32_t client_count; // written by the control worker and the owner
    bool is_stopping;
} __attribute__((aligned(64))); // no line of memory is shared by two workers

struct nserver {
    struct nserver_options given; // what create was told, until the start
    const struct nb_logger *log;
    void (*on_listening)(void *ctx); // or NULL
    void *on_listening_ctx;
    void (*on_reload_asked)(void *ctx); // or NULL
    void *on_reload_asked_ctx;
    void (*on_revoked)(void *ctx); // or NULL
    void *on_revoked_ctx;
    char id[NSERVER__SERVER_ID_BYTES + 1];
    char xkey[NSERVER__SERVER_ID_BYTES + 1];
    struct nauth_nkey key;                        // of the id: signs what others are asked
    struct nauth_nkey curve;                      // of xkey
    char anonymous[NSERVER__ANONYMOUS_BYTES + 1]; // what those are called who show nothing
    struct slice name; // borrowed from the config that it was started with, or id
    struct nb_wall started_at;

    struct nnet_group *group;
    struct nserver__worker *workers; // worker_count of them
    unsigned worker_count;
    unsigned last_chosen; // the worker that got the last connection
    _Atomic(struct nserver__config *) config;
    struct nserver__registry accounts;
    struct nserver__account *system_account; // constant from the start on; NULL: none
    struct nserver__closed_ring closed;
    struct nserver__services *services; // NULL: no system account

    // control worker
    struct nnet_listener *listener;
    struct nnet_http_server *http;
    uint16_t client_port; // constant after the start
    uint16_t http_port;
    struct nserver__tls_throttle {
        struct nb_mono window_began;
        int64_t count;
        uint64_t rejected; // since the last line in the log
        struct nb_mono logged_at;
    } tls_throttle;
    struct nserver__lame_duck *lame_duck; // NULL until it begins
    struct nb_map http_req_stats;         // path to a count
    char *http_base_path;                 // cleaned: "" or "/x/y"
    struct nserver__process_load load;
    struct nserver__loader loader;
    struct nserver__resolver *resolver; // NULL: none
    struct nserver__ocsp *ocsp;
    uint64_t plan_number;           // of the last configuration of accounts
    struct nb_link response_tables; // those with a response that may be late
    struct nnet_timer response_timer;

    // [any]
    _Atomic uint64_t cid_last;
    _Atomic uint64_t login_last;
    _Atomic uint64_t pinned_account_fails;
    _Atomic uint64_t event_sequence;
    _Atomic int64_t connection_count;
    _Atomic uint64_t connections_total;
    _Atomic bool is_lame_duck;
    _Atomic bool is_stopping;
    bool is_announced; // [main] the first lines are in the log
    bool is_running;   // [main]

    // the end: [main] waits until the last client of every worker has gone
    struct nb_mutex stop_lock;
    pthread_cond_t stop_changed;
    unsigned workers_busy NB_GUARDED_BY(stop_lock);
    bool http_busy NB_GUARDED_BY(stop_lock);
    bool is_telling NB_GUARDED_BY(stop_lock); // the workers, to close their clients
    bool ocsp_busy NB_GUARDED_BY(stop_lock);
};

// [any worker] Valid until the end of the worker's pass.
static inline const struct nserver__config *nserver__config(const struct nserver *server)
{
    return atomic_load_explicit(&server->config, memory_order_acquire);
}

// server.c
// [owner] One of its clients is gone from all its lists.
void nserver__worker_client_gone(struct nserver__worker *worker);

static inline struct nserver__worker *nserver__worker_of(const struct nnet_worker *worker)
{
    return nnet_worker_user(worker);
}

// Memory for one subject, given back in the reverse order.
static inline uint8_t *nserver__worker_room(struct nserver__worker *worker)
{
    uint8_t **room = &worker->rooms[worker->rooms_used++];

    assert(worker->rooms_used <= NSERVER__ROOMS_MAX); // the number of hops is limited
    if (*room == NULL) {
        *room = nb_alloc(NSERVER__ROOM_BYTES);
    }
    return *room;
}

static inline void nserver__worker_room_back(struct nserver__worker *worker, const uint8_t *room)
{
    worker->rooms_used--;
    assert(worker->rooms[worker->rooms_used] == room);
    (void)room;
}

// hot: this worker's cache of the account is in use until the end of the pass.
static inline void nserver__worker_use_view(struct nserver__worker *worker,
                                            struct nserver__account_view *view)
{
    if (NB_UNLIKELY(!view->is_used)) {
        view->is_used = true;
        view->used_next = worker->used_views;
        worker->used_views = view;
    }
}

// config.c
NB_MUST_USE int nserver__config_create(const struct nserver_options *opts,
                                       struct nserver__config **out, struct nb_diag *diag);
void nserver__config_destroy(struct nserver__config **config);
// May a client begin without a CONNECT? Where somebody stands for those who say nothing: a user
// with a name, who may come this way.
bool nserver__config_lets_in_unasked(const struct nserver__config *config);
// What INFO shows; once, before others see the config. The reason is in diag.
NB_MUST_USE int nserver__config_set_info_address(struct nserver__config *config,
                                                 struct nb_diag *diag);
// The port of the listener, where the options name no other for INFO.
void nserver__config_set_own_port(struct nserver__config *config, uint16_t own_port);

// apply_accounts.c
// Is there a system account that nobody asked for?
bool nserver__makes_system_account(const struct nserver_options *opts);
// Its name, asked for or not; NULL: there is none.
const char *nserver__system_account(const struct nserver_options *opts);
// What the options say of accounts, prepared so that putting it in force cannot fail.
struct nserver__account_plan {
    struct nserver__account_change {
        struct slice name;            // borrowed from the options
        struct nserver__terms *terms; // owned until they are in force
    } * changes;
    size_t count;
    struct slice system; // its name, borrowed; empty: none
};
NB_MUST_USE int nserver__account_plan_create(const struct nserver_options *opts,
                                             struct nserver__account_plan *plan,
                                             struct nb_diag *diag);
void nserver__account_plan_fini(struct nserver__account_plan *plan);
// Makes missing accounts, and ends those that are not named any more.
void nserver__account_plan_apply(struct nserver *server, struct nserver__account_plan *plan);
