/* natsd/listener.h - listening sockets and outgoing connections.
 *
 * "0.0.0.0", "::" and "" listen on both families at once; an IPv4 peer is then shown in its
 * own form. Threads: [owner] of the worker given, unless tagged.
 */
#pragma once

#include <natsd/conn.h>

struct nnet_listener;

// The callee owns the socket: hand it to a worker, or close it.
typedef void (*nnet_accept_fn)(void *ctx, int fd, const struct nnet_address *peer);

// Binds and listens at once (so an error is known now), accepts from the loop. Temporary
// errors of accept are logged and retried after 10 ms, doubling to 1 s. Port 0 or -1 lets the
// system choose. Errors: NB_EADDRINUSE, NB_EDENIED, NB_ENOTFOUND (host), NB_EINVALID (port),
// NB_EIO; diag has text in the form "listen tcp 127.0.0.1:4222: bind: address already in use".
NB_MUST_USE int nnet_listener_open(struct nnet_worker *worker, const char *host, int port,
                                   nnet_accept_fn accepted, void *ctx, struct nnet_listener **out,
                                   struct nb_diag *diag);
void nnet_listener_close(struct nnet_listener **listener);         // no accept after this
uint16_t nnet_listener_port(const struct nnet_listener *listener); // [any] the real one

// Resolves (in the background) and connects within timeout; tries each address in turn. `done`
// runs later, once: NB_OK with an open socket of the callee's, or a code (NB_ENOTFOUND,
// NB_EREFUSED, NB_ETIMEDOUT, NB_EIO, NB_ECANCELED) with -1.
struct nnet_dial;
typedef void (*nnet_dial_fn)(void *ctx, int rc, int fd, const char *text);
struct nnet_dial *nnet_dial_start(struct nnet_worker *worker, const char *host, uint16_t port,
                                  int64_t timeout_ns, nnet_dial_fn done, void *ctx);
void nnet_dial_cancel(struct nnet_dial *dial); // done comes with NB_ECANCELED

// [any] Every address of this machine's interfaces, for INFO and the ports file: blocks shortly.
// Calls fn for each; `is_global` is false for loopback and link-local ones.
void nnet_interface_each(void (*fn)(void *ctx, const char *ip, bool is_global), void *ctx);
