/* read_cluster.c - the cluster block (spec 02 section 4.10). */
#include <stddef.h>

#include "options/read_block.h"

#include <natsd/subject.h>

static void read_name(struct reading *r, const struct nconf_value *value, void *block)
{
    nserver__read_cluster_name(r, value, "cluster",
                               &((struct nserver_cluster_options *)block)->name);
}

static void read_listen(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_cluster_options *cluster = block;

    (void)nserver__read_kept_address(r, value, &cluster->host, &cluster->port);
}

/* Permissions: a user's may name a queue behind the subject, but what crosses a route has none. */

static bool check_subjects(struct reading *r, const struct nconf_value *at, const char *what,
                           const struct nauth_texts *subjects)
{
    for (size_t i = 0; i < subjects->count; i++) {
        if (!nsub_subject_is_valid(subjects->items[i])) {
            nserver__read_error(r, at, "cluster %s: subject %s is not a valid subject", what,
                                nserver__quoted(r, subjects->items[i]));
            return false;
        }
    }
    return true;
}

// `errors_before` are those from before they were read: a fault is told once.
static bool check_permissions(struct reading *r, const struct nconf_value *at,
                              const struct nauth_permissions *permissions, size_t errors_before)
{
    return nb_buf_slice(&r->report->errors).n == errors_before &&
           check_subjects(r, at, "export allow", &permissions->subscribe_allow) &&
           check_subjects(r, at, "export deny", &permissions->subscribe_deny);
}

// The permissions in it were once the cluster's; the cluster's own come first.
static void read_authorization(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_cluster_options *cluster = block;
    struct nauth_permissions *permissions = NULL;
    struct nserver__peer_auth auth = {&cluster->username, &cluster->password,
                                      &cluster->auth_timeout_s, &permissions};
    size_t errors_before = nb_buf_slice(&r->report->errors).n;

    nserver__read_peer_auth(r, value, "Cluster", &auth);
    if (permissions == NULL || !check_permissions(r, value, permissions, errors_before)) {
        return;
    }
    nserver__read_warning(r, value,
                          "invalid use of field %s: setting \"permissions\" within cluster "
                          "authorization block is deprecated",
                          nserver__quoted(r, value->key));
    if (cluster->permissions == NULL) {
        cluster->permissions = permissions;
    }
}

static void read_permissions(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_cluster_options *cluster = block;
    struct nauth_permissions *permissions = NULL;
    size_t errors_before = nb_buf_slice(&r->report->errors).n;

    nserver__read_permissions(r, value, &permissions);
    if (permissions != NULL && permissions->has_responses) {
        nserver__read_error(r, value, "Cluster permissions do not support dynamic responses");
    } else if (permissions != NULL && !check_permissions(r, value, permissions, errors_before)) {
        return;
    }
    cluster->permissions = permissions;
}

static void read_routes(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_cluster_options *cluster = block;

    nserver__read_urls(r, value, "route",
                       (struct nserver__url_list){&cluster->routes, &cluster->route_count});
}

static void read_tls(struct reading *r, const struct nconf_value *value, void *block)
{
    (void)nserver__read_tls_block(r, value, NSERVER__TLS_PEERS,
                                  &((struct nserver_cluster_options *)block)->tls);
}

static void read_accounts(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_cluster_options *cluster = block;

    (void)nserver__read_text_list(
        r, value, "accounts",
        (struct nserver__text_list){&cluster->accounts, &cluster->account_count});
}

static void read_ping_interval(struct reading *r, const struct nconf_value *value, void *block)
{
    int64_t *interval_ns = &((struct nserver_cluster_options *)block)->ping_interval_ns;

    if (nserver__read_duration(r, value, interval_ns) &&
        *interval_ns > NSERVER_CLUSTER_PING_INTERVAL_MAX_NS) {
        nserver__read_warning(
            r, value, "Cluster 'ping_interval' will reset to 30s which is the max for routes");
    }
}

#define MEMBER(name) offsetof(struct nserver_cluster_options, name)

static const struct nserver__option options[] = {
    {"name", NSERVER__OPTION_SPECIAL, 0, read_name, NULL},
    {"listen", NSERVER__OPTION_SPECIAL, 0, read_listen, NULL},
    {"host", NSERVER__OPTION_TEXT, MEMBER(host), NULL, NULL},
    {"net", NSERVER__OPTION_TEXT, MEMBER(host), NULL, NULL},
    {"port", NSERVER__OPTION_PORT, MEMBER(port), NULL, NULL},
    {"authorization", NSERVER__OPTION_SPECIAL, 0, read_authorization, NULL},
    {"permissions", NSERVER__OPTION_SPECIAL, 0, read_permissions, NULL},
    {"routes", NSERVER__OPTION_SPECIAL, 0, read_routes, NULL},
    {"tls", NSERVER__OPTION_SPECIAL, 0, read_tls, NULL},
    {"advertise", NSERVER__OPTION_TEXT, MEMBER(advertise), NULL, NULL},
    {"cluster_advertise", NSERVER__OPTION_TEXT, MEMBER(advertise), NULL, NULL},
    {"no_advertise", NSERVER__OPTION_CHOICE, MEMBER(no_advertise), NULL, NULL},
    {"connect_retries", NSERVER__OPTION_INT, MEMBER(connect_retries), NULL, NULL},
    {"connect_backoff", NSERVER__OPTION_BOOL, MEMBER(connect_backoff), NULL, NULL},
    {"pool_size", NSERVER__OPTION_INT, MEMBER(pool_size), NULL, NULL},
    {"accounts", NSERVER__OPTION_SPECIAL, 0, read_accounts, NULL},
    {"compression", NSERVER__OPTION_COMPRESSION, MEMBER(compression), NULL, NULL},
    {"ping_interval", NSERVER__OPTION_SPECIAL, 0, read_ping_interval, NULL},
    {"ping_max", NSERVER__OPTION_INT, MEMBER(ping_max), NULL, NULL},
    {"write_deadline", NSERVER__OPTION_DURATION, MEMBER(write_deadline_ns), NULL, NULL},
    {"write_timeout", NSERVER__OPTION_WRITE_TIMEOUT, MEMBER(write_timeout), NULL, NULL},
};

void nserver__read_cluster(struct reading *r, const struct nconf_value *value)
{
    if (value->type != NCONF_MAP) {
        nserver__read_error(r, value, "Expected map to define cluster, got %s",
                            nconf_type_name(value->type));
        return;
    }
    r->opts->cluster.is_set = true;
    nserver__read_block(r, value, options, NB_ARRAY_LEN(options), &r->opts->cluster);
}
