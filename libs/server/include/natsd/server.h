/* natsd/server.h - a whole NATS server inside the program that links it.
 *
 * create, start, ... stop, destroy. No globals, no signal handlers, no exit: several servers
 * run in one process, each with its own threads. Files named in the options (log, PID, ports)
 * are the program's business (apps/natsd), TLS and configuration files are read here.
 *
 * Threads: any thread may call anything but destroy, which comes last. Calls return when what
 *   they ask for is done.
 */
#pragma once

#include <natsd/error.h>
#include <natsd/log.h>
#include <natsd/server_options.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The level of the reference server that this one answers to: client libraries switch
// features by it. And our own version.
#define NSERVER_REFERENCE_VERSION "2.15.2"
#define NSERVER_VERSION "0.1.0"

struct nserver;

// Copies the options and puts in the defaults; the logger must outlive the server. NB_EINVALID
// and others with the reference's text in diag.
NB_MUST_USE int nserver_create(const struct nserver_options *opts, const struct nb_logger *log,
                               struct nserver **out, struct nb_diag *diag);
// Logs who is about to start. Start does it itself, unless a program had something to do between.
void nserver_announce(struct nserver *server);
// Before the start: `fn` is called during it, in a thread of the server, when all listeners have
// their ports and nobody has been answered yet: for files that a client may look for.
void nserver_set_on_listening(struct nserver *server, void (*fn)(void *ctx), void *ctx);
// Before the start: `fn` is called, in a thread of the server's, when its own certificate is revoked
// and it must not go on with it (spec 03 section 22.1): the program then stops the server.
void nserver_set_on_revoked(struct nserver *server, void (*fn)(void *ctx), void *ctx);
// Before the start: the system account may ask for a reload. `fn` is called in a thread of the
// server and must not wait: the program reloads in a thread of its own, and then answers with the
// reason why it failed, or NULL. Not called again before the answer. Without it nobody can ask.
void nserver_set_on_reload_asked(struct nserver *server, void (*fn)(void *ctx), void *ctx);
void nserver_answer_reload(struct nserver *server, const char *failure);
// Starts the threads, monitoring, and at last the client listener; logs as spec 02 section 6.
// On an error everything is stopped again, and diag has the text of the fatal line.
NB_MUST_USE int nserver_start(struct nserver *server, struct nb_diag *diag);
// Closes listeners and connections (reason Server Shutdown) and ends the threads.
void nserver_stop(struct nserver *server);
void nserver_destroy(struct nserver **server); // stops it first when it runs

// Takes over what of the new options can change while it runs, or nothing (spec 02 section 11):
// NB_EUNSUPPORTED, NB_EINVALID and others with diag.
NB_MUST_USE int nserver_reload(struct nserver *server, const struct nserver_options *opts,
                               struct nb_diag *diag);
// What nserver_reload() would do to a server that runs with `running`: its lines go to `log`. What
// it would refuse is NB_EUNSUPPORTED, a line for each reason in `refusals`, and nothing is logged.
NB_MUST_USE int nserver_reload_preview(const struct nserver_options *running,
                                       const struct nserver_options *wanted,
                                       const struct nb_logger *log, struct nb_buf *refusals);
// The levels of the logger are others now: connections that are there trace, or stop it.
void nserver_note_log_levels(struct nserver *server);
// Spec 01 section 19.1: no new clients; those there are told, and after the grace period sent
// away one by one. `done` runs once, in a thread of the server's, when the last has gone: the
// program then stops the server. False when it was begun before.
bool nserver_lame_duck(struct nserver *server, void (*done)(void *ctx), void *ctx);
bool nserver_is_lame_duck(const struct nserver *server);

// After the start: the real ports; 0 when there is none.
uint16_t nserver_client_port(const struct nserver *server);
uint16_t nserver_http_port(const struct nserver *server);
const char *nserver_id(const struct nserver *server);   // the public key, 56 characters
const char *nserver_name(const struct nserver *server); // server_name, or the id

#ifdef __cplusplus
}
#endif
