#include "message_output.h"

#include "output.h"

#include <natsd/base64.h>
#include <natsd/clock.h>
#include <natsd/headers.h>
#include <natsd/json_writer.h>
#include <natsd/map.h>
#include <natsd/quote.h>

enum {
    JSON_ROOM = 768 * 1024 * 1024, // six times what a message can be
    TIME_ROOM = 64,
};

// -- text ------------------------------------------------------------------------------------

static bool write_header(void *ctx NB_UNUSED, struct slice key, struct slice value)
{
    output_safe(key, false);
    output_text(": ");
    output_safe(value, false);
    output_text("\n");
    return true;
}

static void write_headers(struct slice headers)
{
    struct slice description;
    int status = nproto_headers_status(headers, &description);

    if (status != 0) {
        output_format("Status: %d ", status);
        output_safe(description, false);
        output_text("\n");
    }
    if (nproto_headers_each(headers, write_header, NULL) != NB_OK) {
        output_safe(headers, true); // strangers may send anything
    }
    output_text("\n");
}

void message_output_content(const struct nclient_message *message, bool has_body)
{
    if (message->headers.n > 0) {
        write_headers(message->headers);
    }
    if (has_body) {
        output_safe(message->data, true);
        output_text("\n\n");
    }
}

static void write_time(const struct message_output *output, int64_t ns)
{
    struct nb_wall time = {.ns = ns};
    struct nb_buf text;

    nb_buf_init(&text, TIME_ROOM);
    if (output->is_utc) {
        nb_wall_format_utc(time, &text);
    } else {
        nb_wall_format_local(time, &text);
    }
    output_text(" @ ");
    output_write(nb_buf_slice(&text));
    nb_buf_fini(&text);
}

static void write_text(const struct message_output *output, const struct queue_message *received,
                       uint64_t number)
{
    const struct nclient_message *message = &received->message;

    output_format("[#%llu]", (unsigned long long)number);
    if (output->has_time) {
        write_time(output, received->received_ns);
    }
    output_text(" Received on \"");
    output_safe(message->subject, false);
    output_text("\"");
    if (message->reply.n > 0) {
        output_text(" with reply \"");
        output_safe(message->reply, false);
        output_text("\"");
    }
    output_text("\n");
    message_output_content(message, output->form == MESSAGE_TEXT);
}

// -- JSON ------------------------------------------------------------------------------------

// A header line; those with the same key are a chain.
struct pair {
    struct slice key;
    struct slice value;
    struct pair *next;
    struct pair *last; // of the chain that begins here
    bool is_first;
};

struct pairs {
    struct pair *list;
    size_t count;
    size_t room;
};

static bool add_pair(void *ctx, struct slice key, struct slice value)
{
    struct pairs *pairs = ctx;

    if (pairs->count == pairs->room) {
        pairs->room = pairs->room > 0 ? pairs->room * 2 : 8;
        pairs->list = nb_realloc(pairs->list, pairs->room * sizeof(*pairs->list));
    }
    pairs->list[pairs->count++] = (struct pair){.key = key, .value = value};
    return true;
}

// Only once the list doesn't move any more.
static void chain(struct pairs *pairs)
{
    struct nb_map firsts = {0};

    for (size_t i = 0; i < pairs->count; i++) {
        struct pair *pair = &pairs->list[i];
        struct pair *first = nb_map_find(&firsts, pair->key);

        if (first == NULL) {
            pair->is_first = true;
            pair->last = pair;
            (void)nb_map_insert(&firsts, pair->key, pair); // a new key
        } else {
            first->last->next = pair;
            first->last = pair;
        }
    }
    nb_map_fini(&firsts);
}

static void put_pairs(struct nb_json_writer *w, const struct pairs *pairs)
{
    nb_json_key(w, "headers");
    nb_json_object(w);
    for (size_t i = 0; i < pairs->count; i++) {
        if (!pairs->list[i].is_first) {
            continue;
        }
        nb_json_key_slice(w, pairs->list[i].key);
        nb_json_array(w);
        for (const struct pair *it = &pairs->list[i]; it != NULL; it = it->next) {
            nb_json_str(w, it->value);
        }
        nb_json_array_end(w);
    }
    nb_json_object_end(w);
}

// Standard base64 with padding.
static void put_base64(struct nb_json_writer *w, const char *key, struct slice bytes)
{
    struct nb_buf text;
    uint8_t *p;
    int rc;

    nb_buf_init(&text, bytes.n * 2 + 8);
    rc = nauth_base64url_encode(bytes, &text);
    while (rc == NB_OK && nb_buf_slice(&text).n % 4 != 0) {
        rc = nb_buf_append(&text, NB_SLICE("="));
    }
    p = (uint8_t *)(uintptr_t)nb_buf_slice(&text).p;
    for (size_t i = 0; i < nb_buf_slice(&text).n; i++) {
        p[i] = p[i] == '-' ? '+' : (p[i] == '_' ? '/' : p[i]);
    }
    nb_json_put_str(w, key, nb_buf_slice(&text));
    nb_buf_fini(&text);
}

static void put_headers(struct nb_json_writer *w, struct slice headers)
{
    struct pairs pairs = {.count = 0};

    if (headers.n == 0) {
        return;
    }
    if (nproto_headers_each(headers, add_pair, &pairs) != NB_OK) {
        put_base64(w, "headers_raw", headers);
    } else if (pairs.count > 0) {
        chain(&pairs);
        put_pairs(w, &pairs);
    }
    nb_free(pairs.list);
}

static bool is_text(struct slice bytes)
{
    return nb_utf8_is_valid(bytes) && nb_slice_find_byte(bytes, '\0') == bytes.n;
}

static void write_json(const struct queue_message *received)
{
    const struct nclient_message *message = &received->message;
    struct nb_json_writer w;
    struct nb_buf buf;
    struct nb_buf time;
    struct slice description;

    nb_buf_init(&buf, JSON_ROOM);
    nb_buf_init(&time, TIME_ROOM);
    nb_wall_format_utc((struct nb_wall){.ns = received->received_ns}, &time);
    nb_json_begin(&w, &buf, NB_JSON_COMPACT);
    nb_json_object(&w);
    nb_json_put_str(&w, "subject", message->subject);
    nb_json_opt_str(&w, "reply", message->reply);
    nb_json_put_str(&w, "time", nb_buf_slice(&time));
    nb_json_opt_i64(&w, "status", nproto_headers_status(message->headers, &description));
    put_headers(&w, message->headers);
    if (is_text(message->data)) {
        nb_json_put_str(&w, "data", message->data);
        nb_json_put_text(&w, "encoding", "utf8");
    } else {
        put_base64(&w, "data", message->data);
        nb_json_put_text(&w, "encoding", "base64");
    }
    nb_json_put_u64(&w, "size", message->data.n);
    nb_json_object_end(&w);
    if (nb_json_end(&w) == NB_OK) {
        output_write(nb_buf_slice(&buf));
        output_text("\n");
    }
    nb_buf_fini(&time);
    nb_buf_fini(&buf);
}

void message_output_write(const struct message_output *output, const struct queue_message *message,
                          uint64_t number)
{
    switch (output->form) {
    case MESSAGE_TEXT:
    case MESSAGE_HEADERS:
        write_text(output, message, number);
        break;
    case MESSAGE_RAW:
        output_write(message->message.data);
        output_text("\n");
        break;
    case MESSAGE_SUBJECTS:
        output_safe(message->message.subject, false);
        output_text("\n");
        break;
    case MESSAGE_JSON:
        write_json(message);
        break;
    }
}
