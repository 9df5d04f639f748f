#include <natsd/error.h>

#include "nb_test.h"

#include <errno.h>
#include <string.h>

static void every_code_has_a_text_of_its_own(void **state NB_UNUSED)
{
    static const int codes[] = {
#define NB_ERROR(name, value, text) name,
#include <natsd/error.def>
#undef NB_ERROR
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(codes); i++) {
        assert_true(codes[i] <= 0);
        assert_string_not_equal(nb_error_text(codes[i]), "unknown error");
        for (size_t j = 0; j < i; j++) {
            assert_int_not_equal(codes[i], codes[j]);
            assert_string_not_equal(nb_error_text(codes[i]), nb_error_text(codes[j]));
        }
    }
    assert_string_equal(nb_error_text(NB_EMALFORMED), "malformed input");
}

static void unknown_codes_have_a_text_too(void **state NB_UNUSED)
{
    assert_string_equal(nb_error_text(1), "unknown error");
    assert_string_equal(nb_error_text(-9999), "unknown error");
}

static void errno_values_become_codes(void **state NB_UNUSED)
{
    assert_int_equal(nb_error_from_errno(0), NB_OK);
    assert_int_equal(nb_error_from_errno(ENOENT), NB_ENOTFOUND);
    assert_int_equal(nb_error_from_errno(EWOULDBLOCK), NB_EAGAIN);
    assert_int_equal(nb_error_from_errno(EADDRINUSE), NB_EADDRINUSE);
    assert_int_equal(nb_error_from_errno(ECONNREFUSED), NB_EREFUSED);
    assert_int_equal(nb_error_from_errno(ENOSPC), NB_EIO);
    assert_int_equal(nb_error_from_errno(123456), NB_EIO);
}

static void errno_values_have_texts_without_a_capital(void **state NB_UNUSED)
{
    char buf[64];
    char small[8];

    assert_string_equal(nb_errno_text(ENOENT, buf, sizeof(buf)), "no such file or directory");
    assert_string_equal(nb_errno_text(EISDIR, buf, sizeof(buf)), "is a directory");
    assert_string_equal(nb_errno_text(ENOENT, small, sizeof(small)), "no such");
    assert_ptr_equal(nb_errno_text(EIO, buf, sizeof(buf)), buf);
}

static void diag_is_cut_and_terminated(void **state NB_UNUSED)
{
    struct nb_diag diag;

    memset(&diag, 'x', sizeof(diag));
    nb_diag_set(&diag, "line %d: %s", 3, "bad");
    assert_string_equal(diag.text, "line 3: bad");
    nb_diag_set(&diag, "%600s", "y");
    assert_int_equal(strlen(diag.text), sizeof(diag.text) - 1);
    nb_diag_set(NULL, "nobody listens");
}

static void container_of_finds_the_object(void **state NB_UNUSED)
{
    struct outer {
        int before;
        int member;
    } outer = {1, 2};
    int *member = &outer.member;

    assert_ptr_equal(nb_container_of(member, struct outer, member), &outer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_a_text_of_its_own),
        cmocka_unit_test(unknown_codes_have_a_text_too),
        cmocka_unit_test(errno_values_become_codes),
        cmocka_unit_test(errno_values_have_texts_without_a_capital),
        cmocka_unit_test(diag_is_cut_and_terminated),
        cmocka_unit_test(container_of_finds_the_object),
    };
    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
