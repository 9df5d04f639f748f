/* read_auth_callout.c - who decides instead of the server (spec 02 section 4.6, 03 section 11.1). */
#include <natsd/nkey.h>

#include "options/reading.h"

static void read_issuer(struct reading *r, const struct nconf_value *value)
{
    char **issuer = &r->opts->auth_callout.issuer;

    if (!nserver__read_kept_text(r, value, issuer)) {
        r->is_block_faulty = true;
    } else if (!nauth_nkey_is_public_of(value->text, NAUTH_NKEY_ACCOUNT)) {
        nserver__read_error(r, value,
                            "Expected callout user to be a valid public account nkey, got %s",
                            nserver__quoted_key(r, value->text));
        r->is_block_faulty = true;
    }
}

static void read_account(struct reading *r, const struct nconf_value *value)
{
    r->is_block_faulty |= !nserver__read_kept_text(r, value, &r->opts->auth_callout.account);
}

static void read_xkey(struct reading *r, const struct nconf_value *value)
{
    if (!nserver__read_kept_text(r, value, &r->opts->auth_callout.xkey)) {
        r->is_block_faulty = true;
    } else if (!nauth_nkey_is_public_of(value->text, NAUTH_NKEY_CURVE)) {
        nserver__read_error(r, value, "Expected callout xkey to be a valid public xkey, got %s",
                            nserver__quoted_key(r, value->text));
        r->is_block_faulty = true;
    }
}

// `what` for the message.
static void read_names(struct reading *r, const struct nconf_value *value, const char *what,
                       char ***texts, size_t *count)
{
    if (value->type != NCONF_ARRAY) {
        nserver__read_error(r, value, "Expected %s field to be an array, got %s", what,
                            nconf_type_name(value->type));
        r->is_block_faulty = true;
        return;
    }
    *texts = NULL;
    *count = 0;
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        if (!nserver__read_kept_item(r, item, texts, count)) {
            r->is_block_faulty = true;
        }
    }
}

static void read_auth_users(struct reading *r, const struct nconf_value *value)
{
    struct nserver_auth_callout *callout = &r->opts->auth_callout;

    read_names(r, value, "auth_users", &callout->auth_users, &callout->auth_user_count);
}

static void read_allowed_accounts(struct reading *r, const struct nconf_value *value)
{
    struct nserver_auth_callout *callout = &r->opts->auth_callout;

    read_names(r, value, "allowed accounts", &callout->allowed_accounts,
               &callout->allowed_account_count);
}

static const struct nserver__key keys[] = {
    {"issuer", read_issuer},    {"account", read_account},
    {"acc", read_account},      {"auth_users", read_auth_users},
    {"users", read_auth_users}, {"xkey", read_xkey},
    {"key", read_xkey},         {"allowed_accounts", read_allowed_accounts},
};

static void read_entry(struct reading *r, const struct nconf_value *value)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(keys); i++) {
        if (nserver__is_key(value, keys[i].name)) {
            keys[i].read(r, value);
            return;
        }
    }
    if (!value->is_used) {
        nserver__read_error(r, value, "Unknown field %s parsing authorization callout",
                            nserver__quoted(r, value->key));
    }
}

static void check_complete(struct reading *r, const struct nconf_value *block)
{
    const struct nserver_auth_callout *callout = &r->opts->auth_callout;

    if (callout->issuer == NULL) {
        nserver__read_error(r, nserver__last_key(block),
                            "Authorization callouts require an issuer to be specified");
    } else if (callout->auth_user_count == 0) {
        nserver__read_error(r, nserver__last_key(block),
                            "Authorization callouts require authorized users to be specified");
    }
}

void nserver__read_auth_callout(struct reading *r, const struct nconf_value *value)
{
    bool is_authorization_faulty = r->is_block_faulty;

    if (value->type != NCONF_MAP) {
        nserver__read_error(r, value, "Expected authorization callout to be a map/struct, got %s",
                            nserver__shown(r, value));
        return;
    }
    r->opts->auth_callout = (struct nserver_auth_callout){.is_set = true};
    r->is_block_faulty = false;
    for (const struct nconf_value *entry = value->first; entry != NULL; entry = entry->next) {
        read_entry(r, entry);
    }
    if (!r->is_block_faulty) { // else what is missing may be what could not be read
        check_complete(r, value);
    }
    r->is_block_faulty = is_authorization_faulty;
}

void nserver__check_allowed_accounts(struct reading *r)
{
    const struct nserver_auth_callout *callout = &r->opts->auth_callout;

    for (size_t i = 0; i < callout->allowed_account_count; i++) {
        struct slice name = nb_slice_of(callout->allowed_accounts[i]);

        if (nb_map_find(&r->accounts, name) == NULL) {
            nserver__read_error(r, NULL,
                                "auth_callout allowed account %s not found in configured accounts",
                                nserver__quoted(r, name));
        }
    }
}
