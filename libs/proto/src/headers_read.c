#include <natsd/headers.h>

#include "headers_frame.h"

#include <natsd/number.h>

#define VERSION "NATS/1.0"

enum {
    STATUS_MAX = 999,
};

static const struct slice crlf = {(const uint8_t *)"\r\n", 2};

bool nproto__headers_frame(struct slice block, struct nproto__frame *out)
{
    const size_t end = nb_slice_find(block, crlf);

    if (!nb_slice_starts(block, VERSION) || !nb_slice_ends(block, "\r\n\r\n")) {
        return false;
    }
    if (end > sizeof(VERSION) - 1 && block.p[sizeof(VERSION) - 1] != ' ') {
        return false; // "NATS/1.01"
    }
    out->version = nb_slice_sub(block, 0, end);
    out->lines = nb_slice_sub(block, end + crlf.n, block.n - end - 2 * crlf.n);
    return true;
}

bool nproto__headers_take_line(struct slice *lines, struct slice *line)
{
    const size_t end = nb_slice_find(*lines, crlf);

    if (lines->n == 0) {
        return false;
    }
    *line = nb_slice_sub(*lines, 0, end);
    *lines = nb_slice_sub(*lines, end + crlf.n, lines->n);
    return true;
}

bool nproto__headers_line_is(struct slice line, struct slice key)
{
    return line.n > key.n && line.p[key.n] == ':' &&
           nb_slice_equal(nb_slice_sub(line, 0, key.n), key);
}

static struct slice skip_spaces(struct slice s) // not TAB: spec 10.4
{
    while (s.n > 0 && s.p[0] == ' ') {
        s = nb_slice_sub(s, 1, s.n);
    }
    return s;
}

// Also on bytes that are no proper block: what clients publish is not checked.
bool nproto_headers_get(struct slice block, const char *key, struct slice *value)
{
    const struct slice name = nb_slice_of(key);
    struct slice rest = nb_slice_sub(block, nb_slice_find(block, crlf) + crlf.n, block.n);
    struct slice line;

    while (nproto__headers_take_line(&rest, &line)) { // each line is preceded by CR LF
        if (nproto__headers_line_is(line, name)) {
            *value = skip_spaces(nb_slice_sub(line, name.n + 1, line.n));
            return true;
        }
    }
    return false;
}

int nproto_headers_status(struct slice block, struct slice *description)
{
    struct nproto__frame frame;
    struct slice rest;
    struct slice code;
    uint64_t status;

    *description = (struct slice){0};
    if (!nproto__headers_frame(block, &frame)) {
        return 0;
    }
    rest = nb_slice_trim(nb_slice_sub(frame.version, sizeof(VERSION) - 1, frame.version.n));
    code = nb_slice_sub(rest, 0, nb_slice_find_byte(rest, ' '));
    if (nb_parse_u64(code, STATUS_MAX, &status) < 0) {
        return 0;
    }
    *description = nb_slice_trim(nb_slice_sub(rest, code.n, rest.n));
    return (int)status;
}

int nproto_headers_each(struct slice block, nproto_headers_each_fn fn, void *ctx)
{
    struct nproto__frame frame;
    struct slice line;

    if (!nproto__headers_frame(block, &frame)) {
        return NB_EMALFORMED;
    }
    while (nproto__headers_take_line(&frame.lines, &line)) {
        const size_t colon = nb_slice_find_byte(line, ':');

        if (colon == 0 || colon == line.n) {
            return NB_EMALFORMED;
        }
        if (!fn(ctx, nb_slice_sub(line, 0, colon),
                skip_spaces(nb_slice_sub(line, colon + 1, line.n)))) {
            return NB_OK;
        }
    }
    return NB_OK;
}
