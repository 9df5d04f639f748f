/* http_answer.h - the head of an answer. Threads: [any]. */
#pragma once

#include <natsd/http.h>

enum {
    NNET__HTTP_HEAD_BYTES_MAX = 64 * 1024, // of an answer's head: ours, so it is never reached
};

struct nnet__http_head {
    int status;
    const char *content_type;
    const char *extra_headers; // complete lines, or NULL
    size_t body_bytes;
    bool is_version_1_0; // the client speaks HTTP/1.0
    bool keeps_alive;
    struct nb_wall now;
};

void nnet__http_head_format(const struct nnet__http_head *head, struct nb_buf *out);
