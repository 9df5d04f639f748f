#include "auth/store.h"

#include "auth/private_file.h"
#include "reference.h"

#include <natsd/json_reader.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    PATH_MAX_BYTES = 1024 * 1024, // more than an argument of a program can have
};

// -- folders ---------------------------------------------------------------------------------

NB_PRINTF(1, 2)
static char *make_path(const char *format, ...)
{
    struct nb_buf path;
    va_list args;
    char *own;

    nb_buf_init(&path, PATH_MAX_BYTES);
    va_start(args, format);
    nb_buf_must_vformat(&path, format, args);
    va_end(args);
    own = nb_slice_cstr(nb_buf_slice(&path));
    nb_buf_fini(&path);
    return own;
}

// $VARIABLE/rest, or ~/otherwise/rest.
static char *xdg_path(const char *variable, const char *otherwise, const char *rest)
{
    const char *root = getenv(variable);
    char *home;
    char *path;

    if (root != NULL && *root != '\0') {
        return make_path("%s/%s", root, rest);
    }
    home = reference_expand("~");
    path = make_path("%s/%s/%s", home, otherwise, rest);
    nb_free(home);
    return path;
}

// `usual`, unless it is missing and the one of old versions of nsc is there. Takes both.
static char *or_old(char *usual, char *old)
{
    bool is_old = access(usual, F_OK) != 0 && access(old, F_OK) == 0;

    nb_free(is_old ? usual : old);
    return is_old ? old : usual;
}

void auth_store_init(struct auth_store *store, const char *stores, const char *keys)
{
    store->stores = stores != NULL
                        ? nb_strdup(stores)
                        : or_old(xdg_path("XDG_DATA_HOME", ".local/share", "nats/nsc/stores"),
                                 reference_expand("~/.nsc/nats"));
    store->keys = keys != NULL ? nb_strdup(keys)
                               : or_old(xdg_path("XDG_DATA_HOME", ".local/share", "nats/nsc/keys"),
                                        reference_expand("~/.nkeys"));
}

void auth_store_fini(struct auth_store *store)
{
    nb_free(store->stores);
    nb_free(store->keys);
    *store = (struct auth_store){.stores = NULL};
}

bool auth_store_is_name(struct slice name)
{
    if (name.n == 0 || name.n > 255 - strlen(".creds") || name.p[0] == '.') {
        return false;
    }
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] < 0x20 || name.p[i] == 0x7f || name.p[i] == '/' || name.p[i] == '\\') {
            return false;
        }
    }
    return true;
}

char *auth_store_operator_folder(const struct auth_store *store, const char *op)
{
    return make_path("%s/%s", store->stores, op);
}

char *auth_store_operator_path(const struct auth_store *store, const char *op)
{
    return make_path("%s/%s/%s.jwt", store->stores, op, op);
}

char *auth_store_accounts_folder(const struct auth_store *store, const char *op)
{
    return make_path("%s/%s/accounts", store->stores, op);
}

char *auth_store_account_folder(const struct auth_store *store, const char *op, const char *account)
{
    return make_path("%s/%s/accounts/%s", store->stores, op, account);
}

char *auth_store_account_path(const struct auth_store *store, const char *op, const char *account)
{
    return make_path("%s/%s/accounts/%s/%s.jwt", store->stores, op, account, account);
}

char *auth_store_users_folder(const struct auth_store *store, const char *op, const char *account)
{
    return make_path("%s/%s/accounts/%s/users", store->stores, op, account);
}

char *auth_store_user_path(const struct auth_store *store, const char *op, const char *account,
                           const char *user)
{
    return make_path("%s/%s/accounts/%s/users/%s.jwt", store->stores, op, account, user);
}

char *auth_store_creds_path(const struct auth_store *store, const char *op, const char *account,
                            const char *user)
{
    return make_path("%s/creds/%s/%s/%s.creds", store->keys, op, account, user);
}

// -- keys ------------------------------------------------------------------------------------

static char *key_path(const struct auth_store *store, struct slice key)
{
    return make_path("%s/keys/%.1s/%.2s/%.*s.nk", store->keys, (const char *)key.p,
                     (const char *)key.p + 1, NB_SLICE_ARGS(key));
}

static void hide_from_git(const struct auth_store *store)
{
    char *path = make_path("%s/.gitignore", store->keys);
    // Whoever has one, or has none in a folder that can't be written, keeps it so.
    int rc = private_file_write(path, NB_SLICE("**/*.nk\n**/*.creds\n"), PRIVATE_FILE_NEW, NULL);

    (void)rc;
    nb_free(path);
}

int auth_store_find_key(const struct auth_store *store, struct slice public_key,
                        struct nauth_nkey *out, struct nb_diag *diag)
{
    struct nauth_nkey key = {.has_seed = false};
    struct slice text = {0};
    char found[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1];
    char *path;
    int rc;

    if (!nauth_nkey_is_public(public_key)) {
        nb_diag_set(diag, "not a public key");
        return NB_EINVALID;
    }
    path = key_path(store, public_key);
    rc = private_file_read(path, &text, diag);
    if (rc == NB_OK) {
        rc = nauth_nkey_parse_seed(nb_slice_trim(text), &key, diag);
    }
    if (rc == NB_OK) {
        nauth_nkey_public_text(&key, found);
        if (!nb_slice_is(public_key, found)) {
            nb_diag_set(diag, "%.300s: not the seed of this key", path);
            rc = NB_EMALFORMED;
        }
    }
    if (rc == NB_OK) {
        *out = key;
    }
    nauth_nkey_fini(&key);
    nb_slice_wipe_free(&text);
    nb_free(path);
    return rc;
}

bool auth_store_has_key(const struct auth_store *store, struct slice public_key)
{
    struct nauth_nkey key;
    bool has_it = auth_store_find_key(store, public_key, &key, NULL) == NB_OK;

    if (has_it) {
        nauth_nkey_fini(&key);
    }
    return has_it;
}

int auth_store_put_key(const struct auth_store *store, const struct nauth_nkey *key,
                       struct nb_diag *diag)
{
    char public_key[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1];
    char seed[NAUTH_NKEY_SEED_TEXT_BYTES + 1];
    char *path;
    int rc;

    nauth_nkey_public_text(key, public_key);
    path = key_path(store, nb_slice_of(public_key));
    nauth_nkey_seed_text(key, seed);
    rc = private_file_write(path, nb_slice_of(seed), PRIVATE_FILE_NEW, diag);
    if (rc == NB_EEXISTS && auth_store_has_key(store, nb_slice_of(public_key))) {
        rc = NB_OK; // the same
    }
    if (rc == NB_OK) {
        hide_from_git(store);
    }
    nb_wipe(seed, sizeof(seed));
    nb_free(path);
    return rc;
}

void auth_store_remove_key(const struct auth_store *store, struct slice public_key)
{
    if (nauth_nkey_is_public(public_key)) {
        char *path = key_path(store, public_key);

        (void)unlink(path);
        nb_free(path);
    }
}

// -- the one that is selected ----------------------------------------------------------------

static char *selection_path(void)
{
    return xdg_path("XDG_CONFIG_HOME", ".config", "nats/cli/config.json");
}

// A text in a JSON file of some tool; NULL when there is none. Owned.
static char *read_setting(const char *path, const char *key)
{
    struct nb_json_doc doc = {.root = NULL};
    struct slice text = {0};
    char *found = NULL;

    if (private_file_read(path, &text, NULL) == NB_OK &&
        nb_json_parse(text, 8 * PRIVATE_FILE_MAX_BYTES, &doc, NULL) == NB_OK) {
        const struct nb_json_value *value = nb_json_get(doc.root, key);

        if (value != NULL && value->type == NB_JSON_STRING && auth_store_is_name(value->text)) {
            found = nb_slice_cstr(value->text);
        }
    }
    nb_json_doc_fini(&doc);
    nb_slice_wipe_free(&text);
    return found;
}

static bool is_there(const struct auth_store *store, const char *op)
{
    char *path = auth_store_operator_path(store, op);
    bool is_one = access(path, F_OK) == 0;

    nb_free(path);
    return is_one;
}

static char *selected_in(const struct auth_store *store, char *path, const char *key)
{
    char *op = read_setting(path, key);

    nb_free(path);
    if (op != NULL && !is_there(store, op)) {
        nb_free(op);
        op = NULL;
    }
    return op;
}

char *auth_store_selected(const struct auth_store *store)
{
    char *op = selected_in(store, selection_path(), "select_operator");
    struct private_names names;

    if (op == NULL) {
        op = selected_in(store, xdg_path("XDG_CONFIG_HOME", ".config", "nats/nsc/nsc.json"),
                         "operator");
    }
    if (op != NULL) {
        return op;
    }
    private_names_read(store->stores, NULL, &names);
    if (names.count == 1 && is_there(store, names.items[0])) {
        op = nb_strdup(names.items[0]);
    }
    private_names_fini(&names);
    return op;
}

int auth_store_select(const char *op, struct nb_diag *diag)
{
    char *path = selection_path();
    struct nb_buf text;
    int rc;

    // The nats tool keeps nothing else in this file.
    nb_buf_init(&text, 4096);
    nb_buf_must_text(&text, "{\"select_operator\":\"");
    for (const char *p = op; *p != '\0'; p++) {
        nb_buf_must_format(&text, *p == '"' ? "\\%c" : "%c", *p);
    }
    nb_buf_must_text(&text, "\"}");
    rc = private_file_write(path, nb_buf_slice(&text), PRIVATE_FILE_REPLACE, diag);
    nb_buf_fini(&text);
    nb_free(path);
    return rc;
}
