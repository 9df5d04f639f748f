#include <natsd/jwt.h>

#include "rule_list.h"
#include "validate.h"

#include <natsd/number.h>
#include <natsd/subject.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    PERCENT_MAX = 100,
    // Of one account, found by comparing its exports or imports with each other; more aren't told.
    OVERLAPS_MAX = 100,
};

bool nauth_response_type_of(struct slice text, enum nauth_response_type *out)
{
    if (text.n == 0 || nb_slice_is(text, "Singleton")) {
        *out = NAUTH_RESPONSE_SINGLETON;
    } else if (nb_slice_is(text, "Stream")) {
        *out = NAUTH_RESPONSE_STREAM;
    } else if (nb_slice_is(text, "Chunked")) {
        *out = NAUTH_RESPONSE_CHUNKED;
    } else {
        return false;
    }
    return true;
}

static void error(struct nauth_issues *issues, const char *text)
{
    nauth__issue(issues, NAUTH_ISSUE_ERROR, "%s", text);
}

/* ---- exports ---- */

static void validate_latency(const struct nauth_export_claims *export, struct nauth_issues *issues)
{
    int64_t sampling = export->latency_sampling;

    if (!export->is_service) {
        nauth__issue_quoted(issues, "latency tracking only permitted for services");
    }
    if (sampling != 0 && (sampling < 1 || sampling > PERCENT_MAX)) {
        error(issues, "sampling percentage needs to be between 1-100");
    }
    nauth__validate_subject(export->latency_results, issues);
    if (nsub_subject_has_wildcard(export->latency_results)) {
        error(issues, "results subject can not contain wildcards");
    }
}

static struct slice token_at(struct slice subject, int64_t position)
{
    struct slice token = {NULL, 0};

    for (int64_t i = 0; i < position; i++) {
        if (!nsub_subject_take_token(&subject, &token)) {
            return (struct slice){NULL, 0};
        }
    }
    return token;
}

static void validate_token_position(const struct nauth_export_claims *export,
                                    struct nauth_issues *issues)
{
    struct slice subject = export->subject;
    int64_t position = export->account_token_position;
    char format[160];

    if (position == 0) {
        return;
    }
    if (!nsub_subject_has_wildcard(subject)) {
        nauth__issue_quoted(
            issues, "Account Token Position can only be used with wildcard subjects: %s", subject);
        return;
    }
    if (position < 0 || position > nsub_subject_token_count(subject)) {
        snprintf(format, sizeof(format),
                 "Account Token Position %" PRId64 " exceeds length of subject '%%s'", position);
        nauth__issue_quoted(issues, format, subject);
        return;
    }
    if (!nb_slice_is(token_at(subject, position), "*")) {
        snprintf(format, sizeof(format),
                 "Account Token Position %" PRId64 " matches '%%s' but must match a * in: %%s",
                 position);
        nauth__issue_quoted(issues, format, token_at(subject, position), subject);
    }
}

static void validate_response(const struct nauth_export_claims *export, struct nauth_issues *issues)
{
    enum nauth_response_type type;

    if (export->is_service && !nauth_response_type_of(export->response_type, &type)) {
        nauth__issue_quoted(issues, "invalid response type for service: %q", export->response_type);
    }
    if (!export->is_service && export->response_type.n > 0) {
        nauth__issue_quoted(issues, "invalid response type for stream: %q", export->response_type);
    }
    if (export->response_threshold_ns < 0) {
        error(issues, "negative response threshold is invalid");
    }
    if (export->response_threshold_ns != 0 && !export->is_service) {
        error(issues, "response threshold only valid for services");
    }
}

static void validate_export(const struct nauth_export_claims *export, struct nauth_issues *issues)
{
    if (export->type.n == 0) {
        nauth__issue_quoted(issues, "invalid export type: %q", NB_SLICE("unknown"));
    }
    validate_response(export, issues);
    if (export->allow_trace && !export->is_service) {
        nauth__issue_quoted(issues, "AllowTrace only valid for service export");
    }
    nauth__validate_subject(export->subject, issues);
    if (export->has_latency) {
        validate_latency(export, issues);
    }
    validate_token_position(export, issues);
    nauth__validate_info(export->description, export->info_url, issues);
}

static const struct nauth_export_claims *find_container(const struct nauth_account_claims *account,
                                                        size_t at)
{
    const struct nauth_export_claims *contained = &account->exports[at];

    for (size_t i = 0; i < account->export_count; i++) {
        const struct nauth_export_claims *export = &account->exports[i];

        if (i != at && export->is_service == contained->is_service &&
            nsub_subject_matches(contained->subject, export->subject)) {
            return export;
        }
    }
    return NULL;
}

/* Is an export of this kind within another one? The index that permissions use finds what matches
 * a subject, and with its own number as a queue each export tells itself from others: comparing
 * each with each would take minutes for what fits into one token.
 */
static void find_contained(const struct nauth_account_claims *account, bool is_service,
                           struct nauth_issues *issues)
{
    struct nauth__rule *rules = nb_calloc(account->export_count, sizeof(*rules));
    char(*numbers)[NB_U64_TEXT_MAX_BYTES] = nb_calloc(account->export_count, sizeof(*numbers));
    struct nauth__rule_list list;
    size_t count = 0;
    size_t found = 0;

    for (size_t i = 0; i < account->export_count; i++) {
        struct slice subject = account->exports[i].subject;

        if (account->exports[i].is_service == is_service && nsub_subject_is_insertable(subject)) {
            rules[count++] = (struct nauth__rule){
                .subject = subject,
                .queue = nb_slice_make(numbers[i], nb_format_u64(i, numbers[i])),
            };
        }
    }
    nauth__rule_list_init(&list, rules, count);
    for (size_t i = 0; i < account->export_count && found < OVERLAPS_MAX; i++) {
        struct slice subject = account->exports[i].subject;
        struct slice number = nb_slice_make(numbers[i], nb_format_u64(i, numbers[i]));

        if (account->exports[i].is_service == is_service &&
            (nauth__rule_list_ask(&list, subject, number, NAUTH__HIT_OTHER) & NAUTH__HIT_OTHER) !=
                0) {
            const struct nauth_export_claims *container = find_container(account, i);

            nauth__issue_quoted(issues,
                                is_service ? "service export subject %q already exports %q"
                                           : "stream export subject %q already exports %q",
                                container != NULL ? container->subject : subject, subject);
            found++;
        }
    }
    nauth__rule_list_fini(&list);
    nb_free(numbers);
    nb_free(rules);
}

/* ---- imports ---- */

static void validate_activation_of(const struct nauth_import_claims *import, struct slice account,
                                   const struct nauth_claims *token, struct nauth_issues *issues)
{
    const struct nauth_activation_claims *activation = &token->activation;
    struct slice subject = import->is_service && import->to.n > 0 ? import->to : import->subject;

    if (!nb_slice_equal(token->issuer, import->account) &&
        !nb_slice_equal(activation->issuer_account, import->account)) {
        nauth__issue_quoted(issues, "activation token doesn't match account for import %q",
                            import->subject);
    }
    if (!nb_slice_equal(token->subject, account)) {
        nauth__issue_quoted(issues,
                            "activation token doesn't match account it is being included in, %q",
                            import->subject);
    }
    if (activation->is_service != import->is_service) {
        nauth__issue(issues, NAUTH_ISSUE_ERROR,
                     "mismatch between token import type %s and type of import %s",
                     activation->is_service ? "service" : "stream",
                     import->is_service ? "service" : "stream");
    }
    nauth__validate_activation(activation, issues);
    if (!nsub_subject_matches(subject, activation->subject)) {
        nauth__issue_quoted(issues, "activation token import subject %q doesn't match import %q",
                            activation->subject, import->subject);
    }
}

void nauth_import_validate_token(const struct nauth_import_claims *import, struct slice account,
                                 struct nauth_issues *issues)
{
    struct nauth_claims token = {.kind = NAUTH_CLAIMS_GENERIC};

    if (nauth_jwt_decode(import->token, NAUTH_CLAIMS_ACTIVATION, &token, NULL) < 0) {
        nauth__issue_quoted(issues, "import %q contains an invalid activation token",
                            import->subject);
        return;
    }
    validate_activation_of(import, account, &token, issues);
    nauth_claims_fini(&token);
}

static bool is_reference(struct slice token, uint64_t *number)
{
    return token.n > 1 && token.p[0] == '$' &&
           nb_parse_u64(nb_slice_sub(token, 1, token.n), INT32_MAX, number) == NB_OK;
}

static uint64_t count_stars(struct slice subject)
{
    struct slice token;
    uint64_t count = 0;

    while (nsub_subject_take_token(&subject, &token)) {
        count += nb_slice_is(token, "*");
    }
    return count;
}

static bool ends_with_tail(struct slice subject)
{
    return nb_slice_is(subject, ">") || nb_slice_ends(subject, ".>");
}

static void validate_local_subject(struct slice local, struct slice from,
                                   struct nauth_issues *issues)
{
    uint64_t stars = count_stars(from);
    uint64_t used = 0;
    struct slice rest = local;
    struct slice token;

    nauth__validate_subject(local, issues);
    if (ends_with_tail(local) != ends_with_tail(from)) {
        error(issues, "both, renaming subject and subject, need to end or not end in >");
    }
    while (nsub_subject_take_token(&rest, &token)) {
        uint64_t number;
        bool has_number = is_reference(token, &number);

        used += has_number || nb_slice_is(token, "*");
        if (has_number && number > stars) {
            char format[128];

            snprintf(format, sizeof(format),
                     "Reference $%" PRIu64 " in %%q reference * in %%q that do not exist", number);
            nauth__issue_quoted(issues, format, local, from);
        }
    }
    if (used != stars) {
        error(issues, "subject does not contain enough * or reference wildcards $[0-9]");
    }
}

static void validate_import(const struct nauth_import_claims *import, struct slice account,
                            struct nauth_issues *issues)
{
    if (import->type.n == 0) {
        nauth__issue_quoted(issues, "invalid import type: %q", NB_SLICE("unknown"));
    }
    if (import->allow_trace && import->is_service) {
        nauth__issue_quoted(issues, "AllowTrace only valid for stream import");
    }
    if (import->account.n == 0) {
        error(issues, "account to import from is not specified");
    }
    if (import->to.n > 0) {
        nauth__issue(issues, NAUTH_ISSUE_WARNING,
                     "the field to has been deprecated (use LocalSubject instead)");
    }
    nauth__validate_subject(import->subject, issues);
    if (import->local_subject.n > 0) {
        validate_local_subject(import->local_subject, import->subject, issues);
        if (import->to.n > 0) {
            error(issues, "Local Subject replaces To");
        }
    }
    if (import->share && !import->is_service) {
        nauth__issue_quoted(
            issues, "sharing information (for latency tracking) is only valid for services: %q",
            import->subject);
    }
    if (import->token.n > 0) {
        nauth_import_validate_token(import, account, issues);
    }
}

static struct slice local_subject_of(const struct nauth_import_claims *import)
{
    return import->local_subject.n > 0 ? import->local_subject : import->subject;
}

// "$2" stands for one token, like a star.
static struct slice with_stars(struct slice subject, struct nb_arena *arena)
{
    struct nb_buf text;
    struct slice token;
    struct slice copy;
    uint64_t number;

    if (nb_slice_find_byte(subject, '$') == subject.n) {
        return subject;
    }
    nb_buf_init(&text, subject.n + 1);
    while (nsub_subject_take_token(&subject, &token)) {
        if (nb_buf_slice(&text).n > 0) {
            nb_buf_must_text(&text, ".");
        }
        nb_buf_must(&text, is_reference(token, &number) ? NB_SLICE("*") : token);
    }
    copy = nb_arena_dup(arena, nb_buf_slice(&text));
    nb_buf_fini(&text);
    return copy;
}

struct local {
    struct slice account; // the exporter
    struct slice subject;
    struct slice prefix; // before the first wildcard
};

static int compare_locals(const void *a, const void *b)
{
    const struct local *left = a;
    const struct local *right = b;
    int order = nb_slice_compare(left->account, right->account);

    return order != 0 ? order : nb_slice_compare(left->prefix, right->prefix);
}

static struct slice prefix_of(struct slice subject)
{
    struct slice rest = subject;
    struct slice token;

    while (nsub_subject_take_token(&rest, &token)) {
        if (nb_slice_is(token, "*") || nb_slice_is(token, ">")) {
            return nb_slice_sub(subject, 0, (size_t)(token.p - subject.p));
        }
    }
    return subject;
}

// Sorted, for find_overlaps().
static struct local *locals_of(const struct nauth_account_claims *account, struct nb_arena *arena,
                               size_t *count)
{
    struct local *locals = nb_calloc(account->import_count, sizeof(*locals));

    *count = 0;
    for (size_t i = 0; i < account->import_count; i++) {
        const struct nauth_import_claims *import = &account->imports[i];

        if (import->is_service) {
            struct slice subject = with_stars(local_subject_of(import), arena);

            locals[(*count)++] = (struct local){
                .account = import->account, .subject = subject, .prefix = prefix_of(subject)};
        }
    }
    qsort(locals, *count, sizeof(*locals), compare_locals);
    return locals;
}

// What could overlap with a subject stands behind it, as long as it begins with the same prefix:
// comparing each with each would take seconds for what fits into one token.
static void find_overlaps(const struct nauth_account_claims *account, struct nauth_issues *issues)
{
    struct nb_arena arena;
    struct local *locals;
    size_t found = 0;
    size_t count;

    nb_arena_init(&arena, SIZE_MAX);
    locals = locals_of(account, &arena, &count);
    for (size_t i = 0; i < count; i++) {
        const struct local *one = &locals[i];

        for (size_t k = i + 1; k < count && found < OVERLAPS_MAX; k++) {
            const struct local *other = &locals[k];

            if (!nb_slice_equal(one->account, other->account) ||
                !nb_slice_equal(one->prefix, nb_slice_sub(other->prefix, 0, one->prefix.n))) {
                break;
            }
            if (nsub_subject_collides(one->subject, other->subject)) {
                nauth__issue_quoted(
                    issues, "overlapping subject namespace for %q and %q in same account %q",
                    other->subject, one->subject, one->account);
                found++;
            }
        }
    }
    nb_arena_fini(&arena);
    nb_free(locals);
}

void nauth__validate_shares(const struct nauth_claims *claims, struct nauth_issues *issues)
{
    const struct nauth_account_claims *account = &claims->account;

    for (size_t i = 0; i < account->import_count; i++) {
        validate_import(&account->imports[i], claims->subject, issues);
    }
    find_overlaps(account, issues);
    for (size_t i = 0; i < account->export_count; i++) {
        validate_export(&account->exports[i], issues);
    }
    find_contained(account, false, issues);
    find_contained(account, true, issues);
}
