/* bench/session.h - one connection of a benchmark: connecting, logging in, and the role that it
 * plays afterwards.
 *
 * A role embeds a struct bench_session and gives it its table of functions. All of them run in
 * the worker that owns the session.
 *
 * Threads: [owner], where nothing else is said.
 */
#pragma once

#include "bench/agenda.h"
#include "bench/result.h"
#include "bench/stream.h"

#include <natsd/conn.h>
#include <natsd/listener.h>

struct bench_session;
struct bench_worker;

/* WAITING -> DIALING -> GREETING -> JOINING -> READY -> ENDED
 *    ^ socket   |   INFO, TLS  |  PONG    |  lost, or closed
 *    \----------+--------------+----------/ the next server, or after a while the next
 */
enum bench_session_state {
    BENCH_SESSION_WAITING,  // for its turn to connect
    BENCH_SESSION_DIALING,  // a socket is being made
    BENCH_SESSION_GREETING, // INFO is expected, or a TLS handshake is under way
    BENCH_SESSION_JOINING,  // CONNECT and PING, then subscriptions and PING were sent
    BENCH_SESSION_READY,
    BENCH_SESSION_ENDED,
};

// A NULL is nothing to be done.
struct bench_role_ops {
    const struct bench_stream_handler *stream; // its `control` is bench_session_control()
    bool is_driver; // its end is what the others wait for: it sends by itself
    // Logged in: writes its subscriptions; they are known when it is ready.
    void (*prepare)(struct bench_session *session);
    void (*ready)(struct bench_session *session);
    void (*start)(struct bench_session *session); // a round begins
    void (*stop)(struct bench_session *session);  // ends the round as soon as it can in order
    // All drivers are done: what was sent to it is on its way. Ends the round when it is there.
    void (*settle)(struct bench_session *session);
    void (*pong)(struct bench_session *session);     // for bench_session_ping()
    void (*received)(struct bench_session *session); // a read was parsed: its time is read_ns
    void (*drained)(struct bench_session *session);  // the socket has room again
    void (*due)(struct bench_session *session, uint64_t now_ns); // see bench_agenda
    // In a round: connected again after a loss, with its subscriptions. NULL: a loss ends it.
    void (*resume)(struct bench_session *session);
    void (*note)(struct bench_session *session); // the round is over for it: its results
    void (*destroy)(struct bench_session *session);
};

struct bench_session {
    struct nnet_conn conn;
    struct bench_stream stream;
    const struct bench_role_ops *ops;
    struct bench_worker *worker;
    struct bench_client *client; // where its results go
    struct nb_link link;         // of its worker's sessions, or of those that wait to connect
    enum bench_session_state state;
    bool is_finished;                // this round
    struct bench_agenda_item agenda; // private to its worker
    uint64_t attempt_ns;             // when it began to connect
    uint64_t read_ns;                // when the bytes that are being parsed were read
    _Atomic uint64_t done;           // [any] relaxed: messages in this round, for the progress
    // private: connecting
    size_t server; // of the login's
    size_t tries;
    struct nnet_timer timer; // the end of an attempt
    struct nnet_dial *dial;
    struct slice info; // owned: the JSON, until it was answered
    bool was_ready;
    bool is_open; // there is a connection
    bool has_begun_tls;
    bool wants_tls;
    bool has_joined;    // the first PONG came
    bool is_held;       // the reading is
    struct nb_buf held; // what was read and not parsed
};

void bench_session_connect(struct bench_session *session);
void bench_session_reconnect(struct bench_session *session); // after a while
void bench_session_write(struct bench_session *session, struct slice bytes);
void bench_session_ping(struct bench_session *session);   // ops->pong() follows
void bench_session_finish(struct bench_session *session); // this round; fine when it was
// Stops the reading behind the current message (`end` is to answer false), and goes on.
void bench_session_hold(struct bench_session *session);
void bench_session_resume(struct bench_session *session); // fine when it isn't held
void bench_session_close(struct bench_session *session);
bool bench_session_control(struct bench_stream *stream, enum bench_op op, struct slice argument);

static inline struct bench_session *bench_session_of(struct bench_stream *stream)
{
    return nb_container_of(stream, struct bench_session, stream);
}
