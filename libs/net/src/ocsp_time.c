#include "ocsp_message.h"

#include <natsd/number.h>

enum {
    TIME_TEXT_BYTES = 15,
    EPOCH_YEAR = 1970,
    DAYS_PER_YEAR = 365,
    HOURS_PER_DAY = 24,
    SECONDS_PER_MINUTE = 60,
};

static bool is_leap_year(uint64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static uint64_t days_of_month(uint64_t year, uint64_t month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && is_leap_year(year) ? 1u : 0u);
}

static uint64_t days_before(uint64_t year, uint64_t month, uint64_t day)
{
    uint64_t last = year - 1;
    uint64_t leap_days = last / 4 - last / 100 + last / 400 - (EPOCH_YEAR - 1) / 4 +
                         (EPOCH_YEAR - 1) / 100 - (EPOCH_YEAR - 1) / 400;
    uint64_t days = (year - EPOCH_YEAR) * DAYS_PER_YEAR + leap_days + day - 1;

    for (uint64_t m = 1; m < month; m++) {
        days += days_of_month(year, m);
    }
    return days;
}

bool nnet__ocsp_read_time(struct slice text, int64_t *seconds)
{
    static const uint8_t widths[] = {4, 2, 2, 2, 2, 2};
    uint64_t parts[sizeof(widths)]; // year, month, day, hour, minute, second
    size_t at = 0;

    if (text.n != TIME_TEXT_BYTES || text.p[TIME_TEXT_BYTES - 1] != 'Z') {
        return false;
    }
    for (size_t i = 0; i < sizeof(widths); i++) {
        if (nb_parse_u64(nb_slice_sub(text, at, widths[i]), UINT16_MAX, &parts[i]) != NB_OK) {
            return false;
        }
        at += widths[i];
    }
    if (parts[0] < EPOCH_YEAR || parts[1] < 1 || parts[1] > 12 || parts[2] < 1 ||
        parts[2] > days_of_month(parts[0], parts[1]) || parts[3] >= HOURS_PER_DAY ||
        parts[4] >= SECONDS_PER_MINUTE || parts[5] > SECONDS_PER_MINUTE) { // a leap second
        return false;
    }
    *seconds = (int64_t)(((days_before(parts[0], parts[1], parts[2]) * HOURS_PER_DAY + parts[3]) *
                              SECONDS_PER_MINUTE +
                          parts[4]) *
                             SECONDS_PER_MINUTE +
                         parts[5]);
    return true;
}
