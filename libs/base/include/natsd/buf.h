/* natsd/buf.h - a growable buffer of bytes with a limit.
 *
 * A buffer cannot be made without a maximum; an append that would pass it changes nothing
 * and returns NB_ELIMIT. The _must forms are for text whose size we decide ourselves: they
 * assert. Threads: one at a time.
 */
#pragma once

#include <natsd/slice.h>

#include <stdarg.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nb_buf {
    // private
    uint8_t *p;
    size_t n;
    size_t room;
    size_t max;
};

static inline void nb_buf_init(struct nb_buf *buf, size_t max)
{
    *buf = (struct nb_buf){.p = NULL, .n = 0, .room = 0, .max = max};
}

void nb_buf_fini(struct nb_buf *buf);
// For secrets. Growing leaves copies behind: reserve the whole size before the first byte.
void nb_buf_wipe_fini(struct nb_buf *buf);

static inline struct slice nb_buf_slice(const struct nb_buf *buf) // borrowed until the next change
{
    return nb_slice_make(buf->p, buf->n);
}

static inline void nb_buf_clear(struct nb_buf *buf) // keeps the memory
{
    buf->n = 0;
}

// Room for n more bytes; write there, then nb_buf_commit() what was written.
NB_MUST_USE int nb_buf_reserve(struct nb_buf *buf, size_t n, uint8_t **out);
void nb_buf_commit(struct nb_buf *buf, size_t n);

NB_MUST_USE int nb_buf_append(struct nb_buf *buf, struct slice bytes);
void nb_buf_must(struct nb_buf *buf, struct slice bytes);
void nb_buf_must_text(struct nb_buf *buf, const char *text);
void nb_buf_must_format(struct nb_buf *buf, const char *format, ...) NB_PRINTF(2, 3);
void nb_buf_must_vformat(struct nb_buf *buf, const char *format, va_list args) NB_PRINTF(2, 0);

void nb_buf_drop_front(struct nb_buf *buf, size_t n); // n <= size
struct slice nb_buf_take(struct nb_buf *buf); // owned, see nb_slice_dup(); buf is empty after

#ifdef __cplusplus
}
#endif
