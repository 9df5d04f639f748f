/* read_authorization.c - the authorization block (spec 02 section 4.6): the single user or
 * token, or a list of users, and what holds for them.
 */
#include "options/reading.h"

#define TIMEOUT_ADVISED_MAX_S 60.0

static void read_user_name(struct reading *r, const struct nconf_value *value)
{
    r->is_block_faulty |= !nserver__read_text(r, value, &r->opts->username);
}

static void read_password(struct reading *r, const struct nconf_value *value)
{
    r->is_block_faulty |= !nserver__read_text(r, value, &r->opts->password);
}

static void read_token(struct reading *r, const struct nconf_value *value)
{
    r->is_block_faulty |= !nserver__read_text(r, value, &r->opts->token);
}

static void read_timeout(struct reading *r, const struct nconf_value *value)
{
    double *timeout_s = &r->opts->auth_timeout_s;

    if (!nserver__read_seconds(r, value, "authorization config", timeout_s)) {
        r->is_block_faulty = true;
    } else if (*timeout_s > TIMEOUT_ADVISED_MAX_S) {
        nserver__read_warning(
            r, value,
            "invalid use of field %s: timeout of %s (%f seconds) is high, consider keeping it "
            "under 60 seconds. possibly caused by unquoted duration; use '1m' instead of 1m, for "
            "example",
            nserver__quoted(r, value->key), nserver__shown(r, value), *timeout_s);
    }
}

static void read_users(struct reading *r, const struct nconf_value *value)
{
    r->has_user_list = nserver__read_users(r, value, NULL);
    r->is_block_faulty |= !r->has_user_list;
}

static void read_default_permissions(struct reading *r, const struct nconf_value *value)
{
    nserver__read_permissions(r, value, &r->default_permissions);
}

static void read_proxy_required(struct reading *r, const struct nconf_value *value)
{
    r->is_block_faulty |= !nserver__read_bool(r, value, &r->opts->proxy_required);
}

static const struct nserver__key keys[] = {
    {"user", read_user_name},
    {"username", read_user_name},
    {"pass", read_password},
    {"password", read_password},
    {"token", read_token},
    {"timeout", read_timeout},
    {"users", read_users},
    {"default_permissions", read_default_permissions},
    {"default_permission", read_default_permissions},
    {"permissions", read_default_permissions},
    {"auth_callout", nserver__read_auth_callout},
    {"auth_hook", nserver__read_auth_callout},
    {"proxy_required", read_proxy_required},
};

// Of several only the first is named.
static void check_names(struct reading *r, const struct nconf_value *block, size_t first_user)
{
    for (size_t i = first_user; i < r->opts->user_count; i++) {
        if (!nserver__claim_name(r, block, &r->opts->users[i])) {
            return;
        }
    }
}

// Even an empty list of users excludes the single one; those of accounts do, too.
static bool check_kinds(struct reading *r, const struct nconf_value *block)
{
    const struct nserver_options *opts = r->opts;
    bool has_users = r->has_user_list || opts->user_count > 0;

    const char *fault = NULL;

    if ((opts->username != NULL || opts->password != NULL) && opts->token != NULL) {
        fault = "Cannot have a user/pass and token";
    } else if (opts->username != NULL && has_users) {
        fault = "Can not have a single user/pass and a users array";
    } else if (opts->token != NULL && has_users) {
        fault = "Can not have a token and a users array";
    }
    if (fault != NULL) {
        nserver__read_error(r, block, "%s", fault);
    }
    return fault == NULL;
}

void nserver__read_authorization(struct reading *r, const struct nconf_value *value)
{
    size_t first_user = r->opts->user_count;
    struct nb_diag diag;

    if (nconf_expect(value, NCONF_MAP, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return;
    }
    r->opts->has_authorization = true;
    r->is_block_faulty = false;
    r->default_permissions = NULL;
    nserver__read_keys(r, value, keys, NB_ARRAY_LEN(keys));
    nserver__set_default_permissions(r, first_user, r->default_permissions);
    if (!r->is_block_faulty && check_kinds(r, value)) {
        check_names(r, value, first_user);
    }
}
