#include "auth/seed_types.h"

static const struct {
    const char *name;
    enum nauth_nkey_type type;
} types[] = {
    {"user", NAUTH_NKEY_USER},         {"account", NAUTH_NKEY_ACCOUNT},
    {"server", NAUTH_NKEY_SERVER},     {"cluster", NAUTH_NKEY_CLUSTER},
    {"operator", NAUTH_NKEY_OPERATOR}, {"curve", NAUTH_NKEY_CURVE},
    {"x25519", NAUTH_NKEY_CURVE},
};

int seed_type_of(const char *name, enum nauth_nkey_type *out)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(types); i++) {
        if (strcmp(types[i].name, name) == 0) {
            *out = types[i].type;
            return NB_OK;
        }
    }
    return NB_ENOTFOUND;
}

const char *seed_type_name(enum nauth_nkey_type type)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(types); i++) {
        if (types[i].type == type) {
            return types[i].name;
        }
    }
    return "unknown";
}
