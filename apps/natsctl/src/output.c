#include "output.h"

#include <natsd/json_writer.h>
#include <natsd/quote.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    JSON_MAX_BYTES = 64 * 1024 * 1024,
};

static void check(bool is_written)
{
    if (is_written) {
        return;
    }
    if (errno == EPIPE) {
        _exit(EXIT_SUCCESS);
    }
    fprintf(stderr, "natsctl: error: standard output: %s\n", strerror(errno));
    _exit(EXIT_FAILURE);
}

void output_write(struct slice bytes)
{
    check(bytes.n == 0 || fwrite(bytes.p, 1, bytes.n, stdout) == bytes.n);
}

void output_text(const char *text)
{
    output_write(nb_slice_of(text));
}

void output_format(const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vprintf(format, args);
    va_end(args);
    check(n >= 0);
}

void output_flush(void)
{
    check(fflush(stdout) == 0);
}

static bool is_dangerous(uint32_t rune)
{
    return rune < 0x20 || (rune >= 0x7f && rune < 0xa0) || // C0, DEL, C1
           (rune >= 0x202a && rune <= 0x202e) || (rune >= 0x2066 && rune <= 0x2069) || // bidi
           rune == 0x2028 || rune == 0x2029; // line ends of their own
}

void output_safe(struct slice bytes, bool keeps_lines)
{
    while (bytes.n > 0) {
        uint32_t rune;
        size_t n = nb_utf8_decode(bytes, &rune);
        bool is_invalid = n == 1 && bytes.p[0] >= 0x80;
        bool is_kept = keeps_lines && (rune == '\n' || rune == '\t');

        if (is_invalid || (rune < 0x80 && is_dangerous(rune) && !is_kept)) {
            output_format("\\x%02x", bytes.p[0]);
        } else if (is_dangerous(rune) && !is_kept) {
            output_format("\\u{%x}", (unsigned)rune);
        } else {
            output_write(nb_slice_sub(bytes, 0, n));
        }
        bytes = nb_slice_sub(bytes, n, bytes.n);
    }
}

// What is nested deeper than the writer can is left out: nobody means that.
static void put_json(struct nb_json_writer *w, const struct nb_json_value *value, unsigned depth)
{
    if (depth >= NB_JSON_DEPTH_MAX) {
        nb_json_null(w);
        return;
    }
    switch (value->type) {
    case NB_JSON_NULL:
        nb_json_null(w);
        return;
    case NB_JSON_BOOL:
        nb_json_bool(w, value->is_true);
        return;
    case NB_JSON_NUMBER:
        nb_json_raw(w, value->text);
        return;
    case NB_JSON_STRING:
        nb_json_str(w, value->text);
        return;
    case NB_JSON_ARRAY:
        nb_json_array(w);
        for (const struct nb_json_value *it = value->first; it != NULL; it = it->next) {
            put_json(w, it, depth + 1);
        }
        nb_json_array_end(w);
        return;
    case NB_JSON_OBJECT:
        nb_json_object(w);
        for (const struct nb_json_value *it = value->first; it != NULL; it = it->next) {
            nb_json_key_slice(w, it->key);
            put_json(w, it, depth + 1);
        }
        nb_json_object_end(w);
        return;
    }
    NB_UNREACHABLE("type of a JSON value");
}

void output_json(const struct nb_json_value *root)
{
    struct nb_json_writer w;
    struct nb_buf buf;

    nb_buf_init(&buf, JSON_MAX_BYTES);
    nb_json_begin(&w, &buf, NB_JSON_INDENTED);
    put_json(&w, root, 0);
    if (nb_json_end(&w) == NB_OK) {
        output_write(nb_buf_slice(&buf));
        output_text("\n");
    }
    nb_buf_fini(&buf);
}
