/* natsd/memory.h - allocation that cannot fail.
 *
 * Running out of memory ends the process with one line, so no caller checks. What a peer can
 * make grow has a limit of its own, so that it doesn't come to that.
 */
#pragma once

#include <natsd/error.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

void *nb_alloc(size_t size) __attribute__((malloc, returns_nonnull));  // contents undefined
void *nb_zalloc(size_t size) __attribute__((malloc, returns_nonnull)); // zeroed
void *nb_calloc(size_t count, size_t size)
    __attribute__((malloc, returns_nonnull)); // checked product
// Zeroed; alignment is a power of two, at least that of a pointer. For types with aligned(64).
void *nb_aligned_zalloc(size_t alignment, size_t size) __attribute__((malloc, returns_nonnull));
void *nb_realloc(void *p, size_t size) __attribute__((returns_nonnull));
char *nb_strdup(const char *text) __attribute__((malloc, returns_nonnull));
void nb_free(void *p); // NULL is fine

// Overwrites memory in a way the compiler keeps.
void nb_wipe(void *p, size_t n);

#ifdef __cplusplus
}
#endif
