/* read_proxies.c - proxies that are trusted (spec 02 section 4.17). */
#include <natsd/nkey.h>

#include "options/reading.h"

static void read_key(struct reading *r, const struct nconf_value *value)
{
    if (!nserver__is_key(value, "key") && !nserver__is_key(value, "public_key")) {
        nserver__read_unknown(r, value);
        return;
    }
    if (nserver__read_kept_item(r, value, &r->opts->trusted_proxies,
                                &r->opts->trusted_proxy_count) &&
        !nauth_nkey_is_public(value->text)) {
        nserver__read_error(r, value, "invalid proxy key %s", nserver__quoted_key(r, value->text));
    }
}

static void read_trusted(struct reading *r, const struct nconf_value *value)
{
    if (value->type != NCONF_ARRAY) {
        nserver__read_error(r, value, "expected proxies' trusted field to be an array, got %s",
                            nconf_type_name(value->type));
        return;
    }
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        if (item->type != NCONF_MAP) {
            nserver__read_error(r, item,
                                "expected proxies' trusted entry to be a map/struct, got %s",
                                nconf_type_name(item->type));
            continue;
        }
        for (const struct nconf_value *key = item->first; key != NULL; key = key->next) {
            read_key(r, key);
        }
    }
}

void nserver__read_proxies(struct reading *r, const struct nconf_value *value)
{
    static const struct nserver__key keys[] = {{"trusted", read_trusted}};

    if (value->type != NCONF_MAP) {
        nserver__read_error(r, value, "expected proxies to be a map/struct, got %s",
                            nconf_type_name(value->type));
        return;
    }
    r->opts->has_proxies = true;
    nserver__read_keys(r, value, keys, NB_ARRAY_LEN(keys));
}
