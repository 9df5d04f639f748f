#include "tracing/message_trace.h"

#include <natsd/headers.h>
#include <natsd/memory.h>
#include <natsd/parser.h>

#include "clients/client.h"
#include "clients/subscription.h"
#include "events/content_encoding.h"
#include "events/publish.h"
#include "events/server_info.h"
#include "monitor/monitor_text.h"
#include "sharing/shadows.h"

enum {
    ERROR_MAX_BYTES = 1024 * 1024,
    ENTRIES_MAX_BYTES = 16 * 1024 * 1024, // some 100 000 deliveries
    EVENT_MAX_BYTES = 512 * 1024 * 1024,  // with all headers of a message, escaped
    ENCODING_MAX_BYTES = 128,
    ROOM_FOR_HEADER_BYTES = 256,
};

void nserver__trace_begin(struct nserver__trace *trace, struct nserver__client *client,
                          const struct nproto_msg *msg, const struct nserver__trace_ask *ask,
                          struct slice dest)
{
    *trace = (struct nserver__trace){
        .client = client,
        .is_only = ask->is_only,
        .dest = dest,
        .has_encoding = ask->has_encoding,
        .encoding = ask->encoding,
        .headers = nb_slice_sub(msg->payload, 0, msg->header_size),
        .subject = msg->subject,
        .size = msg->payload_size,
        .came_at = nb_wall_now(),
    };
    nb_buf_init(&trace->error, ERROR_MAX_BYTES);
    nb_buf_init(&trace->entries, ENTRIES_MAX_BYTES);
}

/* Entries. */

struct entry {
    struct nb_buf text;
    struct nb_json_writer w;
};

static void open_entry(struct entry *entry, const char *type, struct nb_wall at)
{
    nb_buf_init(&entry->text, ENTRIES_MAX_BYTES);
    nb_json_begin(&entry->w, &entry->text, NB_JSON_COMPACT);
    nb_json_object(&entry->w);
    nb_json_put_text(&entry->w, "type", type);
    nserver__write_time(&entry->w, "ts", at);
}

static void close_entry(struct entry *entry, struct nserver__trace *trace)
{
    struct slice entries = nb_buf_slice(&trace->entries);

    nb_json_object_end(&entry->w);
    if (nb_json_end(&entry->w) == NB_OK &&
        nb_buf_slice(&entry->text).n < ENTRIES_MAX_BYTES - entries.n) {
        if (entries.n > 0) {
            nb_buf_must_text(&trace->entries, ",");
        }
        nb_buf_must(&trace->entries, nb_buf_slice(&entry->text));
    }
    nb_buf_fini(&entry->text);
}

void nserver__trace_note_refused(struct nserver__trace *trace, struct slice error)
{
    int rc = nb_buf_append(&trace->error, error);

    (void)rc; // longer than a control line: no text then
}

void nserver__trace_note_mapping(struct nserver__trace *trace, struct slice to)
{
    struct entry entry;

    open_entry(&entry, "sm", nb_wall_now());
    nb_json_put_str(&entry.w, "to", to);
    close_entry(&entry, trace);
}

void nserver__trace_note_stream_import(struct nserver__trace *trace,
                                       const struct nserver__account *importer, struct slice to)
{
    struct entry entry;

    open_entry(&entry, "se", nb_wall_now());
    nb_json_put_str(&entry.w, "acc", importer->name);
    nb_json_put_str(&entry.w, "to", to);
    close_entry(&entry, trace);
}

void nserver__trace_note_service_import(struct nserver__trace *trace,
                                        const struct nserver__account *exporter, struct slice from,
                                        struct slice to)
{
    struct entry entry;

    open_entry(&entry, "si", nb_wall_now());
    nb_json_put_str(&entry.w, "acc", exporter->name);
    nb_json_put_str(&entry.w, "from", from);
    nb_json_put_str(&entry.w, "to", to);
    close_entry(&entry, trace);
}

void nserver__trace_note_delivery(struct nserver__trace *trace,
                                  const struct nserver__account *account,
                                  const struct nserver__sub *sub, const char *error)
{
    const struct nserver__client *to = sub->client;
    struct entry entry;

    if (trace->shadow != NULL) { // what stands in the exporting account is told
        account = trace->shadow->importer;
        sub = &trace->shadow->sub;
    }
    open_entry(&entry, "eg", nb_wall_now());
    nb_json_put_i64(&entry.w, "kind", 0); // a client
    nb_json_put_u64(&entry.w, "cid", to->cid);
    nb_json_opt_str(&entry.w, "name", nserver__client_name(to));
    if (account != trace->client->sender.account) {
        nb_json_put_str(&entry.w, "acc", account->name);
    }
    nb_json_opt_str(&entry.w, "sub", sub->index.subject);
    nb_json_opt_str(&entry.w, "queue", nsub_sub_queue(&sub->index));
    nb_json_opt_str(&entry.w, "error", nb_slice_of(error));
    close_entry(&entry, trace);
}

/* The event. */

static void write_entrance(const struct nserver__trace *trace, struct nb_json_writer *w)
{
    const struct nserver__client *c = trace->client;

    nb_json_object(w);
    nb_json_put_text(w, "type", "in");
    nserver__write_time(w, "ts", trace->came_at);
    nb_json_put_i64(w, "kind", 0); // a client
    nb_json_put_u64(w, "cid", c->cid);
    nb_json_opt_str(w, "name", nserver__client_name(c));
    nb_json_put_str(w, "acc", c->sender.account->name);
    nb_json_put_str(w, "subj", trace->subject);
    nb_json_opt_str(w, "error", nb_buf_slice(&trace->error));
    nb_json_object_end(w);
}

static int write_event(const struct nserver__trace *trace, struct nb_buf *out)
{
    struct slice entries = nb_buf_slice(&trace->entries);
    struct nb_json_writer w;

    nb_json_begin(&w, out, NB_JSON_COMPACT);
    nb_json_object(&w);
    nserver__put_server_info(trace->client->server, &w);
    nb_json_key(&w, "request");
    nb_json_object(&w);
    nb_json_key(&w, "header");
    nserver__trace_headers_write(trace->headers, &w);
    nb_json_opt_u64(&w, "msgsize", trace->size);
    nb_json_object_end(&w);
    nb_json_key(&w, "events");
    nb_json_array(&w);
    write_entrance(trace, &w);
    if (entries.n > 0) {
        nb_json_raw(&w, entries);
    }
    nb_json_array_end(&w);
    nb_json_object_end(&w);
    return nb_json_end(&w);
}

static void publish(const struct nserver__trace *trace, struct slice headers, struct slice body)
{
    struct nserver__client *c = trace->client;

    nserver__publish(c->worker, c->sender.account, trace->dest, (struct slice){0}, headers, body);
}

static int publish_encoded(const struct nserver__trace *trace, struct slice body)
{
    enum nserver__content_encoding encoding = nserver__content_encoding_of(trace->encoding);
    struct nb_buf headers;
    struct nb_buf content;
    int rc;

    nb_buf_init(&headers, ENCODING_MAX_BYTES);
    nb_buf_init(&content, EVENT_MAX_BYTES);
    nb_buf_must_format(&headers, "NATS/1.0\r\nContent-Encoding: %s\r\n\r\n",
                       nserver__content_encoding_name(encoding));
    rc = nserver__content_encode(encoding, body, &content);
    if (rc == NB_OK) {
        publish(trace, nb_buf_slice(&headers), nb_buf_slice(&content));
    }
    nb_buf_fini(&content);
    nb_buf_fini(&headers);
    return rc;
}

void nserver__trace_end(struct nserver__trace *trace)
{
    struct nb_buf body;
    int rc;

    nb_buf_init(&body, EVENT_MAX_BYTES);
    rc = write_event(trace, &body);
    if (rc == NB_OK && trace->has_encoding) {
        rc = publish_encoded(trace, nb_buf_slice(&body));
    } else if (rc == NB_OK) {
        publish(trace, (struct slice){0}, nb_buf_slice(&body));
    }
    if (rc != NB_OK) {
        nserver__client_log(trace->client, NB_LOG_ERROR, "Trace event is too large");
    }
    nb_buf_fini(&body);
    nb_buf_fini(&trace->error);
    nb_buf_fini(&trace->entries);
}

uint8_t *nserver__trace_disable(struct nproto_msg *msg)
{
    struct slice block = nb_slice_sub(msg->payload, 0, msg->header_size);
    struct slice body = nb_slice_sub(msg->payload, msg->header_size, msg->payload.n);
    uint8_t *payload = NULL;
    struct nb_buf headers;

    nb_buf_init(&headers, block.n + ROOM_FOR_HEADER_BYTES);
    if (nproto_headers_set(block, NSERVER__TRACE_DEST_HEADER, NB_SLICE(NSERVER__TRACE_DISABLED),
                           &headers) == NB_OK) {
        block = nb_buf_slice(&headers);
        payload = nb_alloc(block.n + body.n + 1);
        nb_bytes_copy(payload, block.p, block.n);
        nb_bytes_copy(payload + block.n, body.p, body.n);
        msg->header_size = (uint32_t)block.n;
        msg->payload = nb_slice_make(payload, block.n + body.n);
        msg->payload_size = (uint32_t)msg->payload.n;
        msg->chunk = NULL;
    }
    nb_buf_fini(&headers);
    return payload;
}
