#include <natsd/jwt.h>

#include "subject_cover.h"
#include "validate.h"

#include <natsd/map.h>
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
    } else if (export->response_threshold_ns != 0 && !export->is_service) {
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

// Each container is told once, with the first that it contains. Was there one?
static bool tell_containers(const struct nauth_account_claims *account, size_t at,
                            struct nb_map *told, struct nauth_issues *issues)
{
    const struct nauth_export_claims *contained = &account->exports[at];
    bool is_found = false;

    for (size_t i = 0; i < account->export_count; i++) {
        const struct nauth_export_claims *export = &account->exports[i];

        if (i == at || export->is_service != contained->is_service ||
            !nsub_subject_matches(contained->subject, export->subject)) {
            continue;
        }
        is_found = true;
        if (nb_map_insert(told, export->subject, (void *)export)) {
            nauth__issue_quoted(issues,
                                export->is_service ? "service export subject %q already exports %q"
                                                   : "stream export subject %q already exports %q",
                                export->subject, contained->subject);
        }
    }
    return is_found;
}

static void find_contained(const struct nauth_account_claims *account, bool is_service,
                           struct nauth_issues *issues)
{
    struct slice *subjects = nb_calloc(account->export_count, sizeof(*subjects));
    struct nauth__subject_cover cover;
    struct nb_map told = {0};
    size_t found = 0;

    for (size_t i = 0; i < account->export_count; i++) {
        if (account->exports[i].is_service == is_service) {
            subjects[i] = account->exports[i].subject; // of the others an empty one
        }
    }
    nauth__subject_cover_init(&cover, subjects, account->export_count);
    for (size_t i = 0; i < account->export_count && found < OVERLAPS_MAX; i++) {
        if (account->exports[i].is_service == is_service &&
            nauth__subject_cover_may_have(&cover, subjects[i], i)) {
            found += tell_containers(account, i, &told, issues);
        }
    }
    nauth__subject_cover_fini(&cover);
    nb_map_fini(&told);
    nb_free(subjects);
}

/* ---- imports ---- */

static const char *kind_of(const struct nauth_activation_claims *activation)
{
    if (activation->kind.n == 0) {
        return "unknown";
    }
    return activation->is_service ? "service" : "stream";
}

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
    if (activation->kind.n == 0 || activation->is_service != import->is_service) {
        nauth__issue(issues, NAUTH_ISSUE_ERROR,
                     "mismatch between token import type %s and type of import %s",
                     kind_of(activation), import->is_service ? "service" : "stream");
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

        used += nb_slice_is(token, "*") || (has_number && number <= stars);
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
    size_t number;        // of the import
    struct slice account; // the exporter
    struct slice subject;
};

static int compare_locals(const void *a, const void *b)
{
    const struct local *left = a;
    const struct local *right = b;
    int order = nb_slice_compare(left->account, right->account);

    return order != 0 ? order : (left->number > right->number) - (left->number < right->number);
}

// Sorted by account, then as they came.
static struct local *locals_of(const struct nauth_account_claims *account, struct nb_arena *arena,
                               size_t *count)
{
    struct local *locals = nb_calloc(account->import_count, sizeof(*locals));

    *count = 0;
    for (size_t i = 0; i < account->import_count; i++) {
        const struct nauth_import_claims *import = &account->imports[i];

        if (import->is_service) {
            locals[(*count)++] = (struct local){
                .number = i,
                .account = import->account,
                .subject = with_stars(local_subject_of(import), arena),
            };
        }
    }
    qsort(locals, *count, sizeof(*locals), compare_locals);
    return locals;
}

struct overlap {
    const struct local *later, *earlier;
};

struct overlaps {
    struct overlap items[OVERLAPS_MAX];
    size_t count;
};

static int compare_overlaps(const void *a, const void *b)
{
    const struct overlap *left = a;
    const struct overlap *right = b;
    size_t x = left->later->number;
    size_t y = right->later->number;

    if (x == y) {
        x = left->earlier->number;
        y = right->earlier->number;
    }
    return (x > y) - (x < y);
}

// Equal ones are within each other: the earlier one finds them.
static void add_containers(const struct local *locals, size_t count, const struct local *contained,
                           struct overlaps *overlaps)
{
    for (size_t i = 0; i < count && overlaps->count < OVERLAPS_MAX; i++) {
        const struct local *local = &locals[i];
        bool is_later = local->number > contained->number;

        if (local != contained && nsub_subject_matches(contained->subject, local->subject) &&
            (is_later || !nsub_subject_matches(local->subject, contained->subject))) {
            overlaps->items[overlaps->count++] = (struct overlap){
                .later = is_later ? local : contained,
                .earlier = is_later ? contained : local,
            };
        }
    }
}

// Among those of one account.
static void find_overlaps(const struct local *locals, size_t count, struct overlaps *overlaps)
{
    struct slice *subjects = nb_calloc(count, sizeof(*subjects));
    struct nauth__subject_cover cover;

    for (size_t i = 0; i < count; i++) {
        subjects[i] = locals[i].subject;
    }
    nauth__subject_cover_init(&cover, subjects, count);
    for (size_t i = 0; i < count && overlaps->count < OVERLAPS_MAX; i++) {
        if (nauth__subject_cover_may_have(&cover, subjects[i], i)) {
            add_containers(locals, count, &locals[i], overlaps);
        }
    }
    nauth__subject_cover_fini(&cover);
    nb_free(subjects);
}

static size_t same_account(const struct local *locals, size_t count)
{
    size_t n = 1;

    while (n < count && nb_slice_equal(locals[n].account, locals[0].account)) {
        n++;
    }
    return n;
}

// An equal subject of an earlier import is told once, and that it is equal.
static void tell_overlaps(const struct overlaps *overlaps, struct nauth_issues *issues)
{
    const struct local *equal = NULL; // the last that was told to be so

    for (size_t i = 0; i < overlaps->count; i++) {
        const struct local *later = overlaps->items[i].later;
        const struct local *earlier = overlaps->items[i].earlier;
        bool is_equal = nb_slice_equal(later->subject, earlier->subject);

        if (is_equal && equal == later) {
            continue;
        }
        nauth__issue_quoted(issues,
                            "overlapping subject namespace for %q and %q in same account %q",
                            later->subject, earlier->subject, later->account);
        if (is_equal) {
            nauth__issue_quoted(issues, "overlapping subject namespace for %q in account %q",
                                later->subject, later->account);
            equal = later;
        }
    }
}

static void validate_overlaps(const struct nauth_account_claims *account,
                              struct nauth_issues *issues)
{
    struct overlaps overlaps = {.count = 0};
    struct nb_arena arena;
    struct local *locals;
    size_t count;

    nb_arena_init(&arena, SIZE_MAX);
    locals = locals_of(account, &arena, &count);
    for (size_t at = 0, n; at < count; at += n) {
        n = same_account(&locals[at], count - at);
        find_overlaps(&locals[at], n, &overlaps);
    }
    qsort(overlaps.items, overlaps.count, sizeof(*overlaps.items), compare_overlaps);
    tell_overlaps(&overlaps, issues);
    nb_arena_fini(&arena);
    nb_free(locals);
}

void nauth__validate_shares(const struct nauth_claims *claims, struct nauth_issues *issues)
{
    const struct nauth_account_claims *account = &claims->account;

    for (size_t i = 0; i < account->import_count; i++) {
        validate_import(&account->imports[i], claims->subject, issues);
    }
    validate_overlaps(account, issues);
    for (size_t i = 0; i < account->export_count; i++) {
        validate_export(&account->exports[i], issues);
    }
    find_contained(account, false, issues);
    find_contained(account, true, issues);
}
