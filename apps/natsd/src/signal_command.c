#include "signal_command.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <natsd/buf.h>
#include <natsd/number.h>

enum {
    PIDS_MAX = 4096,
    PID_FILE_MAX_BYTES = 64,
    MESSAGE_MAX_BYTES = 64 * 1024,
};

static const struct {
    const char *name;
    int number;
} commands[] = {
    {"stop", SIGKILL},   {"quit", SIGINT},   {"term", SIGTERM},
    {"reopen", SIGUSR1}, {"reload", SIGHUP}, {"ldm", SIGUSR2},
};

struct targets {
    pid_t pids[PIDS_MAX];
    size_t count;
};

static int find_command(struct slice name, int *number)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(commands); i++) {
        if (nb_slice_is(name, commands[i].name)) {
            *number = commands[i].number;
            return NB_OK;
        }
    }
    return NB_ENOTFOUND;
}

// Running servers, natsd or the reference by the name of their program, but not ourselves.
static bool is_server(const char *pid)
{
    char path[64];
    char name[32] = "";
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
    file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    if (fgets(name, sizeof(name), file) == NULL) {
        name[0] = '\0';
    }
    fclose(file);
    return (strcmp(name, "natsd\n") == 0 || strcmp(name, "nats-server\n") == 0) &&
           atol(pid) != getpid();
}

static void find_servers(struct slice prefix, struct targets *targets)
{
    DIR *dir = opendir("/proc");
    const struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL && targets->count < PIDS_MAX) {
        struct slice name = nb_slice_of(entry->d_name);
        uint64_t pid;

        if (nb_parse_u64(name, INT32_MAX, &pid) == NB_OK && name.n >= prefix.n &&
            memcmp(name.p, prefix.p, prefix.n) == 0 && is_server(entry->d_name)) {
            targets->pids[targets->count++] = (pid_t)pid;
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
}

// A PID file's text in place of its name; anything else stays as it is.
static struct slice through_file(const char *text, char *buf, size_t room)
{
    FILE *file = fopen(text, "re");
    size_t n;

    if (file == NULL) {
        return nb_slice_of(text);
    }
    n = fread(buf, 1, room, file);
    fclose(file);
    return nb_slice_trim(nb_slice_make(buf, n));
}

static int list_several(const struct targets *targets, struct nb_diag *diag)
{
    struct nb_buf text;

    nb_buf_init(&text, MESSAGE_MAX_BYTES);
    nb_buf_must_text(&text, "multiple nats-server processes running:");
    for (size_t i = 0; i < targets->count; i++) {
        nb_buf_must_format(&text, "\n%d", (int)targets->pids[i]);
    }
    nb_diag_set(diag, "%.*s", NB_SLICE_ARGS(nb_buf_slice(&text)));
    nb_buf_fini(&text);
    return NB_EINVALID;
}

static int find_targets(const char *where, struct targets *targets, struct nb_diag *diag)
{
    char buf[PID_FILE_MAX_BYTES];
    struct slice text = where != NULL ? through_file(where, buf, sizeof(buf)) : (struct slice){0};
    uint64_t pid;

    if (text.n > 0 && text.p[text.n - 1] == '*') {
        find_servers(nb_slice_sub(text, 0, text.n - 1), targets);
    } else if (text.n > 0) {
        if (nb_parse_u64(text, INT32_MAX, &pid) != NB_OK || pid == 0) {
            nb_diag_set(diag, "invalid pid: %.*s", NB_SLICE_ARGS(text));
            return NB_EINVALID;
        }
        targets->pids[targets->count++] = (pid_t)pid;
        return NB_OK;
    } else {
        find_servers((struct slice){0}, targets);
        if (targets->count > 1) {
            return list_several(targets, diag);
        }
    }
    if (targets->count == 0) {
        nb_diag_set(diag, "no nats-server processes running");
        return NB_ENOTFOUND;
    }
    return NB_OK;
}

static int send_to_all(const struct targets *targets, int number, struct slice name,
                       struct nb_diag *diag)
{
    struct nb_buf text;
    int rc = NB_OK;

    nb_buf_init(&text, MESSAGE_MAX_BYTES);
    for (size_t i = 0; i < targets->count; i++) {
        if (kill(targets->pids[i], number) != 0) {
            rc = NB_EINVALID;
            if (nb_buf_slice(&text).n < MESSAGE_MAX_BYTES / 2) {
                nb_buf_must_format(&text, "\nsignal \"%.*s\" %d: %s", NB_SLICE_ARGS(name),
                                   (int)targets->pids[i],
                                   errno == ESRCH ? "no such process" : strerror(errno));
            }
        }
    }
    nb_diag_set(diag, "%.*s", NB_SLICE_ARGS(nb_buf_slice(&text)));
    nb_buf_fini(&text);
    return rc;
}

int signal_command_run(const char *argument, struct nb_diag *diag)
{
    const char *equals = strchr(argument, '=');
    struct slice name =
        nb_slice_make(argument, equals != NULL ? (size_t)(equals - argument) : strlen(argument));
    struct targets *targets;
    int number;
    int rc;

    if (equals != NULL && strchr(equals + 1, '=') != NULL) {
        nb_diag_set(diag, "invalid signal parameters: [%s]", equals + 1);
        return NB_EINVALID;
    }
    if (find_command(name, &number) != NB_OK) {
        nb_diag_set(diag, "unknown signal \"%.*s\"", NB_SLICE_ARGS(name));
        return NB_EINVALID;
    }
    targets = nb_zalloc(sizeof(*targets));
    rc = find_targets(equals != NULL ? equals + 1 : NULL, targets, diag);
    if (rc == NB_OK) {
        rc = send_to_all(targets, number, name, diag);
    }
    nb_free(targets);
    return rc;
}
