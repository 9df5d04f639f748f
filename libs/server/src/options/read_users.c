/* read_users.c - lists of users (spec 02 section 4.6), of an account or of the authorization
 * block.
 */
#include <natsd/connection_type.h>
#include <natsd/nkey.h>

#include "options/reading.h"

/* Connection types. */

// A list of names, or one; each in upper case as messages show it.
static void add_type(struct reading *r, struct slice name, uint32_t *types, struct nb_buf *unknown)
{
    uint32_t type = nauth_connection_type_of(name);
    const char *quoted;
    int rc;

    *types |= type;
    if (type != 0) {
        return;
    }
    quoted = nserver__quoted(r, nb_slice_of(nserver__uppered(r, name)));
    rc = nb_buf_slice(unknown).n > 0 ? nb_buf_append(unknown, NB_SLICE(" ")) : NB_OK;
    if (rc == NB_OK) {
        rc = nb_buf_append(unknown, nb_slice_of(quoted));
    }
    (void)rc; // enough of them are named
}

static bool add_types(struct reading *r, const struct nconf_value *value, uint32_t *types,
                      struct nb_buf *unknown)
{
    if (value->type == NCONF_STRING) {
        add_type(r, value->text, types, unknown);
        return true;
    }
    if (value->type != NCONF_ARRAY) {
        nserver__read_error(r, value, "error parsing allowed connection types: unsupported type %s",
                            nconf_type_name(value->type));
        return false;
    }
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        if (item->type != NCONF_STRING) {
            nserver__read_error(
                r, item, "error parsing allowed connection types: unsupported type in array %s",
                nconf_type_name(item->type));
            return false;
        }
        add_type(r, item->text, types, unknown);
    }
    return true;
}

static void read_connection_types(struct reading *r, const struct nconf_value *value,
                                  uint32_t *types)
{
    enum { UNKNOWN_MAX_BYTES = 4096 };
    struct nb_buf unknown;

    nb_buf_init(&unknown, UNKNOWN_MAX_BYTES);
    *types = 0;
    if (add_types(r, value, types, &unknown) && nb_buf_slice(&unknown).n > 0) {
        nserver__read_error(r, value, "invalid connection types [%.*s]",
                            NB_SLICE_ARGS(nb_buf_slice(&unknown)));
    }
    nb_buf_fini(&unknown);
}

/* A user. */

// False when the user cannot be taken; the fault is in the report.
static bool read_entry(struct reading *r, const struct nconf_value *value,
                       struct nserver_user *user)
{
    if (nserver__is_key(value, "user") || nserver__is_key(value, "username")) {
        return nserver__read_kept_text(r, value, &user->name);
    }
    if (nserver__is_key(value, "pass") || nserver__is_key(value, "password")) {
        return nserver__read_kept_text(r, value, &user->password);
    }
    if (nserver__is_key(value, "nkey")) {
        return nserver__read_kept_text(r, value, &user->nkey);
    }
    if (nserver__is_key(value, "proxy_required")) {
        return nserver__read_bool(r, value, &user->proxy_required);
    }
    if (nserver__is_key(value, "permissions") || nserver__is_key(value, "permission") ||
        nserver__is_key(value, "authorization")) {
        nserver__read_permissions(r, value, &user->permissions);
    } else if (nserver__is_key(value, "connection_types") ||
               nserver__is_key(value, "allowed_connection_types") ||
               nserver__is_key(value, "clients")) {
        read_connection_types(r, value, &user->connection_types);
    } else {
        nserver__read_unknown(r, value);
    }
    return true;
}

// NULL when it is one.
static const char *fault_of(const struct nserver_user *user)
{
    if (user->nkey == NULL) {
        return user->name == NULL ? "User entry requires a user" : NULL;
    }
    if (!nauth_nkey_is_public_of(nb_slice_of(user->nkey), NAUTH_NKEY_USER)) {
        return "Not a valid public nkey for a user";
    }
    return user->name != NULL || user->password != NULL
               ? "Nkey users do not take usernames or passwords"
               : NULL;
}

static void add_user(struct reading *r, struct nserver_user *user, char *account)
{
    if (user->password == NULL) {
        user->password = nserver__keep_text(r, (struct slice){0});
    }
    user->account = account;
    r->opts->users = nserver__keep_one_more(r, r->opts->users, r->opts->user_count, sizeof(*user));
    r->opts->users[r->opts->user_count++] = *user;
}

const struct nconf_value *nserver__last_key(const struct nconf_value *map)
{
    const struct nconf_value *last = map;

    for (const struct nconf_value *value = map->first; value != NULL; value = value->next) {
        last = value;
    }
    return last;
}

// False when the rest of the list is not to be read.
static bool read_user(struct reading *r, const struct nconf_value *map, char *account)
{
    struct nserver_user user = {0};
    const char *fault;
    bool is_good = true;

    if (map->type != NCONF_MAP) {
        nserver__read_error(r, map, "Expected user entry to be a map/struct, got %s",
                            nserver__shown(r, map));
        return true;
    }
    for (const struct nconf_value *value = map->first; value != NULL; value = value->next) {
        is_good = read_entry(r, value, &user) && is_good;
    }
    if (!is_good) {
        return true;
    }
    fault = fault_of(&user);
    if (fault != NULL) {
        nserver__read_error(r, nserver__last_key(map), "%s", fault);
        return false;
    }
    add_user(r, &user, account);
    return true;
}

/* Lists. */

bool nserver__read_users(struct reading *r, const struct nconf_value *value, char *account)
{
    if (value->type != NCONF_ARRAY) {
        nserver__read_error(r, value, "Expected users field to be an array, got %s",
                            nserver__shown(r, value));
        return false;
    }
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        if (!read_user(r, item, account)) {
            return false;
        }
    }
    return true;
}

bool nserver__claim_name(struct reading *r, const struct nconf_value *at,
                         const struct nserver_user *user)
{
    char *name = user->nkey != NULL ? user->nkey : user->name;
    bool is_nkey = nauth_nkey_is_public_of(nb_slice_of(name), NAUTH_NKEY_USER);

    if (nb_map_insert(&r->users, nb_slice_of(name), name)) {
        return true;
    }
    nserver__read_error(r, at, "Duplicate %s %s detected", is_nkey ? "nkey" : "user",
                        nserver__quoted(r, nb_slice_of(name)));
    return false;
}
