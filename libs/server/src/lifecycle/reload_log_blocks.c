/* reload_log_blocks.c - the lines of a reload about blocks: other servers, JetStream, MQTT and OCSP
 * (spec 02 section 11.2).
 */
#include <stddef.h>

#include "lifecycle/reload_log.h"
#include "options/fields.h"

enum {
    SHOWN_MAX_BYTES = 4096,
};

// `<before><value>` for a member that differs.
struct line {
    const char *before;
    struct nserver__field field;
};

static void log_field(const struct nb_logger *log, const char *before,
                      const struct nserver__field *field, const void *block)
{
    struct nb_buf value;

    nb_buf_init(&value, SHOWN_MAX_BYTES);
    nserver__show_field(field, block, &value);
    nb_log_info(log, "%s%.*s", before, NB_SLICE_ARGS(nb_buf_slice(&value)));
    nb_buf_fini(&value);
}

/* Clusters: anything but the address, which cannot change, and the routes, which come last. */

#define FIELD(name, kind, member)                                                        \
    {                                                                                    \
        name, NSERVER__FIELD_##kind, offsetof(struct nserver_cluster_options, member), 0 \
    }

static const struct nserver__field cluster_fields[] = {
    FIELD("name", TEXT, name),
    FIELD("advertise", TEXT, advertise),
    FIELD("no_advertise", CHOICE, no_advertise),
    FIELD("connect_retries", INT, connect_retries),
    FIELD("connect_backoff", BOOL, connect_backoff),
    FIELD("user", TEXT, username),
    FIELD("password", SECRET, password),
    FIELD("timeout", SECONDS, auth_timeout_s),
    FIELD("permissions", PERMISSIONS, permissions),
    FIELD("pool_size", INT, pool_size),
    {"accounts", NSERVER__FIELD_NAMES, offsetof(struct nserver_cluster_options, accounts),
     offsetof(struct nserver_cluster_options, account_count)},
    FIELD("compression", COMPRESSION, compression),
    FIELD("ping_interval", DURATION, ping_interval_ns),
    FIELD("ping_max", INT, ping_max),
    FIELD("write_deadline", DURATION, write_deadline_ns),
    FIELD("write_timeout", WRITE_TIMEOUT, write_timeout),
    FIELD("tls", TLS, tls),
};

#undef FIELD

void nserver__log_cluster_change(const struct nb_logger *log, const struct nserver_options *was,
                                 const struct nserver_options *is)
{
    if (nserver__find_difference(cluster_fields, NB_ARRAY_LEN(cluster_fields), &was->cluster,
                                 &is->cluster) == NULL) {
        return;
    }
    nb_log_info(log, "Reloaded: cluster");
    if (is->cluster.tls.insecure) {
        nb_log_warn(log, "TLS certificate chain and hostname of solicited routes will not be "
                         "verified. DO NOT USE IN PRODUCTION!");
    }
}

void nserver__log_route_change(const struct nb_logger *log, const struct nserver_options *was,
                               const struct nserver_options *is)
{
    if (!nserver__same_urls(was->cluster.routes, was->cluster.route_count, is->cluster.routes,
                            is->cluster.route_count)) {
        nb_log_info(log, "Reloaded: cluster routes");
    }
}

/* Leaf nodes. */

#define LINE(before, kind, type, member)                                \
    {                                                                   \
        before,                                                         \
        {                                                               \
            "", NSERVER__FIELD_##kind, offsetof(struct type, member), 0 \
        }                                                               \
    }

static const struct line leaf_lines[] = {
    LINE("Reloaded: LeafNode TLS HandshakeFirst value is: ", BOOL, nserver_leafnode_options,
         tls.handshake_first),
    LINE("Reloaded: LeafNode TLS HandshakeFirstFallback value is: ", DURATION,
         nserver_leafnode_options, tls.handshake_first_fallback_ns),
    LINE("Reloaded: LeafNode Compression value is: ", COMPRESSION, nserver_leafnode_options,
         compression),
};

static const struct line remote_lines[] = {
    LINE("TLS HandshakeFirst value is: ", BOOL, nserver_leaf_remote, tls.handshake_first),
    LINE("Compression value is: ", COMPRESSION, nserver_leaf_remote, compression),
    LINE("Disabled value is: ", BOOL, nserver_leaf_remote, disabled),
};

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

static void log_remote(const struct nb_logger *log, const struct nserver_leaf_remote *was,
                       const struct nserver_leaf_remote *is)
{
    struct nb_buf name;
    int rc;

    nb_buf_init(&name, SHOWN_MAX_BYTES);
    rc = nserver_leaf_remote_name(was, &name);
    (void)rc; // a part of it does
    if (is == NULL) {
        nb_log_info(log, "Reloaded: LeafNode Remote %.*s removed",
                    NB_SLICE_ARGS(nb_buf_slice(&name)));
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(remote_lines) && is != NULL; i++) {
        struct nb_buf value;

        if (nserver__same_field(&remote_lines[i].field, was, is)) {
            continue;
        }
        nb_buf_init(&value, SHOWN_MAX_BYTES);
        nserver__show_field(&remote_lines[i].field, is, &value);
        nb_log_info(log, "Reloaded: LeafNode Remote %.*s %s%.*s",
                    NB_SLICE_ARGS(nb_buf_slice(&name)), remote_lines[i].before,
                    NB_SLICE_ARGS(nb_buf_slice(&value)));
        nb_buf_fini(&value);
    }
    nb_buf_fini(&name);
}

void nserver__log_leaf_changes(const struct nb_logger *log, const struct nserver_options *was,
                               const struct nserver_options *is)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(leaf_lines); i++) {
        if (!nserver__same_field(&leaf_lines[i].field, &was->leafnodes, &is->leafnodes)) {
            log_field(log, leaf_lines[i].before, &leaf_lines[i].field, &is->leafnodes);
        }
    }
    for (size_t i = 0; i < was->leafnodes.remote_count; i++) {
        const struct nserver_leaf_remote *remote = &was->leafnodes.remotes[i];

        log_remote(log, remote, find_remote(&is->leafnodes, remote));
    }
}

/* JetStream. */

// "1.50 GB"
static void log_size(const struct nb_logger *log, const char *name, int64_t bytes)
{
    static const char *const units[] = {"KB", "MB", "GB", "TB", "PB", "EB"};
    double size = (double)bytes / 1024;
    size_t unit = 0;

    if (bytes < 1024) {
        nb_log_info(log, "Reloaded: JetStream %s = %lld B", name, (long long)bytes);
        return;
    }
    for (; size >= 1024 && unit < NB_ARRAY_LEN(units) - 1; unit++) {
        size /= 1024;
    }
    nb_log_info(log, "Reloaded: JetStream %s = %.2f %s", name, size, units[unit]);
}

#define LIMIT(member)                                                                     \
    {                                                                                     \
#member, NSERVER__FIELD_INT, offsetof(struct nserver_jetstream_limits, member), 0 \
    }

static const struct nserver__field limit_fields[] = {
    LIMIT(max_ack_pending),          LIMIT(max_ha_assets),
    LIMIT(max_request_batch),        LIMIT(default_max_consumers),
    LIMIT(duplicate_window_ns),      LIMIT(batch_max_inflight_per_stream),
    LIMIT(batch_max_inflight_total), LIMIT(batch_max_msgs),
    LIMIT(batch_timeout_ns),
};

void nserver__log_jetstream_changes(const struct nb_logger *log, const struct nserver_options *was,
                                    const struct nserver_options *is)
{
    const struct nserver_jetstream_options *a = &was->jetstream;
    const struct nserver_jetstream_options *b = &is->jetstream;

    if (a->is_on != b->is_on) {
        nb_log_info(log, "Reloaded: JetStream");
    }
    if (a->is_on && b->is_on && a->max_memory != b->max_memory) {
        log_size(log, "max_mem_store", b->max_memory);
    }
    if (a->is_on && b->is_on && a->max_store != b->max_store) {
        log_size(log, "max_file_store", b->max_store);
    }
    if (nserver__find_difference(limit_fields, NB_ARRAY_LEN(limit_fields), &a->limits,
                                 &b->limits) != NULL) {
        nb_log_info(log, "Reloaded: JetStream limits");
    }
}

/* MQTT: all lines, whichever member it was. */

static const struct line mqtt_lines[] = {
    LINE("Reloaded: MQTT ack_wait = ", DURATION, nserver_mqtt_options, ack_wait_ns),
    LINE("Reloaded: MQTT max_ack_pending = ", INT, nserver_mqtt_options, max_ack_pending),
    LINE("Reloaded: MQTT stream_replicas = ", INT, nserver_mqtt_options, stream_replicas),
    LINE("Reloaded: MQTT consumer_memory_storage = ", BOOL, nserver_mqtt_options,
         consumer_memory_storage),
    LINE("Reloaded: MQTT consumer_inactive_threshold = ", DURATION, nserver_mqtt_options,
         consumer_inactive_threshold_ns),
};

void nserver__log_mqtt_change(const struct nb_logger *log, const struct nserver_options *was,
                              const struct nserver_options *is)
{
    bool is_same = true;

    for (size_t i = 0; i < NB_ARRAY_LEN(mqtt_lines); i++) {
        is_same = is_same && nserver__same_field(&mqtt_lines[i].field, &was->mqtt, &is->mqtt);
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(mqtt_lines) && !is_same; i++) {
        if (i == 3) {
            nb_log_info(log, "Reloaded: MQTT consumer_replicas = 0"); // ignored since long ago
        }
        log_field(log, mqtt_lines[i].before, &mqtt_lines[i].field, &is->mqtt);
    }
}

/* OCSP. */

void nserver__log_ocsp_change(const struct nb_logger *log, const struct nserver_options *was,
                              const struct nserver_options *is)
{
    const struct nserver_ocsp_options *a = &was->ocsp;
    const struct nserver_ocsp_options *b = &is->ocsp;

    if (a->is_set != b->is_set || a->mode != b->mode ||
        !nserver__same_texts(a->urls, a->url_count, b->urls, b->url_count)) {
        nb_log_info(log, "Reloaded: OCSP");
    }
}

void nserver__log_ocsp_cache_change(const struct nb_logger *log, const struct nserver_options *was,
                                    const struct nserver_options *is)
{
    const struct nserver_ocsp_cache_options *a = &was->ocsp_cache;
    const struct nserver_ocsp_cache_options *b = &is->ocsp_cache;

    if (a->is_set != b->is_set || a->type != b->type ||
        a->preserve_revoked != b->preserve_revoked || a->save_interval_s != b->save_interval_s ||
        !nserver__same_text(a->local_store, b->local_store)) {
        nb_log_info(log, "Reloaded OCSP peer cache"); // without a colon, as the reference has it
    }
}
