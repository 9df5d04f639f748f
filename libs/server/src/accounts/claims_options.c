#include "accounts/claims_options.h"

#include "options/option_memory.h"

enum {
    WEIGHT_WHOLE = 100,
};

static char *text(struct nserver_option_memory *memory, struct slice slice)
{
    return slice.n > 0 ? nserver__option_memory_text(memory, slice) : NULL;
}

/* Exports. */

static void take_revocations(const struct nauth_revocations *revocations,
                             struct nserver_option_memory *memory, struct nserver_export *to)
{
    to->revocations =
        nserver__option_memory_alloc(memory, revocations->count * sizeof(*to->revocations) + 1);
    for (size_t i = 0; i < revocations->count; i++) {
        to->revocations[i].key = text(memory, revocations->items[i].key);
        to->revocations[i].at = revocations->items[i].at;
    }
    to->revocation_count = revocations->count;
}

static struct nserver_export export_of(const struct nauth_export_claims *claims,
                                       struct nserver_option_memory *memory)
{
    struct nserver_export export = {
        .is_service = claims->is_service,
        .subject = text(memory, claims->subject),
        .account_token_position = (uint32_t)claims->account_token_position,
        .response_threshold_ns = claims->response_threshold_ns,
        .allow_trace = claims->allow_trace,
        .token_required = claims->token_required,
    };

    (void)nauth_response_type_of(claims->response_type, &export.response_type); // validated
    if (claims->has_latency) {
        export.latency_subject = text(memory, claims->latency_results);
        export.latency_sampling = (int)claims->latency_sampling;
    }
    take_revocations(&claims->revocations, memory, &export);
    return export;
}

/* Imports. */

static struct nserver_import import_of(const struct nauth_import_claims *claims,
                                       struct nserver_option_memory *memory)
{
    struct nserver_import import = {
        .is_service = claims->is_service,
        .account = text(memory, claims->account),
        .subject = text(memory, claims->subject),
        .share = claims->share,
        .allow_trace = claims->allow_trace,
        .token = text(memory, claims->token),
    };

    if (claims->local_subject.n > 0) {
        import.to = text(memory, claims->local_subject);
    } else if (!claims->is_service) {
        import.prefix = text(memory, claims->to);
    } else if (claims->to.n > 0) { // the old form names the two the other way round
        import.to = import.subject;
        import.subject = text(memory, claims->to);
    }
    return import;
}

/* Mappings. */

static struct nserver_mapping mapping_of(const struct nauth_mapping_claims *claims,
                                         struct nserver_option_memory *memory)
{
    struct nserver_mapping mapping = {
        .source = text(memory, claims->subject),
        .dests =
            nserver__option_memory_alloc(memory, claims->dest_count * sizeof(*mapping.dests) + 1),
        .dest_count = claims->dest_count,
    };

    for (size_t i = 0; i < claims->dest_count; i++) {
        const struct nauth_weighted_mapping *dest = &claims->dests[i];

        mapping.dests[i] = (struct nserver_mapping_dest){
            .subject = text(memory, dest->subject),
            .cluster = text(memory, dest->cluster),
            .weight = dest->weight > 0 ? (uint8_t)dest->weight : WEIGHT_WHOLE,
        };
    }
    return mapping;
}

// -1 stays, any other number below zero allows nothing; what doesn't fit 32 bits is cut there, as
// the reference does.
static int64_t limit_of(int64_t limit)
{
    if (limit < 0) {
        return limit == -1 ? -1 : 0;
    }
    return limit > INT32_MAX ? INT32_MAX : limit;
}

struct nserver_account_options nserver__options_of_claims(const struct nauth_claims *claims,
                                                          struct nserver_option_memory *memory)
{
    const struct nauth_account_claims *account = &claims->account;
    struct nserver_account_options options = {
        .name = text(memory, claims->subject),
        .max_connections = limit_of(account->limits.conn),
        .max_subscriptions = limit_of(account->limits.subs),
        .max_payload = limit_of(account->limits.payload),
        .max_leafnodes = limit_of(account->limits.leaf),
        .trace_dest = text(memory, account->trace_dest),
        .trace_sampling = (int)account->trace_sampling,
    };

    options.exports =
        nserver__option_memory_alloc(memory, account->export_count * sizeof(*options.exports) + 1);
    for (size_t i = 0; i < account->export_count; i++) {
        options.exports[options.export_count++] = export_of(&account->exports[i], memory);
    }
    options.imports =
        nserver__option_memory_alloc(memory, account->import_count * sizeof(*options.imports) + 1);
    for (size_t i = 0; i < account->import_count; i++) {
        options.imports[options.import_count++] = import_of(&account->imports[i], memory);
    }
    options.mappings = nserver__option_memory_alloc(
        memory, account->mapping_count * sizeof(*options.mappings) + 1);
    for (size_t i = 0; i < account->mapping_count; i++) {
        options.mappings[options.mapping_count++] = mapping_of(&account->mappings[i], memory);
    }
    return options;
}
