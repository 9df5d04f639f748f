/* visit.h - work that another thread of the server's has to do. */
#pragma once

#include <natsd/worker.h>

struct nserver;
struct nserver__worker;

// [any thread that is no worker] Runs `fn` in the control worker and waits for it.
typedef void (*nserver__call_fn)(struct nserver *server, void *arg);
void nserver__call_control(struct nserver *server, nserver__call_fn fn, void *arg);

// [control] Runs `fn` in each worker, then `done` (which may be NULL) in the control worker.
typedef void (*nserver__visit_fn)(struct nserver__worker *worker, void *arg);
void nserver__visit_workers(struct nserver *server, nserver__visit_fn fn, nserver__call_fn done,
                            void *arg);
// The same, but each worker first serves what its sockets had ready when the visit came: for
// looking at connections, some of which may have ended meanwhile.
void nserver__visit_settled_workers(struct nserver *server, nserver__visit_fn fn,
                                    nserver__call_fn done, void *arg);
