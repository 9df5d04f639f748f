/* read_leaf_auth.c - who may connect as a leaf node (spec 02 section 4.13). */
#include <stddef.h>

#include <natsd/nkey.h>

#include "options/read_block.h"

/* Users. */

static const struct nserver__option user_options[] = {
    {"user", NSERVER__OPTION_TEXT, offsetof(struct nserver_leaf_user, name), NULL, NULL},
    {"username", NSERVER__OPTION_TEXT, offsetof(struct nserver_leaf_user, name), NULL, NULL},
    {"pass", NSERVER__OPTION_TEXT, offsetof(struct nserver_leaf_user, password), NULL, NULL},
    {"password", NSERVER__OPTION_TEXT, offsetof(struct nserver_leaf_user, password), NULL, NULL},
    {"account", NSERVER__OPTION_TEXT, offsetof(struct nserver_leaf_user, account), NULL, NULL},
    {"proxy_required", NSERVER__OPTION_BOOL, offsetof(struct nserver_leaf_user, proxy_required),
     NULL, NULL},
};

static void read_user(struct reading *r, const struct nconf_value *map,
                      struct nserver_leafnode_options *leaf)
{
    struct nserver_leaf_user user = {0};

    if (map->type != NCONF_MAP) {
        nserver__read_error(r, map, "Expected user entry to be a map/struct, got %s",
                            nserver__shown(r, map));
        return;
    }
    nserver__read_block(r, map, user_options, NB_ARRAY_LEN(user_options), &user);
    leaf->users = nserver__keep_one_more(r, leaf->users, leaf->user_count, sizeof(user));
    leaf->users[leaf->user_count++] = user;
}

struct leaf_auth {
    struct nserver_leafnode_options *leaf;
    bool has_users;
};

static void read_users(struct reading *r, const struct nconf_value *value, void *block)
{
    struct leaf_auth *auth = block;

    if (value->type != NCONF_ARRAY) {
        nserver__read_error(r, value, "Expected users field to be an array, got %s",
                            nserver__shown(r, value));
        return;
    }
    auth->has_users = true;
    auth->leaf->users = NULL;
    auth->leaf->user_count = 0;
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        read_user(r, item, auth->leaf);
    }
}

/* The block. */

static void read_nkey(struct reading *r, const struct nconf_value *value, void *block)
{
    struct leaf_auth *auth = block;

    if (nserver__read_kept_text(r, value, &auth->leaf->nkey) &&
        !nauth_nkey_is_public_of(value->text, NAUTH_NKEY_USER)) {
        nserver__read_error(r, value, "Not a valid public nkey for leafnode authorization");
    }
}

static void read_timeout(struct reading *r, const struct nconf_value *value, void *block)
{
    struct leaf_auth *auth = block;

    (void)nserver__read_auth_timeout(r, value, "leafnode authorization config",
                                     &auth->leaf->auth_timeout_s);
}

static const struct nserver__option options[] = {
    {"user", NSERVER__OPTION_TEXT, offsetof(struct nserver_leafnode_options, username), NULL, NULL},
    {"username", NSERVER__OPTION_TEXT, offsetof(struct nserver_leafnode_options, username), NULL,
     NULL},
    {"pass", NSERVER__OPTION_TEXT, offsetof(struct nserver_leafnode_options, password), NULL, NULL},
    {"password", NSERVER__OPTION_TEXT, offsetof(struct nserver_leafnode_options, password), NULL,
     NULL},
    {"account", NSERVER__OPTION_TEXT, offsetof(struct nserver_leafnode_options, account), NULL,
     NULL},
    {"proxy_required", NSERVER__OPTION_BOOL,
     offsetof(struct nserver_leafnode_options, proxy_required), NULL, NULL},
};

static const struct nserver__option special_options[] = {
    {"nkey", NSERVER__OPTION_SPECIAL, 0, read_nkey, NULL},
    {"timeout", NSERVER__OPTION_SPECIAL, 0, read_timeout, NULL},
    {"users", NSERVER__OPTION_SPECIAL, 0, read_users, NULL},
};

// Faults of the whole stand at the block.
static void check_users(struct reading *r, const struct nconf_value *value,
                        const struct leaf_auth *auth)
{
    const struct nserver_leafnode_options *leaf = auth->leaf;
    struct nb_map names = {0};

    if (auth->has_users && leaf->username != NULL) {
        nserver__read_error(r, value, "can not have a single user/pass and a users array");
    } else if (auth->has_users && leaf->nkey != NULL) {
        nserver__read_error(r, value, "can not have a single nkey and a users array");
    }
    for (size_t i = 0; i < leaf->user_count; i++) {
        struct slice name = nb_slice_of(leaf->users[i].name);

        if (!nb_map_insert(&names, name, &leaf->users[i])) {
            nserver__read_error(r, value, "duplicate user %s detected in leafnode authorization",
                                nserver__quoted(r, name));
            break;
        }
    }
    nb_map_fini(&names);
}

void nserver__read_leaf_auth(struct reading *r, const struct nconf_value *value)
{
    struct leaf_auth auth = {.leaf = &r->opts->leafnodes};
    struct nb_diag diag;

    if (nconf_expect(value, NCONF_MAP, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return;
    }
    for (const struct nconf_value *entry = value->first; entry != NULL; entry = entry->next) {
        if (!nserver__read_option(r, entry, options, NB_ARRAY_LEN(options), auth.leaf) &&
            !nserver__read_option(r, entry, special_options, NB_ARRAY_LEN(special_options),
                                  &auth)) {
            nserver__read_unknown(r, entry);
        }
    }
    check_users(r, value, &auth);
}
