/* auth_store.h - a folder of its own for each test of `natsctl auth`, and what is looked at in it.
 * program.h comes before it.
 */
#pragma once

#include <ftw.h>
#include <sys/stat.h>

struct place {
    char folder[64];
};

static inline int place_remove_entry(const char *path, const struct stat *status, int type,
                                     struct FTW *ftw)
{
    (void)status;
    (void)type;
    (void)ftw;
    return remove(path);
}

// The working folder of this process, and where its natsctl looks for everything.
static inline int place_open(void **state)
{
    struct place *place = test_calloc(1, sizeof(*place));

    snprintf(place->folder, sizeof(place->folder), "/tmp/natsctl-auth-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    assert_int_equal(chdir(place->folder), 0);
    setenv("XDG_DATA_HOME", place->folder, 1);
    setenv("XDG_CONFIG_HOME", place->folder, 1);
    unsetenv("NKEYS_PATH");
    unsetenv("NATS_CONTEXT");
    unsetenv("NATS_USER");
    unsetenv("NATS_CREDS");
    *state = place;
    return 0;
}

static inline int place_close(void **state)
{
    struct place *place = *state;

    assert_int_equal(chdir("/"), 0);
    assert_int_equal(nftw(place->folder, place_remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
    test_free(place);
    return 0;
}

// Runs a line, which must end so; the outputs are in *program.
static inline void ctl(struct program *program, const char *line, int code)
{
    run(program, line);
    if (program->code != code) {
        fail_msg("\"%s\": exit code %d, want %d: %s", line, program->code, code, program->err_text);
    }
}

static inline void ok(const char *line)
{
    struct program program;

    ctl(&program, line, 0);
}

static inline void refused(const char *line, int code, const char *why)
{
    struct program program;

    ctl(&program, line, code);
    expect_in(program.err_text, why);
}

static inline void shows(const char *line, const char *what)
{
    struct program program;

    ctl(&program, line, 0);
    expect_in(program.out_text, what);
}

static inline void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static inline void read_file(const char *path, char *out, size_t size)
{
    FILE *file = fopen(path, "r");
    size_t n;

    if (file == NULL) {
        fail_msg("%s is not there", path);
        return;
    }
    n = fread(out, 1, size - 1, file);
    out[n] = '\0';
    assert_int_equal(fclose(file), 0);
}
