/* read_resolver.c - where JWTs of accounts come from (spec 02 section 4.9, 03 section 20.1). */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <natsd/duration.h>
#include <natsd/memory.h>

#include "options/read_block.h"
#include "options/reading.h"

/* As a text: MEM, or URL("...") */

// What stands in the parentheses of "url(...)", without blanks and quotes.
static bool find_url(struct slice text, struct slice *url)
{
    struct slice opening = NB_SLICE("url(");
    size_t end;

    while (text.n >= opening.n &&
           !nb_slice_equal_nocase(nb_slice_sub(text, 0, opening.n), opening)) {
        text = nb_slice_sub(text, 1, text.n);
    }
    if (text.n < opening.n) {
        return false;
    }
    text = nb_slice_sub(text, opening.n, text.n);
    end = nb_slice_find_byte(text, ')');
    if (end == text.n) {
        return false;
    }
    text = nb_slice_trim(nb_slice_sub(text, 0, end));
    if (text.n > 0 && text.p[0] == '"') {
        text = nb_slice_sub(text, 1, text.n);
    }
    if (text.n > 0 && text.p[text.n - 1] == '"') {
        text.n--;
    }
    *url = nb_slice_trim(text);
    return true;
}

// With a slash behind it: the key of an account follows.
static char *keep_base(struct reading *r, struct slice url)
{
    bool has_slash = url.n > 0 && url.p[url.n - 1] == '/';
    char *base = nserver__keep_zeroed(r, url.n + 2);

    if (url.n > 0) {
        memcpy(base, url.p, url.n);
    }
    if (!has_slash) {
        base[url.n] = '/';
    }
    return base;
}

static void read_url(struct reading *r, const struct nconf_value *value, struct slice text)
{
    struct nserver_resolver_options *resolver = &r->opts->operators.resolver;
    struct nserver_url url;
    struct nb_diag diag;

    if (nserver_options_read_url(r->opts, text, &url, &diag) != NB_OK) {
        nserver__read_error(r, value, "error parsing account resolver url [%s]",
                            nserver__quoted_url(r, text));
        return;
    }
    resolver->kind = NSERVER_RESOLVER_URL;
    resolver->url = keep_base(r, text);
}

static bool has_word(struct slice text, struct slice word)
{
    for (size_t i = 0; i + word.n <= text.n; i++) {
        if (nb_slice_equal_nocase(nb_slice_sub(text, i, word.n), word)) {
            return true;
        }
    }
    return false;
}

static void say_unusable(struct reading *r, const struct nconf_value *value)
{
    nserver__read_error(r, value,
                        "error parsing account resolver, should be MEM or  URL(\"url\") or a map "
                        "containing dir and type state=[FULL|CACHE])");
}

static void read_resolver_text(struct reading *r, const struct nconf_value *value)
{
    struct slice url;

    if (has_word(value->text, NB_SLICE("mem"))) {
        r->opts->operators.resolver.kind = NSERVER_RESOLVER_MEMORY;
    } else if (find_url(value->text, &url)) {
        read_url(r, value, url);
    } else {
        say_unusable(r, value);
    }
}

/* As a map: a directory. */

struct directory_keys {
    const struct nconf_value *hard_delete; // NULL: the key is not there
    const struct nconf_value *timeout;
    bool is_faulty;
};

// Durations have no place of their own in the reference's faults.
static void read_time(struct reading *r, const struct nconf_value *map,
                      const struct nconf_value *value, int64_t *ns, struct directory_keys *keys)
{
    struct nb_diag diag;
    bool is_text = nconf_expect(value, NCONF_STRING, &diag) == NB_OK;

    if (!is_text || nb_duration_parse(value->text, ns, &diag) != NB_OK) {
        nserver__read_error(r, is_text ? map : value, "%s", diag.text);
        keys->is_faulty = true;
    }
}

// Keys are known by their case; others are nobody's business.
static void read_directory_key(struct reading *r, const struct nconf_value *map,
                               const struct nconf_value *value,
                               struct nserver_resolver_options *resolver,
                               struct directory_keys *keys)
{
    if (nb_slice_is(value->key, "dir")) {
        keys->is_faulty |= !nserver__read_kept_text(r, value, &resolver->dir);
    } else if (nb_slice_is(value->key, "limit")) {
        keys->is_faulty |= !nserver__read_int(r, value, &resolver->limit);
    } else if (nb_slice_is(value->key, "allow_delete")) {
        keys->is_faulty |= !nserver__read_bool(r, value, &resolver->allow_delete);
    } else if (nb_slice_is(value->key, "hard_delete")) {
        keys->hard_delete = value;
        keys->is_faulty |= !nserver__read_bool(r, value, &resolver->hard_delete);
    } else if (nb_slice_is(value->key, "interval")) {
        read_time(r, map, value, &resolver->interval_ns, keys);
    } else if (nb_slice_is(value->key, "ttl")) {
        read_time(r, map, value, &resolver->ttl_ns, keys);
    } else if (nb_slice_is(value->key, "timeout")) {
        keys->timeout = value;
        read_time(r, map, value, &resolver->timeout_ns, keys);
    }
}

static void refuse(struct reading *r, const struct nconf_value *map, struct directory_keys *keys,
                   const char *text)
{
    nserver__read_error(r, map, "%s", text);
    keys->is_faulty = true;
}

static void check_directory(struct reading *r, const struct nconf_value *map,
                            struct directory_keys *keys)
{
    const char *dir = r->opts->operators.resolver.dir;
    struct stat status;

    if (dir == NULL) {
        refuse(r, map, keys, "dir has no value and needs to point to a directory");
    } else if (stat(dir, &status) == 0 &&
               (!S_ISDIR(status.st_mode) || (status.st_mode & S_IWUSR) == 0)) {
        refuse(r, map, keys, "dir needs to point to an accessible directory");
    }
}

static void check_kind(struct reading *r, const struct nconf_value *map,
                       struct directory_keys *keys)
{
    const struct nserver_resolver_options *resolver = &r->opts->operators.resolver;

    if (resolver->kind == NSERVER_RESOLVER_FULL) {
        if (resolver->ttl_ns != 0) {
            refuse(r, map, keys, "FULL does not accept ttl");
        }
        if (keys->hard_delete != NULL && !resolver->allow_delete) {
            refuse(r, map, keys, "hard_delete has no effect without delete");
        }
        return;
    }
    if (resolver->interval_ns != 0) {
        refuse(r, map, keys, "CACHE does not accept sync");
    }
    if (resolver->allow_delete) {
        refuse(r, map, keys, "CACHE does not accept allow_delete");
    }
    if (keys->hard_delete != NULL) {
        refuse(r, map, keys, "CACHE does not accept hard_delete");
    }
}

static void check_timeout(struct reading *r, const struct nconf_value *map,
                          struct directory_keys *keys)
{
    int64_t timeout_ns = r->opts->operators.resolver.timeout_ns;
    struct nb_buf text;

    if (keys->timeout == NULL || timeout_ns > 0) {
        return;
    }
    nb_buf_init(&text, 64);
    nb_duration_format(timeout_ns, &text);
    nserver__read_error(r, map, "Fetch timeout %.*s is too smal",
                        NB_SLICE_ARGS(nb_buf_slice(&text)));
    nb_buf_fini(&text);
    keys->is_faulty = true;
}

// With all the directories above it.
static void make_directory(struct reading *r, const struct nconf_value *map)
{
    enum { OWNER_ONLY = 0700 };
    char *path = nb_strdup(r->opts->operators.resolver.dir);
    char reason[128];

    for (char *p = path + 1; *p != '\0'; p++) {
        if (*p == '/') {
            *p = '\0';
            (void)mkdir(path, OWNER_ONLY); // what fails here fails below
            *p = '/';
        }
    }
    if (mkdir(path, OWNER_ONLY) != 0 && errno != EEXIST) {
        nserver__read_error(r, map, "mkdir %s: %s", path,
                            nb_errno_text(errno, reason, sizeof(reason)));
    }
    nb_free(path);
}

// NSERVER_RESOLVER_NONE: there is no such kind, and its keys are to be right nevertheless.
static void read_directory(struct reading *r, const struct nconf_value *map,
                           enum nserver_resolver_kind kind)
{
    struct nserver_resolver_options *resolver = &r->opts->operators.resolver;
    struct directory_keys keys = {0};

    resolver->kind = kind;
    for (const struct nconf_value *value = map->first; value != NULL; value = value->next) {
        read_directory_key(r, map, value, resolver, &keys);
    }
    if (keys.is_faulty || kind == NSERVER_RESOLVER_MEMORY) {
        return;
    }
    if (kind == NSERVER_RESOLVER_NONE) {
        say_unusable(r, map);
        return;
    }
    check_directory(r, map, &keys);
    check_kind(r, map, &keys);
    check_timeout(r, map, &keys);
    if (!keys.is_faulty) {
        make_directory(r, map);
    }
}

static void read_resolver_map(struct reading *r, const struct nconf_value *map)
{
    static const struct {
        const char *name;
        enum nserver_resolver_kind kind;
    } kinds[] = {
        {"full", NSERVER_RESOLVER_FULL},
        {"cache", NSERVER_RESOLVER_CACHE},
        {"mem", NSERVER_RESOLVER_MEMORY},
        {"memory", NSERVER_RESOLVER_MEMORY},
    };
    const struct nconf_value *type = nconf_find_exact(map, NB_SLICE("type"));
    struct nb_diag diag;

    if (type != NULL && nconf_expect(type, NCONF_STRING, &diag) != NB_OK) {
        nserver__read_error(r, type, "%s", diag.text);
        return;
    }
    for (size_t i = 0; type != NULL && i < NB_ARRAY_LEN(kinds); i++) {
        if (nb_slice_equal_nocase(type->text, nb_slice_of(kinds[i].name))) {
            read_directory(r, map, kinds[i].kind);
            return;
        }
    }
    read_directory(r, map, NSERVER_RESOLVER_NONE);
}

/* Either. */

void nserver__read_resolver(struct reading *r, const struct nconf_value *value)
{
    r->opts->operators.resolver = (struct nserver_resolver_options){0};
    if (value->type == NCONF_STRING) {
        read_resolver_text(r, value);
    } else if (value->type == NCONF_MAP) {
        read_resolver_map(r, value);
    } else {
        nserver__read_error(r, value, "error parsing operator resolver, wrong type %s",
                            nconf_type_name(value->type));
    }
}

void nserver__read_resolver_tls(struct reading *r, const struct nconf_value *value)
{
    (void)nserver__read_tls_block(r, value, NSERVER__TLS_OTHERS, &r->opts->operators.resolver_tls);
}
