#include "outgoing.h"

#include "file.h"
#include "value.h"

#include <natsd/headers.h>

#include <unistd.h>

enum {
    SUBJECT_ROOM = 64 * 1024,
    HEADERS_ROOM = 1024 * 1024,
    BODY_ROOM = 96 * 1024 * 1024, // what a server can take at most
};

void outgoing_init(struct outgoing *outgoing, const struct cli *cli, const char *subject)
{
    *outgoing = (struct outgoing){.cli = cli, .subject = subject, .has_templates = true};
    template_values_init(&outgoing->values);
    outgoing->values.is_utc = cli_is_on(cli, GLOBAL_UTC);
    nb_buf_init(&outgoing->subject_buf, SUBJECT_ROOM);
    nb_buf_init(&outgoing->headers_buf, HEADERS_ROOM);
    nb_buf_init(&outgoing->body_buf, BODY_ROOM);
}

void outgoing_fini(struct outgoing *outgoing)
{
    nb_buf_fini(&outgoing->subject_buf);
    nb_buf_fini(&outgoing->headers_buf);
    nb_buf_fini(&outgoing->body_buf);
}

// Into the cleared buffer.
static int expand(struct outgoing *outgoing, struct slice text, struct nb_buf *buf)
{
    struct nb_diag diag = {""};
    int rc = NB_EMALFORMED;

    nb_buf_clear(buf);
    if (outgoing->has_templates) {
        rc = template_expand(text, &outgoing->values, buf, &diag);
        if (rc == NB_EMALFORMED) {
            cli_note(outgoing->cli, "%s", diag.text);
        }
    }
    if (rc == NB_EMALFORMED) { // as it is
        nb_buf_clear(buf);
        rc = nb_buf_append(buf, text);
    }
    return rc;
}

static int add_header(struct outgoing *outgoing, const char *text)
{
    struct slice key;
    struct slice value;
    struct nb_buf expanded;
    int rc = value_header(nb_slice_of(text), &key, &value);

    nb_buf_init(&expanded, HEADERS_ROOM);
    if (rc == NB_OK) {
        rc = expand(outgoing, value, &expanded);
    }
    if (rc == NB_OK) {
        rc = nproto_headers_add(&outgoing->headers_buf, key, nb_buf_slice(&expanded));
    }
    nb_buf_fini(&expanded);
    if (rc != NB_OK) {
        return cli_usage(outgoing->cli, "invalid header \"%s\"", text);
    }
    return EXIT_CODE_OK;
}

static int make_headers(struct outgoing *outgoing)
{
    const struct args_value *headers = outgoing->headers;

    nb_buf_clear(&outgoing->headers_buf);
    if (headers == NULL || headers->list_count == 0) {
        return EXIT_CODE_OK;
    }
    if (nproto_headers_begin(&outgoing->headers_buf, 0, (struct slice){0}) != NB_OK) {
        NB_UNREACHABLE("an empty buffer");
    }
    for (size_t i = 0; i < headers->list_count; i++) {
        int code = add_header(outgoing, headers->list[i]);

        if (code != EXIT_CODE_OK) {
            return code;
        }
    }
    if (nproto_headers_end(&outgoing->headers_buf) != NB_OK) {
        return cli_usage(outgoing->cli, "too many headers");
    }
    return EXIT_CODE_OK;
}

int outgoing_make(struct outgoing *outgoing)
{
    int code = make_headers(outgoing);

    if (code != EXIT_CODE_OK) {
        return code;
    }
    if (expand(outgoing, nb_slice_of(outgoing->subject), &outgoing->subject_buf) != NB_OK ||
        expand(outgoing, outgoing->body, &outgoing->body_buf) != NB_OK) {
        return cli_fail(outgoing->cli, "the message is too large");
    }
    outgoing->message = (struct nclient_message){.subject = nb_buf_slice(&outgoing->subject_buf),
                                                 .reply = nb_slice_of(outgoing->reply),
                                                 .headers = nb_buf_slice(&outgoing->headers_buf),
                                                 .data = nb_buf_slice(&outgoing->body_buf)};
    return EXIT_CODE_OK;
}

int outgoing_read_body(const struct cli *cli, const char *word, const char *file,
                       bool is_stdin_forced, struct outgoing_body *out)
{
    struct nb_diag diag = {""};

    *out = (struct outgoing_body){.bytes = nb_slice_of(word)};
    nb_buf_init(&out->buf, BODY_ROOM);
    if (word != NULL && !is_stdin_forced) {
        return EXIT_CODE_OK;
    }
    if (file == NULL) {
        if (!is_stdin_forced && isatty(STDIN_FILENO)) {
            return EXIT_CODE_OK; // an empty body
        }
        file = "-";
    }
    if (file_read(file, &out->buf, &diag) != NB_OK) {
        outgoing_body_fini(out);
        return cli_fail(cli, "%s", diag.text);
    }
    out->bytes = nb_buf_slice(&out->buf);
    return EXIT_CODE_OK;
}

void outgoing_body_fini(struct outgoing_body *body)
{
    nb_buf_fini(&body->buf);
}
