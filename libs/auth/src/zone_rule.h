/* zone_rule.h - the rule at the end of a zone's file for all later times, as POSIX writes the
 * variable TZ: "CET-1CEST,M3.5.0,M10.5.0/3". Threads: [any].
 */
#pragma once

#include <natsd/slice.h>

#include <stdbool.h>
#include <stdint.h>

// When summer time begins or ends.
struct nauth__zone_day {
    enum nauth__zone_day_form {
        NAUTH__ZONE_DAY_WEEK,    // Mm.w.d: week 5 is the last
        NAUTH__ZONE_DAY_NO_LEAP, // Jn: 1 to 365, 29 February isn't counted
        NAUTH__ZONE_DAY_OF_YEAR, // n: 0 to 365
    } form;
    int month, week, day;
    int64_t second; // of the day, may be negative or beyond it
};

struct nauth__zone_rule {
    int64_t standard_offset_s; // east of UTC
    int64_t summer_offset_s;
    bool has_summer;
    struct nauth__zone_day begin, end;
};

NB_MUST_USE int nauth__zone_rule_parse(struct slice text, struct nauth__zone_rule *out);
int64_t nauth__zone_rule_offset(const struct nauth__zone_rule *rule, int64_t unix_s);
