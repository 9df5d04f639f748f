/* bench_trie.c - what a subscription costs, and what a match does.
 *
 * Prints one JSON line per benchmark: the median of RUN_COUNT runs in nanoseconds per
 * operation, and the bytes and allocations that an operation leaves behind (insert) or needs
 * (match). Subjects come from a fixed seed.
 */
#include <natsd/match_cache.h>

#include <natsd/memory.h>
#include <natsd/random.h>

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    RUN_COUNT = 5,
    LITERAL_COUNT = 1000 * 1000,
    WILDCARD_COUNT = 100 * 1000,
    LOOKUP_COUNT = 1000 * 1000,
    SUBJECT_ROOM_BYTES = 48,
    SEED = 42,
    CACHE_ENTRY_COUNT = 8192,
};

struct corpus {
    struct nsub_sub *subs;
    char (*subjects)[SUBJECT_ROOM_BYTES];
    uint32_t count;
};

struct sample {
    double ns;
    double bytes;
    double allocations;
};

// The linker sends the calls here (--wrap).
static uint64_t allocation_count;
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_malloc(size_t size)
{
    allocation_count++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocation_count++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    allocation_count++;
    return __real_realloc(p, size);
}

static double now_ns(void) // of this thread: other programs don't count
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double bytes_in_use(void)
{
    struct mallinfo2 info = mallinfo2();

    return (double)info.uordblks + (double)info.hblkhd;
}

static int compare_samples(const void *a, const void *b)
{
    const struct sample *left = a;
    const struct sample *right = b;

    return (left->ns > right->ns) - (left->ns < right->ns);
}

static void report(const char *name, struct sample samples[RUN_COUNT])
{
    qsort(samples, RUN_COUNT, sizeof(samples[0]), compare_samples);
    printf("{\"name\":\"%s\",\"ns\":%.1f,\"bytes\":%.1f,\"allocations\":%.2f}\n", name,
           samples[RUN_COUNT / 2].ns, samples[RUN_COUNT / 2].bytes,
           samples[RUN_COUNT / 2].allocations);
    fflush(stdout);
}

static void literal_subject(char *out, uint32_t i)
{
    snprintf(out, SUBJECT_ROOM_BYTES, "telemetry.site%u.device%u.state", i % 1000, i);
}

static void shared_subject(char *out, uint32_t i) // ten subscriptions each
{
    literal_subject(out, i / 10);
}

// Stars in different places, so that a match has to try many ways; most devices have one.
static void wildcard_subject(char *out, uint32_t i)
{
    switch (i % 5) {
    case 0:
        snprintf(out, SUBJECT_ROOM_BYTES, "telemetry.*.device%u.state", i);
        break;
    case 1:
        snprintf(out, SUBJECT_ROOM_BYTES, "telemetry.site%u.device%u.*", i % 1000, i);
        break;
    case 2:
        snprintf(out, SUBJECT_ROOM_BYTES, "*.site%u.device%u.>", i % 1000, i);
        break;
    case 3:
        snprintf(out, SUBJECT_ROOM_BYTES, "*.*.device%u.*", i);
        break;
    default:
        snprintf(out, SUBJECT_ROOM_BYTES, "telemetry.*.device%u.>", i);
        break;
    }
}

static struct corpus corpus_create(uint32_t count, void (*make)(char *out, uint32_t i))
{
    struct corpus corpus = {
        .subs = nb_calloc(count, sizeof(*corpus.subs)),
        .subjects = nb_calloc(count, sizeof(*corpus.subjects)),
        .count = count,
    };

    for (uint32_t i = 0; i < count; i++) {
        make(corpus.subjects[i], i);
        corpus.subs[i].subject = nb_slice_of(corpus.subjects[i]);
        corpus.subs[i].weight = 1;
    }
    return corpus;
}

static void corpus_free(struct corpus *corpus)
{
    nb_free(corpus->subs);
    nb_free(corpus->subjects);
}

static struct nsub_trie *fill(struct corpus *corpus, struct sample *sample)
{
    struct nsub_trie *trie = nsub_trie_create();
    double bytes = bytes_in_use();
    uint64_t allocations = allocation_count;
    double start = now_ns();

    for (uint32_t i = 0; i < corpus->count; i++) {
        if (nsub_trie_insert(trie, &corpus->subs[i]) < 0) {
            abort();
        }
    }
    sample->ns = (now_ns() - start) / corpus->count;
    sample->bytes = (bytes_in_use() - bytes) / corpus->count;
    sample->allocations = (double)(allocation_count - allocations) / corpus->count;
    return trie;
}

static void bench_insert(const char *name, uint32_t count, void (*make)(char *out, uint32_t i))
{
    struct sample samples[RUN_COUNT];
    struct corpus corpus = corpus_create(count, make);

    for (int run = 0; run < RUN_COUNT; run++) {
        struct nsub_trie *trie = fill(&corpus, &samples[run]);

        nsub_trie_destroy(&trie);
    }
    report(name, samples);
    corpus_free(&corpus);
}

static void bench_remove(void)
{
    struct sample samples[RUN_COUNT];
    struct corpus corpus = corpus_create(LITERAL_COUNT, literal_subject);

    for (int run = 0; run < RUN_COUNT; run++) {
        struct nsub_trie *trie = fill(&corpus, &samples[run]);
        double start = now_ns();

        for (uint32_t i = 0; i < corpus.count; i++) {
            if (nsub_trie_remove(trie, &corpus.subs[i]) < 0) {
                abort();
            }
        }
        samples[run] = (struct sample){.ns = (now_ns() - start) / corpus.count};
        nsub_trie_destroy(&trie);
    }
    report("bench_trie_remove_1m_literal", samples);
    corpus_free(&corpus);
}

// The subjects to look up in the order of use, so that reading them doesn't count.
static char (*shuffled(const struct corpus *lookups))[SUBJECT_ROOM_BYTES]
{
    char(*subjects)[SUBJECT_ROOM_BYTES] = nb_calloc(LOOKUP_COUNT, sizeof(*subjects));
    struct nb_random random;

    nb_random_init(&random, SEED);
    for (uint32_t i = 0; i < LOOKUP_COUNT; i++) {
        memcpy(subjects[i], lookups->subjects[nb_random_below(&random, lookups->count)],
               sizeof(*subjects));
    }
    return subjects;
}

static double match_many(struct nsub_trie *trie, char (*subjects)[SUBJECT_ROOM_BYTES])
{
    uint64_t found = 0;
    double start = now_ns();

    for (uint32_t i = 0; i < LOOKUP_COUNT; i++) {
        struct nsub_result *result = nsub_trie_match(trie, nb_slice_of(subjects[i]));

        found += result->plain_count;
        nsub_result_free(result);
    }
    if (found < LOOKUP_COUNT) {
        abort();
    }
    return (now_ns() - start) / LOOKUP_COUNT;
}

static void bench_match(const char *name, struct corpus *subs, const struct corpus *lookups)
{
    struct sample samples[RUN_COUNT];
    struct nsub_trie *trie = fill(subs, &samples[0]);
    char(*subjects)[SUBJECT_ROOM_BYTES] = shuffled(lookups);

    match_many(trie, subjects);
    for (int run = 0; run < RUN_COUNT; run++) {
        uint64_t allocations = allocation_count;

        samples[run] = (struct sample){.ns = match_many(trie, subjects)};
        samples[run].allocations = (double)(allocation_count - allocations) / LOOKUP_COUNT;
    }
    report(name, samples);
    nb_free(subjects);
    nsub_trie_destroy(&trie);
}

static void bench_worst_insert(void)
{
    struct corpus corpus = corpus_create(LITERAL_COUNT, literal_subject);
    struct sample samples[RUN_COUNT];

    for (int run = 0; run < RUN_COUNT; run++) {
        struct nsub_trie *trie = nsub_trie_create();
        double worst = 0;

        for (uint32_t i = 0; i < corpus.count; i++) { // all under one node: the widest table
            double start;
            double took;

            snprintf(corpus.subjects[i], SUBJECT_ROOM_BYTES, "device.%u", i);
            corpus.subs[i].subject = nb_slice_of(corpus.subjects[i]);
            start = now_ns();
            if (nsub_trie_insert(trie, &corpus.subs[i]) < 0) {
                abort();
            }
            took = now_ns() - start;
            worst = took > worst ? took : worst;
        }
        samples[run] = (struct sample){.ns = worst};
        nsub_trie_destroy(&trie);
    }
    report("bench_trie_insert_1m_one_node_longest", samples);
    corpus_free(&corpus);
}

static void bench_cache_hit(struct corpus *subs, uint32_t subject_count, const char *name)
{
    struct sample samples[RUN_COUNT];
    struct nsub_trie *trie = fill(subs, &samples[0]);
    struct nsub_match_cache *cache = nsub_match_cache_create(trie, CACHE_ENTRY_COUNT);
    uint64_t found = 0;

    for (int run = 0; run < RUN_COUNT; run++) {
        uint64_t allocations = allocation_count;
        double start = now_ns();

        for (uint32_t i = 0; i < LOOKUP_COUNT; i++) {
            struct slice subject = subs->subs[i % subject_count].subject;

            found += nsub_match_cache_find(cache, subject)->plain_count;
        }
        samples[run] = (struct sample){.ns = (now_ns() - start) / LOOKUP_COUNT};
        samples[run].allocations = (double)(allocation_count - allocations) / LOOKUP_COUNT;
    }
    if (found != (uint64_t)LOOKUP_COUNT * RUN_COUNT) {
        abort();
    }
    report(name, samples);
    nsub_match_cache_destroy(&cache);
    nsub_trie_destroy(&trie);
}

int main(void)
{
    struct corpus literals = corpus_create(LITERAL_COUNT, literal_subject);
    struct corpus wildcards = corpus_create(WILDCARD_COUNT, wildcard_subject);
    struct corpus lookups = corpus_create(WILDCARD_COUNT, literal_subject);

    bench_insert("bench_trie_insert_1m_literal", LITERAL_COUNT, literal_subject);
    bench_insert("bench_trie_insert_1m_shared_by_ten", LITERAL_COUNT, shared_subject);
    bench_insert("bench_trie_insert_100k_wildcards", WILDCARD_COUNT, wildcard_subject);
    bench_worst_insert();
    bench_remove();
    bench_match("bench_trie_match_1m_literal", &literals, &literals);
    bench_match("bench_trie_match_100k_wildcards_cold", &wildcards, &lookups);
    bench_cache_hit(&literals, 1, "bench_match_cache_hit_one_subject");
    bench_cache_hit(&literals, CACHE_ENTRY_COUNT / 2, "bench_match_cache_hit_4k_subjects");
    corpus_free(&literals);
    corpus_free(&wildcards);
    corpus_free(&lookups);
    return 0;
}
