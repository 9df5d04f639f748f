/* conf_fixture.h - a world of files and variables in memory, and checks of what a text means. */
#pragma once

#include "nb_test.h"

#include <natsd/conf.h>

#include <string.h>

enum {
    WORLD_MAX = 40, // files, or variables
};

struct world_item {
    const char *name;
    const char *value;
};

struct world {
    struct world_item files[WORLD_MAX];
    struct world_item env[WORLD_MAX];
};

static inline const char *world_find(const struct world_item *items, const char *name)
{
    for (size_t i = 0; i < WORLD_MAX && items[i].name != NULL; i++) {
        if (strcmp(items[i].name, name) == 0) {
            return items[i].value;
        }
    }
    return NULL;
}

static inline int world_read_file(void *ctx, const char *path, struct nb_buf *out,
                                  struct nb_buf *message)
{
    const struct world *world = ctx;
    const char *text = world_find(world->files, path);

    if (text == NULL) {
        nb_buf_must_format(message, "open %s: no such file or directory", path);
        return NB_ENOTFOUND;
    }
    return nb_buf_append(out, nb_slice_of(text));
}

static inline bool world_get_env(void *ctx, const char *name, struct slice *value)
{
    const struct world *world = ctx;
    const char *text = world_find(world->env, name);

    *value = nb_slice_of(text);
    return text != NULL;
}

static inline struct nconf_source world_source(struct world *world)
{
    return (struct nconf_source){
        .read_file = world_read_file,
        .get_env = world_get_env,
        .ctx = world,
    };
}

// The text in an allocation of exactly its size, so that the address sanitizer sees overreads.
static inline int parse_exact(struct world *world, struct slice text, struct nconf_doc *doc,
                              struct nb_buf *message)
{
    struct world nothing = {0};
    struct nconf_source source = world_source(world != NULL ? world : &nothing);
    uint8_t *exact = malloc(text.n);
    int rc;

    if (text.n > 0) {
        assert_non_null(exact);
        memcpy(exact, text.p, text.n);
    }
    rc = nconf_parse_text(&source, "f.conf", nb_slice_make(exact, text.n), doc, message);
    free(exact);
    return rc;
}

// Shown in failures; NULs as dots.
static inline const char *printable(struct slice text, char *out, size_t room)
{
    size_t n = text.n < room - 1 ? text.n : room - 1;

    for (size_t i = 0; i < n; i++) {
        out[i] = text.p[i] == 0 ? '.' : (char)text.p[i];
    }
    out[n] = '\0';
    return out;
}

// Parsing `text` gives this canonical JSON.
static inline void check_means_in(struct world *world, struct slice text, const char *want)
{
    struct nconf_doc doc = {0};
    struct nb_buf message;
    struct nb_buf json;
    char shown[2][2048];

    nb_buf_init(&message, NCONF_MESSAGE_MAX_BYTES);
    nb_buf_init(&json, 1024 * 1024);
    if (parse_exact(world, text, &doc, &message) != NB_OK) {
        fail_msg("%s: refused: %s", printable(text, shown[0], sizeof(shown[0])),
                 printable(nb_buf_slice(&message), shown[1], sizeof(shown[1])));
    }
    assert_int_equal(nconf_value_json(doc.root, &json), NB_OK);
    if (!nb_slice_is(nb_buf_slice(&json), want)) {
        fail_msg("%s: is %s, want %s", printable(text, shown[0], sizeof(shown[0])),
                 printable(nb_buf_slice(&json), shown[1], sizeof(shown[1])), want);
    }
    nb_buf_fini(&message);
    nb_buf_fini(&json);
    nconf_doc_fini(&doc);
}

static inline void check_means(const char *text, const char *want)
{
    check_means_in(NULL, nb_slice_of(text), want);
}

// Parsing `text` fails with exactly these bytes.
static inline void check_refused_in(struct world *world, struct slice text, struct slice want)
{
    struct nconf_doc doc = {0};
    struct nb_buf message;
    char shown[3][2048];

    nb_buf_init(&message, NCONF_MESSAGE_MAX_BYTES);
    if (parse_exact(world, text, &doc, &message) == NB_OK) {
        nconf_doc_fini(&doc);
        fail_msg("%s: accepted", printable(text, shown[0], sizeof(shown[0])));
    }
    assert_null(doc.root); // untouched
    if (!nb_slice_equal(nb_buf_slice(&message), want)) {
        fail_msg("%s: says %s, want %s", printable(text, shown[0], sizeof(shown[0])),
                 printable(nb_buf_slice(&message), shown[1], sizeof(shown[1])),
                 printable(want, shown[2], sizeof(shown[2])));
    }
    nb_buf_fini(&message);
}

static inline void check_refused(const char *text, const char *want)
{
    check_refused_in(NULL, nb_slice_of(text), nb_slice_of(want));
}

// "Parse error on line N: '<before><c><after>'", as every error of the lexer reads.
static inline void check_lexer_refuses(struct slice text, int line, struct slice error)
{
    struct nb_buf want;

    nb_buf_init(&want, 4096);
    nb_buf_must_format(&want, "Parse error on line %d: '", line);
    nb_buf_must(&want, error);
    nb_buf_must_text(&want, "'");
    check_refused_in(NULL, text, nb_buf_slice(&want));
    nb_buf_fini(&want);
}
