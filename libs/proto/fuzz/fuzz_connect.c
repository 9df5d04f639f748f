/* A CONNECT that is taken can be written and read again to the same; one that is refused changes
 * nothing. And whatever stands around it, a password does not show in a trace.
 */
#include <natsd/info.h>
#include <natsd/json_reader.h>
#include <natsd/json_writer.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    TEXT_MAX_BYTES = 16 * 1024 * 1024,
};

static struct nb_buf written(const struct nproto_connect *connect)
{
    struct nb_buf text;
    int rc;

    nb_buf_init(&text, TEXT_MAX_BYTES);
    rc = nproto_connect_write(connect, &text);
    assert(rc == NB_OK);
    return text;
}

static void assert_same(const struct nproto_connect *a, const struct nproto_connect *b)
{
    struct nb_buf x = written(a);
    struct nb_buf y = written(b);

    assert(nb_slice_equal(nb_buf_slice(&x), nb_buf_slice(&y)));
    nb_buf_fini(&x);
    nb_buf_fini(&y);
}

static void merge_twice_and_reread(struct slice json)
{
    struct nproto_connect connect;
    struct nproto_connect again;
    struct nproto_connect fresh;
    struct nb_diag diag = {""};
    struct nb_buf text;
    int rc;

    nproto_connect_init(&fresh);
    nproto_connect_init(&connect);
    nproto_connect_init(&again);
    rc = nproto_connect_merge(&connect, json, &diag);
    if (rc < 0) {
        assert(rc == NB_EMALFORMED || rc == NB_ELIMIT);
        assert(diag.text[0] != '\0');
        assert_same(&connect, &fresh);
    } else {
        text = written(&connect);
        rc = nproto_connect_merge(
            &again,
            nb_slice_sub(nb_buf_slice(&text), sizeof("CONNECT ") - 1, nb_buf_slice(&text).n),
            &diag);
        assert(rc == NB_OK);
        assert_same(&connect, &again);
        rc = nproto_connect_merge(&again, json, &diag);
        assert(rc == NB_OK);
        assert_same(&connect, &again);
        nb_buf_fini(&text);
    }
    nproto_connect_fini(&connect);
    nproto_connect_fini(&again);
    nproto_connect_fini(&fresh);
}

static struct nb_buf redacted(struct slice arg)
{
    struct nb_buf out;
    int rc;

    nb_buf_init(&out, TEXT_MAX_BYTES);
    rc = nproto_connect_redact(arg, &out);
    assert(rc == NB_OK);
    return out;
}

// What is hidden once stays as it is. Of text that is no JSON, what the quotes belong to may
// look different the second time.
static void redact_twice(struct slice arg)
{
    struct nb_json_doc doc = {0};
    bool is_json = nb_json_parse(arg, TEXT_MAX_BYTES, &doc, NULL) == NB_OK;
    struct nb_buf once = redacted(arg);
    struct nb_buf twice = redacted(nb_buf_slice(&once));

    assert(!is_json || nb_slice_equal(nb_buf_slice(&once), nb_buf_slice(&twice)));
    nb_json_doc_fini(&doc);
    nb_buf_fini(&once);
    nb_buf_fini(&twice);
}

// The password begins and ends with a mark, between is anything, and so in the member before it.
static void hide_a_password(struct slice before, struct slice inside)
{
    static const char mark[] = "QzQzQz";
    struct nb_json_writer w;
    struct nb_buf secret;
    struct nb_buf json;
    struct nb_buf shown;
    int rc;

    if (nb_slice_find(before, nb_slice_of(mark)) < before.n) {
        return;
    }
    nb_buf_init(&secret, TEXT_MAX_BYTES);
    nb_buf_must_text(&secret, mark);
    nb_buf_must(&secret, inside);
    nb_buf_must_text(&secret, mark);
    nb_buf_init(&json, TEXT_MAX_BYTES);
    nb_json_begin(&w, &json, NB_JSON_COMPACT);
    nb_json_object(&w);
    nb_json_put_str(&w, "name", before);
    nb_json_put_str(&w, "pass", nb_buf_slice(&secret));
    nb_json_object_end(&w);
    rc = nb_json_end(&w);
    assert(rc == NB_OK);
    shown = redacted(nb_buf_slice(&json));
    assert(nb_slice_find(nb_buf_slice(&shown), nb_slice_of(mark)) == nb_buf_slice(&shown).n);
    nb_buf_fini(&shown);
    nb_buf_fini(&json);
    nb_buf_fini(&secret);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct slice all = nb_slice_make(data, size);

    merge_twice_and_reread(all);
    redact_twice(all);
    hide_a_password(nb_slice_sub(all, 0, size / 2), nb_slice_sub(all, size / 2, size));
    return 0;
}
