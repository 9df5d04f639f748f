#include <natsd/slice.h>

#include <assert.h>

static uint8_t to_lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + ('a' - 'A')) : byte;
}

bool nb_slice_equal_nocase(struct slice a, struct slice b)
{
    if (a.n != b.n) {
        return false;
    }
    for (size_t i = 0; i < a.n; i++) {
        if (to_lower(a.p[i]) != to_lower(b.p[i])) {
            return false;
        }
    }
    return true;
}

int nb_slice_compare(struct slice a, struct slice b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n > 0 ? memcmp(a.p, b.p, n) : 0;

    if (order != 0) {
        return order < 0 ? -1 : 1;
    }
    return (a.n > b.n) - (a.n < b.n);
}

bool nb_slice_starts(struct slice s, const char *prefix)
{
    size_t n = strlen(prefix);

    return n == 0 || (s.n >= n && memcmp(s.p, prefix, n) == 0);
}

bool nb_slice_ends(struct slice s, const char *suffix)
{
    size_t n = strlen(suffix);

    return n == 0 || (s.n >= n && memcmp(s.p + (s.n - n), suffix, n) == 0);
}

bool nb_slice_wrapped(struct slice s, const char *prefix, const char *suffix)
{
    return s.n > strlen(prefix) + strlen(suffix) && nb_slice_starts(s, prefix) &&
           nb_slice_ends(s, suffix);
}

struct slice nb_slice_sub(struct slice s, size_t start, size_t n)
{
    if (start > s.n) {
        start = s.n;
    }
    if (n > s.n - start) {
        n = s.n - start;
    }
    return nb_slice_make(start > 0 ? s.p + start : s.p, n);
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

struct slice nb_slice_trim(struct slice s)
{
    while (s.n > 0 && is_blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && is_blank(s.p[s.n - 1])) {
        s.n--;
    }
    return s;
}

size_t nb_slice_find_byte(struct slice s, uint8_t byte)
{
    const uint8_t *found = s.n > 0 ? memchr(s.p, byte, s.n) : NULL;

    return found != NULL ? (size_t)(found - s.p) : s.n;
}

size_t nb_slice_find(struct slice s, struct slice what)
{
    const uint8_t *found;

    if (what.n == 0) {
        return 0;
    }
    found = s.n > 0 ? memmem(s.p, s.n, what.p, what.n) : NULL;
    return found != NULL ? (size_t)(found - s.p) : s.n;
}

bool nb_slice_take_line(struct slice *text, struct slice *line)
{
    size_t n = nb_slice_find_byte(*text, '\n');

    if (text->n == 0) {
        return false;
    }
    *line = nb_slice_sub(*text, 0, n);
    if (n < text->n && line->n > 0 && line->p[line->n - 1] == '\r') {
        line->n--;
    }
    *text = nb_slice_sub(*text, n + 1, text->n);
    return true;
}

bool nb_slice_take_field(struct slice *text, uint8_t separator, struct slice *field)
{
    size_t n = nb_slice_find_byte(*text, separator);

    if (text->n == 0) {
        return false;
    }
    *field = nb_slice_sub(*text, 0, n);
    *text = nb_slice_sub(*text, n + 1, text->n);
    return true;
}

struct slice nb_slice_dup(struct slice s)
{
    return nb_slice_make(nb_slice_cstr(s), s.n);
}

char *nb_slice_cstr(struct slice s)
{
    char *copy;

    assert(s.n < SIZE_MAX);
    copy = nb_alloc(s.n + 1);
    if (s.n > 0) {
        memcpy(copy, s.p, s.n);
    }
    copy[s.n] = '\0';
    return copy;
}

void nb_slice_free(struct slice *s)
{
    nb_free((void *)(uintptr_t)s->p);
    *s = (struct slice){0};
}

void nb_slice_wipe_free(struct slice *s)
{
    nb_wipe((void *)(uintptr_t)s->p, s->n);
    nb_slice_free(s);
}

bool nb_slice_equal_secret(struct slice a, struct slice b)
{
    volatile uint8_t difference = 0; // keeps the compiler from leaving the loop early

    if (a.n != b.n) {
        return false;
    }
    for (size_t i = 0; i < a.n; i++) {
        difference = (uint8_t)(difference | (a.p[i] ^ b.p[i]));
    }
    return difference == 0;
}
