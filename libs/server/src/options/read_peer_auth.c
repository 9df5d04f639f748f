/* read_peer_auth.c - authorization blocks of listeners that are not the clients' (spec 02 sections
 * 4.10, 4.12, 4.14 and 4.15): one user at most.
 */
#include <stddef.h>

#include "options/read_block.h"

#define TIMEOUT_ADVISED_MAX_S 60.0

static bool expect_map(struct reading *r, const struct nconf_value *value)
{
    struct nb_diag diag;

    if (nconf_expect(value, NCONF_MAP, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return false;
    }
    return true;
}

bool nserver__read_auth_timeout(struct reading *r, const struct nconf_value *value,
                                const char *block, double *timeout_s)
{
    if (!nserver__read_seconds(r, value, block, timeout_s)) {
        return false;
    }
    if (*timeout_s > TIMEOUT_ADVISED_MAX_S) {
        nserver__read_warning(
            r, value,
            "invalid use of field %s: timeout of %s (%f seconds) is high, consider keeping it "
            "under 60 seconds. possibly caused by unquoted duration; use '1m' instead of 1m, for "
            "example",
            nserver__quoted(r, value->key), nserver__shown(r, value), *timeout_s);
    }
    return true;
}

/* Of other servers: the keys of the clients' block, most of which are refused then. */

struct peer_auth {
    char *username, *password, *token;
    double timeout_s;
    struct nauth_permissions *permissions;
    bool proxy_required;
    bool has_users, has_callout;
};

static void read_timeout(struct reading *r, const struct nconf_value *value, void *block)
{
    struct peer_auth *auth = block;

    (void)nserver__read_auth_timeout(r, value, "authorization config", &auth->timeout_s);
}

// Refused as a whole later on, unless it is something else.
static void note_users(struct reading *r, const struct nconf_value *value, void *block)
{
    if (value->type == NCONF_ARRAY) {
        ((struct peer_auth *)block)->has_users = true;
    } else {
        nserver__read_error(r, value, "Expected users field to be an array, got %s",
                            nserver__shown(r, value));
    }
}

static void note_callout(struct reading *r, const struct nconf_value *value, void *block)
{
    if (value->type == NCONF_MAP) {
        ((struct peer_auth *)block)->has_callout = true;
    } else {
        nserver__read_error(r, value, "Expected authorization callout to be a map/struct, got %s",
                            nserver__shown(r, value));
    }
}

static void read_permissions(struct reading *r, const struct nconf_value *value, void *block)
{
    nserver__read_permissions(r, value, &((struct peer_auth *)block)->permissions);
}

#define MEMBER(name) offsetof(struct peer_auth, name)

static const struct nserver__option peer_options[] = {
    {"user", NSERVER__OPTION_TEXT, MEMBER(username), NULL, NULL},
    {"username", NSERVER__OPTION_TEXT, MEMBER(username), NULL, NULL},
    {"pass", NSERVER__OPTION_TEXT, MEMBER(password), NULL, NULL},
    {"password", NSERVER__OPTION_TEXT, MEMBER(password), NULL, NULL},
    {"token", NSERVER__OPTION_TEXT, MEMBER(token), NULL, NULL},
    {"proxy_required", NSERVER__OPTION_BOOL, MEMBER(proxy_required), NULL, NULL},
    {"timeout", NSERVER__OPTION_SPECIAL, 0, read_timeout, NULL},
    {"users", NSERVER__OPTION_SPECIAL, 0, note_users, NULL},
    {"auth_callout", NSERVER__OPTION_SPECIAL, 0, note_callout, NULL},
    {"auth_hook", NSERVER__OPTION_SPECIAL, 0, note_callout, NULL},
    {"permissions", NSERVER__OPTION_SPECIAL, 0, read_permissions, NULL},
    {"default_permission", NSERVER__OPTION_SPECIAL, 0, read_permissions, NULL},
    {"default_permissions", NSERVER__OPTION_SPECIAL, 0, read_permissions, NULL},
};

#undef MEMBER

static void refuse_kinds(struct reading *r, const struct nconf_value *value, const char *what,
                         const struct peer_auth *auth)
{
    if (auth->has_users) {
        nserver__read_error(r, value, "%s authorization does not allow multiple users", what);
    } else if (auth->token != NULL) {
        nserver__read_error(r, value, "%s authorization does not support tokens", what);
    } else if (auth->has_callout) {
        nserver__read_error(r, value, "%s authorization does not support callouts", what);
    }
}

void nserver__read_peer_auth(struct reading *r, const struct nconf_value *value, const char *what,
                             const struct nserver__peer_auth *out)
{
    struct peer_auth auth = {0};

    if (!expect_map(r, value)) {
        return;
    }
    nserver__read_block(r, value, peer_options, NB_ARRAY_LEN(peer_options), &auth);
    refuse_kinds(r, value, what, &auth);
    *out->username = auth.username;
    *out->password = auth.password;
    *out->timeout_s = auth.timeout_s;
    if (out->permissions != NULL) {
        *out->permissions = auth.permissions;
    }
}

/* Of other protocols. */

struct protocol_auth {
    char *username, *password, *token;
    double timeout_s;
};

// In seconds; what is no number is taken as one, as the reference does.
static void read_plain_timeout(struct reading *r NB_UNUSED, const struct nconf_value *value,
                               void *block)
{
    double *timeout_s = &((struct protocol_auth *)block)->timeout_s;

    if (value->type == NCONF_INTEGER) {
        *timeout_s = (double)value->integer;
    } else {
        *timeout_s = value->type == NCONF_FLOAT ? value->number : 1;
    }
}

#define MEMBER(name) offsetof(struct protocol_auth, name)

static const struct nserver__option protocol_options[] = {
    {"user", NSERVER__OPTION_TEXT, MEMBER(username), NULL, NULL},
    {"username", NSERVER__OPTION_TEXT, MEMBER(username), NULL, NULL},
    {"pass", NSERVER__OPTION_TEXT, MEMBER(password), NULL, NULL},
    {"password", NSERVER__OPTION_TEXT, MEMBER(password), NULL, NULL},
    {"token", NSERVER__OPTION_TEXT, MEMBER(token), NULL, NULL},
    {"timeout", NSERVER__OPTION_SPECIAL, 0, read_plain_timeout, NULL},
};

#undef MEMBER

void nserver__read_protocol_auth(struct reading *r, const struct nconf_value *value,
                                 const struct nserver__protocol_auth *out)
{
    struct protocol_auth auth = {0};

    if (!expect_map(r, value)) {
        return;
    }
    nserver__read_block(r, value, protocol_options, NB_ARRAY_LEN(protocol_options), &auth);
    *out->username = auth.username;
    *out->password = auth.password;
    *out->token = auth.token;
    *out->timeout_s = auth.timeout_s;
}
