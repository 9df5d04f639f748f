#include "options/reading.h"

#include <stdarg.h>
#include <stdio.h>

#include <natsd/clock.h>
#include <natsd/duration.h>
#include <natsd/memory.h>
#include <natsd/nkey.h>
#include <natsd/number.h>
#include <natsd/quote.h>

#include "options/host_port.h"
#include "options/read_block.h"
#include "options/url.h"

enum {
    LINE_MAX_BYTES = 64 * 1024,  // a longer one is cut
    QUOTED_MAX_BYTES = 8 * 1024, // a longer text is not shown
};

/* Faults. */

void nserver__report_add(struct nb_buf *out, struct slice text)
{
    int rc = nb_buf_append(out, text);

    (void)rc; // a report that is full has said enough
}

static void add_line(struct nb_buf *out, const struct nconf_value *at, const char *format,
                     va_list args) NB_PRINTF(3, 0);

static void add_line(struct nb_buf *out, const struct nconf_value *at, const char *format,
                     va_list args)
{
    struct nb_buf line;
    char *reason = nb_alloc(LINE_MAX_BYTES);

    nb_buf_init(&line, 2 * LINE_MAX_BYTES);
    if (at != NULL && nconf_position_format(at->at, &line) != NB_OK) {
        nb_buf_clear(&line);
    }
    vsnprintf(reason, LINE_MAX_BYTES, format, args);
    nserver__report_add(&line, nb_slice_of(reason));
    nserver__report_add(&line, NB_SLICE("\n"));
    nserver__report_add(out, nb_buf_slice(&line));
    nb_buf_fini(&line);
    nb_free(reason);
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

// Keeps what was made for a message; "..." for what has no room.
static const char *keep(struct reading *r, struct nb_buf *text, int rc)
{
    struct slice kept = {0};

    if (rc == NB_OK) {
        kept = nb_arena_dup(&r->scratch, nb_buf_slice(text));
    }
    nb_buf_fini(text);
    return kept.p != NULL ? (const char *)kept.p : "...";
}

const char *nserver__quoted(struct reading *r, struct slice text)
{
    struct nb_buf quoted;

    nb_buf_init(&quoted, QUOTED_MAX_BYTES);
    return keep(r, &quoted, nb_quote(text, &quoted));
}

const char *nserver__quoted_url(struct reading *r, struct slice text)
{
    struct nb_buf hidden;

    nb_buf_init(&hidden, QUOTED_MAX_BYTES);
    return nserver__quoted(r, nb_slice_of(keep(r, &hidden, nserver__url_hide(text, &hidden))));
}

// What is long is shown only if it begins as a public key does and is no longer than one: seeds
// begin with an S, and are longer.
const char *nserver__quoted_key(struct reading *r, struct slice text)
{
    enum { SECRET_MIN_BYTES = 40 };
    bool may_be_public = text.n > 0 && text.n <= NAUTH_NKEY_PUBLIC_TEXT_BYTES &&
                         memchr("ACNOUX", text.p[0], 6) != NULL;

    return nserver__quoted(r, text.n < SECRET_MIN_BYTES || may_be_public ? text
                                                                         : NB_SLICE("[REDACTED]"));
}

static uint8_t lower(uint8_t c)
{
    return (uint8_t)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static uint8_t upper(uint8_t c)
{
    return (uint8_t)(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
}

static const char *with_case(struct reading *r, struct slice text, uint8_t (*change)(uint8_t c))
{
    struct nb_buf changed;
    int rc = NB_OK;

    nb_buf_init(&changed, QUOTED_MAX_BYTES);
    for (size_t i = 0; rc == NB_OK && i < text.n; i++) {
        uint8_t c = change(text.p[i]);

        rc = nb_buf_append(&changed, nb_slice_make(&c, 1));
    }
    return keep(r, &changed, rc);
}

const char *nserver__lowered(struct reading *r, struct slice text)
{
    return with_case(r, text, lower);
}

const char *nserver__uppered(struct reading *r, struct slice text)
{
    return with_case(r, text, upper);
}

static bool is_secret_key(const struct nconf_value *value)
{
    static const char *const names[] = {
        "pass",
        "password",
        "token",
        "nkey",
        "seed",
        "key",
        "ek",
        "encryption_key",
        "prev_key",
        "prev_ek",
        "prev_encryption_key",
        "encryption_password",
        "srk_password",
    };

    for (size_t i = 0; value->key.n > 0 && i < NB_ARRAY_LEN(names); i++) {
        if (nserver__is_key(value, names[i])) {
            return true;
        }
    }
    return false;
}

// A text with an "@" may be a URL.
static bool has_secret(const struct nconf_value *value)
{
    if (value->type == NCONF_STRING) {
        return nb_slice_find_byte(value->text, '@') < value->text.n;
    }
    if (value->type != NCONF_MAP && value->type != NCONF_ARRAY) {
        return false;
    }
    for (const struct nconf_value *entry = value->first; entry != NULL; entry = entry->next) {
        if ((value->type == NCONF_MAP && is_secret_key(entry)) || has_secret(entry)) {
            return true;
        }
    }
    return false;
}

const char *nserver__shown(struct reading *r, const struct nconf_value *value)
{
    struct nb_buf shown;
    int rc;

    if (value->type != NCONF_STRING && has_secret(value)) {
        return nconf_type_name(value->type);
    }
    nb_buf_init(&shown, QUOTED_MAX_BYTES);
    rc = value->type == NCONF_STRING ? nserver__url_hide(value->text, &shown)
                                     : nconf_value_format(value, &shown);
    return keep(r, &shown, rc);
}

void nserver__read_unknown(struct reading *r, const struct nconf_value *at)
{
    if (!at->is_used) {
        nserver__read_error(r, at, "unknown field %s", nserver__quoted(r, at->key));
    }
}

const char *nserver__reference_type_name(enum nconf_type type)
{
    static const char *const names[] = {
        [NCONF_STRING] = "string",
        [NCONF_BOOL] = "bool",
        [NCONF_INTEGER] = "int64",
        [NCONF_FLOAT] = "float64",
        [NCONF_TIME] = "time.Time",
        [NCONF_ARRAY] = "[]interface {}",
        [NCONF_MAP] = "map[string]interface {}",
    };

    return names[type];
}

bool nserver__is_key(const struct nconf_value *value, const char *name)
{
    return nb_slice_equal_nocase(value->key, nb_slice_of(name));
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

bool nserver__read_kept_text(struct reading *r, const struct nconf_value *value, char **out)
{
    struct nb_diag diag;
    struct slice text;

    if (nconf_read_string(value, &text, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return false;
    }
    *out = text.n > 0 ? nserver__keep_text(r, text) : NULL;
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

// What an int cannot hold is as far from a port as its ends are.
static int clamp_port(int64_t number)
{
    if (number > INT32_MAX) {
        return INT32_MAX;
    }
    return number < INT32_MIN ? INT32_MIN : (int)number;
}

bool nserver__read_port(struct reading *r, const struct nconf_value *value, int *out)
{
    int64_t number;

    if (!nserver__read_int(r, value, &number)) {
        return false;
    }
    *out = clamp_port(number);
    return true;
}

/* Lengths of time. */

static bool parse_duration(struct reading *r, const struct nconf_value *value, const char *shown,
                           int64_t *ns)
{
    struct nb_diag diag;

    if (nb_duration_parse(value->text, ns, &diag) != NB_OK) {
        nserver__read_error(r, value, "error parsing %s: %s", shown, diag.text);
        return false;
    }
    return true;
}

bool nserver__read_named_duration(struct reading *r, const struct nconf_value *value,
                                  const char *shown, int64_t *ns)
{
    int64_t seconds;

    if (value->type == NCONF_STRING) {
        return parse_duration(r, value, shown, ns);
    }
    nserver__read_warning(r, value,
                          "invalid use of field \"%s\": %s should be converted to a duration",
                          shown, shown);
    if (!nserver__read_int(r, value, &seconds)) {
        return false;
    }
    if (__builtin_mul_overflow(seconds, NB_NS_PER_S, ns)) {
        nserver__read_error(r, value, "error parsing %s: value is too big", shown);
        return false;
    }
    return true;
}

bool nserver__read_duration(struct reading *r, const struct nconf_value *value, int64_t *ns)
{
    return nserver__read_named_duration(r, value, nserver__lowered(r, value->key), ns);
}

bool nserver__read_strict_duration(struct reading *r, const struct nconf_value *value, int64_t *ns)
{
    struct nb_diag diag;

    if (nconf_expect(value, NCONF_STRING, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return false;
    }
    return parse_duration(r, value, nserver__lowered(r, value->key), ns);
}

bool nserver__read_seconds(struct reading *r, const struct nconf_value *value, const char *block,
                           double *seconds)
{
    const char *key = nserver__lowered(r, value->key);
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
            nserver__read_error(r, value, "error parsing %s, '%s' %s", block, key, diag.text);
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
    nserver__read_error(r, value, "error parsing %s, '%s' wrong type", block, key);
    return false;
}

/* Addresses and lists. */

// Without a host where the value is a port alone.
static bool take_address(struct reading *r, const struct nconf_value *value, struct slice *host,
                         int *port)
{
    struct slice port_text;
    int64_t number;

    *host = (struct slice){0};
    if (value->type == NCONF_INTEGER) {
        *port = clamp_port(value->integer);
        return true;
    }
    if (value->type != NCONF_STRING) {
        nserver__read_error(r, value, "expected port or host:port, got %s",
                            nconf_type_name(value->type));
        return false;
    }
    if (nserver__split_host_port(value->text, host, &port_text, NULL) != NB_OK) {
        nserver__read_error(r, value, "could not parse address string %s",
                            nserver__quoted(r, value->text));
        return false;
    }
    if (nb_parse_i64(port_text, INT64_MIN, INT64_MAX, &number) != NB_OK) {
        nserver__read_error(r, value, "could not parse port %s", nserver__quoted(r, port_text));
        return false;
    }
    *port = clamp_port(number);
    return true;
}

bool nserver__read_address(struct reading *r, const struct nconf_value *value, char **host,
                           int *port)
{
    struct slice text;

    if (!take_address(r, value, &text, port)) {
        return false;
    }
    nserver_options_set_text(host, text);
    return true;
}

bool nserver__read_kept_address(struct reading *r, const struct nconf_value *value, char **host,
                                int *port)
{
    struct slice text;

    if (!take_address(r, value, &text, port)) {
        return false;
    }
    *host = text.n > 0 ? nserver__keep_text(r, text) : NULL;
    return true;
}

bool nserver__read_kept_item(struct reading *r, const struct nconf_value *value, char ***texts,
                             size_t *count)
{
    struct nb_diag diag;
    struct slice text;

    if (nconf_read_string(value, &text, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return false;
    }
    *texts = nserver__keep_one_more(r, *texts, *count, sizeof(**texts));
    (*texts)[(*count)++] = nserver__keep_text(r, text);
    return true;
}

/* Blocks. */

void nserver__read_key(struct reading *r, const struct nconf_value *value,
                       const struct nserver__key *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (nserver__is_key(value, keys[i].name)) {
            keys[i].read(r, value);
            return;
        }
    }
    nserver__read_unknown(r, value);
}

void nserver__read_keys(struct reading *r, const struct nconf_value *map,
                        const struct nserver__key *keys, size_t count)
{
    for (const struct nconf_value *value = map->first; value != NULL; value = value->next) {
        nserver__read_key(r, value, keys, count);
    }
}
