/* zone.h - how far a time zone is from UTC at some time, from the system's database (RFC 8536),
 * without the C library's one zone for the whole process.
 *
 * Threads: [any]. Reads a small file; the parser takes any bytes.
 */
#pragma once

#include <natsd/slice.h>

#include <stdint.h>

// A zone's file as it is read; texts are borrowed from it.
struct nauth__zone {
    struct slice times;   // of transitions, 8 bytes each
    struct slice indexes; // 1 byte for each: which type is after it
    struct slice types;   // 6 bytes each: offset, is summer time, name
    struct slice rule;    // for later times; may be empty
};

NB_MUST_USE int nauth__zone_parse(struct slice file, struct nauth__zone *out);
// NB_EMALFORMED when the rule is none.
NB_MUST_USE int nauth__zone_offset(const struct nauth__zone *zone, int64_t unix_s, int64_t *out_s);

// "Europe/Berlin", "UTC"; the empty name and "Local" are the server's own zone. NB_ENOTFOUND for
// one that isn't in the database.
NB_MUST_USE int nauth__zone_offset_by_name(struct slice name, int64_t unix_s, int64_t *out_s);
