/* state.h - a client, and what its parts ask of each other.
 *
 * Everything but the outbox and what is marked belongs to the worker. The user's callbacks are
 * called by the worker with no lock held; what they ask of the client goes through the outbox,
 * so none of them changes the state under the feet of who called it.
 *
 * Threads: [owner], where nothing else is said.
 */
#pragma once

#include "config.h"
#include "outbox.h"
#include "pool.h"

#include <natsd/client.h>
#include <natsd/clock.h>
#include <natsd/info.h>
#include <natsd/listener.h>
#include <natsd/map.h>
#include <natsd/nuid.h>
#include <natsd/parser.h>

#include <assert.h>
#include <semaphore.h>

/* NEW -> DIALING --socket--> GREETING --INFO, TLS, then CONNECT and PING--> JOINING --PONG--> ONLINE
 *           ^ ^                  | failure                                   | failure         |
 *           | \--- next server --+-------------------------------------------/                 |
 *           |                    | a round is over                                             |
 *           \------ time ------ WAITING <------------------ loss ------------------------------/
 *
 * From any of them: CLOSING, until socket, dial and job are gone; then CLOSED, until the user
 * gives the handle back.
 */
enum nclient__phase {
    NCLIENT__NEW,
    NCLIENT__DIALING,  // or waiting for the TLS files
    NCLIENT__GREETING, // INFO is expected, or a handshake is under way
    NCLIENT__JOINING,  // CONNECT and PING were sent
    NCLIENT__ONLINE,
    NCLIENT__WAITING,
    NCLIENT__CLOSING,
    NCLIENT__CLOSED,
};

// One connection to a server. Freed when its socket is closed.
struct nclient__link {
    struct nnet_conn conn;
    struct nclient *client;
    struct nproto_parser parser;
    struct slice nonce; // owned: what is to be signed
    bool has_info;
    bool has_begun_tls;
};

struct nclient__waiter { // on the stack of a thread that waits
    sem_t sem;
    int rc;
    struct nb_diag diag;
};

struct nclient {
    struct nclient__config config; // read-only
    struct nnet_worker *worker;    // read-only
    struct nnet_group *group;      // read-only: its own, or NULL

    // [any]
    struct nclient__outbox outbox;
    struct nnet_task outbox_task;
    // [any] under the outbox's lock
    struct nb_nuid nuid;
    char inbox[NCLIENT_INBOX_MAX_BYTES + 1]; // its requests' replies: this, a dot, a token
    uint32_t request_count;
    bool has_server_info;
    struct nclient_server_info server_info;
    struct slice server_json; // owned
    uint64_t out_msgs;
    uint64_t out_bytes;
    // [any] relaxed: written by the worker alone
    _Atomic uint64_t in_msgs;
    _Atomic uint64_t in_bytes;
    _Atomic uint64_t reconnects;

    // connecting
    enum nclient__phase phase;
    struct nclient__pool pool;
    struct nclient__op begin_op;
    struct nnet_timer phase_timer; // the end of an attempt, or of waiting
    struct nb_mono attempt_start;
    struct nnet_dial *dial;
    struct nclient__link *link; // the one that counts
    unsigned link_count;        // with those that are closing
    struct nnet_tls_context *tls;
    struct nnet_job tls_job;
    struct nnet_tls_context *tls_job_context; // its result
    int tls_job_rc;
    struct nb_diag tls_job_diag;
    bool is_tls_job_running;
    bool was_online;
    struct nb_mono online_since;
    size_t round_left; // servers to be tried before it waits, or gives up
    unsigned wait_count;
    struct nb_diag why; // of the last failure, or of all in the first round
    int why_rc;

    // online
    struct nclient__op *held_first; // struct nclient__bytes: published while away
    struct nclient__op **held_last;
    struct nb_link subs;
    struct nb_u64map subs_by_sid;
    uint64_t last_sid;
    struct nclient_sub *inbox_sub;
    struct nb_map requests; // by token
    struct nb_link pongs;   // struct nclient__flush: one for each PONG to come
    struct nb_link parked;  // those that wait for a connection
    struct nnet_timer ping_timer;
    unsigned pings_out;

    // closing
    struct nclient__op close_op;
    struct nnet_task end_task;
    bool is_end_posted;
    bool is_handle_closed;
    struct nclient__waiter *connect_waiter;
    struct nclient__waiter *close_waiter; // read-only once close_op is in the outbox
};

// lifecycle.c
void nclient__ask(struct nclient *client, struct nclient__op *op); // [any]
void nclient__wake(struct nclient *client);                        // [any] after should_wake()
void nclient__attend(struct nclient *client);     // callbacks follow that will ask for something
bool nclient__run_outbox(struct nclient *client); // true when there was something
void nclient__emit(struct nclient *client, enum nclient_event event, const char *text);
// Ends for good; the reason is in client->why. Once the last thing is gone, NCLIENT_CLOSED.
void nclient__begin_close(struct nclient *client);
void nclient__check_gone(struct nclient *client);
void nclient__set_why(struct nclient *client, int rc, const char *text);
static inline bool nclient__is_ending(const struct nclient *client)
{
    return client->phase == NCLIENT__CLOSING || client->phase == NCLIENT__CLOSED;
}

// session.c
void nclient__session_begin(struct nclient *client);
void nclient__session_stop(struct nclient *client); // no dial, no timer
// What the current link brought.
void nclient__session_on_info(struct nclient *client, struct slice json, struct slice behind);
void nclient__session_on_pong(struct nclient *client);
void nclient__session_on_error(struct nclient *client, struct slice text);
void nclient__session_on_tls_done(struct nclient *client, int rc, const char *text);
void nclient__session_on_end(struct nclient *client, int rc, const char *text);
int64_t nclient__session_time_left(const struct nclient *client); // of this attempt, ns

// tls.c
bool nclient__tls_is_wanted(const struct nclient *client); // by the options or the URL
// True when there is a context; else it is made, and then the session goes on.
bool nclient__tls_prepare(struct nclient *client);
void nclient__session_on_tls_ready(struct nclient *client, int rc, const char *text);

// link.c
void nclient__link_open(struct nclient *client, int fd);
void nclient__link_drop(struct nclient *client, enum nnet_close how); // fine without one
void nclient__link_start_tls(struct nclient__link *link, struct slice begun);
void nclient__link_write(struct nclient *client, struct slice bytes); // the link is there

// server_info.c
// What the server told, for nclient_server_info().
void nclient__server_info_set(struct nclient *client, const struct nproto_info *info,
                              struct slice json);
void nclient__server_info_set_tls(struct nclient *client, bool has_tls);

// publish.c
NB_MUST_USE int nclient__message_check(const struct nclient_message *message); // [any]
// [any] Under the lock: may a checked message be added now, and then it is.
NB_MUST_USE int nclient__message_admit(const struct nclient *client,
                                       const struct nclient_message *message);
void nclient__message_add(struct nclient *client, const struct nclient_message *message);
void nclient__send_bytes(struct nclient *client, struct nclient__bytes *bytes); // taken
void nclient__send_held(struct nclient *client);
void nclient__drop_held(struct nclient *client);

// subs.c
struct nclient_sub *nclient__sub_open_inner(struct nclient *client,
                                            const struct nclient_sub_opts *opts);
// "No responders" (spec 01 section 10.3).
bool nclient__message_is_notice(const struct nclient_message *message);
void nclient__subs_deliver(struct nclient *client, const struct nproto_msg *msg);
void nclient__subs_renew(struct nclient *client); // on a new connection
void nclient__subs_end_all(struct nclient *client);
void nclient__subs_free_all(struct nclient *client); // all ended

// [any] All of the user's; then `done` as of nclient_flush().
void nclient__drain_subs(struct nclient *client, int64_t timeout_ns, nclient_flush_fn done,
                         void *ctx);

// request.c
void nclient__requests_fail_all(struct nclient *client);

// flush.c
struct nclient__flush;
// timeout_ns 0: none. `done` may be NULL.
struct nclient__flush *nclient__flush_create(int64_t timeout_ns, nclient_flush_fn done, void *ctx);
// Sends a PING, or waits for a connection. `done` may be called at once when it is closed.
void nclient__flush_start(struct nclient *client, struct nclient__flush *flush);
void nclient__flush_on_pong(struct nclient *client);
void nclient__flush_on_loss(struct nclient *client);   // those that were sent get NB_ECLOSED
void nclient__flush_on_online(struct nclient *client); // those that waited are sent
void nclient__flush_fail_all(struct nclient *client);
void nclient__keepalive_start(struct nclient *client);
void nclient__keepalive_stop(struct nclient *client);

// wait.c
void nclient__waiter_init(struct nclient__waiter *waiter);
void nclient__waiter_drop(struct nclient__waiter *waiter); // unused
int nclient__waiter_wait(struct nclient__waiter *waiter);  // its rc
void nclient__waiter_signal(struct nclient__waiter *waiter, int rc, const char *text);
