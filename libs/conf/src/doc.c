#include <natsd/conf.h>

#include "reader.h"

#include <assert.h>

int nconf_parse_text(const struct nconf_source *source, const char *name, struct slice text,
                     struct nconf_doc *doc, struct nb_buf *message)
{
    struct nconf_doc made = {0};
    struct nconf__tree tree = {.arena = &made.arena, .left_bytes = NCONF_TOTAL_MAX_BYTES};
    struct nconf__reader reader = {.source = source, .tree = &tree, .message = message};
    struct nconf_value *root;
    int rc;

    assert(source->read_file != NULL);
    assert(source->get_env != NULL);
    nb_arena_init(&made.arena, SIZE_MAX); // the tree knows its limit
    rc = nconf__tree_dup(&tree, nb_slice_of(name), &reader.file, message);
    if (rc == NB_OK) {
        rc = nconf__reader_run(&reader, text, &root);
    }
    if (rc != NB_OK) {
        nconf_doc_fini(&made);
        return rc;
    }
    made.root = root;
    *doc = made;
    return NB_OK;
}

int nconf_parse_file(const struct nconf_source *source, const char *path, struct nconf_doc *doc,
                     struct nb_buf *message)
{
    struct nb_buf text;
    int rc;

    nb_buf_init(&text, NCONF_FILE_MAX_BYTES);
    rc = source->read_file(source->ctx, path, &text, message);
    if (rc == NB_OK) {
        rc = nconf_parse_text(source, path, nb_buf_slice(&text), doc, message);
    }
    nb_buf_fini(&text);
    return rc;
}

void nconf_doc_fini(struct nconf_doc *doc)
{
    nb_arena_fini(&doc->arena);
    doc->root = NULL;
}
