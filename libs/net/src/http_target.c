#include "http_target.h"

#include "hex_digit.h"

void nnet__http_target_split(struct slice target, struct slice *path, struct slice *query)
{
    size_t scheme = nb_slice_find(target, NB_SLICE("://"));
    struct slice rest = target;
    size_t end;

    if (target.n > 0 && target.p[0] != '/' && scheme < target.n) { // the form for proxies
        rest = nb_slice_sub(target, scheme + 3, target.n);
        rest = nb_slice_sub(rest, nb_slice_find_byte(rest, '/'), rest.n);
    }
    rest = nb_slice_sub(rest, 0, nb_slice_find_byte(rest, '#'));
    end = nb_slice_find_byte(rest, '?');
    *path = nb_slice_sub(rest, 0, end);
    *query = nb_slice_sub(rest, end + 1, rest.n);
}

static int decode(struct slice raw, bool plus_is_blank, struct nb_arena *arena, struct slice *out)
{
    uint8_t *decoded = nb_arena_alloc(arena, raw.n + 1);
    size_t n = 0;

    if (decoded == NULL) {
        return NB_ELIMIT;
    }
    for (size_t i = 0; i < raw.n; i++) {
        uint8_t c = raw.p[i];

        if (c == '%') {
            int high = i + 1 < raw.n ? nnet__hex_digit(raw.p[i + 1]) : -1;
            int low = i + 2 < raw.n ? nnet__hex_digit(raw.p[i + 2]) : -1;

            if (high < 0 || low < 0) {
                return NB_EMALFORMED;
            }
            c = (uint8_t)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_blank) {
            c = ' ';
        }
        decoded[n++] = c;
    }
    *out = nb_slice_make(decoded, n);
    return NB_OK;
}

int nnet__http_decode_path(struct slice raw, struct nb_arena *arena, struct slice *out)
{
    return decode(raw, false, arena, out);
}

int nnet__http_decode_query(struct slice raw, struct nb_arena *arena, struct slice *out)
{
    return decode(raw, true, arena, out);
}

// Does the encoded name say `name`? Compared as it is decoded: a query may have many pairs.
static bool name_is(struct slice raw, struct slice name)
{
    size_t at = 0;

    for (size_t i = 0; i < raw.n; i++, at++) {
        uint8_t c = raw.p[i];

        if (c == '%') {
            int high = i + 1 < raw.n ? nnet__hex_digit(raw.p[i + 1]) : -1;
            int low = i + 2 < raw.n ? nnet__hex_digit(raw.p[i + 2]) : -1;

            if (high < 0 || low < 0) {
                return false;
            }
            c = (uint8_t)(high * 16 + low);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        if (at >= name.n || name.p[at] != c) {
            return false;
        }
    }
    return at == name.n;
}

bool nnet__http_query_find(struct slice query, struct slice name, struct nb_arena *arena,
                           struct slice *out)
{
    struct slice pair;

    while (nb_slice_take_field(&query, '&', &pair)) {
        size_t equals = nb_slice_find_byte(pair, '=');
        struct slice value;

        if (nb_slice_find_byte(pair, ';') < pair.n || // not a separator any more: malformed
            !name_is(nb_slice_sub(pair, 0, equals), name) ||
            nnet__http_decode_query(nb_slice_sub(pair, equals + 1, pair.n), arena, &value) !=
                NB_OK) {
            continue;
        }
        *out = value;
        return value.n > 0;
    }
    return false;
}
