/* read_remotes.c - the hubs that a leaf node connects to (spec 02 section 4.13). */
#include <stddef.h>
#include <stdlib.h>

#include <natsd/nkey.h>

#include "options/read_block.h"

// A remote while its entry is read.
struct remote {
    struct nserver_leaf_remote out;
    const struct nconf_value *proxy; // looked at again when all is known
};

/* Where. */

static void read_urls(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_leaf_remote *out = &((struct remote *)block)->out;
    struct nserver__url_list list = {&out->urls, &out->url_count};

    if (value->type == NCONF_ARRAY) {
        nserver__read_urls(r, value, "leafnode", list);
    } else if (value->type == NCONF_STRING) {
        nserver__read_url(r, value, "leafnode", list);
    } else {
        nserver__read_error(r, value,
                            "Expected remote leafnode url to be an array or string, got %s",
                            nserver__shown(r, value));
    }
}

static void read_tls(struct reading *r, const struct nconf_value *value, void *block)
{
    (void)nserver__read_tls_block(r, value, NSERVER__TLS_OTHERS,
                                  &((struct remote *)block)->out.tls);
}

static void read_proxy(struct reading *r, const struct nconf_value *value, void *block)
{
    struct remote *remote = block;

    remote->proxy = value;
    nserver__read_leaf_proxy(r, value, &remote->out.proxy);
}

/* As whom. */

static bool is_name_byte(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// "$NAME" or "${NAME}" at the front: how long it is, 0 when it is none.
static size_t take_variable(struct slice text, struct slice *name)
{
    bool is_braced = text.n > 1 && text.p[1] == '{';
    size_t start = is_braced ? 2 : 1;
    size_t end = start;

    while (end < text.n && is_name_byte(text.p[end])) {
        end++;
    }
    *name = nb_slice_sub(text, start, end - start);
    if (name->n == 0 || (is_braced && (end == text.n || text.p[end] != '}'))) {
        return 0;
    }
    return is_braced ? end + 1 : end;
}

static int append_variable(struct slice name, struct nb_buf *out)
{
    char *key = nb_slice_cstr(name);
    const char *value = getenv(key);

    nb_free(key);
    return nb_buf_append(out, nb_slice_of(value));
}

static int expand_variables(struct slice text, struct nb_buf *out)
{
    int rc = NB_OK;

    while (text.n > 0 && rc == NB_OK) {
        size_t plain = nb_slice_find_byte(text, '$');
        struct slice name;
        size_t n;

        rc = nb_buf_append(out, nb_slice_sub(text, 0, plain));
        text = nb_slice_sub(text, plain, text.n);
        n = text.n > 0 ? take_variable(text, &name) : 0;
        if (n > 0 && rc == NB_OK) {
            rc = append_variable(name, out);
        } else if (text.n > 0 && rc == NB_OK) {
            n = 1;
            rc = nb_buf_append(out, NB_SLICE("$"));
        }
        text = nb_slice_sub(text, n, text.n);
    }
    return rc;
}

// A path as a shell would understand it.
static void read_credentials(struct reading *r, const struct nconf_value *value, void *block)
{
    enum { PATH_MAX_BYTES = 16 * 1024 };
    char **out = &((struct remote *)block)->out.credentials;
    const char *home = getenv("HOME");
    struct nb_buf path;
    int rc = NB_OK;

    if (!nserver__read_kept_text(r, value, out)) {
        return;
    }
    nb_buf_init(&path, PATH_MAX_BYTES);
    if (nb_slice_starts(value->text, "~")) {
        if (home == NULL || home[0] == '\0') {
            nserver__read_error(r, value, "failed to get home dir, require $HOME");
            return;
        }
        rc = nb_buf_append(&path, nb_slice_of(home));
    }
    if (rc == NB_OK) {
        rc = expand_variables(
            nb_slice_sub(value->text, nb_slice_starts(value->text, "~") ? 1 : 0, value->text.n),
            &path);
    }
    if (rc == NB_OK) {
        *out = nserver__keep_text(r, nb_buf_slice(&path));
    } else {
        nserver__read_error(r, value, "path of more than %d bytes", PATH_MAX_BYTES);
    }
    nb_buf_fini(&path);
}

static void read_nkey(struct reading *r, const struct nconf_value *value, void *block)
{
    struct remote *remote = block;
    struct nauth_nkey key = {0};

    if (nserver__read_kept_text(r, value, &remote->out.nkey) &&
        (nauth_nkey_parse_seed(value->text, &key, NULL) != NB_OK || key.type != NAUTH_NKEY_USER)) {
        nserver__read_error(r, value, "Remote leafnode nkey is not a valid seed: %s",
                            nserver__quoted_key(r, value->text));
    }
    nauth_nkey_fini(&key);
}

/* What. */

static void read_deny_imports(struct reading *r, const struct nconf_value *value, void *block)
{
    nserver__read_subjects(r, value, &((struct remote *)block)->out.deny_imports, false);
}

static void read_deny_exports(struct reading *r, const struct nconf_value *value, void *block)
{
    nserver__read_subjects(r, value, &((struct remote *)block)->out.deny_exports, false);
}

// Other keys in it are ignored, as the reference does.
static void read_migrate(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_leaf_remote *out = &((struct remote *)block)->out;

    if (value->type != NCONF_BOOL && value->type != NCONF_MAP) {
        nserver__read_error(r, value,
                            "Expected boolean or map for jetstream_cluster_migrate, got %s",
                            nconf_type_name(value->type));
        return;
    }
    out->jetstream_cluster_migrate = value->type == NCONF_MAP || value->is_true;
    for (const struct nconf_value *entry = value->type == NCONF_MAP ? value->first : NULL;
         entry != NULL; entry = entry->next) {
        if (nserver__is_key(entry, "leader_migrate_delay")) {
            (void)nserver__read_duration(r, entry, &out->jetstream_migrate_delay_ns);
        }
    }
}

/* An entry. */

#define MEMBER(name) offsetof(struct remote, out.name)
#define FLAG(key, name)                                                          \
    {                                                                            \
        key, NSERVER__OPTION_BOOL, offsetof(struct remote, out.name), NULL, NULL \
    }

static const struct nserver__option options[] = {
    {"url", NSERVER__OPTION_SPECIAL, 0, read_urls, NULL},
    {"urls", NSERVER__OPTION_SPECIAL, 0, read_urls, NULL},
    FLAG("no_randomize", no_randomize),
    FLAG("dont_randomize", no_randomize),
    {"account", NSERVER__OPTION_TEXT, MEMBER(account), NULL, NULL},
    {"local", NSERVER__OPTION_TEXT, MEMBER(account), NULL, NULL},
    {"credentials", NSERVER__OPTION_SPECIAL, 0, read_credentials, NULL},
    {"creds", NSERVER__OPTION_SPECIAL, 0, read_credentials, NULL},
    {"nkey", NSERVER__OPTION_SPECIAL, 0, read_nkey, NULL},
    {"seed", NSERVER__OPTION_SPECIAL, 0, read_nkey, NULL},
    {"tls", NSERVER__OPTION_SPECIAL, 0, read_tls, NULL},
    FLAG("hub", hub),
    {"deny_imports", NSERVER__OPTION_SPECIAL, 0, read_deny_imports, NULL},
    {"deny_import", NSERVER__OPTION_SPECIAL, 0, read_deny_imports, NULL},
    {"deny_exports", NSERVER__OPTION_SPECIAL, 0, read_deny_exports, NULL},
    {"deny_export", NSERVER__OPTION_SPECIAL, 0, read_deny_exports, NULL},
    FLAG("ws_compression", ws_compression),
    FLAG("ws_compress", ws_compression),
    FLAG("websocket_compress", ws_compression),
    FLAG("websocket_compression", ws_compression),
    FLAG("ws_no_masking", ws_no_masking),
    FLAG("websocket_no_masking", ws_no_masking),
    {"jetstream_cluster_migrate", NSERVER__OPTION_SPECIAL, 0, read_migrate, NULL},
    {"js_cluster_migrate", NSERVER__OPTION_SPECIAL, 0, read_migrate, NULL},
    FLAG("isolate_leafnode_interest", isolate),
    FLAG("isolate", isolate),
    FLAG("request_isolation", request_isolation),
    {"compression", NSERVER__OPTION_COMPRESSION, MEMBER(compression), NULL, NULL},
    {"first_info_timeout", NSERVER__OPTION_DURATION, MEMBER(first_info_timeout_ns), NULL, NULL},
    {"dial_timeout", NSERVER__OPTION_DURATION, MEMBER(dial_timeout_ns), NULL, NULL},
    FLAG("disabled", disabled),
    FLAG("ignore_discovered_servers", ignore_discovered_servers),
    {"proxy", NSERVER__OPTION_SPECIAL, 0, read_proxy, NULL},
};

// The first fault of the whole, at the key of the entry that was read last.
static void check_remote(struct reading *r, const struct nconf_value *map,
                         const struct nserver_leaf_remote *remote)
{
    if (remote->credentials != NULL && remote->nkey != NULL) {
        nserver__read_error(r, nserver__last_key(map),
                            "Remote leafnode can not have both creds and nkey defined");
    }
}

static void read_remote(struct reading *r, const struct nconf_value *map)
{
    struct nserver_leafnode_options *leaf = &r->opts->leafnodes;
    struct remote remote = {0};

    if (map->type != NCONF_MAP) {
        nserver__read_error(r, map, "Expected remote leafnode entry to be a map/struct, got %s",
                            nserver__shown(r, map));
        return;
    }
    nserver__read_block(r, map, options, NB_ARRAY_LEN(options), &remote);
    check_remote(r, map, &remote.out);
    if (remote.proxy != NULL) {
        nserver__check_leaf_proxy(r, remote.proxy, &remote.out);
    }
    leaf->remotes =
        nserver__keep_one_more(r, leaf->remotes, leaf->remote_count, sizeof(remote.out));
    leaf->remotes[leaf->remote_count++] = remote.out;
}

/* All of them. */

static void refuse_if_there(struct reading *r, const struct nconf_value *map, size_t index)
{
    enum { NAME_MAX_BYTES = 16 * 1024 };
    const struct nserver_leaf_remote *remotes = r->opts->leafnodes.remotes;
    struct nb_buf name;
    int rc;

    for (size_t i = 0; i < index; i++) {
        if (!nserver_leaf_remote_same(&remotes[i], &remotes[index])) {
            continue;
        }
        nb_buf_init(&name, NAME_MAX_BYTES);
        rc = nserver_leaf_remote_name(&remotes[index], &name);
        (void)rc; // a part of it does
        nserver__read_error(r, nserver__last_key(map), "duplicate remote %.*s",
                            NB_SLICE_ARGS(nb_buf_slice(&name)));
        nb_buf_fini(&name);
        return;
    }
}

static void set_default_ports(struct nserver_leafnode_options *leaf)
{
    static const char port[] = "7422";

    for (size_t i = 0; i < leaf->remote_count; i++) {
        for (size_t k = 0; k < leaf->remotes[i].url_count; k++) {
            struct nserver_url *url = &leaf->remotes[i].urls[k];

            if (url->port[0] == '\0' && url->host[0] != '\0') {
                url->port = (char *)port; // nobody writes to it
            }
        }
    }
}

void nserver__read_remotes(struct reading *r, const struct nconf_value *value)
{
    struct nserver_leafnode_options *leaf = &r->opts->leafnodes;

    if (value->type != NCONF_ARRAY) {
        nserver__read_error(r, value, "Expected remotes field to be an array, got %s",
                            nconf_type_name(value->type));
        return;
    }
    leaf->remotes = NULL;
    leaf->remote_count = 0;
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        size_t before = leaf->remote_count;

        read_remote(r, item);
        if (leaf->remote_count > before) {
            refuse_if_there(r, item, before);
        }
    }
    set_default_ports(leaf);
}
