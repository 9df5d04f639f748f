#include "command_line.h"

#include <natsd/buf.h>

#define REDACTED "[REDACTED]"

enum secret {
    SECRET_NONE,
    SECRET_WHOLE,
    SECRET_IN_URLS,
};

static enum secret secret_of(int flag)
{
    switch (flag) {
    case FLAG_USER:
    case FLAG_PASS:
    case FLAG_AUTH:
        return SECRET_WHOLE;
    case FLAG_ROUTES:
    case FLAG_CLUSTER:
        return SECRET_IN_URLS;
    default:
        return SECRET_NONE;
    }
}

/* Of each URL all up to its last '@' goes, whatever stands there: a password may have commas,
 * slashes and more of '@' in it. A URL begins where the value does, and behind "://". */
static void hide_in_urls(struct slice urls, struct nb_buf *out)
{
    const struct slice begin = NB_SLICE("://");

    while (urls.n > 0) {
        size_t end = nb_slice_find(urls, begin);
        struct slice url = nb_slice_sub(urls, 0, end + begin.n);
        size_t at = url.n;

        urls = nb_slice_sub(urls, end + begin.n, urls.n);
        while (at > 0 && url.p[at - 1] != '@') {
            at--;
        }
        if (at > 0) {
            nb_buf_must_text(out, REDACTED "@");
        }
        nb_buf_must(out, nb_slice_sub(url, at, url.n));
    }
}

static void show_value(enum secret secret, const char *value, struct nb_buf *out)
{
    if (secret == SECRET_WHOLE) {
        nb_buf_must_text(out, REDACTED);
    } else if (secret == SECRET_IN_URLS) {
        hide_in_urls(nb_slice_of(value), out);
    } else {
        nb_buf_must_text(out, value);
    }
}

// An argument whose part from `value` on is that of a flag; NULL: there is none in it.
static char *shown(const char *argument, const char *value, int flag, struct nserver_options *opts)
{
    size_t plain_size = value != NULL ? (size_t)(value - argument) : strlen(argument);
    struct nb_buf text;
    char *kept;

    nb_buf_init(&text, 4 * strlen(argument) + sizeof(REDACTED));
    nb_buf_must(&text, nb_slice_make(argument, plain_size));
    if (value != NULL) {
        show_value(secret_of(flag), value, &text);
    }
    kept = nserver_options_keep(opts, nb_buf_slice(&text));
    nb_buf_fini(&text);
    return kept;
}

void command_line_show(const struct flags *flags, struct nserver_options *opts)
{
    size_t count = (size_t)flags->argc;
    char **line = nserver_options_alloc(opts, (count + 1) * sizeof(*line));

    opts->command_line = line;
    opts->command_line_count = count;
    for (size_t i = 0; i < count; i++) {
        const char *argument = flags->argv[i];
        const char *value = NULL;
        int flag = i > 0 ? flags_find(argument, &value) : -1;

        line[i] = shown(argument, value, flag, opts);
        if (flag >= 0 && flag_rows[flag].kind != FLAG_KIND_BOOL && value == NULL && i + 1 < count) {
            i++; // its value
            line[i] = shown(flags->argv[i], flags->argv[i], flag, opts);
        }
    }
}
