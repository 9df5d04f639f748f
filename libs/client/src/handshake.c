#include "state.h"

#include <natsd/base64.h>

#include <stdio.h>

enum {
    PROTOCOL = 1, // takes an INFO at any time
};

static struct slice dup_text(const char *text)
{
    return nb_slice_dup(nb_slice_of(text));
}

// The nonce's text is signed, not what it encodes (spec 01 section 1.5).
static int sign(const struct nclient *client, struct nproto_connect *connect, struct nb_diag *diag)
{
    const struct nauth_nkey *key = &client->config.key;
    struct slice nonce = client->link->nonce;
    char public_key[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1];
    uint8_t signature[NAUTH_NKEY_SIGNATURE_BYTES];
    struct nb_buf text;
    int rc;

    if (nonce.n == 0 && client->config.jwt.n == 0) {
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
        if (client->config.jwt.n == 0) { // a JWT says whose it is
            nauth_nkey_public_text(key, public_key);
            connect->nkey = dup_text(public_key);
        }
    }
    nb_buf_fini(&text);
    return rc;
}

// What the URL says goes before the options.
static void put_user(const struct nclient *client, struct nproto_connect *connect)
{
    const struct nclient_opts *opts = &client->config.opts;
    const struct nclient__url *url = &nclient__pool_current(&client->pool)->url;
    bool has_url_user = url->user != NULL || url->token != NULL;

    connect->user = dup_text(has_url_user ? url->user : opts->user);
    connect->pass = dup_text(has_url_user ? url->password : opts->password);
    connect->auth_token = dup_text(url->token != NULL ? url->token : opts->token);
}

int nclient__connect_write(const struct nclient *client, struct nb_buf *out, struct nb_diag *diag)
{
    const struct nclient_opts *opts = &client->config.opts;
    struct nproto_connect connect;
    int rc = NB_OK;

    nproto_connect_init(&connect);
    connect.verbose = opts->verbose;
    connect.pedantic = opts->pedantic;
    connect.echo = !opts->no_echo;
    connect.tls_required = client->link->has_begun_tls;
    connect.headers = true;
    connect.no_responders = client->server_info.has_headers; // one needs the other
    connect.protocol = PROTOCOL;
    connect.name = dup_text(opts->name);
    connect.lang = dup_text("natsd");
    connect.version = dup_text(NCLIENT_VERSION);
    connect.jwt = nb_slice_dup(client->config.jwt);
    put_user(client, &connect);
    if (client->config.has_key) {
        rc = sign(client, &connect, diag);
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

void nclient__server_info_set(struct nclient *client, const struct nproto_info *info,
                              struct slice json)
{
    const struct nclient__server *server = nclient__pool_current(&client->pool);
    struct nclient_server_info own = {.client_id = info->client_id,
                                      .max_payload = info->max_payload,
                                      .has_headers = info->headers,
                                      .has_jetstream = info->jetstream,
                                      .needs_auth = info->auth_required,
                                      .has_tls = nnet_conn_has_tls(&client->link->conn)};
    struct slice own_json = nb_slice_dup(nb_slice_trim(json));
    struct slice old_json;

    copy_text(own.id, sizeof(own.id), info->server_id);
    copy_text(own.name, sizeof(own.name), info->server_name);
    copy_text(own.version, sizeof(own.version), info->version);
    copy_text(own.cluster, sizeof(own.cluster), info->cluster);
    copy_text(own.client_ip, sizeof(own.client_ip), info->client_ip);
    copy_text(own.url, sizeof(own.url), nb_slice_of(server->label));
    nb_mutex_lock(&client->outbox.mutex);
    if (own.client_ip[0] == '\0' && strcmp(own.id, client->server_info.id) == 0) {
        memcpy(own.client_ip, client->server_info.client_ip, sizeof(own.client_ip));
    }
    client->server_info = own;
    client->has_server_info = true;
    old_json = client->server_json;
    client->server_json = own_json;
    nb_mutex_unlock(&client->outbox.mutex);
    nb_slice_free(&old_json);
}

void nclient__server_info_set_tls(struct nclient *client, bool has_tls)
{
    nb_mutex_lock(&client->outbox.mutex);
    client->server_info.has_tls = has_tls;
    nb_mutex_unlock(&client->outbox.mutex);
}

int nclient_server_info(struct nclient *client, struct nclient_server_info *out)
{
    int rc = NB_EAGAIN;

    nb_mutex_lock(&client->outbox.mutex);
    if (client->has_server_info) {
        *out = client->server_info;
        rc = NB_OK;
    }
    nb_mutex_unlock(&client->outbox.mutex);
    return rc;
}

int nclient_server_json(struct nclient *client, struct nb_buf *out)
{
    int rc = NB_EAGAIN;

    nb_mutex_lock(&client->outbox.mutex);
    if (client->has_server_info) {
        rc = nb_buf_append(out, client->server_json);
    }
    nb_mutex_unlock(&client->outbox.mutex);
    return rc;
}
