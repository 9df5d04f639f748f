#include "url.h"

#include <natsd/http_client.h>
#include <natsd/number.h>

enum {
    HTTP_PORT = 80,
    HTTPS_PORT = 443,
    HOST_MAX_BYTES = 253,
};

static const struct slice slash = {(const uint8_t *)"/", 1};

static bool take_scheme(struct slice *rest, struct slice *scheme)
{
    size_t at = nb_slice_find(*rest, NB_SLICE("://"));

    if (at == rest->n) {
        return false;
    }
    *scheme = nb_slice_sub(*rest, 0, at);
    *rest = nb_slice_sub(*rest, at + 3, rest->n);
    return true;
}

// Up to the first byte of `ends`, which stays.
static struct slice take_until(struct slice *rest, const char *ends)
{
    struct slice whole = *rest;
    size_t n = 0;

    while (n < whole.n && strchr(ends, whole.p[n]) == NULL) {
        n++;
    }
    *rest = nb_slice_sub(whole, n, whole.n);
    return nb_slice_sub(whole, 0, n);
}

static void take_user(struct slice *authority, struct nnet__url *url)
{
    size_t at = authority->n;
    size_t colon;

    for (size_t i = 0; i < authority->n; i++) {
        at = authority->p[i] == '@' ? i : at;
    }
    if (at == authority->n) {
        return;
    }
    url->has_user = true;
    url->user = nb_slice_sub(*authority, 0, at);
    *authority = nb_slice_sub(*authority, at + 1, authority->n);
    colon = nb_slice_find_byte(url->user, ':');
    if (colon < url->user.n) {
        url->has_password = true;
        url->password = nb_slice_sub(url->user, colon + 1, url->user.n);
        url->user = nb_slice_sub(url->user, 0, colon);
    }
}

static int read_port(struct slice text, struct nnet__url *url)
{
    uint64_t port = url->is_tls ? HTTPS_PORT : HTTP_PORT;

    if (text.n > 1 &&
        (nb_parse_u64(nb_slice_sub(text, 1, text.n), UINT16_MAX, &port) != NB_OK || port == 0)) {
        return NB_EMALFORMED;
    }
    url->port = (uint16_t)port;
    return NB_OK;
}

static bool is_host_char(uint8_t c, bool is_address)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_' || (is_address && c == ':');
}

static int read_host(struct slice authority, struct nnet__url *url)
{
    bool is_address = authority.n > 0 && authority.p[0] == '[';
    size_t end =
        is_address ? nb_slice_find_byte(authority, ']') : nb_slice_find_byte(authority, ':');
    struct slice behind = nb_slice_sub(authority, end + (is_address ? 1 : 0), authority.n);

    url->authority = authority;
    url->host = nb_slice_sub(authority, is_address ? 1 : 0, is_address ? end - 1 : end);
    if ((is_address && end == authority.n) || url->host.n == 0 || url->host.n > HOST_MAX_BYTES ||
        (behind.n > 0 && behind.p[0] != ':')) {
        return NB_EMALFORMED;
    }
    for (size_t i = 0; i < url->host.n; i++) {
        if (!is_host_char(url->host.p[i], is_address)) {
            return NB_EMALFORMED;
        }
    }
    return read_port(behind, url);
}

// What stands in a request's first line must not be able to end it.
static bool is_printable(struct slice text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] <= 0x20 || text.p[i] >= 0x7F) {
            return false;
        }
    }
    return true;
}

int nnet__url_parse(struct slice text, struct nnet__url *out)
{
    struct nnet__url url = {.is_tls = false};
    struct slice rest = text;
    struct slice scheme;
    struct slice authority;
    int rc;

    if (text.n > NNET_FETCH_URL_MAX_BYTES) {
        return NB_ELIMIT;
    }
    if (!is_printable(text) || !take_scheme(&rest, &scheme)) {
        return NB_EMALFORMED;
    }
    url.is_tls = nb_slice_equal_nocase(scheme, NB_SLICE("https"));
    if (!url.is_tls && !nb_slice_equal_nocase(scheme, NB_SLICE("http"))) {
        return NB_EUNSUPPORTED;
    }
    authority = take_until(&rest, "/?#");
    take_user(&authority, &url);
    rc = read_host(authority, &url);
    if (rc != NB_OK) {
        return rc;
    }
    url.target = take_until(&rest, "#");
    if (url.target.n == 0) {
        url.target = slash;
    }
    *out = url;
    return NB_OK;
}

int nnet_fetch_check_url(struct slice url)
{
    struct nnet__url parts;

    return nnet__url_parse(url, &parts);
}

int nnet_fetch_print_url(struct slice url, struct nb_buf *out)
{
    struct slice rest = url;
    struct slice scheme = {.n = 0};
    struct nnet__url parts = {.has_user = false};
    struct slice authority;
    int rc;

    // Also for one that is none: it may hold a password all the same.
    if (!take_scheme(&rest, &scheme)) {
        return nb_buf_append(out, url);
    }
    authority = take_until(&rest, "/?#");
    take_user(&authority, &parts);
    rc = nb_buf_append(out, nb_slice_sub(url, 0, scheme.n + 3));
    if (rc == NB_OK && parts.has_user) {
        rc = nb_buf_append(out, parts.user);
    }
    if (rc == NB_OK && parts.has_password) {
        rc = nb_buf_append(out, NB_SLICE(":xxxxx"));
    }
    if (rc == NB_OK && parts.has_user) {
        rc = nb_buf_append(out, NB_SLICE("@"));
    }
    if (rc == NB_OK) {
        rc = nb_buf_append(out, authority);
    }
    return rc == NB_OK ? nb_buf_append(out, rest) : rc;
}
