#include "command_line.h"

#include "nb_test.h"

#include <natsd/memory.h>
#include <natsd/slice.h>

#define LINE_MAX 8

static const struct {
    const char *argv[LINE_MAX];
    const char *shown[LINE_MAX];
} rows[] = {
    {{"natsd"}, {"natsd"}},
    {{"natsd", "-c", "x", "-p", "4222", "-D"}, {"natsd", "-c", "x", "-p", "4222", "-D"}},
    {{"natsd", "--user", "u", "-pass", "p"},
     {"natsd", "--user", "[REDACTED]", "-pass", "[REDACTED]"}},
    {{"natsd", "--user=u", "-pass=p", "--auth="},
     {"natsd", "--user=[REDACTED]", "-pass=[REDACTED]", "--auth=[REDACTED]"}},
    {{"natsd", "--name", "--pass", "--pass", "secret", "-n", "x"},
     {"natsd", "--name", "--pass", "--pass", "[REDACTED]", "-n", "x"}},
    {{"natsd", "--pass", "--auth", "-t=true", "--user=a=b"},
     {"natsd", "--pass", "[REDACTED]", "-t=true", "--user=[REDACTED]"}},
    {{"natsd", "--routes", "nats://a:1"}, {"natsd", "--routes", "nats://a:1"}},
    {{"natsd", "--routes=nats://u:p@a:1,nats://b:2,nats://t@c"},
     {"natsd", "--routes=nats://[REDACTED]@a:1,nats://b:2,nats://[REDACTED]@c"}},
    {{"natsd", "--routes", "nats://u:p,q/r@s@a:1"}, {"natsd", "--routes", "nats://[REDACTED]@a:1"}},
    {{"natsd", "--cluster", "u:p@a:1"}, {"natsd", "--cluster", "[REDACTED]@a:1"}},
    {{"natsd", "-cluster_listen=nats://u:p@a:1"},
     {"natsd", "-cluster_listen=nats://[REDACTED]@a:1"}},
    {{"natsd", "--cluster", "@://@://@"},
     {"natsd", "--cluster", "[REDACTED]@://[REDACTED]@://[REDACTED]@"}},
};

static size_t count_of(const char *const *words)
{
    size_t n = 0;

    while (n < LINE_MAX && words[n] != NULL) {
        n++;
    }
    return n;
}

static void secrets_are_not_shown(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(rows); i++) {
        size_t count = count_of(rows[i].argv);
        struct nserver_options opts;
        struct nb_diag diag = {0};
        struct flags flags;

        nserver_options_init(&opts);
        if (flags_parse(&flags, (int)count, (char *const *)rows[i].argv, &diag) != NB_OK) {
            fail_msg("row %zu: %s", i, diag.text);
        }
        command_line_show(&flags, &opts);
        assert_int_equal(opts.command_line_count, count);
        for (size_t k = 0; k < count; k++) {
            assert_string_equal(opts.command_line[k], rows[i].shown[k]);
        }
        nserver_options_fini(&opts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_not_shown),
    };

    return cmocka_run_group_tests_name("command_line", tests, NULL, NULL);
}
