/* memory.c - the account JWTs that the configuration holds. */
#include <natsd/map.h>
#include <natsd/memory.h>

#include "resolver/desk.h"
#include "resolver/resolver.h"
#include "resolver/update.h"

struct memory {
    struct nserver__resolver resolver;
    const char *lack; // why there is no JWT
    struct nb_map tokens;
    struct stored {
        struct slice key, token; // owned
    } * stored;
    size_t count;
};

static struct memory *memory_of(struct nserver__resolver *resolver)
{
    return nb_container_of(resolver, struct memory, resolver);
}

static void fetch(struct nserver__resolver *resolver, struct slice account,
                  nserver__fetched_fn done, void *ctx)
{
    const struct memory *memory = memory_of(resolver);
    const struct stored *stored = nb_map_find(&memory->tokens, account);

    if (stored == NULL) {
        done(ctx, NB_ENOTFOUND, (struct slice){0}, memory->lack);
    } else {
        done(ctx, NB_OK, stored->token, NULL);
    }
}

static void start(struct nserver__resolver *resolver NB_UNUSED, nserver__resolver_started_fn done,
                  void *ctx)
{
    done(ctx, NB_OK, NULL);
}

// The other one gets what was here before, and frees it.
static void adopt(struct nserver__resolver *resolver, struct nserver__resolver *fresh)
{
    struct memory *memory = memory_of(resolver);
    struct memory *other = memory_of(fresh);
    struct memory old = *memory;

    memory->tokens = other->tokens;
    memory->stored = other->stored;
    memory->count = other->count;
    other->tokens = old.tokens;
    other->stored = old.stored;
    other->count = old.count;
}

static void destroy(struct nserver__resolver *resolver)
{
    struct memory *memory = memory_of(resolver);

    for (size_t i = 0; i < memory->count; i++) {
        nb_slice_free(&memory->stored[i].key);
        nb_slice_free(&memory->stored[i].token);
    }
    nb_free(memory->stored);
    nb_map_fini(&memory->tokens);
    nb_free(memory);
}

const struct nserver__resolver_kind nserver__resolver_memory = {
    .services = nserver__update_services,
    .service_count = NSERVER__UPDATE_SERVICE_COUNT,
    .fetch = fetch,
    .start = start,
    .adopt = adopt,
    .destroy = destroy,
};

struct nserver__resolver *nserver__resolver_create_memory(struct nserver *server,
                                                          const struct nserver_options *opts)
{
    const struct nserver_operator_options *o = &opts->operators;
    bool is_one = o->resolver.kind == NSERVER_RESOLVER_MEMORY;
    size_t count = is_one ? o->preload_count : 0;
    struct memory *memory = nb_zalloc(sizeof(*memory));

    memory->resolver =
        (struct nserver__resolver){.kind = &nserver__resolver_memory, .server = server};
    memory->lack = is_one ? "account missing" : "account resolver missing";
    memory->stored = nb_calloc(count + 1, sizeof(*memory->stored));
    for (size_t i = 0; i < count; i++) {
        struct stored *stored = &memory->stored[memory->count++];

        stored->key = nb_slice_dup(nb_slice_of(o->preloads[i].key));
        stored->token = nb_slice_dup(nb_slice_of(o->preloads[i].value));
        (void)nb_map_insert(&memory->tokens, stored->key, stored); // the first of two counts
    }
    return &memory->resolver;
}
