/* read_leaf_proxy.c - the HTTP proxy of a remote leaf node (spec 02 section 4.13). */
#include <stddef.h>

#include "options/read_block.h"
#include "options/url.h"

/* Its tls block: what a client needs. */

static bool is_client_key(const struct nconf_value *value)
{
    static const char *const keys[] = {
        "cert_file",      "key_file",     "ca_file",
        "certs",          "certificates", "insecure",
        "cipher_suites",  "min_version",  "allow_insecure_cipher_suites",
        "timeout",        "cert_store",   "curve_preferences",
        "cert_match_by",  "cert_match",   "cert_match_skip_invalid",
        "ca_certs_match",
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(keys); i++) {
        if (nserver__is_key(value, keys[i])) {
            return true;
        }
    }
    return false;
}

static void read_tls(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_leaf_proxy *proxy = block;
    bool is_good = true;

    for (const struct nconf_value *entry = value->type == NCONF_MAP ? value->first : NULL;
         entry != NULL; entry = entry->next) {
        if (!is_client_key(entry)) {
            nserver__read_error(r, entry, "%s is not supported for proxy TLS",
                                nserver__quoted(r, entry->key));
            is_good = false;
        }
    }
    if (is_good) {
        (void)nserver__read_tls_block(r, value, NSERVER__TLS_OTHERS, &proxy->tls);
    }
}

/* The block. */

#define MEMBER(name) offsetof(struct nserver_leaf_proxy, name)

static const struct nserver__option options[] = {
    {"url", NSERVER__OPTION_TEXT, MEMBER(url), NULL, NULL},
    {"username", NSERVER__OPTION_TEXT, MEMBER(username), NULL, NULL},
    {"password", NSERVER__OPTION_TEXT, MEMBER(password), NULL, NULL},
    {"timeout", NSERVER__OPTION_DURATION, MEMBER(timeout_ns), NULL, "proxy timeout"},
    {"tls", NSERVER__OPTION_SPECIAL, 0, read_tls, NULL},
};

void nserver__read_leaf_proxy(struct reading *r, const struct nconf_value *value,
                              struct nserver_leaf_proxy *out)
{
    if (value->type != NCONF_MAP) {
        nserver__read_error(r, value, "Expected proxy to be a map, got %s",
                            nconf_type_name(value->type));
        return;
    }
    *out = (struct nserver_leaf_proxy){.is_set = true};
    nserver__read_block(r, value, options, NB_ARRAY_LEN(options), out);
}

/* The whole. */

static bool check_url(struct reading *r, const struct nconf_value *value,
                      const struct nserver_leaf_proxy *proxy, struct nserver__url_parts *url,
                      uint8_t *room)
{
    struct nb_diag diag;

    if (nserver__url_split(nb_slice_of(proxy->url), room, url, &diag) != NB_OK) {
        nserver__read_error(r, value, "invalid proxy URL: %s", diag.text);
        return false;
    }
    if (!nb_slice_is(url->scheme, "http") && !nb_slice_is(url->scheme, "https")) {
        nserver__read_error(r, value, "proxy URL scheme must be http or https, got: %.*s",
                            NB_SLICE_ARGS(url->scheme));
        return false;
    }
    if (url->host.n == 0) {
        nserver__read_error(r, value, "proxy URL must specify a host");
        return false;
    }
    return true;
}

static void check_remote_urls(struct reading *r, const struct nconf_value *value,
                              const struct nserver_leaf_remote *remote)
{
    for (size_t i = 0; i < remote->url_count && !remote->tls.is_set; i++) {
        struct nb_buf shown;
        int rc;

        if (strcmp(remote->urls[i].scheme, "wss") != 0) {
            continue;
        }
        nb_buf_init(&shown, 2 * NSERVER_URL_MAX_BYTES);
        rc = nserver_url_redact(&remote->urls[i], &shown);
        (void)rc; // a part of it does
        nserver__read_error(
            r, value,
            "proxy is configured but remote URL %.*s requires TLS and no TLS configuration is "
            "provided. When using proxy with TLS endpoints, ensure TLS is properly configured for "
            "the leafnode remote",
            NB_SLICE_ARGS(nb_buf_slice(&shown)));
        nb_buf_fini(&shown);
        return;
    }
}

static bool has_more_than_url(const struct nserver_leaf_proxy *proxy)
{
    return proxy->username != NULL || proxy->password != NULL || proxy->timeout_ns != 0 ||
           proxy->tls.is_set;
}

// The first thing that is wrong with it.
static const char *find_fault(const struct nserver_leaf_proxy *proxy, struct slice scheme)
{
    if (proxy->timeout_ns < 0) {
        return "proxy timeout must be >= 0";
    }
    if ((proxy->username == NULL) != (proxy->password == NULL)) {
        return "proxy username and password must both be specified or both be empty";
    }
    if (proxy->tls.is_set && !nb_slice_is(scheme, "https")) {
        return "proxy TLS configuration requires an https proxy URL, got: http";
    }
    return proxy->tls.timeout_s < 0 ? "proxy TLS timeout must be >= 0" : NULL;
}

void nserver__check_leaf_proxy(struct reading *r, const struct nconf_value *value,
                               const struct nserver_leaf_remote *remote)
{
    const struct nserver_leaf_proxy *proxy = &remote->proxy;
    struct nserver__url_parts url = {0};
    const char *fault;
    uint8_t *room;

    if (proxy->url == NULL) {
        if (has_more_than_url(proxy)) {
            nserver__read_error(r, value,
                                "proxy URL must be specified when other proxy options are set");
        }
        return;
    }
    room = nb_alloc(nserver__url_room(nb_slice_of(proxy->url)));
    if (check_url(r, value, proxy, &url, room)) {
        fault = find_fault(proxy, url.scheme);
        if (fault != NULL) {
            nserver__read_error(r, value, "%s", fault);
        } else {
            check_remote_urls(r, value, remote);
        }
    }
    nb_wipe(room, nserver__url_room(nb_slice_of(proxy->url)));
    nb_free(room);
}
