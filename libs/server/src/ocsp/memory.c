/* memory.c - what responders said about peers is kept, and written to a file now and then. */
#include <natsd/memory.h>

#include <stdio.h>

#include "lifecycle/state.h"
#include "ocsp/parts.h"
#include "options/fields.h"

struct nserver__ocsp_save {
    struct nnet_job job;
    struct nserver__ocsp *ocsp;
    struct nnet_ocsp_cache *cache; // referenced: a reload may bring another
    int rc;
    struct nb_diag diag;
};

static void report(const struct nserver__ocsp *ocsp, const char *what, const struct nb_diag *diag)
{
    nb_log_error(ocsp->server->log, "Unable to %s OCSP peer cache: %s", what, diag->text);
}

/* Which one. */

static bool is_wanted(const struct nserver_options *opts)
{
    return opts->tls.ocsp_peer.verify && opts->ocsp_cache.type == NSERVER_OCSP_CACHE_LOCAL;
}

static const char *dir_of(const struct nserver_options *opts)
{
    return opts->ocsp_cache.local_store != NULL ? opts->ocsp_cache.local_store
                                                : NSERVER_OCSP_CACHE_STORE_DEFAULT;
}

static void open_cache(struct nserver__ocsp *ocsp, const struct nserver_options *opts)
{
    struct nserver__ocsp_memory *memory = &ocsp->memory;
    struct nb_diag diag = {.text = ""};
    int rc;

    memory->dir = nb_strdup(dir_of(opts));
    memory->preserves_revoked = opts->ocsp_cache.preserve_revoked;
    memory->cache = nnet_ocsp_cache_create(&(struct nnet_ocsp_cache_opts){
        .dir = memory->dir, .preserves_revoked = memory->preserves_revoked});
    rc = nnet_ocsp_cache_load(memory->cache, &diag);
    if (rc != NB_OK && rc != NB_ENOTFOUND) {
        report(ocsp, "load", &diag);
    }
}

static void close_cache(struct nserver__ocsp_memory *memory)
{
    nnet_ocsp_cache_unref(memory->cache);
    nb_free(memory->dir);
    memory->cache = NULL;
    memory->dir = NULL;
}

void nserver__ocsp_memory_take(struct nserver__ocsp *ocsp, const struct nserver__config *config)
{
    struct nserver__ocsp_memory *memory = &ocsp->memory;
    const struct nserver_options *opts = &config->opts;
    int64_t interval_s = opts->ocsp_cache.save_interval_s;

    memory->save_interval_s =
        interval_s > 0 ? interval_s : NSERVER_OCSP_CACHE_SAVE_INTERVAL_DEFAULT_S;
    if (is_wanted(opts) && memory->cache != NULL && nserver__same_text(memory->dir, dir_of(opts)) &&
        memory->preserves_revoked == opts->ocsp_cache.preserve_revoked) {
        return;
    }
    nserver__ocsp_memory_save(ocsp);
    close_cache(memory);
    if (is_wanted(opts)) {
        open_cache(ocsp, opts);
    }
}

/* Writing. */

void nserver__ocsp_memory_save(struct nserver__ocsp *ocsp)
{
    struct nb_diag diag = {.text = ""};

    if (ocsp->memory.cache != NULL && nnet_ocsp_cache_save(ocsp->memory.cache, &diag) != NB_OK) {
        report(ocsp, "save", &diag);
    }
}

static void save(struct nnet_job *job)
{
    struct nserver__ocsp_save *saving = nb_container_of(job, struct nserver__ocsp_save, job);

    saving->rc = nnet_ocsp_cache_save(saving->cache, &saving->diag);
}

static void arm_timer(struct nserver__ocsp *ocsp)
{
    struct nserver__ocsp_memory *memory = &ocsp->memory;

    nnet_timer_arm(nnet_group_control(ocsp->server->group), &memory->timer,
                   memory->save_interval_s * NB_NS_PER_S);
}

static void on_saved(struct nnet_job *job, int rc NB_UNUSED)
{
    struct nserver__ocsp_save *saving = nb_container_of(job, struct nserver__ocsp_save, job);
    struct nserver__ocsp *ocsp = saving->ocsp;

    if (saving->rc != NB_OK) {
        report(ocsp, "save", &saving->diag);
    }
    nnet_ocsp_cache_unref(saving->cache);
    nb_free(saving);
    ocsp->memory.saving = NULL;
    if (!ocsp->is_stopping && ocsp->memory.is_started) {
        arm_timer(ocsp);
    }
    nserver__ocsp_note_end(ocsp);
}

static void on_timer(struct nnet_timer *timer)
{
    struct nserver__ocsp *ocsp = nb_container_of(timer, struct nserver__ocsp, memory.timer);
    struct nserver__ocsp_save *saving;

    if (ocsp->memory.cache == NULL) {
        return; // a reload may arm it again
    }
    saving = nb_zalloc(sizeof(*saving));
    saving->job.work = save;
    saving->job.done = on_saved;
    saving->ocsp = ocsp;
    saving->cache = nnet_ocsp_cache_ref(ocsp->memory.cache);
    ocsp->memory.saving = saving;
    ocsp->running++;
    nnet_worker_run_job(nnet_group_control(ocsp->server->group), &saving->job);
}

void nserver__ocsp_memory_start(struct nserver__ocsp *ocsp)
{
    ocsp->memory.timer.fire = on_timer;
    ocsp->memory.is_started = true;
    if (ocsp->memory.cache != NULL && ocsp->memory.saving == NULL) {
        arm_timer(ocsp);
    }
}

void nserver__ocsp_memory_stop(struct nserver__ocsp *ocsp)
{
    ocsp->memory.is_started = false;
    nnet_timer_disarm(nnet_group_control(ocsp->server->group), &ocsp->memory.timer);
}

void nserver__ocsp_memory_fini(struct nserver__ocsp_memory *memory)
{
    close_cache(memory);
}
