/* input.c - bytes from a client to operations (spec 01 section 3). */
#include <natsd/memory.h>
#include <natsd/quote.h>

#include "clients/client.h"
#include "clients/deliver.h"
#include "clients/fault_log.h"

// Every command but CONNECT is refused until the client has shown who it is, unless somebody
// may enter without saying (spec 7.2). True: go on with the same input.
static bool pass_gate(struct nserver__client *c)
{
    const struct nserver__config *config = nserver__config(c->server);

    if (!nserver__config_lets_in_unasked(config)) {
        nserver__client_auth_failed(c, NSERVER__REASON_AUTH_VIOLATION);
        return false;
    }
    return nserver__client_enter_without_connect(c);
}

static void on_fault(struct nserver__client *c, enum nproto_fault fault,
                     const struct nproto_msg *msg, struct slice input)
{
    nserver__client_log_fault(c, fault, msg, input);
    switch (fault) {
    case NPROTO_FAULT_OPERATION:
        nserver__client_send_err(c, "Unknown Protocol Operation");
        nserver__client_close(c, NSERVER__REASON_PROTOCOL_VIOLATION);
        return;
    case NPROTO_FAULT_ARGUMENTS:
    case NPROTO_FAULT_HEADERS:
        nserver__client_close(c, NSERVER__REASON_PROTOCOL_VIOLATION);
        return;
    case NPROTO_FAULT_CONTROL_LINE:
        nserver__client_refuse(c, "maximum control line exceeded",
                               NSERVER__REASON_MAX_CONTROL_LINE);
        return;
    case NPROTO_FAULT_PAYLOAD:
        nserver__client_refuse(c, "Maximum Payload Violation", NSERVER__REASON_MAX_PAYLOAD);
        return;
    case NPROTO_FAULT_NONE:
        break;
    }
    NB_UNREACHABLE("protocol fault");
}

static void on_info(struct nserver__client *c, struct slice json)
{
    struct nb_json_doc doc;

    if (nb_json_parse(json, 16 * json.n + 4096, &doc, NULL) != NB_OK) {
        nserver__client_close(c, NSERVER__REASON_PROTOCOL_VIOLATION);
        return;
    }
    nb_json_doc_fini(&doc); // a client's INFO is read and ignored
}

static void on_client_error(struct nserver__client *c, struct slice text)
{
    struct nb_buf quoted;

    nb_buf_init(&quoted, 1024);
    if (nb_quote_inner(nb_slice_sub(text, 0, 128), &quoted) == NB_OK) {
        nserver__client_log(c, NB_LOG_ERROR, "Client error %.*s",
                            NB_SLICE_ARGS(nb_buf_slice(&quoted)));
    }
    nb_buf_fini(&quoted);
    nserver__client_close(c, NSERVER__REASON_PARSE_ERROR);
}

static void on_operation(struct nserver__client *c, struct nproto_msg *msg, struct nb_chunk *chunk)
{
    switch (msg->op) {
    case NPROTO_OP_PUB:
    case NPROTO_OP_HPUB:
        if (msg->chunk == NULL) {
            msg->chunk = chunk;
        }
        nserver__client_on_pub(c, msg);
        return;
    case NPROTO_OP_SUB:
        nserver__client_on_sub(c, msg);
        return;
    case NPROTO_OP_UNSUB:
        nserver__client_on_unsub(c, msg);
        return;
    case NPROTO_OP_PING:
        nserver__client_on_ping(c);
        return;
    case NPROTO_OP_PONG:
        nserver__client_on_pong(c);
        return;
    case NPROTO_OP_CONNECT:
        nserver__client_on_connect(c, msg->arg);
        return;
    case NPROTO_OP_INFO:
        on_info(c, msg->arg);
        return;
    case NPROTO_OP_ERR:
        on_client_error(c, msg->arg);
        return;
    case NPROTO_OP_OK:
        return;
    case NPROTO_OP_NONE:
    case NPROTO_OP_GATE:
    case NPROTO_OP_MSG:
    case NPROTO_OP_HMSG:
        break;
    }
    NB_UNREACHABLE("operation of a client");
}

// hot: once per operation. Returns when the input is used up, or the client is not open any more.
static void take_operations(struct nserver__client *c, struct nb_chunk *chunk, struct slice *input)
{
    while (c->phase == CLIENT_OPEN) {
        struct nproto_msg msg;
        enum nproto_fault fault;
        struct slice before = *input;

        if (NB_UNLIKELY(nproto_parser_next(&c->parser, input, &msg, &fault) != NB_OK)) {
            if (fault == NPROTO_FAULT_PAYLOAD && msg.header_size > 0) {
                nserver__client_trace_oversized(c, &msg, *input);
            }
            on_fault(c, fault, &msg, before);
            return;
        }
        if (msg.op == NPROTO_OP_NONE) {
            return;
        }
        if (NB_UNLIKELY(msg.op == NPROTO_OP_GATE)) {
            if (!pass_gate(c)) {
                return;
            }
            continue;
        }
        if (NB_UNLIKELY(c->sender.is_traced)) {
            nserver__client_trace_in(c, &msg);
        }
        on_operation(c, &msg, chunk);
    }
}

static void on_stall_over(struct nnet_timer *timer)
{
    struct nserver__client *c = nb_container_of(timer, struct nserver__client, stall_timer);

    nnet_conn_resume(&c->conn);
}

// Held back for as long as its messages met readers that are behind (spec 16.4).
static void stall_producer(struct nserver__client *c)
{
    int64_t owed_ns = NSERVER__STALL_MAX_NS - c->stall_budget_ns;

    if (owed_ns <= 0 && nnet_out_is_congested(c->worker->net)) {
        owed_ns = NSERVER__STALL_NS;
    }
    if (owed_ns > 0 && c->phase == CLIENT_OPEN) {
        nnet_conn_pause(&c->conn);
        c->stall_timer.fire = on_stall_over;
        nnet_timer_arm(c->worker->net, &c->stall_timer, owed_ns);
    }
}

void nserver__client_input(struct nserver__client *c, struct nb_chunk *chunk, struct slice bytes)
{
    uint64_t msgs = c->in_msgs;
    uint64_t in_bytes = c->in_bytes;
    struct nb_mono now = nnet_worker_now(c->worker->net);

    c->stall_budget_ns = NSERVER__STALL_MAX_NS;
    take_operations(c, chunk, &bytes);
    nserver__deliver_end(c->worker);
    if (c->in_msgs != msgs) {
        c->active_at = now;
        c->ping_active_at = now;
        nserver__count(&c->worker->counters.in_msgs, c->in_msgs - msgs);
        nserver__count(&c->worker->counters.in_bytes, c->in_bytes - in_bytes);
    }
    if (c->phase == CLIENT_CHECKING && bytes.n > 0) {
        nserver__client_hold_input(c, bytes);
    }
    stall_producer(c);
}

void nserver__client_hold_input(struct nserver__client *c, struct slice bytes)
{
    if (bytes.n >
        NSERVER__HELD_MAX_BYTES - c->held_size) { // reading is paused: a few reads at most
        nserver__client_close(c, NSERVER__REASON_PROTOCOL_VIOLATION);
        return;
    }
    c->held = nb_realloc(c->held, c->held_size + bytes.n);
    memcpy(c->held + c->held_size, bytes.p, bytes.n);
    c->held_size += bytes.n;
}

void nserver__client_resume_input(struct nserver__client *c)
{
    uint8_t *held = c->held;
    size_t size = c->held_size;

    c->held = NULL; // what comes while it is read is held anew
    c->held_size = 0;
    nserver__client_input(c, NULL, nb_slice_make(held, size));
    nb_wipe(held, size); // another CONNECT may be in it
    nb_free(held);
}
