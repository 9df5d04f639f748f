/* sender.h - who a message comes from, on its way to the subscriptions of an account.
 *
 * A client publishes in its own account. A service import passes a request on to another account:
 * the same client, with a hop more behind it.
 *
 * Threads: [owner] of the worker.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct nserver__account;
struct nserver__account_view;
struct nserver__client;
struct nserver__service_import;
struct nserver__trace;
struct nserver__worker;

// The service imports that a message has come by; each lives in the frame of its passing.
struct nserver__hop {
    const struct nserver__service_import *import;
    const struct nserver__hop *before; // NULL: the first
    unsigned *passes;                  // of the message so far, by all its ways
};

struct nserver__sender {
    struct nserver__worker *worker;
    struct nserver__account *account;
    struct nserver__account_view *view; // the worker's, of the account
    struct nserver__client *client;     // NULL: the server itself
    const struct nserver__hop *hops;    // NULL: published in this account
    struct nserver__trace *trace;       // NULL: the message is not traced (message_trace.h)
    bool is_traced;                     // in the log
};

// The same sender in another account; what it sends there is not traced.
struct nserver__sender nserver__sender_in(const struct nserver__sender *sender,
                                          struct nserver__account *account);
// The server itself.
struct nserver__sender nserver__sender_of_server(struct nserver__worker *worker,
                                                 struct nserver__account *account);
