/* reload_cluster.c - what a cluster and a gateway cannot change while they run (spec 02 sections
 * 11.3 and 11.4).
 */
#include <stddef.h>

#include "options/host_port.h"
#include "options/reload_check.h"

#define FIELD(name, kind, member)                                                        \
    {                                                                                    \
        name, NSERVER__FIELD_##kind, offsetof(struct nserver_gateway_options, member), 0 \
    }

static const char *shown(const char *text)
{
    return text != NULL ? text : "";
}

static void check_advertise(struct nserver__change *change, const char *advertise)
{
    struct nb_diag reason = {0};

    if (advertise != NULL && nserver__check_advertise(advertise, &reason) != NB_OK) {
        nserver__change_refuse(change, "invalid Cluster.Advertise value of %.200s, err=%.200s",
                               advertise, reason.text);
    }
}

void nserver__change_check_cluster(struct nserver__change *change,
                                   const struct nserver_options *was,
                                   const struct nserver_options *is)
{
    const struct nserver_cluster_options *a = &was->cluster;
    const struct nserver_cluster_options *b = &is->cluster;

    if (!nserver__same_text(a->host, b->host)) {
        nserver__change_refuse(change,
                               "config reload not supported for cluster host: old=%s, new=%s",
                               shown(a->host), shown(b->host));
    } else if (a->port != b->port && (a->port == 0 || b->port != -1)) {
        nserver__change_refuse(change,
                               "config reload not supported for cluster port: old=%d, new=%d",
                               a->port, b->port);
    }
    check_advertise(change, b->advertise);
}

/* Gateways. */

static bool same_gateway(const struct nserver_gateway_remote *a,
                         const struct nserver_gateway_remote *b)
{
    return nserver__same_text(a->name, b->name) &&
           nserver__same_urls(a->urls, a->url_count, b->urls, b->url_count) &&
           a->tls.is_set == b->tls.is_set && a->tls.insecure == b->tls.insecure;
}

static bool has_gateway(const struct nserver_gateway_options *gateway,
                        const struct nserver_gateway_remote *remote)
{
    for (size_t i = 0; i < gateway->remote_count; i++) {
        if (same_gateway(&gateway->remotes[i], remote)) {
            return true;
        }
    }
    return false;
}

static bool same_gateways(const struct nserver_gateway_options *a,
                          const struct nserver_gateway_options *b)
{
    bool is_same = a->remote_count == b->remote_count;

    for (size_t i = 0; i < a->remote_count && is_same; i++) {
        is_same = has_gateway(b, &a->remotes[i]);
    }
    return is_same;
}

static const struct nserver__field gateway_fields[] = {
    FIELD("name", TEXT, name),
    FIELD("host", TEXT, host),
    FIELD("port", PORT, port),
    FIELD("advertise", TEXT, advertise),
    FIELD("user", TEXT, username),
    FIELD("password", SECRET, password),
    FIELD("timeout", SECONDS, auth_timeout_s),
    FIELD("connect_retries", INT, connect_retries),
    FIELD("connect_backoff", BOOL, connect_backoff),
    FIELD("reject_unknown_cluster", BOOL, reject_unknown),
    FIELD("write_deadline", DURATION, write_deadline_ns),
    FIELD("write_timeout", WRITE_TIMEOUT, write_timeout),
    FIELD("tls", BOOL, tls.is_set),
    FIELD("tls timeout", SECONDS, tls.timeout_s),
    FIELD("tls verify_and_map", BOOL, tls.verify_and_map),
    FIELD("tls verify_cert_and_check_known_urls", BOOL, tls.check_known_urls),
};

void nserver__change_check_gateway(struct nserver__change *change,
                                   const struct nserver_options *was,
                                   const struct nserver_options *is)
{
    const struct nserver_gateway_options *a = &was->gateway;
    const struct nserver_gateway_options *b = &is->gateway;

    if (a->port == 0 && b->port == -1) { // there is no port to be kept
        nserver__change_refuse(
            change, "gateway \"%.200s\" has no port specified (select -1 for random port)",
            shown(b->name));
    } else if (nserver__find_difference(gateway_fields, NB_ARRAY_LEN(gateway_fields), a, b) !=
               NULL) {
        nserver__change_check_block(change, "Gateway", gateway_fields, NB_ARRAY_LEN(gateway_fields),
                                    a, b);
    } else if (!same_gateways(a, b)) {
        nserver__change_refuse(
            change,
            "config reload not supported for Gateway: old={gateways: %zu}, new={gateways: "
            "%zu, not the same}",
            a->remote_count, b->remote_count);
    }
}
