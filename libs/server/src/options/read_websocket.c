/* read_websocket.c - the websocket block (spec 02 section 4.14). */
#include <stddef.h>

#include <natsd/clock.h>
#include <natsd/duration.h>

#include "options/read_block.h"

static void read_listen(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_websocket_options *ws = block;

    (void)nserver__read_kept_address(r, value, &ws->host, &ws->port);
}

static void read_tls(struct reading *r, const struct nconf_value *value, void *block)
{
    (void)nserver__read_tls_block(r, value, NSERVER__TLS_OTHERS,
                                  &((struct nserver_websocket_options *)block)->tls);
}

static void read_origins(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_websocket_options *ws = block;

    (void)nserver__read_text_list(
        r, value, "allowed origins",
        (struct nserver__text_list){&ws->allowed_origins, &ws->allowed_origin_count});
}

// Seconds as an integer are as good as a text here.
static void read_handshake_timeout(struct reading *r, const struct nconf_value *value, void *block)
{
    int64_t *timeout_ns = &((struct nserver_websocket_options *)block)->handshake_timeout_ns;
    struct nb_diag diag;

    if (value->type == NCONF_STRING) {
        if (nb_duration_parse(value->text, timeout_ns, &diag) != NB_OK) {
            nserver__read_error(r, value, "%s", diag.text);
        }
    } else if (value->type != NCONF_INTEGER) {
        nserver__read_error(r, value, "error parsing handshake timeout: unsupported type %s",
                            nconf_type_name(value->type));
    } else if (__builtin_mul_overflow(value->integer, NB_NS_PER_S, timeout_ns)) {
        nserver__read_error(r, value, "error parsing handshake timeout: value is too big");
    }
}

static void read_authorization(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_websocket_options *ws = block;
    struct nserver__protocol_auth auth = {&ws->username, &ws->password, &ws->token,
                                          &ws->auth_timeout_s};

    nserver__read_protocol_auth(r, value, &auth);
}

static void read_headers(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_websocket_options *ws = block;

    if (value->type != NCONF_MAP) {
        nserver__read_error(r, value, "error parsing headers: unsupported type %s",
                            nconf_type_name(value->type));
        return;
    }
    ws->headers = NULL;
    ws->header_count = 0;
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        if (item->type != NCONF_STRING) {
            nserver__read_error(r, item, "error parsing header key %s: unsupported type %s",
                                nserver__key_text(item), nconf_type_name(item->type));
            continue;
        }
        ws->headers =
            nserver__keep_one_more(r, ws->headers, ws->header_count, sizeof(*ws->headers));
        ws->headers[ws->header_count++] = (struct nserver_text_pair){
            nserver__keep_text(r, item->key), nserver__keep_text(r, item->text)};
    }
}

#define MEMBER(name) offsetof(struct nserver_websocket_options, name)

static const struct nserver__option options[] = {
    {"listen", NSERVER__OPTION_SPECIAL, 0, read_listen, NULL},
    {"host", NSERVER__OPTION_TEXT, MEMBER(host), NULL, NULL},
    {"net", NSERVER__OPTION_TEXT, MEMBER(host), NULL, NULL},
    {"port", NSERVER__OPTION_PORT, MEMBER(port), NULL, NULL},
    {"advertise", NSERVER__OPTION_TEXT, MEMBER(advertise), NULL, NULL},
    {"tls", NSERVER__OPTION_SPECIAL, 0, read_tls, NULL},
    {"no_tls", NSERVER__OPTION_BOOL, MEMBER(no_tls), NULL, NULL},
    {"same_origin", NSERVER__OPTION_BOOL, MEMBER(same_origin), NULL, NULL},
    {"allowed_origins", NSERVER__OPTION_SPECIAL, 0, read_origins, NULL},
    {"allowed_origin", NSERVER__OPTION_SPECIAL, 0, read_origins, NULL},
    {"allow_origins", NSERVER__OPTION_SPECIAL, 0, read_origins, NULL},
    {"allow_origin", NSERVER__OPTION_SPECIAL, 0, read_origins, NULL},
    {"origins", NSERVER__OPTION_SPECIAL, 0, read_origins, NULL},
    {"origin", NSERVER__OPTION_SPECIAL, 0, read_origins, NULL},
    {"handshake_timeout", NSERVER__OPTION_SPECIAL, 0, read_handshake_timeout, NULL},
    {"compression", NSERVER__OPTION_BOOL, MEMBER(compression), NULL, NULL},
    {"compress", NSERVER__OPTION_BOOL, MEMBER(compression), NULL, NULL},
    {"authorization", NSERVER__OPTION_SPECIAL, 0, read_authorization, NULL},
    {"authentication", NSERVER__OPTION_SPECIAL, 0, read_authorization, NULL},
    {"jwt_cookie", NSERVER__OPTION_TEXT, MEMBER(jwt_cookie), NULL, NULL},
    {"user_cookie", NSERVER__OPTION_TEXT, MEMBER(user_cookie), NULL, NULL},
    {"pass_cookie", NSERVER__OPTION_TEXT, MEMBER(pass_cookie), NULL, NULL},
    {"token_cookie", NSERVER__OPTION_TEXT, MEMBER(token_cookie), NULL, NULL},
    {"no_auth_user", NSERVER__OPTION_TEXT, MEMBER(no_auth_user), NULL, NULL},
    {"headers", NSERVER__OPTION_SPECIAL, 0, read_headers, NULL},
    {"ping_interval", NSERVER__OPTION_DURATION, MEMBER(ping_interval_ns), NULL, NULL},
};

void nserver__read_websocket(struct reading *r, const struct nconf_value *value)
{
    if (value->type != NCONF_MAP) {
        nserver__read_error(r, value, "Expected websocket to be a map, got %s",
                            nconf_type_name(value->type));
        return;
    }
    r->opts->websocket.is_set = true;
    nserver__read_block(r, value, options, NB_ARRAY_LEN(options), &r->opts->websocket);
}
