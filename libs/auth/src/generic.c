#include "generic.h"

#include "claims_kind.h"

enum {
    DEPTH_MAX = NB_JSON_DEPTH_MAX - 1,
    DOCUMENT_MAX_BYTES = 64 * 1024 * 1024,
};

// Children of containers are visited one by one; the depth of the walk is bounded.
static bool is_too_deep(const struct nb_json_value *value, unsigned depth)
{
    if (depth > DEPTH_MAX) {
        return true;
    }
    for (const struct nb_json_value *child = value->first; child != NULL; child = child->next) {
        if (child->first != NULL ? is_too_deep(child, depth + 1) : depth + 1 > DEPTH_MAX) {
            return true;
        }
    }
    return false;
}

static void write_value(struct nb_json_writer *w, const struct nb_json_value *value);

static void write_members(struct nb_json_writer *w, const struct nb_json_value *object)
{
    for (const struct nb_json_value *member = object->first; member != NULL;
         member = member->next) {
        nb_json_key_slice(w, member->key);
        write_value(w, member);
    }
}

static void write_array(struct nb_json_writer *w, const struct nb_json_value *array)
{
    nb_json_array(w);
    for (const struct nb_json_value *item = array->first; item != NULL; item = item->next) {
        write_value(w, item);
    }
    nb_json_array_end(w);
}

static void write_value(struct nb_json_writer *w, const struct nb_json_value *value)
{
    switch (value->type) {
    case NB_JSON_NULL:
        nb_json_null(w);
        return;
    case NB_JSON_BOOL:
        nb_json_bool(w, value->is_true);
        return;
    case NB_JSON_NUMBER:
        nb_json_raw(w, value->text);
        return;
    case NB_JSON_STRING:
        nb_json_str(w, value->text);
        return;
    case NB_JSON_ARRAY:
        write_array(w, value);
        return;
    case NB_JSON_OBJECT:
        nb_json_object(w);
        write_members(w, value);
        nb_json_object_end(w);
        return;
    }
    NB_UNREACHABLE("type of JSON");
}

static void write_v1_extra(struct nb_json_writer *w, const struct nb_json_value *payload,
                           const char *key)
{
    const struct nb_json_value *value = nb_json_get_nocase(payload, key);

    if (value != NULL && !is_too_deep(value, 1)) {
        nb_json_key(w, key);
        write_value(w, value);
    }
}

static int write_nats(const struct nb_json_value *payload, const struct nb_json_value *nats,
                      bool is_v1, struct nb_buf *out)
{
    struct nb_json_writer w;

    nb_json_begin(&w, out, NB_JSON_COMPACT);
    nb_json_object(&w);
    if (nats != NULL) {
        write_members(&w, nats);
    }
    if (is_v1) {
        write_v1_extra(&w, payload, "type");
        write_v1_extra(&w, payload, "tags");
    }
    nb_json_object_end(&w);
    return nb_json_end(&w);
}

int nauth__generic_read(struct nauth__reader *reader, const struct nb_json_value *payload,
                        struct slice *out)
{
    const struct nb_json_value *nats = nb_json_get_nocase(payload, "nats");
    struct nb_buf text;
    int rc = NB_OK;

    if (nats != NULL && nats->type != NB_JSON_OBJECT && nats->type != NB_JSON_NULL) {
        return nauth__refuse_type(reader, nats, "object");
    }
    if (nats != NULL && is_too_deep(nats, 1)) {
        return nauth__too_large(reader);
    }
    nb_buf_init(&text, reader->arena->max);
    if ((nats != NULL && nats->type == NB_JSON_OBJECT) || reader->is_v1) {
        rc = write_nats(payload, nats, reader->is_v1, &text);
    }
    if (rc == NB_OK) {
        *out = nb_arena_dup(reader->arena, nb_buf_slice(&text));
        rc = out->p != NULL ? NB_OK : NB_ELIMIT;
    }
    nb_buf_fini(&text);
    return rc < 0 ? nauth__too_large(reader) : NB_OK;
}

int nauth__generic_write(struct nb_json_writer *w, struct slice text, struct nb_diag *diag)
{
    struct nb_json_doc doc = {0};
    int rc = text.n > 0 ? nb_json_parse(text, DOCUMENT_MAX_BYTES, &doc, diag) : NB_OK;

    if (rc == NB_OK && doc.root != NULL &&
        (doc.root->type != NB_JSON_OBJECT || is_too_deep(doc.root, 1))) {
        nb_diag_set(diag, "generic claims are no object, or nested too deep");
        rc = doc.root->type != NB_JSON_OBJECT ? NB_EMALFORMED : NB_ELIMIT;
    }
    if (rc == NB_OK) {
        nb_json_object(w);
        for (const struct nb_json_value *member = doc.root != NULL ? doc.root->first : NULL;
             member != NULL; member = member->next) {
            if (!nb_slice_is(member->key, "version")) {
                nb_json_key_slice(w, member->key);
                write_value(w, member);
            }
        }
        nb_json_put_i64(w, "version", NAUTH__VERSION_LATEST);
        nb_json_object_end(w);
    }
    nb_json_doc_fini(&doc);
    return rc;
}
