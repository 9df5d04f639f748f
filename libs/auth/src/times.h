/* times.h - times of the day as claims write them. Threads: [any]. */
#pragma once

#include <natsd/slice.h>

#include <stdint.h>

// "15:04:05" to seconds since midnight; the hour may have one digit, the second a fraction.
NB_MUST_USE int nauth__time_of_day(struct slice text, int64_t *out_s);
