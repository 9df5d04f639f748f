/* json.c - own code and not the writer of natsd/json_writer.h, because every byte of it goes
 * into the digest: sorted keys, this form of floats, these escapes.
 */
#include "json.h"

#include "float_text.h"
#include "sorted.h"

#include <natsd/conf.h>
#include <natsd/quote.h>

#include <stdio.h>

static const struct nconf__float_style json_style = {
    .exponent_min = -6,
    .exponent_end = 21,
    .exponent_digits = 1,
};

// The escape for a rune of `n` bytes, or NULL: it stands for itself.
static const char *escape_of(uint32_t rune, size_t n, char hex[8])
{
    switch (rune) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    case '\b':
        return "\\b";
    case '\f':
        return "\\f";
    default:
        break;
    }
    if (rune < 0x20 || rune == '<' || rune == '>' || rune == '&' || rune == 0x2028 ||
        rune == 0x2029 || (rune == 0xFFFD && n == 1)) { // the last is a byte that is no UTF-8
        snprintf(hex, 8, "\\u%04x", (unsigned)rune);
        return hex;
    }
    return NULL;
}

static void put_string(struct nconf__pen *pen, struct slice text)
{
    size_t run = 0; // since here everything stands for itself
    size_t at = 0;

    nconf__put_text(pen, "\"");
    while (at < text.n) {
        char hex[8];
        uint32_t rune;
        size_t n = nb_utf8_decode(nb_slice_sub(text, at, SIZE_MAX), &rune);
        const char *escape = escape_of(rune, n, hex);

        if (escape != NULL) {
            nconf__put(pen, nb_slice_sub(text, run, at - run));
            nconf__put_text(pen, escape);
            run = at + n;
        }
        at += n;
    }
    nconf__put(pen, nb_slice_sub(text, run, at - run));
    nconf__put_text(pen, "\"");
}

static void put_array(struct nconf__pen *pen, const struct nconf_value *array)
{
    nconf__put_text(pen, "[");
    for (const struct nconf_value *item = array->first; item != NULL; item = item->next) {
        nconf__json_put(pen, item);
        if (item->next != NULL) {
            nconf__put_text(pen, ",");
        }
    }
    nconf__put_text(pen, "]");
}

static void put_map(struct nconf__pen *pen, const struct nconf_value *map)
{
    const struct nconf_value **entries = nconf__sorted(map);

    nconf__put_text(pen, "{");
    for (size_t i = 0; i < map->count; i++) {
        nconf__put_text(pen, i > 0 ? "," : "");
        put_string(pen, entries[i]->key);
        nconf__put_text(pen, ":");
        nconf__json_put(pen, entries[i]);
    }
    nconf__put_text(pen, "}");
    nb_free(entries);
}

void nconf__json_put(struct nconf__pen *pen, const struct nconf_value *value)
{
    char text[NCONF__FLOAT_TEXT_BYTES];

    switch (value->type) {
    case NCONF_STRING:
    case NCONF_TIME:
        put_string(pen, value->text);
        return;
    case NCONF_BOOL:
        nconf__put_text(pen, value->is_true ? "true" : "false");
        return;
    case NCONF_INTEGER:
        nconf__put_integer(pen, value->integer);
        return;
    case NCONF_FLOAT:
        nconf__put(pen, nconf__float_text(value->number, &json_style, text));
        return;
    case NCONF_ARRAY:
        put_array(pen, value);
        return;
    case NCONF_MAP:
        put_map(pen, value);
        return;
    }
    NB_UNREACHABLE("value type");
}

int nconf_value_json(const struct nconf_value *value, struct nb_buf *out)
{
    struct nconf__pen pen = nconf__pen_to_buf(out);

    nconf__json_put(&pen, value);
    return pen.rc;
}
