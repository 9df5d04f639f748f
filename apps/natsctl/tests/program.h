/* program.h - the program itself, run from outside: NATSCTL_PROGRAM and others.
 *
 * fake_server.h (libs/client/tests) comes before it.
 */
#pragma once

#include "fake_server.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

extern char **environ;

struct program {
    pid_t pid;
    int in;
    int out;
    int err;
    char out_text[65536];
    char err_text[65536];
    int code; // 128 + n for signal n
};

enum { ARGC_MAX = 32 };

// From now on natsctl connects there and nowhere else, whoever runs the tests.
static inline void program_use_server(const char *url)
{
    setenv("NATS_URL", url, 1);
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1); // nobody's contexts
    unsetenv("NATS_CONTEXT");
    unsetenv("NATS_USER");
    unsetenv("NATS_CREDS");
}

// Arguments are separated by '|'; the first one is no part of the line.
static inline void program_start_file(struct program *program, const char *path, const char *line)
{
    posix_spawn_file_actions_t actions;
    char *room = test_malloc(strlen(line) + 1);
    char *argv[ARGC_MAX + 1] = {(char *)(uintptr_t) "natsctl"};
    int argc = 1;
    int fds[3][2];

    memset(program, 0, sizeof(*program));
    memcpy(room, line, strlen(line) + 1);
    for (char *at = room; at != NULL && argc < ARGC_MAX;) {
        char *bar = strchr(at, '|');

        if (bar != NULL) {
            *bar++ = '\0';
        }
        argv[argc++] = at;
        at = bar;
    }
    posix_spawn_file_actions_init(&actions);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pipe2(fds[i], O_CLOEXEC), 0);
        posix_spawn_file_actions_adddup2(&actions, fds[i][i == 0 ? 0 : 1], i);
    }
    assert_int_equal(posix_spawn(&program->pid, path, &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(fds[0][0]);
    close(fds[1][1]);
    close(fds[2][1]);
    program->in = fds[0][1];
    program->out = fds[1][0];
    program->err = fds[2][0];
    test_free(room);
}

static inline void program_start(struct program *program, const char *line)
{
    program_start_file(program, NATSCTL_PROGRAM, line);
}

static inline void program_write(struct program *program, const char *bytes)
{
    assert_int_equal(write(program->in, bytes, strlen(bytes)), strlen(bytes));
}

static inline void program_close_input(struct program *program)
{
    if (program->in >= 0) {
        close(program->in);
        program->in = -1;
    }
}

static inline bool read_some(int fd, char *text, size_t size)
{
    size_t n = strlen(text);
    ssize_t got = read(fd, text + n, size - 1 - n);

    assert_true(got >= 0);
    text[n + (size_t)got] = '\0';
    return got > 0;
}

// Until it says this on its standard output.
static inline void program_await(struct program *program, const char *output)
{
    while (strstr(program->out_text, output) == NULL) {
        wait_readable(program->out, output);
        assert_true(read_some(program->out, program->out_text, sizeof(program->out_text)));
    }
}

// The same on its standard error.
static inline void program_await_error(struct program *program, const char *output)
{
    while (strstr(program->err_text, output) == NULL) {
        wait_readable(program->err, output);
        assert_true(read_some(program->err, program->err_text, sizeof(program->err_text)));
    }
}

static inline void program_end(struct program *program)
{
    int status;

    program_close_input(program);
    while (read_some(program->out, program->out_text, sizeof(program->out_text))) {
    }
    while (read_some(program->err, program->err_text, sizeof(program->err_text))) {
    }
    close(program->out);
    close(program->err);
    assert_int_equal(waitpid(program->pid, &status, 0), program->pid);
    program->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Without a server.
static inline void run(struct program *program, const char *line)
{
    program_start(program, line);
    program_end(program);
}

static inline void expect_code(const struct program *program, int code)
{
    if (program->code != code) {
        fail_msg("exit code %d, want %d: %s", program->code, code, program->err_text);
    }
}

static inline void expect_in(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", part, text);
    }
}
