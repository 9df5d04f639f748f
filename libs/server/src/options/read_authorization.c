/* read_authorization.c - the authorization block (spec 02 section 4.6): the single user or
 * token, and users by name and password.
 */
#include <natsd/memory.h>

#include "options/reading.h"

#define TIMEOUT_ADVISED_MAX_S 60.0

static void read_user_name(struct reading *r, const struct nconf_value *value)
{
    (void)nserver__read_text(r, value, &r->opts->username); // a fault is in the report
}

static void read_password(struct reading *r, const struct nconf_value *value)
{
    (void)nserver__read_text(r, value, &r->opts->password);
}

static void read_token(struct reading *r, const struct nconf_value *value)
{
    (void)nserver__read_text(r, value, &r->opts->token);
}

static void read_timeout(struct reading *r, const struct nconf_value *value)
{
    if (nserver__read_seconds(r, value, &r->opts->auth_timeout_s) &&
        r->opts->auth_timeout_s > TIMEOUT_ADVISED_MAX_S) {
        nserver__read_warning(
            r, value,
            "invalid use of field \"timeout\": timeout of %g (%f seconds) is high, consider "
            "keeping it under 60 seconds. "
            "possibly caused by unquoted duration; use '1m' instead of 1m, for example",
            r->opts->auth_timeout_s, r->opts->auth_timeout_s);
    }
}

/* Users. */

static void free_user(struct nserver_user *user)
{
    nserver_options_set_text(&user->name, (struct slice){0});
    nserver_options_set_text(&user->password, (struct slice){0});
    nserver_options_set_text(&user->account, (struct slice){0});
}

// False when the entry has a fault.
static bool read_user_entry(struct reading *r, const struct nconf_value *map,
                            struct nserver_user *user)
{
    bool is_good = true;

    for (const struct nconf_value *value = map->first; value != NULL; value = value->next) {
        if (nb_slice_equal_nocase(value->key, NB_SLICE("user")) ||
            nb_slice_equal_nocase(value->key, NB_SLICE("username"))) {
            is_good = nserver__read_text(r, value, &user->name) && is_good;
        } else if (nb_slice_equal_nocase(value->key, NB_SLICE("pass")) ||
                   nb_slice_equal_nocase(value->key, NB_SLICE("password"))) {
            is_good = nserver__read_text(r, value, &user->password) && is_good;
        } else if (nb_slice_equal_nocase(value->key, NB_SLICE("permissions")) ||
                   nb_slice_equal_nocase(value->key, NB_SLICE("permission")) ||
                   nb_slice_equal_nocase(value->key, NB_SLICE("authorization")) ||
                   nb_slice_equal_nocase(value->key, NB_SLICE("nkey")) ||
                   nb_slice_equal_nocase(value->key, NB_SLICE("connection_types")) ||
                   nb_slice_equal_nocase(value->key, NB_SLICE("allowed_connection_types")) ||
                   nb_slice_equal_nocase(value->key, NB_SLICE("clients")) ||
                   nb_slice_equal_nocase(value->key, NB_SLICE("proxy_required"))) {
            nserver__read_later(r, value);
            is_good = false;
        } else {
            nserver__read_unknown(r, value);
        }
    }
    return is_good;
}

static bool has_user(const struct nserver_options *opts, const char *name)
{
    for (size_t i = 0; i < opts->user_count; i++) {
        if (strcmp(opts->users[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

// With the value as it stands there.
static void report_entry(struct reading *r, const struct nconf_value *value)
{
    struct nb_buf text;

    nb_buf_init(&text, 1024);
    if (nconf_value_format(value, &text) != NB_OK) {
        nb_buf_clear(&text);
    }
    nserver__read_error(r, value, "Expected user entry to be a map/struct, got %.*s",
                        NB_SLICE_ARGS(nb_buf_slice(&text)));
    nb_buf_fini(&text);
}

static void read_user(struct reading *r, const struct nconf_value *value, const char *account)
{
    struct nserver_user user = {0};

    if (value->type != NCONF_MAP) {
        report_entry(r, value);
        return;
    }
    if (!read_user_entry(r, value, &user)) {
        free_user(&user);
        return;
    }
    if (user.name == NULL) {
        nserver__read_error(r, value, "User entry requires a user");
    } else if (has_user(r->opts, user.name)) {
        nserver__read_error(r, value, "Duplicate user \"%s\" detected", user.name);
    } else {
        if (user.password == NULL) {
            user.password = nb_strdup("");
        }
        user.account = account != NULL ? nb_strdup(account) : NULL;
        r->opts->users = nb_realloc(r->opts->users, (r->opts->user_count + 1) * sizeof(user));
        r->opts->users[r->opts->user_count++] = user;
        return;
    }
    free_user(&user);
}

void nserver__read_users(struct reading *r, const struct nconf_value *value, const char *account)
{
    if (value->type != NCONF_ARRAY) {
        nserver__read_error(r, value, "Expected users field to be an array, got %s",
                            nconf_type_name(value->type));
        return;
    }
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        read_user(r, item, account);
    }
}

static void read_users(struct reading *r, const struct nconf_value *value)
{
    nserver__read_users(r, value, NULL);
}

static const struct nserver__key keys[] = {
    {"user", read_user_name},
    {"username", read_user_name},
    {"pass", read_password},
    {"password", read_password},
    {"token", read_token},
    {"timeout", read_timeout},
    {"users", read_users},
    {"default_permissions", nserver__read_later},
    {"default_permission", nserver__read_later},
    {"permissions", nserver__read_later},
    {"auth_callout", nserver__read_later},
    {"auth_hook", nserver__read_later},
    {"proxy_required", nserver__read_later},
};

void nserver__read_authorization(struct reading *r, const struct nconf_value *value)
{
    struct nb_diag diag;

    if (nconf_expect(value, NCONF_MAP, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return;
    }
    r->opts->has_authorization = true;
    nserver__read_keys(r, value, keys, NB_ARRAY_LEN(keys));
    if (r->opts->user_count > 0 && r->opts->username != NULL) {
        nserver__read_error(r, value, "Can not have a single user/pass and a users array");
    }
    if (r->opts->user_count > 0 && r->opts->token != NULL) {
        nserver__read_error(r, value, "Can not have a token and a users array");
    }
    if (r->opts->username != NULL && r->opts->token != NULL) {
        nserver__read_error(r, value, "Cannot have a user/pass and token");
    }
}
