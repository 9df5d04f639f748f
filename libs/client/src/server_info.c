#include "state.h"

#include "connect_text.h"

void nclient__server_info_set(struct nclient *client, const struct nproto_info *info,
                              struct slice json)
{
    const struct nclient__server *server = nclient__pool_current(&client->pool);
    struct nclient_server_info own;
    struct slice own_json = nb_slice_dup(nb_slice_trim(json));
    struct slice old_json;

    nclient__server_info_fill(server, info, nnet_conn_has_tls(&client->link->conn), &own);
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
