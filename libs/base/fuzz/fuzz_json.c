/* Any text that is read can be written, compact and indented, and read again to the same tree.
 */
#include <natsd/json_reader.h>
#include <natsd/json_writer.h>
#include <natsd/quote.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    FUZZ_MAX_BYTES = 1024 * 1024,
};

// The writer nests less deep than the reader.
static bool is_too_deep(const struct nb_json_value *value, unsigned depth)
{
    if (depth > NB_JSON_DEPTH_MAX) {
        return true;
    }
    for (const struct nb_json_value *it = value->first; it != NULL; it = it->next) {
        if (is_too_deep(it, depth + 1)) {
            return true;
        }
    }
    return false;
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
        assert(nb_utf8_is_valid(value->text));
        nb_json_str(w, value->text);
        return;
    case NB_JSON_ARRAY:
        nb_json_array(w);
        for (const struct nb_json_value *it = value->first; it != NULL; it = it->next) {
            write_value(w, it);
        }
        nb_json_array_end(w);
        return;
    case NB_JSON_OBJECT:
        nb_json_object(w);
        for (const struct nb_json_value *it = value->first; it != NULL; it = it->next) {
            assert(nb_utf8_is_valid(it->key));
            nb_json_key_slice(w, it->key);
            write_value(w, it);
        }
        nb_json_object_end(w);
        return;
    }
    NB_UNREACHABLE("JSON type");
}

static void assert_same(const struct nb_json_value *a, const struct nb_json_value *b)
{
    assert(a->type == b->type);
    assert(a->is_true == b->is_true);
    assert(nb_slice_equal(a->key, b->key));
    assert(nb_slice_equal(a->text, b->text));
    a = a->first;
    b = b->first;
    for (; a != NULL && b != NULL; a = a->next, b = b->next) {
        assert_same(a, b);
    }
    assert(a == NULL && b == NULL);
}

static void check_number(const struct nb_json_value *value)
{
    double number;
    int64_t i64;
    uint64_t u64;

    if (nb_json_to_i64(value, &i64) == NB_OK && i64 >= 0 && value->text.p[0] != '-') {
        int rc = nb_json_to_u64(value, &u64);

        assert(rc == NB_OK && u64 == (uint64_t)i64);
    }
    if (value->type == NB_JSON_NUMBER) {
        int rc = nb_json_to_double(value, &number);

        assert(rc == NB_OK || rc == NB_ERANGE);
    }
}

static void round_trip(const struct nb_json_value *root, enum nb_json_style style)
{
    struct nb_json_doc again = {0};
    struct nb_json_writer w;
    struct nb_buf text;
    int rc;

    nb_buf_init(&text, (size_t)64 * FUZZ_MAX_BYTES);
    nb_json_begin(&w, &text, style);
    write_value(&w, root);
    rc = nb_json_end(&w);
    assert(rc == NB_OK);
    rc = nb_json_parse(nb_buf_slice(&text), FUZZ_MAX_BYTES, &again, NULL);
    assert(rc == NB_OK);
    assert_same(root, again.root);
    nb_json_doc_fini(&again);
    nb_buf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct nb_json_doc doc = {0};
    struct nb_diag diag = {""};
    int rc = nb_json_parse(nb_slice_make(data, size), FUZZ_MAX_BYTES, &doc, &diag);

    assert((rc == NB_OK) == (diag.text[0] == '\0'));
    assert((rc == NB_OK) == (doc.root != NULL));
    if (rc == NB_OK && !is_too_deep(doc.root, 0)) {
        check_number(doc.root);
        round_trip(doc.root, NB_JSON_COMPACT);
        round_trip(doc.root, NB_JSON_INDENTED);
    }
    nb_json_doc_fini(&doc);
    return 0;
}
