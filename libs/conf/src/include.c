/* include.c - the files that a file names (spec 02 section 2.8). */
#include "reader.h"

#include "path.h"

static int check_chain(const struct nconf__reader *reader, struct slice path,
                       struct nb_buf *message)
{
    for (const struct nconf__reader *r = reader; r != NULL; r = r->outer) {
        if (nb_slice_equal(r->file, path)) {
            nconf__say_text(message, "include cycle for '");
            nconf__say(message, path);
            nconf__say_text(message, "'");
            return NB_EMALFORMED;
        }
    }
    if (reader->outer_count >= NCONF_SOURCE_DEPTH_MAX) {
        nconf__say_text(message, "includes are nested too deeply");
        return NB_ELIMIT;
    }
    return NB_OK;
}

static int run_file(struct nconf__reader *reader, const char *path, struct nb_buf *text,
                    struct nb_buf *message)
{
    const struct nconf_source *source = reader->source;
    struct nconf__reader inner = {
        .source = source,
        .tree = reader->tree,
        .outer = reader,
        .outer_count = reader->outer_count + 1,
        .depth = reader->depth,
        .message = message,
    };
    struct nconf_value *map;
    int rc = check_chain(reader, nb_slice_of(path), message);

    if (rc == NB_OK && source->check_include != NULL) {
        rc = source->check_include(source->ctx, path, message);
    }
    if (rc == NB_OK) {
        rc = source->read_file(source->ctx, path, text, message);
    }
    if (rc == NB_OK) {
        rc = nconf__tree_dup(reader->tree, nb_slice_of(path), &inner.file, message);
    }
    if (rc == NB_OK) {
        rc = nconf__reader_run(&inner, nb_buf_slice(text), &map);
    }
    if (rc == NB_OK) {
        nconf__scope_put_all(reader->scope, map);
    }
    return rc;
}

int nconf__include(struct nconf__reader *reader, struct slice path)
{
    char *joined = nconf__path_join(reader->file, path);
    struct nb_buf text;
    struct nb_buf message;
    int rc;

    nb_buf_init(&text, NCONF_FILE_MAX_BYTES);
    nb_buf_init(&message, NCONF_MESSAGE_MAX_BYTES);
    rc = run_file(reader, joined, &text, &message);
    if (rc != NB_OK) {
        nconf__say_text(reader->message, "error parsing include file '");
        nconf__say(reader->message, path);
        nconf__say_text(reader->message, "', ");
        nconf__say(reader->message, nb_buf_slice(&message));
    }
    nb_buf_fini(&text);
    nb_buf_fini(&message);
    nb_free(joined);
    return rc;
}
