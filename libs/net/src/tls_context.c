#include "tls_context.h"

#include "tls_names.h"

#include <natsd/memory.h>
#include <natsd/ocsp_peer.h>
#include <natsd/random.h>

#include <assert.h>
#include <openssl/err.h>
#include <string.h>

static void must(int ok)
{
    if (ok != 1) {
        NB_UNREACHABLE("TLS set-up that cannot fail");
    }
}

// Seconds since 1970 of a certificate's end; dates before are 0.
static int64_t not_after_of(const X509 *cert)
{
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0;
    int seconds = 0;
    int64_t total = 0;

    if (epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(cert)) == 1) {
        total = (int64_t)days * 24 * 60 * 60 + seconds;
    }
    ASN1_TIME_free(epoch);
    ERR_clear_error();
    return total > 0 ? total : 0;
}

static int load_pairs(struct nnet_tls_context *context, const struct nnet_tls_opts *opts,
                      struct nb_diag *diag)
{
    context->pairs = nb_calloc(opts->cert_count, sizeof(*context->pairs));
    for (size_t i = 0; i < opts->cert_count; i++) {
        struct nb_diag why = {.text = ""};
        int rc = nnet__tls_load_pair(&opts->certs[i], &context->pairs[i], &why);

        if (rc != NB_OK && opts->cert_count > 1) {
            nb_diag_set(diag, "error parsing X509 certificate/key pair %zu/%zu: %s", i + 1,
                        opts->cert_count, why.text);
            return rc;
        }
        if (rc != NB_OK) {
            nb_diag_set(diag, "error parsing X509 certificate/key pair: %s", why.text);
            return rc;
        }
        context->pair_count++;
    }
    return NB_OK;
}

static int use_pairs(struct nnet_tls_context *context, struct nb_diag *diag)
{
    const struct nnet__tls_pair *first = &context->pairs[0];

    if (context->pair_count == 0) {
        return NB_OK;
    }
    context->not_after = not_after_of(first->leaf);
    context->leaf = nnet__x509_der(first->leaf);
    if (nnet__ssl.SSL_CTX_use_certificate(context->ctx, first->leaf) != 1 ||
        nnet__ssl.SSL_CTX_set1_chain(context->ctx, first->chain) != 1 ||
        nnet__ssl.SSL_CTX_use_PrivateKey(context->ctx, first->key) != 1) {
        ERR_clear_error();
        nb_diag_set(diag, "error parsing certificate: unsupported key");
        return NB_EMALFORMED;
    }
    if (context->is_server && context->pair_count > 1) {
        nnet__tls_select_certificates(context);
    }
    return NB_OK;
}

static int set_trust(struct nnet_tls_context *context, const struct nnet_tls_opts *opts,
                     struct nb_diag *diag)
{
    X509_STORE *store = nnet__ssl.SSL_CTX_get_cert_store(context->ctx);
    STACK_OF(X509_NAME) *names = NULL;
    int rc = NB_OK;

    if (opts->verify_peer) {
        nnet__ssl.SSL_CTX_set_verify(context->ctx,
                                     SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    }
    context->has_roots = opts->ca_file != NULL;
    if (opts->ca_file != NULL) {
        names = sk_X509_NAME_new_null();
        rc = nnet__tls_load_roots(opts->ca_file, store, names, diag);
    } else if (opts->verify_peer && !opts->is_server) {
        nnet__tls_load_system_roots(store);
    }
    if (rc == NB_OK && names != NULL && opts->is_server) {
        nnet__ssl.SSL_CTX_set_client_CA_list(context->ctx, names); // taken
    } else {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
    }
    return rc;
}

static void copy_pins(struct nnet_tls_context *context, const struct nnet_tls_opts *opts)
{
    context->pin_count = opts->pin_count;
    if (opts->pin_count > 0) {
        context->pins = nb_calloc(opts->pin_count, NNET_TLS_PIN_BYTES);
        memcpy(context->pins, opts->pins, opts->pin_count * NNET_TLS_PIN_BYTES);
    }
}

static void set_protocol(struct nnet_tls_context *context, const struct nnet_tls_opts *opts)
{
    uint8_t session_context[SSL_MAX_SID_CTX_LENGTH];
    uint16_t min_version = opts->min_version != 0 ? opts->min_version : TLS1_2_VERSION;

    must(nnet__ssl.SSL_CTX_set_min_proto_version(context->ctx, min_version));
    must(nnet__ssl.SSL_CTX_set_max_proto_version(context->ctx, TLS1_3_VERSION));
    nnet__tls_set_ciphers(context->ctx, opts);
    nnet__tls_set_curves(context->ctx, opts);
    nnet__ssl.SSL_CTX_set_options(context->ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
    // Tickets resume sessions without memory here. Their keys are this context's own, and so is
    // the name of its sessions: one that began with other certificates, roots or pins, at another
    // listener or before a reload, is none of this one's (spec 13, 26-01).
    nb_random_secure(session_context, sizeof(session_context));
    nnet__ssl.SSL_CTX_set_session_cache_mode(context->ctx, SSL_SESS_CACHE_OFF);
    must(nnet__ssl.SSL_CTX_set_session_id_context(context->ctx, session_context,
                                                  sizeof(session_context)));
}

int nnet_tls_context_create(const struct nnet_tls_opts *opts, struct nnet_tls_context **out,
                            struct nb_diag *diag)
{
    struct nnet_tls_context *context;
    int rc = nnet__ssl_load(diag);

    if (rc != NB_OK) {
        return rc;
    }
    context = nb_zalloc(sizeof(*context));
    atomic_init(&context->refs, 1);
    nb_mutex_init(&context->staple_lock);
    context->is_server = opts->is_server;
    context->verify_peer = opts->verify_peer;
    context->ctx = nnet__ssl.SSL_CTX_new(nnet__ssl.TLS_method());
    context->bio_method = nnet__tls_make_bio_method();
    assert(context->ctx != NULL);
    if (opts->min_version != 0 && opts->min_version != TLS1_2_VERSION &&
        opts->min_version != TLS1_3_VERSION) {
        nb_diag_set(diag, "error parsing tls config: unknown version: %u", opts->min_version);
        rc = NB_EINVALID;
        goto fail;
    }
    set_protocol(context, opts);
    copy_pins(context, opts);
    rc = load_pairs(context, opts, diag);
    if (rc != NB_OK) {
        goto fail;
    }
    rc = use_pairs(context, diag);
    if (rc != NB_OK) {
        goto fail;
    }
    rc = set_trust(context, opts, diag);
    if (rc != NB_OK) {
        goto fail;
    }
    *out = context;
    return NB_OK;

fail:
    nnet_tls_context_unref(context);
    return rc;
}

void nnet_tls_context_set_ocsp_peer(struct nnet_tls_context *context, struct nnet_ocsp_peer *rules)
{
    assert(context->verify_peer && context->ocsp_peer == NULL);
    context->ocsp_peer = nnet_ocsp_peer_ref(rules);
    nnet__ssl.SSL_CTX_set_custom_verify(
        context->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nnet__tls_on_verify);
    // Whose session goes on was asked about once: everybody begins anew.
    nnet__ssl.SSL_CTX_set_options(context->ctx, SSL_OP_NO_TICKET);
}

struct nnet_tls_context *nnet_tls_context_ref(struct nnet_tls_context *context)
{
    atomic_fetch_add_explicit(&context->refs, 1, memory_order_relaxed);
    return context;
}

void nnet_tls_context_unref(struct nnet_tls_context *context)
{
    // Release what we did with it; acquire, for the last, what all others did.
    if (context == NULL ||
        atomic_fetch_sub_explicit(&context->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    nnet__ssl.SSL_CTX_free(context->ctx);
    BIO_meth_free(context->bio_method);
    for (size_t i = 0; i < context->pair_count; i++) {
        nnet__tls_pair_fini(&context->pairs[i]);
    }
    nb_free(context->pairs);
    nb_free(context->pins);
    nb_slice_free(&context->leaf);
    nb_slice_free(&context->staple);
    nb_mutex_fini(&context->staple_lock);
    nnet_ocsp_peer_unref(context->ocsp_peer);
    nb_free(context);
}

int64_t nnet_tls_context_not_after(const struct nnet_tls_context *context)
{
    return context->not_after;
}
