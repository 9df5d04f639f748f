#include "claims_read.h"

#define AT(member) offsetof(struct nauth_auth_request_claims, member)

static int read_server(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    static const struct nauth__field fields[] = {
        {"name", nauth__read_text, AT(server.name)},
        {"host", nauth__read_text, AT(server.host)},
        {"id", nauth__read_text, AT(server.id)},
        {"version", nauth__read_text, AT(server.version)},
        {"cluster", nauth__read_text, AT(server.cluster)},
        {"tags", nauth__read_texts, AT(server.tags)},
        {"xkey", nauth__read_text, AT(server.xkey)},
    };

    return nauth__read_object(reader, value, NAUTH__FIELDS(fields), out);
}

static int read_client(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    static const struct nauth__field fields[] = {
        {"host", nauth__read_text, AT(client.host)},
        {"id", nauth__read_u64, AT(client.id)},
        {"user", nauth__read_text, AT(client.user)},
        {"name", nauth__read_text, AT(client.name)},
        {"tags", nauth__read_texts, AT(client.tags)},
        {"name_tag", nauth__read_text, AT(client.name_tag)},
        {"kind", nauth__read_text, AT(client.kind)},
        {"type", nauth__read_text, AT(client.type)},
        {"mqtt_id", nauth__read_text, AT(client.mqtt_id)},
        {"nonce", nauth__read_text, AT(client.nonce)},
    };

    return nauth__read_object(reader, value, NAUTH__FIELDS(fields), out);
}

static int read_connect(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    static const struct nauth__field fields[] = {
        {"jwt", nauth__read_text, AT(connect.jwt)},
        {"nkey", nauth__read_text, AT(connect.nkey)},
        {"sig", nauth__read_text, AT(connect.sig)},
        {"auth_token", nauth__read_text, AT(connect.auth_token)},
        {"user", nauth__read_text, AT(connect.user)},
        {"pass", nauth__read_text, AT(connect.pass)},
        {"name", nauth__read_text, AT(connect.name)},
        {"lang", nauth__read_text, AT(connect.lang)},
        {"version", nauth__read_text, AT(connect.version)},
        {"protocol", nauth__read_i64, AT(connect.protocol)},
    };

    return nauth__read_object(reader, value, NAUTH__FIELDS(fields), out);
}

static int read_chains(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    struct nauth_auth_request_claims *request = out;
    struct nauth__array array;
    int rc =
        nauth__read_array(reader, value, sizeof(struct nauth_texts), nauth__read_texts, &array);

    if (rc == NB_OK) {
        request->tls.verified_chains = array.items;
        request->tls.verified_chain_count = array.count;
    }
    return rc;
}

static int read_tls(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    static const struct nauth__field fields[] = {
        {"version", nauth__read_text, AT(tls.version)},
        {"cipher", nauth__read_text, AT(tls.cipher)},
        {"certs", nauth__read_texts, AT(tls.certs)},
        {"verified_chains", read_chains, 0},
    };
    struct nauth_auth_request_claims *request = out;

    request->has_tls = value->type == NB_JSON_OBJECT;
    return nauth__read_object(reader, value, NAUTH__FIELDS(fields), out);
}

int nauth__read_auth_request(struct nauth__reader *reader, const struct nb_json_value *value,
                             void *out)
{
    static const struct nauth__field fields[] = {
        {"server_id", read_server, 0},   {"user_nkey", nauth__read_text, AT(user_nkey)},
        {"client_info", read_client, 0}, {"connect_opts", read_connect, 0},
        {"client_tls", read_tls, 0},     {"request_nonce", nauth__read_text, AT(request_nonce)},
    };

    return nauth__read_object(reader, value, NAUTH__FIELDS(fields), out);
}
