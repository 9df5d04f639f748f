#include "state.h"

#include <stdio.h>

// A server that asks for PONGs faster than it reads them is given up.
#define PONGS_MAX_BYTES ((size_t)64 * 1024)
#define WRITE_DEADLINE_NS (60 * NB_NS_PER_S)

enum {
    // An INFO with NPROTO_CONNECT_URLS_MAX URLs has room.
    CONTROL_LINE_MAX_BYTES = 1024 * 1024,
};

static struct nclient__link *link_of(struct nnet_conn *conn)
{
    return nb_container_of(conn, struct nclient__link, conn);
}

void nclient__link_write(struct nclient *client, struct slice bytes)
{
    nnet_out_append(client->worker, &client->link->conn, bytes);
}

static void on_ping(struct nclient *client)
{
    const struct nnet_conn *conn = &client->link->conn;
    size_t pending = atomic_load_explicit(&conn->pending_bytes, memory_order_relaxed);

    if (pending > client->config.opts.reconnect_buffer_size + PONGS_MAX_BYTES) {
        nclient__session_on_end(client, NB_ELIMIT, "the server does not read");
        return;
    }
    nclient__link_write(client, NB_SLICE("PONG\r\n"));
}

// `behind` is what follows the operation in the input.
static void on_operation(struct nclient *client, const struct nproto_msg *msg, struct slice behind)
{
    switch (msg->op) {
    case NPROTO_OP_INFO:
        nclient__session_on_info(client, msg->arg, behind);
        return;
    case NPROTO_OP_MSG:
    case NPROTO_OP_HMSG:
        nclient__subs_deliver(client, msg);
        return;
    case NPROTO_OP_PING:
        on_ping(client);
        return;
    case NPROTO_OP_PONG:
        nclient__session_on_pong(client);
        return;
    case NPROTO_OP_ERR:
        nclient__session_on_error(client, msg->arg);
        return;
    case NPROTO_OP_OK: // verbose
    case NPROTO_OP_NONE:
    case NPROTO_OP_GATE:
        return;
    case NPROTO_OP_CONNECT:
    case NPROTO_OP_PUB:
    case NPROTO_OP_HPUB:
    case NPROTO_OP_SUB:
    case NPROTO_OP_UNSUB:
        break;
    }
    NB_UNREACHABLE("the parser takes a server's operations only");
}

static bool is_waiting_for_tls(const struct nclient__link *link)
{
    if (link->has_begun_tls) {
        return !nnet_conn_has_tls(&link->conn);
    }
    return link->has_info && link->client->phase == NCLIENT__GREETING; // for the files
}

// Until the input is used up, or is no longer for the parser: the link was dropped, or a TLS
// handshake began, which was given what followed the INFO.
static void parse(struct nclient__link *link, struct slice input)
{
    struct nclient *client = link->client;
    struct nproto_msg msg;
    enum nproto_fault fault;

    while (client->link == link && !is_waiting_for_tls(link)) {
        if (nproto_parser_next(&link->parser, &input, &msg, &fault) != NB_OK) {
            nclient__session_on_end(client, NB_EMALFORMED, "protocol error of the server");
            return;
        }
        if (msg.op == NPROTO_OP_NONE) {
            return;
        }
        if (!link->has_info && msg.op != NPROTO_OP_INFO && msg.op != NPROTO_OP_ERR) {
            nclient__session_on_end(client, NB_EMALFORMED, "the server did not begin with INFO");
            return;
        }
        on_operation(client, &msg, input);
    }
}

static void on_received(struct nnet_conn *conn, struct nb_chunk *chunk NB_UNUSED,
                        struct slice bytes)
{
    struct nclient__link *link = link_of(conn);
    struct nclient *client = link->client;

    nclient__attend(client);
    parse(link, bytes);
    (void)nclient__run_outbox(client); // what there was doesn't matter
}

static struct nnet_room on_wanted(struct nnet_conn *conn)
{
    struct nproto_room room = nproto_parser_wanted(&link_of(conn)->parser);

    return (struct nnet_room){.p = room.p, .n = room.n};
}

static void on_filled(struct nnet_conn *conn, size_t n)
{
    nproto_parser_filled(&link_of(conn)->parser, n);
    on_received(conn, NULL, (struct slice){0}); // what was completed
}

static void on_ended(struct nnet_conn *conn, enum nnet_end how, int error_number)
{
    struct nclient *client = link_of(conn)->client;
    char text[128];
    char why[96];

    if (how == NNET_END_EOF) {
        nclient__session_on_end(client, NB_ECLOSED, "the server closed the connection");
        return;
    }
    snprintf(text, sizeof(text), "%s: %s", how == NNET_END_READ ? "read" : "write",
             strerror_r(error_number, why, sizeof(why)));
    nclient__session_on_end(client, nb_error_from_errno(error_number), text);
}

static void on_tls_done(struct nnet_conn *conn, int rc, const char *text)
{
    nclient__session_on_tls_done(link_of(conn)->client, rc, text);
}

static void on_write_stalled(struct nnet_conn *conn, size_t written)
{
    if (written == 0) {
        nclient__session_on_end(link_of(conn)->client, NB_ETIMEDOUT, "the server does not read");
    }
}

static void on_drained(struct nnet_conn *conn NB_UNUSED)
{
    // Publishers ask how much waits when they publish.
}

static void on_output_full(struct nnet_conn *conn NB_UNUSED)
{
    NB_UNREACHABLE("the queue's limit is the outbox's");
}

static void on_closed(struct nnet_conn *conn)
{
    struct nclient__link *link = link_of(conn);
    struct nclient *client = link->client;

    nproto_parser_fini(&link->parser);
    nb_slice_free(&link->nonce);
    nb_free(link);
    client->link_count--;
    nclient__check_gone(client);
}

static const struct nnet_conn_handler handler = {.received = on_received,
                                                 .wanted = on_wanted,
                                                 .filled = on_filled,
                                                 .ended = on_ended,
                                                 .tls_done = on_tls_done,
                                                 .write_stalled = on_write_stalled,
                                                 .drained = on_drained,
                                                 .output_full = on_output_full,
                                                 .closed = on_closed};

void nclient__link_open(struct nclient *client, int fd)
{
    struct nclient__link *link = nb_zalloc(sizeof(*link));

    link->client = client;
    nproto_parser_init(&link->parser, NPROTO_PEER_SERVER);
    link->parser.has_headers = true;
    link->parser.control_line_max = CONTROL_LINE_MAX_BYTES;
    link->parser.payload_max = NPROTO_PAYLOAD_MAX_BYTES;
    link->conn.handler = &handler;
    link->conn.write_deadline_ns = WRITE_DEADLINE_NS;
    client->link = link;
    client->link_count++;
    nnet_conn_open(&link->conn, client->worker, fd);
}

void nclient__link_drop(struct nclient *client, enum nnet_close how)
{
    struct nclient__link *link = client->link;

    if (link != NULL) {
        client->link = NULL;
        nclient__outbox_set_conn(&client->outbox, NULL);
        nnet_conn_close(&link->conn, how);
    }
}

void nclient__link_start_tls(struct nclient__link *link, struct slice begun)
{
    struct nclient *client = link->client;
    const char *name = client->config.opts.tls_server_name;

    if (name == NULL) {
        name = nclient__server_tls_name(nclient__pool_current(&client->pool));
    }
    link->has_begun_tls = true;
    nnet_conn_start_tls(&link->conn, client->tls, begun, name, nclient__session_time_left(client));
}
