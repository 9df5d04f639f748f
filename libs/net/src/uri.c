#include "uri.h"

#include "hex_digit.h"

#include <stdbool.h>

// The parts of a URI, each without its delimiters.
struct uri {
    struct slice scheme;
    struct slice opaque; // everything behind the scheme of "mailto:a@b"
    bool has_authority;
    bool has_user;
    struct slice user; // "name" or "name:password"
    struct slice host; // with its port
    struct slice path;
    bool has_query;
    struct slice query;
    struct slice fragment;
};

static bool is_alpha(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_unreserved(uint8_t c)
{
    return is_alpha(c) || (c >= '0' && c <= '9') || (c != '\0' && strchr("-_.~", c) != NULL);
}

static bool is_one_of(uint8_t c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static bool is_escape(struct slice s, size_t i)
{
    return s.n - i > 2 && nnet__hex_digit(s.p[i + 1]) >= 0 && nnet__hex_digit(s.p[i + 2]) >= 0;
}

static int append_byte(struct nb_buf *out, uint8_t c)
{
    return nb_buf_append(out, nb_slice_make(&c, 1));
}

static int append_escaped(struct nb_buf *out, uint8_t c)
{
    static const char digits[] = "0123456789ABCDEF";
    const char text[] = {'%', digits[c >> 4], digits[c & 0xF]};

    return nb_buf_append(out, nb_slice_make(text, sizeof(text)));
}

// Decodes and encodes again: what is neither unreserved nor in `kept` is escaped.
static int append_recoded(struct slice s, const char *kept, struct nb_buf *out)
{
    int rc = NB_OK;

    for (size_t i = 0; i < s.n && rc == NB_OK; i++) {
        uint8_t c = s.p[i];

        if (c == '%') {
            c = (uint8_t)(nnet__hex_digit(s.p[i + 1]) << 4 | nnet__hex_digit(s.p[i + 2]));
            i += 2;
        }
        rc = is_unreserved(c) || is_one_of(c, kept) ? append_byte(out, c) : append_escaped(out, c);
    }
    return rc;
}

static bool has_good_escapes(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '%' && !is_escape(s, i)) {
            return false;
        }
    }
    return true;
}

// A path or fragment stays as it is if it is encoded validly, in whatever way.
static int append_path(struct slice s, const char *kept, struct nb_buf *out)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!is_unreserved(s.p[i]) && !is_one_of(s.p[i], kept) && !is_one_of(s.p[i], "!'()*[]%")) {
            return append_recoded(s, kept, out);
        }
    }
    return nb_buf_append(out, s);
}

// Splitting.

// The bytes behind the first `separator`, which are cut off. False without one.
static bool cut_off(struct slice *s, uint8_t separator, struct slice *behind)
{
    size_t at = nb_slice_find_byte(*s, separator);

    if (at == s->n) {
        return false;
    }
    *behind = nb_slice_sub(*s, at + 1, s->n);
    *s = nb_slice_sub(*s, 0, at);
    return true;
}

// "scheme:" at the front; without one the scheme stays empty.
static bool take_scheme(struct slice *rest, struct slice *scheme)
{
    for (size_t i = 0; i < rest->n; i++) {
        uint8_t c = rest->p[i];

        if (c == ':') {
            *scheme = nb_slice_sub(*rest, 0, i);
            *rest = nb_slice_sub(*rest, i + 1, rest->n);
            return i > 0;
        }
        if (!is_alpha(c) && (i == 0 || !((c >= '0' && c <= '9') || is_one_of(c, "+-.")))) {
            return true;
        }
    }
    return true;
}

static bool is_good_port(struct slice port)
{
    for (size_t i = 0; i < port.n; i++) {
        if (port.p[i] < '0' || port.p[i] > '9') {
            return false;
        }
    }
    return true;
}

// Labels that are not empty, and behind the last colon digits. Zones of addresses are for hosts
// on one's own link: no certificate is about them.
static bool is_good_host(struct slice host)
{
    struct slice labels = host;
    size_t colon = host.n;
    size_t begin = 0;

    for (size_t i = 0; i < host.n; i++) {
        uint8_t c = host.p[i];

        if (!is_unreserved(c) && !is_one_of(c, "!$&'()*+,;=:[]<>\"")) {
            return false;
        }
        colon = c == ':' ? i : colon;
    }
    if (host.n > 0 && host.p[0] == '[') {
        size_t end = nb_slice_find_byte(host, ']');
        struct slice port = nb_slice_sub(host, end + 1, host.n);

        return end < host.n &&
               (port.n == 0 || (port.p[0] == ':' && is_good_port(nb_slice_sub(port, 1, port.n))));
    }
    if (colon < host.n && !is_good_port(nb_slice_sub(host, colon + 1, host.n))) {
        return false;
    }
    for (size_t i = 0; i <= labels.n && labels.n > 0; i++) {
        if (i == labels.n || labels.p[i] == '.') {
            if (i == begin) {
                return false;
            }
            begin = i + 1;
        }
    }
    return true;
}

static bool is_good_user(struct slice user)
{
    for (size_t i = 0; i < user.n; i++) {
        if (!is_unreserved(user.p[i]) && !is_one_of(user.p[i], ":!$&'()*+,;=%@")) {
            return false;
        }
    }
    return has_good_escapes(user);
}

// Cuts "//user@host" off the front of the path.
static bool take_authority(struct uri *uri)
{
    struct slice rest = nb_slice_sub(uri->path, 2, uri->path.n);
    size_t end = nb_slice_find_byte(rest, '/');
    struct slice authority = nb_slice_sub(rest, 0, end);
    size_t at = authority.n;

    for (size_t i = 0; i < authority.n; i++) {
        at = authority.p[i] == '@' ? i : at;
    }
    uri->has_authority = true;
    uri->path = nb_slice_sub(rest, end, rest.n);
    uri->host = authority;
    if (at < authority.n) {
        uri->has_user = true;
        uri->user = nb_slice_sub(authority, 0, at);
        uri->host = nb_slice_sub(authority, at + 1, authority.n);
    }
    return is_good_user(uri->user) && is_good_host(uri->host);
}

static bool is_plain_ascii(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < 0x20 || s.p[i] >= 0x7F) {
            return false;
        }
    }
    return true;
}

static bool split(struct slice text, struct uri *uri)
{
    *uri = (struct uri){.has_query = false};
    if (!is_plain_ascii(text) || text.n == 0) {
        return false;
    }
    (void)cut_off(&text, '#', &uri->fragment);
    if (!take_scheme(&text, &uri->scheme)) {
        return false;
    }
    uri->has_query = cut_off(&text, '?', &uri->query);
    uri->path = text;
    if (uri->scheme.n > 0 && !nb_slice_starts(text, "/")) {
        uri->opaque = text;
        uri->path = nb_slice_make(NULL, 0);
    } else if (nb_slice_starts(text, "//") &&
               (uri->scheme.n > 0 || !nb_slice_starts(text, "///"))) {
        if (!take_authority(uri)) {
            return false;
        }
    } else if (uri->scheme.n == 0) {
        struct slice segment = nb_slice_sub(text, 0, nb_slice_find_byte(text, '/'));

        if (nb_slice_find_byte(segment, ':') < segment.n) {
            return false;
        }
    }
    return has_good_escapes(uri->path) && has_good_escapes(uri->fragment);
}

// Putting together.

static int append_scheme(struct slice scheme, struct nb_buf *out)
{
    int rc = NB_OK;

    for (size_t i = 0; i < scheme.n && rc == NB_OK; i++) {
        uint8_t c = scheme.p[i];

        rc = append_byte(out, c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c);
    }
    return rc == NB_OK && scheme.n > 0 ? nb_buf_append(out, NB_SLICE(":")) : rc;
}

static int append_user(struct slice user, struct nb_buf *out)
{
    struct slice password = {.p = NULL};
    bool has_password = cut_off(&user, ':', &password);
    int rc = append_recoded(user, "$&+,;=", out);

    if (rc == NB_OK && has_password) {
        rc = nb_buf_append(out, NB_SLICE(":"));
    }
    if (rc == NB_OK) {
        rc = append_recoded(password, "$&+,;=", out);
    }
    return rc == NB_OK ? nb_buf_append(out, NB_SLICE("@")) : rc;
}

static int append_authority(const struct uri *uri, struct nb_buf *out)
{
    int rc = NB_OK;

    if (!uri->has_authority || (uri->host.n == 0 && uri->path.n == 0 && !uri->has_user)) {
        return NB_OK;
    }
    rc = nb_buf_append(out, NB_SLICE("//"));
    if (rc == NB_OK && uri->has_user) {
        rc = append_user(uri->user, out);
    }
    return rc == NB_OK ? nb_buf_append(out, uri->host) : rc;
}

int nnet__uri_normalize(struct slice text, struct nb_buf *out)
{
    struct uri uri;
    int rc;

    if (!split(text, &uri)) {
        return NB_EMALFORMED;
    }
    rc = append_scheme(uri.scheme, out);
    if (rc == NB_OK) {
        rc = nb_buf_append(out, uri.opaque);
    }
    if (rc == NB_OK) {
        rc = append_authority(&uri, out);
    }
    if (rc == NB_OK) {
        rc = append_path(uri.path, "$&+,/:;=@", out);
    }
    if (rc == NB_OK && uri.has_query) {
        rc = nb_buf_append(out, NB_SLICE("?"));
    }
    if (rc == NB_OK) {
        rc = nb_buf_append(out, uri.query);
    }
    if (rc == NB_OK && uri.fragment.n > 0) {
        rc = nb_buf_append(out, NB_SLICE("#"));
    }
    return rc == NB_OK && uri.fragment.n > 0 ? append_path(uri.fragment, "$&+,/:;=?@", out) : rc;
}
