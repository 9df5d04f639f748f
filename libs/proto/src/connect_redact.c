#include <natsd/info.h>

/*
 * A scan of the text, not of JSON, so that it works on what is no JSON too (spec 02 section 8):
 *
 *   key  "? blanks (: or =) blanks "? value
 *
 * Where the reference stops a value at the first quote or comma, a quoted value here goes on to
 * its closing quote, over escaped ones: a password may have either in it. Keys match in any case,
 * as they do in CONNECT. And of a JWT, which the reference shows, the signature is hidden: with
 * it whoever reads the log of a bearer's login could repeat it (spec 13 section 3.1).
 */

enum key {
    KEY_NONE,
    KEY_PASS,  // pass..., auth_token...: anything that is no blank may follow
    KEY_EXACT, // sig, proxy_sig, nkey as whole words
    KEY_JWT,
};

static const struct {
    const char *name;
    enum key key;
} keys[] = {
    {"pass", KEY_PASS},       {"auth_token", KEY_PASS}, {"sig", KEY_EXACT},
    {"proxy_sig", KEY_EXACT}, {"nkey", KEY_EXACT},      {"jwt", KEY_JWT},
};

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool is_word(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || byte == '_';
}

static size_t skip_blanks(struct slice text, size_t at)
{
    while (at < text.n && is_blank(text.p[at])) {
        at++;
    }
    return at;
}

// Which key stands at `at`, and where it ends.
static enum key key_at(struct slice text, size_t at, size_t *end)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(keys); i++) {
        const struct slice name = nb_slice_of(keys[i].name);

        if (!nb_slice_equal_nocase(nb_slice_sub(text, at, name.n), name)) {
            continue;
        }
        if (keys[i].key != KEY_PASS && at > 0 && is_word(text.p[at - 1])) {
            continue;
        }
        *end = at + name.n;
        return keys[i].key;
    }
    return KEY_NONE;
}

// From behind a key to behind its colon or equals sign; false, and where it stopped, when there
// is none.
static bool find_sign(struct slice text, enum key key, size_t *at)
{
    size_t i = *at;
    bool is_there;

    if (key == KEY_PASS) { // the shortest way over non-blanks
        while (i < text.n && !is_blank(text.p[i]) && text.p[i] != ':' && text.p[i] != '=') {
            i++;
        }
    } else if (i < text.n && text.p[i] == '"') {
        i++;
    }
    i = skip_blanks(text, i);
    is_there = i < text.n && (text.p[i] == ':' || text.p[i] == '=');
    *at = is_there ? i + 1 : i;
    return is_there;
}

static size_t quoted_end(struct slice text, size_t at)
{
    while (at < text.n && text.p[at] != '"' && text.p[at] != '\r' && text.p[at] != '\n') {
        at += text.p[at] == '\\' && at + 1 < text.n ? 2 : 1;
    }
    return at;
}

static size_t bare_end(struct slice text, size_t at)
{
    while (at < text.n && text.p[at] != '"' && text.p[at] != ',' && text.p[at] != '\r' &&
           text.p[at] != '\n' && text.p[at] != '}') {
        at++;
    }
    return at;
}

static size_t jwt_end(struct slice text, size_t at)
{
    while (at < text.n && (is_word(text.p[at]) || text.p[at] == '.' || text.p[at] == '-')) {
        at++;
    }
    return at;
}

// Behind a first and a second dot; the end when there are none.
static size_t signature_at(struct slice text, size_t at, size_t end)
{
    for (int dots = 0; at < end && dots < 2; at++) {
        dots += text.p[at] == '.';
    }
    return at;
}

struct span {
    size_t from;
    size_t to;
};

// What to hide of the value behind a sign.
static struct span hidden_part(struct slice text, enum key key, size_t at)
{
    struct span span;

    at = skip_blanks(text, at);
    span.from = at < text.n && text.p[at] == '"' ? at + 1 : at;
    if (key == KEY_JWT) {
        span.to = jwt_end(text, span.from);
        span.from = signature_at(text, span.from, span.to);
    } else {
        span.to = span.from > at ? quoted_end(text, span.from) : bare_end(text, span.from);
    }
    return span;
}

// The next key with a value to hide, from *at on; *at is then behind it. A long text without
// blanks that repeats "pass" is looked through once: `barren` is how far without a sign.
static bool find_hidden(struct slice text, size_t *at, size_t *barren, struct span *out)
{
    while (*at < text.n) {
        size_t i = *at;
        const enum key key = key_at(text, *at, &i);

        (*at)++;
        if (key == KEY_NONE || (key == KEY_PASS && i <= *barren)) {
            continue;
        }
        if (find_sign(text, key, &i)) {
            *out = hidden_part(text, key, i);
            if (key != KEY_JWT || out->from < out->to) { // a JWT without a signature is shown
                *at = out->to;
                return true;
            }
        } else if (key == KEY_PASS) {
            *barren = i;
        }
    }
    return false;
}

int nproto_connect_redact(struct slice arg, struct nb_buf *out)
{
    struct span hidden;
    size_t copied = 0; // of arg
    size_t at = 0;
    size_t barren = 0;
    int rc = NB_OK;

    while (rc == NB_OK && find_hidden(arg, &at, &barren, &hidden)) {
        rc = nb_buf_append(out, nb_slice_sub(arg, copied, hidden.from - copied));
        if (rc == NB_OK) {
            rc = nb_buf_append(out, NB_SLICE("[REDACTED]"));
        }
        copied = hidden.to;
    }
    return rc == NB_OK ? nb_buf_append(out, nb_slice_sub(arg, copied, arg.n)) : rc;
}
