/* row.c - a connection as monitoring shows it (spec 04 section 3.3). */
#include <natsd/memory.h>

#include "clients/client.h"
#include "clients/subscription.h"

enum {
    PEER_CERTS_MAX = 16,
};

// A moment of the monotonic clock, as the wall showed it.
static struct nb_wall wall_of(const struct nserver__client *c, struct nb_mono moment)
{
    return (struct nb_wall){c->accepted_wall.ns + nb_mono_since(moment, c->accepted_at)};
}

static size_t subs_text_size(const struct nserver__client *c)
{
    size_t at = 0;
    size_t size = 0;
    const struct nserver__sub *sub;

    while ((sub = nserver__sid_table_next(&c->subs, &at)) != NULL) {
        size += sub->sid_size + sub->index.subject.n + sub->index.queue_size;
    }
    return size;
}

static struct slice put(uint8_t **text, struct slice s)
{
    struct slice copy = {*text, s.n};

    if (s.n > 0) {
        memcpy(*text, s.p, s.n);
    }
    *text += s.n;
    return copy;
}

static void copy_subs(const struct nserver__client *c, struct nserver__conn_row *row)
{
    size_t head = c->subs.count * sizeof(*row->subs);
    size_t size = head + subs_text_size(c) + 1;
    struct nserver__sub_row *out;
    const struct nserver__sub *sub;
    uint8_t *text;
    size_t at = 0;

    row->subs = nb_alloc(size);
    row->subs_size = size;
    text = (uint8_t *)row->subs + head;
    out = row->subs;
    while ((sub = nserver__sid_table_next(&c->subs, &at)) != NULL) {
        out->subject = put(&text, sub->index.subject);
        out->queue = put(&text, nsub_sub_queue(&sub->index));
        out->sid = put(&text, nserver__sub_sid(sub));
        out->msgs = nserver__sub_delivered(sub);
        out->max = atomic_load_explicit(&sub->max, memory_order_relaxed);
        out++;
    }
}

static void show_token(const struct nserver__client *c, struct nserver__conn_row *row)
{
    const struct nserver__identity *identity = c->identity;

    if (identity == NULL || identity->claims == NULL || identity->is_delegated) {
        return;
    }
    if (c->connect != NULL && !identity->is_bearer) { // a bearer's alone would let others in
        row->jwt = c->connect->jwt;
    }
    row->user_tag = identity->claims->name;
    row->issuer_key = identity->claims->issuer;
    row->tags = identity->claims->tags.items;
    row->tag_count = identity->claims->tags.count;
}

/* The certificates that the client presented. */

struct peer_certs {
    struct nserver__peer_cert certs[PEER_CERTS_MAX];
    struct nb_buf subjects[PEER_CERTS_MAX];
    unsigned count;
};

static void read_peer_certs(const struct nserver__client *c, struct peer_certs *out)
{
    struct slice der;

    while (out->count < PEER_CERTS_MAX && nnet_conn_tls_peer_cert(&c->conn, out->count, &der)) {
        struct nserver__peer_cert *cert = &out->certs[out->count];
        struct nb_buf *subject = &out->subjects[out->count];

        nb_buf_init(subject, NNET_CERTIFICATE_MAX_BYTES);
        if (nnet_certificate_print_subject(der, subject) != NB_OK ||
            nnet_certificate_fingerprint(der, &cert->fingerprints) != NB_OK) {
            nb_buf_fini(subject); // the handshake took it: it can be read
            return;
        }
        cert->subject = nb_buf_slice(subject);
        out->count++;
    }
}

static void own_with_peer_certs(const struct nserver__client *c, struct nserver__conn_row *row)
{
    struct peer_certs peer = {.count = 0};

    read_peer_certs(c, &peer);
    row->peer_certs = peer.certs;
    row->peer_cert_count = peer.count;
    nserver__conn_row_own(row);
    while (peer.count > 0) {
        nb_buf_fini(&peer.subjects[--peer.count]);
    }
}

// A queue that has just passed its limit is about to be dropped: what was too much isn't shown.
static size_t pending_bytes(const struct nserver__client *c)
{
    size_t pending = atomic_load_explicit(&c->conn.pending_bytes, memory_order_relaxed);

    return pending < c->conn.output_max ? pending : c->conn.output_max;
}

void nserver__client_row(const struct nserver__client *c, unsigned parts,
                         struct nserver__conn_row *row)
{
    const struct nserver__terms *terms = nserver__account_terms(c->sender.account);
    bool is_closed = c->phase == CLIENT_CLOSED;

    *row = (struct nserver__conn_row){
        .cid = c->cid,
        .peer = c->peer,
        .started_at = c->accepted_wall,
        .last_activity_at = wall_of(c, c->active_at),
        .stopped_at = is_closed ? nb_wall_now() : (struct nb_wall){0},
        .reason = c->reason,
        .rtt_ns = c->rtt_ns,
        .pending_bytes = pending_bytes(c),
        .in_msgs = c->in_msgs,
        .in_bytes = c->in_bytes,
        .out_msgs = c->conn.out_items,
        .out_bytes = c->conn.out_item_bytes,
        .stalls = nserver__counted(&c->stalls),
        .sub_count = (uint32_t)c->subs.count,
        .account = c->sender.account->name,
        .proxy_key = nb_slice_of(c->proxy_key),
        .tls_version = nnet_conn_tls_version(&c->conn),
        .tls_cipher = nnet_conn_tls_cipher(&c->conn),
        .is_tls_first = c->is_tls_first,
    };
    if (c->connect != NULL) {
        row->name = c->connect->name;
        row->lang = c->connect->lang;
        row->version = c->connect->version;
        row->user = nserver__client_user(c);
    }
    show_token(c, row);
    if (terms->claims != NULL) {
        row->account_tag = terms->claims->name;
    }
    if ((parts & NSERVER__ROW_PEER_CERTS) != 0) {
        own_with_peer_certs(c, row);
    } else {
        nserver__conn_row_own(row);
    }
    if ((parts & NSERVER__ROW_SUBS) != 0 && c->subs.count > 0) {
        copy_subs(c, row);
    }
}
