/* Any bytes come back from base64url; any text that decodes, in either form, decodes to the
 * same when it is written anew.
 */
#include <natsd/base64.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void bytes_come_back(struct slice bytes)
{
    struct nb_buf text;
    struct nb_buf back;
    int rc;

    nb_buf_init(&text, bytes.n * 2 + 4);
    nb_buf_init(&back, bytes.n);
    rc = nauth_base64url_encode(bytes, &text);
    assert(rc == NB_OK);
    rc = nauth_base64url_decode(nb_buf_slice(&text), &back);
    assert(rc == NB_OK);
    assert(nb_slice_equal(nb_buf_slice(&back), bytes));
    nb_buf_fini(&text);
    nb_buf_fini(&back);
}

static void try_decode(struct slice text)
{
    struct nb_buf bytes;

    nb_buf_init(&bytes, text.n);
    if (nauth_base64url_decode(text, &bytes) == NB_OK) {
        bytes_come_back(nb_buf_slice(&bytes));
    }
    nb_buf_clear(&bytes);
    if (nauth_base64_decode(text, &bytes) == NB_OK) {
        bytes_come_back(nb_buf_slice(&bytes));
    }
    nb_buf_fini(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bytes_come_back(nb_slice_make(data, size));
    try_decode(nb_slice_make(data, size));
    return 0;
}
