#include "pen.h"

#include <natsd/number.h>

static int append(void *ctx, struct slice part)
{
    struct nb_buf *out = ctx;

    return nb_buf_append(out, part);
}

struct nconf__pen nconf__pen_to_buf(struct nb_buf *out)
{
    return (struct nconf__pen){.write = append, .ctx = out};
}

void nconf__put(struct nconf__pen *pen, struct slice part)
{
    if (pen->rc == NB_OK) {
        pen->rc = pen->write(pen->ctx, part);
    }
}

void nconf__put_text(struct nconf__pen *pen, const char *part)
{
    nconf__put(pen, nb_slice_of(part));
}

void nconf__put_integer(struct nconf__pen *pen, int64_t number)
{
    char digits[NB_U64_TEXT_MAX_BYTES];
    uint64_t magnitude = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

    if (number < 0) {
        nconf__put_text(pen, "-");
    }
    nconf__put(pen, nb_slice_make(digits, nb_format_u64(magnitude, digits)));
}
