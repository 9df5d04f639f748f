#include "resolver/resolver.h"

int nserver__resolver_create(struct nserver *server, const struct nserver_options *opts,
                             struct nserver__resolver **out, struct nb_diag *diag)
{
    *out = NULL;
    switch (opts->operators.resolver.kind) {
    case NSERVER_RESOLVER_NONE:
        return NB_OK;
    case NSERVER_RESOLVER_MEMORY:
    case NSERVER_RESOLVER_URL:
    case NSERVER_RESOLVER_FULL:
    case NSERVER_RESOLVER_CACHE:
        return nserver__resolver_create_memory(server, opts, out, diag);
    }
    NB_UNREACHABLE("kind of a resolver");
}

void nserver__resolver_destroy(struct nserver__resolver **resolver)
{
    if (*resolver != NULL) {
        (*resolver)->kind->destroy(*resolver);
        *resolver = NULL;
    }
}
