/* client.h - one client connection: its state and the operations of its parts.
 *
 * The parts, each a file: accept (socket to first INFO, TLS, PROXY), input (bytes to
 * operations), connect (CONNECT and authentication), subscribe, publish (rules of spec 01
 * section 9), deliver (to subscriptions), keepalive (PING, stale), closing, trace, row.
 *
 * A client belongs to one worker; only `conn` and the subscriptions in the trie are seen by
 * others, who reach it through nnet_out_* and tasks.
 *
 * LANDING --PROXY header--> SNIFFING --TLS?--> HANDSHAKE --done--> OPEN <--> CHECKING (a password
 * in the background); any of them --> CLOSED. What a client does not need is skipped.
 */
#pragma once

#include <natsd/conn.h>
#include <natsd/info.h>
#include <natsd/parser.h>
#include <natsd/short_bytes.h>

#include "accounts/account.h"
#include "clients/close_reason.h"
#include "clients/guard.h"
#include "clients/sender.h"
#include "clients/sid_table.h"
#include "lifecycle/state.h"
#include "login/identity.h"

enum {
    NSERVER__NONCE_BYTES = 15,
};

struct nserver__login;

enum nserver__client_phase {
    CLIENT_LANDING,   // proxy_protocol: its header may come
    CLIENT_WAITING,   // handshake_first with a fallback: bytes, or silence
    CLIENT_SNIFFING,  // allow_non_tls: the first byte decides
    CLIENT_HANDSHAKE, // TLS
    CLIENT_OPEN,
    CLIENT_CHECKING, // a password is being verified in the background; input waits
    CLIENT_CLOSED,
};

// What the worker that opens it has to do with a new connection.
enum nserver__welcome {
    WELCOME_SERVE,
    WELCOME_TOO_MANY,  // -ERR 'maximum connections exceeded'
    WELCOME_THROTTLED, // -ERR 'Connection throttling is active...'
    WELCOME_UNSERVED,  // lame duck: INFO, and nothing more
};

// What the log calls a client; replaced when more is known of it.
struct nserver__label {
    struct nb_epoch_item retired;
    struct slice name; // as CONNECT has it; behind the text
    char text[];
};

struct nserver__client {
    struct nnet_conn conn; // first: its callbacks give us this
    struct nserver *server;
    struct nserver__worker *worker;
    uint64_t cid;
    enum nserver__client_phase phase;
    enum nserver__reason reason;

    // as CONNECT has it
    bool is_verbose, is_pedantic, has_echo, has_no_responders;
    _Atomic bool has_headers; // read by every worker that delivers to us
    bool has_connected;       // a CONNECT was accepted
    bool is_auth_expected;    // it must send one
    bool sent_first_pong;     // after its CONNECT
    bool is_registered;       // counted as a connection
    bool is_counted;          // among those of its account
    bool is_told;             // an account has heard why it was refused
    bool is_tls_first;
    bool wants_info;      // protocol 1
    bool is_slow_counted; // write_timeout retry: the notice came

    struct nserver__sender sender; // as which it publishes: its account, and our worker
    struct nproto_parser parser;
    struct nserver__sid_table subs;
    int64_t max_subscriptions; // -1: no limit
    struct nb_u64map shadows;  // first shadow by its subscription

    // what it may do (guard.h)
    struct nserver__restriction *restriction; // NULL: everything
    _Atomic(struct nserver__guard *) guard;   // read by every worker that delivers to us

    // counts, of this worker alone
    uint64_t in_msgs, in_bytes;
    _Atomic uint64_t stalls; // also other workers': producers held back because of us

    struct nb_mono accepted_at;
    struct nb_mono active_at;      // last message or subscription change, for monitoring
    struct nb_mono ping_active_at; // last sign of life that spares a PING
    struct nb_mono ping_sent_at;
    struct nb_wall accepted_wall;
    int64_t rtt_ns;
    unsigned pings_out;
    struct nnet_timer ping_timer;
    struct nnet_timer gate_timer; // landing, sniffing, authentication: never two at once
    struct nnet_timer stall_timer;
    struct nnet_timer expiry_timer;
    int64_t stall_budget_ns; // left of this read
    size_t stall_gate_bytes; // pending above which producers wait for us

    struct nb_link link; // in the worker's list
    struct nnet_address peer;
    struct nproto_connect *connect;         // NULL before the first CONNECT
    struct nserver__identity *identity;     // NULL: nobody has asked who it is
    struct nserver__login *login;           // NULL: none goes on
    char nonce[NSERVER__NONCE_BYTES + 1];   // empty: nobody has to sign one
    char *proxy_key;                        // of the trusted proxy that vouches; NULL: none
    _Atomic(struct nserver__label *) label; // other workers trace deliveries with it
    uint8_t *held;                          // input that came while CHECKING, or first bytes; owned
    size_t held_size;
    int fd; // until the owner takes it
    enum nserver__welcome welcome;
    struct nnet_task task; // open
    struct nb_epoch_item retired;
};

enum {
    NSERVER__HELD_MAX_BYTES = 256 * 1024,
};

// A producer whose messages meet a reader that is far behind waits so long per message, or
// longer when the reader's queue is full; at most so long for all messages of one read.
#define NSERVER__STALL_NS (2 * NB_NS_PER_MS)
#define NSERVER__STALL_LONG_NS (5 * NB_NS_PER_MS)
#define NSERVER__STALL_MAX_NS (10 * NB_NS_PER_MS)

static inline struct nserver__client *nserver__client_of(struct nnet_conn *conn)
{
    return nb_container_of(conn, struct nserver__client, conn);
}

// [owner] hot: may it publish to this subject? Most publish to one.
static inline bool nserver__client_may_publish(struct nserver__client *c, struct slice subject)
{
    const struct nserver__restriction *r = c->restriction;

    return r == NULL ||
           NB_LIKELY(r->allowed_size == subject.n && subject.n > 0 &&
                     nb_bytes_equal(r->allowed, subject.p, subject.n)) ||
           nserver__client_weigh_publish(c, subject);
}

static inline const struct nauth_rules *nserver__client_rules(const struct nserver__client *c)
{
    return c->restriction != NULL ? c->restriction->rules : NULL;
}

// accept.c
// [control] Takes an accepted socket: counts it, decides, and hands it to a worker.
void nserver__accept(struct nserver *server, int fd, const struct nnet_address *peer);

// input.c
void nserver__client_input(struct nserver__client *c, struct nb_chunk *chunk, struct slice bytes);
// Goes on with input held back while CHECKING.
void nserver__client_resume_input(struct nserver__client *c);
void nserver__client_hold_input(struct nserver__client *c, struct slice bytes);

// info.c
void nserver__client_send_info(struct nserver__client *c, bool is_first);
void nserver__client_send_connect_info(struct nserver__client *c);
void nserver__client_send_lame_duck_info(struct nserver__client *c);

// connect.c
void nserver__client_on_connect(struct nserver__client *c, struct slice json);
// Without a CONNECT, as no_auth_user allows; false: refused and closed.
bool nserver__client_enter_without_connect(struct nserver__client *c);
void nserver__client_bind(struct nserver__client *c, struct nserver__account *account);
bool nserver__client_is_system(const struct nserver__client *c); // of the system account?
// The limits of its account, its user and the server, as they are now.
void nserver__client_take_limits(struct nserver__client *c);
// False: it has more than it may have; it was told and closed.
bool nserver__client_is_within_limits(struct nserver__client *c);
// meet_terms.c: its account has other terms now.
void nserver__client_meet_terms(struct nserver__client *c);
// The account's permissions for users who bring none.
void nserver__client_take_default_rules(struct nserver__client *c);
// login_users.c: is `sig` the key's signature of the nonce?
bool nserver__client_verifies(const struct nserver__client *c, struct slice public_key,
                              struct slice sig);
void nserver__client_auth_failed(struct nserver__client *c, enum nserver__reason reason);
// It was let in: what is left of its CONNECT.
void nserver__client_welcome(struct nserver__client *c);
// Somebody's text as the log shows it, in quotes; empty when it is too long. The caller frees.
void nserver__quote_for_log(struct slice text, struct nb_buf *out);
// After a reload: may it stay?
void nserver__client_reauthenticate(struct nserver__client *c);

// subscribe.c
void nserver__client_on_sub(struct nserver__client *c, const struct nproto_msg *msg);
void nserver__client_on_unsub(struct nserver__client *c, const struct nproto_msg *msg);
void nserver__client_drop_subs(struct nserver__client *c);
// The rules are others now: what they don't allow is taken away, and the client is told.
void nserver__client_recheck_subs(struct nserver__client *c);
// [owner] At the end of each pass: those that ended in it are freed when nobody can see them.
void nserver__worker_retire_subs(struct nserver__worker *worker);

// publish.c
void nserver__client_on_pub(struct nserver__client *c, struct nproto_msg *msg);
// One that is too large, with what has come of its payload. The client is about to be closed.
void nserver__client_trace_oversized(struct nserver__client *c, const struct nproto_msg *msg,
                                     struct slice began);

// keepalive.c
void nserver__client_arm_first_ping(struct nserver__client *c, bool is_after_connect);
void nserver__client_on_ping(struct nserver__client *c);
void nserver__client_on_pong(struct nserver__client *c);
void nserver__client_measure_rtt(struct nserver__client *c); // spec 8.3: if it may be pinged now

// closing.c
void nserver__client_close(struct nserver__client *c, enum nserver__reason reason);
// -ERR '<text>' and then close.
void nserver__client_refuse(struct nserver__client *c, const char *text,
                            enum nserver__reason reason);

// reply.c
void nserver__client_send(struct nserver__client *c, struct slice bytes);
void nserver__client_send_ok(struct nserver__client *c);
void nserver__client_send_err(struct nserver__client *c, const char *text);
void nserver__client_send_err_slice(struct nserver__client *c, struct slice text);

// client_log.c
void nserver__client_log(const struct nserver__client *c, enum nb_log_level level,
                         const char *format, ...) NB_PRINTF(3, 4);
void nserver__client_relabel(struct nserver__client *c);
enum { NSERVER__WHO_MAX_BYTES = 512 };
// `User "x"`: what CONNECT named, never a secret. Nothing when it named nobody.
void nserver__client_add_who(const struct nserver__client *c, struct nb_buf *out);
struct slice nserver__client_name(
    const struct nserver__client *c); // [any worker] until the pass ends
void nserver__client_trace_in(struct nserver__client *c, const struct nproto_msg *msg);
void nserver__client_trace_out(const struct nserver__client *c, struct slice text);
void nserver__client_trace_mapping(const struct nserver__client *c, struct slice from,
                                   struct slice to);
void nserver__client_trace_delsub(const struct nserver__client *c, struct slice sid);
// [any worker]
void nserver__client_trace_delivery(const struct nserver__client *c, struct slice line,
                                    struct slice payload, uint32_t header_size);

// row.c
enum { // parts of a row that cost more than the others
    NSERVER__ROW_SUBS = 1,
    NSERVER__ROW_PEER_CERTS = 2,
};
void nserver__client_row(const struct nserver__client *c, unsigned parts,
                         struct nserver__conn_row *row);
