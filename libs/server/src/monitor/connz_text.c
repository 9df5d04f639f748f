#include <stdio.h>

#include "lifecycle/state.h"
#include "monitor/connz.h"
#include "monitor/monitor_text.h"

// As a value of the Go library shows it: whole microseconds below a millisecond.
static int64_t shown_rtt(int64_t rtt_ns)
{
    return rtt_ns >= NB_NS_PER_US && rtt_ns < NB_NS_PER_MS ? rtt_ns / NB_NS_PER_US * NB_NS_PER_US
                                                           : rtt_ns;
}

static void write_sub_list(const struct nserver__conn_row *row, struct nb_json_writer *w)
{
    nb_json_key(w, "subscriptions_list");
    nb_json_array(w);
    for (uint32_t i = 0; i < row->sub_count; i++) {
        nb_json_str(w, row->subs[i].subject);
    }
    nb_json_array_end(w);
}

static void write_sub_details(const struct nserver__conn_row *row, struct nb_json_writer *w)
{
    nb_json_key(w, "subscriptions_list_detail");
    nb_json_array(w);
    for (uint32_t i = 0; i < row->sub_count; i++) {
        const struct nserver__sub_row *sub = &row->subs[i];

        nb_json_object(w);
        if (row->stopped_at.ns != 0) {
            nb_json_opt_str(w, "account", row->account);
            nb_json_opt_str(w, "account_tag", row->account);
        }
        nb_json_put_str(w, "subject", sub->subject);
        nb_json_opt_str(w, "qgroup", sub->queue);
        nb_json_put_str(w, "sid", sub->sid);
        nb_json_put_u64(w, "msgs", sub->msgs);
        nb_json_opt_u64(w, "max", sub->max);
        nb_json_put_u64(w, "cid", row->cid);
        nb_json_object_end(w);
    }
    nb_json_array_end(w);
}

static void write_times(const struct nserver__conn_row *row, struct nb_wall now,
                        struct nb_json_writer *w)
{
    int64_t end = row->stopped_at.ns != 0 ? row->stopped_at.ns : now.ns;

    nserver__write_time(w, "start", row->started_at);
    nserver__write_time(w, "last_activity", row->last_activity_at);
    if (row->stopped_at.ns != 0) {
        nserver__write_time(w, "stop", row->stopped_at);
        nb_json_put_text(w, "reason", nserver__reason_text(row->reason));
    }
    nserver__write_duration(w, "rtt", shown_rtt(row->rtt_ns));
    nserver__write_uptime(w, "uptime", end - row->started_at.ns);
    nserver__write_uptime(w, "idle", end - row->last_activity_at.ns);
}

static void write_traffic(const struct nserver__conn_row *row, struct nb_json_writer *w)
{
    nb_json_put_u64(w, "pending_bytes", row->pending_bytes);
    nb_json_put_u64(w, "in_msgs", row->in_msgs);
    nb_json_put_u64(w, "out_msgs", row->out_msgs);
    nb_json_put_u64(w, "in_bytes", row->in_bytes);
    nb_json_put_u64(w, "out_bytes", row->out_bytes);
    nb_json_opt_u64(w, "stalls", row->stalls);
    nb_json_put_u64(w, "subscriptions", row->sub_count);
}

static void write_fingerprint(struct nb_json_writer *w, const char *key, const uint8_t digest[32])
{
    char text[65];

    for (size_t i = 0; i < 32; i++) {
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    }
    nb_json_put_text(w, key, text);
}

static void write_peer_certs(const struct nserver__conn_row *row, struct nb_json_writer *w)
{
    if (row->peer_cert_count == 0) {
        return;
    }
    nb_json_key(w, "tls_peer_certs");
    nb_json_array(w);
    for (size_t i = 0; i < row->peer_cert_count; i++) {
        nb_json_object(w);
        nb_json_opt_str(w, "subject", row->peer_certs[i].subject);
        write_fingerprint(w, "spki_sha256", row->peer_certs[i].fingerprints.key);
        write_fingerprint(w, "cert_sha256", row->peer_certs[i].fingerprints.whole);
        nb_json_object_end(w);
    }
    nb_json_array_end(w);
}

// What the JWTs say. Of closed connections it is shown to all, then with the user's own tag.
static void write_claims(const struct nserver__conn_row *row, bool auth, struct nb_json_writer *w)
{
    bool is_closed = row->stopped_at.ns != 0;
    bool is_global = nb_slice_is(row->account, NSERVER__GLOBAL_ACCOUNT);

    if (!auth && !is_closed) {
        return;
    }
    nb_json_opt_str(w, "jwt", row->jwt);
    nb_json_opt_str(w, "issuer_key", row->issuer_key);
    if (is_closed && (!auth || is_global)) {
        nb_json_opt_str(w, "name_tag", row->user_tag);
    } else {
        nb_json_opt_str(w, "name_tag", row->account_tag.n > 0 ? row->account_tag : row->account);
    }
    nserver__write_texts(w, "tags", &(struct nauth_texts){row->tags, row->tag_count});
}

static void write_who(const struct nserver__conn_row *row, bool auth, struct nb_json_writer *w)
{
    nb_json_opt_str(w, "name", row->name);
    nb_json_opt_str(w, "lang", row->lang);
    nb_json_opt_str(w, "version", row->version);
    if (row->tls_version != NULL) {
        nb_json_put_text(w, "tls_version", row->tls_version);
        nb_json_put_text(w, "tls_cipher_suite", row->tls_cipher != NULL ? row->tls_cipher : "");
        write_peer_certs(row, w);
        nb_json_opt_bool(w, "tls_first", row->is_tls_first);
    }
    if (row->proxy_key.n > 0) {
        nb_json_key(w, "proxy");
        nb_json_object(w);
        nb_json_put_str(w, "key", row->proxy_key);
        nb_json_object_end(w);
    }
    if (auth) {
        nb_json_opt_str(w, "authorized_user", row->user);
        if (!nb_slice_is(row->account, NSERVER__GLOBAL_ACCOUNT)) {
            nb_json_opt_str(w, "account", row->account);
        }
    }
    write_claims(row, auth, w);
}

static void write_row(const struct nserver__connz_query *query, const struct nserver__conn_row *row,
                      struct nb_wall now, struct nb_json_writer *w)
{
    nb_json_object(w);
    nb_json_put_u64(w, "cid", row->cid);
    nb_json_put_text(w, "kind", "Client");
    nb_json_put_text(w, "type", "nats");
    nb_json_put_text(w, "ip", row->peer.ip);
    nb_json_put_i64(w, "port", row->peer.port);
    write_times(row, now, w);
    write_traffic(row, w);
    write_who(row, query->auth, w);
    if (row->subs != NULL && (query->subs == CONNZ_SUBS_LIST || row->stopped_at.ns != 0)) {
        write_sub_list(row, w);
    }
    if (row->subs != NULL && query->subs == CONNZ_SUBS_DETAIL) {
        write_sub_details(row, w);
    }
    nb_json_object_end(w);
}

void nserver__connz_write(const struct nserver *server, const struct nserver__connz_query *query,
                          const struct nserver__connz_rows *rows, struct nb_json_writer *w)
{
    struct nb_wall now = nb_wall_now();
    size_t first = (size_t)query->offset < rows->count ? (size_t)query->offset : rows->count;
    size_t count = rows->count - first;

    if (count > (size_t)query->limit) {
        count = (size_t)query->limit;
    }
    nb_json_object(w);
    nb_json_put_text(w, "server_id", server->id);
    nserver__write_time(w, "now", now);
    nb_json_put_u64(w, "num_connections", count);
    nb_json_put_u64(w, "total", rows->total);
    nb_json_put_i64(w, "offset", query->offset);
    nb_json_put_i64(w, "limit", query->limit);
    nb_json_key(w, "connections");
    nb_json_array(w);
    for (size_t i = 0; i < count; i++) {
        write_row(query, &rows->rows[first + i], now, w);
    }
    nb_json_array_end(w);
    nb_json_object_end(w);
}
