#include "signal_command.h"

#include "folder.h"

#include <natsd/memory.h>

#include <signal.h>
#include <sys/wait.h>

/* The argument. */

static void each_command_has_its_signal(void **state NB_UNUSED)
{
    static const struct {
        const char *argument;
        const char *name;
        int number;
        const char *where;
    } cases[] = {
        {"stop", "stop", SIGKILL, NULL},
        {"quit=", "quit", SIGINT, NULL},
        {"term=5", "term", SIGTERM, "5"},
        {"reopen=1*", "reopen", SIGUSR1, "1*"},
        {"reload=/run/x.pid", "reload", SIGHUP, "/run/x.pid"},
        {"ldm=*", "ldm", SIGUSR2, "*"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct signal_command command;
        struct nb_diag diag = {0};

        assert_int_equal(signal_command_parse(&command, cases[i].argument, &diag), NB_OK);
        assert_true(nb_slice_is(command.name, cases[i].name));
        assert_int_equal(command.number, cases[i].number);
        assert_true(nb_slice_equal(nb_slice_of(command.where), nb_slice_of(cases[i].where)));
    }
}

static void anything_else_is_told(void **state NB_UNUSED)
{
    static const char *const cases[][2] = {
        {"bogus", "unknown signal \"bogus\""},
        {"bogus=5", "unknown signal \"bogus\""},
        {"QUIT=5", "unknown signal \"QUIT\""},
        {"=5", "unknown signal \"\""},
        {"quit=pid=foo", "invalid signal parameters: [foo]"},
        {"quit=1=2=3", "invalid signal parameters: [2 3]"},
        {"bogus=1=2", "invalid signal parameters: [2]"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct signal_command command;
        struct nb_diag diag = {0};

        assert_int_equal(signal_command_parse(&command, cases[i][0], &diag), NB_EINVALID);
        assert_string_equal(diag.text, cases[i][1]);
    }
}

/* Where to. */

static int find(const char *argument, struct signal_targets *targets, struct nb_diag *diag)
{
    struct signal_command command;

    assert_int_equal(signal_command_parse(&command, argument, diag), NB_OK);
    return signal_command_find(&command, targets, diag);
}

static void a_process_id_stands_there_or_in_a_file(void **state NB_UNUSED)
{
    static const struct {
        const char *file; // NULL: none
        const char *argument;
        pid_t pid;
    } cases[] = {
        {NULL, "quit=12", 12},
        {"12", "quit=n.pid", 12},
        {"12\n", "quit=n.pid", 12},
        {" 12 \r\n", "quit=./n.pid", 12},
        {NULL, "quit=2147483647", 2147483647},
    };
    struct signal_targets *targets = nb_alloc(sizeof(*targets));

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nb_diag diag = {0};

        if (cases[i].file != NULL) {
            folder_write("n.pid", cases[i].file);
        }
        assert_int_equal(find(cases[i].argument, targets, &diag), NB_OK);
        assert_int_equal(targets->count, 1);
        assert_int_equal(targets->pids[0], cases[i].pid);
    }
    folder_clear();
    nb_free(targets);
}

static void what_is_no_process_id_is_refused(void **state NB_UNUSED)
{
    static const struct {
        const char *file;
        const char *argument;
        const char *reason;
    } cases[] = {
        {NULL, "quit=abc", "invalid pid: abc"},
        {NULL, "quit=none.pid", "invalid pid: none.pid"},
        {NULL, "quit=-5", "invalid pid: -5"}, // would be a group of processes
        {NULL, "quit=0", "invalid pid: 0"},   // as would this
        {NULL, "quit=2147483648", "invalid pid: 2147483648"},
        {"", "quit=n.pid", "invalid pid: "},
        {"12 13", "quit=n.pid", "invalid pid: 12 13"},
    };
    struct signal_targets *targets = nb_alloc(sizeof(*targets));

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nb_diag diag = {0};

        if (cases[i].file != NULL) {
            folder_write("n.pid", cases[i].file);
        }
        assert_int_equal(find(cases[i].argument, targets, &diag), NB_EINVALID);
        assert_string_equal(diag.text, cases[i].reason);
    }
    folder_clear();
    nb_free(targets);
}

static void a_pattern_that_fits_no_server_finds_none(void **state NB_UNUSED)
{
    struct signal_targets *targets = nb_alloc(sizeof(*targets));
    struct nb_diag diag = {0};

    assert_int_equal(find("quit=0*", targets, &diag), NB_ENOTFOUND); // no id begins so
    assert_string_equal(diag.text, "no nats-server processes running");
    nb_free(targets);
}

/* Sending. */

// A child that waits for a signal.
static pid_t start_waiter(void)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        for (;;) {
            pause();
        }
    }
    return pid;
}

static void the_signal_arrives(void **state NB_UNUSED)
{
    pid_t pid = start_waiter();
    struct nb_diag diag = {0};
    char argument[32];
    int status;

    snprintf(argument, sizeof(argument), "term=%d", (int)pid);
    assert_int_equal(signal_command_run(argument, &diag), NB_OK);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
    // There is nobody of that id any more.
    assert_int_equal(signal_command_run(argument, &diag), NB_EINVALID);
    {
        char want[64];

        snprintf(want, sizeof(want), "\nsignal \"term\" %d: no such process", (int)pid);
        assert_string_equal(diag.text, want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_command_has_its_signal),
        cmocka_unit_test(anything_else_is_told),
        cmocka_unit_test(a_process_id_stands_there_or_in_a_file),
        cmocka_unit_test(what_is_no_process_id_is_refused),
        cmocka_unit_test(a_pattern_that_fits_no_server_finds_none),
        cmocka_unit_test(the_signal_arrives),
    };
    return cmocka_run_group_tests_name("signal_command", tests, folder_enter, folder_leave);
}
