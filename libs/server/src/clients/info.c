/* info.c - INFO for a client: the first, the one behind its first PONG, the lame duck's
 * (spec 01 sections 4.1 and 4.2).
 */
#include <natsd/info.h>

#include <assert.h>

#include "clients/client.h"

enum {
    INFO_MAX_BYTES = 1024 * 1024,
    API_LEVEL = 5,
};

// What all INFOs have.
static struct nproto_info base_info(const struct nserver__client *c,
                                    const struct nserver__config *config)
{
    const struct nserver_options *opts = &config->opts;
    bool has_tls = config->tls != NULL;

    return (struct nproto_info){
        .server_id = nb_slice_of(c->server->id),
        .server_name = c->server->name,
        .version = NB_SLICE(NSERVER_REFERENCE_VERSION),
        .proto = 1,
        .go = NB_SLICE("natsd " NSERVER_VERSION),
        .host = config->info_host,
        .port = config->info_port,
        .headers = !opts->no_header_support,
        .auth_required = config->auth_required && opts->no_auth_user == NULL,
        .tls_required = has_tls && (!opts->allow_non_tls || c->is_tls_first),
        .tls_verify = has_tls && opts->tls.verify,
        .tls_available = has_tls && opts->allow_non_tls,
        .max_payload = opts->max_payload,
        .client_id = c->cid,
        .client_ip = nb_slice_of(c->peer.ip),
        .api_lvl = API_LEVEL,
        .nonce = nb_slice_of(c->nonce),
        .xkey = nb_slice_of(c->server->xkey),
    };
}

static void send_info(struct nserver__client *c, const struct nproto_info *info)
{
    struct nb_buf line;
    int rc;

    nb_buf_init(&line, INFO_MAX_BYTES);
    rc = nproto_info_write(info, &line);
    assert(rc == NB_OK); // names and addresses are bounded by a configuration line
    nserver__client_send(c, nb_buf_slice(&line));
    nb_buf_fini(&line);
}

void nserver__client_send_info(struct nserver__client *c, bool is_first)
{
    const struct nserver__config *config = nserver__config(c->server);
    struct nproto_info info = base_info(c, config);

    if (is_first && config->opts.proxy_protocol && !c->is_tls_first) {
        info.client_ip = (struct slice){0}; // not known before its header
    }
    send_info(c, &info);
}

void nserver__client_send_connect_info(struct nserver__client *c)
{
    struct nproto_info info = base_info(c, nserver__config(c->server));

    info.connect_info = true;
    info.remote_account = c->sender.account->name;
    info.acc_is_sys = nserver__client_is_system(c);
    info.max_payload = c->parser.payload_max;
    send_info(c, &info);
}

void nserver__client_send_lame_duck_info(struct nserver__client *c)
{
    struct nproto_info info = base_info(c, nserver__config(c->server));

    info.ldm = true;
    send_info(c, &info);
}
