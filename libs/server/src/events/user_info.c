/* user_info.c - a client asks who it is (spec 04 section 7.6, 03 section 12.6).
 *
 * Answered where it asks, about the connection that the request came on: never about somebody
 * whom a payload or a header names.
 */
#include <natsd/memory.h>
#include <natsd/parser.h>

#include "clients/client.h"
#include "events/publish.h"
#include "events/server_info.h"
#include "events/service_list.h"

enum {
    ANSWER_MAX_BYTES = 64 * 1024 * 1024,
};

static void put_list(struct nb_json_writer *w, const char *key, const struct nauth_texts *items)
{
    if (items->count == 0) {
        return;
    }
    nb_json_key(w, key);
    nb_json_array(w);
    for (size_t i = 0; i < items->count; i++) {
        nb_json_str(w, items->items[i]);
    }
    nb_json_array_end(w);
}

static void put_side(struct nb_json_writer *w, const char *key, const struct nauth_texts *allow,
                     const struct nauth_texts *deny)
{
    nb_json_key(w, key);
    nb_json_object(w);
    put_list(w, "allow", allow);
    put_list(w, "deny", deny);
    nb_json_object_end(w);
}

static void put_permissions(const struct nauth_permissions *p, struct nb_json_writer *w)
{
    nb_json_key(w, "permissions");
    nb_json_object(w);
    put_side(w, "publish", &p->publish_allow, &p->publish_deny);
    put_side(w, "subscribe", &p->subscribe_allow, &p->subscribe_deny);
    if (p->has_responses) {
        nb_json_key(w, "responses");
        nb_json_object(w);
        nb_json_put_i64(w, "max", p->responses_max);
        nb_json_put_i64(w, "ttl", p->responses_ttl_ns);
        nb_json_object_end(w);
    }
    nb_json_object_end(w);
}

// The time that is left of a JWT, or of a window of times, in whole seconds.
static void put_expiry(const struct nserver__identity *identity, struct nb_json_writer *w)
{
    int64_t now_s = nb_wall_now().ns / NB_NS_PER_S;
    int64_t end_s = (identity->expires_unix_ns + NB_NS_PER_S / 2) / NB_NS_PER_S;

    if (end_s > now_s) {
        nb_json_put_i64(w, "expires", (end_s - now_s) * NB_NS_PER_S);
    }
}

static void put_client(const struct nserver__client *c, struct nb_json_writer *w)
{
    const struct nauth_claims *claims = c->identity != NULL ? c->identity->claims : NULL;

    nb_json_put_str(w, "user", nserver__client_user(c));
    nb_json_put_str(w, "account", c->sender.account->name);
    nb_json_opt_str(w, "account_name", nserver__account_label(c->sender.account));
    if (claims != NULL) {
        nb_json_opt_str(w, "user_name", claims->name);
    }
    if (nserver__client_rules(c) != NULL) {
        put_permissions(nauth_rules_permissions(nserver__client_rules(c)), w);
    }
    if (claims != NULL) {
        put_expiry(c->identity, w);
    }
}

static int write_answer(const struct nserver__sender *from, struct nb_buf *out)
{
    struct nb_json_writer w;

    nb_json_begin(&w, out, NB_JSON_COMPACT);
    nb_json_object(&w);
    nserver__put_server_info(from->worker->server, &w);
    nb_json_key(&w, "data");
    nb_json_object(&w);
    if (from->hops != NULL && from->client != NULL) {
        put_client(from->client, &w);
    } else { // asked in the system account: about nobody
        nb_json_put_text(&w, "user", "");
        nb_json_put_text(&w, "account", "");
    }
    nb_json_object_end(&w);
    nb_json_object_end(&w);
    return nb_json_end(&w);
}

unsigned nserver__answer_user_info(struct nserver__inner_sub *inner,
                                   const struct nserver__sender *from, const struct nproto_msg *msg)
{
    struct nb_buf answer;

    if (msg->reply.n == 0) {
        return 1;
    }
    nb_buf_init(&answer, ANSWER_MAX_BYTES);
    if (write_answer(from, &answer) == NB_OK) {
        nserver__publish(from->worker, inner->account, msg->reply, (struct slice){0},
                         (struct slice){0}, nb_buf_slice(&answer));
    }
    nb_buf_fini(&answer);
    return 1;
}
