#include "nb_test.h"

#include <natsd/listener.h>

#include <arpa/inet.h>
#include <string.h>

struct seen {
    unsigned count;
    bool has_loopback;
};

static void look(void *ctx, const char *ip, bool is_global)
{
    struct seen *seen = ctx;
    uint8_t address[16];

    seen->count++;
    if (strcmp(ip, "127.0.0.1") == 0) {
        seen->has_loopback = true;
        assert_false(is_global);
    }
    if (strcmp(ip, "::1") == 0 || strncmp(ip, "fe80:", 5) == 0) {
        assert_false(is_global);
    }
    assert_true(inet_pton(strchr(ip, ':') != NULL ? AF_INET6 : AF_INET, ip, address) == 1);
}

static void interfaces_are_listed_with_their_scope(void **state NB_UNUSED)
{
    struct seen seen = {.count = 0};

    nnet_interface_each(look, &seen);
    assert_true(seen.count >= 1);
    assert_true(seen.has_loopback);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interfaces_are_listed_with_their_scope),
    };
    return cmocka_run_group_tests_name("interfaces", tests, NULL, NULL);
}
