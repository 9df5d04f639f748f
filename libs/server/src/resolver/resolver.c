#include "resolver/resolver.h"

#include <string.h>

#include <natsd/jwt.h>

#include "accounts/claims.h"
#include "lifecycle/state.h"
#include "resolver/desk.h"

/* Made and ended. */

int nserver__resolver_create(struct nserver *server, const struct nserver_options *opts,
                             struct nserver__resolver **out, struct nb_diag *diag)
{
    *out = NULL;
    switch (opts->operators.resolver.kind) {
    case NSERVER_RESOLVER_NONE:
    case NSERVER_RESOLVER_MEMORY:
        *out = nserver__resolver_create_memory(server, opts);
        return NB_OK;
    case NSERVER_RESOLVER_URL:
        return nserver__resolver_create_url(server, opts, out, diag);
    case NSERVER_RESOLVER_FULL:
    case NSERVER_RESOLVER_CACHE:
        return nserver__resolver_create_directory(server, opts, out, diag);
    }
    NB_UNREACHABLE("kind of a resolver");
}

void nserver__resolver_destroy(struct nserver__resolver **resolver)
{
    struct nserver__resolver *r = *resolver;

    if (r != NULL) {
        *resolver = NULL; // first: those whose fetches end look for it
        nserver__claims_desk_close(&r->desk);
        r->kind->destroy(r);
    }
}

/* Started. */

static void log_preload(struct nserver *server, const struct nserver_text_pair *preload)
{
    struct nauth_claims claims = {0};
    struct nauth_issues issues = {0};

    if (nauth_jwt_decode(nb_slice_of(preload->value), NAUTH_CLAIMS_ACCOUNT, &claims, NULL) !=
            NB_OK ||
        !nb_slice_is(claims.subject, preload->key)) {
        nb_log_error(server->log, "Preloaded account [%s] not valid", preload->key);
        nauth_claims_fini(&claims);
        return;
    }
    nauth_claims_validate(&claims, nb_wall_now().ns / NB_NS_PER_S, &issues);
    if (issues.count > 0) {
        nb_log_warn(server->log, "Account [%s] has validation issues:", preload->key);
    }
    for (size_t i = 0; i < issues.count; i++) {
        nb_log_warn(server->log, "  - %.*s", NB_SLICE_ARGS(issues.items[i].text));
    }
    nauth_issues_fini(&issues);
    nauth_claims_fini(&claims);
}

void nserver__resolver_start(struct nserver__resolver *resolver, nserver__resolver_started_fn done,
                             void *ctx)
{
    struct nserver *server = resolver->server;
    const struct nserver_operator_options *operators = &nserver__config(server)->opts.operators;

    for (size_t i = 0; i < operators->preload_count; i++) {
        log_preload(server, &operators->preloads[i]);
    }
    if (server->system_account != NULL) {
        resolver->desk = nserver__claims_desk_open(resolver);
    }
    resolver->kind->start(resolver, done, ctx);
}

/* With new options. */

int nserver__resolver_prepare(struct nserver *server, const struct nserver_options *opts,
                              struct nserver__resolver **fresh, struct nb_diag *diag)
{
    *fresh = NULL;
    if (nserver__resolver_has_directory(server->resolver, opts)) {
        return NB_OK;
    }
    return nserver__resolver_create(server, opts, fresh, diag);
}

static void note_started(void *ctx, int rc, const char *why)
{
    const struct nserver *server = ctx;

    if (rc != NB_OK) {
        nb_log_error(server->log, "Could not start resolver: %s", why);
    }
}

void nserver__resolver_reload(struct nserver *server, struct nserver__resolver *fresh,
                              nserver__resolver_reloaded_fn done, void *ctx)
{
    const struct nserver_options *opts = &nserver__config(server)->opts;
    struct nserver__resolver *old = server->resolver;

    if (fresh == NULL) {
        old->kind->reload(old, opts, done, ctx);
        return; // it has files, so there is no memory to review
    }
    if (fresh->kind == old->kind && fresh->kind->adopt != NULL) {
        old->kind->adopt(old, fresh);
        nserver__resolver_destroy(&fresh);
    } else {
        server->resolver = fresh;
        nserver__resolver_destroy(&old);
        nserver__resolver_start(fresh, note_started, server);
    }
    if (opts->operators.resolver.kind == NSERVER_RESOLVER_MEMORY) {
        nserver__claims_review(server);
    }
    done(ctx);
}

static void ignore_loaded(void *ctx NB_UNUSED, struct nserver__account *account NB_UNUSED,
                          const char *why NB_UNUSED)
{
}

void nserver__resolver_apply(struct nserver *server, struct slice key, struct slice token,
                             nserver__loaded_fn done, void *ctx)
{
    struct nserver__account *account = nserver__claims_account(server, key);
    struct nb_diag diag = {0};

    done = done != NULL ? done : ignore_loaded;
    if (account == NULL) {
        done(ctx, NULL, NULL);
    } else if (nserver__claims_apply(server, key, token, &diag) == NB_OK) {
        nserver__account_load_imports(server, key, done, ctx);
    } else {
        nb_log_error(server->log, "Account [%.*s] keeps its claims, the new ones do not hold: %s",
                     NB_SLICE_ARGS(key), diag.text);
        done(ctx, account, NULL);
    }
}
