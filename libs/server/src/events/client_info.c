#include "events/client_info.h"

#include "clients/client.h"
#include "monitor/monitor_text.h"

static void put_name(const struct nserver__client *c, struct slice service,
                     struct nb_json_writer *w)
{
    static const struct nproto_connect nobody;
    const struct nproto_connect *connect = c->connect != NULL ? c->connect : &nobody;

    nb_json_opt_str(w, "svc", service);
    nb_json_opt_str(w, "user", nserver__client_user(c));
    nb_json_opt_str(w, "name", connect->name);
    nb_json_opt_str(w, "lang", connect->lang);
    nb_json_opt_str(w, "ver", connect->version);
}

static void put_token(const struct nserver__client *c, bool is_event, struct nb_json_writer *w)
{
    const struct nauth_claims *user = c->identity != NULL ? c->identity->claims : NULL;

    if (user != NULL && c->connect != NULL) {
        nb_json_opt_str(w, "jwt", c->connect->jwt);
        nb_json_opt_str(w, "issuer_key", user->issuer);
    }
    // Events tell the account's name by it, requests the user's.
    if (is_event) {
        nb_json_opt_str(w, "name_tag", nserver__account_label(c->sender.account));
    } else if (user != NULL) {
        nb_json_opt_str(w, "name_tag", user->name);
    }
    if (user != NULL) {
        nserver__write_texts(w, "tags", &user->tags);
    }
}

static void write_info(const struct nserver__client *c, unsigned parts, struct slice service,
                       struct nb_wall stop, struct nb_json_writer *w)
{
    bool is_person = (parts & CLIENT_INFO_PERSON) != 0;

    if (is_person) {
        nserver__write_time(w, "start", c->accepted_wall);
        nb_json_opt_str(w, "host", nb_slice_of(c->peer.ip));
        nb_json_put_u64(w, "id", c->cid);
    }
    nb_json_opt_str(w, "acc", c->sender.account->name);
    if (is_person) {
        put_name(c, service, w);
    } else {
        nb_json_opt_str(w, "svc", service);
    }
    if ((parts & CLIENT_INFO_RTT) != 0) {
        nb_json_opt_i64(w, "rtt", c->rtt_ns);
    }
    if ((parts & CLIENT_INFO_SERVER) != 0) {
        nb_json_put_str(w, "server", c->server->name);
    }
    if (stop.ns != 0) {
        nserver__write_time(w, "stop", stop);
    }
    if (is_person) {
        put_token(c, (parts & CLIENT_INFO_EVENT) != 0, w);
        nb_json_put_text(w, "kind", "Client");
        nb_json_put_text(w, "client_type", "nats");
    }
}

void nserver__client_info_write(const struct nserver__client *c, unsigned parts,
                                struct slice service, struct nb_json_writer *w)
{
    write_info(c, parts, service, (struct nb_wall){0}, w);
}

void nserver__client_info_write_stopped(const struct nserver__client *c, struct nb_wall stop,
                                        struct nb_json_writer *w)
{
    write_info(c, CLIENT_INFO_PERSON | CLIENT_INFO_RTT | CLIENT_INFO_EVENT, (struct slice){0}, stop,
               w);
}
