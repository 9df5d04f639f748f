/* connection.h - a client as the command line wants it, and what it tells on the way.
 *
 * One-shot commands don't reconnect; streaming ones do for ever and say so on standard error.
 * What the server complains of is kept.
 */
#pragma once

#include "cli.h"
#include "queue.h"
#include "settings.h"
#include "signals.h"

enum connection_kind {
    CONNECTION_ONE_SHOT,
    CONNECTION_STREAMING,
};

struct connection {
    const struct cli *cli;
    struct settings settings;
    struct nclient *client;
    struct queue queue; // of its subscriptions
    enum connection_kind kind;
    struct signals signals; // CONNECTION_STREAMING: they stop the queue
    pthread_mutex_t mutex;
    char error[512]; // guarded by it: the first -ERR since it was last asked for
};

// An exit code: EXIT_CODE_OK, or what went wrong was said.
NB_MUST_USE int connection_open(struct connection *connection, const struct cli *cli,
                                enum connection_kind kind);
// The second half of it, after connection_prepare(). On a failure the caller closes.
NB_MUST_USE int connection_connect(struct connection *connection);
// The same with this URL instead of the settings', which are resolved already, and verified
// under this name (NULL: the URL's host). NB_OK or a code with a text.
NB_MUST_USE int connection_open_url(struct connection *connection, const char *url,
                                    const char *tls_name, struct nb_diag *diag);
// Without a connection: settings only, for connection_open_url().
NB_MUST_USE int connection_prepare(struct connection *connection, const struct cli *cli,
                                   enum connection_kind kind);
void connection_disconnect(struct connection *connection); // fine without a client
void connection_close(struct connection *connection);

// Subscribes; messages come to the queue. An exit code.
NB_MUST_USE int connection_subscribe(struct connection *connection, const char *subject,
                                     const char *queue, uint64_t max_msgs);
// Sends; waits when too much is on its way already. An exit code.
NB_MUST_USE int connection_publish(struct connection *connection,
                                   const struct nclient_message *message);
// All that was sent was handled, and nothing complained of. An exit code.
NB_MUST_USE int connection_flush(struct connection *connection);
// The first complaint since the last call; false when there is none.
bool connection_take_error(struct connection *connection, char *out, size_t size);
