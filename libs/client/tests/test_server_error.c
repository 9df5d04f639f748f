#include "server_error.h"

#include "nb_test.h"

static const struct {
    const char *arg;
    const char *text;
    enum nclient__server_error kind;
} cases[] = {
    {"'Stale Connection'", "Stale Connection", NCLIENT__SERVER_ERROR_RECONNECT},
    {"'maximum connections exceeded'", "maximum connections exceeded",
     NCLIENT__SERVER_ERROR_RECONNECT},
    {"'maximum account active connections exceeded'", "maximum account active connections exceeded",
     NCLIENT__SERVER_ERROR_RECONNECT},
    {"'Connection throttling is active. Please try again later.'",
     "Connection throttling is active. Please try again later.", NCLIENT__SERVER_ERROR_RECONNECT},
    {"'Authorization Violation'", "Authorization Violation", NCLIENT__SERVER_ERROR_AUTH},
    {"'User Authentication Expired'", "User Authentication Expired", NCLIENT__SERVER_ERROR_AUTH},
    {"'Account Authentication Expired'", "Account Authentication Expired",
     NCLIENT__SERVER_ERROR_AUTH},
    {"'User Authentication Revoked'", "User Authentication Revoked", NCLIENT__SERVER_ERROR_AUTH},
    {"'Permissions Violation for Publish to \"a\"'", "Permissions Violation for Publish to \"a\"",
     NCLIENT__SERVER_ERROR_PASSING},
    {"'maximum subscriptions exceeded'", "maximum subscriptions exceeded",
     NCLIENT__SERVER_ERROR_PASSING},
    {"'Unknown Protocol Operation'", "Unknown Protocol Operation", NCLIENT__SERVER_ERROR_FATAL},
    {"no quotes", "no quotes", NCLIENT__SERVER_ERROR_FATAL},
    {"'", "'", NCLIENT__SERVER_ERROR_FATAL},
    {"''", "''", NCLIENT__SERVER_ERROR_FATAL},
    {"", "", NCLIENT__SERVER_ERROR_FATAL},
    {"'Stale'", "Stale", NCLIENT__SERVER_ERROR_FATAL},
};

static void error_text_decides_what_follows(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice exact = nb_slice_dup(nb_slice_of(cases[i].arg));
        struct slice text = nclient__server_error_text(exact);

        if (!nb_slice_is(text, cases[i].text) ||
            nclient__server_error_kind(text) != cases[i].kind) {
            fail_msg("%s", cases[i].arg);
        }
        nb_slice_free(&exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_text_decides_what_follows),
    };
    return cmocka_run_group_tests_name("server_error", tests, NULL, NULL);
}
