/* http_response.h - reads one answer from a stream of bytes, on http-parser. The server that
 * sends it may be anybody.
 *
 * Threads: one at a time. Errors: after one of them nothing more can be read.
 */
#pragma once

#include <natsd/buf.h>

#include <http_parser.h>
#include <stdbool.h>

enum {
    NNET__HTTP_REASON_MAX_BYTES = 128, // of the status line; what is longer is cut
};

struct nnet__http_response {
    http_parser parser;
    struct nb_buf body;
    char reason[NNET__HTTP_REASON_MAX_BYTES];
    size_t reason_size;
    size_t body_max_bytes;
    bool is_too_large;
    bool is_complete;
};

void nnet__http_response_init(struct nnet__http_response *response, size_t body_max_bytes);
void nnet__http_response_fini(struct nnet__http_response *response);

// NB_EAGAIN: not complete; NB_OK: complete, what follows is ignored; NB_EMALFORMED; NB_ELIMIT.
NB_MUST_USE int nnet__http_response_feed(struct nnet__http_response *response, struct slice bytes);
// The stream ended: NB_OK when that is the body's end, or it was complete. Otherwise NB_ECLOSED.
NB_MUST_USE int nnet__http_response_end(struct nnet__http_response *response);

static inline int nnet__http_response_status(const struct nnet__http_response *response)
{
    return response->parser.status_code;
}
