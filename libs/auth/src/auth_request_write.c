#include "claims_write.h"

static void write_server(struct nb_json_writer *w, const struct nauth_auth_request_claims *request)
{
    nb_json_key(w, "server_id");
    nb_json_object(w);
    nb_json_put_str(w, "name", request->server.name);
    nb_json_put_str(w, "host", request->server.host);
    nb_json_put_str(w, "id", request->server.id);
    nb_json_opt_str(w, "version", request->server.version);
    nb_json_opt_str(w, "cluster", request->server.cluster);
    nauth__write_texts(w, "tags", &request->server.tags);
    nb_json_opt_str(w, "xkey", request->server.xkey);
    nb_json_object_end(w);
}

static void write_client(struct nb_json_writer *w, const struct nauth_auth_request_claims *request)
{
    nb_json_key(w, "client_info");
    nb_json_object(w);
    nb_json_opt_str(w, "host", request->client.host);
    nb_json_opt_u64(w, "id", request->client.id);
    nb_json_opt_str(w, "user", request->client.user);
    nb_json_opt_str(w, "name", request->client.name);
    nauth__write_texts(w, "tags", &request->client.tags);
    nb_json_opt_str(w, "name_tag", request->client.name_tag);
    nb_json_opt_str(w, "kind", request->client.kind);
    nb_json_opt_str(w, "type", request->client.type);
    nb_json_opt_str(w, "mqtt_id", request->client.mqtt_id);
    nb_json_opt_str(w, "nonce", request->client.nonce);
    nb_json_object_end(w);
}

static void write_connect(struct nb_json_writer *w, const struct nauth_auth_request_claims *request)
{
    nb_json_key(w, "connect_opts");
    nb_json_object(w);
    nb_json_opt_str(w, "jwt", request->connect.jwt);
    nb_json_opt_str(w, "nkey", request->connect.nkey);
    nb_json_opt_str(w, "sig", request->connect.sig);
    nb_json_opt_str(w, "auth_token", request->connect.auth_token);
    nb_json_opt_str(w, "user", request->connect.user);
    nb_json_opt_str(w, "pass", request->connect.pass);
    nb_json_opt_str(w, "name", request->connect.name);
    nb_json_opt_str(w, "lang", request->connect.lang);
    nb_json_opt_str(w, "version", request->connect.version);
    nb_json_put_i64(w, "protocol", request->connect.protocol);
    nb_json_object_end(w);
}

static void write_tls(struct nb_json_writer *w, const struct nauth_auth_request_claims *request)
{
    nb_json_key(w, "client_tls");
    nb_json_object(w);
    nb_json_opt_str(w, "version", request->tls.version);
    nb_json_opt_str(w, "cipher", request->tls.cipher);
    nauth__write_texts(w, "certs", &request->tls.certs);
    if (request->tls.verified_chain_count > 0) {
        nb_json_key(w, "verified_chains");
        nb_json_array(w);
        for (size_t i = 0; i < request->tls.verified_chain_count; i++) {
            const struct nauth_texts *chain = &request->tls.verified_chains[i];

            nb_json_array(w);
            for (size_t k = 0; k < chain->count; k++) {
                nb_json_str(w, chain->items[k]);
            }
            nb_json_array_end(w);
        }
        nb_json_array_end(w);
    }
    nb_json_object_end(w);
}

void nauth__write_auth_request(struct nb_json_writer *w,
                               const struct nauth_auth_request_claims *request)
{
    write_server(w, request);
    nb_json_put_str(w, "user_nkey", request->user_nkey);
    write_client(w, request);
    write_connect(w, request);
    if (request->has_tls) {
        write_tls(w, request);
    }
    nb_json_opt_str(w, "request_nonce", request->request_nonce);
}
