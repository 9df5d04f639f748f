#include <natsd/headers.h>

#include "headers_frame.h"

#include <natsd/number.h>

#include <assert.h>
#include <string.h>

#define VERSION "NATS/1.0"
#define EMPTY_BLOCK VERSION "\r\n\r\n"

enum {
    STATUS_MAX = 999,
};

static const struct slice crlf = {(const uint8_t *)"\r\n", 2};

// All parts, or nothing when the buffer is full.
static int append_all(struct nb_buf *out, const struct slice *parts, size_t count)
{
    size_t size = 0;
    uint8_t *room;
    int rc;

    for (size_t i = 0; i < count; i++) {
        if (!nb_add_size(size, parts[i].n, &size)) {
            return NB_ELIMIT;
        }
    }
    rc = nb_buf_reserve(out, size, &room);
    if (rc < 0) {
        return rc;
    }
    for (size_t i = 0; i < count; i++) {
        nb_buf_must(out, parts[i]);
    }
    return NB_OK;
}

static bool is_key(struct slice key)
{
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] <= ' ' || key.p[i] == ':' || key.p[i] == 0x7f) {
            return false;
        }
    }
    return key.n > 0;
}

static bool is_one_line(struct slice text)
{
    return nb_slice_find_byte(text, '\r') == text.n && nb_slice_find_byte(text, '\n') == text.n;
}

// -- building --------------------------------------------------------------------------------

int nproto_headers_begin(struct nb_buf *out, int status, struct slice description)
{
    char code[NB_U64_TEXT_MAX_BYTES];
    const struct slice blank = NB_SLICE(" ");
    struct slice parts[6] = {NB_SLICE(VERSION)};
    size_t count = 1;

    assert(status >= 0 && status <= STATUS_MAX);
    assert(status > 0 || description.n == 0);
    if (!is_one_line(description)) {
        return NB_EINVALID;
    }
    if (status > 0) {
        parts[count++] = blank;
        parts[count++] = nb_slice_make(code, nb_format_u64((uint64_t)status, code));
    }
    if (description.n > 0) {
        parts[count++] = blank;
        parts[count++] = description;
    }
    parts[count++] = crlf;
    return append_all(out, parts, count);
}

int nproto_headers_add(struct nb_buf *out, struct slice key, struct slice value)
{
    const struct slice parts[] = {key, NB_SLICE(": "), value, crlf};

    if (!is_key(key) || !is_one_line(value)) {
        return NB_EINVALID;
    }
    return append_all(out, parts, NB_ARRAY_LEN(parts));
}

int nproto_headers_end(struct nb_buf *out)
{
    return nb_buf_append(out, crlf);
}

size_t nproto_headers_write_no_responders(struct slice subject, uint8_t *out)
{
    static const char before[] = "NATS/1.0 503\r\nNats-Subject: ";
    static const char after[] = "\r\n\r\n";

    static_assert(sizeof(before) - 1 + sizeof(after) - 1 == NPROTO_NO_RESPONDERS_BYTES,
                  "the size that the header promises");
    memcpy(out, before, sizeof(before) - 1);
    if (subject.n > 0) {
        memcpy(out + sizeof(before) - 1, subject.p, subject.n);
    }
    memcpy(out + sizeof(before) - 1 + subject.n, after, sizeof(after) - 1);
    return NPROTO_NO_RESPONDERS_BYTES + subject.n;
}

// -- changing --------------------------------------------------------------------------------

// The version line and all lines but those of the key, without the blank line.
static int copy_others(const struct nproto__frame *frame, struct slice key, struct nb_buf *out)
{
    const struct slice version[] = {frame->version, crlf};
    struct slice lines = frame->lines;
    struct slice line;
    int rc = append_all(out, version, NB_ARRAY_LEN(version));

    while (rc == NB_OK && nproto__headers_take_line(&lines, &line)) {
        const struct slice parts[] = {line, crlf};

        if (!nproto__headers_line_is(line, key)) {
            rc = append_all(out, parts, NB_ARRAY_LEN(parts));
        }
    }
    return rc;
}

// "<key>: <value>\r\n", with a value that may hold anything made one line.
static int append_mended(struct nb_buf *out, struct slice key, struct slice value)
{
    const struct slice begin[] = {key, NB_SLICE(": ")};
    int rc = append_all(out, begin, NB_ARRAY_LEN(begin));

    value = nb_slice_trim(value);
    while (rc == NB_OK && value.n > 0) {
        struct slice part = nb_slice_sub(value, 0, nb_slice_find_byte(value, '\r'));

        part.n = nb_slice_find_byte(part, '\n');
        rc = nb_buf_append(out, part);
        if (rc == NB_OK && part.n < value.n) {
            rc = nb_buf_append(out, NB_SLICE(" "));
        }
        value = nb_slice_sub(value, part.n + 1, value.n);
    }
    return rc == NB_OK ? nb_buf_append(out, crlf) : rc;
}

int nproto_headers_set(struct slice block, const char *key, struct slice value, struct nb_buf *out)
{
    const struct slice name = nb_slice_of(key);
    struct nproto__frame frame;
    int rc;

    if (!is_key(name)) {
        return NB_EINVALID;
    }
    if (!nproto__headers_frame(block.n > 0 ? block : NB_SLICE(EMPTY_BLOCK), &frame)) {
        return NB_EMALFORMED;
    }
    rc = copy_others(&frame, name, out);
    if (rc == NB_OK) {
        rc = append_mended(out, name, value);
    }
    return rc == NB_OK ? nproto_headers_end(out) : rc;
}

static bool is_bare(const struct nproto__frame *frame)
{
    return nb_slice_is(frame->version, VERSION);
}

// Is there a line that removing the key would leave?
static bool has_others(const struct nproto__frame *frame, struct slice key)
{
    struct slice lines = frame->lines;
    struct slice line;

    while (nproto__headers_take_line(&lines, &line)) {
        if (!nproto__headers_line_is(line, key)) {
            return true;
        }
    }
    return false;
}

int nproto_headers_remove(struct slice block, const char *key, struct nb_buf *out)
{
    const struct slice name = nb_slice_of(key);
    struct nproto__frame frame;
    int rc;

    if (!nproto__headers_frame(block, &frame)) {
        return NB_EMALFORMED;
    }
    if (is_bare(&frame) && !has_others(&frame, name)) {
        return NB_OK;
    }
    rc = copy_others(&frame, name, out);
    return rc == NB_OK ? nproto_headers_end(out) : rc;
}

int nproto_headers_remove_status(struct slice block, struct nb_buf *out)
{
    struct nproto__frame frame;

    if (!nproto__headers_frame(block, &frame)) {
        return NB_EMALFORMED;
    }
    if (frame.lines.n == 0) {
        return NB_OK;
    }
    const struct slice parts[] = {NB_SLICE(VERSION), crlf, frame.lines, crlf};
    return append_all(out, parts, NB_ARRAY_LEN(parts));
}
