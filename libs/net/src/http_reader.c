#include "http_reader.h"

#include <natsd/error.h>

#include <assert.h>
#include <pthread.h>

static int on_begin(http_parser *parser)
{
    struct nnet__http_reader *reader = parser->data;

    reader->has_begun = true;
    return 0;
}

static int on_target(http_parser *parser, const char *p, size_t n)
{
    struct nnet__http_reader *reader = parser->data;

    return nb_buf_append(&reader->target, nb_slice_make(p, n)) == NB_OK ? 0 : 1;
}

static int on_head(http_parser *parser)
{
    struct nnet__http_reader *reader = parser->data;

    reader->has_head = true;
    reader->is_bad_version = parser->http_major != 1 || parser->http_minor > 1;
    reader->is_version_1 = parser->http_minor == 1;
    // Another protocol is never agreed on: what follows is HTTP still.
    parser->upgrade = 0;
    return reader->is_bad_version ? -1 : 0;
}

static int on_complete(http_parser *parser)
{
    struct nnet__http_reader *reader = parser->data;

    reader->is_complete = true;
    reader->keeps_alive = http_should_keep_alive(parser) != 0;
    http_parser_pause(parser, 1); // what follows is another request
    return 0;
}

static const http_parser_settings settings = {
    .on_message_begin = on_begin,
    .on_url = on_target,
    .on_headers_complete = on_head,
    .on_message_complete = on_complete,
};

// http-parser has this limit for the whole process, not for a parser. It is set once, to a
// constant, so that parsers in other threads don't race with it.
static void raise_head_limit(void)
{
    http_parser_set_max_header_size(NNET__HTTP_HEAD_MAX_BYTES);
}

void nnet__http_set_head_limit(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    if (pthread_once(&once, raise_head_limit) != 0) {
        NB_UNREACHABLE("pthread_once");
    }
}

void nnet__http_reader_init(struct nnet__http_reader *reader)
{
    nnet__http_set_head_limit();
    *reader = (struct nnet__http_reader){.has_begun = false};
    nb_buf_init(&reader->target, NNET__HTTP_HEAD_MAX_BYTES);
    http_parser_init(&reader->parser, HTTP_REQUEST);
    reader->parser.data = reader;
}

void nnet__http_reader_fini(struct nnet__http_reader *reader)
{
    nb_buf_fini(&reader->target);
}

enum nnet__http_read nnet__http_reader_feed(struct nnet__http_reader *reader, struct slice *bytes)
{
    enum http_errno error;
    size_t taken;

    assert(!reader->is_complete);
    if (bytes->n == 0) { // for the parser that would be the end of the stream
        return HTTP_READ_MORE;
    }
    taken = http_parser_execute(&reader->parser, &settings, (const char *)bytes->p, bytes->n);
    error = HTTP_PARSER_ERRNO(&reader->parser);
    assert(taken <= bytes->n);
    *bytes = nb_slice_sub(*bytes, taken, bytes->n);
    if (error == HPE_PAUSED && reader->is_complete) {
        return HTTP_READ_REQUEST;
    }
    if (error == HPE_OK) {
        assert(bytes->n == 0);
        return HTTP_READ_MORE;
    }
    if (reader->is_bad_version) {
        return HTTP_READ_VERSION;
    }
    // A target that is too large runs into the buffer's limit a little before the parser's.
    return error == HPE_HEADER_OVERFLOW || error == HPE_CB_url ? HTTP_READ_TOO_LARGE
                                                               : HTTP_READ_BAD;
}

void nnet__http_reader_next(struct nnet__http_reader *reader)
{
    assert(reader->is_complete);
    http_parser_pause(&reader->parser, 0);
    nb_buf_clear(&reader->target);
    reader->has_begun = false;
    reader->has_head = false;
    reader->is_complete = false;
}
