/* proof.c - the proof that the server's own certificate is not revoked, presented with it (spec 03
 * section 22.1).
 */
#include <natsd/duration.h>
#include <natsd/memory.h>

#include <stdio.h>

#include "lifecycle/state.h"
#include "ocsp/parts.h"

enum {
    DIR_MAX_BYTES = 4096,
};

/* The first word, for whoever waits at the start. */

static void tell_first(struct nserver__ocsp *ocsp, int rc, const char *text)
{
    nb_mutex_lock(&ocsp->lock);
    if (!ocsp->is_known) {
        ocsp->is_known = true;
        ocsp->rc = rc;
        nb_diag_set(&ocsp->failure, "%s", text);
        pthread_cond_signal(&ocsp->changed);
    }
    nb_mutex_unlock(&ocsp->lock);
}

static bool is_waited_for(struct nserver__ocsp *ocsp)
{
    bool is_known;

    nb_mutex_lock(&ocsp->lock);
    is_known = ocsp->is_known;
    nb_mutex_unlock(&ocsp->lock);
    return !is_known;
}

/* News. */

// Why the server must not go on with its certificate. False when it may.
static bool judge(const struct nserver__ocsp_proof *proof, const struct nnet_staple_status *status,
                  struct nb_diag *why)
{
    if (status->rc != NB_OK) {
        nb_diag_set(why, "bad OCSP status update for certificate at '%.200s': %.200s",
                    proof->cert_file, status->text);
        return true;
    }
    if (status->status != NNET_OCSP_GOOD && proof->ends_server) {
        nb_diag_set(why, "found existing OCSP status for certificate at '%.200s': %s",
                    proof->cert_file, nnet_ocsp_status_text(status->status));
        return true;
    }
    return false;
}

// Once is enough: nothing is asked any more.
static void end_server(struct nserver__ocsp *ocsp)
{
    const struct nserver *server = ocsp->server;

    nserver__ocsp_proof_stop(ocsp);
    if (server->on_revoked != NULL) {
        server->on_revoked(server->on_revoked_ctx);
    }
}

static void log_found(const struct nserver__ocsp_proof *proof,
                      const struct nnet_staple_status *status)
{
    struct nb_buf text;

    nb_buf_init(&text, 256);
    nb_buf_must_text(&text, ", next update ");
    if (status->next_update_s != 0) {
        nb_wall_format_utc((struct nb_wall){.ns = status->next_update_s * NB_NS_PER_S}, &text);
    } else {
        nb_buf_must_text(&text, "unset");
    }
    nb_buf_must_text(&text, ", checking again in ");
    nb_duration_format(status->next_check_s * NB_NS_PER_S, &text);
    nb_log_info(proof->ocsp->server->log,
                "Found OCSP status for Client certificate at '%s': %s%.*s", proof->cert_file,
                nnet_ocsp_status_text(status->status), NB_SLICE_ARGS(nb_buf_slice(&text)));
    nb_buf_fini(&text);
}

// The first word of a proof: at the start it decides, at a reload it is too late for that.
static void take_first(const struct nserver__ocsp_proof *proof,
                       const struct nnet_staple_status *status)
{
    struct nserver__ocsp *ocsp = proof->ocsp;
    struct nb_diag why = {.text = ""};
    bool is_bad = judge(proof, status, &why);

    if (!is_bad) {
        log_found(proof, status);
    }
    if (is_waited_for(ocsp)) {
        tell_first(ocsp, is_bad ? NB_ECRYPTO : NB_OK, why.text);
    } else if (is_bad) {
        nb_log_warn(ocsp->server->log, "Can't restart OCSP features: %s", why.text);
    }
}

static void take_next(const struct nserver__ocsp_proof *proof,
                      const struct nnet_staple_status *status)
{
    const struct nb_logger *log = proof->ocsp->server->log;
    struct nb_diag why = {.text = ""};
    bool is_bad = judge(proof, status, &why);

    if (status->rc != NB_OK) { // it may be there again next time
        nb_log_error(log, "%s", why.text);
        return;
    }
    nb_log(log, status->status == NNET_OCSP_GOOD ? NB_LOG_INFO : NB_LOG_ERROR,
           "Received OCSP status for Client certificate '%s': %s", proof->cert_file,
           nnet_ocsp_status_text(status->status));
    if (is_bad) {
        end_server(proof->ocsp);
    }
}

static void on_updated(void *ctx, const struct nnet_staple_status *status)
{
    struct nserver__ocsp_proof *proof = ctx;

    if (proof->is_replaced) {
        return;
    }
    if (proof->is_known) {
        take_next(proof, status);
    } else {
        proof->is_known = true;
        take_first(proof, status);
    }
}

/* Beginning and end. */

static const char *cert_file_of(const struct nserver_tls_options *tls)
{
    return tls->cert_file != NULL ? tls->cert_file : tls->certs[0].cert_file;
}

// Is a proof wanted for the certificate?
static bool is_wanted(const struct nserver *server, const struct nserver__config *config)
{
    const struct nserver_ocsp_options *opts = &config->opts.ocsp;
    enum nserver_ocsp_mode mode = opts->is_set ? opts->mode : NSERVER_OCSP_AUTO;
    struct slice cert;
    bool must_staple;

    if (config->tls == NULL || !nnet_tls_context_cert(config->tls, &cert)) {
        return false;
    }
    must_staple = nnet_certificate_must_staple(cert);
    if (must_staple && mode == NSERVER_OCSP_NEVER) {
        nb_log_warn(server->log, "Certificate at '%s' has MustStaple but OCSP is disabled",
                    cert_file_of(&config->opts.tls));
    }
    return mode == NSERVER_OCSP_ALWAYS || (must_staple && mode != NSERVER_OCSP_NEVER);
}

static void on_stopped(void *ctx)
{
    struct nserver__ocsp_proof *proof = ctx;
    struct nserver__ocsp *ocsp = proof->ocsp;

    nb_free(proof->cert_file);
    nb_free(proof);
    nserver__ocsp_note_end(ocsp);
}

static void watch(struct nserver__ocsp *ocsp, const struct nserver__config *config)
{
    const struct nserver_ocsp_options *opts = &config->opts.ocsp;
    const char *store_dir = config->opts.jetstream.store_dir;
    struct nserver__ocsp_proof *proof = nb_zalloc(sizeof(*proof));
    char dir[DIR_MAX_BYTES];
    int n = store_dir != NULL ? snprintf(dir, sizeof(dir), "%s/ocsp", store_dir) : 0;
    bool has_dir = n > 0 && (size_t)n < sizeof(dir);

    nb_log_info(ocsp->server->log, "OCSP Stapling enabled for Client connections");
    proof->ocsp = ocsp;
    proof->cert_file = nb_strdup(cert_file_of(&config->opts.tls));
    proof->ends_server = opts->is_set && opts->mode != NSERVER_OCSP_AUTO;
    ocsp->proof = proof;
    ocsp->running++;
    proof->staple = nnet_staple_start(nnet_group_control(ocsp->server->group),
                                      &(struct nnet_staple_opts){
                                          .context = config->tls,
                                          .urls = (const char *const *)opts->urls,
                                          .url_count = opts->url_count,
                                          .dir = has_dir ? dir : NULL,
                                          .tls = ocsp->tls,
                                          .updated = on_updated,
                                          .ctx = proof,
                                      });
}

void nserver__ocsp_proof_start(struct nserver__ocsp *ocsp, const struct nserver__config *was,
                               const struct nserver__config *config)
{
    struct nb_diag diag = {.text = ""};

    if (!is_wanted(ocsp->server, config)) {
        tell_first(ocsp, NB_OK, "");
        return;
    }
    if (nserver__ocsp_make_tls(ocsp, &diag) != NB_OK) {
        tell_first(ocsp, NB_ECRYPTO, diag.text);
        return;
    }
    if (was != NULL && was->tls != NULL) {
        nnet_tls_context_copy_staple(config->tls, was->tls);
    }
    watch(ocsp, config);
}

void nserver__ocsp_proof_stop(struct nserver__ocsp *ocsp)
{
    struct nserver__ocsp_proof *proof = ocsp->proof;

    if (proof != NULL) {
        ocsp->proof = NULL;
        proof->is_replaced = true;
        nnet_staple_stop(proof->staple, on_stopped, proof);
    }
}
