#include <natsd/json_reader.h>

#include <natsd/number.h>
#include <natsd/quote.h>

#include <assert.h>
#include <yajl/yajl_parse.h>

// yajl calls back in the order of the text; each value is hung to the end of the innermost
// open container. A callback that returns 0 stops yajl, `rc` and the diag say why.
struct builder {
    struct nb_arena *arena;
    struct nb_json_value *root;
    struct nb_json_value **tails[NB_JSON_READ_DEPTH_MAX]; // where the next child is hung
    unsigned depth;
    struct slice key; // of the value to come
    int rc;
    struct nb_diag *diag;
};

enum { YAJL_STOP = 0, YAJL_GO_ON = 1 };

static int stop(struct builder *builder, const char *why)
{
    builder->rc = NB_ELIMIT;
    nb_diag_set(builder->diag, "%s", why);
    return YAJL_STOP;
}

static int stop_too_large(struct builder *builder)
{
    return stop(builder, "JSON text is too large");
}

static struct nb_json_value *add_value(struct builder *builder, enum nb_json_type type)
{
    struct nb_json_value *value = nb_arena_alloc(builder->arena, sizeof(*value));

    if (value == NULL) {
        return NULL;
    }
    *value = (struct nb_json_value){.type = type, .key = builder->key};
    builder->key = (struct slice){0};
    if (builder->depth == 0) {
        builder->root = value;
    } else {
        *builder->tails[builder->depth - 1] = value;
        builder->tails[builder->depth - 1] = &value->next;
    }
    return value;
}

// Copies text with each byte that is not UTF-8 replaced; `out` is NULL to only count.
static size_t replace_bad_bytes(struct slice text, uint8_t *out)
{
    size_t size = 0;

    while (text.n > 0) {
        uint8_t encoded[4];
        uint32_t rune;
        size_t n = nb_utf8_decode(text, &rune);
        size_t m = nb_utf8_encode(rune, encoded);

        if (out != NULL) {
            memcpy(out + size, encoded, m);
        }
        size += m;
        text = nb_slice_sub(text, n, text.n);
    }
    return size;
}

// .p is NULL at the arena's limit.
static struct slice keep_text(struct builder *builder, struct slice text)
{
    uint8_t *copy;
    size_t n;

    if (nb_utf8_is_valid(text)) {
        return nb_arena_dup(builder->arena, text);
    }
    n = replace_bad_bytes(text, NULL);
    copy = nb_arena_alloc(builder->arena, n + 1);
    if (copy == NULL) {
        return (struct slice){0};
    }
    replace_bad_bytes(text, copy);
    return nb_slice_make(copy, n);
}

static int on_text(struct builder *builder, enum nb_json_type type, struct slice text)
{
    struct nb_json_value *value = add_value(builder, type);

    if (value == NULL) {
        return stop_too_large(builder);
    }
    value->text = keep_text(builder, text);
    return value->text.p != NULL ? YAJL_GO_ON : stop_too_large(builder);
}

static int on_null(void *ctx)
{
    return add_value(ctx, NB_JSON_NULL) != NULL ? YAJL_GO_ON : stop_too_large(ctx);
}

static int on_bool(void *ctx, int is_true)
{
    struct nb_json_value *value = add_value(ctx, NB_JSON_BOOL);

    if (value == NULL) {
        return stop_too_large(ctx);
    }
    value->is_true = is_true != 0;
    return YAJL_GO_ON;
}

static int on_number(void *ctx, const char *p, size_t n)
{
    return on_text(ctx, NB_JSON_NUMBER, nb_slice_make(p, n));
}

static int on_string(void *ctx, const unsigned char *p, size_t n)
{
    return on_text(ctx, NB_JSON_STRING, nb_slice_make(p, n));
}

static int on_key(void *ctx, const unsigned char *p, size_t n)
{
    struct builder *builder = ctx;

    builder->key = keep_text(builder, nb_slice_make(p, n));
    return builder->key.p != NULL ? YAJL_GO_ON : stop_too_large(builder);
}

static int open_container(struct builder *builder, enum nb_json_type type)
{
    struct nb_json_value *value;

    if (builder->depth >= NB_JSON_READ_DEPTH_MAX) {
        return stop(builder, "JSON text is nested too deep");
    }
    value = add_value(builder, type);
    if (value == NULL) {
        return stop_too_large(builder);
    }
    builder->tails[builder->depth++] = &value->first;
    return YAJL_GO_ON;
}

static int on_object(void *ctx)
{
    return open_container(ctx, NB_JSON_OBJECT);
}

static int on_array(void *ctx)
{
    return open_container(ctx, NB_JSON_ARRAY);
}

static int on_close(void *ctx)
{
    struct builder *builder = ctx;

    assert(builder->depth > 0); // yajl matches brackets
    builder->depth--;
    return YAJL_GO_ON;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_bool,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_object,
    .yajl_map_key = on_key,
    .yajl_end_map = on_close,
    .yajl_start_array = on_array,
    .yajl_end_array = on_close,
};

static void *yajl_do_alloc(void *ctx NB_UNUSED, size_t size)
{
    return nb_alloc(size);
}

static void *yajl_do_realloc(void *ctx NB_UNUSED, void *p, size_t size)
{
    return nb_realloc(p, size);
}

static void yajl_do_free(void *ctx NB_UNUSED, void *p)
{
    nb_free(p);
}

static void explain(yajl_handle yajl, struct nb_diag *diag)
{
    unsigned char *text = yajl_get_error(yajl, 0, NULL, 0);
    struct slice line = nb_slice_trim(nb_slice_of((const char *)text));

    nb_diag_set(diag, "%.*s at byte %zu", NB_SLICE_ARGS(line), yajl_get_bytes_consumed(yajl));
    yajl_free_error(yajl, text);
}

static int run_yajl(struct slice text, struct builder *builder)
{
    yajl_alloc_funcs memory = {
        .malloc = yajl_do_alloc, .realloc = yajl_do_realloc, .free = yajl_do_free};
    yajl_handle yajl = yajl_alloc(&callbacks, &memory, builder);
    yajl_status status;

    yajl_config(yajl, yajl_dont_validate_strings, 1); // keep_text() mends them instead
    status = yajl_parse(yajl, text.p, text.n);
    if (status == yajl_status_ok) {
        status = yajl_complete_parse(yajl);
    }
    if (status == yajl_status_error) {
        builder->rc = NB_EMALFORMED;
        explain(yajl, builder->diag);
    }
    yajl_free(yajl);
    return builder->rc;
}

int nb_json_parse(struct slice text, size_t max_bytes, struct nb_json_doc *doc,
                  struct nb_diag *diag)
{
    struct nb_arena arena;
    struct builder builder = {.arena = &arena, .rc = NB_OK, .diag = diag};
    int rc;

    nb_arena_init(&arena, max_bytes);
    rc = run_yajl(text, &builder);
    if (rc < 0) {
        nb_arena_fini(&arena);
        return rc;
    }
    assert(builder.root != NULL);
    *doc = (struct nb_json_doc){.root = builder.root, .arena = arena};
    return NB_OK;
}

void nb_json_doc_fini(struct nb_json_doc *doc)
{
    nb_arena_fini(&doc->arena);
    doc->root = NULL;
}

const struct nb_json_value *nb_json_get(const struct nb_json_value *object, const char *key)
{
    const struct nb_json_value *found = NULL;

    if (object == NULL || object->type != NB_JSON_OBJECT) {
        return NULL;
    }
    for (const struct nb_json_value *it = object->first; it != NULL; it = it->next) {
        if (nb_slice_is(it->key, key)) {
            found = it;
        }
    }
    return found;
}

const struct nb_json_value *nb_json_get_nocase(const struct nb_json_value *object, const char *key)
{
    const struct nb_json_value *found = nb_json_get(object, key);

    if (found != NULL || object == NULL || object->type != NB_JSON_OBJECT) {
        return found;
    }
    for (const struct nb_json_value *it = object->first; it != NULL; it = it->next) {
        if (nb_slice_equal_nocase(it->key, nb_slice_of(key))) {
            found = it;
        }
    }
    return found;
}

static bool is_integer(const struct nb_json_value *value)
{
    if (value == NULL || value->type != NB_JSON_NUMBER) {
        return false;
    }
    for (size_t i = 0; i < value->text.n; i++) {
        uint8_t byte = value->text.p[i];

        if (byte == '.' || byte == 'e' || byte == 'E') {
            return false;
        }
    }
    return true;
}

int nb_json_to_i64(const struct nb_json_value *value, int64_t *out)
{
    if (!is_integer(value)) {
        return NB_EINVALID;
    }
    return nb_parse_i64(value->text, INT64_MIN, INT64_MAX, out);
}

int nb_json_to_u64(const struct nb_json_value *value, uint64_t *out)
{
    if (!is_integer(value)) {
        return NB_EINVALID;
    }
    if (nb_slice_starts(value->text, "-")) {
        return NB_ERANGE;
    }
    return nb_parse_u64(value->text, UINT64_MAX, out);
}

int nb_json_to_double(const struct nb_json_value *value, double *out)
{
    if (value == NULL || value->type != NB_JSON_NUMBER) {
        return NB_EINVALID;
    }
    return nb_parse_double(value->text, out);
}
