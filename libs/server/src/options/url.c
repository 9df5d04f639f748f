#include "options/url.h"

#include <arpa/inet.h>
#include <stdio.h>

#include <natsd/quote.h>

// What is being read: each part allows other bytes.
enum part {
    PART_USER,
    PART_HOST,
    PART_ZONE, // of an IPv6 address
    PART_REST, // path, query, fragment
};

// Pieces without escapes are written one behind the other.
struct split {
    struct slice text;
    uint8_t *next;
    struct nb_diag *diag;
};

static size_t find_last(struct slice text, uint8_t byte)
{
    for (size_t i = text.n; i > 0; i--) {
        if (text.p[i - 1] == byte) {
            return i - 1;
        }
    }
    return text.n;
}

static int append(struct nb_buf *out, int rc, struct slice text)
{
    return rc == NB_OK ? nb_buf_append(out, text) : rc;
}

// A password may well have the slash or the colon for which the text is no URL: only the last "@"
// ends it.
int nserver__url_hide(struct slice text, struct nb_buf *out)
{
    size_t at = find_last(text, '@');
    size_t start = nb_slice_find(text, NB_SLICE("//"));
    struct slice who;
    size_t colon;
    int rc;

    if (at == text.n) {
        return nb_buf_append(out, text);
    }
    // Two slashes behind another colon than the scheme's are in a password.
    start =
        start < at && (start == 0 || nb_slice_find_byte(text, ':') == start - 1) ? start + 2 : 0;
    who = nb_slice_sub(text, start, at - start);
    colon = nb_slice_find_byte(who, ':');
    rc = nb_buf_append(out, nb_slice_sub(text, 0, start));
    if (colon < who.n) { // else it may be a token
        rc = append(out, rc, nb_slice_sub(who, 0, colon + 1));
    }
    rc = append(out, rc, NB_SLICE("xxxxx"));
    return append(out, rc, nb_slice_sub(text, at, text.n));
}

static int refuse(const struct split *s, const char *reason)
{
    struct nb_buf hidden;
    struct nb_buf quoted;
    int rc;

    nb_buf_init(&hidden, NSERVER_URL_MAX_BYTES + 8);
    nb_buf_init(&quoted, 4 * NSERVER_URL_MAX_BYTES + 64);
    rc = nserver__url_hide(s->text, &hidden);
    rc = rc == NB_OK ? nb_quote(nb_buf_slice(&hidden), &quoted) : rc;
    nb_diag_set(s->diag, "parse %.*s: %s", rc == NB_OK ? (int)nb_buf_slice(&quoted).n : 0,
                (const char *)nb_buf_slice(&quoted).p, reason);
    nb_buf_fini(&hidden);
    nb_buf_fini(&quoted);
    return NB_EMALFORMED;
}

// `before "what" after`, with at most 64 bytes of `what`. It may be a part of a password unless it
// stands behind the last "@", where it is shown anyway.
static int refuse_piece(const struct split *s, const char *before, struct slice what,
                        const char *after)
{
    size_t at = find_last(s->text, '@');
    struct slice host = nb_slice_sub(s->text, at, s->text.n);
    struct nb_buf quoted;
    char reason[512];
    int rc;

    if (at < s->text.n && nb_slice_find(host, what) == host.n) {
        what = NB_SLICE("xxxxx");
    }
    nb_buf_init(&quoted, 300);
    rc = nb_quote(nb_slice_sub(what, 0, 64), &quoted);
    snprintf(reason, sizeof(reason), "%s%.*s%s", before,
             rc == NB_OK ? (int)nb_buf_slice(&quoted).n : 0, (const char *)nb_buf_slice(&quoted).p,
             after);
    nb_buf_fini(&quoted);
    return refuse(s, reason);
}

/* Bytes. */

static bool is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_one_of(uint8_t c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static int hex_value(uint8_t c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_allowed(uint8_t c, enum part part)
{
    switch (part) {
    case PART_USER:
        return is_letter(c) || is_digit(c) || is_one_of(c, "-._:~!$&'()*+,;=%@");
    case PART_HOST:
    case PART_ZONE:
        return c >= 0x80 || is_letter(c) || is_digit(c) || is_one_of(c, "-._~!$&'()*+,;=:[]<>\"");
    case PART_REST:
        break;
    }
    return true;
}

/* Escapes. */

static bool is_escape(struct slice at)
{
    return at.n >= 3 && hex_value(at.p[1]) >= 0 && hex_value(at.p[2]) >= 0;
}

// In hosts only bytes that are no ASCII may be escaped; in zones a "%" also, or what needs it.
static bool may_be_escaped(uint8_t byte, enum part part)
{
    if (part == PART_HOST) {
        return byte >= 0x80;
    }
    return part != PART_ZONE || byte == '%' || byte == ' ' || !is_allowed(byte, PART_HOST) ||
           byte >= 0x80;
}

static int unescape(struct split *s, struct slice in, enum part part, struct slice *out)
{
    uint8_t *start = s->next;

    for (size_t i = 0; i < in.n; i++) {
        struct slice at = nb_slice_sub(in, i, 3);
        uint8_t byte = at.p[0];

        if (byte == '%') {
            if (is_escape(at)) {
                byte = (uint8_t)(hex_value(at.p[1]) << 4 | hex_value(at.p[2]));
            }
            if (!is_escape(at) || !may_be_escaped(byte, part)) {
                return refuse_piece(s, "invalid URL escape ", at, "");
            }
            i += 2;
        } else if (!is_allowed(byte, part)) {
            return refuse_piece(s, "invalid character ", nb_slice_sub(at, 0, 1), " in host name");
        }
        *s->next++ = byte;
    }
    *out = nb_slice_make(start, (size_t)(s->next - start));
    return NB_OK;
}

/* Host and port. */

// Nothing, or a colon and digits.
static bool is_port(struct slice text)
{
    for (size_t i = 1; i < text.n; i++) {
        if (!is_digit(text.p[i])) {
            return false;
        }
    }
    return text.n == 0 || text.p[0] == ':';
}

static int take_port(const struct split *s, struct slice text, struct slice *port)
{
    if (!is_port(text)) {
        return refuse_piece(s, "invalid port ", text, " after host");
    }
    *port = nb_slice_sub(text, 1, text.n);
    return NB_OK;
}

// What stands in brackets is an IPv6 address, with or without a zone.
static int check_address(const struct split *s, struct slice host, size_t zone_at)
{
    char text[INET6_ADDRSTRLEN + 1] = "";
    struct in6_addr address;
    struct slice bare = nb_slice_sub(host, 0, zone_at);

    if (nb_slice_find_byte(bare, '%') == bare.n && bare.n < sizeof(text)) {
        memcpy(text, bare.p, bare.n);
    }
    if (zone_at + 1 == host.n) {
        return refuse_piece(s, "invalid host: ParseAddr(", host,
                            "): zone must be a non-empty string");
    }
    if (inet_pton(AF_INET, text, &address) == 1) {
        return refuse(s, "invalid IP-literal");
    }
    if (inet_pton(AF_INET6, text, &address) != 1) {
        return refuse_piece(s, "invalid host: ParseAddr(", host, "): unable to parse IP");
    }
    return NB_OK;
}

static int take_bracketed(struct split *s, struct slice text, struct nserver__url_parts *out)
{
    size_t end = find_last(text, ']');
    struct slice inside = nb_slice_sub(text, 1, end - 1);
    size_t zone_at = nb_slice_find(inside, NB_SLICE("%25"));
    struct slice zone;
    int rc;

    if (end == text.n) {
        return refuse(s, "missing ']' in host");
    }
    rc = take_port(s, nb_slice_sub(text, end + 1, text.n), &out->port);
    if (rc == NB_OK) {
        rc = unescape(s, nb_slice_sub(inside, 0, zone_at), PART_HOST, &out->host);
    }
    if (rc == NB_OK && zone_at < inside.n) {
        rc = unescape(s, nb_slice_sub(inside, zone_at, inside.n), PART_ZONE, &zone);
        zone_at = out->host.n;
        out->host.n += rc == NB_OK ? zone.n : 0; // they stand side by side
    } else {
        zone_at = out->host.n;
    }
    return rc == NB_OK ? check_address(s, out->host, zone_at) : rc;
}

static int take_host(struct split *s, struct slice text, struct nserver__url_parts *out)
{
    size_t colon;
    int rc = NB_OK;

    if (text.n > 0 && text.p[0] == '[') {
        return take_bracketed(s, text, out);
    }
    colon = find_last(text, ':');
    if (colon < text.n) {
        rc = take_port(s, nb_slice_sub(text, colon, text.n), &out->port);
    }
    return rc == NB_OK ? unescape(s, nb_slice_sub(text, 0, colon), PART_HOST, &out->host) : rc;
}

/* Who. */

static int take_user(struct split *s, struct slice text, struct nserver__url_parts *out)
{
    size_t colon = nb_slice_find_byte(text, ':');
    int rc;

    for (size_t i = 0; i < text.n; i++) {
        if (!is_allowed(text.p[i], PART_USER)) {
            return refuse(s, "net/url: invalid userinfo");
        }
    }
    out->has_user = true;
    out->has_password = colon < text.n;
    rc = unescape(s, nb_slice_sub(text, 0, colon), PART_USER, &out->user);
    if (rc == NB_OK && out->has_password) {
        rc = unescape(s, nb_slice_sub(text, colon + 1, text.n), PART_USER, &out->password);
    }
    return rc;
}

// "user:password@host:port"
static int take_authority(struct split *s, struct slice text, struct nserver__url_parts *out)
{
    size_t at = find_last(text, '@');
    int rc = NB_OK;

    if (at < text.n) {
        rc = take_host(s, nb_slice_sub(text, at + 1, text.n), out);
        text = nb_slice_sub(text, 0, at);
        return rc == NB_OK ? take_user(s, text, out) : rc;
    }
    return take_host(s, text, out);
}

/* The whole. */

static bool has_control_byte(struct slice text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < ' ' || text.p[i] == 0x7f) {
            return true;
        }
    }
    return false;
}

// The length of the scheme, 0 for none.
static int find_scheme(const struct split *s, struct slice text, size_t *length)
{
    *length = 0;
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];

        if (c == ':') {
            *length = i;
            return i > 0 ? NB_OK : refuse(s, "missing protocol scheme");
        }
        if (!is_letter(c) && (i == 0 || (!is_digit(c) && !is_one_of(c, "+-.")))) {
            return NB_OK;
        }
    }
    return NB_OK;
}

// Cuts a piece that begins with `byte` off the end; its escapes have to be right.
static int cut_off(struct split *s, struct slice *text, uint8_t byte)
{
    size_t at = nb_slice_find_byte(*text, byte);
    uint8_t *start = s->next;
    struct slice ignored;
    int rc = unescape(s, nb_slice_sub(*text, at, byte == '#' ? text->n : 0), PART_REST, &ignored);

    s->next = start;
    *text = nb_slice_sub(*text, 0, at);
    return rc;
}

// What stands behind the scheme.
static int take_rest(struct split *s, struct slice rest, struct nserver__url_parts *out)
{
    struct slice authority = nb_slice_sub(rest, 2, rest.n);
    size_t slash = nb_slice_find_byte(rest, '/');
    int rc;

    if (slash > 0 && out->scheme.n > 0) { // opaque
        out->path = rest;
        return NB_OK;
    }
    if (slash > 0 && nb_slice_find_byte(nb_slice_sub(rest, 0, slash), ':') < slash) {
        return refuse(s, "first path segment in URL cannot contain colon");
    }
    if (nb_slice_starts(rest, "//") && (out->scheme.n > 0 || !nb_slice_starts(rest, "///"))) {
        authority = nb_slice_sub(authority, 0, nb_slice_find_byte(authority, '/'));
        rest = nb_slice_sub(rest, 2 + authority.n, rest.n);
        rc = take_authority(s, authority, out);
        if (rc != NB_OK) {
            return rc;
        }
    }
    return unescape(s, rest, PART_REST, &out->path);
}

static void lower_scheme(struct slice scheme, uint8_t *text)
{
    for (size_t i = 0; i < scheme.n; i++) {
        text[i] = (uint8_t)(text[i] | 0x20); // a letter, or one that has the bit
    }
}

int nserver__url_split(struct slice text, uint8_t *room, struct nserver__url_parts *out,
                       struct nb_diag *diag)
{
    struct nserver__url_parts parts = {0};
    struct split s = {.diag = diag};
    struct slice rest;
    size_t scheme = 0;
    int rc;

    text = nb_slice_trim(text);
    if (text.n > NSERVER_URL_MAX_BYTES) {
        nb_diag_set(diag, "URL of more than %d bytes", NSERVER_URL_MAX_BYTES);
        return NB_ELIMIT;
    }
    if (text.n > 0) {
        memcpy(room, text.p, text.n);
    }
    s.text = nb_slice_make(room, text.n);
    s.next = room + text.n;
    rest = s.text;
    rc = has_control_byte(text) ? refuse(&s, "net/url: invalid control character in URL") : NB_OK;
    if (rc == NB_OK) {
        rc = cut_off(&s, &rest, '#');
    }
    if (rc == NB_OK) {
        rc = find_scheme(&s, rest, &scheme);
    }
    if (rc == NB_OK && scheme > 0) {
        parts.scheme = nb_slice_sub(rest, 0, scheme);
        lower_scheme(parts.scheme, room);
        rest = nb_slice_sub(rest, scheme + 1, rest.n);
    }
    if (rc == NB_OK) {
        rc = cut_off(&s, &rest, '?');
    }
    if (rc == NB_OK) {
        rc = take_rest(&s, rest, &parts);
    }
    if (rc != NB_OK) {
        return rc;
    }
    parts.text = s.text;
    *out = parts;
    return NB_OK;
}
