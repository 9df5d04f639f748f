/* reload_leafnodes.c - what leaf nodes cannot change while they run (spec 02 section 11.4): most of
 * the block, and most of a remote that stays. Remotes may come and go.
 */
#include <stddef.h>
#include <stdio.h>

#include "options/reload_check.h"

/* Remotes. */

#define FIELD(name, kind, member)                                                    \
    {                                                                                \
        name, NSERVER__FIELD_##kind, offsetof(struct nserver_leaf_remote, member), 0 \
    }

static const struct nserver__field remote_fields[] = {
    FIELD("NoRandomize", BOOL, no_randomize),
    FIELD("Hub", BOOL, hub),
    FIELD("DenyImports", SUBJECTS, deny_imports),
    FIELD("DenyExports", SUBJECTS, deny_exports),
    FIELD("Websocket.Compression", BOOL, ws_compression),
    FIELD("Websocket.NoMasking", BOOL, ws_no_masking),
    FIELD("JetStreamClusterMigrate", BOOL, jetstream_cluster_migrate),
    FIELD("JetStreamClusterMigrateDelay", DURATION, jetstream_migrate_delay_ns),
    FIELD("LocalIsolation", BOOL, isolate),
    FIELD("RequestIsolation", BOOL, request_isolation),
    FIELD("FirstInfoTimeout", DURATION, first_info_timeout_ns),
    FIELD("DialTimeout", DURATION, dial_timeout_ns),
    FIELD("IgnoreDiscoveredServers", BOOL, ignore_discovered_servers),
};

static const struct nserver__field proxy_fields[] = {
    FIELD("Proxy", TEXT, proxy.url),
    FIELD("Proxy", SECRET, proxy.username),
    FIELD("Proxy", SECRET, proxy.password),
    FIELD("Proxy", DURATION, proxy.timeout_ns),
};

#undef FIELD

static void check_remote(struct nserver__change *change, const struct nserver_leaf_remote *was,
                         const struct nserver_leaf_remote *is)
{
    enum { NAME_MAX_BYTES = 400 };
    struct nb_buf name;
    char before[NAME_MAX_BYTES + 64];
    int rc;

    nb_buf_init(&name, NAME_MAX_BYTES);
    rc = nserver_leaf_remote_name(was, &name);
    (void)rc; // a part of it does
    snprintf(before, sizeof(before), "LeafNode: remote %.*s: field \"",
             NB_SLICE_ARGS(nb_buf_slice(&name)));
    nb_buf_fini(&name);
    nserver__change_check_as(change, (struct nserver__change_names){before, "\""}, remote_fields,
                             NB_ARRAY_LEN(remote_fields), was, is);
    if (nserver__find_difference(proxy_fields, NB_ARRAY_LEN(proxy_fields), was, is) != NULL) {
        nserver__change_refuse(change,
                               "config reload not supported for %sProxy\": only the proxy TLS "
                               "configuration can be changed",
                               before);
    }
}

static const struct nserver_leaf_remote *find_remote(const struct nserver_leafnode_options *leaf,
                                                     const struct nserver_leaf_remote *remote)
{
    for (size_t i = 0; i < leaf->remote_count; i++) {
        if (nserver_leaf_remote_same(&leaf->remotes[i], remote)) {
            return &leaf->remotes[i];
        }
    }
    return NULL;
}

/* Users. */

static bool same_user(const struct nserver_leaf_user *a, const struct nserver_leaf_user *b)
{
    return nserver__same_text(a->name, b->name) && nserver__same_text(a->password, b->password) &&
           nserver__same_text(a->account, b->account);
}

static bool has_user(const struct nserver_leafnode_options *leaf,
                     const struct nserver_leaf_user *user)
{
    for (size_t i = 0; i < leaf->user_count; i++) {
        if (same_user(&leaf->users[i], user)) {
            return true;
        }
    }
    return false;
}

// In any order; names come once.
static bool same_users(const struct nserver_leafnode_options *a,
                       const struct nserver_leafnode_options *b)
{
    bool is_same = a->user_count == b->user_count;

    for (size_t i = 0; i < a->user_count && is_same; i++) {
        is_same = has_user(b, &a->users[i]);
    }
    return is_same;
}

/* The block. */

#define FIELD(name, kind, member)                                                         \
    {                                                                                     \
        name, NSERVER__FIELD_##kind, offsetof(struct nserver_leafnode_options, member), 0 \
    }

static const struct nserver__field fields[] = {
    FIELD("Host", TEXT, host),
    FIELD("Port", PORT, port),
    FIELD("Username", TEXT, username),
    FIELD("Password", SECRET, password),
    FIELD("Nkey", TEXT, nkey),
    FIELD("Account", TEXT, account),
    FIELD("ProxyRequired", BOOL, proxy_required),
    FIELD("AuthTimeout", SECONDS, auth_timeout_s),
    FIELD("TLSTimeout", SECONDS, tls.timeout_s),
    FIELD("TLSMap", BOOL, tls.verify_and_map),
    FIELD("TLSPinnedCerts", PINS, tls),
    FIELD("Advertise", TEXT, advertise),
    FIELD("NoAdvertise", CHOICE, no_advertise),
    FIELD("ReconnectInterval", DURATION, reconnect_ns),
    FIELD("DialTimeout", DURATION, dial_timeout_ns),
    FIELD("MinVersion", TEXT, min_version),
    FIELD("IsolateLeafnodeInterest", BOOL, isolate),
    FIELD("WriteDeadline", DURATION, write_deadline_ns),
    FIELD("WriteTimeout", WRITE_TIMEOUT, write_timeout),
};

void nserver__change_check_leafnodes(struct nserver__change *change,
                                     const struct nserver_options *was,
                                     const struct nserver_options *is)
{
    const struct nserver_leafnode_options *a = &was->leafnodes;
    const struct nserver_leafnode_options *b = &is->leafnodes;

    nserver__change_check_as(change, (struct nserver__change_names){"LeafNode: field \"", "\""},
                             fields, NB_ARRAY_LEN(fields), a, b);
    if (!same_users(a, b)) {
        nserver__change_refuse(change,
                               "config reload not supported for LeafNode: field \"Users\": "
                               "old=[%zu], new=[%zu]",
                               a->user_count, b->user_count);
    }
    for (size_t i = 0; i < a->remote_count; i++) {
        const struct nserver_leaf_remote *remote = find_remote(b, &a->remotes[i]);

        if (remote != NULL) {
            check_remote(change, &a->remotes[i], remote);
        }
    }
}
