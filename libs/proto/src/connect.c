#include <natsd/info.h>

#include "json_text.h"

#include <natsd/json_writer.h>
#include <natsd/memory.h>

#include <assert.h>

enum kind {
    KIND_BOOL,
    KIND_I64,
    KIND_TEXT,
};

struct field {
    enum kind kind;
    const char *key;
    size_t offset; // in struct nproto_connect
};

static const struct field fields[] = {
#define NPROTO_CONNECT_FIELD(kind, key, member) \
    {KIND_##kind, key, offsetof(struct nproto_connect, member)},
#include "connect.def"
#undef NPROTO_CONNECT_FIELD
};

static void *member_of(struct nproto_connect *connect, const struct field *field)
{
    return (uint8_t *)connect + field->offset;
}

void nproto_connect_init(struct nproto_connect *connect)
{
    *connect = (struct nproto_connect){.verbose = true, .pedantic = true, .echo = true};
}

void nproto_connect_fini(struct nproto_connect *connect)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(fields); i++) {
        if (fields[i].kind == KIND_TEXT) {
            nb_slice_wipe_free(member_of(connect, &fields[i]));
        }
    }
}

// -- merging ---------------------------------------------------------------------------------

static bool is_key(const struct nb_json_value *member, const char *key)
{
    return nb_slice_equal_nocase(member->key, nb_slice_of(key));
}

static const struct field *find_field(const struct nb_json_value *member)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(fields); i++) {
        if (is_key(member, fields[i].key)) {
            return &fields[i];
        }
    }
    return NULL;
}

// An array of strings; null stands for what it may leave out.
static bool is_subject_list(const struct nb_json_value *value)
{
    if (value->type == NB_JSON_NULL) {
        return true;
    }
    if (value->type != NB_JSON_ARRAY) {
        return false;
    }
    for (const struct nb_json_value *it = value->first; it != NULL; it = it->next) {
        if (it->type != NB_JSON_STRING && it->type != NB_JSON_NULL) {
            return false;
        }
    }
    return true;
}

// {"allow":[],"deny":[]}, which clients may send and nobody uses.
static bool is_permission(const struct nb_json_value *value)
{
    if (value->type != NB_JSON_OBJECT) {
        return false;
    }
    for (const struct nb_json_value *it = value->first; it != NULL; it = it->next) {
        if ((is_key(it, "allow") || is_key(it, "deny")) && !is_subject_list(it)) {
            return false;
        }
    }
    return true;
}

static bool fits(const struct field *field, const struct nb_json_value *value)
{
    int64_t number;

    switch (field->kind) {
    case KIND_BOOL:
        return value->type == NB_JSON_BOOL;
    case KIND_I64:
        return nb_json_to_i64(value, &number) == NB_OK;
    case KIND_TEXT:
        return value->type == NB_JSON_STRING;
    }
    NB_UNREACHABLE("kind of a CONNECT field");
}

// Is every value of the type that its key wants?
static int check(const struct nb_json_value *root, struct nb_diag *diag)
{
    if (root->type != NB_JSON_OBJECT) {
        nb_diag_set(diag, "CONNECT is no JSON object");
        return NB_EMALFORMED;
    }
    for (const struct nb_json_value *it = root->first; it != NULL; it = it->next) {
        const struct field *field = find_field(it);
        bool is_right = true;

        if (it->type == NB_JSON_NULL) {
            continue;
        }
        if (field != NULL) {
            is_right = fits(field, it);
        } else if (is_key(it, "import") || is_key(it, "export")) {
            is_right = is_permission(it);
        }
        if (!is_right) {
            nb_diag_set(diag, "CONNECT has a wrong type of value for \"%.*s\"",
                        NB_SLICE_ARGS(it->key)); // one of our keys
            return NB_EMALFORMED;
        }
    }
    return NB_OK;
}

static void apply(struct nproto_connect *connect, const struct field *field,
                  const struct nb_json_value *value)
{
    void *to = member_of(connect, field);
    int rc;

    switch (field->kind) {
    case KIND_BOOL:
        *(bool *)to = value->is_true;
        return;
    case KIND_I64:
        rc = nb_json_to_i64(value, to);
        assert(rc == NB_OK); // checked
        return;
    case KIND_TEXT:
        nb_slice_wipe_free(to);
        *(struct slice *)to = nb_slice_dup(value->text);
        return;
    }
    NB_UNREACHABLE("kind of a CONNECT field");
}

// The tree has copies of the secrets. Its memory is the arena's, which we own with it.
static void wipe_texts(const struct nb_json_value *root)
{
    for (const struct nb_json_value *it = root->first; it != NULL; it = it->next) {
        if (it->type == NB_JSON_STRING) {
            nb_wipe((uint8_t *)it->text.p, it->text.n);
        }
    }
}

// In the order of the text, so that the last of several equal keys wins, in whatever case each
// is written.
static void apply_all(struct nproto_connect *connect, const struct nb_json_value *root)
{
    for (const struct nb_json_value *it = root->first; it != NULL; it = it->next) {
        const struct field *field = find_field(it);

        if (field != NULL && it->type != NB_JSON_NULL) {
            apply(connect, field, it);
        }
    }
}

int nproto_connect_merge(struct nproto_connect *connect, struct slice json, struct nb_diag *diag)
{
    struct nb_json_doc doc;
    int rc = nproto__json_parse(json, &doc, diag);

    if (rc < 0) {
        return rc;
    }
    if (doc.root->type != NB_JSON_NULL) { // a bare null changes nothing
        rc = check(doc.root, diag);
        if (rc == NB_OK) {
            apply_all(connect, doc.root);
        }
    }
    wipe_texts(doc.root);
    nb_json_doc_fini(&doc);
    return rc;
}

// -- writing ---------------------------------------------------------------------------------

static void write_field(struct nb_json_writer *w, const struct field *field,
                        const struct nproto_connect *connect)
{
    const void *value = (const uint8_t *)connect + field->offset;

    switch (field->kind) {
    case KIND_BOOL:
        nb_json_put_bool(w, field->key, *(const bool *)value);
        return;
    case KIND_I64:
        nb_json_put_i64(w, field->key, *(const int64_t *)value);
        return;
    case KIND_TEXT:
        nb_json_opt_str(w, field->key, *(const struct slice *)value);
        return;
    }
    NB_UNREACHABLE("kind of a CONNECT field");
}

int nproto_connect_write(const struct nproto_connect *connect, struct nb_buf *out)
{
    struct nb_json_writer w;
    int rc = nb_buf_append(out, NB_SLICE("CONNECT "));

    if (rc < 0) {
        return rc;
    }
    nb_json_begin(&w, out, NB_JSON_COMPACT);
    nb_json_object(&w);
    for (size_t i = 0; i < NB_ARRAY_LEN(fields); i++) {
        write_field(&w, &fields[i], connect);
    }
    nb_json_object_end(&w);
    rc = nb_json_end(&w);
    return rc == NB_OK ? nb_buf_append(out, NB_SLICE("\r\n")) : rc;
}
