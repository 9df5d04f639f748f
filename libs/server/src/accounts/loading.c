#include "accounts/loading.h"

#include <assert.h>
#include <pthread.h>

#include <natsd/memory.h>
#include <natsd/nkey.h>

#include "accounts/claims.h"
#include "clients/client.h"
#include "lifecycle/visit.h"
#include "login/login.h"
#include "resolver/resolver.h"
#include "sharing/assemble.h"

enum {
    LOADS_MAX = 10000,     // at once: whoever makes up an account has it looked for
    ABSENT_TOLD_MAX = 100, // imports of one account that nothing is behind; more aren't told
};

#define FETCH_AGAIN_NS NB_NS_PER_S // for an account that has expired, or lacks something
#define FETCH_SLOW_NS NB_NS_PER_S
#define BOOTSTRAP_NS NB_NS_PER_S

struct waiter {
    struct waiter *next;
    nserver__loaded_fn done;
    void *ctx;
};

// An account that is imported from.
struct exporter {
    struct load *load;
    struct slice key; // owned
    struct slice why; // owned: it isn't there; empty while it is looked for
};

struct load {
    struct nserver *server;
    struct slice key; // owned
    struct waiter *waiters;
    struct nb_mono began;
    unsigned missing;     // accounts that it imports from and that are being loaded, and itself
    struct nb_map absent; // what was found to be so, by its key: struct exporter, owned
};

static void add_waiter(struct load *load, nserver__loaded_fn done, void *ctx)
{
    struct waiter *waiter = nb_zalloc(sizeof(*waiter));

    waiter->done = done;
    waiter->ctx = ctx;
    waiter->next = load->waiters;
    load->waiters = waiter;
}

static void free_exporter(struct exporter *exporter)
{
    nb_slice_free(&exporter->key);
    nb_slice_free(&exporter->why);
    nb_free(exporter);
}

static void forget_absent(struct load *load)
{
    struct exporter *exporter;
    size_t at = 0;

    while ((exporter = nb_map_next(&load->absent, &at)) != NULL) {
        free_exporter(exporter);
    }
    nb_map_fini(&load->absent);
}

static void finish(struct load *load, struct nserver__account *account, const char *why)
{
    struct waiter *waiter = load->waiters;

    (void)nb_map_remove(&load->server->loader.loads, load->key);
    while (waiter != NULL) {
        struct waiter *next = waiter->next;

        waiter->done(waiter->ctx, account, why);
        nb_free(waiter);
        waiter = next;
    }
    forget_absent(load);
    nb_slice_free(&load->key);
    nb_free(load);
}

static void log_absent(const struct load *load, const struct nserver__account *account)
{
    const struct nserver_account_options *options = &nserver__account_terms(account)->options;
    size_t told = 0;

    for (size_t i = 0; i < options->import_count && told < ABSENT_TOLD_MAX; i++) {
        const struct nserver_import *import = &options->imports[i];
        const struct exporter *exporter = nb_map_find(&load->absent, nb_slice_of(import->account));

        if (exporter != NULL) {
            nb_log_error(load->server->log,
                         "Can't locate account [%s] for import of [%s] %s (err=%.*s)",
                         import->account, import->subject,
                         import->is_service ? "service" : "stream", NB_SLICE_ARGS(exporter->why));
            told++;
        }
    }
}

static void note_loaded(struct load *load)
{
    struct nserver__account *account;

    if (--load->missing > 0) {
        return;
    }
    account = nserver__claims_account(load->server, load->key);
    if (account != NULL && nb_map_count(&load->absent) > 0) {
        log_absent(load, account);
    }
    finish(load, account, NULL);
}

static void on_exporter_loaded(void *ctx, struct nserver__account *account, const char *why)
{
    struct exporter *exporter = ctx;
    struct load *load = exporter->load;

    if (account == NULL) {
        exporter->why = nb_slice_dup(nb_slice_of(why != NULL ? why : "it was deleted"));
        nb_map_insert(&load->absent, exporter->key, exporter);
    } else {
        free_exporter(exporter);
    }
    note_loaded(load);
}

static bool is_wanted(const struct load *load, struct slice key)
{
    return nserver__claims_account(load->server, key) == NULL &&
           nb_map_find(&load->server->loader.loads, key) == NULL &&
           nb_map_find(&load->absent, key) == NULL;
}

// What is on its way already isn't waited for: two accounts may import from each other. Who comes
// later looks at the imports of those before.
static void load_imports(struct load *load, struct nserver__account *account)
{
    const struct nserver__terms *terms = nserver__account_terms(account);

    for (size_t i = 0; i < terms->options.import_count; i++) {
        struct slice key = nb_slice_of(terms->options.imports[i].account);

        if (is_wanted(load, key)) {
            struct exporter *exporter = nb_zalloc(sizeof(*exporter));

            exporter->load = load;
            exporter->key = nb_slice_dup(key);
            load->missing++;
            nserver__account_load(load->server, key, on_exporter_loaded, exporter);
        }
    }
}

static void log_slow_fetch(const struct load *load)
{
    int64_t taken_ns = nb_mono_since(nb_mono_now(), load->began);

    if (taken_ns > FETCH_SLOW_NS) {
        nb_log_warn(load->server->log, "Account [%.*s] fetch took %lld.%03llds",
                    NB_SLICE_ARGS(load->key), (long long)(taken_ns / NB_NS_PER_S),
                    (long long)(taken_ns % NB_NS_PER_S / NB_NS_PER_MS));
    }
}

static void on_fetched(void *ctx, int rc, struct slice token, const char *why)
{
    struct load *load = ctx;
    struct nb_diag diag = {0};
    struct nserver__account *account;

    log_slow_fetch(load);
    if (rc == NB_OK) {
        rc = nserver__claims_apply(load->server, load->key, token, &diag);
        why = diag.text;
    }
    if (rc != NB_OK) {
        nb_log_warn(load->server->log, "Account fetch failed: %s", why);
        finish(load, NULL, why);
        return;
    }
    account = nserver__claims_account(load->server, load->key);
    load->missing = 1;
    load_imports(load, account);
    note_loaded(load);
}

static struct load *begin(struct nserver *server, struct slice key, nserver__loaded_fn done,
                          void *ctx)
{
    struct load *load = nb_zalloc(sizeof(*load));

    load->server = server;
    load->key = nb_slice_dup(key);
    load->began = nb_mono_now();
    add_waiter(load, done, ctx);
    nb_map_insert(&server->loader.loads, load->key, load);
    return load;
}

void nserver__account_load_imports(struct nserver *server, struct slice key,
                                   nserver__loaded_fn done, void *ctx)
{
    struct nserver__account *account = nserver__claims_account(server, key);
    struct load *load = nb_map_find(&server->loader.loads, key);

    if (account == NULL || (load == NULL && nb_map_count(&server->loader.loads) >= LOADS_MAX)) {
        done(ctx, account, NULL);
        return;
    }
    if (load == NULL) {
        load = begin(server, key, done, ctx);
    } else {
        add_waiter(load, done, ctx);
        if (load->missing == 0) {
            return; // it waits for its JWT, and looks for imports when that has come
        }
    }
    load->missing++;
    load_imports(load, account);
    note_loaded(load);
}

static bool was_asked_lately(const struct nserver__account *account)
{
    return account->fetched_at.ns != 0 &&
           nb_mono_since(nb_mono_now(), account->fetched_at) < FETCH_AGAIN_NS;
}

static void load_account(struct nserver *server, struct slice key, bool is_forced,
                         nserver__loaded_fn done, void *ctx)
{
    struct nserver__account *account = nserver__registry_find(&server->accounts, key);
    struct load *load = nb_map_find(&server->loader.loads, key);

    if (load != NULL) {
        add_waiter(load, done, ctx);
        return;
    }
    if (account != NULL && !is_forced && nserver__account_is_ready(account)) {
        done(ctx, account, NULL);
        return;
    }
    if (account != NULL && !is_forced && was_asked_lately(account)) {
        done(ctx, nserver__claims_account(server, key), "account resolver update too soon");
        return;
    }
    if (server->resolver == NULL || !nauth_nkey_is_public_of(key, NAUTH_NKEY_ACCOUNT)) {
        done(ctx, NULL,
             server->resolver == NULL ? "fetching jwt failed due to shutdown"
                                      : "will only fetch valid account keys");
        return;
    }
    if (account != NULL) {
        account->fetched_at = nb_mono_now();
    }
    if (nb_map_count(&server->loader.loads) >= LOADS_MAX) {
        done(ctx, NULL, "too many accounts are being fetched");
        return;
    }
    load = begin(server, key, done, ctx);
    nserver__resolver_fetch(server->resolver, load->key, on_fetched, load);
}

void nserver__account_load(struct nserver *server, struct slice key, nserver__loaded_fn done,
                           void *ctx)
{
    load_account(server, key, false, done, ctx);
}

/* For a login: there and back again. */

struct login_load {
    struct nnet_task task;
    struct nserver *server;
    struct nserver__worker *worker;
    uint64_t cid, number;
    struct slice key; // owned
    struct nserver__account *account;
    struct nb_diag why;
};

static void bring_to_login(struct nnet_task *task, struct nnet_worker *net NB_UNUSED)
{
    struct login_load *load = nb_container_of(task, struct login_load, task);
    struct nserver__login *login = nserver__login_find(load->worker, load->cid, load->number);

    if (login != NULL) {
        nserver__login_account_loaded(login, load->account, load->why.text);
    }
    nb_slice_free(&load->key);
    nb_free(load);
}

static void on_loaded_for_login(void *ctx, struct nserver__account *account, const char *why)
{
    struct login_load *load = ctx;

    load->account = account;
    nb_diag_set(&load->why, "%s", why != NULL ? why : "");
    load->task.run = bring_to_login;
    nnet_worker_post(load->worker->net, &load->task);
}

static void load_in_control(struct nnet_task *task, struct nnet_worker *control NB_UNUSED)
{
    struct login_load *load = nb_container_of(task, struct login_load, task);

    nserver__account_load(load->server, load->key, on_loaded_for_login, load);
}

void nserver__account_load_for_login(struct nserver__login *login, struct slice key)
{
    struct login_load *load = nb_zalloc(sizeof(*load));

    load->task.run = load_in_control;
    load->server = login->c->server;
    load->worker = login->c->worker;
    load->cid = login->c->cid;
    load->number = login->number;
    load->key = nb_slice_dup(key);
    nnet_worker_post(nnet_group_control(load->server->group), &load->task);
}

/* The start. */

struct starting {
    struct nserver *server;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_done;
    bool is_loaded;
    int rc;
    struct nb_diag *diag;
};

static void note_started(struct starting *starting)
{
    pthread_mutex_lock(&starting->lock);
    starting->is_done = true;
    pthread_cond_signal(&starting->changed); // under the lock: who waits may not leave before
    pthread_mutex_unlock(&starting->lock);
}

static void on_system_loaded(void *ctx, struct nserver__account *account, const char *why)
{
    struct starting *starting = ctx;

    starting->is_loaded = account != NULL;
    if (account == NULL) {
        nb_diag_set(starting->diag, "%s", why);
    }
    note_started(starting);
}

static void on_resolver_started(void *ctx, int rc, const char *why)
{
    struct starting *starting = ctx;
    struct nserver *server = starting->server;

    starting->rc = rc;
    if (rc != NB_OK) {
        nb_diag_set(starting->diag, "%s", why);
    }
    if (rc != NB_OK || server->system_account == NULL ||
        nb_slice_is(server->system_account->name, NSERVER__SYSTEM_ACCOUNT) || // it has no JWT
        nserver__config(server)->opts.operators.resolver.kind == NSERVER_RESOLVER_NONE) {
        starting->is_loaded = true;
        note_started(starting);
        return;
    }
    nserver__account_load(server, server->system_account->name, on_system_loaded, starting);
}

static void start_in_control(struct nserver *server, void *arg)
{
    nserver__resolver_start(server->resolver, on_resolver_started, arg);
}

static void ask_again(struct nserver *server);

static void on_bootstrapped(void *ctx, struct nserver__account *account, const char *why NB_UNUSED)
{
    struct nserver *server = ctx;

    if (account != NULL && !nserver__account_terms(account)->is_bootstrap) {
        nb_log_info(server->log, "System account fetched and updated");
    } else {
        ask_again(server);
    }
}

static void on_bootstrap_due(struct nnet_timer *timer)
{
    struct nserver *server = nb_container_of(timer, struct nserver, loader.bootstrap);
    struct nserver__account *system = server->system_account;

    if (!nserver__account_terms(system)->is_bootstrap) {
        on_bootstrapped(server, system, NULL); // somebody pushed it
        return;
    }
    load_account(server, system->name, true, on_bootstrapped, server);
}

static void ask_again(struct nserver *server)
{
    server->loader.bootstrap.fire = on_bootstrap_due;
    nnet_timer_arm(nnet_group_control(server->group), &server->loader.bootstrap, BOOTSTRAP_NS);
}

static void bootstrap(struct nserver *server, void *arg NB_UNUSED)
{
    struct nserver__terms *terms = nserver__terms_create();

    terms->is_bootstrap = true;
    terms->options.name = (char *)server->system_account->name.p;
    nserver__put_terms(server, server->system_account, terms);
    nserver__assemble_service_imports(server, server->system_account);
    nb_log_info(server->log, "Using bootstrapping system account");
    ask_again(server);
}

static bool may_bootstrap(const struct nserver *server)
{
    const struct nserver_operator_options *o = &nserver__config(server)->opts.operators;

    return o->jwt_count == 1 && o->resolver.kind != NSERVER_RESOLVER_MEMORY;
}

int nserver__loader_start(struct nserver *server, struct nb_diag *diag)
{
    struct starting starting = {
        .server = server,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .changed = PTHREAD_COND_INITIALIZER,
        .diag = diag,
    };

    nserver__call_control(server, start_in_control, &starting);
    pthread_mutex_lock(&starting.lock);
    while (!starting.is_done) {
        pthread_cond_wait(&starting.changed, &starting.lock);
    }
    pthread_mutex_unlock(&starting.lock);
    pthread_mutex_destroy(&starting.lock);
    pthread_cond_destroy(&starting.changed);
    if (starting.rc != NB_OK || starting.is_loaded) {
        return starting.rc;
    }
    if (may_bootstrap(server)) {
        nserver__call_control(server, bootstrap, NULL);
        return NB_OK;
    }
    return NB_ENOTFOUND;
}

// One that waits for a JWT, and so for no other. As long as there is any, there is such a one.
static struct load *find_unmissing(const struct nb_map *loads)
{
    struct load *load;
    size_t at = 0;

    do {
        load = nb_map_next(loads, &at);
    } while (load != NULL && load->missing > 0);
    assert(load != NULL || nb_map_count(loads) == 0);
    return load;
}

void nserver__loader_stop(struct nserver *server)
{
    struct nb_map *loads = &server->loader.loads;
    struct load *load;

    nnet_timer_disarm(nnet_group_control(server->group), &server->loader.due);
    nnet_timer_disarm(nnet_group_control(server->group), &server->loader.bootstrap);
    nserver__resolver_destroy(&server->resolver);
    while ((load = find_unmissing(loads)) != NULL) { // which may end those that wait for it
        finish(load, NULL, "fetching jwt failed due to shutdown");
    }
}

void nserver__loader_fini(struct nserver *server)
{
    nserver__resolver_destroy(&server->resolver);
    nb_map_fini(&server->loader.loads);
    nserver__importers_fini(&server->loader.importers);
}
