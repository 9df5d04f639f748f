#include "times.h"

#include "civil_day.h"
#include "zone.h"

#include <natsd/claims.h>
#include <natsd/number.h>

enum {
    DAY_S = 86400,
    HOUR_S = 3600,
    MINUTE_S = 60,
};

static bool is_fraction(struct slice text) // ".5", or nothing
{
    for (size_t i = 1; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') {
            return false;
        }
    }
    return text.n == 0 || (text.n > 1 && (text.p[0] == '.' || text.p[0] == ','));
}

int nauth__time_of_day(struct slice text, int64_t *out_s)
{
    size_t colon = nb_slice_find_byte(text, ':');
    struct slice rest = nb_slice_sub(text, colon + 1, text.n); // "04:05"
    uint64_t hour;
    uint64_t minute;
    uint64_t second;

    if (colon < 1 || colon > 2 || rest.n < 5 || rest.p[2] != ':' ||
        !is_fraction(nb_slice_sub(rest, 5, rest.n)) ||
        nb_parse_u64(nb_slice_sub(text, 0, colon), 23, &hour) < 0 ||
        nb_parse_u64(nb_slice_sub(rest, 0, 2), 59, &minute) < 0 ||
        nb_parse_u64(nb_slice_sub(rest, 3, 2), 59, &second) < 0) {
        return NB_EMALFORMED;
    }
    *out_s = (int64_t)(hour * HOUR_S + minute * MINUTE_S + second);
    return NB_OK;
}

// What a clock on a wall of the zone shows, as if it were UTC, to Unix time.
static int from_wall(struct slice zone, int64_t wall_s, int64_t *out_s)
{
    int64_t offset;
    int rc = nauth__zone_offset_by_name(zone, wall_s, &offset);

    if (rc == NB_OK) { // again, for a change between the two
        rc = nauth__zone_offset_by_name(zone, wall_s - offset, &offset);
    }
    if (rc == NB_OK) {
        *out_s = wall_s - offset;
    }
    return rc;
}

// How long it still is in this range of today or tomorrow; 0: it isn't.
static int left_in(const struct nauth_time_range *range, struct slice zone, int64_t midnight_s,
                   int64_t now_s, int64_t *left_s)
{
    int64_t start_of_day;
    int64_t end_of_day;
    int64_t start = 0;
    int64_t end = 0;

    if (nauth__time_of_day(range->start, &start_of_day) < 0 ||
        nauth__time_of_day(range->end, &end_of_day) < 0 ||
        from_wall(zone, midnight_s + start_of_day, &start) < 0 ||
        from_wall(zone, midnight_s + end_of_day, &end) < 0) {
        return NB_EMALFORMED;
    }
    *left_s = 0;
    if (start > end && now_s < end) { // since yesterday
        *left_s = end - now_s;
        return NB_OK;
    }
    if (start > end && from_wall(zone, midnight_s + DAY_S + end_of_day, &end) < 0) {
        return NB_EMALFORMED;
    }
    if (start < now_s && now_s < end) {
        *left_s = end - now_s;
    }
    return NB_OK;
}

bool nauth_times_allow(const struct nauth_user_limits *limits, int64_t now_unix_s, int64_t *left_s)
{
    int64_t longest = 0;
    int64_t offset;
    int64_t midnight;

    if (limits->time_count == 0) {
        *left_s = INT64_MAX;
        return true;
    }
    if (nauth__zone_offset_by_name(limits->times_location, now_unix_s, &offset) < 0) {
        return false;
    }
    midnight = nauth__day_of(now_unix_s + offset) * DAY_S;
    for (size_t i = 0; i < limits->time_count; i++) {
        int64_t left;

        if (left_in(&limits->times[i], limits->times_location, midnight, now_unix_s, &left) < 0) {
            return false;
        }
        longest = left > longest ? left : longest;
    }
    *left_s = longest;
    return longest > 0;
}
