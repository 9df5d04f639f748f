#include "resolver/update.h"

#include <natsd/jwt.h>

#include "accounts/claims.h"
#include "accounts/claims_options.h"
#include "accounts/loading.h"
#include "accounts/mapping_check.h"
#include "accounts/operators.h"
#include "lifecycle/state.h"
#include "options/option_memory.h"
#include "resolver/resolver.h"

enum {
    ISSUES_MAX_BYTES = 8 * 1024 * 1024, // a JWT has no room for more
};

static const struct slice NOBODY = {(const uint8_t *)"n/a", 3};

static struct slice text_of(const struct nb_diag *diag)
{
    return nb_slice_of(diag->text);
}

static void refuse_unread(const struct nserver__claims_request *request,
                          const struct nserver__update_texts *texts, const struct nb_diag *diag)
{
    struct slice named = nserver__claims_request_account(request);

    if (texts->names_no_account_unread || named.n == 0) {
        named = NOBODY;
    }
    nserver__claims_refuse(request, named, texts->failed, text_of(diag));
}

// An operator who wants that signing keys are used has signed by its identity.
static bool is_of_strict_identity(const struct nserver *server, struct slice issuer)
{
    const struct nserver__operators *operators = nserver__config(server)->operators;

    for (size_t i = 0; operators != NULL && i < operators->count; i++) {
        if (operators->claims[i].op.strict_signing_key_usage &&
            nb_slice_equal(operators->claims[i].subject, issuer)) {
            return true;
        }
    }
    return false;
}

// "validation errors: [e1 e2]". One that has expired may be stored all the same.
static bool find_issues(const struct nauth_claims *claims, struct nb_buf *out)
{
    struct nauth_issues issues = {0};
    const char *before = "validation errors: [";

    nauth_claims_validate(claims, nb_wall_now().ns / NB_NS_PER_S, &issues);
    for (size_t i = 0; i < issues.count; i++) {
        if (issues.items[i].level == NAUTH_ISSUE_ERROR) {
            nb_buf_must_text(out, before);
            nb_buf_must(out, issues.items[i].text);
            before = " ";
        }
    }
    nauth_issues_fini(&issues);
    if (nb_buf_slice(out).n == 0) {
        return false;
    }
    nb_buf_must_text(out, "]");
    return true;
}

// What an index of mappings would refuse; those of the rules for claims know nothing of it.
static bool find_bad_mapping(const struct nauth_claims *claims, struct nb_buf *out)
{
    struct nserver_option_memory *memory = nserver__option_memory_create();
    struct nserver_account_options options = nserver__options_of_claims(claims, memory);
    bool is_found = false;

    for (size_t i = 0; i < options.mapping_count && !is_found; i++) {
        is_found = nserver__mapping_explain(&options.mappings[i], out) != NB_OK;
    }
    nserver__option_memory_unref(memory);
    return is_found;
}

static bool refuse_issues(const struct nserver__claims_request *request,
                          const struct nserver__update_texts *texts,
                          const struct nauth_claims *claims)
{
    struct nb_buf text;
    bool is_refused;

    nb_buf_init(&text, ISSUES_MAX_BYTES);
    is_refused = find_issues(claims, &text) || find_bad_mapping(claims, &text);
    if (is_refused) {
        nserver__claims_refuse(request, claims->subject, texts->invalid, nb_buf_slice(&text));
    }
    nb_buf_fini(&text);
    return is_refused;
}

static bool judge_claims(const struct nserver__claims_request *request,
                         const struct nserver__update_texts *texts,
                         const struct nauth_claims *claims)
{
    struct slice named = nserver__claims_request_account(request);

    if (named.n > 0 && !nb_slice_equal(named, claims->subject)) {
        nserver__claims_refuse(request, named, texts->failed,
                               NB_SLICE("subject does not match jwt content"));
        return false;
    }
    if (texts->invalid == NULL) {
        return true;
    }
    if (is_of_strict_identity(request->server, claims->issuer)) {
        nserver__claims_refuse(request, claims->subject, texts->failed,
                               NB_SLICE("operator requires issuer to be a signing key"));
        return false;
    }
    return !refuse_issues(request, texts, claims);
}

bool nserver__update_judge(const struct nserver__claims_request *request,
                           const struct nserver__update_texts *texts, struct slice *key)
{
    struct nauth_claims claims = {0};
    struct nb_diag diag = {0};
    bool is_good;

    if (nauth_jwt_decode(request->body, NAUTH_CLAIMS_ACCOUNT, &claims, &diag) != NB_OK) {
        refuse_unread(request, texts, &diag);
        return false;
    }
    is_good = judge_claims(request, texts, &claims);
    if (is_good) {
        *key = nb_slice_dup(claims.subject);
    }
    nauth_claims_fini(&claims);
    return is_good;
}

/* For those who store nothing. */

static const struct nserver__update_texts loaded_texts = {
    .updated = "jwt updated",
    .skipped = "jwt update skipped",
    .failed = "jwt update resulted in error",
};

static void answer_loaded(void *ctx, struct nserver__account *account NB_UNUSED,
                          const char *why NB_UNUSED)
{
    struct nserver__claims_request *request = ctx;

    if (request->server->resolver != NULL) { // or the server ends
        nserver__claims_answer(request, nserver__claims_request_account(request),
                               loaded_texts.updated);
    }
    nserver__claims_request_free(request);
}

// Takes the request.
static void apply_loaded(struct nserver__claims_request *request, struct slice key)
{
    struct nb_diag diag = {0};

    if (nserver__claims_account(request->server, key) == NULL) {
        nserver__claims_answer(request, key, loaded_texts.skipped);
    } else if (nserver__claims_apply(request->server, key, request->body, &diag) != NB_OK) {
        nserver__claims_refuse(request, key, loaded_texts.failed, text_of(&diag));
    } else {
        nserver__account_load_imports(request->server, key, answer_loaded, request);
        return;
    }
    nserver__claims_request_free(request);
}

void nserver__update_serve_loaded(struct nserver__resolver *resolver NB_UNUSED,
                                  struct nserver__claims_request *request)
{
    struct slice key = {0};

    if (request->body.n == 0) {
        nserver__claims_refuse(request, nserver__claims_request_account(request),
                               "jwt update error", NB_SLICE("request body is empty"));
        nserver__claims_request_free(request);
    } else if (nserver__update_judge(request, &loaded_texts, &key)) {
        apply_loaded(request, key);
    } else {
        nserver__claims_request_free(request);
    }
    nb_slice_free(&key);
}

const struct nserver__claims_service nserver__update_services[NSERVER__UPDATE_SERVICE_COUNT] = {
    {.subject = "$SYS.REQ.ACCOUNT.*.CLAIMS.UPDATE", .serve = nserver__update_serve_loaded},
    {.subject = "$SYS.ACCOUNT.*.CLAIMS.UPDATE", .serve = nserver__update_serve_loaded},
};
