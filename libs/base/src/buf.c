#include <natsd/buf.h>

#include <assert.h>
#include <stdio.h>

// Every allocation has one byte more than `room`: vsnprintf and nb_buf_take() put a NUL there.
enum {
    BUF_FIRST_ROOM_BYTES = 64,
};

void nb_buf_fini(struct nb_buf *buf)
{
    nb_free(buf->p);
    nb_buf_init(buf, buf->max);
}

void nb_buf_wipe_fini(struct nb_buf *buf)
{
    nb_wipe(buf->p, buf->room);
    nb_buf_fini(buf);
}

static void grow(struct nb_buf *buf, size_t need)
{
    size_t room = buf->room > 0 ? buf->room : BUF_FIRST_ROOM_BYTES;

    while (room < need) {
        room = room > SIZE_MAX / 2 ? need : room * 2;
    }
    if (room > buf->max) {
        room = buf->max; // need <= max
    }
    assert(room < SIZE_MAX);
    buf->p = nb_realloc(buf->p, room + 1);
    buf->room = room;
}

int nb_buf_reserve(struct nb_buf *buf, size_t n, uint8_t **out)
{
    assert(buf->n <= buf->room);
    if (buf->n > buf->max || n > buf->max - buf->n) {
        return NB_ELIMIT;
    }
    if (buf->p == NULL || n > buf->room - buf->n) {
        grow(buf, buf->n + n);
    }
    *out = buf->p + buf->n;
    return NB_OK;
}

void nb_buf_commit(struct nb_buf *buf, size_t n)
{
    assert(n <= buf->room - buf->n);
    buf->n += n;
}

int nb_buf_append(struct nb_buf *buf, struct slice bytes)
{
    uint8_t *room;
    int rc = nb_buf_reserve(buf, bytes.n, &room);

    if (rc < 0) {
        return rc;
    }
    if (bytes.n > 0) {
        memcpy(room, bytes.p, bytes.n);
        buf->n += bytes.n;
    }
    return NB_OK;
}

void nb_buf_must(struct nb_buf *buf, struct slice bytes)
{
    int rc = nb_buf_append(buf, bytes);

    assert(rc == NB_OK);
}

void nb_buf_must_text(struct nb_buf *buf, const char *text)
{
    nb_buf_must(buf, nb_slice_of(text));
}

void nb_buf_must_format(struct nb_buf *buf, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    nb_buf_must_vformat(buf, format, args);
    va_end(args);
}

void nb_buf_must_vformat(struct nb_buf *buf, const char *format, va_list args)
{
    va_list again;
    uint8_t *out;
    int n;
    int rc = nb_buf_reserve(buf, 0, &out);

    assert(rc == NB_OK);
    va_copy(again, args);
    n = vsnprintf((char *)out, buf->room - buf->n + 1, format, args);
    assert(n >= 0);
    if ((size_t)n > buf->room - buf->n) {
        rc = nb_buf_reserve(buf, (size_t)n, &out);
        assert(rc == NB_OK);
        n = vsnprintf((char *)out, (size_t)n + 1, format, again);
    }
    va_end(again);
    nb_buf_commit(buf, (size_t)n);
}

void nb_buf_drop_front(struct nb_buf *buf, size_t n)
{
    assert(n <= buf->n);
    if (n > 0) {
        memmove(buf->p, buf->p + n, buf->n - n);
        buf->n -= n;
    }
}

struct slice nb_buf_take(struct nb_buf *buf)
{
    uint8_t *p = nb_realloc(buf->p, buf->n + 1);
    size_t n = buf->n;

    p[n] = '\0';
    nb_buf_init(buf, buf->max);
    return nb_slice_make(p, n);
}
