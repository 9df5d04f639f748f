#include "pool.h"

#include <natsd/client.h>

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>

enum {
    LABEL_MAX_BYTES = NCLIENT__HOST_MAX_BYTES + 32,
    POOL_ROOM_MIN = 4,
};

// -- one server ------------------------------------------------------------------------------

static char *make_label(const struct nclient__url *url)
{
    char text[LABEL_MAX_BYTES];
    bool is_ipv6 = strchr(url->host, ':') != NULL;

    snprintf(text, sizeof(text), "%s://%s%s%s:%u", url->is_tls ? "tls" : "nats", is_ipv6 ? "[" : "",
             url->host, is_ipv6 ? "]" : "", url->port);
    return nb_strdup(text);
}

// Takes the URL.
static struct nclient__server *server_create(const struct nclient__url *url, bool is_discovered)
{
    struct nclient__server *server = nb_zalloc(sizeof(*server));

    server->url = *url;
    server->label = make_label(url);
    server->is_discovered = is_discovered;
    return server;
}

static void server_destroy(struct nclient__server *server)
{
    nclient__url_fini(&server->url);
    nb_free(server->label);
    nb_free(server->tls_name);
    nb_free(server->auth_error);
    nb_free(server);
}

static bool is_address(const char *host)
{
    struct in6_addr any; // large enough for both

    return inet_pton(AF_INET, host, &any) == 1 || inet_pton(AF_INET6, host, &any) == 1;
}

const char *nclient__server_tls_name(const struct nclient__server *server)
{
    return server->tls_name != NULL ? server->tls_name : server->url.host;
}

void nclient__server_set_auth_error(struct nclient__server *server, const char *text)
{
    char *copy = text != NULL ? nb_strdup(text) : NULL;

    nb_free(server->auth_error);
    server->auth_error = copy;
}

// A certificate rarely has the addresses that a cluster tells of, but the name its first
// server was found under.
static void inherit(struct nclient__server *server, const struct nclient__server *from)
{
    struct nclient__url *url = &server->url;

    url->user = from->url.user != NULL ? nb_strdup(from->url.user) : NULL;
    url->password = from->url.password != NULL ? nb_strdup(from->url.password) : NULL;
    url->token = from->url.token != NULL ? nb_strdup(from->url.token) : NULL;
    url->is_tls = url->is_tls || from->url.is_tls;
    if (is_address(url->host)) {
        server->tls_name = nb_strdup(nclient__server_tls_name(from));
    }
    nb_free(server->label);
    server->label = make_label(url);
}

// -- the pool --------------------------------------------------------------------------------

static void append(struct nclient__pool *pool, struct nclient__server *server)
{
    if (pool->count == pool->room) {
        pool->room = pool->room > 0 ? pool->room * 2 : POOL_ROOM_MIN;
        pool->servers = nb_realloc(pool->servers, pool->room * sizeof(*pool->servers));
    }
    pool->servers[pool->count++] = server;
}

static void remove_at(struct nclient__pool *pool, size_t index)
{
    server_destroy(pool->servers[index]);
    pool->count--;
    memmove(&pool->servers[index], &pool->servers[index + 1],
            (pool->count - index) * sizeof(*pool->servers));
}

static int add_given(struct nclient__pool *pool, struct slice text, struct nb_diag *diag)
{
    struct nclient__url url;
    int rc;

    if (pool->count == NCLIENT_SERVERS_MAX) {
        nb_diag_set(diag, "more than %d server URLs", NCLIENT_SERVERS_MAX);
        return NB_ELIMIT;
    }
    rc = nclient__url_parse(text, &url, diag);
    if (rc == NB_OK) {
        append(pool, server_create(&url, false));
    }
    return rc;
}

int nclient__pool_init(struct nclient__pool *pool, const char *urls, struct nb_diag *diag)
{
    struct slice rest = nb_slice_of(urls != NULL ? urls : NCLIENT_URL_DEFAULT);
    struct slice text;
    int rc = NB_OK;

    *pool = (struct nclient__pool){0};
    while (rc == NB_OK && nb_slice_take_field(&rest, ',', &text)) {
        rc = add_given(pool, text, diag);
    }
    if (rc == NB_OK && pool->count == 0) {
        nb_diag_set(diag, "no server URL");
        rc = NB_EINVALID;
    }
    if (rc != NB_OK) {
        nclient__pool_fini(pool);
    }
    return rc;
}

void nclient__pool_fini(struct nclient__pool *pool)
{
    for (size_t i = 0; i < pool->count; i++) {
        server_destroy(pool->servers[i]);
    }
    nb_free(pool->servers);
    *pool = (struct nclient__pool){0};
}

static void shuffle_from(struct nclient__pool *pool, size_t start, struct nb_random *random)
{
    for (size_t i = pool->count; i > start + 1; i--) {
        size_t other = start + nb_random_below(random, (uint32_t)(i - start));
        struct nclient__server *last = pool->servers[i - 1];

        pool->servers[i - 1] = pool->servers[other];
        pool->servers[other] = last;
    }
}

void nclient__pool_shuffle(struct nclient__pool *pool, struct nb_random *random)
{
    shuffle_from(pool, 0, random);
}

void nclient__pool_rotate(struct nclient__pool *pool)
{
    struct nclient__server *first;

    if (pool->count < 2) {
        return;
    }
    first = pool->servers[0];
    memmove(&pool->servers[0], &pool->servers[1], (pool->count - 1) * sizeof(*pool->servers));
    pool->servers[pool->count - 1] = first;
}

void nclient__pool_drop_current(struct nclient__pool *pool)
{
    if (pool->count > 0) {
        remove_at(pool, 0);
    }
}

static bool is_at(const struct nclient__server *server, const struct nclient__url *url)
{
    return server->url.port == url->port && strcmp(server->url.host, url->host) == 0;
}

static bool is_listed(const struct nclient__server *server, const struct nclient__url *urls,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_at(server, &urls[i])) {
            return true;
        }
    }
    return false;
}

static bool has_server(const struct nclient__pool *pool, const struct nclient__url *url)
{
    for (size_t i = 0; i < pool->count; i++) {
        if (is_at(pool->servers[i], url)) {
            return true;
        }
    }
    return false;
}

// The current one stays: we are connected to it.
static void forget_unlisted(struct nclient__pool *pool, const struct nclient__url *urls,
                            size_t count)
{
    for (size_t i = pool->count; i > 1; i--) {
        const struct nclient__server *server = pool->servers[i - 1];

        if (server->is_discovered && !is_listed(server, urls, count)) {
            remove_at(pool, i - 1);
        }
    }
}

// The well-formed ones of a list, at most NCLIENT_SERVERS_MAX. Freed by the caller.
static struct nclient__url *parse_list(const struct slice *urls, size_t count, size_t *parsed_count)
{
    size_t max = count < NCLIENT_SERVERS_MAX ? count : NCLIENT_SERVERS_MAX;
    struct nclient__url *parsed = nb_calloc(max + 1, sizeof(*parsed));
    size_t n = 0;

    for (size_t i = 0; i < max; i++) {
        if (nclient__url_parse(urls[i], &parsed[n], NULL) == NB_OK) {
            n++;
        }
    }
    *parsed_count = n;
    return parsed;
}

void nclient__pool_discover(struct nclient__pool *pool, const struct slice *urls, size_t count,
                            struct nb_random *random)
{
    size_t parsed_count;
    struct nclient__url *parsed = parse_list(urls, count, &parsed_count);
    size_t first_new;

    assert(pool->count > 0);
    forget_unlisted(pool, parsed, parsed_count);
    first_new = pool->count;
    for (size_t i = 0; i < parsed_count; i++) {
        struct nclient__server *server;

        if (pool->count >= NCLIENT_SERVERS_MAX || has_server(pool, &parsed[i])) {
            nclient__url_fini(&parsed[i]);
            continue;
        }
        nclient__url_forget_user(&parsed[i]); // we have our own
        server = server_create(&parsed[i], true);
        inherit(server, pool->servers[0]);
        append(pool, server);
    }
    if (random != NULL) {
        shuffle_from(pool, first_new, random);
    }
    nb_free(parsed);
}
