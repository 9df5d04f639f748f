/* format.c - values and positions as messages show them (spec 02 sections 3.1 and 3.2). */
#include <natsd/conf_value.h>

#include "float_text.h"
#include "pen.h"
#include "sorted.h"

static const struct nconf__float_style message_style = {
    .exponent_min = -4,
    .exponent_end = 6,
    .exponent_digits = 2,
};

int nconf_position_format(struct nconf_position at, struct nb_buf *out)
{
    struct nconf__pen pen = nconf__pen_to_buf(out);

    if (at.line == 0) {
        return NB_OK;
    }
    nconf__put(&pen, at.file);
    nconf__put_text(&pen, ":");
    nconf__put_integer(&pen, at.line);
    nconf__put_text(&pen, ":");
    nconf__put_integer(&pen, at.pos);
    nconf__put_text(&pen, ": ");
    return pen.rc;
}

static void put_value(struct nconf__pen *pen, const struct nconf_value *value);

static void put_array(struct nconf__pen *pen, const struct nconf_value *array)
{
    nconf__put_text(pen, "[");
    for (const struct nconf_value *item = array->first; item != NULL; item = item->next) {
        put_value(pen, item);
        if (item->next != NULL) {
            nconf__put_text(pen, " ");
        }
    }
    nconf__put_text(pen, "]");
}

static void put_map(struct nconf__pen *pen, const struct nconf_value *map)
{
    const struct nconf_value **entries = nconf__sorted(map);

    nconf__put_text(pen, "map[");
    for (size_t i = 0; i < map->count; i++) {
        nconf__put_text(pen, i > 0 ? " " : "");
        nconf__put(pen, entries[i]->key);
        nconf__put_text(pen, ":");
        put_value(pen, entries[i]);
    }
    nconf__put_text(pen, "]");
    nb_free(entries);
}

// "2016-05-04T18:53:41Z" as "2016-05-04 18:53:41 +0000 UTC".
static void put_time(struct nconf__pen *pen, struct slice text)
{
    nconf__put(pen, nb_slice_sub(text, 0, sizeof("2016-05-04") - 1));
    nconf__put_text(pen, " ");
    nconf__put(pen, nb_slice_sub(text, sizeof("2016-05-04T") - 1, sizeof("18:53:41") - 1));
    nconf__put_text(pen, " +0000 UTC");
}

static void put_value(struct nconf__pen *pen, const struct nconf_value *value)
{
    char text[NCONF__FLOAT_TEXT_BYTES];

    switch (value->type) {
    case NCONF_STRING:
        nconf__put(pen, value->text);
        return;
    case NCONF_BOOL:
        nconf__put_text(pen, value->is_true ? "true" : "false");
        return;
    case NCONF_INTEGER:
        nconf__put_integer(pen, value->integer);
        return;
    case NCONF_FLOAT:
        nconf__put(pen, nconf__float_text(value->number, &message_style, text));
        return;
    case NCONF_TIME:
        put_time(pen, value->text);
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

int nconf_value_format(const struct nconf_value *value, struct nb_buf *out)
{
    struct nconf__pen pen = nconf__pen_to_buf(out);

    put_value(&pen, value);
    return pen.rc;
}
