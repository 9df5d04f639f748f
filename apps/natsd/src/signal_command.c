#include "signal_command.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <natsd/buf.h>
#include <natsd/number.h>

enum {
    PID_FILE_MAX_BYTES = 64,
    MESSAGE_MAX_BYTES = 64 * 1024,
};

/* The argument. */

static const struct {
    const char *name;
    int number;
} commands[] = {
    {"stop", SIGKILL},   {"quit", SIGINT},   {"term", SIGTERM},
    {"reopen", SIGUSR1}, {"reload", SIGHUP}, {"ldm", SIGUSR2},
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

// "[2 3]": what stands behind the second '='.
static void report_parameters(const char *text, struct nb_diag *diag)
{
    char shown[256];

    snprintf(shown, sizeof(shown), "%s", text);
    for (char *at = shown; *at != '\0'; at++) {
        *at = *at == '=' ? ' ' : *at;
    }
    nb_diag_set(diag, "invalid signal parameters: [%s]", shown);
}

int signal_command_parse(struct signal_command *command, const char *argument, struct nb_diag *diag)
{
    const char *equals = strchr(argument, '=');
    const char *second = equals != NULL ? strchr(equals + 1, '=') : NULL;

    if (second != NULL) {
        report_parameters(second + 1, diag);
        return NB_EINVALID;
    }
    *command = (struct signal_command){
        .name = nb_slice_make(argument,
                              equals != NULL ? (size_t)(equals - argument) : strlen(argument)),
        .where = equals != NULL && equals[1] != '\0' ? equals + 1 : NULL,
    };
    if (find_command(command->name, &command->number) != NB_OK) {
        nb_diag_set(diag, "unknown signal \"%.*s\"",
                    NB_SLICE_ARGS(nb_slice_sub(command->name, 0, 256)));
        return NB_EINVALID;
    }
    return NB_OK;
}

/* Servers that run: natsd, or the reference by the name of its program, but not ourselves. */

static bool has_server_name(struct slice pid)
{
    char path[64];
    char name[32] = "";
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%.*s/comm", NB_SLICE_ARGS(pid));
    file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    if (fgets(name, sizeof(name), file) == NULL) {
        name[0] = '\0';
    }
    fclose(file);
    return strcmp(name, "natsd\n") == 0 || strcmp(name, "nats-server\n") == 0;
}

static bool starts(struct slice text, struct slice prefix)
{
    return nb_slice_equal(nb_slice_sub(text, 0, prefix.n), prefix);
}

static void find_servers(struct slice prefix, struct signal_targets *targets)
{
    DIR *dir = opendir("/proc");
    const struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL && targets->count < SIGNAL_PIDS_MAX) {
        struct slice name = nb_slice_of(entry->d_name);
        uint64_t pid;

        if (nb_parse_u64(name, INT32_MAX, &pid) == NB_OK && starts(name, prefix) &&
            (pid_t)pid != getpid() && has_server_name(name)) {
            targets->pids[targets->count++] = (pid_t)pid;
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
}

static int refuse_several(const struct signal_targets *targets, struct nb_diag *diag)
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

/* Where to. */

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

static int find_one(struct slice text, struct signal_targets *targets, struct nb_diag *diag)
{
    uint64_t pid;

    if (nb_parse_u64(text, INT32_MAX, &pid) != NB_OK || pid == 0) {
        nb_diag_set(diag, "invalid pid: %.*s", NB_SLICE_ARGS(nb_slice_sub(text, 0, 256)));
        return NB_EINVALID;
    }
    targets->pids[0] = (pid_t)pid;
    targets->count = 1;
    return NB_OK;
}

int signal_command_find(const struct signal_command *command, struct signal_targets *targets,
                        struct nb_diag *diag)
{
    char buf[PID_FILE_MAX_BYTES];
    struct slice text = {0};
    bool is_pattern;

    targets->count = 0;
    if (command->where != NULL) {
        text = through_file(command->where, buf, sizeof(buf));
    }
    is_pattern = text.n > 0 && text.p[text.n - 1] == '*';
    if (command->where != NULL && !is_pattern) {
        return find_one(text, targets, diag);
    }
    find_servers(is_pattern ? nb_slice_sub(text, 0, text.n - 1) : text, targets);
    if (!is_pattern && targets->count > 1) {
        return refuse_several(targets, diag);
    }
    if (targets->count == 0) {
        nb_diag_set(diag, "no nats-server processes running");
        return NB_ENOTFOUND;
    }
    return NB_OK;
}

/* Sending. */

// Every process is tried; those that failed are told together.
static int send_to_all(const struct signal_command *command, const struct signal_targets *targets,
                       struct nb_diag *diag)
{
    struct nb_buf text;
    char why[128];
    int rc = NB_OK;

    nb_buf_init(&text, MESSAGE_MAX_BYTES);
    for (size_t i = 0; i < targets->count; i++) {
        if (kill(targets->pids[i], command->number) == 0) {
            continue;
        }
        rc = NB_EINVALID;
        if (nb_buf_slice(&text).n < MESSAGE_MAX_BYTES / 2) {
            nb_buf_must_format(&text, "\nsignal \"%.*s\" %d: %s", NB_SLICE_ARGS(command->name),
                               (int)targets->pids[i], nb_errno_text(errno, why, sizeof(why)));
        }
    }
    nb_diag_set(diag, "%.*s", NB_SLICE_ARGS(nb_buf_slice(&text)));
    nb_buf_fini(&text);
    return rc;
}

int signal_command_run(const char *argument, struct nb_diag *diag)
{
    struct signal_command command;
    struct signal_targets *targets;
    int rc = signal_command_parse(&command, argument, diag);

    if (rc != NB_OK) {
        return rc;
    }
    targets = nb_alloc(sizeof(*targets));
    rc = signal_command_find(&command, targets, diag);
    if (rc == NB_OK) {
        rc = send_to_all(&command, targets, diag);
    }
    nb_free(targets);
    return rc;
}
