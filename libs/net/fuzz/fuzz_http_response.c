/* An answer from a stream: whole, in two pieces and byte by byte it must come out the same. */
#include "http_response.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    BODY_MAX_BYTES = 4096,
};

static int run(struct slice whole, size_t step, struct nnet__http_response *response)
{
    int rc = NB_EAGAIN;

    nnet__http_response_init(response, BODY_MAX_BYTES);
    for (size_t at = 0; at < whole.n && rc == NB_EAGAIN; at += step) {
        rc = nnet__http_response_feed(response, nb_slice_sub(whole, at, step));
    }
    if (rc == NB_EAGAIN) {
        rc = nnet__http_response_end(response);
    }
    assert(nb_buf_slice(&response->body).n <= BODY_MAX_BYTES);
    assert(response->reason_size <= NNET__HTTP_REASON_MAX_BYTES);
    return rc;
}

static void check_same(int rc_a, struct nnet__http_response *a, int rc_b,
                       struct nnet__http_response *b)
{
    assert(rc_a == rc_b);
    if (rc_a == NB_OK) {
        assert(nnet__http_response_status(a) == nnet__http_response_status(b));
        assert(nb_slice_equal(nb_buf_slice(&a->body), nb_buf_slice(&b->body)));
        assert(nb_slice_equal(nb_slice_make(a->reason, a->reason_size),
                              nb_slice_make(b->reason, b->reason_size)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice whole = nb_slice_make(data, size);
    const size_t steps[] = {size / 2 + 1, 1};
    struct nnet__http_response at_once;
    int rc = run(whole, size > 0 ? size : 1, &at_once);

    for (size_t i = 0; i < NB_ARRAY_LEN(steps); i++) {
        struct nnet__http_response pieces;

        check_same(rc, &at_once, run(whole, steps[i], &pieces), &pieces);
        nnet__http_response_fini(&pieces);
    }
    nnet__http_response_fini(&at_once);
    return 0;
}
