#include <natsd/clock.h>

#include <assert.h>
#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    int rc = clock_gettime(id, &now);

    assert(rc == 0);
    return (int64_t)now.tv_sec * NB_NS_PER_S + now.tv_nsec;
}

struct nb_mono nb_mono_now(void)
{
    int64_t ns = read_clock(CLOCK_MONOTONIC);

    return (struct nb_mono){.ns = ns > 0 ? (uint64_t)ns : 1};
}

struct nb_wall nb_wall_now(void)
{
    return (struct nb_wall){.ns = read_clock(CLOCK_REALTIME)};
}

struct wall_parts {
    time_t seconds;
    int64_t fraction_ns; // 0 to 999999999, also before 1970
};

static struct wall_parts split(struct nb_wall time)
{
    int64_t seconds = time.ns / NB_NS_PER_S;
    int64_t fraction = time.ns % NB_NS_PER_S;

    if (fraction < 0) {
        fraction += NB_NS_PER_S;
        seconds--;
    }
    return (struct wall_parts){.seconds = (time_t)seconds, .fraction_ns = fraction};
}

static void put_date_time(const struct tm *tm, int64_t fraction_ns, struct nb_buf *out)
{
    char digits[sizeof(".000000000")];
    int n;

    nb_buf_must_format(out, "%04d-%02d-%02dT%02d:%02d:%02d", tm->tm_year + 1900, tm->tm_mon + 1,
                       tm->tm_mday, tm->tm_hour, tm->tm_min, tm->tm_sec);
    if (fraction_ns == 0) {
        return;
    }
    n = snprintf(digits, sizeof(digits), ".%09d", (int)fraction_ns);
    while (digits[n - 1] == '0') {
        n--;
    }
    nb_buf_must(out, nb_slice_make(digits, (size_t)n));
}

void nb_wall_format_utc(struct nb_wall time, struct nb_buf *out)
{
    struct wall_parts parts = split(time);
    struct tm tm;
    const struct tm *ok = gmtime_r(&parts.seconds, &tm);

    assert(ok != NULL); // 64 bits of nanoseconds end in the year 2262
    put_date_time(&tm, parts.fraction_ns, out);
    nb_buf_must_text(out, "Z");
}

void nb_wall_format_local(struct nb_wall time, struct nb_buf *out)
{
    struct wall_parts parts = split(time);
    struct tm tm;
    const struct tm *ok = localtime_r(&parts.seconds, &tm);
    long minutes;

    assert(ok != NULL);
    put_date_time(&tm, parts.fraction_ns, out);
    minutes = tm.tm_gmtoff / 60;
    if (minutes == 0) {
        nb_buf_must_text(out, "Z");
        return;
    }
    nb_buf_must_text(out, minutes < 0 ? "-" : "+");
    minutes = minutes < 0 ? -minutes : minutes;
    nb_buf_must_format(out, "%02ld:%02ld", minutes / 60, minutes % 60);
}
