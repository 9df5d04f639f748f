#include <natsd/memory.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_die(void *p, size_t size)
{
    if (p == NULL) {
        fprintf(stderr, "out of memory: %zu bytes\n", size);
        abort();
    }
    return p;
}

// malloc(0) may be NULL, which would look like a failure.
static size_t at_least_one(size_t size)
{
    return size > 0 ? size : 1;
}

void *nb_alloc(size_t size)
{
    return or_die(malloc(at_least_one(size)), size);
}

void *nb_zalloc(size_t size)
{
    return or_die(calloc(1, at_least_one(size)), size);
}

void *nb_calloc(size_t count, size_t size)
{
    return or_die(calloc(at_least_one(count), at_least_one(size)), size);
}

void *nb_aligned_zalloc(size_t alignment, size_t size)
{
    void *p = NULL;

    if (posix_memalign(&p, alignment, at_least_one(size)) != 0) {
        p = NULL;
    }
    return memset(or_die(p, size), 0, size);
}

void *nb_realloc(void *p, size_t size)
{
    return or_die(realloc(p, at_least_one(size)), size);
}

char *nb_strdup(const char *text)
{
    assert(text != NULL);
    return or_die(strdup(text), strlen(text) + 1);
}

void nb_free(void *p)
{
    free(p);
}

void nb_wipe(void *p, size_t n)
{
    if (n > 0) {
        explicit_bzero(p, n);
    }
}
