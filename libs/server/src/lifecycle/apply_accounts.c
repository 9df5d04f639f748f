/* apply_accounts.c - the accounts that the options name, put in force. */
#include <natsd/memory.h>

#include "lifecycle/state.h"
#include "sharing/assemble.h"

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

// Nothing is said of it but its name, and perhaps mappings.
static struct nserver_account_options bare_account(const char *name)
{
    return (struct nserver_account_options){
        .name = (char *)name, // nobody changes it
        .max_connections = -1,
        .max_subscriptions = -1,
        .max_payload = -1,
        .max_leafnodes = -1,
    };
}

static int add_change(struct nserver__account_plan *plan, const struct nserver_options *opts,
                      const struct nserver_account_options *account, struct nb_diag *diag)
{
    struct nserver__account_change *change = &plan->changes[plan->count++];

    change->name = nb_slice_of(account->name);
    return nserver__assemble_terms(account, opts->memory, &change->terms, diag);
}

int nserver__account_plan_create(const struct nserver_options *opts,
                                 struct nserver__account_plan *plan, struct nb_diag *diag)
{
    struct nserver_account_options global = bare_account(NSERVER__GLOBAL_ACCOUNT);
    struct nserver_account_options system = bare_account(NSERVER__SYSTEM_ACCOUNT);
    int rc;

    *plan = (struct nserver__account_plan){
        .changes = nb_calloc(opts->account_count + 2, sizeof(*plan->changes)),
        .system = nb_slice_of(nserver__system_account(opts)),
    };
    global.mappings = opts->mappings;
    global.mapping_count = opts->mapping_count;
    rc = add_change(plan, opts, &global, diag);
    if (rc == NB_OK && nserver__makes_system_account(opts)) {
        rc = add_change(plan, opts, &system, diag);
    }
    for (size_t i = 0; rc == NB_OK && i < opts->account_count; i++) {
        rc = add_change(plan, opts, &opts->accounts[i], diag);
    }
    if (rc != NB_OK) {
        nserver__account_plan_fini(plan);
    }
    return rc;
}

void nserver__account_plan_fini(struct nserver__account_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        nserver__terms_destroy(&plan->changes[i].terms);
    }
    nb_free(plan->changes);
    *plan = (struct nserver__account_plan){0};
}

// One that the options don't name any more. Accounts of JWTs are not theirs.
static void end_account(void *ctx, struct nserver__account *account)
{
    struct nserver *server = ctx;
    struct nserver__terms *terms;

    if (account->plan_number == server->plan_number ||
        nserver__account_terms(account)->claims != NULL ||
        nserver__account_terms(account)->is_gone) {
        return;
    }
    terms = nserver__terms_create();
    terms->is_gone = true;
    nserver__put_terms(server, account, terms);
    nserver__assemble_service_imports(server, account);
}

void nserver__account_plan_apply(struct nserver *server, struct nserver__account_plan *plan)
{
    struct nserver__account **accounts =
        nb_calloc(plan->count + 1, sizeof(struct nserver__account *));

    server->plan_number++;
    for (size_t i = 0; i < plan->count; i++) { // all are there before one imports from another
        accounts[i] = nserver__registry_obtain(&server->accounts, plan->changes[i].name);
        accounts[i]->plan_number = server->plan_number;
    }
    if (plan->system.n > 0 &&
        server->system_account == NULL) { // that of operators has no terms yet
        server->system_account = nserver__registry_obtain(&server->accounts, plan->system);
    }
    for (size_t i = 0; i < plan->count; i++) {
        struct nserver__terms *terms = plan->changes[i].terms;

        plan->changes[i].terms = NULL;
        nserver__assemble_stream_imports(server, accounts[i], terms);
        nserver__put_terms(server, accounts[i], terms);
    }
    for (size_t i = 0; i < plan->count; i++) {
        nserver__assemble_service_imports(server, accounts[i]);
    }
    nserver__registry_each(&server->accounts, end_account, server);
    nb_free(accounts);
}
