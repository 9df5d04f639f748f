/* variable.c - what $name stands for (spec 02 section 2.7): an earlier key of a map that is open
 * here, innermost first, or else the value of an environment variable, which is read as the
 * value of a key in a text of its own.
 */
#include "reader.h"

#include <assert.h>

// The key that an environment value is read under.
#define VALUE_KEY "pk"

static struct nconf_value *find_key(const struct nconf__scope *innermost, struct slice name)
{
    for (const struct nconf__scope *scope = innermost; scope != NULL; scope = scope->outer) {
        struct nconf_value *found = nconf__scope_find(scope, name);

        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

static int fail(const struct nconf__reader *reader, struct slice name, uint32_t line,
                const char *what)
{
    nconf__say_text(reader->message, "variable reference for '");
    nconf__say(reader->message, name);
    nconf__say_text(reader->message, "' on line ");
    nconf__say_number(reader->message, line);
    nconf__say_text(reader->message, what);
    return NB_EMALFORMED;
}

static int check_chain(const struct nconf__reader *reader, struct slice name,
                       struct nb_buf *message)
{
    for (const struct nconf__reader *r = reader; r != NULL; r = r->outer) {
        if (r->is_environment && nb_slice_equal(r->variable, name)) {
            nconf__say_text(message, "variable reference cycle for '");
            nconf__say(message, name);
            nconf__say_text(message, "'");
            return NB_EMALFORMED;
        }
    }
    if (reader->outer_count >= NCONF_SOURCE_DEPTH_MAX) {
        nconf__say_text(message, "variable references are nested too deeply");
        return NB_ELIMIT;
    }
    return NB_OK;
}

static int run_value(struct nconf__reader *reader, struct slice name, struct slice value,
                     struct nb_buf *message, struct nconf_value **out)
{
    struct nconf__reader inner = {
        .source = reader->source,
        .tree = reader->tree,
        .outer = reader,
        .outer_count = reader->outer_count + 1,
        .is_environment = true,
        .variable = name,
        .depth = reader->depth,
        .message = message,
    };
    struct nconf_value *map;
    struct nb_buf text;
    int rc;

    nb_buf_init(&text, NCONF_FILE_MAX_BYTES);
    rc = nb_buf_append(&text, NB_SLICE(VALUE_KEY "="));
    if (rc == NB_OK) {
        rc = nb_buf_append(&text, value);
    }
    if (rc != NB_OK) {
        nconf__say_text(message, "its value is too big");
    } else {
        rc = nconf__reader_run(&inner, nb_buf_slice(&text), &map);
    }
    if (rc == NB_OK) {
        const struct nconf_value *found = nconf_find_exact(map, NB_SLICE(VALUE_KEY));

        assert(found != NULL); // a separator makes even nothing a value
        rc = nconf__tree_share(reader->tree, found, out, message);
    }
    nb_buf_fini(&text);
    return rc;
}

static int resolve_in_environment(struct nconf__reader *reader, struct slice name, uint32_t line,
                                  struct nconf_value **out)
{
    const struct nconf_source *source = reader->source;
    char *variable = nb_slice_cstr(name);
    struct nb_buf message;
    struct slice value;
    int rc;

    nb_buf_init(&message, NCONF_MESSAGE_MAX_BYTES);
    if (!source->get_env(source->ctx, variable, &value)) {
        rc = fail(reader, name, line, " can not be found");
        goto out;
    }
    rc = check_chain(reader, name, &message);
    if (rc == NB_OK) {
        rc = run_value(reader, name, value, &message, out);
    }
    if (rc != NB_OK) {
        (void)fail(reader, name, line, " could not be parsed: ");
        nconf__say(reader->message, nb_buf_slice(&message));
    }
out:
    nb_buf_fini(&message);
    nb_free(variable);
    return rc;
}

int nconf__variable_resolve(struct nconf__reader *reader, struct slice name, uint32_t line,
                            struct nconf_value **out)
{
    struct nconf_value *found = find_key(reader->scope, name);

    if (found == NULL) {
        return resolve_in_environment(reader, name, line, out);
    }
    found->is_used = true;
    return nconf__tree_share(reader->tree, found, out, reader->message);
}
