#include "ocsp/ocsp.h"

#include <natsd/memory.h>

#include "lifecycle/state.h"
#include "lifecycle/visit.h"
#include "ocsp/parts.h"

struct nserver__ocsp *nserver__ocsp_create(struct nserver *server)
{
    struct nserver__ocsp *ocsp = nb_zalloc(sizeof(*ocsp));

    ocsp->server = server;
    nb_mutex_init(&ocsp->lock);
    pthread_cond_init(&ocsp->changed, NULL);
    return ocsp;
}

void nserver__ocsp_destroy(struct nserver__ocsp **ocsp)
{
    struct nserver__ocsp *o = *ocsp;

    if (o == NULL) {
        return;
    }
    nserver__ocsp_memory_fini(&o->memory);
    nnet_tls_context_unref(o->tls);
    pthread_cond_destroy(&o->changed);
    nb_mutex_fini(&o->lock);
    nb_free(o);
    *ocsp = NULL;
}

int nserver__ocsp_make_tls(struct nserver__ocsp *ocsp, struct nb_diag *diag)
{
    const struct nnet_tls_opts opts = {.verify_peer = true};

    return ocsp->tls != NULL ? NB_OK : nnet_tls_context_create(&opts, &ocsp->tls, diag);
}

/* Rules for peers. */

static int64_t seconds_of(double seconds)
{
    const double max = 10.0 * 365 * 86400; // so that sums with a time of day can't overflow

    return (int64_t)(seconds < max ? seconds : max);
}

static int64_t timeout_ns(double seconds)
{
    const double max = 3600;
    int64_t ns = (int64_t)((seconds < max ? seconds : max) * (double)NB_NS_PER_S);

    return ns > 0 ? ns : 1;
}

static struct nnet_ocsp_peer *make_rules(struct nserver__ocsp *ocsp,
                                         const struct nserver_ocsp_peer_options *opts)
{
    return nnet_ocsp_peer_create(&(struct nnet_ocsp_peer_opts){
        .timeout_ns = timeout_ns(opts->ca_timeout_s),
        .clock_skew_s = seconds_of(opts->allowed_clockskew_s),
        .ttl_s = seconds_of(opts->cache_ttl_s),
        .warns_only = opts->warn_only,
        .unknown_is_good = opts->unknown_is_good,
        .allows_unreachable = opts->allow_when_ca_unreachable,
        .cache = ocsp->memory.cache,
        .tls = ocsp->tls,
        .events = &nserver__ocsp_advisories,
        .events_ctx = ocsp->server,
    });
}

int nserver__ocsp_prepare(struct nserver__ocsp *ocsp, struct nserver__config *config,
                          struct nb_diag *diag)
{
    const struct nserver_ocsp_peer_options *opts = &config->opts.tls.ocsp_peer;
    struct nnet_ocsp_peer *rules;
    int rc;

    nserver__ocsp_memory_take(ocsp, config);
    if (config->tls == NULL || !opts->verify) {
        return NB_OK;
    }
    rc = nserver__ocsp_make_tls(ocsp, diag);
    if (rc != NB_OK) {
        return rc;
    }
    rules = make_rules(ocsp, opts);
    nnet_tls_context_set_ocsp_peer(config->tls, rules);
    nnet_ocsp_peer_unref(rules);
    return NB_OK;
}

/* Start and end. */

static void start_in_control(struct nserver *server, void *arg NB_UNUSED)
{
    nserver__ocsp_memory_start(server->ocsp);
    nserver__ocsp_proof_start(server->ocsp, NULL, nserver__config(server));
}

int nserver__ocsp_start(struct nserver__ocsp *ocsp, struct nb_diag *diag)
{
    int rc;

    nserver__call_control(ocsp->server, start_in_control, NULL);
    nb_mutex_lock(&ocsp->lock);
    while (!ocsp->is_known) {
        pthread_cond_wait(&ocsp->changed, &ocsp->lock.mutex);
    }
    rc = ocsp->rc;
    if (rc != NB_OK) {
        *diag = ocsp->failure;
    }
    nb_mutex_unlock(&ocsp->lock);
    return rc;
}

void nserver__ocsp_announce(const struct nserver__ocsp *ocsp, const struct nserver__config *config)
{
    const struct nserver_options *opts = &config->opts;

    if (config->tls != NULL && opts->tls.ocsp_peer.verify) {
        nb_log_info(ocsp->server->log, "OCSP peer cache online, type [%s]",
                    opts->ocsp_cache.type == NSERVER_OCSP_CACHE_LOCAL ? "local" : "none");
    }
}

void nserver__ocsp_reload(struct nserver__ocsp *ocsp, const struct nserver__config *was,
                          const struct nserver__config *config)
{
    nserver__ocsp_memory_start(ocsp);
    nserver__ocsp_proof_stop(ocsp);
    nserver__ocsp_proof_start(ocsp, was, config);
    nserver__ocsp_announce(ocsp, config);
}

static void check_end(struct nserver__ocsp *ocsp)
{
    if (ocsp->is_stopping && ocsp->running == 0) {
        ocsp->stopped(ocsp->server);
    }
}

void nserver__ocsp_note_end(struct nserver__ocsp *ocsp)
{
    ocsp->running--;
    check_end(ocsp);
}

void nserver__ocsp_stop(struct nserver__ocsp *ocsp, void (*stopped)(struct nserver *server))
{
    nserver__ocsp_memory_stop(ocsp);
    nserver__ocsp_proof_stop(ocsp);
    ocsp->stopped = stopped;
    ocsp->is_stopping = true;
    check_end(ocsp);
}

void nserver__ocsp_end(struct nserver__ocsp *ocsp)
{
    ocsp->is_stopping = false;
    nserver__ocsp_memory_save(ocsp);
}
