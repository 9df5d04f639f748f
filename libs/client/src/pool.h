/* pool.h - the servers a client may connect to: given ones, and those a server told of.
 *
 * The order is the order of trying; the first one is the current one, and goes to the end when
 * the next is wanted.
 *
 * Threads: one. Size: at most NCLIENT_SERVERS_MAX.
 */
#pragma once

#include "url.h"

#include <natsd/random.h>

struct nclient__server {
    struct nclient__url url;
    char *label;    // owned: "nats://host:port", what may be shown
    char *tls_name; // owned: verified instead of the host; NULL: the host
    bool is_discovered;
    unsigned failures; // attempts since it was last connected
    char *auth_error;  // owned: what its last attempt to authenticate failed with, or NULL
};

struct nclient__pool {
    struct nclient__server **servers; // the first is the current one
    size_t count;
    size_t room;
};

// `urls` is a list with commas, NULL the default. The empty pool is the zeroed one.
NB_MUST_USE int nclient__pool_init(struct nclient__pool *pool, const char *urls,
                                   struct nb_diag *diag);
void nclient__pool_fini(struct nclient__pool *pool);
void nclient__pool_shuffle(struct nclient__pool *pool, struct nb_random *random);

static inline struct nclient__server *nclient__pool_current(const struct nclient__pool *pool)
{
    return pool->count > 0 ? pool->servers[0] : NULL;
}

// The current one goes to the end.
void nclient__pool_rotate(struct nclient__pool *pool);
// The current one goes for good.
void nclient__pool_drop_current(struct nclient__pool *pool);

// What the current server told: discovered ones that are no longer in the list go, new ones
// come, in a random order if `random` isn't NULL. They take over user, TLS and the name to
// verify from the current one. Malformed entries are left out.
void nclient__pool_discover(struct nclient__pool *pool, const struct slice *urls, size_t count,
                            struct nb_random *random);

// The URL's host is verified under this name.
const char *nclient__server_tls_name(const struct nclient__server *server);
void nclient__server_set_auth_error(struct nclient__server *server, const char *text); // or NULL
