#include "log_file.h"

#include "folder.h"

#include <natsd/memory.h>

static void add_prefix(void *ctx, struct nb_buf *out, const char *level)
{
    nb_buf_must_format(out, "%s[%s] ", (const char *)ctx, level);
}

static void open_good(struct log_file *file, const char *path, int64_t limit, int64_t files_max)
{
    struct nb_diag diag = {0};

    if (log_file_open(file, path, limit, files_max, &diag) != NB_OK) {
        fail_msg("%s", diag.text);
    }
}

static void write_line(struct log_file *file, const char *line)
{
    log_file_write(file, nb_slice_of(line), add_prefix, (char[]){"p "});
}

static void expect_text(const char *name, const char *want)
{
    char *text = folder_read(name);

    assert_non_null(text);
    assert_string_equal(text, want);
    nb_free(text);
}

// Names in the folder that begin with `prefix`, in order of age; the caller frees them.
static size_t list_backups(const char *prefix, char *names[], size_t room)
{
    struct dirent **entries = NULL;
    int count = scandir(".", &entries, NULL, alphasort);
    size_t found = 0;

    assert_true(count >= 0);
    for (int i = 0; i < count; i++) {
        if (strncmp(entries[i]->d_name, prefix, strlen(prefix)) == 0) {
            assert_true(found < room);
            names[found++] = nb_strdup(entries[i]->d_name);
        }
        free(entries[i]);
    }
    free(entries);
    return found;
}

static void free_names(char *names[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        nb_free(names[i]);
    }
}

static void a_file_is_appended_to_and_private(void **state NB_UNUSED)
{
    struct log_file file;
    struct stat st;

    open_good(&file, "n.log", 0, 0);
    write_line(&file, "one\n");
    log_file_close(&file);
    log_file_close(&file); // fine when closed
    open_good(&file, "n.log", 0, 0);
    assert_int_equal(file.size, 4);
    write_line(&file, "two\n");
    log_file_close(&file);
    expect_text("n.log", "one\ntwo\n");
    assert_int_equal(stat("n.log", &st), 0);
    assert_int_equal(st.st_mode & 0777 & ~0640U, 0);
    folder_clear();
}

static void a_file_that_cannot_be_opened_is_told(void **state NB_UNUSED)
{
    struct log_file file;
    struct nb_diag diag = {0};

    assert_int_equal(log_file_open(&file, "no/such", 0, 0, &diag), NB_EIO);
    assert_string_equal(diag.text, "error opening file: open no/such: no such file or directory");
    assert_int_equal(mkdir("d", 0700), 0);
    assert_int_equal(log_file_open(&file, "d", 0, 0, &diag), NB_EIO);
    assert_string_equal(diag.text, "error opening file: open d: is a directory");
    folder_clear();
}

static void the_line_that_crosses_the_limit_stays_in_the_old_file(void **state NB_UNUSED)
{
    struct log_file file;
    char *names[4];
    char want[128];

    open_good(&file, "n.log", 10, 0);
    write_line(&file, "12345678\n"); // 9
    write_line(&file, "\n");         // 10: at the limit, not past it
    assert_int_equal(list_backups("n.log.", names, NB_ARRAY_LEN(names)), 0);
    write_line(&file, "crosses\n");
    assert_int_equal(list_backups("n.log.", names, NB_ARRAY_LEN(names)), 1);
    assert_int_equal(strlen(names[0]), strlen("n.log.2006.01.02.15.04.05.000000000"));
    expect_text(names[0], "12345678\n\ncrosses\n");
    snprintf(want, sizeof(want), "p [INF] Rotated log, backup saved as \"%s\"\r\n", names[0]);
    expect_text("n.log", want);
    free_names(names, 1);
    log_file_close(&file);
    folder_clear();
}

static void so_many_files_are_kept(void **state NB_UNUSED)
{
    struct log_file file;
    char *names[8];
    char *text;
    size_t count;

    folder_write("n.log.not-a-time", "kept");
    folder_write("n.log.2006.01.02.15.04.05.00000000", "kept: a digit is missing");
    folder_write("n.log.2006.01.02.15.04.05.0000000000", "kept: one too many");
    folder_write("n.log.2006.01.02.15.04.05.000000000", "the oldest");
    folder_write("other.log.2006.01.02.15.04.05.000000000", "kept: of another file");
    open_good(&file, "n.log", 100, 3); // two, and the active one
    for (int i = 0; i < 3; i++) {
        char line[256];

        memset(line, 'a' + i, 200);
        line[200] = '\n';
        line[201] = '\0';
        write_line(&file, line);
    }
    count = list_backups("n.log.20", names, NB_ARRAY_LEN(names));
    assert_int_equal(count, 4); // two that are none, and the two newest
    text = folder_read(names[2]);
    assert_non_null(strstr(text, "bbbb"));
    nb_free(text);
    text = folder_read(names[3]);
    assert_non_null(strstr(text, "cccc"));
    nb_free(text);
    text = folder_read("n.log");
    assert_non_null(strstr(text, "p [INF] Purged log file \"n.log."));
    nb_free(text);
    assert_int_equal(access("n.log.not-a-time", F_OK), 0);
    assert_int_equal(access("other.log.2006.01.02.15.04.05.000000000", F_OK), 0);
    assert_int_equal(access("n.log.2006.01.02.15.04.05.000000000", F_OK), -1);
    free_names(names, count);
    log_file_close(&file);
    folder_clear();
}

static void one_file_means_no_backups(void **state NB_UNUSED)
{
    struct log_file file;
    char *names[4];

    open_good(&file, "n.log", 5, 1);
    write_line(&file, "crosses\n");
    assert_int_equal(list_backups("n.log.", names, NB_ARRAY_LEN(names)), 0);
    log_file_close(&file);
    folder_clear();
}

static void a_path_is_shown_as_it_was_given(void **state NB_UNUSED)
{
    struct log_file file;
    char *text;

    open_good(&file, "./n.log", 5, 1);
    write_line(&file, "crosses\n");
    text = folder_read("n.log");
    assert_non_null(strstr(text, "Rotated log, backup saved as \"./n.log.2"));
    assert_non_null(strstr(text, "Purged log file \"./n.log.2"));
    nb_free(text);
    log_file_close(&file);
    folder_clear();
}

static void a_rotation_that_fails_is_tried_at_twice_the_size(void **state NB_UNUSED)
{
    struct log_file file;

    open_good(&file, "n.log", 5, 0);
    assert_int_equal(unlink("n.log"), 0); // now it cannot be renamed
    write_line(&file, "crosses\n");
    assert_int_equal(file.size_limit, 10);
    assert_int_equal(access("n.log", F_OK), -1);
    log_file_close(&file);
    folder_clear();
}

static void a_renamed_file_is_left_and_begun_anew(void **state NB_UNUSED)
{
    struct log_file file;
    struct nb_diag diag = {0};

    open_good(&file, "n.log", 0, 0);
    write_line(&file, "before\n");
    assert_int_equal(rename("n.log", "moved"), 0);
    write_line(&file, "still there\n");
    assert_int_equal(log_file_reopen(&file, &diag), NB_OK);
    assert_int_equal(file.size, 0);
    write_line(&file, "after\n");
    expect_text("moved", "before\nstill there\n");
    expect_text("n.log", "after\n");
    log_file_close(&file);
    folder_clear();
}

static void a_reopening_that_fails_goes_on_in_the_old_file(void **state NB_UNUSED)
{
    struct log_file file;
    struct nb_diag diag = {0};

    open_good(&file, "n.log", 0, 0);
    assert_int_equal(rename("n.log", "moved"), 0);
    assert_int_equal(mkdir("n.log", 0700), 0);
    assert_int_equal(log_file_reopen(&file, &diag), NB_EIO);
    assert_string_equal(diag.text, "error opening file: open n.log: is a directory");
    write_line(&file, "on\n");
    expect_text("moved", "on\n");
    log_file_close(&file);
    folder_clear();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_appended_to_and_private),
        cmocka_unit_test(a_file_that_cannot_be_opened_is_told),
        cmocka_unit_test(the_line_that_crosses_the_limit_stays_in_the_old_file),
        cmocka_unit_test(so_many_files_are_kept),
        cmocka_unit_test(one_file_means_no_backups),
        cmocka_unit_test(a_path_is_shown_as_it_was_given),
        cmocka_unit_test(a_rotation_that_fails_is_tried_at_twice_the_size),
        cmocka_unit_test(a_renamed_file_is_left_and_begun_anew),
        cmocka_unit_test(a_reopening_that_fails_goes_on_in_the_old_file),
    };
    return cmocka_run_group_tests_name("log_file", tests, folder_enter, folder_leave);
}
