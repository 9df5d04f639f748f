#include <natsd/connection_type.h>

#include "nb_test.h"

static void names_are_known_in_any_case(void **state NB_UNUSED)
{
    static const struct {
        const char *name;
        uint32_t type;
    } cases[] = {
        {"STANDARD", NAUTH_CONNECTION_STANDARD},
        {"websocket", NAUTH_CONNECTION_WEBSOCKET},
        {"LeafNode", NAUTH_CONNECTION_LEAFNODE},
        {"LEAFNODE_WS", NAUTH_CONNECTION_LEAFNODE_WS},
        {"MQTT", NAUTH_CONNECTION_MQTT},
        {"MQTT_WS", NAUTH_CONNECTION_MQTT_WS},
        {"IN_PROCESS", NAUTH_CONNECTION_IN_PROCESS},
        {"", 0},
        {"MQT", 0},
        {"MQTT_", 0},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        assert_int_equal(nauth_connection_type_of(nb_slice_of(cases[i].name)), cases[i].type);
    }
}

static void no_types_are_all_types(void **state NB_UNUSED)
{
    const uint32_t some = NAUTH_CONNECTION_MQTT | NAUTH_CONNECTION_WEBSOCKET;

    assert_true(nauth_connection_type_allows(0, NAUTH_CONNECTION_STANDARD));
    assert_true(nauth_connection_type_allows(some, NAUTH_CONNECTION_MQTT));
    assert_false(nauth_connection_type_allows(some, NAUTH_CONNECTION_MQTT_WS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_known_in_any_case),
        cmocka_unit_test(no_types_are_all_types),
    };
    return cmocka_run_group_tests_name("connection_type", tests, NULL, NULL);
}
