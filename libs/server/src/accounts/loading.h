/* loading.h - accounts of operator mode: fetched when somebody needs them, put in force, changed,
 * expired and deleted (spec 03 section 19).
 *
 * Threads: [control], but nserver__account_load_for_login().
 */
#pragma once

#include <natsd/error.h>
#include <natsd/map.h>
#include <natsd/slice.h>
#include <natsd/timer.h>

#include <stdint.h>

#include "sharing/importers.h"

struct nserver;
struct nserver__account;
struct nserver__login;

struct nserver__loader {
    struct nb_map loads; // account key to what is being loaded
    struct nserver__importers importers;
    struct nnet_timer due;       // the next account that expires
    int64_t due_unix_s;          // when that is; 0: none does
    struct nnet_timer bootstrap; // asks for the system account's JWT again
};

// The account, or NULL and why not. What it imports has been looked for, too.
typedef void (*nserver__loaded_fn)(void *ctx, struct nserver__account *account, const char *why);

// May call back before it returns.
void nserver__account_load(struct nserver *server, struct slice key, nserver__loaded_fn done,
                           void *ctx);
// Of an account whose JWT has just come in force: those that it imports from, and that nobody has
// needed before.
void nserver__account_load_imports(struct nserver *server, struct slice key,
                                   nserver__loaded_fn done, void *ctx);
// [owner of the client] The login goes on in nserver__login_account_loaded() when it is there.
void nserver__account_load_for_login(struct nserver__login *login, struct slice key);

// At the start, in the thread that starts: the system account, and a resolver that works. NB_* with
// the text of the fatal line.
NB_MUST_USE int nserver__loader_start(struct nserver *server, struct nb_diag *diag);
// [control] Nothing comes any more: who waits is told so, and the resolver is gone.
void nserver__loader_stop(struct nserver *server);
void nserver__loader_fini(struct nserver *server); // of one that may never have been started
