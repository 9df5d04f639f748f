/* url.c - account JWTs from a web server: GET <url><account> (spec 03 section 20.2). */
#include <natsd/http_client.h>
#include <natsd/list.h>
#include <natsd/memory.h>
#include <natsd/quote.h>

#include "lifecycle/state.h"
#include "resolver/desk.h"
#include "resolver/resolver.h"
#include "resolver/update.h"

#define FETCH_TIMEOUT_NS (1900 * NB_NS_PER_MS)

struct url {
    struct nserver__resolver resolver;
    struct slice base; // owned
    struct nnet_tls_context *tls;
    struct nb_link fetches;
};

struct fetch {
    struct nb_link link;
    struct nnet_fetch *request;
    struct slice address;     // owned
    nserver__fetched_fn done; // NULL: nobody waits any more
    void *ctx;
};

static struct url *url_of(struct nserver__resolver *resolver)
{
    return nb_container_of(resolver, struct url, resolver);
}

/* One GET. */

enum {
    SHOWN_MAX_BYTES = 256, // of an address in a message
};

// `could not fetch <"http://host/path">: why`, without the password.
static void say_why(struct slice address, struct slice why, struct nb_diag *diag)
{
    struct nb_buf plain;
    struct nb_buf quoted;
    int rc;

    nb_buf_init(&plain, NNET_FETCH_URL_MAX_BYTES);
    nb_buf_init(&quoted, 8 * SHOWN_MAX_BYTES);
    rc = nnet_fetch_print_url(address, &plain);
    if (rc == NB_OK) {
        rc = nb_quote(nb_slice_sub(nb_buf_slice(&plain), 0, SHOWN_MAX_BYTES), &quoted);
    }
    nb_diag_set(diag, "could not fetch <%.*s>: %.*s",
                rc == NB_OK ? (int)nb_buf_slice(&quoted).n : 0,
                rc == NB_OK ? (const char *)nb_buf_slice(&quoted).p : "", NB_SLICE_ARGS(why));
    nb_buf_fini(&plain);
    nb_buf_fini(&quoted);
}

static void on_done(void *ctx, const struct nnet_fetch_result *result)
{
    enum { HTTP_OK = 200 };
    struct fetch *fetch = ctx;
    struct nb_diag diag = {0};

    nb_link_remove(&fetch->link);
    if (fetch->done == NULL) {
        // It was told when the resolver ended.
    } else if (result->rc == NB_OK && result->status == HTTP_OK) {
        fetch->done(fetch->ctx, NB_OK, result->body, NULL);
    } else {
        say_why(fetch->address,
                result->rc == NB_OK ? result->status_text : nb_slice_of(result->text), &diag);
        fetch->done(fetch->ctx, result->rc == NB_OK ? NB_ENOTFOUND : result->rc, (struct slice){0},
                    diag.text);
    }
    nb_slice_free(&fetch->address);
    nb_free(fetch);
}

static void get(struct url *url, struct slice account, nserver__fetched_fn done, void *ctx)
{
    struct fetch *fetch = nb_zalloc(sizeof(*fetch));
    struct nb_buf address;

    nb_buf_init(&address, url->base.n + account.n);
    nb_buf_must(&address, url->base);
    nb_buf_must(&address, account);
    fetch->address = nb_buf_take(&address);
    fetch->done = done;
    fetch->ctx = ctx;
    nb_list_append(&url->fetches, &fetch->link);
    fetch->request = nnet_fetch_start(nnet_group_control(url->resolver.server->group),
                                      &(struct nnet_fetch_opts){
                                          .url = fetch->address,
                                          .tls = url->tls,
                                          .timeout_ns = FETCH_TIMEOUT_NS,
                                      },
                                      on_done, fetch);
}

static void fetch_account(struct nserver__resolver *resolver, struct slice account,
                          nserver__fetched_fn done, void *ctx)
{
    get(url_of(resolver), account, done, ctx);
}

/* At the start it has to be there. */

struct starting {
    nserver__resolver_started_fn done;
    void *ctx;
};

static void on_probed(void *ctx, int rc, struct slice body NB_UNUSED, const char *why)
{
    struct starting *starting = ctx;

    starting->done(starting->ctx, rc, why);
    nb_free(starting);
}

static void start(struct nserver__resolver *resolver, nserver__resolver_started_fn done, void *ctx)
{
    struct starting *starting = nb_zalloc(sizeof(*starting));

    starting->done = done;
    starting->ctx = ctx;
    get(url_of(resolver), (struct slice){0}, on_probed, starting);
}

/* Made and ended. */

// Those on their way keep what they began with.
static void adopt(struct nserver__resolver *resolver, struct nserver__resolver *fresh)
{
    struct url *url = url_of(resolver);
    struct url *other = url_of(fresh);
    struct slice base = url->base;
    struct nnet_tls_context *tls = url->tls;

    url->base = other->base;
    url->tls = other->tls;
    other->base = base;
    other->tls = tls;
}

static void destroy(struct nserver__resolver *resolver)
{
    struct url *url = url_of(resolver);
    struct nb_link *first;

    while ((first = nb_list_take_first(&url->fetches)) != NULL) {
        struct fetch *fetch = nb_container_of(first, struct fetch, link);
        nserver__fetched_fn done = fetch->done;

        fetch->done = NULL;
        nnet_fetch_cancel(fetch->request);
        done(fetch->ctx, NB_ECANCELED, (struct slice){0}, "fetching jwt failed due to shutdown");
    }
    nnet_tls_context_unref(url->tls);
    nb_slice_free(&url->base);
    nb_free(url);
}

const struct nserver__resolver_kind nserver__resolver_url = {
    .services = nserver__update_services,
    .service_count = NSERVER__UPDATE_SERVICE_COUNT,
    .fetch = fetch_account,
    .start = start,
    .adopt = adopt,
    .destroy = destroy,
};

static int make_tls(const struct nserver_tls_options *tls, struct nnet_tls_context **out,
                    struct nb_diag *diag)
{
    struct nnet_tls_cert_files own = {tls->cert_file, tls->key_file};
    bool is_in_list = own.cert_file == NULL && tls->cert_count > 0; // a client shows one

    if (is_in_list) {
        own = (struct nnet_tls_cert_files){tls->certs[0].cert_file, tls->certs[0].key_file};
    }
    return nnet_tls_context_create(
        &(struct nnet_tls_opts){
            .certs = &own,
            .cert_count = own.cert_file != NULL ? 1 : 0,
            .ca_file = tls->ca_file,
            .verify_peer = !tls->insecure,
            .min_version = tls->min_version,
            .cipher_suites = (const char *const *)tls->cipher_suites,
            .cipher_suite_count = tls->cipher_suite_count,
            .curves = (const char *const *)tls->curves,
            .curve_count = tls->curve_count,
            .pins = (const uint8_t(*)[NNET_TLS_PIN_BYTES])tls->pins,
            .pin_count = tls->pin_count,
        },
        out, diag);
}

int nserver__resolver_create_url(struct nserver *server, const struct nserver_options *opts,
                                 struct nserver__resolver **out, struct nb_diag *diag)
{
    const struct nserver_operator_options *o = &opts->operators;
    struct slice base = nb_slice_of(o->resolver.url);
    struct nnet_tls_context *tls = NULL;
    struct url *url;
    int rc = NB_OK;

    if (o->preload_count > 0) {
        nb_diag_set(diag, "resolver preloads only available for writeable resolver types "
                          "MEM/DIR/CACHE_DIR");
        return NB_EINVALID;
    }
    if (o->resolver_tls.is_set ||
        nb_slice_equal_nocase(nb_slice_sub(base, 0, sizeof("https:") - 1), NB_SLICE("https:"))) {
        rc = make_tls(&o->resolver_tls, &tls, diag);
    }
    if (rc != NB_OK) {
        return rc;
    }
    url = nb_zalloc(sizeof(*url));
    url->resolver = (struct nserver__resolver){.kind = &nserver__resolver_url, .server = server};
    url->base = nb_slice_dup(base);
    url->tls = tls;
    nb_list_init(&url->fetches);
    *out = &url->resolver;
    return NB_OK;
}
