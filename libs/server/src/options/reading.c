#include "options/reading.h"

#include <stdarg.h>
#include <stdio.h>

#include <natsd/clock.h>
#include <natsd/duration.h>
#include <natsd/memory.h>
#include <natsd/number.h>
#include <natsd/quote.h>

enum {
    REASON_MAX_BYTES = 4096,
};

/* Faults. */

void nserver__report_add(struct nb_buf *out, struct slice text)
{
    int rc = nb_buf_append(out, text);

    (void)rc; // a report that is full has said enough
}

static void add_line(struct nb_buf *out, const struct nconf_value *at, const char *format,
                     va_list args)
{
    struct nb_buf line;
    char reason[REASON_MAX_BYTES];

    nb_buf_init(&line, 4 * REASON_MAX_BYTES);
    if (at != NULL && nconf_position_format(at->at, &line) != NB_OK) {
        nb_buf_clear(&line);
    }
    vsnprintf(reason, sizeof(reason), format, args);
    nb_buf_must_text(&line, reason);
    nb_buf_must_text(&line, "\n");
    nserver__report_add(out, nb_buf_slice(&line));
    nb_buf_fini(&line);
}

void nserver__read_error(struct reading *r, const struct nconf_value *at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_line(&r->report->errors, at, format, args);
    va_end(args);
}

void nserver__read_warning(struct reading *r, const struct nconf_value *at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_line(&r->report->warnings, at, format, args);
    va_end(args);
}

const char *nserver__quoted(struct slice text, char *out, size_t room)
{
    struct nb_buf quoted;

    nb_buf_init(&quoted, room - 1);
    if (nb_quote(text, &quoted) != NB_OK) {
        nb_buf_clear(&quoted);
        nb_buf_must_text(&quoted, "\"...\"");
    }
    memcpy(out, nb_buf_slice(&quoted).p, nb_buf_slice(&quoted).n);
    out[nb_buf_slice(&quoted).n] = '\0';
    nb_buf_fini(&quoted);
    return out;
}

void nserver__read_unknown(struct reading *r, const struct nconf_value *at)
{
    char name[512];

    if (!at->is_used) {
        nserver__read_error(r, at, "unknown field %s",
                            nserver__quoted(at->key, name, sizeof(name)));
    }
}

void nserver__read_later(struct reading *r, const struct nconf_value *at)
{
    char name[128];

    nserver__read_error(r, at, "%s is not supported yet",
                        nserver__quoted(at->key, name, sizeof(name)));
}

/* Plain values. */

bool nserver__read_text(struct reading *r, const struct nconf_value *value, char **out)
{
    struct nb_diag diag;
    struct slice text;

    if (nconf_read_string(value, &text, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return false;
    }
    nserver_options_set_text(out, text);
    return true;
}

bool nserver__read_bool(struct reading *r, const struct nconf_value *value, bool *out)
{
    struct nb_diag diag;

    if (nconf_read_bool(value, out, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return false;
    }
    return true;
}

bool nserver__read_choice(struct reading *r, const struct nconf_value *value,
                          enum nserver_choice *out)
{
    bool is_true;

    if (!nserver__read_bool(r, value, &is_true)) {
        return false;
    }
    *out = is_true ? NSERVER_YES : NSERVER_NO;
    return true;
}

bool nserver__read_int(struct reading *r, const struct nconf_value *value, int64_t *out)
{
    struct nb_diag diag;

    if (nconf_read_integer(value, out, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return false;
    }
    return true;
}

/* Lengths of time. */

bool nserver__read_duration(struct reading *r, const struct nconf_value *value, int64_t *ns)
{
    struct nb_diag diag;
    int64_t seconds;

    if (value->type == NCONF_STRING) {
        if (nb_duration_parse(value->text, ns, &diag) != NB_OK) {
            nserver__read_error(r, value, "error parsing %.*s: %s", NB_SLICE_ARGS(value->key),
                                diag.text);
            return false;
        }
        return true;
    }
    nserver__read_warning(r, value,
                          "invalid use of field \"%.*s\": %.*s should be converted to a duration",
                          NB_SLICE_ARGS(value->key), NB_SLICE_ARGS(value->key));
    if (!nserver__read_int(r, value, &seconds)) {
        return false;
    }
    if (__builtin_mul_overflow(seconds, NB_NS_PER_S, ns)) {
        nserver__read_error(r, value, "error parsing %.*s: value is too big",
                            NB_SLICE_ARGS(value->key));
        return false;
    }
    return true;
}

bool nserver__read_strict_duration(struct reading *r, const struct nconf_value *value, int64_t *ns)
{
    struct nb_diag diag;
    struct slice text;

    if (nconf_read_string(value, &text, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return false;
    }
    if (nb_duration_parse(text, ns, &diag) != NB_OK) {
        nserver__read_error(r, value, "error parsing %.*s: %s", NB_SLICE_ARGS(value->key),
                            diag.text);
        return false;
    }
    return true;
}

bool nserver__read_seconds(struct reading *r, const struct nconf_value *value, double *seconds)
{
    struct nb_diag diag;
    int64_t ns;

    switch (value->type) {
    case NCONF_INTEGER:
        *seconds = (double)value->integer;
        return true;
    case NCONF_FLOAT:
        *seconds = value->number;
        return true;
    case NCONF_STRING:
        if (nb_duration_parse(value->text, &ns, &diag) != NB_OK) {
            nserver__read_error(r, value, "error parsing %.*s: %s", NB_SLICE_ARGS(value->key),
                                diag.text);
            return false;
        }
        *seconds = (double)ns / (double)NB_NS_PER_S;
        return true;
    case NCONF_BOOL:
    case NCONF_TIME:
    case NCONF_ARRAY:
    case NCONF_MAP:
        break;
    }
    nserver__read_error(r, value, "error parsing %.*s: expected a number or a duration, got %s",
                        NB_SLICE_ARGS(value->key), nconf_type_name(value->type));
    return false;
}

/* Addresses and lists. */

// "host:port" and "[v6]:port".
static bool split_address(struct slice text, struct slice *host, struct slice *port)
{
    size_t colon = text.n;

    for (size_t i = text.n; i > 0 && colon == text.n; i--) {
        colon = text.p[i - 1] == ':' ? i - 1 : colon;
    }
    if (colon == text.n) {
        return false;
    }
    *host = nb_slice_sub(text, 0, colon);
    *port = nb_slice_sub(text, colon + 1, text.n);
    if (host->n >= 2 && host->p[0] == '[' && host->p[host->n - 1] == ']') {
        *host = nb_slice_sub(*host, 1, host->n - 2);
        return true;
    }
    return nb_slice_find_byte(*host, ':') == host->n;
}

static bool read_address_text(struct reading *r, const struct nconf_value *value, char **host,
                              int *port)
{
    struct slice host_text;
    struct slice port_text;
    char quoted[512];
    int64_t number;

    if (!split_address(value->text, &host_text, &port_text)) {
        nserver__read_error(r, value, "could not parse address string %s",
                            nserver__quoted(value->text, quoted, sizeof(quoted)));
        return false;
    }
    if (nb_parse_i64(port_text, -1, UINT16_MAX, &number) != NB_OK) {
        nserver__read_error(r, value, "could not parse port %s",
                            nserver__quoted(port_text, quoted, sizeof(quoted)));
        return false;
    }
    nserver_options_set_text(host, host_text);
    *port = (int)number;
    return true;
}

bool nserver__read_address(struct reading *r, const struct nconf_value *value, char **host,
                           int *port)
{
    if (value->type == NCONF_STRING) {
        return read_address_text(r, value, host, port);
    }
    if (value->type != NCONF_INTEGER) {
        nserver__read_error(r, value, "expected port or host:port, got %s",
                            nconf_type_name(value->type));
        return false;
    }
    if (value->integer < -1 || value->integer > UINT16_MAX) {
        nserver__read_error(r, value, "could not parse port \"%lld\"", (long long)value->integer);
        return false;
    }
    nserver_options_set_text(host, (struct slice){0});
    *port = (int)value->integer;
    return true;
}

static bool add_text(struct reading *r, const struct nconf_value *value, char ***texts,
                     size_t *count)
{
    struct nb_diag diag;
    struct slice text;

    if (nconf_read_string(value, &text, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return false;
    }
    *texts = nb_realloc(*texts, (*count + 1) * sizeof(**texts));
    (*texts)[(*count)++] = nb_slice_cstr(text);
    return true;
}

bool nserver__read_texts(struct reading *r, const struct nconf_value *value, char ***texts,
                         size_t *count)
{
    bool is_good = true;

    if (value->type != NCONF_ARRAY) {
        return add_text(r, value, texts, count);
    }
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        is_good = add_text(r, item, texts, count) && is_good;
    }
    return is_good;
}

/* Blocks. */

void nserver__read_keys(struct reading *r, const struct nconf_value *map,
                        const struct nserver__key *keys, size_t count)
{
    for (const struct nconf_value *value = map->first; value != NULL; value = value->next) {
        size_t i = 0;

        while (i < count && !nb_slice_equal_nocase(value->key, nb_slice_of(keys[i].name))) {
            i++;
        }
        if (i < count) {
            keys[i].read(r, value);
        } else {
            nserver__read_unknown(r, value);
        }
    }
}
