#include "connect_text.h"

#include <natsd/base64.h>

enum {
    PROTOCOL = 1, // takes an INFO at any time
};

static struct slice dup_text(const char *text)
{
    return nb_slice_dup(nb_slice_of(text));
}

// The nonce's text is signed, not what it encodes (spec 01 section 1.5).
static int sign(const struct nclient__config *config, struct slice nonce,
                struct nproto_connect *connect, struct nb_diag *diag)
{
    const struct nauth_nkey *key = &config->key;
    char public_key[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1];
    uint8_t signature[NAUTH_NKEY_SIGNATURE_BYTES];
    struct nb_buf text;
    int rc;

    if (nonce.n == 0 && config->jwt.n == 0) {
        nb_diag_set(diag, "nkeys are not supported by the server");
        return NB_EUNSUPPORTED;
    }
    nb_buf_init(&text, 2 * sizeof(signature));
    rc = nauth_nkey_sign(key, nonce, signature);
    if (rc == NB_OK) {
        rc = nauth_base64url_encode(nb_slice_make(signature, sizeof(signature)), &text);
    }
    if (rc != NB_OK) {
        nb_diag_set(diag, "the key can't sign");
    } else {
        connect->sig = nb_buf_take(&text);
        if (config->jwt.n == 0) { // a JWT says whose it is
            nauth_nkey_public_text(key, public_key);
            connect->nkey = dup_text(public_key);
        }
    }
    nb_buf_fini(&text);
    return rc;
}

// What the URL says goes before the options.
static void put_user(const struct nclient_opts *opts, const struct nclient__url *url,
                     struct nproto_connect *connect)
{
    bool has_url_user = url->user != NULL || url->token != NULL;

    connect->user = dup_text(has_url_user ? url->user : opts->user);
    connect->pass = dup_text(has_url_user ? url->password : opts->password);
    connect->auth_token = dup_text(url->token != NULL ? url->token : opts->token);
}

int nclient__connect_write(const struct nclient__config *config, const struct nclient__url *url,
                           const struct nclient__greeting *greeting, struct nb_buf *out,
                           struct nb_diag *diag)
{
    const struct nclient_opts *opts = &config->opts;
    struct nproto_connect connect;
    int rc = NB_OK;

    nproto_connect_init(&connect);
    connect.verbose = opts->verbose;
    connect.pedantic = opts->pedantic;
    connect.echo = !opts->no_echo;
    connect.tls_required = greeting->has_tls;
    connect.headers = true;
    connect.no_responders = greeting->has_headers; // one needs the other
    connect.protocol = PROTOCOL;
    connect.name = dup_text(opts->name);
    connect.lang = dup_text("natsd");
    connect.version = dup_text(NCLIENT_VERSION);
    connect.jwt = nb_slice_dup(config->jwt);
    put_user(opts, url, &connect);
    if (config->has_key) {
        rc = sign(config, greeting->nonce, &connect, diag);
    }
    if (rc == NB_OK && (nproto_connect_write(&connect, out) != NB_OK ||
                        nb_buf_append(out, NB_SLICE("PING\r\n")) != NB_OK)) {
        nb_diag_set(diag, "the CONNECT is too long");
        rc = NB_ELIMIT;
    }
    nproto_connect_fini(&connect);
    return rc;
}

// Cut to fit.
static void copy_text(char *out, size_t size, struct slice text)
{
    size_t n = text.n < size ? text.n : size - 1;

    if (n > 0) {
        memcpy(out, text.p, n);
    }
    out[n] = '\0';
}

void nclient__server_info_fill(const struct nclient__server *server, const struct nproto_info *info,
                               bool has_tls, struct nclient_server_info *out)
{
    *out = (struct nclient_server_info){.client_id = info->client_id,
                                        .max_payload = info->max_payload,
                                        .has_headers = info->headers,
                                        .has_jetstream = info->jetstream,
                                        .needs_auth = info->auth_required,
                                        .has_tls = has_tls};
    copy_text(out->id, sizeof(out->id), info->server_id);
    copy_text(out->name, sizeof(out->name), info->server_name);
    copy_text(out->version, sizeof(out->version), info->version);
    copy_text(out->cluster, sizeof(out->cluster), info->cluster);
    copy_text(out->client_ip, sizeof(out->client_ip), info->client_ip);
    copy_text(out->url, sizeof(out->url), nb_slice_of(server->label));
}
