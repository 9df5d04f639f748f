#include "url.h"

#include <natsd/number.h>

enum {
    USER_INFO_MAX_BYTES = 64 * 1024, // a JWT fits
};

static const struct scheme {
    const char *name;
    bool is_tls;
    bool is_supported;
} schemes[] = {
    {"nats", false, true}, {"tls", true, true}, {"ws", false, false}, {"wss", true, false}};

static void wipe_text(char **text)
{
    if (*text != NULL) {
        nb_wipe(*text, strlen(*text));
        nb_free(*text);
        *text = NULL;
    }
}

void nclient__url_forget_user(struct nclient__url *url)
{
    wipe_text(&url->user);
    wipe_text(&url->password);
    wipe_text(&url->token);
}

void nclient__url_fini(struct nclient__url *url)
{
    nb_free(url->host);
    url->host = NULL;
    nclient__url_forget_user(url);
}

static int take_scheme(struct slice *rest, struct nclient__url *url, struct nb_diag *diag)
{
    size_t n = nb_slice_find(*rest, NB_SLICE("://"));
    struct slice name = nb_slice_sub(*rest, 0, n);

    if (n == rest->n) {
        return NB_OK; // none
    }
    *rest = nb_slice_sub(*rest, n + 3, rest->n);
    for (size_t i = 0; i < NB_ARRAY_LEN(schemes); i++) {
        if (!nb_slice_equal_nocase(name, nb_slice_of(schemes[i].name))) {
            continue;
        }
        if (!schemes[i].is_supported) {
            nb_diag_set(diag, "%s:// is not supported, use nats:// or tls://", schemes[i].name);
            return NB_EUNSUPPORTED;
        }
        url->is_tls = schemes[i].is_tls;
        return NB_OK;
    }
    nb_diag_set(diag, "unknown scheme in server URL, use nats:// or tls://");
    return NB_EUNSUPPORTED;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// An owned text, or NULL when it is malformed. A NUL would cut it short for C.
static char *decode_percent(struct slice text)
{
    char *out = nb_alloc(text.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        int c = text.p[i];

        if (c == '%') {
            int high = text.n - i > 2 ? hex_digit(text.p[i + 1]) : -1;
            int low = text.n - i > 2 ? hex_digit(text.p[i + 2]) : -1;

            c = high < 0 || low < 0 ? 0 : high * 16 + low;
            i += 2;
        }
        if (c == 0) {
            nb_wipe(out, n);
            nb_free(out);
            return NULL;
        }
        out[n++] = (char)c;
    }
    out[n] = '\0';
    return out;
}

// Everything before the last '@': a password may have one that nobody encoded.
static size_t user_info_size(struct slice rest)
{
    size_t n = rest.n;

    while (n > 0 && rest.p[n - 1] != '@') {
        n--;
    }
    return n;
}

static int take_user_info(struct slice *rest, struct nclient__url *url, struct nb_diag *diag)
{
    size_t n = user_info_size(*rest);
    struct slice info = nb_slice_sub(*rest, 0, n > 0 ? n - 1 : 0);
    size_t colon = nb_slice_find_byte(info, ':');

    *rest = nb_slice_sub(*rest, n, rest->n);
    if (info.n == 0) {
        return NB_OK;
    }
    if (info.n > USER_INFO_MAX_BYTES) {
        goto fail;
    }
    if (colon == info.n) {
        url->token = decode_percent(info);
        if (url->token == NULL) {
            goto fail;
        }
        return NB_OK;
    }
    url->user = decode_percent(nb_slice_sub(info, 0, colon));
    url->password = decode_percent(nb_slice_sub(info, colon + 1, info.n));
    if (url->user == NULL || url->password == NULL) {
        goto fail;
    }
    return NB_OK;

fail:
    nb_diag_set(diag, "invalid user information in server URL");
    return NB_EMALFORMED;
}

static bool is_host(struct slice host)
{
    if (host.n == 0 || host.n > NCLIENT__HOST_MAX_BYTES) {
        return false;
    }
    for (size_t i = 0; i < host.n; i++) {
        // What could be taken for something else in a URL, a log or an INFO.
        if (host.p[i] <= ' ' || host.p[i] >= 0x7f || strchr("/?#@[],\"\\", host.p[i]) != NULL) {
            return false;
        }
    }
    return true;
}

// "[::1]:4222", "::1", "host:4222" or "host", into host and port text (NULL: none).
static bool split_address(struct slice text, struct slice *host, struct slice *port)
{
    size_t colon = nb_slice_find_byte(text, ':');
    struct slice behind = nb_slice_sub(text, colon + 1, text.n);

    *port = (struct slice){0};
    if (text.n > 0 && text.p[0] == '[') {
        size_t end = nb_slice_find_byte(text, ']');
        struct slice rest = nb_slice_sub(text, end + 1, text.n);

        *host = nb_slice_sub(text, 1, end > 0 ? end - 1 : 0);
        if (end == text.n || (rest.n > 0 && rest.p[0] != ':')) {
            return false;
        }
        *port = rest.n > 0 ? nb_slice_sub(rest, 1, rest.n) : *port;
        return true;
    }
    if (colon == text.n || nb_slice_find_byte(behind, ':') < behind.n) {
        *host = text; // no port, or an IPv6 address as it is
        return true;
    }
    *host = nb_slice_sub(text, 0, colon);
    *port = behind;
    return true;
}

static int take_address(struct slice rest, struct nclient__url *url, struct nb_diag *diag)
{
    struct slice host;
    struct slice port_text;
    uint64_t port = NCLIENT__PORT_DEFAULT;

    if (rest.n > 0 && rest.p[rest.n - 1] == '/') {
        rest.n--; // "nats://host:4222/"
    }
    if (!split_address(rest, &host, &port_text) || !is_host(host)) {
        nb_diag_set(diag, "invalid host in server URL");
        return NB_EMALFORMED;
    }
    if (port_text.p != NULL && (nb_parse_u64(port_text, UINT16_MAX, &port) != NB_OK || port == 0)) {
        nb_diag_set(diag, "invalid port in server URL");
        return NB_EMALFORMED;
    }
    url->host = nb_slice_cstr(host);
    url->port = (uint16_t)port;
    return NB_OK;
}

int nclient__url_parse(struct slice text, struct nclient__url *out, struct nb_diag *diag)
{
    struct slice rest = nb_slice_trim(text);
    struct nclient__url url = {0};
    int rc = take_scheme(&rest, &url, diag);

    if (rc == NB_OK) {
        rc = take_user_info(&rest, &url, diag);
    }
    if (rc == NB_OK) {
        rc = take_address(rest, &url, diag);
    }
    if (rc != NB_OK) {
        nclient__url_fini(&url);
        return rc;
    }
    *out = url;
    return NB_OK;
}
