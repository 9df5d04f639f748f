/* pen.h - text written piece by piece to somewhere; the first error sticks. */
#pragma once

#include <natsd/buf.h>

#include <stdint.h>

typedef int (*nconf__write_fn)(void *ctx, struct slice part);

struct nconf__pen {
    int rc; // once it is not NB_OK, nothing more is written
    nconf__write_fn write;
    void *ctx;
};

struct nconf__pen nconf__pen_to_buf(struct nb_buf *out);

void nconf__put(struct nconf__pen *pen, struct slice part);
void nconf__put_text(struct nconf__pen *pen, const char *part);
void nconf__put_integer(struct nconf__pen *pen, int64_t number);
