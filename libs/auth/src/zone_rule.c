#include "zone_rule.h"

#include "civil_day.h"

enum {
    HOUR_S = 3600,
    MINUTE_S = 60,
    DAY_S = 86400,
    CHANGE_DEFAULT_S = 2 * HOUR_S,
    HOURS_MAX = 167,    // of RFC 8536: a change may be days away from its day
    SUNDAY_OF_1970 = 3, // the first, counted from 0: day 3 of Unix time
};

/* ---- reading ---- */

static bool take_byte(struct slice *text, uint8_t byte)
{
    if (text->n == 0 || text->p[0] != byte) {
        return false;
    }
    *text = nb_slice_sub(*text, 1, text->n);
    return true;
}

static bool take_number(struct slice *text, int max, int *out)
{
    int value = 0;
    size_t n = 0;

    while (n < text->n && text->p[n] >= '0' && text->p[n] <= '9') {
        value = value * 10 + (text->p[n] - '0');
        n++;
        if (value > max) {
            return false;
        }
    }
    *text = nb_slice_sub(*text, n, text->n);
    *out = value;
    return n > 0;
}

static bool take_name(struct slice *text)
{
    size_t n = 0;

    if (take_byte(text, '<')) {
        n = nb_slice_find_byte(*text, '>');
        *text = nb_slice_sub(*text, n, text->n);
        return n > 0 && take_byte(text, '>');
    }
    while (n < text->n && ((text->p[n] | 0x20) >= 'a' && (text->p[n] | 0x20) <= 'z')) {
        n++;
    }
    *text = nb_slice_sub(*text, n, text->n);
    return n > 0;
}

// [+-]hh[:mm[:ss]]
static bool take_time(struct slice *text, int64_t *out)
{
    bool is_negative = take_byte(text, '-');
    int hours;
    int minutes = 0;
    int seconds = 0;

    if (!is_negative) {
        take_byte(text, '+');
    }
    if (!take_number(text, HOURS_MAX, &hours) ||
        (take_byte(text, ':') && (!take_number(text, 59, &minutes) ||
                                  (take_byte(text, ':') && !take_number(text, 59, &seconds))))) {
        return false;
    }
    *out = (int64_t)hours * HOUR_S + minutes * MINUTE_S + seconds;
    *out = is_negative ? -*out : *out;
    return true;
}

static bool take_week_day(struct slice *text, struct nauth__zone_day *day)
{
    day->form = NAUTH__ZONE_DAY_WEEK;
    return take_number(text, 12, &day->month) && day->month > 0 && take_byte(text, '.') &&
           take_number(text, 5, &day->week) && day->week > 0 && take_byte(text, '.') &&
           take_number(text, 6, &day->day);
}

static bool take_day(struct slice *text, struct nauth__zone_day *day)
{
    bool is_fine;

    *day = (struct nauth__zone_day){.second = CHANGE_DEFAULT_S};
    if (take_byte(text, 'M')) {
        is_fine = take_week_day(text, day);
    } else if (take_byte(text, 'J')) {
        day->form = NAUTH__ZONE_DAY_NO_LEAP;
        is_fine = take_number(text, 365, &day->day) && day->day > 0;
    } else {
        day->form = NAUTH__ZONE_DAY_OF_YEAR;
        is_fine = take_number(text, 365, &day->day);
    }
    return is_fine && (!take_byte(text, '/') || take_time(text, &day->second));
}

int nauth__zone_rule_parse(struct slice text, struct nauth__zone_rule *out)
{
    struct nauth__zone_rule rule = {.has_summer = false};

    if (!take_name(&text) || !take_time(&text, &rule.standard_offset_s)) {
        return NB_EMALFORMED;
    }
    rule.standard_offset_s = -rule.standard_offset_s; // POSIX counts to the west
    if (text.n > 0) {
        rule.has_summer = true;
        rule.summer_offset_s = rule.standard_offset_s + HOUR_S;
        if (!take_name(&text)) {
            return NB_EMALFORMED;
        }
        if (text.n > 0 && text.p[0] != ',') {
            if (!take_time(&text, &rule.summer_offset_s)) {
                return NB_EMALFORMED;
            }
            rule.summer_offset_s = -rule.summer_offset_s;
        }
        if (!take_byte(&text, ',') || !take_day(&text, &rule.begin) || !take_byte(&text, ',') ||
            !take_day(&text, &rule.end)) {
            return NB_EMALFORMED;
        }
    }
    if (text.n > 0) {
        return NB_EMALFORMED;
    }
    *out = rule;
    return NB_OK;
}

/* ---- applying ---- */

static int64_t week_day(const struct nauth__zone_day *day, int64_t year)
{
    int64_t first = nauth__civil_day(year, day->month, 1);
    int64_t weekday = ((first - SUNDAY_OF_1970) % 7 + 7) % 7; // of the first; 0 is Sunday
    int64_t at = first + (day->day - weekday + 7) % 7 + (int64_t)(day->week - 1) * 7;
    int64_t next_month = day->month == 12 ? nauth__civil_day(year + 1, 1, 1)
                                          : nauth__civil_day(year, day->month + 1, 1);

    return at >= next_month ? at - 7 : at;
}

// When the day's change is in local seconds since 1970.
static int64_t change_in(const struct nauth__zone_day *day, int64_t year)
{
    int64_t new_year = nauth__civil_day(year, 1, 1);
    int64_t march = nauth__civil_day(year, 3, 1);
    int64_t at = 0;

    switch (day->form) {
    case NAUTH__ZONE_DAY_WEEK:
        at = week_day(day, year);
        break;
    case NAUTH__ZONE_DAY_NO_LEAP: // day 60 is always 1 March
        at = day->day < 60 ? new_year + day->day - 1 : march + day->day - 60;
        break;
    case NAUTH__ZONE_DAY_OF_YEAR:
        at = new_year + day->day;
        break;
    }
    return at * DAY_S + day->second;
}

int64_t nauth__zone_rule_offset(const struct nauth__zone_rule *rule, int64_t unix_s)
{
    int64_t year;
    int64_t begin;
    int64_t end;
    bool is_summer;

    if (!rule->has_summer) {
        return rule->standard_offset_s;
    }
    year = nauth__civil_year(nauth__day_of(unix_s + rule->standard_offset_s));
    begin = change_in(&rule->begin, year) - rule->standard_offset_s;
    end = change_in(&rule->end, year) - rule->summer_offset_s;
    is_summer = begin < end ? unix_s >= begin && unix_s < end // or, in the south,
                            : unix_s >= begin || unix_s < end;
    return is_summer ? rule->summer_offset_s : rule->standard_offset_s;
}
