#include "auth/moment.h"

#include "value.h"

#include <natsd/clock.h>
#include <natsd/number.h>

#include <stdio.h>
#include <time.h>

enum {
    TEXT_MAX_BYTES = 64,
};

// Of "Z", "+02:00"; false for anything else.
static bool read_offset(struct slice text, int64_t *seconds)
{
    uint64_t hours;
    uint64_t minutes;

    if (nb_slice_equal_nocase(text, NB_SLICE("Z"))) {
        *seconds = 0;
        return true;
    }
    if (text.n != strlen("+02:00") || (text.p[0] != '+' && text.p[0] != '-') || text.p[3] != ':' ||
        nb_parse_u64(nb_slice_sub(text, 1, 2), 23, &hours) != NB_OK ||
        nb_parse_u64(nb_slice_sub(text, 4, 2), 59, &minutes) != NB_OK) {
        return false;
    }
    *seconds = (int64_t)(hours * 60 + minutes) * 60 * (text.p[0] == '-' ? -1 : 1);
    return true;
}

static int read_date(const struct cli *cli, const char *text, int64_t *out)
{
    static const char *const local[] = {"%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"};
    struct tm tm = {.tm_isdst = -1};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    int64_t offset;

    if (rest != NULL && read_offset(nb_slice_of(rest), &offset)) {
        *out = timegm(&tm) - offset;
        return NB_OK;
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(local); i++) {
        tm = (struct tm){.tm_isdst = -1};
        rest = strptime(text, local[i], &tm);
        if (rest != NULL && *rest == '\0') {
            *out = cli_is_on(cli, GLOBAL_UTC) ? timegm(&tm) : mktime(&tm);
            return NB_OK;
        }
    }
    return NB_EMALFORMED;
}

int moment_read(const struct cli *cli, struct slice text, int64_t now_s, int sign, int64_t *out)
{
    char room[TEXT_MAX_BYTES];
    int64_t ns;

    if (value_duration(text, &ns) == NB_OK) {
        *out = now_s + sign * (ns / NB_NS_PER_S);
        return NB_OK;
    }
    if (nb_slice_starts(text, "@")) {
        return nb_parse_i64(nb_slice_sub(text, 1, text.n), 0, INT64_MAX / 2, out) == NB_OK
                   ? NB_OK
                   : NB_EMALFORMED;
    }
    if (text.n >= sizeof(room)) {
        return NB_EMALFORMED;
    }
    snprintf(room, sizeof(room), "%.*s", NB_SLICE_ARGS(text));
    return read_date(cli, room, out);
}

void moment_format(const struct cli *cli, int64_t at_s, struct nb_buf *out)
{
    char text[TEXT_MAX_BYTES];
    time_t at = at_s;
    struct tm tm;

    if (at_s == 0) {
        nb_buf_must_text(out, "never");
        return;
    }
    if ((cli_is_on(cli, GLOBAL_UTC) ? gmtime_r(&at, &tm) : localtime_r(&at, &tm)) == NULL ||
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) == 0) {
        nb_buf_must_format(out, "@%lld", (long long)at_s); // beyond all calendars
        return;
    }
    nb_buf_must_text(out, text);
}
