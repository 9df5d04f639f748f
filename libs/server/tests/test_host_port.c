#include "options/host_port.h"

#include "nb_test.h"

static struct slice exact(const char *text)
{
    size_t n = strlen(text);
    char *copy = malloc(n + 1);

    assert_non_null(copy);
    memcpy(copy, text, n + 1);
    return nb_slice_make(copy, n);
}

static void host_and_port_are_taken_apart(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        const char *host;
        const char *port;
    } cases[] = {
        {"127.0.0.1:4222", "127.0.0.1", "4222"},
        {"h:-1", "h", "-1"},
        {"[::1]:4222", "::1", "4222"},
        {"[fe80::1%eth0]:1", "fe80::1%eth0", "1"},
        {"[a]:5", "a", "5"},
        {"[]:5", "", "5"},
        {":5", "", "5"},
        {"h:", "h", ""},
        {":", "", ""},
        {"h:abc", "h", "abc"},
        {" h : 5 ", " h ", " 5 "},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice text = exact(cases[i].text);
        struct slice host;
        struct slice port;
        struct nb_diag diag = {"untouched"};

        assert_int_equal(nserver__split_host_port(text, &host, &port, &diag), NB_OK);
        assert_string_equal(diag.text, "untouched");
        if (!nb_slice_is(host, cases[i].host) || !nb_slice_is(port, cases[i].port)) {
            fail_msg("%s: \"%.*s\" and \"%.*s\"", cases[i].text, NB_SLICE_ARGS(host),
                     NB_SLICE_ARGS(port));
        }
        free((void *)text.p);
    }
}

static void anything_else_is_refused_with_a_reason(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        const char *reason;
    } cases[] = {
        {"", "address : missing port in address"},
        {"host", "address host: missing port in address"},
        {"[::1]", "address [::1]: missing port in address"},
        {"[a]b", "address [a]b: missing port in address"},
        {"[a]b:5", "address [a]b:5: missing port in address"},
        {"[a]]:5", "address [a]]:5: missing port in address"},
        {"::1", "address ::1: too many colons in address"},
        {"a:b:c", "address a:b:c: too many colons in address"},
        {"[a]:b:5", "address [a]:b:5: too many colons in address"},
        {"[a:5", "address [a:5: missing ']' in address"},
        {"[:", "address [:: missing ']' in address"},
        {"a[b]:5", "address a[b]:5: unexpected '[' in address"},
        {"a:[5", "address a:[5: unexpected '[' in address"},
        {"[[a]:5", "address [[a]:5: unexpected '[' in address"},
        {"]:5", "address ]:5: unexpected ']' in address"},
        {"a:5]", "address a:5]: unexpected ']' in address"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice text = exact(cases[i].text);
        struct slice host = NB_SLICE("untouched");
        struct slice port = NB_SLICE("untouched");
        struct nb_diag diag = {0};
        bool lacks_port = strstr(cases[i].reason, "missing port") != NULL;

        assert_int_equal(nserver__split_host_port(text, &host, &port, &diag),
                         lacks_port ? NB_ENOTFOUND : NB_EMALFORMED);
        assert_string_equal(diag.text, cases[i].reason);
        assert_true(nb_slice_is(host, "untouched"));
        assert_true(nb_slice_is(port, "untouched"));
        assert_int_not_equal(nserver__split_host_port(text, &host, &port, NULL), NB_OK);
        free((void *)text.p);
    }
}

// Whatever stands in brackets or before the colon, a good answer put together is the text again.
static void every_short_text_is_answered_consistently(void **state NB_UNUSED)
{
    static const char letters[] = {'a', ':', '[', ']'};
    enum { LENGTH = 6, COUNT = 4096 }; // 4 ^ 6

    for (unsigned number = 0; number < COUNT; number++) {
        char text[LENGTH];
        char again[2 * LENGTH];
        struct slice host;
        struct slice port;
        int n;

        for (unsigned i = 0, rest = number; i < LENGTH; i++, rest /= 4) {
            text[i] = letters[rest % 4];
        }
        if (nserver__split_host_port(nb_slice_make(text, LENGTH), &host, &port, NULL) != NB_OK) {
            continue;
        }
        n = snprintf(again, sizeof(again), text[0] == '[' ? "[%.*s]:%.*s" : "%.*s:%.*s",
                     NB_SLICE_ARGS(host), NB_SLICE_ARGS(port));
        assert_int_equal(n, LENGTH);
        assert_memory_equal(again, text, LENGTH);
    }
}

/* Addresses to tell others. */

static void an_advertised_address_may_lack_a_port(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        const char *host;
        int64_t port;
    } cases[] = {
        {"h:1", "h", 1},     {"h", "h", 0},         {"h:0", "h", 0},     {"h:-1", "h", 0},
        {"[::1]", "::1", 0}, {"[::1]:7", "::1", 7}, {" h : 8 ", "h", 8}, {":9", "", 9},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice host = {0};
        int64_t port = -5;
        struct nb_diag diag = {0};

        if (nserver__parse_advertise(nb_slice_of(cases[i].text), &host, &port, &diag) != NB_OK ||
            !nb_slice_is(host, cases[i].host) || port != cases[i].port) {
            fail_msg("%s: %.*s %lld %s", cases[i].text, NB_SLICE_ARGS(host), (long long)port,
                     diag.text);
        }
    }
}

static void no_address_is_told_with_a_reason(void **state NB_UNUSED)
{
    static const char *const cases[][2] = {
        {"a:b:c", "address a:b:c: too many colons in address"},
        {"[a", "address [a:0: missing ']' in address"},
        {"a:x", "\"x\": invalid syntax"},
        {"a:99999999999", "\"99999999999\": value out of range"},
    };
    char large[600];
    struct slice host = {0};
    int64_t port = -5;

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nb_diag diag = {0};

        assert_int_not_equal(
            nserver__parse_advertise(nb_slice_of(cases[i][0]), &host, &port, &diag), NB_OK);
        assert_string_equal(diag.text, cases[i][1]);
    }
    memset(large, 'a', sizeof(large));
    assert_int_equal(nserver__parse_advertise(nb_slice_make(large, 512), &host, &port, NULL),
                     NB_OK);
    assert_int_equal(nserver__parse_advertise(nb_slice_make(large, 513), &host, &port, NULL),
                     NB_EMALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_and_port_are_taken_apart),
        cmocka_unit_test(anything_else_is_refused_with_a_reason),
        cmocka_unit_test(every_short_text_is_answered_consistently),
        cmocka_unit_test(an_advertised_address_may_lack_a_port),
        cmocka_unit_test(no_address_is_told_with_a_reason),
    };
    return cmocka_run_group_tests_name("host_port", tests, NULL, NULL);
}
