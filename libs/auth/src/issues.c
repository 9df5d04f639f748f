#include "issues.h"

#include "quoted.h"

#include <stdarg.h>

enum {
    TEXT_MAX_BYTES = 4096,
};

static void add(struct nauth_issues *issues, enum nauth_issue_level level, struct slice text)
{
    if (issues->count % 8 == 0) {
        issues->items = nb_realloc(issues->items, (issues->count + 8) * sizeof(*issues->items));
    }
    issues->items[issues->count++] = (struct nauth_issue){.level = level, .text = text};
}

static bool is_full(const struct nauth_issues *issues, enum nauth_issue_level level)
{
    return issues->count >= NAUTH__ISSUES_MAX && nauth_issues_have(issues, level);
}

void nauth__issue(struct nauth_issues *issues, enum nauth_issue_level level, const char *format,
                  ...)
{
    struct nb_buf text;
    va_list args;

    if (is_full(issues, level)) {
        return;
    }
    nb_buf_init(&text, TEXT_MAX_BYTES);
    va_start(args, format);
    nb_buf_must_vformat(&text, format, args);
    va_end(args);
    add(issues, level, nb_buf_take(&text));
}

static void append_quoted(struct nb_buf *out, struct slice text, bool has_quotes)
{
    struct slice quoted = nauth__quoted(text);

    nb_buf_must(out, has_quotes || quoted.n < 2 ? quoted : nb_slice_sub(quoted, 1, quoted.n - 2));
    nb_slice_free(&quoted);
}

void nauth__issue_quoted(struct nauth_issues *issues, const char *format, ...)
{
    struct slice rest = nb_slice_of(format);
    struct nb_buf text;
    va_list args;

    if (is_full(issues, NAUTH_ISSUE_ERROR)) {
        return;
    }
    nb_buf_init(&text, TEXT_MAX_BYTES);
    va_start(args, format);
    while (rest.n > 0) {
        size_t at = nb_slice_find_byte(rest, '%');

        nb_buf_must(&text, nb_slice_sub(rest, 0, at));
        rest = nb_slice_sub(rest, at, rest.n);
        if (rest.n > 0) {
            append_quoted(&text, va_arg(args, struct slice), nb_slice_starts(rest, "%q"));
            rest = nb_slice_sub(rest, 2, rest.n);
        }
    }
    va_end(args);
    add(issues, NAUTH_ISSUE_ERROR, nb_buf_take(&text));
}

bool nauth_issues_have(const struct nauth_issues *issues, enum nauth_issue_level level)
{
    for (size_t i = 0; i < issues->count; i++) {
        if (issues->items[i].level >= level) {
            return true;
        }
    }
    return false;
}

void nauth_issues_fini(struct nauth_issues *issues)
{
    for (size_t i = 0; i < issues->count; i++) {
        nb_slice_free(&issues->items[i].text);
    }
    nb_free(issues->items);
    *issues = (struct nauth_issues){.count = 0};
}
