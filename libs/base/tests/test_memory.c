#include <natsd/memory.h>

#include "nb_test.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void allocations_of_nothing_are_still_allocations(void **state NB_UNUSED)
{
    void *blocks[] = {nb_alloc(0), nb_zalloc(0), nb_calloc(0, 8), nb_calloc(8, 0),
                      nb_realloc(NULL, 0)};

    for (size_t i = 0; i < NB_ARRAY_LEN(blocks); i++) {
        assert_non_null(blocks[i]);
        nb_free(blocks[i]);
    }
    nb_free(NULL);
}

static void zeroed_forms_are_zero(void **state NB_UNUSED)
{
    static const uint8_t zero[1000];
    void *a = nb_zalloc(1000);
    void *b = nb_calloc(10, 100);
    void *c = nb_aligned_zalloc(256, 1000);

    assert_memory_equal(a, zero, 1000);
    assert_memory_equal(b, zero, 1000);
    assert_memory_equal(c, zero, 1000);
    assert_int_equal((uintptr_t)c % 256, 0);
    nb_free(a);
    nb_free(b);
    nb_free(c);
}

static void realloc_and_strdup_keep_the_bytes(void **state NB_UNUSED)
{
    char *text = nb_strdup("hello");

    text = nb_realloc(text, 1000);
    assert_string_equal(text, "hello");
    nb_free(text);
}

static void wipe_zeroes(void **state NB_UNUSED)
{
    char secret[] = "secret";

    nb_wipe(secret, 3);
    assert_memory_equal(secret, "\0\0\0ret", 7);
    nb_wipe(NULL, 0);
}

static void alloc_product_overflow(void)
{
    volatile size_t huge = SIZE_MAX / 2;

    nb_free(nb_calloc(huge, 3));
}

static void reach_unreachable(void)
{
    NB_UNREACHABLE("test");
}

static bool ends_the_process(void (*body)(void))
{
    int status = 0;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL) {
            _exit(0);
        }
        signal(SIGABRT, SIG_DFL); // cmocka's handler would jump back into the test
        body();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

static void impossible_requests_end_the_process(void **state NB_UNUSED)
{
    assert_true(ends_the_process(alloc_product_overflow));
    assert_true(ends_the_process(reach_unreachable));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_of_nothing_are_still_allocations),
        cmocka_unit_test(zeroed_forms_are_zero),
        cmocka_unit_test(realloc_and_strdup_keep_the_bytes),
        cmocka_unit_test(wipe_zeroes),
        cmocka_unit_test(impossible_requests_end_the_process),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
