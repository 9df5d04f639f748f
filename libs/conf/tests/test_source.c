/* Real files and the real environment. */
#include "nb_test.h"

#include <natsd/conf.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/nconf-XXXXXX";

static int make_directory(void **state NB_UNUSED)
{
    return mkdtemp(directory) != NULL && chdir(directory) == 0 && mkdir("sub", 0700) == 0 ? 0 : -1;
}

static int remove_directory(void **state NB_UNUSED)
{
    unlink("f.conf");
    unlink("sub/p.conf");
    return rmdir("sub") == 0 && chdir("/") == 0 && rmdir(directory) == 0 ? 0 : -1;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void check_fails(const char *path, int code, const char *want)
{
    struct nconf_doc doc = {0};
    struct nb_buf message;

    nb_buf_init(&message, NCONF_MESSAGE_MAX_BYTES);
    assert_int_equal(nconf_parse_file(&nconf_source_system, path, &doc, &message), code);
    if (!nb_slice_is(nb_buf_slice(&message), want)) {
        fail_msg("%s: got %.*s", path, NB_SLICE_ARGS(nb_buf_slice(&message)));
    }
    assert_null(doc.root);
    nb_buf_fini(&message);
}

static void files_and_variables_of_the_system_are_read(void **state NB_UNUSED)
{
    struct nconf_doc doc = {0};

    write_file("f.conf", "a 1\ninclude sub/p.conf\nv = $NCONF_TEST_VARIABLE\n");
    write_file("sub/p.conf", "b 2");
    assert_int_equal(setenv("NCONF_TEST_VARIABLE", "8k", 1), 0);
    assert_int_equal(nconf_parse_file(&nconf_source_system, "./f.conf", &doc, NULL), NB_OK);
    assert_int_equal(unsetenv("NCONF_TEST_VARIABLE"), 0);
    assert_true(nb_slice_is(nconf_find(doc.root, "a")->at.file, "./f.conf")); // as given
    assert_true(nb_slice_is(nconf_find(doc.root, "b")->at.file, "sub/p.conf"));
    assert_int_equal(nconf_find(doc.root, "v")->integer, 8000);
    nconf_doc_fini(&doc);
    check_fails("f.conf", NB_EMALFORMED,
                "variable reference for 'NCONF_TEST_VARIABLE' on line 3 can not be found");
}

static void files_that_cannot_be_read_are_named(void **state NB_UNUSED)
{
    check_fails("none.conf", NB_ENOTFOUND, "open none.conf: no such file or directory");
    check_fails("sub/none.conf", NB_ENOTFOUND, "open sub/none.conf: no such file or directory");
    check_fails("sub", NB_EIO, "read sub: is a directory");
    write_file("f.conf", "include ''");
    check_fails("f.conf", NB_EIO, "error parsing include file '', read .: is a directory");
    write_file("f.conf", "m { include ../x\n}");
    check_fails("f.conf", NB_ENOTFOUND,
                "error parsing include file '../x', open ../x: no such file or directory");
}

// The main file may be one, for what a shell puts into the place of a file.
static void no_pipe_is_included(void **state NB_UNUSED)
{
    write_file("f.conf", "include sub/pipe");
    assert_int_equal(mkfifo("sub/pipe", 0600), 0);
    check_fails("f.conf", NB_EIO,
                "error parsing include file 'sub/pipe', read sub/pipe: not a regular file");
    assert_int_equal(unlink("sub/pipe"), 0);
}

static void files_have_a_largest_size(void **state NB_UNUSED)
{
    int fd;

    write_file("f.conf", "a 1 #");
    fd = open("f.conf", O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, NCONF_FILE_MAX_BYTES), 0); // NULs
    check_fails("f.conf", NB_EMALFORMED, "Parse error on line 1: 'Unexpected EOF.'");
    assert_int_equal(ftruncate(fd, NCONF_FILE_MAX_BYTES + 1), 0);
    check_fails("f.conf", NB_ELIMIT, "read f.conf: file too large");
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_and_variables_of_the_system_are_read),
        cmocka_unit_test(files_that_cannot_be_read_are_named),
        cmocka_unit_test(no_pipe_is_included),
        cmocka_unit_test(files_have_a_largest_size),
    };
    return cmocka_run_group_tests_name("source", tests, make_directory, remove_directory);
}
