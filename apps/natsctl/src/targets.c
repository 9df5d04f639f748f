#include "targets.h"

#include <natsd/buf.h>

#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>

enum {
    TARGETS_MAX = 1024,
    HOST_ROOM = 512,
};

// "scheme://user@host:port" in parts; the client checks them.
struct parts {
    struct slice scheme; // with "://", or empty
    struct slice user;   // with "@", or empty
    struct slice host;   // without brackets
    struct slice port;   // may be empty
};

static void split_host(struct slice rest, struct parts *parts)
{
    size_t end = rest.n;

    if (nb_slice_starts(rest, "[")) {
        end = nb_slice_find_byte(rest, ']');
        parts->host = nb_slice_sub(rest, 1, end - 1);
        rest = nb_slice_sub(rest, end + 1, rest.n);
        parts->port = nb_slice_sub(rest, 1, rest.n);
        return;
    }
    end = nb_slice_find_byte(rest, ':');
    parts->host = nb_slice_sub(rest, 0, end);
    parts->port = nb_slice_sub(rest, end + 1, rest.n);
}

static struct parts split(struct slice url)
{
    size_t scheme = nb_slice_find(url, NB_SLICE("://"));
    struct parts parts = {.scheme = {0}};
    size_t at;

    if (scheme < url.n) {
        parts.scheme = nb_slice_sub(url, 0, scheme + 3);
        url = nb_slice_sub(url, scheme + 3, url.n);
    }
    for (at = url.n; at > 0 && url.p[at - 1] != '@'; at--) {
    }
    parts.user = nb_slice_sub(url, 0, at);
    url = nb_slice_sub(url, at, url.n);
    if (nb_slice_ends(url, "/")) {
        url.n--;
    }
    split_host(url, &parts);
    return parts;
}

static char *join(struct slice scheme, struct slice user, const char *host, struct slice port)
{
    bool is_ipv6 = strchr(host, ':') != NULL;
    struct nb_buf text;
    char *made;

    nb_buf_init(&text, scheme.n + user.n + strlen(host) + port.n + 32);
    nb_buf_must(&text, scheme.n > 0 ? scheme : NB_SLICE("nats://"));
    nb_buf_must(&text, user);
    nb_buf_must_format(&text, "%s%s%s:", is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "");
    nb_buf_must(&text, port.n > 0 ? port : NB_SLICE("4222"));
    made = nb_slice_cstr(nb_buf_slice(&text));
    nb_buf_wipe_fini(&text);
    return made;
}

static void add(struct targets *targets, const struct parts *parts, const char *address)
{
    struct target *target;
    char *host = nb_slice_cstr(parts->host);

    targets->list = nb_realloc(targets->list, (targets->count + 1) * sizeof(*targets->list));
    target = &targets->list[targets->count++];
    target->url = join(parts->scheme, (struct slice){0}, host, parts->port);
    target->address = join(parts->scheme, (struct slice){0}, address, parts->port);
    target->connect = join(parts->scheme, parts->user, address, parts->port);
    target->tls_name = host;
}

static int add_addresses(struct targets *targets, const struct parts *parts, struct nb_diag *diag)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    char *host = nb_slice_cstr(parts->host);
    struct addrinfo *list = NULL;
    int rc = NB_OK;

    if (getaddrinfo(host, NULL, &hints, &list) != 0) {
        nb_diag_set(diag, "lookup %.200s: no such host", host);
        rc = NB_ENOTFOUND;
    }
    for (const struct addrinfo *it = list; it != NULL && targets->count < TARGETS_MAX;
         it = it->ai_next) {
        char text[HOST_ROOM];

        if (getnameinfo(it->ai_addr, it->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST) ==
            0) {
            add(targets, parts, text);
        }
    }
    if (list != NULL) {
        freeaddrinfo(list);
    }
    nb_free(host);
    return rc;
}

int targets_find(const char *urls, bool by_address, struct targets *out, struct nb_diag *diag)
{
    struct slice rest = nb_slice_of(urls != NULL ? urls : NCLIENT_URL_DEFAULT);
    struct slice url;
    int rc = NB_OK;

    *out = (struct targets){.count = 0};
    while (rc == NB_OK && nb_slice_take_field(&rest, ',', &url) && out->count < TARGETS_MAX) {
        struct parts parts = split(nb_slice_trim(url));

        if (by_address) {
            rc = add_addresses(out, &parts, diag);
        } else {
            char *host = nb_slice_cstr(parts.host);

            add(out, &parts, host);
            nb_free(host);
        }
    }
    if (rc != NB_OK) {
        targets_fini(out);
    }
    return rc;
}

void targets_fini(struct targets *targets)
{
    for (size_t i = 0; i < targets->count; i++) {
        struct target *target = &targets->list[i];

        nb_wipe(target->connect, strlen(target->connect));
        nb_free(target->connect);
        nb_free(target->url);
        nb_free(target->address);
        nb_free(target->tls_name);
    }
    nb_free(targets->list);
    *targets = (struct targets){.count = 0};
}
