/* An INFO that is read can be written, and what was written reads as the same.
 */
#include <natsd/info.h>
#include <natsd/memory.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    TEXT_MAX_BYTES = 16 * 1024 * 1024,
};

static int rewrite(struct slice json, struct nb_buf *out, struct nb_diag *diag)
{
    struct nb_json_doc doc;
    struct nproto_info info;
    struct slice *urls;
    int rc = nproto_info_read(json, &doc, &info, &urls, diag);

    nb_buf_init(out, TEXT_MAX_BYTES);
    if (rc < 0) {
        return rc;
    }
    assert(info.connect_url_count <= NPROTO_CONNECT_URLS_MAX);
    rc = nproto_info_write_json(&info, out);
    assert(rc == NB_OK);
    nb_free(urls);
    nb_json_doc_fini(&doc);
    return NB_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct nb_diag diag = {""};
    struct nb_buf once;
    struct nb_buf twice;
    int rc = rewrite(nb_slice_make(data, size), &once, &diag);

    if (rc < 0) {
        assert(rc == NB_EMALFORMED || rc == NB_ELIMIT);
        assert(diag.text[0] != '\0');
        return 0;
    }
    rc = rewrite(nb_buf_slice(&once), &twice, &diag);
    assert(rc == NB_OK);
    assert(nb_slice_equal(nb_buf_slice(&once), nb_buf_slice(&twice)));
    nb_buf_fini(&once);
    nb_buf_fini(&twice);
    return 0;
}
