/* A text that is accepted gives a JWT and a seed of one line each; put into a fresh frame, with
 * either line end, they are read again. What is refused leaves nothing behind.
 */
#include <natsd/creds.h>

#include <natsd/buf.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_block(struct nb_buf *out, const char *kind, struct slice body, const char *end)
{
    nb_buf_must_format(out, "-----BEGIN %s-----%s", kind, end);
    nb_buf_must(out, body);
    nb_buf_must_format(out, "%s------END %s------%s", end, kind, end);
}

static void frame_again(const struct nauth_creds *creds, const char *end)
{
    struct nauth_creds again = {0};
    struct nb_buf text;
    int rc;

    nb_buf_init(&text, NAUTH_CREDS_TEXT_MAX_BYTES + 1024);
    put_block(&text, "NATS USER JWT", creds->jwt, end);
    put_block(&text, "USER NKEY SEED", creds->seed, end);
    rc = nauth_creds_parse(nb_buf_slice(&text), &again);
    assert(rc == NB_OK);
    assert(nb_slice_equal(creds->jwt, again.jwt));
    assert(nb_slice_equal(creds->seed, again.seed));
    nauth_creds_fini(&again);
    nb_buf_wipe_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct nauth_creds creds = {0};
    int rc = nauth_creds_parse(nb_slice_make(data, size), &creds);

    if (rc < 0) {
        assert(creds.jwt.p == NULL && creds.seed.p == NULL);
        return 0;
    }
    assert(creds.jwt.n > 0 && creds.seed.n > 0);
    assert(nb_slice_find_byte(creds.jwt, '\n') == creds.jwt.n);
    assert(nb_slice_find_byte(creds.seed, '\n') == creds.seed.n);
    if (creds.jwt.p[creds.jwt.n - 1] != '\r' && creds.seed.p[creds.seed.n - 1] != '\r') {
        frame_again(&creds, "\n"); // a CR would be taken for a part of the line end
    }
    frame_again(&creds, "\r\n");
    nauth_creds_fini(&creds);
    return 0;
}
