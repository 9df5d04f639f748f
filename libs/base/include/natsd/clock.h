/* natsd/clock.h - two times that the compiler keeps apart: one to measure, one to show.
 * Threads: [any].
 */
#pragma once

#include <natsd/buf.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NB_NS_PER_US INT64_C(1000)
#define NB_NS_PER_MS INT64_C(1000000)
#define NB_NS_PER_S INT64_C(1000000000)

struct nb_mono {
    uint64_t ns; // since some moment before the process began; never 0 for a time taken
};

struct nb_wall {
    int64_t ns; // since 1970-01-01T00:00:00Z
};

struct nb_mono nb_mono_now(void);
struct nb_wall nb_wall_now(void);

static inline int64_t nb_mono_since(struct nb_mono now, struct nb_mono then) // ns, may be negative
{
    return (int64_t)(now.ns - then.ns);
}

// RFC 3339 with as many digits of the second as are needed (0 to 9): "2026-01-02T03:04:05.67Z";
// _local has the offset of the local zone instead of Z.
void nb_wall_format_utc(struct nb_wall time, struct nb_buf *out);
void nb_wall_format_local(struct nb_wall time, struct nb_buf *out);

#ifdef __cplusplus
}
#endif
