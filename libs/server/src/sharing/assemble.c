#include "sharing/assemble.h"

#include <natsd/memory.h>
#include <natsd/subject.h>

#include "accounts/claims.h"
#include "lifecycle/state.h"
#include "options/check_sharing.h"
#include "options/option_memory.h"
#include "sharing/activation.h"
#include "sharing/service_import.h"
#include "sharing/stream_import.h"

/* Terms. */

static int add_mapping(struct nsub_mappings *mappings, const struct nserver_mapping *mapping,
                       struct nb_diag *diag)
{
    struct nsub_mapping_dest *dests = nb_calloc(mapping->dest_count + 1, sizeof(*dests));
    int rc;

    for (size_t i = 0; i < mapping->dest_count; i++) {
        const struct nserver_mapping_dest *dest = &mapping->dests[i];

        dests[i] = (struct nsub_mapping_dest){
            .subject = nb_slice_of(dest->subject),
            .weight = dest->weight,
            .cluster = nb_slice_of(dest->cluster),
        };
    }
    rc =
        nsub_mappings_add(mappings, nb_slice_of(mapping->source), dests, mapping->dest_count, diag);
    nb_free(dests);
    return rc;
}

static int add_mappings(struct nserver__terms *terms, struct nb_diag *diag)
{
    const struct nserver_account_options *options = &terms->options;
    int rc = NB_OK;

    if (options->mapping_count == 0) {
        return NB_OK;
    }
    terms->mappings = nsub_mappings_create();
    for (size_t i = 0; rc == NB_OK && i < options->mapping_count; i++) {
        rc = add_mapping(terms->mappings, &options->mappings[i], diag);
    }
    return rc;
}

int nserver__assemble_terms(const struct nserver_account_options *options,
                            struct nserver_option_memory *memory, struct nserver__terms **out,
                            struct nb_diag *diag)
{
    struct nserver__terms *terms = nserver__terms_create();
    int rc;

    terms->options = *options;
    terms->memory = memory != NULL ? nserver__option_memory_ref(memory) : NULL;
    terms->max_connections = options->max_connections;
    terms->max_subscriptions = options->max_subscriptions;
    terms->max_payload = options->max_payload;
    terms->max_leafnodes = options->max_leafnodes;
    rc = add_mappings(terms, diag);
    if (rc != NB_OK) {
        nserver__terms_destroy(&terms);
        return rc;
    }
    *out = terms;
    return NB_OK;
}

static void reclaim_terms(struct nb_epoch_item *item)
{
    struct nserver__terms *terms = nb_container_of(item, struct nserver__terms, retired);

    nserver__terms_destroy(&terms);
}

void nserver__put_terms(struct nserver *server, struct nserver__account *account,
                        struct nserver__terms *terms)
{
    struct nserver__terms *old =
        (struct nserver__terms *)atomic_exchange(&account->terms, terms); // ours to free

    if (server->group != NULL) {
        nnet_worker_retire(nnet_group_control(server->group), &old->retired, reclaim_terms);
    } else {
        nserver__terms_destroy(&old); // not started: nobody sees it
    }
}

/* Imports. Those of a JWT are authorized now; those of a configuration were when it was read. */

struct activation {
    const struct nserver__terms *importer;
    const struct nserver__terms *exporter;
    int64_t expires; // of the token that lets it in
};

static bool is_active(void *ctx, const struct nserver_export *export,
                      const struct nserver_import *import)
{
    struct activation *activation = ctx;

    return nserver__activation_holds(activation->importer, activation->exporter, export, import,
                                     &activation->expires);
}

static void note_due(struct nserver__terms *terms, int64_t expires)
{
    if (expires > 0 && (terms->due_unix_s == 0 || expires < terms->due_unix_s)) {
        terms->due_unix_s = expires;
    }
}

// NULL: there is no such account, or it doesn't let the importer in.
static const struct nserver_export *find_source(struct nserver *server,
                                                struct nserver__terms *terms,
                                                const struct nserver_import *import,
                                                struct nserver__account **exporter)
{
    struct activation activation = {.importer = terms};
    const struct nserver_export *export;

    *exporter = nserver__registry_find(&server->accounts, nb_slice_of(import->account));
    if (*exporter == NULL) {
        return NULL;
    }
    activation.exporter = nserver__account_terms(*exporter);
    if (atomic_load(&activation.exporter->is_expired)) {
        return NULL;
    }
    export = nserver__find_export(&activation.exporter->options, terms->options.name, import,
                                  is_active, &activation);
    if (export != NULL && export->token_required) {
        note_due(terms, activation.expires);
    }
    return export;
}

static void note_missing(struct nserver *server, struct nserver__terms *terms,
                         const struct nserver_import *import)
{
    if (terms->claims == NULL) {
        return;
    }
    atomic_store(&terms->is_incomplete, true);
    nb_log_debug(server->log, "Account [%s]: import of %s from account [%s] is not authorized",
                 terms->options.name, import->subject, import->account);
}

// The exporter of a configured stream may have its terms after the importer: it isn't asked again.
static struct nserver__account *stream_exporter(struct nserver *server,
                                                struct nserver__terms *terms,
                                                const struct nserver_import *import)
{
    struct nserver__account *exporter;

    if (terms->claims == NULL) {
        return nserver__registry_find(&server->accounts, nb_slice_of(import->account));
    }
    return find_source(server, terms, import, &exporter) != NULL ? exporter : NULL;
}

void nserver__assemble_stream_imports(struct nserver *server, struct nserver__account *account,
                                      struct nserver__terms *terms)
{
    const struct nserver_account_options *options = &terms->options;

    terms->stream_imports = nb_calloc(options->import_count + 1, sizeof(*terms->stream_imports));
    for (size_t i = 0; i < options->import_count; i++) {
        const struct nserver_import *import = &options->imports[i];
        struct nserver__account *exporter;
        struct nb_diag diag = {0};

        if (import->is_service) {
            continue;
        }
        exporter = stream_exporter(server, terms, import);
        if (exporter == NULL) {
            note_missing(server, terms, import);
        } else if (nserver__stream_import_create(import, exporter,
                                                 &terms->stream_imports[terms->stream_import_count],
                                                 &diag) == NB_OK) {
            terms->stream_import_count++;
        } else {
            nb_log_error(server->log, "Account [%.*s]: stream import %s: %s",
                         NB_SLICE_ARGS(account->name), import->subject, diag.text);
        }
    }
}

struct assembling {
    struct nserver *server;
    struct nserver__account *account;
    struct nserver__service_import **old; // those that are not taken over yet
    size_t old_count;
    struct nserver__service_import **imports;
    size_t count;
};

static struct nserver__service_import *take_same(struct assembling *a,
                                                 const struct nserver_import *options,
                                                 const struct nserver_export *export,
                                                 const struct nserver__account *exporter)
{
    for (size_t i = 0; i < a->old_count; i++) {
        struct nserver__service_import *import = a->old[i];

        if (nserver__service_import_is(import, options, export, exporter)) {
            a->old[i] = a->old[--a->old_count];
            return import;
        }
    }
    return NULL;
}

static void add_service(struct assembling *a, const struct nserver_import *options,
                        const struct nserver_export *export, struct nserver__account *exporter)
{
    struct nserver__service_import *import = take_same(a, options, export, exporter);
    struct nb_diag diag = {0};

    if (import == NULL && nserver__service_import_begin(options, export, a->account, exporter,
                                                        &import, &diag) != NB_OK) {
        nb_log_error(a->server->log, "Account [%.*s]: service import %s: %s",
                     NB_SLICE_ARGS(a->account->name), options->subject, diag.text);
        return;
    }
    a->imports[a->count++] = import;
}

static void add_imported(struct assembling *a, const struct nserver_import *import)
{
    struct nserver__terms *terms =
        (struct nserver__terms *)nserver__account_terms(a->account); // only what may change does
    struct nserver__account *exporter;
    const struct nserver_export *export = find_source(a->server, terms, import, &exporter);

    if (export != NULL) {
        add_service(a, import, export, exporter);
    } else {
        note_missing(a->server, terms, import);
    }
}

/* What every account imports of the system account (spec 03 section 21). */

static const struct {
    const char *local;
    const char *before, *after; // the name of the account
    bool share;
    bool is_for_itself; // the system account has it, too
} system_services[] = {
    {"$SYS.REQ.ACCOUNT.PING.CONNZ", "$SYS.REQ.ACCOUNT.", ".CONNZ", false, false},
    {"$SYS.REQ.SERVER.PING.CONNZ", "$SYS.REQ.ACCOUNT.", ".CONNZ", false, false},
    {"$SYS.REQ.ACCOUNT.PING.STATZ", "$SYS.REQ.ACCOUNT.", ".STATZ", false, false},
    {"$SYS.REQ.USER.INFO", "$SYS.REQ.USER.", ".INFO", true, true},
};

static void add_system_service(struct assembling *a, size_t index, struct nserver__account *system)
{
    struct nserver_import options = {.is_service = true, .share = system_services[index].share};
    struct nb_buf subject;

    nb_buf_init(&subject, 128 + a->account->name.n);
    nb_buf_must_text(&subject, system_services[index].before);
    nb_buf_must(&subject, a->account->name);
    nb_buf_must_text(&subject, system_services[index].after);
    nb_buf_must(&subject, nb_slice_make("", 1));
    options.subject = (char *)nb_buf_slice(&subject).p;
    options.to = (char *)system_services[index].local; // nobody changes it
    add_service(a, &options, NULL, system);
    nb_buf_fini(&subject);
}

// An account whose name is no token of a subject has no such services.
static void add_system_services(struct assembling *a)
{
    struct nserver__account *system = a->server->system_account;

    if (system == NULL || !nsub_subject_is_valid_publish(a->account->name) ||
        nsub_subject_token_count(a->account->name) != 1) {
        return;
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(system_services); i++) {
        if (a->account != system || system_services[i].is_for_itself) {
            add_system_service(a, i, system);
        }
    }
}

void nserver__assemble_service_imports(struct nserver *server, struct nserver__account *account)
{
    const struct nserver__terms *terms = nserver__account_terms(account);
    struct assembling a = {
        .server = server,
        .account = account,
        .old = account->service_imports,
        .old_count = account->service_import_count,
        .imports = nb_calloc(terms->options.import_count + NB_ARRAY_LEN(system_services) + 1,
                             sizeof(*a.imports)),
    };

    for (size_t i = 0; i < terms->options.import_count; i++) {
        if (terms->options.imports[i].is_service) {
            add_imported(&a, &terms->options.imports[i]);
        }
    }
    if (!terms->is_gone) {
        add_system_services(&a);
    }
    for (size_t i = 0; i < a.old_count; i++) {
        nserver__service_import_end(a.old[i], nnet_group_control(server->group));
    }
    nb_free(a.old);
    account->service_imports = a.imports;
    account->service_import_count = a.count;
}
