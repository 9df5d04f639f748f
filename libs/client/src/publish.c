#include "state.h"

#include <natsd/message_line.h>
#include <natsd/subject.h>

static size_t message_size(const struct nclient_message *message)
{
    return message->headers.n + message->data.n; // both at most NPROTO_PAYLOAD_MAX_BYTES
}

static bool is_subject(struct slice subject)
{
    return subject.n <= NCLIENT_SUBJECT_MAX_BYTES && nsub_subject_is_valid_publish(subject);
}

// Whether what is inside makes sense is the reader's business; it must be a block, though.
static bool is_header_block(struct slice headers)
{
    return nb_slice_starts(headers, "NATS/1.0") && nb_slice_ends(headers, "\r\n\r\n");
}

int nclient__message_check(const struct nclient_message *message)
{
    if (!is_subject(message->subject) || (message->reply.n > 0 && !is_subject(message->reply)) ||
        (message->headers.n > 0 && !is_header_block(message->headers))) {
        return NB_EINVALID;
    }
    if (message->headers.n > NPROTO_PAYLOAD_MAX_BYTES ||
        message->data.n > NPROTO_PAYLOAD_MAX_BYTES - message->headers.n) {
        return NB_ELIMIT;
    }
    return NB_OK;
}

int nclient__message_admit(const struct nclient *client, const struct nclient_message *message)
{
    const struct nclient_server_info *info = &client->server_info;
    size_t size = message_size(message);

    if (client->has_server_info && message->headers.n > 0 && !info->has_headers) {
        return NB_EUNSUPPORTED;
    }
    if (client->has_server_info && info->max_payload > 0 && size > (uint64_t)info->max_payload) {
        return NB_ELIMIT;
    }
    return nclient__outbox_admit(&client->outbox, size);
}

static uint8_t *put(uint8_t *to, struct slice bytes)
{
    if (bytes.n > 0) {
        memcpy(to, bytes.p, bytes.n);
    }
    return to + bytes.n;
}

void nclient__message_add(struct nclient *client, const struct nclient_message *message)
{
    size_t size = message_size(message);
    size_t room = nproto_publish_line_max(message->subject, message->reply) + size + 2;
    uint8_t *start = nclient__outbox_reserve(&client->outbox, room);
    uint8_t *to = start + nproto_publish_write(message->subject, message->reply,
                                               (uint32_t)message->headers.n, (uint32_t)size, start);

    to = put(to, message->headers);
    to = put(to, message->data);
    to = put(to, NB_SLICE("\r\n"));
    nclient__outbox_commit(&client->outbox, (size_t)(to - start));
    client->out_msgs++;
    client->out_bytes += size;
}

// hot: once per published message. One lock, one copy.
int nclient_publish_message(struct nclient *client, const struct nclient_message *message)
{
    int rc = nclient__message_check(message);
    bool should_wake = false;

    if (rc != NB_OK) {
        return rc;
    }
    nb_mutex_lock(&client->outbox.mutex);
    rc = nclient__message_admit(client, message);
    if (rc == NB_OK) {
        nclient__message_add(client, message);
        should_wake = nclient__outbox_should_wake(&client->outbox);
    }
    nb_mutex_unlock(&client->outbox.mutex);
    if (should_wake) {
        nclient__wake(client);
    }
    return rc;
}

int nclient_publish(struct nclient *client, struct slice subject, struct slice data)
{
    const struct nclient_message message = {.subject = subject, .data = data};

    return nclient_publish_message(client, &message);
}

// -- in the worker ---------------------------------------------------------------------------

static void set_held(struct nclient *client, size_t n)
{
    atomic_store_explicit(&client->outbox.held_bytes, n, memory_order_relaxed);
}

static size_t held(const struct nclient *client)
{
    return atomic_load_explicit(&client->outbox.held_bytes, memory_order_relaxed);
}

static void hold(struct nclient *client, struct nclient__bytes *bytes)
{
    bytes->op.next = NULL;
    *client->held_last = &bytes->op;
    client->held_last = &bytes->op.next;
    set_held(client, held(client) + nclient__bytes_slice(bytes).n);
}

void nclient__send_bytes(struct nclient *client, struct nclient__bytes *bytes)
{
    if (client->phase == NCLIENT__ONLINE) {
        nnet_out_append_ref(client->worker, &client->link->conn, bytes->chunk,
                            nclient__bytes_slice(bytes));
        nclient__bytes_free(bytes);
    } else if (nclient__is_ending(client)) {
        nclient__bytes_free(bytes);
    } else {
        hold(client, bytes);
    }
}

static struct nclient__op *take_held(struct nclient *client)
{
    struct nclient__op *first = client->held_first;

    client->held_first = NULL;
    client->held_last = &client->held_first;
    set_held(client, 0);
    return first;
}

void nclient__send_held(struct nclient *client)
{
    struct nclient__op *op = take_held(client);

    while (op != NULL) {
        struct nclient__op *next = op->next;

        nclient__send_bytes(client, nb_container_of(op, struct nclient__bytes, op));
        op = next;
    }
}

void nclient__drop_held(struct nclient *client)
{
    struct nclient__op *op = take_held(client);

    while (op != NULL) {
        struct nclient__op *next = op->next;

        nclient__bytes_free(nb_container_of(op, struct nclient__bytes, op));
        op = next;
    }
}

void nclient_stats(struct nclient *client, struct nclient_stats *out)
{
    nb_mutex_lock(&client->outbox.mutex);
    *out = (struct nclient_stats){.out_msgs = client->out_msgs, .out_bytes = client->out_bytes};
    nb_mutex_unlock(&client->outbox.mutex);
    out->in_msgs = atomic_load_explicit(&client->in_msgs, memory_order_relaxed);
    out->in_bytes = atomic_load_explicit(&client->in_bytes, memory_order_relaxed);
    out->reconnects = atomic_load_explicit(&client->reconnects, memory_order_relaxed);
}
