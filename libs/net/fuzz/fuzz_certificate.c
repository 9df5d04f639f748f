/* Names in a certificate: whatever the bytes are, candidates come in their order, texts have the
 * form that they are compared in, and the DN equals what its own text is read as.
 */
#include "uri.h"

#include <natsd/certificate.h>
#include <natsd/ocsp.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    TEXT_MAX_BYTES = 4 * 1024 * 1024,
};

// Normalising once more changes nothing.
static void check_uri(struct slice text)
{
    struct nb_buf again;

    nb_buf_init(&again, TEXT_MAX_BYTES);
    assert(nnet__uri_normalize(text, &again) == NB_OK);
    assert(nb_slice_equal(nb_buf_slice(&again), text));
    nb_buf_fini(&again);
}

// Empty values, and those with a "#" that a user's name could not begin with, have no such text.
static void check_dn(const struct nnet_identity *identity, struct slice text)
{
    struct nnet_dn dn;

    assert(identity->dn.count > 0 && identity->dn.count <= NNET_DN_ATTRIBUTES_MAX);
    if (nnet_dn_parse(text, &dn) == NB_OK) {
        assert(nnet_dn_equal(&identity->dn, &dn));
        assert(nnet_dn_equal(&dn, &identity->dn));
        assert(nnet_dn_equal_unordered(&identity->dn, &dn));
        nnet_dn_fini(&dn);
    }
    assert(nnet_dn_equal_unordered(&identity->dn, &identity->dn));
}

static void check_identity(const struct nnet_identity *identity)
{
    for (size_t i = 0; i < identity->count; i++) {
        const struct nnet_identity_name *name = &identity->names[i];

        assert(name->text.n > 0);
        assert(i == 0 || identity->names[i - 1].kind <= name->kind);
        if (name->kind == NNET_IDENTITY_URI) {
            check_uri(name->text);
        } else if (name->kind == NNET_IDENTITY_DN) {
            check_dn(identity, name->text);
        } else if (name->kind == NNET_IDENTITY_DNS) {
            (void)nnet_identity_speaks_for_host(identity, name->text);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice der = nb_slice_make(data, size);
    struct nnet_identity identity;
    struct slice url;

    if (nnet_identity_read(der, &identity) == NB_OK) {
        check_identity(&identity);
        nnet_identity_fini(&identity);
    }
    for (unsigned i = 0; nnet_certificate_ocsp_url(der, i, &url); i++) {
        assert(url.p >= der.p && url.n <= der.n);
    }
    (void)nnet_certificate_must_staple(der);
    (void)nnet_certificate_is_ca(der);
    return 0;
}
