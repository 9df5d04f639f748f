/* resolver.h - where account JWTs come from in operator mode, and who serves those who ask for them
 * or bring new ones (spec 03 section 20).
 *
 * Kinds: memory (what the configuration preloads; also of a server without a resolver, which has
 * nothing), URL, and a directory (FULL and CACHE). Each is a table of functions over its own state.
 *
 * Threads: [control]; create and prepare also in the thread that starts.
 */
#pragma once

#include <natsd/server_options.h>

#include <stdbool.h>

#include "accounts/loading.h"

struct nserver;
struct nserver__claims_request;
struct nserver__claims_service;
struct nserver__resolver;

// What a fetch came to: NB_OK with the JWT, which is borrowed, or an error with the reason in words.
typedef void (*nserver__fetched_fn)(void *ctx, int rc, struct slice token, const char *why);
// NB_OK, or the reason why it cannot work.
typedef void (*nserver__resolver_started_fn)(void *ctx, int rc, const char *why);

typedef void (*nserver__resolver_reloaded_fn)(void *ctx);

struct nserver__resolver_kind {
    // What it answers in the system account.
    const struct nserver__claims_service *services;
    size_t service_count;
    // May call back before it returns.
    void (*fetch)(struct nserver__resolver *resolver, struct slice account,
                  nserver__fetched_fn done, void *ctx);
    // The threads run. May call back before it returns.
    void (*start)(struct nserver__resolver *resolver, nserver__resolver_started_fn done, void *ctx);
    // One of the same kind, made of new options: takes over what it has.
    void (*adopt)(struct nserver__resolver *resolver, struct nserver__resolver *fresh);
    // NULL: it can't. Else the new options are of the same kind and place, and nothing can fail.
    // `done` runs when what has changed is in force.
    void (*reload)(struct nserver__resolver *resolver, const struct nserver_options *opts,
                   nserver__resolver_reloaded_fn done, void *ctx);
    // Frees it, too. Fetches on their way end with NB_ECANCELED before it returns.
    void (*destroy)(struct nserver__resolver *resolver);
};

struct nserver__resolver {
    const struct nserver__resolver_kind *kind;
    struct nserver *server;
    struct nserver__claims_desk *desk; // NULL until it is started, and without a system account
};

// By the options, preloads stored. NB_* with diag.
NB_MUST_USE int nserver__resolver_create(struct nserver *server, const struct nserver_options *opts,
                                         struct nserver__resolver **out, struct nb_diag *diag);
void nserver__resolver_destroy(struct nserver__resolver **resolver);

static inline void nserver__resolver_fetch(struct nserver__resolver *resolver, struct slice account,
                                           nserver__fetched_fn done, void *ctx)
{
    resolver->kind->fetch(resolver, account, done, ctx);
}

// With its services in the system account.
void nserver__resolver_start(struct nserver__resolver *resolver, nserver__resolver_started_fn done,
                             void *ctx);

// A reload in two steps, the second of which cannot fail. *fresh is NULL when the one there goes on
// with the new options; destroyed when the reload fails for another reason.
NB_MUST_USE int nserver__resolver_prepare(struct nserver *server,
                                          const struct nserver_options *opts,
                                          struct nserver__resolver **fresh, struct nb_diag *diag);
// After the new configuration is in force. Takes `fresh`. `done` runs when the JWTs that have changed
// are in force, too, perhaps before this returns; a resolver that reads files has to do so first.
void nserver__resolver_reload(struct nserver *server, struct nserver__resolver *fresh,
                              nserver__resolver_reloaded_fn done, void *ctx);

// A JWT has come for an account: in force at once, if the account's claims are. Then what it
// imports is looked for, and `done`, unless it is NULL, hears of it. May call back at once.
void nserver__resolver_apply(struct nserver *server, struct slice key, struct slice token,
                             nserver__loaded_fn done, void *ctx);

// memory.c
extern const struct nserver__resolver_kind nserver__resolver_memory;
struct nserver__resolver *nserver__resolver_create_memory(struct nserver *server,
                                                          const struct nserver_options *opts);
// url.c
extern const struct nserver__resolver_kind nserver__resolver_url;
NB_MUST_USE int nserver__resolver_create_url(struct nserver *server,
                                             const struct nserver_options *opts,
                                             struct nserver__resolver **out, struct nb_diag *diag);
// directory.c
extern const struct nserver__resolver_kind nserver__resolver_full;
extern const struct nserver__resolver_kind nserver__resolver_cache;
NB_MUST_USE int nserver__resolver_create_directory(struct nserver *server,
                                                   const struct nserver_options *opts,
                                                   struct nserver__resolver **out,
                                                   struct nb_diag *diag);
// Is it the directory that the options name?
bool nserver__resolver_has_directory(const struct nserver__resolver *resolver,
                                     const struct nserver_options *opts);
