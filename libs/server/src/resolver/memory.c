/* memory.c - the account JWTs that the configuration holds. */
#include <natsd/map.h>
#include <natsd/memory.h>

#include "resolver/resolver.h"

struct memory {
    struct nserver__resolver resolver;
    struct nb_map tokens; // account key to struct slice
    struct stored {
        struct slice key, token; // owned
    } * stored;
    size_t count;
};

static void fetch(struct nserver__resolver *resolver, struct slice account,
                  nserver__fetched_fn done, void *ctx)
{
    const struct memory *memory = nb_container_of(resolver, struct memory, resolver);
    const struct stored *stored = nb_map_find(&memory->tokens, account);

    if (stored == NULL) {
        done(ctx, NB_ENOTFOUND, (struct slice){0}, "account missing");
    } else {
        done(ctx, NB_OK, stored->token, NULL);
    }
}

static int start(struct nserver__resolver *resolver NB_UNUSED, struct nb_diag *diag NB_UNUSED)
{
    return NB_OK;
}

static void destroy(struct nserver__resolver *resolver)
{
    struct memory *memory = nb_container_of(resolver, struct memory, resolver);

    for (size_t i = 0; i < memory->count; i++) {
        nb_slice_free(&memory->stored[i].key);
        nb_slice_free(&memory->stored[i].token);
    }
    nb_free(memory->stored);
    nb_map_fini(&memory->tokens);
    nb_free(memory);
}

static const struct nserver__resolver_kind kind = {
    .fetch = fetch,
    .start = start,
    .destroy = destroy,
};

int nserver__resolver_create_memory(struct nserver *server, const struct nserver_options *opts,
                                    struct nserver__resolver **out, struct nb_diag *diag NB_UNUSED)
{
    const struct nserver_operator_options *o = &opts->operators;
    struct memory *memory = nb_zalloc(sizeof(*memory));

    memory->resolver = (struct nserver__resolver){.kind = &kind, .server = server};
    memory->stored = nb_calloc(o->preload_count + 1, sizeof(*memory->stored));
    for (size_t i = 0; i < o->preload_count; i++) {
        struct stored *stored = &memory->stored[memory->count++];

        stored->key = nb_slice_dup(nb_slice_of(o->preloads[i].key));
        stored->token = nb_slice_dup(nb_slice_of(o->preloads[i].value));
        (void)nb_map_insert(&memory->tokens, stored->key, stored); // the first of two counts
    }
    *out = &memory->resolver;
    return NB_OK;
}
