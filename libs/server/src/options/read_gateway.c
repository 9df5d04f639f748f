/* read_gateway.c - the gateway block (spec 02 section 4.12). */
#include <stddef.h>

#include "options/read_block.h"

/* Remote gateways. */

static void read_remote_url(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_gateway_remote *remote = block;

    nserver__read_url(r, value, "gateway",
                      (struct nserver__url_list){&remote->urls, &remote->url_count});
}

static void read_remote_urls(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_gateway_remote *remote = block;

    nserver__read_urls(r, value, "gateway",
                       (struct nserver__url_list){&remote->urls, &remote->url_count});
}

static void read_remote_tls(struct reading *r, const struct nconf_value *value, void *block)
{
    (void)nserver__read_tls_block(r, value, NSERVER__TLS_PEERS,
                                  &((struct nserver_gateway_remote *)block)->tls);
}

static const struct nserver__option remote_options[] = {
    {"name", NSERVER__OPTION_TEXT, offsetof(struct nserver_gateway_remote, name), NULL, NULL},
    {"url", NSERVER__OPTION_SPECIAL, 0, read_remote_url, NULL},
    {"urls", NSERVER__OPTION_SPECIAL, 0, read_remote_urls, NULL},
    {"tls", NSERVER__OPTION_SPECIAL, 0, read_remote_tls, NULL},
};

static void read_gateways(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_gateway_options *gateway = block;

    if (value->type != NCONF_ARRAY) {
        nserver__read_error(r, value, "Expected gateways field to be an array, got %s",
                            nconf_type_name(value->type));
        return;
    }
    gateway->remotes = NULL;
    gateway->remote_count = 0;
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        struct nserver_gateway_remote remote = {0};

        if (item->type != NCONF_MAP) {
            nserver__read_error(r, item, "Expected gateway entry to be a map/struct, got %s",
                                nserver__shown(r, item));
            continue;
        }
        nserver__read_block(r, item, remote_options, NB_ARRAY_LEN(remote_options), &remote);
        gateway->remotes =
            nserver__keep_one_more(r, gateway->remotes, gateway->remote_count, sizeof(remote));
        gateway->remotes[gateway->remote_count++] = remote;
    }
}

/* The block. */

static void read_name(struct reading *r, const struct nconf_value *value, void *block)
{
    nserver__read_cluster_name(r, value, "gateway",
                               &((struct nserver_gateway_options *)block)->name);
}

static void read_listen(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_gateway_options *gateway = block;

    (void)nserver__read_kept_address(r, value, &gateway->host, &gateway->port);
}

static void read_authorization(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_gateway_options *gateway = block;
    struct nserver__peer_auth auth = {&gateway->username, &gateway->password,
                                      &gateway->auth_timeout_s, NULL};

    nserver__read_peer_auth(r, value, "Gateway", &auth);
}

static void read_tls(struct reading *r, const struct nconf_value *value, void *block)
{
    (void)nserver__read_tls_block(r, value, NSERVER__TLS_PEERS,
                                  &((struct nserver_gateway_options *)block)->tls);
}

#define MEMBER(name) offsetof(struct nserver_gateway_options, name)

static const struct nserver__option options[] = {
    {"name", NSERVER__OPTION_SPECIAL, 0, read_name, NULL},
    {"listen", NSERVER__OPTION_SPECIAL, 0, read_listen, NULL},
    {"host", NSERVER__OPTION_TEXT, MEMBER(host), NULL, NULL},
    {"net", NSERVER__OPTION_TEXT, MEMBER(host), NULL, NULL},
    {"port", NSERVER__OPTION_PORT, MEMBER(port), NULL, NULL},
    {"authorization", NSERVER__OPTION_SPECIAL, 0, read_authorization, NULL},
    {"tls", NSERVER__OPTION_SPECIAL, 0, read_tls, NULL},
    {"advertise", NSERVER__OPTION_TEXT, MEMBER(advertise), NULL, NULL},
    {"connect_retries", NSERVER__OPTION_INT, MEMBER(connect_retries), NULL, NULL},
    {"connect_backoff", NSERVER__OPTION_BOOL, MEMBER(connect_backoff), NULL, NULL},
    {"gateways", NSERVER__OPTION_SPECIAL, 0, read_gateways, NULL},
    {"reject_unknown_cluster", NSERVER__OPTION_BOOL, MEMBER(reject_unknown), NULL, NULL},
    {"reject_unknown", NSERVER__OPTION_BOOL, MEMBER(reject_unknown), NULL, NULL},
    {"write_deadline", NSERVER__OPTION_DURATION, MEMBER(write_deadline_ns), NULL, NULL},
    {"write_timeout", NSERVER__OPTION_WRITE_TIMEOUT, MEMBER(write_timeout), NULL, NULL},
};

void nserver__read_gateway(struct reading *r, const struct nconf_value *value)
{
    if (value->type != NCONF_MAP) {
        nserver__read_error(r, value, "Expected gateway to be a map, got %s",
                            nconf_type_name(value->type));
        return;
    }
    r->opts->gateway.is_set = true;
    nserver__read_block(r, value, options, NB_ARRAY_LEN(options), &r->opts->gateway);
}
