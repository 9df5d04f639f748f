#include "accounts/terms.h"

#include <natsd/memory.h>

#include "options/option_memory.h"
#include "sharing/stream_import.h"

struct nserver__terms *nserver__terms_create(void)
{
    struct nserver__terms *terms = nb_zalloc(sizeof(*terms));

    terms->max_connections = -1;
    terms->max_subscriptions = -1;
    terms->max_payload = -1;
    terms->max_leafnodes = -1;
    return terms;
}

void nserver__terms_destroy(struct nserver__terms **terms)
{
    struct nserver__terms *t = *terms;

    if (t == NULL) {
        return;
    }
    nsub_mappings_destroy(&t->mappings);
    for (size_t i = 0; i < t->stream_import_count; i++) {
        nserver__stream_import_unref(t->stream_imports[i]);
    }
    nb_free(t->stream_imports);
    nauth_rules_unref(t->default_rules);
    if (t->claims != NULL) {
        nauth_claims_fini(t->claims);
        nb_free(t->claims);
    }
    nb_slice_free(&t->token);
    nserver__option_memory_unref(t->memory);
    nb_free(t);
    *terms = NULL;
}
