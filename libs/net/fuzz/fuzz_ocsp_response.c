/* A responder's answer, which nobody without the authority's key can forge: two bytes for the
 * length of a certificate, the certificate, the same for its issuer, then the response. What is
 * taken must be the same when it is read again, and no other certificate's.
 */
#include <natsd/ocsp.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW INT64_C(1790000000) // within the validity of the corpus' certificates

static struct slice take_piece(struct slice *rest)
{
    struct slice piece;
    size_t n;

    if (rest->n < 2) {
        return nb_slice_make(NULL, 0);
    }
    n = (size_t)rest->p[0] << 8 | rest->p[1];
    piece = nb_slice_sub(*rest, 2, n);
    *rest = nb_slice_sub(*rest, 2 + n, rest->n);
    return piece;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice response = nb_slice_make(data, size);
    struct slice cert = take_piece(&response);
    struct slice issuer = take_piece(&response);
    struct nnet_ocsp_answer answer = {.this_update_s = -1};
    struct nnet_ocsp_answer again;
    struct slice request;
    struct nb_diag diag = {.text = ""};
    int rc = nnet_ocsp_read_response(response, cert, issuer, NOW, &answer, &diag);

    if (rc == NB_OK) {
        assert(nnet_ocsp_read_response(response, cert, issuer, NOW, &again, NULL) == NB_OK);
        assert(again.status == answer.status && again.this_update_s == answer.this_update_s);
        assert(nnet_ocsp_read_response(response, issuer, cert, NOW, &again, NULL) != NB_OK);
    } else {
        assert(answer.this_update_s == -1 && diag.text[0] != '\0');
    }
    if (nnet_ocsp_make_request(cert, issuer, &request) == NB_OK) {
        assert(request.n > 0);
        nb_slice_free(&request);
    }
    return 0;
}
