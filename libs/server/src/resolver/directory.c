/* directory.c - account JWTs in a directory, and from the other servers' directories: FULL, which
 * has all and keeps them the same as the others', and CACHE, which has those that are used (spec 03
 * section 20). What lies on the disk is store.h, the claims services are in directory_services.c.
 */
#include "resolver/directory.h"

#include <string.h>

#include <natsd/memory.h>

#include "events/publish.h"
#include "lifecycle/state.h"
#include "resolver/desk.h"
#include "resolver/directory_services.h"
#include "resolver/token_file.h"

#define SYNC_INTERVAL_NS (60 * NB_NS_PER_S)
#define EXPIRY_INTERVAL_NS (60 * NB_NS_PER_S)
#define FETCH_TIMEOUT_NS (1900 * NB_NS_PER_MS)

enum {
    CACHE_LIMIT_DEFAULT = 1000,
};

struct nserver__directory *nserver__directory_of(struct nserver__resolver *resolver)
{
    return nb_container_of(resolver, struct nserver__directory, resolver);
}

void nserver__directory_add(struct nserver__directory *directory, struct nserver__file_work *work)
{
    nserver__file_queue_add(directory->files, nnet_group_control(directory->resolver.server->group),
                            work);
}

/* A fetch: the file, or else what another server has, as a file. */

struct fetch {
    struct nserver__file_work work;
    struct nb_link link;
    struct nserver__directory *directory;
    struct slice key;         // owned
    struct slice token;       // owned; of another server, then what came of it
    nserver__fetched_fn done; // NULL: it was told
    void *ctx;
    bool is_asking; // the others: it is in no queue
    int rc;
    struct nb_diag diag;
};

static void free_fetch(struct fetch *fetch)
{
    nb_link_remove(&fetch->link);
    nb_slice_free(&fetch->key);
    nb_slice_free(&fetch->token);
    nb_free(fetch);
}

static void finish_fetch(struct fetch *fetch, int rc, const char *why)
{
    if (fetch->done != NULL) {
        fetch->done(fetch->ctx, rc, rc == NB_OK ? fetch->token : (struct slice){0}, why);
    }
    free_fetch(fetch);
}

// The resolver ends. Its queue frees what is in it.
static void end_fetch(struct fetch *fetch)
{
    fetch->done(fetch->ctx, NB_ECANCELED, (struct slice){0}, "fetching jwt failed due to shutdown");
    fetch->done = NULL;
    if (fetch->is_asking) {
        free_fetch(fetch);
    }
}

static void load(struct nserver__file_work *work, struct nserver__store *store)
{
    struct fetch *fetch = nb_container_of(work, struct fetch, work);

    fetch->rc = nserver__store_load(store, fetch->key, nb_wall_now(), &fetch->token, &fetch->diag);
}

// If it is newer than what somebody may have stored meanwhile; then what is stored counts.
static void keep(struct nserver__file_work *work, struct nserver__store *store)
{
    struct fetch *fetch = nb_container_of(work, struct fetch, work);
    struct slice token = fetch->token;
    bool has_changed;

    fetch->token = (struct slice){0};
    fetch->rc =
        nserver__store_merge(store, fetch->key, token, nb_wall_now(), &has_changed, &fetch->diag);
    nb_slice_free(&token);
    if (fetch->rc == NB_OK) {
        load(work, store);
    }
}

static void on_kept(struct nserver__file_work *work, int rc)
{
    struct fetch *fetch = nb_container_of(work, struct fetch, work);

    finish_fetch(fetch, rc != NB_OK ? rc : fetch->rc, fetch->diag.text);
}

static void on_looked_up(void *ctx, int rc, struct slice token, const char *why)
{
    struct fetch *fetch = ctx;

    fetch->is_asking = false;
    if (rc != NB_OK) {
        finish_fetch(fetch, rc, why);
        return;
    }
    fetch->token = nb_slice_dup(token);
    fetch->work.work = keep;
    fetch->work.done = on_kept;
    nserver__directory_add(fetch->directory, &fetch->work);
}

static void on_loaded(struct nserver__file_work *work, int rc)
{
    struct fetch *fetch = nb_container_of(work, struct fetch, work);
    struct nserver__directory *directory = fetch->directory;

    if (rc != NB_OK || fetch->rc != NB_ENOTFOUND) {
        finish_fetch(fetch, rc != NB_OK ? rc : fetch->rc, fetch->diag.text);
    } else if (directory->resolver.desk == NULL) {
        finish_fetch(fetch, NB_ENOTFOUND, "eventing shut down");
    } else {
        fetch->is_asking = true;
        nserver__lookup_start(&directory->lookups, directory->resolver.desk,
                              directory->resolver.server, fetch->key, directory->timeout_ns,
                              on_looked_up, fetch);
    }
}

static void fetch_account(struct nserver__resolver *resolver, struct slice account,
                          nserver__fetched_fn done, void *ctx)
{
    struct nserver__directory *directory = nserver__directory_of(resolver);
    struct fetch *fetch = nb_zalloc(sizeof(*fetch));

    fetch->directory = directory;
    fetch->key = nb_slice_dup(account);
    fetch->done = done;
    fetch->ctx = ctx;
    fetch->work.work = load;
    fetch->work.done = on_loaded;
    nb_list_append(&directory->fetches, &fetch->link);
    nserver__directory_add(directory, &fetch->work);
}

/* The same as the others: they are told the hash over all, and send what they have when theirs is
 * another. */

struct sync {
    struct nserver__file_work work;
    struct nserver__directory *directory;
    uint8_t hash[NSERVER__STORE_HASH_BYTES];
};

static void take_hash(struct nserver__file_work *work, struct nserver__store *store)
{
    struct sync *sync = nb_container_of(work, struct sync, work);

    memcpy(sync->hash, nserver__store_hash(store), sizeof(sync->hash));
}

static void on_hash(struct nserver__file_work *work, int rc)
{
    struct sync *sync = nb_container_of(work, struct sync, work);

    if (rc == NB_OK) {
        const struct nserver__resolver *resolver = &sync->directory->resolver;
        struct slice reply =
            nserver__claims_desk_inbox(resolver->desk, NSERVER__DIRECTORY_PACK_NUMBER);

        nserver__publish_soon(resolver->server, resolver->server->system_account,
                              NB_SLICE("$SYS.REQ.CLAIMS.PACK"), reply, (struct slice){0},
                              nb_slice_make(sync->hash, sizeof(sync->hash)));
        nb_slice_free(&reply);
    }
    nb_free(sync);
}

static void on_sync_due(struct nnet_timer *timer)
{
    struct nserver__directory *directory =
        nb_container_of(timer, struct nserver__directory, sync_timer);
    struct sync *sync = nb_zalloc(sizeof(*sync));

    sync->directory = directory;
    sync->work.work = take_hash;
    sync->work.done = on_hash;
    nserver__directory_add(directory, &sync->work);
    nnet_timer_arm(nnet_group_control(directory->resolver.server->group), timer,
                   directory->interval_ns);
}

/* What is due. */

static void expire(struct nserver__file_work *work NB_UNUSED, struct nserver__store *store)
{
    (void)nserver__store_expire(store, nb_wall_now());
}

static void on_expired(struct nserver__file_work *work, int rc NB_UNUSED)
{
    nb_free(work);
}

static void on_expiry_due(struct nnet_timer *timer)
{
    struct nserver__directory *directory =
        nb_container_of(timer, struct nserver__directory, expiry_timer);
    struct nserver__file_work *work = nb_zalloc(sizeof(*work));

    work->work = expire;
    work->done = on_expired;
    nserver__directory_add(directory, work);
    nnet_timer_arm(nnet_group_control(directory->resolver.server->group), timer,
                   directory->expiry_interval_ns);
}

/* Options. */

static struct nserver__store_opts store_opts_of(const struct nserver_resolver_options *o)
{
    bool is_cache = o->kind == NSERVER_RESOLVER_CACHE;

    return (struct nserver__store_opts){
        .limit = is_cache && o->limit == 0 ? CACHE_LIMIT_DEFAULT : o->limit,
        .evicts = is_cache,
        .ttl_ns = o->ttl_ns,
        .keeps_deleted = !is_cache && !o->hard_delete,
    };
}

static void take_options(struct nserver__directory *directory,
                         const struct nserver_resolver_options *o)
{
    directory->may_delete = o->kind == NSERVER_RESOLVER_CACHE || o->allow_delete;
    directory->timeout_ns = o->timeout_ns > 0 ? o->timeout_ns : FETCH_TIMEOUT_NS;
    directory->interval_ns = o->interval_ns > 0 ? o->interval_ns : SYNC_INTERVAL_NS;
    directory->expiry_interval_ns = EXPIRY_INTERVAL_NS;
    if (o->ttl_ns > 0 && o->ttl_ns / 2 < EXPIRY_INTERVAL_NS) {
        directory->expiry_interval_ns = o->ttl_ns / 2;
    }
}

static void arm_timers(struct nserver__directory *directory)
{
    struct nnet_worker *control = nnet_group_control(directory->resolver.server->group);

    directory->expiry_timer.fire = on_expiry_due;
    nnet_timer_arm(control, &directory->expiry_timer, directory->expiry_interval_ns);
    if (directory->resolver.kind == &nserver__resolver_full && directory->resolver.desk != NULL) {
        directory->sync_timer.fire = on_sync_due;
        nnet_timer_arm(control, &directory->sync_timer, directory->interval_ns);
    }
}

static void start(struct nserver__resolver *resolver, nserver__resolver_started_fn done, void *ctx)
{
    struct nserver__directory *directory = nserver__directory_of(resolver);

    nb_log_info(resolver->server->log, "Managing %s jwt in exclusive directory %.*s",
                resolver->kind == &nserver__resolver_full ? "all" : "some",
                NB_SLICE_ARGS(directory->place));
    arm_timers(directory);
    done(ctx, NB_OK, NULL);
}

/* What the configuration brings. One of another account is never used; the start says so. */

static int store_preload(struct nserver__store *store, struct slice key, struct slice token,
                         bool *has_changed, struct nb_diag *diag)
{
    int rc = nserver__store_merge(store, key, token, nb_wall_now(), has_changed, diag);

    return rc == NB_EINVALID && nserver__token_file_is_key(key) ? NB_OK : rc;
}

/* A reload: other options, more preloads, and what somebody has changed by hand. */

struct reload {
    struct nserver__file_work work;
    struct nserver *server;
    struct nserver__store_opts opts;
    struct stored {
        struct slice key, token; // owned
    } * preloads, *changed;
    size_t preload_count, changed_count;
    nserver__resolver_reloaded_fn done;
    void *ctx;
    int rc;
    struct nb_diag diag;
};

static void free_stored(struct stored *stored, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        nb_slice_free(&stored[i].key);
        nb_slice_free(&stored[i].token);
    }
    nb_free(stored);
}

static void note_changed(void *ctx, struct slice key, struct slice token)
{
    struct reload *reload = ctx;

    reload->changed =
        nb_realloc(reload->changed, (reload->changed_count + 1) * sizeof(*reload->changed));
    reload->changed[reload->changed_count++] =
        (struct stored){nb_slice_dup(key), nb_slice_dup(token)};
}

static void read_again(struct nserver__file_work *work, struct nserver__store *store)
{
    struct reload *reload = nb_container_of(work, struct reload, work);

    nserver__store_set_opts(store, &reload->opts);
    reload->rc = nserver__store_reindex(store, nb_wall_now(), note_changed, reload, &reload->diag);
    for (size_t i = 0; reload->rc == NB_OK && i < reload->preload_count; i++) {
        const struct stored *preload = &reload->preloads[i];
        bool has_changed;

        reload->rc =
            store_preload(store, preload->key, preload->token, &has_changed, &reload->diag);
        if (reload->rc == NB_OK && has_changed) {
            note_changed(reload, preload->key, preload->token);
        }
    }
}

static void on_read_again(struct nserver__file_work *work, int rc)
{
    struct reload *reload = nb_container_of(work, struct reload, work);

    for (size_t i = 0; rc == NB_OK && i < reload->changed_count; i++) {
        nserver__resolver_apply(reload->server, reload->changed[i].key, reload->changed[i].token,
                                NULL, NULL);
    }
    if (rc == NB_OK && reload->rc != NB_OK) {
        nb_log_error(reload->server->log, "Could not reload the account resolver: %s",
                     reload->diag.text);
    }
    free_stored(reload->preloads, reload->preload_count);
    free_stored(reload->changed, reload->changed_count);
    reload->done(reload->ctx);
    nb_free(reload);
}

static void reload_options(struct nserver__resolver *resolver, const struct nserver_options *opts,
                           nserver__resolver_reloaded_fn done, void *ctx)
{
    const struct nserver_operator_options *o = &opts->operators;
    struct nserver__directory *directory = nserver__directory_of(resolver);
    struct reload *reload = nb_zalloc(sizeof(*reload));

    take_options(directory, &o->resolver);
    arm_timers(directory);
    reload->work.work = read_again;
    reload->work.done = on_read_again;
    reload->done = done;
    reload->ctx = ctx;
    reload->server = resolver->server;
    reload->opts = store_opts_of(&o->resolver);
    reload->preloads = nb_calloc(o->preload_count + 1, sizeof(*reload->preloads));
    for (size_t i = 0; i < o->preload_count; i++) {
        reload->preloads[reload->preload_count++] =
            (struct stored){nb_slice_dup(nb_slice_of(o->preloads[i].key)),
                            nb_slice_dup(nb_slice_of(o->preloads[i].value))};
    }
    nserver__directory_add(directory, &reload->work);
}

/* Made and ended. */

static void destroy(struct nserver__resolver *resolver)
{
    struct nserver__directory *directory = nserver__directory_of(resolver);
    struct nnet_group *group = resolver->server->group;
    struct nb_link *first;

    if (group != NULL) { // it may never have been started
        nnet_timer_disarm(nnet_group_control(group), &directory->sync_timer);
        nnet_timer_disarm(nnet_group_control(group), &directory->expiry_timer);
    }
    nserver__lookups_fini(&directory->lookups);
    while ((first = nb_list_take_first(&directory->fetches)) != NULL) {
        end_fetch(nb_container_of(first, struct fetch, link));
    }
    nserver__file_queue_end(&directory->files);
    nb_slice_free(&directory->place);
    nb_free(directory);
}

const struct nserver__resolver_kind nserver__resolver_full = {
    .services = nserver__full_services,
    .service_count = NSERVER__FULL_SERVICE_COUNT,
    .fetch = fetch_account,
    .start = start,
    .reload = reload_options,
    .destroy = destroy,
};

const struct nserver__resolver_kind nserver__resolver_cache = {
    .services = nserver__cache_services,
    .service_count = NSERVER__CACHE_SERVICE_COUNT,
    .fetch = fetch_account,
    .start = start,
    .reload = reload_options,
    .destroy = destroy,
};

static const struct nserver__resolver_kind *kind_of(const struct nserver_resolver_options *o)
{
    return o->kind == NSERVER_RESOLVER_FULL ? &nserver__resolver_full : &nserver__resolver_cache;
}

bool nserver__resolver_has_directory(const struct nserver__resolver *resolver,
                                     const struct nserver_options *opts)
{
    const struct nserver_resolver_options *o = &opts->operators.resolver;

    return (o->kind == NSERVER_RESOLVER_FULL || o->kind == NSERVER_RESOLVER_CACHE) &&
           resolver->kind == kind_of(o) &&
           nb_slice_is(nb_container_of(resolver, const struct nserver__directory, resolver)->place,
                       o->dir);
}

static int store_preloads(struct nserver__store *store, const struct nserver_operator_options *o,
                          struct nb_diag *diag)
{
    int rc = NB_OK;

    for (size_t i = 0; rc == NB_OK && i < o->preload_count; i++) {
        struct slice key = nb_slice_of(o->preloads[i].key);
        struct nb_diag reason = {0};
        bool has_changed;

        rc = store_preload(store, key, nb_slice_of(o->preloads[i].value), &has_changed, &reason);
        if (rc != NB_OK) {
            nb_diag_set(diag, "preload account error for \"%.64s\": %s", o->preloads[i].key,
                        reason.text);
        }
    }
    return rc;
}

int nserver__resolver_create_directory(struct nserver *server, const struct nserver_options *opts,
                                       struct nserver__resolver **out, struct nb_diag *diag)
{
    const struct nserver_operator_options *o = &opts->operators;
    struct nserver__store_opts store_opts = store_opts_of(&o->resolver);
    struct nserver__directory *directory;
    struct nserver__store *store = NULL;
    int rc = nserver__store_open(o->resolver.dir, &store_opts, nb_wall_now(), &store, diag);

    if (rc == NB_OK) {
        rc = store_preloads(store, o, diag);
    }
    if (rc != NB_OK) {
        nserver__store_close(&store);
        return rc;
    }
    directory = nb_zalloc(sizeof(*directory));
    directory->resolver =
        (struct nserver__resolver){.kind = kind_of(&o->resolver), .server = server};
    directory->place = nb_slice_dup(nb_slice_of(o->resolver.dir));
    directory->files = nserver__file_queue_create(store);
    nb_list_init(&directory->fetches);
    nserver__lookups_init(&directory->lookups);
    take_options(directory, &o->resolver);
    *out = &directory->resolver;
    return NB_OK;
}
