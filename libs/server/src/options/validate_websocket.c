/* validate_websocket.c - spec 02 section 3.7, 12. */
#include "options/url.h"
#include "options/validate.h"

/* Pages that may connect. */

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static int check_parts(const char *origin, const struct nserver__url_parts *url,
                       struct nb_diag *diag)
{
    if (!nb_slice_is(url->scheme, "http") && !nb_slice_is(url->scheme, "https")) {
        return nserver__refuse(diag,
                               "unable to parse allowed origin %s: allowed origins must be "
                               "absolute URLs with http or https scheme",
                               nserver__quote(origin).text);
    }
    if (url->host.n == 0) {
        return nserver__refuse(diag, "unable to parse allowed origin %s: host is required",
                               nserver__quote(origin).text);
    }
    return NB_OK;
}

static bool has_scheme(const char *text)
{
    size_t n = strspn(text, LETTERS "0123456789+-.");

    return n > 0 && strchr(LETTERS, text[0]) != NULL && text[n] == ':';
}

// What the first line of an HTTP request may have: a path, a whole URL, or "*".
static int split_request_uri(const char *origin, uint8_t *room, struct nserver__url_parts *url,
                             struct nb_diag *diag)
{
    struct slice text = nb_slice_of(origin);

    if (text.n == 0) {
        return nserver__refuse(diag, "parse \"\": empty url");
    }
    if (strchr("/:", origin[0]) == NULL && !nb_slice_is(text, "*") && !has_scheme(origin)) {
        return nserver__refuse(diag, "parse %s: invalid URI for request",
                               nserver__quote(origin).text);
    }
    return nserver__url_split(text, room, url, diag);
}

static int check_origin(const char *origin, struct nb_diag *diag)
{
    uint8_t *room = nb_alloc(nserver__url_room(nb_slice_of(origin)));
    struct nserver__url_parts url = {0};
    struct nb_diag reason = {0};
    int rc = split_request_uri(origin, room, &url, &reason);

    if (rc != NB_OK) {
        rc = nserver__refuse(diag, "unable to parse allowed origin: %.400s", reason.text);
    } else {
        rc = check_parts(origin, &url, diag);
    }
    nb_free(room);
    return rc;
}

/* Headers of the answer. */

static int check_header(const char *name, struct nb_diag *diag)
{
    static const char *const ours[] = {"host", "content-length", "connection", "upgrade",
                                       "nats-no-masking"};
    static const struct slice prefix = {(const uint8_t *)"Sec-WebSocket-", 14};
    struct slice text = nb_slice_of(name);

    for (size_t i = 0; i < NB_ARRAY_LEN(ours); i++) {
        if (nb_slice_equal_nocase(text, nb_slice_of(ours[i]))) {
            return nserver__refuse(diag, "websocket: invalid header %s not allowed",
                                   nserver__quote(name).text);
        }
    }
    if (nb_slice_equal_nocase(nb_slice_sub(text, 0, prefix.n), prefix)) {
        return nserver__refuse(
            diag, "websocket: invalid header %s, \"Sec-WebSocket-\" prefix not allowed",
            nserver__quote(name).text);
    }
    return NB_OK;
}

/* Who may. */

static int check_auth(const struct nserver_options *opts, struct nb_diag *diag)
{
    const struct nserver_websocket_options *ws = &opts->websocket;

    if (nserver__validate_no_auth_user(opts, ws->no_auth_user, diag) != NB_OK) {
        return NB_EINVALID;
    }
    if (opts->user_count > 0 && ws->username != NULL) {
        return nserver__refuse(
            diag, "websocket authentication username not compatible with presence of users/nkeys");
    }
    if (opts->user_count > 0 && ws->token != NULL) {
        return nserver__refuse(
            diag, "websocket authentication token not compatible with presence of users/nkeys");
    }
    if (ws->jwt_cookie != NULL && !nserver__has_operators(opts)) {
        return nserver__refuse(diag,
                               "trusted operators or trusted keys configuration is required for "
                               "JWT authentication via cookie %s",
                               nserver__quote(ws->jwt_cookie).text);
    }
    return NB_OK;
}

int nserver__validate_websocket(const struct nserver_options *opts, struct nb_diag *diag)
{
    const struct nserver_websocket_options *ws = &opts->websocket;
    int rc = NB_OK;

    if (ws->port == 0) {
        return NB_OK;
    }
    if (!ws->tls.is_set && !ws->no_tls) {
        return nserver__refuse(diag, "websocket requires TLS configuration");
    }
    for (size_t i = 0; i < ws->allowed_origin_count && rc == NB_OK; i++) {
        rc = check_origin(ws->allowed_origins[i], diag);
    }
    if (rc == NB_OK) {
        rc = check_auth(opts, diag);
    }
    for (size_t i = 0; i < ws->header_count && rc == NB_OK; i++) {
        rc = check_header(ws->headers[i].key, diag);
    }
    return rc;
}
