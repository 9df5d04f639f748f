#include "http_response.h"

#include "http_reader.h"

#include <assert.h>

enum {
    STATUS_MIN = 200, // below are announcements of the answer
    STATUS_MAX = 599,
    STATUS_INFORMATION_MIN = 100,
    STATUS_SWITCHING = 101, // to what was never asked for
};

static bool is_information(const http_parser *parser)
{
    return parser->status_code >= STATUS_INFORMATION_MIN && parser->status_code < STATUS_MIN;
}

static int on_begin(http_parser *parser)
{
    struct nnet__http_response *response = parser->data;

    response->reason_size = 0;
    return 0;
}

static int on_status(http_parser *parser, const char *p, size_t n)
{
    struct nnet__http_response *response = parser->data;

    for (size_t i = 0; i < n && response->reason_size < sizeof(response->reason); i++) {
        // It is shown to people.
        response->reason[response->reason_size++] = p[i] >= 0x20 && p[i] < 0x7F ? p[i] : '?';
    }
    return 0;
}

static int on_head(http_parser *parser)
{
    struct nnet__http_response *response = parser->data;

    if (parser->http_major != 1 || parser->http_minor > 1 ||
        parser->status_code < STATUS_INFORMATION_MIN || parser->status_code > STATUS_MAX ||
        parser->status_code == STATUS_SWITCHING) {
        return -1;
    }
    parser->upgrade = 0;
    if (parser->content_length != UINT64_MAX && parser->content_length > response->body_max_bytes) {
        response->is_too_large = true;
        return -1;
    }
    return 0;
}

static int on_body(http_parser *parser, const char *p, size_t n)
{
    struct nnet__http_response *response = parser->data;

    if (nb_buf_append(&response->body, nb_slice_make(p, n)) != NB_OK) {
        response->is_too_large = true;
        return -1;
    }
    return 0;
}

static int on_complete(http_parser *parser)
{
    struct nnet__http_response *response = parser->data;

    if (!is_information(parser)) {
        response->is_complete = true;
        http_parser_pause(parser, 1); // nothing else was asked for
    }
    return 0;
}

static const http_parser_settings settings = {
    .on_message_begin = on_begin,
    .on_status = on_status,
    .on_headers_complete = on_head,
    .on_body = on_body,
    .on_message_complete = on_complete,
};

void nnet__http_response_init(struct nnet__http_response *response, size_t body_max_bytes)
{
    nnet__http_set_head_limit();
    *response = (struct nnet__http_response){.body_max_bytes = body_max_bytes};
    nb_buf_init(&response->body, body_max_bytes);
    http_parser_init(&response->parser, HTTP_RESPONSE);
    response->parser.data = response;
}

void nnet__http_response_fini(struct nnet__http_response *response)
{
    nb_buf_fini(&response->body);
}

static int outcome(const struct nnet__http_response *response)
{
    enum http_errno error = HTTP_PARSER_ERRNO(&response->parser);

    if (response->is_complete) {
        return NB_OK;
    }
    if (error == HPE_OK) {
        return NB_EAGAIN;
    }
    return response->is_too_large || error == HPE_HEADER_OVERFLOW ? NB_ELIMIT : NB_EMALFORMED;
}

int nnet__http_response_feed(struct nnet__http_response *response, struct slice bytes)
{
    if (bytes.n > 0 && outcome(response) == NB_EAGAIN) {
        (void)http_parser_execute(&response->parser, &settings, (const char *)bytes.p, bytes.n);
    }
    return outcome(response);
}

int nnet__http_response_end(struct nnet__http_response *response)
{
    if (outcome(response) == NB_EAGAIN) {
        (void)http_parser_execute(&response->parser, &settings, "", 0);
    }
    return response->is_complete ? NB_OK : NB_ECLOSED;
}
