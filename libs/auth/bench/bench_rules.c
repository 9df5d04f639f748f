/* bench_rules.c - what it costs to ask a user's permissions for a published message.
 *
 * Prints one JSON line per benchmark: the median of RUN_COUNT runs in nanoseconds per question.
 */
#include <natsd/permissions.h>

#include <natsd/memory.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    RUN_COUNT = 5,
    QUESTION_COUNT = 2 * 1000 * 1000,
    SUBJECT_COUNT = 64, // asked in turn
    SUBJECT_ROOM_BYTES = 64,
};

static double now_ns(void) // of this thread: other programs don't count
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;

    return (left > right) - (left < right);
}

static void literal_item(char *out, unsigned i)
{
    snprintf(out, SUBJECT_ROOM_BYTES, "telemetry.site%u.device%u.state", i % 100, i);
}

static void pattern_item(char *out, unsigned i)
{
    snprintf(out, SUBJECT_ROOM_BYTES, i % 2 == 0 ? "telemetry.site%u.*.state" : "service%u.>", i);
}

static void bench(const char *name, unsigned count, void (*make)(char *out, unsigned i))
{
    char(*texts)[SUBJECT_ROOM_BYTES] = nb_calloc(count, sizeof(*texts));
    char(*asked)[SUBJECT_ROOM_BYTES] = nb_calloc(SUBJECT_COUNT, sizeof(*asked));
    struct slice *items = nb_calloc(count, sizeof(*items));
    struct slice subjects[SUBJECT_COUNT];
    struct nauth_permissions permissions = {.publish_allow = {items, count}};
    struct nauth_rules *rules;
    double samples[RUN_COUNT];
    unsigned allowed = 0;

    for (unsigned i = 0; i < count; i++) {
        make(texts[i], i);
        items[i] = nb_slice_of(texts[i]);
    }
    rules = nauth_rules_create(&permissions);
    for (unsigned i = 0; i < SUBJECT_COUNT; i++) {
        literal_item(asked[i], i * count / SUBJECT_COUNT);
        subjects[i] = nb_slice_of(asked[i]);
    }
    for (int run = 0; run < RUN_COUNT; run++) {
        double start = now_ns();

        for (unsigned i = 0; i < QUESTION_COUNT; i++) {
            allowed += nauth_rules_may_publish(rules, subjects[i % SUBJECT_COUNT]);
        }
        samples[run] = (now_ns() - start) / QUESTION_COUNT;
    }
    qsort(samples, RUN_COUNT, sizeof(samples[0]), compare_doubles);
    printf("{\"name\":\"%s\",\"ns\":%.1f,\"allowed\":%u}\n", name, samples[RUN_COUNT / 2], allowed);
    nauth_rules_unref(rules);
    nb_free(items);
    nb_free(asked);
    nb_free(texts);
}

int main(void)
{
    bench("bench_rules_publish_1_literal", 1, literal_item);
    bench("bench_rules_publish_4_patterns", 4, pattern_item);
    bench("bench_rules_publish_16_literals", 16, literal_item);
    bench("bench_rules_publish_16_patterns", 16, pattern_item);
    bench("bench_rules_publish_17_patterns", 17, pattern_item);
    bench("bench_rules_publish_1000_literals", 1000, literal_item);
    bench("bench_rules_publish_1000_patterns", 1000, pattern_item);
    bench("bench_rules_publish_10000_patterns", 10000, pattern_item);
    return 0;
}
