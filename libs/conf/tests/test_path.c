/* Paths of included files. */
#include "nb_test.h"

#include "path.h"

static void paths_are_joined_to_the_directory_and_cleaned(void **state NB_UNUSED)
{
    static const struct {
        const char *file;
        const char *path;
        const char *want;
    } cases[] = {
        {"f.conf", "x", "x"},
        {"f.conf", "./x", "x"},
        {"f.conf", "", "."},
        {"f.conf", ".", "."},
        {"f.conf", "a/..", "."},
        {"f.conf", "../x", "../x"},
        {"f.conf", "a/../../x", "../x"},
        {"f.conf", "../../x", "../../x"},
        {"f.conf", "/etc/x", "etc/x"},
        {"./f.conf", "x", "x"},
        {"a/f.conf", "x", "a/x"},
        {"a//b/./f.conf", "c//d/", "a/b/c/d"},
        {"a/f.conf", "../x", "x"},
        {"a/b/f.conf", "../../../x", "../x"},
        {"../f.conf", "../x", "../../x"},
        {"/f.conf", "x", "/x"},
        {"/f.conf", "", "/"},
        {"/f.conf", "../../x", "/x"},
        {"/opt/x.conf", "/etc/a", "/opt/etc/a"},
        {"/opt/x.conf", "..", "/"},
        {"/opt/x.conf", "../..", "/"},
        {"", "x", "x"},
        {"f.conf", "...", "..."},
        {"f.conf", "..a/..b", "..a/..b"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char *got = nconf__path_join(nb_slice_of(cases[i].file), nb_slice_of(cases[i].path));

        if (strcmp(got, cases[i].want) != 0) {
            fail_msg("%s + %s: got %s, want %s", cases[i].file, cases[i].path, got, cases[i].want);
        }
        nb_free(got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_joined_to_the_directory_and_cleaned),
    };
    return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
