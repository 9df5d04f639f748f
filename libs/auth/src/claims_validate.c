#include "validate.h"

#include "networks.h"
#include "permission_item.h"
#include "times.h"
#include "zone.h"

#include <natsd/number.h>
#include <natsd/subject.h>

enum {
    INFO_MAX_BYTES = 8 * 1024,
};

/* ---- shared ---- */

void nauth__validate_times(const struct nauth_claims *claims, int64_t now_unix_s,
                           struct nauth_issues *issues)
{
    if (claims->expires > 0 && now_unix_s > claims->expires) {
        nauth__issue(issues, NAUTH_ISSUE_TIME, "claim is expired");
    }
    if (claims->not_before > now_unix_s) {
        nauth__issue(issues, NAUTH_ISSUE_TIME, "claim is not yet valid");
    }
}

void nauth__validate_subject(struct slice subject, struct nauth_issues *issues)
{
    if (subject.n == 0) {
        nauth__issue(issues, NAUTH_ISSUE_ERROR, "subject cannot be empty");
        return;
    }
    if (nb_slice_find_byte(subject, ' ') < subject.n) {
        nauth__issue_quoted(issues, "subject %q cannot have spaces", subject);
    }
    if (subject.p[0] == '.' || subject.p[subject.n - 1] == '.') {
        nauth__issue_quoted(issues, "subject %q cannot start or end with a `.`", subject);
    }
    if (nb_slice_find(subject, NB_SLICE("..")) < subject.n) {
        nauth__issue_quoted(issues, "subject %q cannot contain consecutive `.`", subject);
    }
}

// One field, or with `has_queue` two. Other than where permissions are asked, each blank parts.
static void validate_item(struct slice item, bool has_queue, struct nauth_issues *issues)
{
    size_t at = nb_slice_find_byte(item, ' ');
    struct slice second = nb_slice_sub(item, at < item.n ? at + 1 : item.n, item.n);

    if (nb_slice_find_byte(second, ' ') < second.n) {
        nauth__issue_quoted(issues, "Permission Subject %q contains too many spaces", item);
        return;
    }
    nauth__validate_subject(nb_slice_sub(item, 0, at), issues);
    if (at < item.n) {
        nauth__validate_subject(second, issues);
    }
    if (at < item.n && !has_queue) {
        nauth__issue_quoted(issues, "Permission Subject %q is not allowed to contain queue", item);
    }
}

static void validate_items(const struct nauth_texts *items, bool has_queue,
                           struct nauth_issues *issues)
{
    for (size_t i = 0; i < items->count; i++) {
        validate_item(items->items[i], has_queue, issues);
    }
}

void nauth__validate_permissions(const struct nauth_permissions *permissions,
                                 struct nauth_issues *issues)
{
    validate_items(&permissions->subscribe_allow, true, issues);
    validate_items(&permissions->subscribe_deny, true, issues);
    validate_items(&permissions->publish_allow, false, issues);
    validate_items(&permissions->publish_deny, false, issues);
}

bool nauth__url_split(struct slice text, struct nauth__url *out)
{
    size_t n = nb_slice_find(text, NB_SLICE("://"));
    struct slice rest = nb_slice_sub(text, n + 3, text.n);
    size_t end = 0;

    if (n == 0 || n == text.n) {
        return false;
    }
    while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?' && rest.p[end] != '#') {
        end++;
    }
    *out = (struct nauth__url){
        .scheme = nb_slice_sub(text, 0, n),
        .authority = nb_slice_sub(rest, 0, end),
        .path = nb_slice_sub(rest, end, rest.n),
    };
    return true;
}

// Without user and port.
static struct slice host_of(struct slice authority)
{
    size_t at = nb_slice_find_byte(authority, '@');
    struct slice host = nb_slice_sub(authority, at < authority.n ? at + 1 : 0, authority.n);

    return nb_slice_starts(host, "[") ? host : nb_slice_sub(host, 0, nb_slice_find_byte(host, ':'));
}

void nauth__validate_info(struct slice description, struct slice info_url,
                          struct nauth_issues *issues)
{
    struct nauth__url url;

    if (description.n > INFO_MAX_BYTES) {
        nauth__issue(issues, NAUTH_ISSUE_ERROR, "Description is too long");
    }
    if (info_url.n > INFO_MAX_BYTES) {
        nauth__issue(issues, NAUTH_ISSUE_ERROR, "Info URL is too long");
    } else if (info_url.n > 0 &&
               (!nauth__url_split(info_url, &url) || host_of(url.authority).n == 0)) {
        nauth__issue(issues, NAUTH_ISSUE_ERROR, "error parsing info url: no hostname or scheme");
    }
}

/* ---- users ---- */

static void validate_time(struct slice text, const char *missing, const char *invalid,
                          struct nauth_issues *issues)
{
    int64_t second;

    if (text.n == 0) {
        nauth__issue(issues, NAUTH_ISSUE_ERROR, "%s", missing);
    } else if (nauth__time_of_day(text, &second) < 0) {
        nauth__issue_quoted(issues, invalid, text);
    }
}

static void validate_user_limits(const struct nauth_user_limits *limits,
                                 struct nauth_issues *issues)
{
    struct nauth__network network;
    int64_t offset;

    for (size_t i = 0; i < limits->src.count; i++) {
        if (nauth__network_parse(limits->src.items[i], &network) < 0) {
            nauth__issue_quoted(issues, "invalid cidr %q in user src limits", limits->src.items[i]);
        }
    }
    for (size_t i = 0; i < limits->time_count; i++) {
        validate_time(limits->times[i].start, "time ranges start must contain a start",
                      "start in time range is invalid %q", issues);
        validate_time(limits->times[i].end, "time ranges end must contain an end",
                      "end in time range is invalid %q", issues);
    }
    if (limits->times_location.n > 0 &&
        nauth__zone_offset_by_name(limits->times_location, 0, &offset) < 0) {
        nauth__issue_quoted(issues, "could not parse iana time zone by name: unknown time zone %s",
                            limits->times_location);
    }
}

static void validate_user(const struct nauth_user_claims *user, struct nauth_issues *issues)
{
    nauth__validate_permissions(&user->limits.permissions, issues);
    validate_user_limits(&user->limits, issues);
    if (user->issuer_account.n > 0 &&
        !nauth_nkey_is_public_of(user->issuer_account, NAUTH_NKEY_ACCOUNT)) {
        nauth__issue(issues, NAUTH_ISSUE_ERROR, "account_id is not an account public key");
    }
}

/* ---- operators ---- */

static void validate_service_url(struct slice text, struct nauth_issues *issues)
{
    static const char *const schemes[] = {"nats", "tls", "ws", "wss"};
    struct nauth__url url;
    bool is_known = false;

    if (!nauth__url_split(text, &url)) {
        nauth__issue_quoted(issues, "operator service url %q requires a protocol", text);
        return;
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(schemes); i++) {
        is_known = is_known || nb_slice_equal_nocase(url.scheme, nb_slice_of(schemes[i]));
    }
    if (!is_known) {
        nauth__issue_quoted(issues,
                            "operator service url %q - protocol not supported (only 'nats', "
                            "'tls', 'ws', 'wss' only)",
                            text);
    }
    if (nb_slice_find_byte(url.authority, '@') < url.authority.n) {
        nauth__issue_quoted(issues, "operator service url %q - credentials are not supported",
                            text);
    }
    if (url.path.n > 0) {
        nauth__issue_quoted(issues, "operator service url %q - paths are not supported", text);
    }
}

static bool is_version(struct slice text)
{
    struct slice field;
    bool ends_with_dot = nb_slice_ends(text, ".");
    size_t count = 0;

    while (nb_slice_take_field(&text, '.', &field)) {
        uint64_t number;

        if (++count > 3 || nb_parse_u64(field, INT32_MAX, &number) < 0) {
            return false;
        }
    }
    return count == 3 && !ends_with_dot;
}

static void validate_operator(const struct nauth_operator_claims *op, struct nauth_issues *issues)
{
    struct slice url = op->account_server_url;
    struct nauth__url parts;

    if (url.n > 0 && !nauth__url_split(url, &parts)) {
        nauth__issue_quoted(issues, "account server url %q requires a protocol", url);
    }
    for (size_t i = 0; i < op->service_urls.count; i++) {
        if (op->service_urls.items[i].n > 0) {
            validate_service_url(op->service_urls.items[i], issues);
        }
    }
    for (size_t i = 0; i < op->signing_keys.count; i++) {
        if (!nauth_nkey_is_public_of(op->signing_keys.items[i], NAUTH_NKEY_OPERATOR)) {
            nauth__issue_quoted(issues, "%s is not an operator public key",
                                op->signing_keys.items[i]);
        }
    }
    if (op->system_account.n > 0 &&
        !nauth_nkey_is_public_of(op->system_account, NAUTH_NKEY_ACCOUNT)) {
        nauth__issue_quoted(issues, "%s is not an account public key", op->system_account);
    }
    if (op->assert_server_version.n > 0 && !is_version(op->assert_server_version)) {
        nauth__issue_quoted(issues,
                            "assert server version error: asserted server version %q must be of "
                            "the form <major>.<minor>.<update>",
                            op->assert_server_version);
    }
}

/* ---- the others ---- */

void nauth__validate_activation(const struct nauth_activation_claims *activation,
                                struct nauth_issues *issues)
{
    nauth__validate_subject(activation->subject, issues);
    if (activation->kind.n == 0) {
        nauth__issue_quoted(issues, "invalid import type: %q", NB_SLICE("unknown"));
    }
    if (activation->issuer_account.n > 0 &&
        !nauth_nkey_is_public_of(activation->issuer_account, NAUTH_NKEY_ACCOUNT)) {
        nauth__issue(issues, NAUTH_ISSUE_ERROR, "account_id is not an account public key");
    }
}

static void validate_auth_request(const struct nauth_auth_request_claims *request,
                                  struct nauth_issues *issues)
{
    if (!nauth_nkey_is_public_of(request->user_nkey, NAUTH_NKEY_USER)) {
        nauth__issue(issues, NAUTH_ISSUE_ERROR, "User nkey must be a user public key");
    }
}

static void validate_auth_response(const struct nauth_claims *claims, struct nauth_issues *issues)
{
    const struct nauth_auth_response_claims *response = &claims->response;

    if (!nauth_nkey_is_public_of(claims->subject, NAUTH_NKEY_USER)) {
        nauth__issue(issues, NAUTH_ISSUE_ERROR, "Subject must be a user public key");
    }
    if (!nauth_nkey_is_public_of(claims->audience, NAUTH_NKEY_SERVER)) {
        nauth__issue(issues, NAUTH_ISSUE_ERROR, "Audience must be a server public key");
    }
    if (response->error.n == 0 && response->jwt.n == 0) {
        nauth__issue(issues, NAUTH_ISSUE_ERROR, "Error or Jwt is required");
    }
    if (response->error.n > 0 && response->jwt.n > 0) {
        nauth__issue(issues, NAUTH_ISSUE_ERROR, "Only Error or Jwt can be set");
    }
    if (response->issuer_account.n > 0 &&
        !nauth_nkey_is_public_of(response->issuer_account, NAUTH_NKEY_ACCOUNT)) {
        nauth__issue(issues, NAUTH_ISSUE_ERROR, "issuer_account is not an account public key");
    }
}

void nauth_claims_validate(const struct nauth_claims *claims, int64_t now_unix_s,
                           struct nauth_issues *issues)
{
    nauth__validate_times(claims, now_unix_s, issues);
    switch (claims->kind) {
    case NAUTH_CLAIMS_OPERATOR:
        validate_operator(&claims->op, issues);
        return;
    case NAUTH_CLAIMS_ACCOUNT:
        nauth__validate_account(claims, issues);
        return;
    case NAUTH_CLAIMS_USER:
        validate_user(&claims->user, issues);
        return;
    case NAUTH_CLAIMS_ACTIVATION:
        nauth__validate_activation(&claims->activation, issues);
        return;
    case NAUTH_CLAIMS_AUTH_REQUEST:
        validate_auth_request(&claims->request, issues);
        return;
    case NAUTH_CLAIMS_AUTH_RESPONSE:
        validate_auth_response(claims, issues);
        return;
    case NAUTH_CLAIMS_GENERIC: // may say anything
        return;
    }
    NB_UNREACHABLE("kind of claims");
}
