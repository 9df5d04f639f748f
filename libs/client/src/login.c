#include <natsd/login.h>

#include "connect_text.h"

#include <assert.h>

struct nclient_login {
    struct nclient__config config;
    struct nclient__pool pool;
};

int nclient_login_create(const struct nclient_opts *opts, struct nclient_login **out,
                         struct nb_diag *diag)
{
    struct nclient_login *login = nb_zalloc(sizeof(*login));
    int rc = nclient__config_init(&login->config, opts, diag);

    if (rc == NB_OK) {
        rc = nclient__pool_init(&login->pool, opts->urls, diag);
    }
    if (rc != NB_OK) {
        nclient_login_destroy(&login);
        return rc;
    }
    *out = login;
    return NB_OK;
}

void nclient_login_destroy(struct nclient_login **login)
{
    if (*login != NULL) {
        nclient__pool_fini(&(*login)->pool);
        nclient__config_fini(&(*login)->config);
        nb_free(*login);
        *login = NULL;
    }
}

size_t nclient_login_server_count(const struct nclient_login *login)
{
    return login->pool.count;
}

static const struct nclient__server *server_at(const struct nclient_login *login, size_t index)
{
    assert(index < login->pool.count);
    return login->pool.servers[index];
}

void nclient_login_server(const struct nclient_login *login, size_t index,
                          struct nclient_login_server *out)
{
    const struct nclient_opts *opts = &login->config.opts;
    const struct nclient__server *server = server_at(login, index);

    *out = (struct nclient_login_server){
        .host = server->url.host,
        .port = server->url.port,
        .label = server->label,
        .tls_name = opts->tls_server_name != NULL ? opts->tls_server_name
                                                  : nclient__server_tls_name(server),
        .wants_tls = opts->tls || server->url.is_tls,
    };
}

bool nclient_login_is_tls_first(const struct nclient_login *login)
{
    return login->config.opts.tls_first;
}

int nclient_login_load_tls(const struct nclient_login *login, struct nnet_tls_context **out,
                           struct nb_diag *diag)
{
    return nclient__config_load_tls(&login->config, out, diag);
}

int nclient_login_write(const struct nclient_login *login, size_t index,
                        const struct nproto_info *info, bool has_tls, struct nb_buf *out,
                        struct nb_diag *diag)
{
    const struct nclient__greeting greeting = {
        .nonce = info->nonce, .has_headers = info->headers, .has_tls = has_tls};

    return nclient__connect_write(&login->config, &server_at(login, index)->url, &greeting, out,
                                  diag);
}

void nclient_login_describe(const struct nclient_login *login, size_t index,
                            const struct nproto_info *info, bool has_tls,
                            struct nclient_server_info *out)
{
    nclient__server_info_fill(server_at(login, index), info, has_tls, out);
}
