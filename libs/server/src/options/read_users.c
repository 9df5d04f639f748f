/* read_users.c - lists of users (spec 02 section 4.6), of an account or of the authorization
 * block.
 */
#include "options/reading.h"

// Keys of a user entry for capabilities still to come.
static bool is_later(const struct nconf_value *value)
{
    static const char *const later[] = {
        "nkey",          "permissions",      "permission",
        "authorization", "connection_types", "allowed_connection_types",
        "clients",       "proxy_required",
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(later); i++) {
        if (nserver__is_key(value, later[i])) {
            return true;
        }
    }
    return false;
}

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
    if (is_later(value)) {
        nserver__read_later(r, value);
        return false;
    }
    nserver__read_unknown(r, value);
    return true;
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

// The fault of a whole entry stands at its last key.
static const struct nconf_value *last_key(const struct nconf_value *map)
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
    bool is_good = true;

    if (map->type != NCONF_MAP) {
        nserver__read_error(r, map, "Expected user entry to be a map/struct, got %s",
                            nserver__shown(r, map));
        return true;
    }
    for (const struct nconf_value *value = map->first; value != NULL; value = value->next) {
        is_good = read_entry(r, value, &user) && is_good;
    }
    if (is_good && user.name != NULL) {
        add_user(r, &user, account);
        return true;
    }
    if (is_good) {
        nserver__read_error(r, last_key(map), "User entry requires a user");
    }
    return !is_good;
}

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

bool nserver__claim_name(struct reading *r, struct nserver_user *user)
{
    return nb_map_insert(&r->users, nb_slice_of(user->name), user->name);
}
