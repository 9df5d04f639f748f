/* reload_log_auth.c - the lines of a reload about who may come in (spec 02 section 11.2). */
#include <natsd/map.h>
#include <natsd/quote.h>

#include "lifecycle/reload_log.h"
#include "options/fields.h"

/* Users. */

static size_t index_nkeys(const struct nserver_options *opts, struct nb_map *nkeys)
{
    size_t count = 0;

    for (size_t i = 0; i < opts->user_count; i++) {
        struct nserver_user *user = &opts->users[i];

        if (user->nkey != NULL) {
            count += nb_map_insert(nkeys, nb_slice_of(user->nkey), user);
        }
    }
    return count;
}

static bool same_user(const struct nserver_user *a, const struct nserver_user *b)
{
    return nserver__same_text(a->account, b->account) &&
           a->connection_types == b->connection_types && a->proxy_required == b->proxy_required &&
           nserver__same_permissions(a->permissions, b->permissions);
}

// In any order.
static bool same_nkeys(const struct nserver_options *was, const struct nserver_options *is)
{
    struct nb_map old = {0};
    struct nb_map new = {0};
    bool is_same = index_nkeys(was, &old) == index_nkeys(is, &new);
    size_t position = 0;
    const struct nserver_user *user;

    while (is_same && (user = nb_map_next(&new, &position)) != NULL) {
        const struct nserver_user *before = nb_map_find(&old, nb_slice_of(user->nkey));

        is_same = before != NULL && same_user(before, user);
    }
    nb_map_fini(&old);
    nb_map_fini(&new);
    return is_same;
}

static void log_secret(const struct nb_logger *log, const char *name, const char *was,
                       const char *is)
{
    if (!nserver__same_text(was, is)) {
        nb_log_info(log, "Reloaded: authorization %s", name);
    }
}

void nserver__log_auth_changes(const struct nb_logger *log, const struct nserver_options *was,
                               const struct nserver_options *is)
{
    const char *sentinel = is->operators.default_sentinel;

    if (!same_nkeys(was, is)) {
        nb_log_info(log, "Reloaded: authorization nkey users");
    }
    nb_log_info(log, "Reloaded: authorization users"); // these two always, as the reference does
    nb_log_info(log, "Reloaded: accounts");
    if (!nserver__same_text(was->operators.default_sentinel, sentinel)) {
        nb_log_info(log, "Reloaded: default_sentinel = %s", sentinel != NULL ? sentinel : "");
    }
    log_secret(log, "username", was->username, is->username);
    log_secret(log, "password", was->password, is->password);
    log_secret(log, "token", was->token, is->token);
}

/* Resolvers. */

static bool same_resolver(const struct nserver_operator_options *was,
                          const struct nserver_operator_options *is)
{
    const struct nserver_resolver_options *a = &was->resolver;
    const struct nserver_resolver_options *b = &is->resolver;

    return a->kind == b->kind && nserver__same_text(a->url, b->url) &&
           nserver__same_text(a->dir, b->dir) && a->limit == b->limit &&
           a->allow_delete == b->allow_delete && a->hard_delete == b->hard_delete &&
           a->interval_ns == b->interval_ns && a->ttl_ns == b->ttl_ns &&
           a->timeout_ns == b->timeout_ns &&
           nserver__same_pairs(was->preloads, was->preload_count, is->preloads, is->preload_count);
}

void nserver__log_resolver_changes(const struct nb_logger *log, const struct nserver_options *was,
                                   const struct nserver_options *is)
{
    if (!same_resolver(&was->operators, &is->operators)) {
        nb_log_info(log, "Reloaded: accounts");
    }
    if (!nserver__same_tls(&was->operators.resolver_tls, &is->operators.resolver_tls)) {
        nb_log_info(log, "Reloaded: accounts");
    }
}

/* Proxies. */

static bool has_key(const struct nserver_options *opts, const char *key)
{
    for (size_t i = 0; i < opts->trusted_proxy_count; i++) {
        if (nserver__same_text(opts->trusted_proxies[i], key)) {
            return true;
        }
    }
    return false;
}

// Those of one that the other doesn't have.
static void log_keys(const struct nb_logger *log, const struct nserver_options *of,
                     const struct nserver_options *not_of, const char *what)
{
    enum { LINE_MAX_BYTES = 16 * 1024 };
    struct nb_buf keys;
    int rc = NB_OK;

    nb_buf_init(&keys, LINE_MAX_BYTES);
    for (size_t i = 0; rc == NB_OK && i < of->trusted_proxy_count; i++) {
        if (has_key(not_of, of->trusted_proxies[i])) {
            continue;
        }
        if (nb_buf_slice(&keys).n > 0) {
            rc = nb_buf_append(&keys, NB_SLICE(" "));
        }
        if (rc == NB_OK) {
            rc = nb_quote(nb_slice_of(of->trusted_proxies[i]), &keys);
        }
    }
    if (nb_buf_slice(&keys).n > 0) {
        nb_log_info(log, "Reloaded: proxies trusted keys [%.*s] were %s",
                    NB_SLICE_ARGS(nb_buf_slice(&keys)), what);
    }
    nb_buf_fini(&keys);
}

void nserver__log_proxy_changes(const struct nb_logger *log, const struct nserver_options *was,
                                const struct nserver_options *is)
{
    log_keys(log, was, is, "removed");
    log_keys(log, is, was, "added");
}
