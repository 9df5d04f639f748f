/* A configuration from any bytes. What is accepted keeps its digest when its canonical JSON,
 * which is a configuration too, is read instead; unless it has something in it that JSON writes
 * in a way this language does not know (\u escapes, escapes in keys, exponents).
 */
#include <natsd/conf.h>

#include <natsd/quote.h>

#include <assert.h>

static int read_file(void *ctx NB_UNUSED, const char *path, struct nb_buf *out,
                     struct nb_buf *message)
{
    if (strcmp(path, "a") == 0) {
        return nb_buf_append(out, NB_SLICE("x 1, y {z $E}\ninclude sub/b"));
    }
    if (strcmp(path, "sub/b") == 0) {
        return nb_buf_append(out, NB_SLICE("b [1, 2]\ninclude ../b"));
    }
    if (strcmp(path, "b") == 0) {
        return nb_buf_append(out, NB_SLICE("{}"));
    }
    return nb_buf_append(message, NB_SLICE("no such file")) == NB_OK ? NB_ENOTFOUND : NB_ELIMIT;
}

static bool get_env(void *ctx NB_UNUSED, const char *name, struct slice *value)
{
    if (name[0] == 'E') {
        *value = NB_SLICE("[5, $F, {a: b}]");
    } else if (name[0] == 'F') {
        *value = NB_SLICE("1.5");
    } else {
        *value = NB_SLICE("$E, $");
    }
    return name[0] >= 'E' && name[0] <= 'G';
}

static const struct nconf_source source = {.read_file = read_file, .get_env = get_env};

// JSON leaves each byte as it is, or writes one of the escapes that this language has, too.
static bool is_plain(struct slice text, bool with_escapes)
{
    while (text.n > 0) {
        uint32_t rune;
        size_t n = nb_utf8_decode(text, &rune);
        bool is_escape =
            rune == '"' || rune == '\\' || rune == '\n' || rune == '\r' || rune == '\t';

        if (is_escape && !with_escapes) {
            return false;
        }
        if ((rune < 0x20 && !is_escape) || rune == '<' || rune == '>' || rune == '&' ||
            rune == 0x2028 || rune == 0x2029 || (rune == 0xFFFD && n == 1)) {
            return false;
        }
        text = nb_slice_sub(text, n, SIZE_MAX);
    }
    return true;
}

// No exponent; and without a fraction it has to come back as an integer (-0 does not).
static bool is_plain_float(double size)
{
    return size >= 1e-6 && size < 0x1p63;
}

static bool is_expressible(const struct nconf_value *value)
{
    switch (value->type) {
    case NCONF_STRING:
        return is_plain(value->text, true);
    case NCONF_FLOAT:
        return is_plain_float(value->number < 0 ? -value->number : value->number);
    case NCONF_BOOL:
    case NCONF_INTEGER:
    case NCONF_TIME:
        return true;
    case NCONF_ARRAY:
    case NCONF_MAP:
        break;
    }
    for (const struct nconf_value *child = value->first; child != NULL; child = child->next) {
        if (!is_plain(child->key, false) || !is_expressible(child)) {
            return false;
        }
    }
    return true;
}

static void check_again(const struct nconf_doc *doc, struct slice json)
{
    struct nconf_doc again = {0};
    char want[NCONF_DIGEST_BYTES + 1];
    char got[NCONF_DIGEST_BYTES + 1];
    int rc = nconf_parse_text(&source, "json", json, &again, NULL);

    assert(rc == NB_OK);
    nconf_digest(doc, want);
    nconf_digest(&again, got);
    assert(strcmp(got, want) == 0);
    nconf_doc_fini(&again);
}

static void check_accepted(const struct nconf_doc *doc)
{
    struct nb_buf json;

    nb_buf_init(&json, 1024 * 1024);
    if (nconf_value_json(doc->root, &json) == NB_OK && is_expressible(doc->root)) {
        check_again(doc, nb_buf_slice(&json));
    }
    nb_buf_clear(&json);
    if (nconf_value_format(doc->root, &json) == NB_OK) {
        assert(nb_slice_wrapped(nb_buf_slice(&json), "map[", "]") || doc->root->count == 0);
    }
    nb_buf_fini(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct nconf_doc doc = {0};
    struct nb_buf message;
    int rc;

    nb_buf_init(&message, NCONF_MESSAGE_MAX_BYTES);
    rc = nconf_parse_text(&source, "f.conf", nb_slice_make(data, size), &doc, &message);
    if (rc == NB_OK) {
        check_accepted(&doc);
    } else {
        assert(nb_buf_slice(&message).n > 0);
    }
    nb_buf_fini(&message);
    nconf_doc_fini(&doc);
    return 0;
}
