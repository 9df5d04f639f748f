#include <natsd/info.h>

#include "json_text.h"

#include <natsd/json_writer.h>
#include <natsd/memory.h>

enum kind {
    KIND_STR,
    KIND_INT,
    KIND_I64,
    KIND_U64,
    KIND_BOOL,
    KIND_URLS,
};

enum when {
    WHEN_ALWAYS,
    WHEN_UNLESS_EMPTY,
};

struct field {
    enum kind kind;
    enum when when;
    const char *key;
    size_t offset; // in struct nproto_info
};

static const struct field fields[] = {
#define NPROTO_INFO_FIELD(kind, when, key, member) \
    {KIND_##kind, WHEN_##when, key, offsetof(struct nproto_info, member)},
#include "info.def"
#undef NPROTO_INFO_FIELD
};

// -- writing ---------------------------------------------------------------------------------

static void write_urls(struct nb_json_writer *w, const char *key, const struct nproto_info *info)
{
    nb_json_key(w, key);
    nb_json_array(w);
    for (size_t i = 0; i < info->connect_url_count; i++) {
        nb_json_str(w, info->connect_urls[i]);
    }
    nb_json_array_end(w);
}

static bool is_empty(const struct field *field, const struct nproto_info *info)
{
    const void *value = (const uint8_t *)info + field->offset;

    switch (field->kind) {
    case KIND_STR:
        return ((const struct slice *)value)->n == 0;
    case KIND_INT:
        return *(const int *)value == 0;
    case KIND_I64:
        return *(const int64_t *)value == 0;
    case KIND_U64:
        return *(const uint64_t *)value == 0;
    case KIND_BOOL:
        return !*(const bool *)value;
    case KIND_URLS:
        return info->connect_url_count == 0;
    }
    NB_UNREACHABLE("kind of an INFO field");
}

static void write_field(struct nb_json_writer *w, const struct field *field,
                        const struct nproto_info *info)
{
    const void *value = (const uint8_t *)info + field->offset;

    if (field->when == WHEN_UNLESS_EMPTY && is_empty(field, info)) {
        return;
    }
    switch (field->kind) {
    case KIND_STR:
        nb_json_put_str(w, field->key, *(const struct slice *)value);
        return;
    case KIND_INT:
        nb_json_put_i64(w, field->key, *(const int *)value);
        return;
    case KIND_I64:
        nb_json_put_i64(w, field->key, *(const int64_t *)value);
        return;
    case KIND_U64:
        nb_json_put_u64(w, field->key, *(const uint64_t *)value);
        return;
    case KIND_BOOL:
        nb_json_put_bool(w, field->key, *(const bool *)value);
        return;
    case KIND_URLS:
        write_urls(w, field->key, info);
        return;
    }
    NB_UNREACHABLE("kind of an INFO field");
}

int nproto_info_write_json(const struct nproto_info *info, struct nb_buf *out)
{
    struct nb_json_writer w;

    nb_json_begin(&w, out, NB_JSON_COMPACT);
    nb_json_object(&w);
    for (size_t i = 0; i < NB_ARRAY_LEN(fields); i++) {
        write_field(&w, &fields[i], info);
    }
    nb_json_object_end(&w);
    return nb_json_end(&w);
}

int nproto_info_write(const struct nproto_info *info, struct nb_buf *out)
{
    int rc = nb_buf_append(out, NB_SLICE("INFO "));

    if (rc == NB_OK) {
        rc = nproto_info_write_json(info, out);
    }
    if (rc == NB_OK) {
        rc = nb_buf_append(out, NB_SLICE(" \r\n")); // the blank is the reference's
    }
    return rc;
}

// -- reading ---------------------------------------------------------------------------------

static int read_urls(const struct nb_json_value *value, struct nproto_info *info,
                     struct slice **urls)
{
    struct slice *list;
    size_t count = 0;

    if (value->type != NB_JSON_ARRAY) {
        return NB_EMALFORMED;
    }
    for (const struct nb_json_value *it = value->first; it != NULL; it = it->next) {
        count++;
        if (it->type != NB_JSON_STRING) {
            return NB_EMALFORMED;
        }
    }
    if (count > NPROTO_CONNECT_URLS_MAX) {
        return NB_ELIMIT;
    }
    list = nb_calloc(count, sizeof(*list));
    count = 0;
    for (const struct nb_json_value *it = value->first; it != NULL; it = it->next) {
        list[count++] = it->text;
    }
    *urls = list;
    info->connect_urls = list;
    info->connect_url_count = count;
    return NB_OK;
}

static int read_int(const struct nb_json_value *value, int *out)
{
    int64_t number;

    if (nb_json_to_i64(value, &number) < 0 || number < INT32_MIN || number > INT32_MAX) {
        return NB_EMALFORMED;
    }
    *out = (int)number;
    return NB_OK;
}

static int read_field(const struct field *field, const struct nb_json_value *value,
                      struct nproto_info *info, struct slice **urls)
{
    void *to = (uint8_t *)info + field->offset;

    switch (field->kind) {
    case KIND_STR:
        if (value->type != NB_JSON_STRING) {
            return NB_EMALFORMED;
        }
        *(struct slice *)to = value->text;
        return NB_OK;
    case KIND_INT:
        return read_int(value, to);
    case KIND_I64:
        return nb_json_to_i64(value, to) < 0 ? NB_EMALFORMED : NB_OK;
    case KIND_U64:
        return nb_json_to_u64(value, to) < 0 ? NB_EMALFORMED : NB_OK;
    case KIND_BOOL:
        if (value->type != NB_JSON_BOOL) {
            return NB_EMALFORMED;
        }
        *(bool *)to = value->is_true;
        return NB_OK;
    case KIND_URLS:
        return read_urls(value, info, urls);
    }
    NB_UNREACHABLE("kind of an INFO field");
}

static int read_fields(const struct nb_json_value *root, struct nproto_info *info,
                       struct slice **urls, struct nb_diag *diag)
{
    if (root->type != NB_JSON_OBJECT) {
        nb_diag_set(diag, "INFO is no JSON object");
        return NB_EMALFORMED;
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(fields); i++) {
        const struct nb_json_value *value = nb_json_get_nocase(root, fields[i].key);
        int rc;

        if (value == NULL || value->type == NB_JSON_NULL) {
            continue;
        }
        rc = read_field(&fields[i], value, info, urls);
        if (rc < 0) {
            nb_diag_set(diag, "INFO has a wrong value for \"%s\"", fields[i].key);
            return rc;
        }
    }
    return NB_OK;
}

int nproto_info_read(struct slice json, struct nb_json_doc *doc, struct nproto_info *info,
                     struct slice **urls, struct nb_diag *diag)
{
    struct nb_json_doc tree = {0};
    struct nproto_info read = {0};
    struct slice *list = NULL;
    int rc = nproto__json_parse(json, &tree, diag);

    if (rc == NB_OK) {
        rc = read_fields(tree.root, &read, &list, diag);
    }
    if (rc < 0) {
        goto fail;
    }
    *doc = tree;
    *info = read;
    *urls = list;
    return NB_OK;

fail:
    nb_free(list);
    nb_json_doc_fini(&tree);
    return rc;
}
