/* resolver.h - where account JWTs come from in operator mode (spec 03 section 20).
 *
 * Kinds: MEMORY (what the configuration preloads), URL, FULL and CACHE (a directory, and the other
 * servers). Each is a table of functions over its own state.
 *
 * Threads: [control].
 */
#pragma once

#include <natsd/server_options.h>

#include <stdbool.h>

struct nserver;
struct nserver__resolver;

// What a fetch came to: NB_OK with the JWT, which is borrowed, or an error with the reason in words.
typedef void (*nserver__fetched_fn)(void *ctx, int rc, struct slice token, const char *why);

struct nserver__resolver_kind {
    // May call back before it returns. After `destroy` it doesn't.
    void (*fetch)(struct nserver__resolver *resolver, struct slice account,
                  nserver__fetched_fn done, void *ctx);
    // The threads run; the system account is there. NB_* with the reason why it cannot work.
    int (*start)(struct nserver__resolver *resolver, struct nb_diag *diag);
    void (*destroy)(struct nserver__resolver *resolver); // frees it, too
};

struct nserver__resolver {
    const struct nserver__resolver_kind *kind;
    struct nserver *server;
};

// By the options, preloads stored. NULL when there is none. NB_* with diag.
NB_MUST_USE int nserver__resolver_create(struct nserver *server, const struct nserver_options *opts,
                                         struct nserver__resolver **out, struct nb_diag *diag);
void nserver__resolver_destroy(struct nserver__resolver **resolver);

static inline void nserver__resolver_fetch(struct nserver__resolver *resolver, struct slice account,
                                           nserver__fetched_fn done, void *ctx)
{
    resolver->kind->fetch(resolver, account, done, ctx);
}

// memory.c
NB_MUST_USE int nserver__resolver_create_memory(struct nserver *server,
                                                const struct nserver_options *opts,
                                                struct nserver__resolver **out,
                                                struct nb_diag *diag);
