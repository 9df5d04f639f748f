/* http_reader.h - reads requests from a stream of bytes, on http-parser. Spec 04 section 2.1.
 *
 * Bodies are read and dropped. One request at a time: behind its last byte the reader stops,
 * until it is told to go on.
 *
 * Threads: one at a time. Errors: after one of them nothing more can be read.
 */
#pragma once

#include <natsd/buf.h>

#include <http_parser.h>
#include <stdbool.h>

enum {
    NNET__HTTP_HEAD_MAX_BYTES = 1024 * 1024,
};

enum nnet__http_read {
    HTTP_READ_MORE,      // everything was taken, the request is not complete
    HTTP_READ_REQUEST,   // one is complete; bytes behind it were not taken
    HTTP_READ_BAD,       // it is no HTTP
    HTTP_READ_TOO_LARGE, // the head is
    HTTP_READ_VERSION,   // it is neither HTTP/1.0 nor 1.1
};

struct nnet__http_reader {
    http_parser parser;
    struct nb_buf target;
    bool has_begun;    // a byte of the request came
    bool has_head;     // the head is complete, a body may follow
    bool is_complete;  // set with the request
    bool keeps_alive;  // the client would send another
    bool is_version_1; // minor version 0 or 1
    bool is_bad_version;
};

// Of all parsers of the process.
void nnet__http_set_head_limit(void);

void nnet__http_reader_init(struct nnet__http_reader *reader);
void nnet__http_reader_fini(struct nnet__http_reader *reader);

// Takes bytes off the front of *bytes.
enum nnet__http_read nnet__http_reader_feed(struct nnet__http_reader *reader, struct slice *bytes);
// After HTTP_READ_REQUEST, when it was dealt with: ready for another.
void nnet__http_reader_next(struct nnet__http_reader *reader);

static inline const char *nnet__http_reader_method(const struct nnet__http_reader *reader)
{
    return http_method_str((enum http_method)reader->parser.method);
}

static inline struct slice nnet__http_reader_target(const struct nnet__http_reader *reader)
{
    return nb_buf_slice(&reader->target);
}
