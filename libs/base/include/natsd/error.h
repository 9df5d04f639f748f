/* natsd/error.h - the codes a fallible function of any natsd library returns.
 *
 * 0 (NB_OK) or a negative code. A code tells the caller what it can do; what a person needs
 * to read goes into a struct nb_diag, where a function takes one.
 */
#pragma once

#include <stddef.h>

#define NB_MUST_USE __attribute__((warn_unused_result))
#define NB_UNUSED __attribute__((unused))
#define NB_PRINTF(format_index, first_argument) \
    __attribute__((format(printf, format_index, first_argument)))
#define NB_ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define NB_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define NB_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define nb_container_of(pointer, type, member) \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#ifdef __cplusplus
extern "C" {
#endif

enum nb_error {
#define NB_ERROR(name, value, text) name = (value),
#include <natsd/error.def>
#undef NB_ERROR
};

// [any] "malformed input" and the like; never NULL, also for a code that is none of ours.
const char *nb_error_text(int code);

// [any] The code for an errno value: NB_EIO for those without one of their own.
int nb_error_from_errno(int error_number);

// [any] The system's text for an errno value as the reference's messages have it: "no such file or
// directory", without a capital. Stands in buf, cut to its size.
const char *nb_errno_text(int error_number, char *buf, size_t size);

// What went wrong, for a person. Fill it with nb_diag_set(); text is always terminated.
struct nb_diag {
    char text[512];
};

void nb_diag_set(struct nb_diag *diag, const char *format, ...) NB_PRINTF(2, 3); // diag may be NULL

// Ends the process with one line: a state that cannot be.
#define NB_UNREACHABLE(why) nb_unreachable(why, __FILE__, __LINE__)
void nb_unreachable(const char *why, const char *file, int line) __attribute__((noreturn));

// Checks that cost too much for production; on in sanitizer builds.
#if defined(NB_DEBUG_CHECKS)
#include <assert.h>
#define NB_DEBUG_ASSERT(condition) assert(condition)
#else
#define NB_DEBUG_ASSERT(condition) ((void)0)
#endif

#ifdef __cplusplus
}
#endif
