#include "validate.h"

#include <natsd/map.h>
#include <natsd/subject.h>

#include <inttypes.h>
#include <stdio.h>

enum {
    PERCENT_MAX = 100,
};

/* ---- limits ---- */

static bool is_zero(const struct nauth_jetstream_limits *limits)
{
    return limits->mem_storage == 0 && limits->disk_storage == 0 && limits->streams == 0 &&
           limits->consumer == 0 && limits->max_ack_pending == 0 &&
           limits->mem_max_stream_bytes == 0 && limits->disk_max_stream_bytes == 0 &&
           !limits->max_bytes_required;
}

static bool has_limits(const struct nauth_account_claims *account)
{
    return account->limits.subs != 0 || account->limits.data != 0 || account->limits.payload != 0 ||
           account->limits.imports != 0 || account->limits.exports != 0 ||
           account->limits.conn != 0 || account->limits.leaf != 0 || account->limits.wildcards ||
           account->limits.disallow_bearer || account->limits.tier_count > 0 ||
           !is_zero(&account->limits.jetstream);
}

static void validate_jetstream(const struct nauth_account_claims *account,
                               struct nauth_issues *issues)
{
    if (account->limits.tier_count > 0 && !is_zero(&account->limits.jetstream)) {
        nauth__issue(issues, NAUTH_ISSUE_ERROR,
                     "JetStream Limits and tiered JetStream Limits are mutually exclusive");
    }
    for (size_t i = 0; i < account->limits.tier_count; i++) {
        if (account->limits.tiers[i].name.n == 0) {
            nauth__issue(issues, NAUTH_ISSUE_ERROR,
                         "Tiered JetStream Limits can not contain a blank \"\" tier name");
        }
    }
}

// Only -1 is no limit; any other number below zero allows nothing.
static bool is_above(size_t count, int64_t limit)
{
    return limit != -1 && (limit < 0 ? count > 0 : count > (uint64_t)limit);
}

static void validate_counts(const struct nauth_account_claims *account, struct nauth_issues *issues)
{
    if (is_above(account->import_count, account->limits.imports)) {
        nauth__issue(issues, NAUTH_ISSUE_ERROR,
                     "the account contains more imports than allowed by the operator");
    }
    if (is_above(account->export_count, account->limits.exports)) {
        nauth__issue(issues, NAUTH_ISSUE_ERROR,
                     "the account contains more exports than allowed by the operator");
    }
    if (account->limits.exports == -1 || account->limits.wildcards) {
        return;
    }
    for (size_t i = 0; i < account->export_count; i++) {
        if (nsub_subject_has_wildcard(account->exports[i].subject)) {
            nauth__issue(
                issues, NAUTH_ISSUE_ERROR,
                "the account contains wildcard exports that are not allowed by the operator");
        }
    }
}

/* ---- mappings ---- */

// A sum for each cluster; the empty name is the default.
struct total {
    struct slice cluster;
    int64_t percent;
    bool is_told;
};

static void add_weight(const struct nauth_mapping_claims *mapping,
                       const struct nauth_weighted_mapping *dest, struct total *total,
                       struct nauth_issues *issues)
{
    total->percent += dest->weight == 0 ? PERCENT_MAX : dest->weight;
    if (total->percent <= PERCENT_MAX || total->is_told) {
        return;
    }
    total->is_told = true;
    if (dest->cluster.n == 0) {
        nauth__issue_quoted(issues, "Mapping %q exceeds %s among all of it's weighted to mappings",
                            mapping->subject, NB_SLICE("100%"));
    } else {
        nauth__issue_quoted(
            issues, "Mapping %q in cluster %q exceeds %s among all of it's weighted to mappings",
            mapping->subject, dest->cluster, NB_SLICE("100%"));
    }
}

static void validate_weights(const struct nauth_mapping_claims *mapping,
                             struct nauth_issues *issues)
{
    for (size_t i = 0; i < mapping->dest_count; i++) {
        int64_t weight = mapping->dests[i].weight;

        if (weight > PERCENT_MAX) {
            char format[80];

            snprintf(format, sizeof(format),
                     "Mapping %%q has a weight %" PRId64 " that exceeds 100", weight);
            nauth__issue_quoted(issues, format, mapping->subject);
        }
    }
}

static void validate_mapping(const struct nauth_mapping_claims *mapping,
                             struct nauth_issues *issues)
{
    struct total *totals = nb_calloc(mapping->dest_count, sizeof(*totals));
    struct nb_map by_cluster = {0};
    size_t count = 0;

    nauth__validate_subject(mapping->subject, issues);
    validate_weights(mapping, issues);
    for (size_t i = 0; i < mapping->dest_count; i++) {
        const struct nauth_weighted_mapping *dest = &mapping->dests[i];
        struct total *total = nb_map_find(&by_cluster, dest->cluster);

        nauth__validate_subject(dest->subject, issues);
        if (total == NULL) {
            total = &totals[count++];
            total->cluster = dest->cluster;
            nb_map_insert(&by_cluster, total->cluster, total);
        }
        add_weight(mapping, dest, total, issues);
    }
    nb_map_fini(&by_cluster);
    nb_free(totals);
}

/* ---- the rest ---- */

static void validate_authorization(const struct nauth_account_claims *account,
                                   struct nauth_issues *issues)
{
    const struct nauth_texts *users = &account->authorization.auth_users;
    const struct nauth_texts *accounts = &account->authorization.allowed_accounts;
    struct slice xkey = account->authorization.xkey;

    if (accounts->count > 0 && users->count == 0) {
        nauth__issue(issues, NAUTH_ISSUE_ERROR,
                     "External authorization cannot have accounts without users specified");
    }
    for (size_t i = 0; i < users->count; i++) {
        if (!nauth_nkey_is_public_of(users->items[i], NAUTH_NKEY_USER)) {
            nauth__issue_quoted(issues, "AuthUser %q is not a valid user public key",
                                users->items[i]);
        }
    }
    for (size_t i = 0; i < accounts->count; i++) {
        if (nb_slice_is(accounts->items[i], "*") && accounts->count > 1) {
            nauth__issue(issues, NAUTH_ISSUE_ERROR,
                         "AllowedAccounts can only be a list of accounts or \"*\"");
        } else if (!nb_slice_is(accounts->items[i], "*") &&
                   !nauth_nkey_is_public_of(accounts->items[i], NAUTH_NKEY_ACCOUNT)) {
            nauth__issue_quoted(issues, "Account %q is not a valid account public key",
                                accounts->items[i]);
        }
    }
    if (xkey.n > 0 && !nauth_nkey_is_public_of(xkey, NAUTH_NKEY_CURVE)) {
        nauth__issue_quoted(issues, "XKey %q is not a valid public xkey", xkey);
    }
}

static void validate_trace(const struct nauth_account_claims *account, struct nauth_issues *issues)
{
    struct slice dest = account->trace_dest;
    struct nauth_issues of_dest = {.count = 0};

    if (!account->has_trace) {
        return;
    }
    nauth__validate_subject(dest, &of_dest);
    if (of_dest.count > 0) {
        nauth__issue(issues, NAUTH_ISSUE_ERROR, "the account Trace.Destination %.*s",
                     NB_SLICE_ARGS(of_dest.items[0].text));
    }
    nauth_issues_fini(&of_dest);
    if (nsub_subject_has_wildcard(dest)) {
        nauth__issue_quoted(
            issues, "the account Trace.Destination subject %q is not a valid publish subject",
            dest);
    }
    if (account->trace_sampling < 0 || account->trace_sampling > PERCENT_MAX) {
        nauth__issue(issues, NAUTH_ISSUE_ERROR,
                     "the account Trace.Sampling value '%" PRId64
                     "' is not valid, should be in the range [1..100]",
                     account->trace_sampling);
    }
}

static void validate_signing_key(const struct nauth_signing_key *key, struct nauth_issues *issues)
{
    if (!nauth_nkey_is_public_of(key->key, NAUTH_NKEY_ACCOUNT)) {
        nauth__issue_quoted(issues,
                            key->is_scoped ? "%s is not an account public key"
                                           : "%q is not a valid account signing key",
                            key->key);
    }
}

static bool is_cluster_traffic(struct slice text)
{
    return text.n == 0 || nb_slice_is(text, "system") || nb_slice_is(text, "owner");
}

void nauth__validate_account(const struct nauth_claims *claims, struct nauth_issues *issues)
{
    const struct nauth_account_claims *account = &claims->account;

    nauth__validate_shares(claims, issues);
    validate_jetstream(account, issues);
    validate_counts(account, issues);
    nauth__validate_permissions(&account->default_permissions, issues);
    for (size_t i = 0; i < account->mapping_count; i++) {
        validate_mapping(&account->mappings[i], issues);
    }
    validate_authorization(account, issues);
    validate_trace(account, issues);
    if (!is_cluster_traffic(account->cluster_traffic)) {
        nauth__issue_quoted(issues, "unknown cluster traffic option: %q", account->cluster_traffic);
    }
    for (size_t i = 0; i < account->signing_key_count; i++) {
        validate_signing_key(&account->signing_keys[i], issues);
    }
    nauth__validate_info(account->description, account->info_url, issues);
    if (nauth_nkey_is_public_of(claims->issuer, NAUTH_NKEY_ACCOUNT) && has_limits(account)) {
        nauth__issue(issues, NAUTH_ISSUE_WARNING,
                     "self-signed account JWTs shouldn't contain operator limits");
    }
}
