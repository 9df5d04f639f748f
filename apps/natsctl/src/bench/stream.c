#include "bench/stream.h"

#include <natsd/number.h>

#include <assert.h>

enum {
    FIELDS_MAX = 6, // HMSG <subject> <sid> <reply> <header size> <size>
    SIZE_DIGITS_MAX = 10,
};

static const size_t END_BYTES = 2; // CR LF behind a payload

void bench_stream_init(struct bench_stream *stream, const struct bench_stream_handler *handler)
{
    *stream = (struct bench_stream){.handler = handler};
    nb_buf_init(&stream->line, BENCH_STREAM_LINE_MAX_BYTES);
}

void bench_stream_reset(struct bench_stream *stream, const struct bench_stream_handler *handler)
{
    uint64_t msgs = stream->msgs;
    uint64_t bytes = stream->bytes;

    bench_stream_fini(stream);
    bench_stream_init(stream, handler);
    stream->msgs = msgs;
    stream->bytes = bytes;
}

void bench_stream_fini(struct bench_stream *stream)
{
    nb_buf_fini(&stream->line);
}

// -- lines -----------------------------------------------------------------------------------

static bool read_control(struct bench_stream *stream, struct slice line, int *rc)
{
    static const struct {
        const char *name;
        enum bench_op op;
    } ops[] = {{"PING", BENCH_OP_PING},
               {"PONG", BENCH_OP_PONG},
               {"+OK", BENCH_OP_OK},
               {"-ERR", BENCH_OP_ERR},
               {"INFO", BENCH_OP_INFO}};

    for (size_t i = 0; i < NB_ARRAY_LEN(ops); i++) {
        if (nb_slice_starts(line, ops[i].name)) {
            struct slice argument = nb_slice_sub(line, strlen(ops[i].name), line.n);

            return stream->handler->control(stream, ops[i].op, nb_slice_trim(argument));
        }
    }
    *rc = NB_EMALFORMED;
    return false;
}

static size_t split(struct slice line, struct slice fields[FIELDS_MAX])
{
    size_t count = 0;

    while (count < FIELDS_MAX && nb_slice_take_field(&line, ' ', &fields[count])) {
        count += fields[count].n > 0 ? 1 : 0;
    }
    return count;
}

// What only some need. The size was read before.
static int read_fields(struct slice line, bool has_headers, struct bench_message *message)
{
    struct slice fields[FIELDS_MAX];
    size_t count = split(line, fields);
    size_t least = has_headers ? 5 : 4;
    uint64_t header_bytes = 0;

    if (count != least && count != least + 1) {
        return NB_EMALFORMED;
    }
    message->subject = fields[1];
    message->reply = count > least ? fields[3] : (struct slice){0};
    if (has_headers && nb_parse_u64(fields[count - 2], message->bytes, &header_bytes) != NB_OK) {
        return NB_EMALFORMED;
    }
    message->header_bytes = (size_t)header_bytes;
    return NB_OK;
}

// The number at the end of a line without CR LF; hot: once per message.
static inline bool read_size(const uint8_t *start, const uint8_t *end, size_t *out)
{
    size_t value = 0;
    size_t scale = 1;
    const uint8_t *at = end;

    while (at > start && (unsigned)(at[-1] - '0') <= 9) {
        if (end - at == SIZE_DIGITS_MAX) {
            return false;
        }
        at--;
        value += (size_t)(*at - '0') * scale;
        scale *= 10;
    }
    *out = value;
    return at < end && at > start && at[-1] == ' ';
}

// The last number but one of "HMSG ... <header size> <size>", which ends where `digits` begin.
static bool read_header_size(const uint8_t *start, const uint8_t *end, size_t message_size,
                             size_t *out)
{
    while (end > start && end[-1] != ' ') {
        end--;
    }
    return end > start && read_size(start, end - 1, out) && *out <= message_size;
}

static int begin_message(struct bench_stream *stream, struct slice line)
{
    bool has_headers = line.p[0] == 'H';
    struct bench_message message = {.bytes = stream->message_size};
    int rc = read_fields(line, has_headers, &message);

    if (rc == NB_OK) {
        stream->handler->begin(stream, &message);
    }
    return rc;
}

// A whole line without its LF. False when the reading is to stop, or *rc is an error.
static bool read_line(struct bench_stream *stream, const uint8_t *p, size_t n, int *rc)
{
    const uint8_t *end = n > 0 && p[n - 1] == '\r' ? p + n - 1 : p + n;
    bool has_headers = n > 0 && p[0] == 'H';

    n = (size_t)(end - p);
    if (n < 4 || memcmp(p + (has_headers ? 1 : 0), "MSG", 3) != 0) {
        return read_control(stream, nb_slice_make(p, n), rc);
    }
    stream->header_left = 0;
    stream->head_size = 0;
    if (!read_size(p, end, &stream->message_size) ||
        (has_headers && !read_header_size(p, end, stream->message_size, &stream->header_left))) {
        *rc = NB_EMALFORMED;
        return false;
    }
    stream->left = stream->message_size + END_BYTES;
    if (stream->handler->begin != NULL) {
        *rc = begin_message(stream, nb_slice_make(p, n));
    }
    return *rc == NB_OK;
}

// -- messages --------------------------------------------------------------------------------

static void take_head(struct bench_stream *stream, struct slice piece)
{
    struct slice payload = nb_slice_sub(piece, stream->header_left, piece.n);
    size_t room = sizeof(stream->head) - stream->head_size;
    size_t n = payload.n < room ? payload.n : room;

    stream->header_left -= piece.n - payload.n;
    memcpy(stream->head + stream->head_size, payload.n > 0 ? payload.p : stream->head, n);
    stream->head_size += n;
}

// True when the message is complete and the reading goes on.
static bool end_message(struct bench_stream *stream)
{
    const struct bench_stream_handler *handler = stream->handler;

    stream->msgs++;
    stream->bytes += stream->message_size;
    if (handler->head != NULL) {
        handler->head(stream, stream->head, stream->head_size);
    }
    return handler->end == NULL || handler->end(stream);
}

// From the payload under way. False when the reading is to stop.
static bool read_payload(struct bench_stream *stream, struct slice *input)
{
    size_t n = input->n < stream->left ? input->n : stream->left;
    size_t body_left = stream->left > END_BYTES ? stream->left - END_BYTES : 0;
    struct slice piece = nb_slice_sub(*input, 0, n < body_left ? n : body_left);

    *input = nb_slice_sub(*input, n, input->n);
    stream->left -= n;
    if (piece.n > 0 && stream->handler->head != NULL) {
        take_head(stream, piece);
    }
    if (piece.n > 0 && stream->handler->body != NULL) {
        stream->handler->body(stream, piece);
    }
    return stream->left > 0 || end_message(stream);
}

// -- reading ---------------------------------------------------------------------------------

// Of a message: its line and what that says.
struct shape {
    const uint8_t *line;
    size_t line_size; // with its LF; 0: none was read
    size_t header_size;
    size_t size; // of headers and payload
};

// Messages of a benchmark mostly have the same line as the one before, and comparing is cheaper
// than reading: by eight bytes, the last eight of which may have been looked at.
static inline bool has_shape(const struct shape *shape, const uint8_t *at, size_t left)
{
    size_t n = shape->line_size;
    uint64_t a;
    uint64_t b;

    if (n < sizeof(a) || left < n) {
        return false;
    }
    for (size_t i = 0; i < n - sizeof(a); i += sizeof(a)) {
        memcpy(&a, at + i, sizeof(a));
        memcpy(&b, shape->line + i, sizeof(b));
        if (a != b) {
            return false;
        }
    }
    memcpy(&a, at + n - sizeof(a), sizeof(a));
    memcpy(&b, shape->line + n - sizeof(b), sizeof(b));
    return a == b;
}

// NB_EAGAIN when the line is cut.
static int read_shape(const uint8_t *at, size_t left, struct shape *out)
{
    const uint8_t *eol = memchr(at, '\n', left);
    const uint8_t *line_end;

    if (eol == NULL) {
        return NB_EAGAIN;
    }
    line_end = eol[-1] == '\r' ? eol - 1 : eol; // the line begins with a letter
    *out = (struct shape){.line = at, .line_size = (size_t)(eol - at) + 1};
    if (!read_size(at, line_end, &out->size) ||
        (*at == 'H' && !read_header_size(at, line_end, out->size, &out->header_size))) {
        return NB_EMALFORMED;
    }
    return NB_OK;
}

static void show_head(struct bench_stream *stream, const struct shape *shape, const uint8_t *at)
{
    size_t n = shape->size - shape->header_size;

    stream->handler->head(stream, at + shape->line_size + shape->header_size,
                          n < BENCH_STREAM_HEAD_BYTES ? n : BENCH_STREAM_HEAD_BYTES);
}

// Takes whole messages from the front: hot, and nothing is looked at but lines, and heads when
// they are wanted.
static int take_whole(struct bench_stream *stream, struct slice *input)
{
    const bool wants_heads = stream->handler->head != NULL;
    const uint8_t *at = input->p;
    const uint8_t *end = at + input->n;
    struct shape shape = {.line_size = 0};
    uint64_t msgs = 0;
    uint64_t bytes = 0;
    int rc = NB_OK;

    while (at < end && (*at == 'M' || *at == 'H')) {
        size_t left = (size_t)(end - at);

        if (!has_shape(&shape, at, left)) {
            rc = read_shape(at, left, &shape);
        }
        if (rc != NB_OK || left - shape.line_size < shape.size + END_BYTES) {
            break;
        }
        if (wants_heads) {
            show_head(stream, &shape, at);
        }
        msgs++;
        bytes += shape.size;
        at += shape.line_size + shape.size + END_BYTES;
    }
    stream->msgs += msgs;
    stream->bytes += bytes;
    *input = nb_slice_make(at, (size_t)(end - at));
    return rc == NB_EAGAIN ? NB_OK : rc;
}

static bool read_joined(struct bench_stream *stream, int *rc)
{
    struct slice whole = nb_buf_slice(&stream->line);
    bool goes_on = read_line(stream, whole.p, whole.n, rc);

    nb_buf_clear(&stream->line);
    return goes_on;
}

static bool read_next_line(struct bench_stream *stream, struct slice *input, int *rc)
{
    const uint8_t *p = input->p;
    size_t n = nb_slice_find_byte(*input, '\n');
    bool is_cut = n == input->n;

    *input = nb_slice_sub(*input, n + 1, input->n);
    if (!is_cut && nb_buf_slice(&stream->line).n == 0) {
        if (n == 0) {
            *rc = NB_EMALFORMED;
            return false;
        }
        return read_line(stream, p, n, rc);
    }
    *rc = nb_buf_append(&stream->line, nb_slice_make(p, n));
    if (*rc != NB_OK) {
        return false;
    }
    return is_cut || read_joined(stream, rc);
}

int bench_stream_read(struct bench_stream *stream, struct slice *input)
{
    bool takes_parts = stream->handler->begin != NULL;
    bool goes_on = true;
    int rc = NB_OK;

    while (goes_on && input->n > 0 && rc == NB_OK) {
        if (stream->left > 0) {
            goes_on = read_payload(stream, input);
            continue;
        }
        if (!takes_parts && nb_buf_slice(&stream->line).n == 0) {
            rc = take_whole(stream, input);
            if (input->n == 0 || rc != NB_OK) {
                break;
            }
        }
        goes_on = read_next_line(stream, input, &rc);
    }
    return rc;
}
