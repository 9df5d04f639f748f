#include "accounts/claims.h"

#include <natsd/jwt.h>
#include <natsd/memory.h>

#include "accounts/change.h"
#include "accounts/claims_options.h"
#include "accounts/mapping_check.h"
#include "accounts/operators.h"
#include "lifecycle/state.h"
#include "options/option_memory.h"
#include "resolver/resolver.h"
#include "sharing/activation.h"
#include "sharing/assemble.h"

static int64_t now_unix_s(void)
{
    return nb_wall_now().ns / NB_NS_PER_S;
}

struct nserver__account *nserver__claims_account(struct nserver *server, struct slice key)
{
    struct nserver__account *account = nserver__registry_find(&server->accounts, key);

    return account != NULL && nserver__account_terms(account)->claims != NULL ? account : NULL;
}

/* Is it a JWT that may hold? */

static int judge(struct nserver *server, struct slice key, const struct nauth_claims *claims,
                 struct nb_diag *diag)
{
    const struct nserver__operators *operators = nserver__config(server)->operators;
    struct nauth_issues issues = {0};
    int64_t now = now_unix_s();
    // At that second its own timer would end it at once.
    bool is_valid = claims->expires == 0 || claims->expires > now;

    nauth_claims_validate(claims, now, &issues);
    is_valid = is_valid && !nauth_issues_have(&issues, NAUTH_ISSUE_TIME);
    for (size_t i = 0; i < issues.count; i++) {
        nb_log_debug(server->log, "Account [%.*s]: %.*s", NB_SLICE_ARGS(key),
                     NB_SLICE_ARGS(issues.items[i].text));
    }
    nauth_issues_fini(&issues);
    if (!is_valid || !nb_slice_equal(claims->subject, key) ||
        nserver__operators_trust(operators, claims->issuer) == NULL) {
        nb_diag_set(diag, "account validation failed");
        return NB_EINVALID;
    }
    return NB_OK;
}

/* From a JWT to terms. */

static void take_default_permissions(struct nserver__terms *terms)
{
    const struct nauth_permissions *permissions = &terms->claims->account.default_permissions;

    if (!nauth_permissions_are_empty(permissions)) {
        terms->default_rules = nauth_rules_create(permissions);
    }
}

// One that can't be doesn't keep the account from working.
static void drop_bad_mappings(struct nserver *server, const struct nauth_claims *claims,
                              struct nserver_account_options *options)
{
    size_t kept = 0;

    for (size_t i = 0; i < options->mapping_count; i++) {
        const struct nserver_mapping *mapping = &options->mappings[i];
        struct nb_diag diag = {0};

        if (nserver__mapping_check(mapping, &diag) == NB_OK) {
            options->mappings[kept++] = *mapping;
        } else {
            nb_log_error(server->log,
                         "Error adding subject mapping \"%s\" for account [%.*s/%.*s]: %s",
                         mapping->source, NB_SLICE_ARGS(claims->subject),
                         NB_SLICE_ARGS(claims->name), diag.text);
        }
    }
    options->mapping_count = kept;
}

// Takes the claims over, also when it fails.
static int make_terms(struct nserver *server, struct nauth_claims *claims, struct slice token,
                      struct nserver__terms **out, struct nb_diag *diag)
{
    struct nserver_option_memory *memory = nserver__option_memory_create();
    struct nserver_account_options options = nserver__options_of_claims(claims, memory);
    const struct nserver__trust *trust =
        nserver__operators_trust(nserver__config(server)->operators, claims->issuer);
    int rc;

    drop_bad_mappings(server, claims, &options);
    rc = nserver__assemble_terms(&options, memory, out, diag);
    nserver__option_memory_unref(memory);
    if (rc != NB_OK) {
        nauth_claims_fini(claims);
        nb_free(claims);
        return rc;
    }
    (*out)->claims = claims;
    (*out)->token = nb_slice_dup(token);
    (*out)->is_identity_refused = trust != NULL && trust->is_strict;
    (*out)->due_unix_s = claims->expires;
    take_default_permissions(*out);
    return NB_OK;
}

static int read_claims(struct nserver *server, struct slice key, struct slice token,
                       struct nauth_claims **out, struct nb_diag *diag)
{
    struct nauth_claims *claims = nb_zalloc(sizeof(*claims));
    int rc = nauth_jwt_decode(token, NAUTH_CLAIMS_ACCOUNT, claims, diag);

    if (rc == NB_OK) {
        rc = judge(server, key, claims, diag);
        if (rc != NB_OK) {
            nauth_claims_fini(claims);
        }
    }
    if (rc != NB_OK) {
        nb_free(claims);
        return rc;
    }
    *out = claims;
    return NB_OK;
}

/* In force. */

static void arm_due(struct nserver *server, int64_t due_unix_s);

// Its imports are looked for anew, since an exporter has changed, or a token has expired.
static void renew(struct nserver *server, struct nserver__account *account)
{
    const struct nserver__terms *old = nserver__account_terms(account);
    struct nauth_claims *claims = nb_zalloc(sizeof(*claims));
    struct nserver__terms *terms = NULL;
    struct nb_diag diag = {0};

    if (nauth_jwt_decode(old->token, NAUTH_CLAIMS_ACCOUNT, claims, &diag) != NB_OK) {
        nb_free(claims); // it could be before
        return;
    }
    if (make_terms(server, claims, old->token, &terms, &diag) != NB_OK) {
        return;
    }
    atomic_store(&terms->is_expired, atomic_load(&old->is_expired));
    nserver__assemble_stream_imports(server, account, terms);
    nserver__put_terms(server, account, terms);
    nserver__assemble_service_imports(server, account);
    nserver__account_changed(server, account);
}

static bool imports_from(const struct nserver__account *account, struct slice exporter)
{
    const struct nserver_account_options *options = &nserver__account_terms(account)->options;

    for (size_t i = 0; i < options->import_count; i++) {
        if (nb_slice_is(exporter, options->imports[i].account)) {
            return true;
        }
    }
    return false;
}

// They are listed anew while they are renewed, so what is listed now is copied.
static void renew_importers(struct nserver *server, const struct nserver__account *exporter)
{
    const struct nserver__importer_list *list =
        nserver__importers_of(&server->loader.importers, exporter->name);
    size_t count = list != NULL ? list->count : 0;
    struct nserver__account **accounts = nb_calloc(count + 1, sizeof(struct nserver__account *));

    for (size_t i = 0; i < count; i++) {
        accounts[i] = list->accounts[i];
    }
    for (size_t i = 0; i < count; i++) {
        if (accounts[i] != exporter && nserver__account_terms(accounts[i])->claims != NULL &&
            imports_from(accounts[i], exporter->name)) {
            renew(server, accounts[i]);
        }
    }
    nb_free(accounts);
}

static bool is_same(const struct nserver__account *account, struct slice token)
{
    const struct nserver__terms *terms = nserver__account_terms(account);

    return terms->claims != NULL && nb_slice_equal(terms->token, token) &&
           !atomic_load(&terms->is_expired) && !atomic_load(&terms->is_incomplete);
}

int nserver__claims_apply(struct nserver *server, struct slice key, struct slice token,
                          struct nb_diag *diag)
{
    struct nserver__account *account = nserver__registry_find(&server->accounts, key);
    struct nauth_claims *claims = NULL;
    struct nserver__terms *terms = NULL;
    int rc;

    if (account != NULL && is_same(account, token)) {
        return NB_OK;
    }
    rc = read_claims(server, key, token, &claims, diag);
    if (rc == NB_OK) {
        rc = make_terms(server, claims, token, &terms, diag);
    }
    if (rc != NB_OK) {
        return rc;
    }
    account = nserver__registry_obtain(&server->accounts, key);
    nserver__assemble_stream_imports(server, account, terms);
    nserver__put_terms(server, account, terms);
    nserver__assemble_service_imports(server, account);
    nserver__importers_note(&server->loader.importers, account);
    renew_importers(server, account);
    nserver__account_changed(server, account);
    arm_due(server, nserver__account_terms(account)->due_unix_s);
    return NB_OK;
}

/* What expires. */

void nserver__claims_expire(struct nserver *server, struct nserver__account *account)
{
    const struct nserver__terms *terms = nserver__account_terms(account);

    atomic_store(&((struct nserver__terms *)terms)->is_expired, true); // all else stays constant
    renew_importers(server, account);
    nserver__account_changed(server, account);
}

static void look_after(struct nserver *server, struct nserver__account *account)
{
    const struct nserver__terms *terms = nserver__account_terms(account);

    if (terms->claims->expires > 0 && terms->claims->expires <= now_unix_s()) {
        nserver__claims_expire(server, account);
    } else {
        renew(server, account); // an activation has expired
    }
}

/* A timer stands at the first of all; when it fires, those that are due are gathered, and the next
 * is found on the way.
 */

struct gathering {
    int64_t due_before;
    int64_t next; // the first of those that are not due yet
    struct nserver__account **accounts;
    size_t count;
};

static void keep_account(struct gathering *gathering, struct nserver__account *account)
{
    gathering->accounts =
        nb_realloc(gathering->accounts, (gathering->count + 1) * sizeof(struct nserver__account *));
    gathering->accounts[gathering->count++] = account;
}

static void gather_due(void *ctx, struct nserver__account *account)
{
    struct gathering *gathering = ctx;
    const struct nserver__terms *terms = nserver__account_terms(account);

    if (terms->claims == NULL || terms->due_unix_s == 0 || atomic_load(&terms->is_expired)) {
        return;
    }
    if (terms->due_unix_s <= gathering->due_before) {
        keep_account(gathering, account);
    } else if (terms->due_unix_s < gathering->next) {
        gathering->next = terms->due_unix_s;
    }
}

static void on_due(struct nnet_timer *timer)
{
    struct nserver *server = nb_container_of(timer, struct nserver, loader.due);
    struct gathering gathering = {.due_before = now_unix_s(), .next = INT64_MAX};

    server->loader.due_unix_s = 0;
    nserver__registry_each(&server->accounts, gather_due, &gathering);
    for (size_t i = 0; i < gathering.count; i++) {
        int64_t due_unix_s;

        look_after(server, gathering.accounts[i]);
        due_unix_s = nserver__account_terms(gathering.accounts[i])->due_unix_s;
        arm_due(server, due_unix_s > gathering.due_before ? due_unix_s : 0);
    }
    nb_free(gathering.accounts);
    arm_due(server, gathering.next == INT64_MAX ? 0 : gathering.next);
}

// One of them is due then (0: never); an earlier one stands.
static void arm_due(struct nserver *server, int64_t due_unix_s)
{
    struct nnet_worker *control = nnet_group_control(server->group);
    struct nserver__loader *loader = &server->loader;
    int64_t left_ns;

    if (due_unix_s <= 0 || due_unix_s > INT64_MAX / NB_NS_PER_S ||
        (loader->due_unix_s > 0 && loader->due_unix_s <= due_unix_s)) {
        return;
    }
    loader->due_unix_s = due_unix_s;
    left_ns = due_unix_s * NB_NS_PER_S - nb_wall_now().ns;
    nnet_timer_disarm(control, &loader->due);
    loader->due.fire = on_due;
    nnet_timer_arm(control, &loader->due, left_ns > 0 ? left_ns : 1);
}

/* After a reload. */

static void gather_all(void *ctx, struct nserver__account *account)
{
    struct gathering *gathering = ctx;

    if (nserver__account_terms(account)->claims != NULL) {
        keep_account(gathering, account);
    }
}

struct review {
    struct nserver *server;
    struct nserver__account *account;
};

static void delete_account(struct nserver *server, struct nserver__account *account,
                           const char *why)
{
    nb_log_info(server->log, "Reloaded: deleting account [%s]: \"%.*s\"", why,
                NB_SLICE_ARGS(account->name));
    nserver__claims_expire(server, account);
}

// The memory resolver answers at once.
static void on_reviewed(void *ctx, int rc, struct slice token, const char *why NB_UNUSED)
{
    const struct review *review = ctx;
    struct nb_diag diag = {0};

    if (rc != NB_OK) {
        delete_account(review->server, review->account, "removed");
    } else if (nserver__claims_apply(review->server, review->account->name, token, &diag) !=
               NB_OK) {
        delete_account(review->server, review->account, "bad claims");
    }
}

void nserver__claims_review(struct nserver *server)
{
    struct gathering gathering = {0};

    nserver__registry_each(&server->accounts, gather_all, &gathering);
    for (size_t i = 0; i < gathering.count; i++) {
        struct review review = {.server = server, .account = gathering.accounts[i]};

        nserver__resolver_fetch(server->resolver, review.account->name, on_reviewed, &review);
    }
    nb_free(gathering.accounts);
}
