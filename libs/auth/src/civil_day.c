#include "civil_day.h"

enum {
    DAY_S = 86400,
    DAYS_TO_1970 = 719468, // from 1 March of year 0
    DAYS_OF_400_YEARS = 146097,
};

static int64_t divide_down(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

// Years begin in March here, so that a leap day is the last of its year.
int64_t nauth__civil_day(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = divide_down(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t months = month > 2 ? month - 3 : month + 9;
    int64_t day_of_year = (153 * months + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * DAYS_OF_400_YEARS + day_of_era - DAYS_TO_1970;
}

int64_t nauth__civil_year(int64_t day)
{
    int64_t year = 1970 + divide_down(day * 400, DAYS_OF_400_YEARS); // at most one off

    while (nauth__civil_day(year, 1, 1) > day) {
        year--;
    }
    while (nauth__civil_day(year + 1, 1, 1) <= day) {
        year++;
    }
    return year;
}

int64_t nauth__day_of(int64_t seconds)
{
    return divide_down(seconds, DAY_S);
}
