#include "json_fields.h"

#include <natsd/map.h>
#include <natsd/number.h>

static const char *type_name(enum nb_json_type type)
{
    static const char *const names[] = {
        [NB_JSON_NULL] = "null",     [NB_JSON_BOOL] = "bool",   [NB_JSON_NUMBER] = "number",
        [NB_JSON_STRING] = "string", [NB_JSON_ARRAY] = "array", [NB_JSON_OBJECT] = "object",
    };

    return names[type];
}

int nauth__refuse_type(struct nauth__reader *reader, const struct nb_json_value *value,
                       const char *wanted)
{
    nb_diag_set(reader->diag, "json: cannot read %s as %s", type_name(value->type), wanted);
    return NB_EMALFORMED;
}

int nauth__too_large(struct nauth__reader *reader)
{
    nb_diag_set(reader->diag, "claims are too large");
    return NB_ELIMIT;
}

static const struct nauth__field *find_field(struct nauth__fields fields, struct slice key)
{
    for (size_t i = 0; i < fields.count; i++) {
        if (nb_slice_equal_nocase(nb_slice_of(fields.items[i].key), key)) {
            return &fields.items[i];
        }
    }
    return NULL;
}

int nauth__read_object(struct nauth__reader *reader, const struct nb_json_value *value,
                       struct nauth__fields fields, void *out)
{
    if (value->type == NB_JSON_NULL) {
        return NB_OK;
    }
    if (value->type != NB_JSON_OBJECT) {
        return nauth__refuse_type(reader, value, "object");
    }
    for (const struct nb_json_value *member = value->first; member != NULL; member = member->next) {
        const struct nauth__field *field = find_field(fields, member->key);

        if (field != NULL) {
            int rc = field->read(reader, member, (uint8_t *)out + field->at);

            if (rc < 0) {
                return rc;
            }
        }
    }
    return NB_OK;
}

int nauth__read_text(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    struct slice *text = out;
    struct slice copy;

    if (value->type == NB_JSON_NULL) {
        return NB_OK;
    }
    if (value->type != NB_JSON_STRING) {
        return nauth__refuse_type(reader, value, "string");
    }
    copy = nb_arena_dup(reader->arena, value->text);
    if (copy.p == NULL) {
        return nauth__too_large(reader);
    }
    *text = copy;
    return NB_OK;
}

int nauth__read_i64(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    if (value->type == NB_JSON_NULL || nb_json_to_i64(value, out) == NB_OK) {
        return NB_OK;
    }
    return nauth__refuse_type(reader, value, "int64");
}

int nauth__read_u64(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    if (value->type == NB_JSON_NULL || nb_json_to_u64(value, out) == NB_OK) {
        return NB_OK;
    }
    return nauth__refuse_type(reader, value, "uint64");
}

int nauth__read_bool(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    bool *flag = out;

    if (value->type == NB_JSON_BOOL) {
        *flag = value->is_true;
    }
    return value->type == NB_JSON_BOOL || value->type == NB_JSON_NULL
               ? NB_OK
               : nauth__refuse_type(reader, value, "bool");
}

static size_t count_children(const struct nb_json_value *value)
{
    size_t count = 0;

    for (const struct nb_json_value *child = value->first; child != NULL; child = child->next) {
        count++;
    }
    return count;
}

// Room for `count` items, zeroed, or NULL.
static uint8_t *take_items(struct nauth__reader *reader, size_t count, size_t item_size)
{
    size_t size;

    return nb_mul_size(count, item_size, &size) ? nb_arena_alloc(reader->arena, size) : NULL;
}

int nauth__read_array(struct nauth__reader *reader, const struct nb_json_value *value,
                      size_t item_size, nauth__read_fn read_item, struct nauth__array *out)
{
    size_t count = count_children(value);
    uint8_t *items;
    uint8_t *at;

    if (value->type != NB_JSON_ARRAY && value->type != NB_JSON_NULL) {
        return nauth__refuse_type(reader, value, "array");
    }
    items = take_items(reader, count, item_size);
    if (items == NULL) {
        return nauth__too_large(reader);
    }
    at = items;
    for (const struct nb_json_value *child = value->first; child != NULL; child = child->next) {
        int rc = read_item(reader, child, at);

        if (rc < 0) {
            return rc;
        }
        at += item_size;
    }
    *out = (struct nauth__array){.items = items, .count = count};
    return NB_OK;
}

int nauth__read_texts(struct nauth__reader *reader, const struct nb_json_value *value, void *out)
{
    struct nauth_texts *texts = out;
    struct nauth__array array;
    int rc = nauth__read_array(reader, value, sizeof(struct slice), nauth__read_text, &array);

    if (rc == NB_OK) {
        *texts = (struct nauth_texts){.items = array.items, .count = array.count};
    }
    return rc;
}

// The item of this key in `array`, which has room for one more; zeroed but for the key.
static uint8_t *item_of(struct nb_map *known, struct slice key, struct nauth__array *array,
                        size_t item_size)
{
    uint8_t *item = nb_map_find(known, key);

    if (item == NULL) {
        item = (uint8_t *)array->items + array->count++ * item_size;
        nb_map_insert(known, key, item);
    }
    memset(item, 0, item_size);
    memcpy(item, &key, sizeof(key));
    return item;
}

static int read_member(struct nauth__reader *reader, const struct nb_json_value *member,
                       struct nb_map *known, struct nauth__array *array, size_t item_size,
                       nauth__read_fn read_item)
{
    struct slice key = nb_arena_dup(reader->arena, member->key);

    if (key.p == NULL) {
        return nauth__too_large(reader);
    }
    return read_item(reader, member, item_of(known, key, array, item_size));
}

int nauth__read_map(struct nauth__reader *reader, const struct nb_json_value *value,
                    size_t item_size, nauth__read_fn read_item, struct nauth__array *out)
{
    struct nauth__array array = {.count = out->count};
    struct nb_map known = {0};
    int rc = NB_OK;

    if (value->type == NB_JSON_NULL) {
        *out = array;
        out->count = 0;
        return NB_OK;
    }
    if (value->type != NB_JSON_OBJECT) {
        return nauth__refuse_type(reader, value, "object");
    }
    array.items = take_items(reader, out->count + count_children(value), item_size);
    if (array.items == NULL) {
        return nauth__too_large(reader);
    }
    for (size_t i = 0; i < out->count; i++) {
        uint8_t *item = (uint8_t *)array.items + i * item_size;
        struct slice key;

        memcpy(item, (uint8_t *)out->items + i * item_size, item_size);
        memcpy(&key, item, sizeof(key));
        nb_map_insert(&known, key, item);
    }
    for (const struct nb_json_value *member = value->first; member != NULL && rc == NB_OK;
         member = member->next) {
        rc = read_member(reader, member, &known, &array, item_size, read_item);
    }
    nb_map_fini(&known);
    if (rc == NB_OK) {
        *out = array;
    }
    return rc;
}
