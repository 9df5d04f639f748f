/* civil_day.h - days since 1970-01-01 and the Gregorian calendar. Threads: [any]. */
#pragma once

#include <stdint.h>

// Month 1 to 12, day from 1.
int64_t nauth__civil_day(int64_t year, int month, int day);
int64_t nauth__civil_year(int64_t day); // in which this day is
int64_t nauth__day_of(int64_t seconds); // rounded down
