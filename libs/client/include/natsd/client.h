/* natsd/client.h - an asynchronous NATS client.
 *
 * A connection lives on a worker of libs/net, by itself (it makes a group with one worker) or
 * on one that is given, so that many share a thread. It connects, authenticates, keeps alive,
 * and after a loss reconnects to the next server and subscribes anew.
 *
 * Threads:   everything marked [any] may be called from any thread, from callbacks too;
 *   callbacks run in the connection's worker and must not block. Order: what one thread does
 *   (publish, subscribe, flush) reaches the server in that order.
 * Ownership: options are copied at connect; a message in a callback is borrowed until it
 *   returns. A client handle is closed once and then not used any more. A subscription handle
 *   is valid until nclient_unsubscribe() or nclient_drain_sub() with it, or until its client is
 *   closed, also when the subscription ended by itself before.
 * Limits:    what is published and not yet sent is bounded by reconnect_buffer_size; messages
 *   received are not queued: a slow callback slows the server down.
 * Errors:    NB_E* codes with a text in diag where there is one. Beside what is said below:
 *   NB_ECLOSED once the connection ended for good.
 * Spec:      01 sections 3, 4, 5, 8, 10, 14, 18.
 */
#pragma once

#include <natsd/error.h>
#include <natsd/slice.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nb_logger;   // natsd/log.h
struct nnet_worker; // natsd/worker.h
struct nclient;
struct nclient_sub;

#define NCLIENT_URL_DEFAULT "nats://127.0.0.1:4222"

enum {
    NCLIENT_SUBJECT_MAX_BYTES = 16 * 1024, // of a subject, a reply subject or a queue name
    NCLIENT_INBOX_PREFIX_MAX_BYTES = 200,
    NCLIENT_INBOX_MAX_BYTES = NCLIENT_INBOX_PREFIX_MAX_BYTES + 1 + 22, // a whole inbox
    NCLIENT_SERVERS_MAX = 1024,                                        // given and discovered
    NCLIENT_REQUESTS_MAX = 1024 * 1024,                                // that wait for a reply
};

enum nclient_event {
    NCLIENT_CONNECTED,    // for the first time
    NCLIENT_DISCONNECTED, // text says why; it reconnects unless it closes
    NCLIENT_RECONNECTED,
    NCLIENT_CLOSED,    // for good, text says why; the last callback
    NCLIENT_ERROR,     // the server sent -ERR: text
    NCLIENT_LAME_DUCK, // the server is about to go
};

typedef void (*nclient_event_fn)(void *ctx, struct nclient *client, enum nclient_event event,
                                 const char *text);

struct nclient_opts {
    // "nats://host:4222,tls://user:pass@other": tried in turn; NULL: the default. Schemes nats
    // (or none) and tls; "token@host" is a token. What a URL says goes before the options.
    const char *urls;
    const char *name;
    const char *user, *password;
    const char *token;
    const char *nkey_seed; // text of a seed: secret. Not beside creds
    const char *creds;     // text of a creds file: secret
    bool tls;              // required even for nats://; implied by the files
    bool tls_first;        // handshake before INFO
    bool tls_skip_verify;
    const char *tls_server_name; // verified instead of the URL's host
    const char *tls_ca_file, *tls_cert_file, *tls_key_file;
    bool no_echo;
    bool verbose, pedantic;
    bool keep_server_order;     // don't shuffle
    const char *inbox_prefix;   // NULL: "_INBOX"
    int64_t connect_timeout_ns; // for each server; 0: 2 s
    int64_t ping_interval_ns;   // 0: 2 min
    unsigned pings_out_max;     // unanswered ones; 0: 2
    bool no_reconnect;
    int reconnects_max;        // attempts in a row for each server; 0: 60; -1: for ever
    int64_t reconnect_wait_ns; // between rounds over the servers; 0: 2 s. Grows by half each
                               // time up to 20 s, times a random 0.5 to 1.5
    // By default the second failure in a row to authenticate at the same server is the end.
    bool ignore_auth_errors;
    // Published and not sent yet, above all while away; 0: 8 MiB; more is refused. A message
    // that is larger by itself is taken when nothing waits.
    size_t reconnect_buffer_size;
    const struct nb_logger *log; // NULL: none; else it outlives the client
    struct nnet_worker *worker;  // NULL: one of its own; else it outlives the client
    nclient_event_fn event;      // may be NULL
    void *event_ctx;
};

struct nclient_message {
    struct slice subject;
    struct slice reply;   // n 0: none
    struct slice headers; // the whole block, see natsd/headers.h; n 0: none
    struct slice data;
};

// [any] Begins to connect; NCLIENT_CONNECTED follows, or NCLIENT_CLOSED when no server could be
// reached in one round (the handle is to be closed then, too). NB_EINVALID or NB_EMALFORMED
// for options that make no sense, NB_EUNSUPPORTED for a scheme.
NB_MUST_USE int nclient_connect(const struct nclient_opts *opts, struct nclient **out,
                                struct nb_diag *diag);
// [any but a worker] Begins, and waits until it is connected or has failed (then there is no
// client, and diag names each server with its cause).
NB_MUST_USE int nclient_connect_wait(const struct nclient_opts *opts, struct nclient **out,
                                     struct nb_diag *diag);
// [any] Writes what is queued and closes; NCLIENT_CLOSED is the last callback, after which it is
// freed. What waits while away from a server is dropped.
void nclient_close(struct nclient *client);
// [any but a worker] The same, and returns when it is done.
void nclient_close_wait(struct nclient *client);

// [any] Queues a message, copied. NB_ELIMIT above the server's max_payload or with a full
// buffer (flush, and try again); NB_EINVALID for a bad subject or header block;
// NB_EUNSUPPORTED for headers the server refuses.
NB_MUST_USE int nclient_publish(struct nclient *client, struct slice subject, struct slice data);
NB_MUST_USE int nclient_publish_message(struct nclient *client,
                                        const struct nclient_message *message);

// After nclient_unsubscribe() was called in the same thread it is not called any more.
typedef void (*nclient_message_fn)(void *ctx, struct nclient_sub *sub,
                                   const struct nclient_message *message);
// Once: no more messages come. After unsubscribe, a drain or the last of max_msgs, or when the
// client closed.
typedef void (*nclient_sub_done_fn)(void *ctx);

struct nclient_sub_opts {
    const char *subject;
    const char *queue; // NULL: none
    uint64_t max_msgs; // 0: no limit; then it ends by itself. Notices without responders don't
                       // count
    nclient_message_fn message;
    nclient_sub_done_fn done; // may be NULL
    void *ctx;
};

// [any] `out` may be NULL: then only its own callbacks can end it. NB_EINVALID for a bad
// subject or queue name.
NB_MUST_USE int nclient_subscribe(struct nclient *client, const struct nclient_sub_opts *opts,
                                  struct nclient_sub **out);
// [any] Ends it and gives the handle back.
void nclient_unsubscribe(struct nclient_sub *sub);
// [any] Takes no new messages, delivers what is on its way, then ends. Gives the handle back.
void nclient_drain_sub(struct nclient_sub *sub);

// [any] A subject of its own to reply to: the prefix, a dot and a NUID.
void nclient_new_inbox(struct nclient *client, char out[NCLIENT_INBOX_MAX_BYTES + 1]);

// [any] The message's reply must be empty. `done` once: NB_OK with the first reply (else it is
// NULL), NB_ENOTFOUND without responders, NB_ETIMEDOUT, NB_ECLOSED. Errors as for publishing;
// then `done` isn't called. Here and below a timeout of 0 is none.
typedef void (*nclient_reply_fn)(void *ctx, int rc, const struct nclient_message *reply);
NB_MUST_USE int nclient_request(struct nclient *client, const struct nclient_message *message,
                                int64_t timeout_ns, nclient_reply_fn done, void *ctx);

// [any] `done` when the server has handled all that was sent before (a PONG came back):
// NB_OK, NB_ETIMEDOUT, or NB_ECLOSED when that connection was lost before it came. While away
// it waits for the next connection.
typedef void (*nclient_flush_fn)(void *ctx, int rc);
void nclient_flush(struct nclient *client, int64_t timeout_ns, nclient_flush_fn done, void *ctx);
// [any but a worker]
NB_MUST_USE int nclient_flush_wait(struct nclient *client, int64_t timeout_ns);
// [any but a worker] Drains all subscriptions, flushes, closes. NB_ETIMEDOUT or NB_ECLOSED when
// that was cut short; it is closed in any case.
NB_MUST_USE int nclient_drain_wait(struct nclient *client, int64_t timeout_ns);

// [any] Of the server it is connected to, or was last: copied. NB_EAGAIN before the first.
struct nclient_server_info {
    char id[64], name[256], version[32], url[320];
    char cluster[256];
    uint64_t client_id;
    char client_ip[46];
    int64_t max_payload;
    bool has_headers, has_jetstream, needs_auth, has_tls;
};
NB_MUST_USE int nclient_server_info(struct nclient *client, struct nclient_server_info *out);
// [any] All that it told last: the JSON of its INFO as it came, appended. NB_EAGAIN, NB_ELIMIT.
struct nb_buf;
NB_MUST_USE int nclient_server_json(struct nclient *client, struct nb_buf *out);

// [any] Payload and header bytes count.
struct nclient_stats {
    uint64_t in_msgs, in_bytes, out_msgs, out_bytes, reconnects;
};
void nclient_stats(struct nclient *client, struct nclient_stats *out);

#ifdef __cplusplus
}
#endif
