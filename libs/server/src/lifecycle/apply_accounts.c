/* apply_accounts.c - accounts and their mappings, as the options have them. */
#include <natsd/memory.h>

#include "lifecycle/state.h"

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

// *out is NULL when there are none.
static int create_table(const struct nserver_mapping *mappings, size_t count,
                        struct nserver__mapping_table **out, struct nb_diag *diag)
{
    struct nsub_mappings *table;
    int rc = NB_OK;

    *out = NULL;
    if (count == 0) {
        return NB_OK;
    }
    table = nsub_mappings_create();
    for (size_t i = 0; rc == NB_OK && i < count; i++) {
        rc = add_mapping(table, &mappings[i], diag);
    }
    if (rc != NB_OK) {
        nsub_mappings_destroy(&table);
        return rc;
    }
    *out = nb_zalloc(sizeof(**out));
    (*out)->mappings = table;
    return NB_OK;
}

static int add_change(struct nserver__account_plan *plan, const char *name,
                      const struct nserver_mapping *mappings, size_t count, struct nb_diag *diag)
{
    struct nserver__account_change *change = &plan->changes[plan->count++];

    change->name = nb_slice_of(name);
    return create_table(mappings, count, &change->mappings, diag);
}

static bool has_account(const struct nserver_options *opts, const char *name)
{
    for (size_t i = 0; i < opts->account_count; i++) {
        if (strcmp(opts->accounts[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

bool nserver__makes_system_account(const struct nserver_options *opts)
{
    return opts->system_account == NULL && !opts->no_system_account &&
           !has_account(opts, NSERVER__SYSTEM_ACCOUNT);
}

const char *nserver__system_account(const struct nserver_options *opts)
{
    if (opts->system_account != NULL) {
        return opts->system_account;
    }
    return opts->no_system_account && !has_account(opts, NSERVER__SYSTEM_ACCOUNT)
               ? NULL
               : NSERVER__SYSTEM_ACCOUNT;
}

int nserver__account_plan_create(const struct nserver_options *opts,
                                 struct nserver__account_plan *plan, struct nb_diag *diag)
{
    int rc;

    *plan = (struct nserver__account_plan){
        .changes = nb_calloc(opts->account_count + 2, sizeof(*plan->changes)),
    };
    rc = add_change(plan, NSERVER__GLOBAL_ACCOUNT, opts->mappings, opts->mapping_count, diag);
    if (rc == NB_OK && nserver__makes_system_account(opts)) {
        rc = add_change(plan, NSERVER__SYSTEM_ACCOUNT, NULL, 0, diag);
    }
    for (size_t i = 0; rc == NB_OK && i < opts->account_count; i++) {
        const struct nserver_account_options *account = &opts->accounts[i];

        rc = add_change(plan, account->name, account->mappings, account->mapping_count, diag);
    }
    if (rc != NB_OK) {
        nserver__account_plan_fini(plan);
    }
    return rc;
}

static void free_table(struct nserver__mapping_table *table)
{
    if (table != NULL) {
        nsub_mappings_destroy(&table->mappings);
        nb_free(table);
    }
}

void nserver__account_plan_fini(struct nserver__account_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        free_table(plan->changes[i].mappings);
    }
    nb_free(plan->changes);
    *plan = (struct nserver__account_plan){0};
}

void nserver__account_plan_apply(struct nserver *server, struct nserver__account_plan *plan,
                                 void (*replaced)(struct nserver *server,
                                                  struct nserver__mapping_table *table))
{
    for (size_t i = 0; i < plan->count; i++) {
        struct nserver__account_change *change = &plan->changes[i];
        struct nserver__account *account =
            nserver__registry_obtain(&server->accounts, change->name);
        struct nserver__mapping_table *old = atomic_exchange(&account->mappings, change->mappings);

        change->mappings = NULL;
        if (old != NULL) {
            replaced(server, old);
        }
    }
}
