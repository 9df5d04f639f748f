/* natsd/connection_type.h - the kinds of connections that a user may be limited to (spec 03
 * section 10.5): a set of bits, 0 for all of them. Threads: [any].
 */
#pragma once

#include <natsd/slice.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum nauth_connection_type {
    NAUTH_CONNECTION_STANDARD = 1 << 0,
    NAUTH_CONNECTION_WEBSOCKET = 1 << 1,
    NAUTH_CONNECTION_LEAFNODE = 1 << 2,
    NAUTH_CONNECTION_LEAFNODE_WS = 1 << 3,
    NAUTH_CONNECTION_MQTT = 1 << 4,
    NAUTH_CONNECTION_MQTT_WS = 1 << 5,
    NAUTH_CONNECTION_IN_PROCESS = 1 << 6,
};

// The type of this name, in any case; 0 for an unknown one.
static inline uint32_t nauth_connection_type_of(struct slice name)
{
    static const char *const names[] = {"STANDARD", "WEBSOCKET", "LEAFNODE",  "LEAFNODE_WS",
                                        "MQTT",     "MQTT_WS",   "IN_PROCESS"};

    for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (nb_slice_equal_nocase(name, nb_slice_of(names[i]))) {
            return UINT32_C(1) << i;
        }
    }
    return 0;
}

static inline bool nauth_connection_type_allows(uint32_t types, enum nauth_connection_type type)
{
    return types == 0 || (types & (uint32_t)type) != 0;
}

#ifdef __cplusplus
}
#endif
