#include "auth/account_options.h"

#include "auth/moment.h"
#include "auth/user_limits.h"

#include <stdio.h>

void account_options_default(struct nauth_claims *account)
{
    struct nauth_account_claims *claims = &account->account;

    claims->limits.subs = -1;
    claims->limits.data = -1;
    claims->limits.payload = -1;
    claims->limits.imports = -1;
    claims->limits.exports = -1;
    claims->limits.conn = -1;
    claims->limits.leaf = -1;
    claims->limits.wildcards = true;
}

int expiry_apply(struct auth_session *session, const struct args_value *given, int64_t *out)
{
    if (!given->is_set) {
        return EXIT_CODE_OK;
    }
    if (strcmp(given->text, "never") == 0 || strcmp(given->text, "0") == 0) {
        *out = 0;
        return EXIT_CODE_OK;
    }
    if (moment_read(session->cli, nb_slice_of(given->text), session->now_s, 1, out) != NB_OK) {
        return cli_usage(session->cli, "\"%s\" is no time: 30d, 2027-01-31, or never", given->text);
    }
    return EXIT_CODE_OK;
}

// -- limits ----------------------------------------------------------------------------------

struct number {
    enum account_option option;
    bool has_units;
    int64_t *value;
};

static int set_numbers(struct auth_session *session, const struct args_value *given,
                       const struct number *numbers, size_t count)
{
    int code = EXIT_CODE_OK;

    for (size_t i = 0; i < count && code == EXIT_CODE_OK; i++) {
        code =
            limit_apply(session, &given[numbers[i].option], numbers[i].has_units, numbers[i].value);
    }
    return code;
}

static int set_limits(struct auth_session *session, const struct args_value *given,
                      struct nauth_account_claims *claims)
{
    const struct number numbers[] = {
        {ACCOUNT_OPTION_CONNECTIONS, false, &claims->limits.conn},
        {ACCOUNT_OPTION_LEAFNODES, false, &claims->limits.leaf},
        {ACCOUNT_OPTION_SUBSCRIPTIONS, false, &claims->limits.subs},
        {ACCOUNT_OPTION_PAYLOAD, true, &claims->limits.payload},
        {ACCOUNT_OPTION_DATA, true, &claims->limits.data},
        {ACCOUNT_OPTION_IMPORTS, false, &claims->limits.imports},
        {ACCOUNT_OPTION_EXPORTS, false, &claims->limits.exports},
    };

    if (given[ACCOUNT_OPTION_WILDCARDS].is_set) {
        claims->limits.wildcards = given[ACCOUNT_OPTION_WILDCARDS].is_on;
    }
    if (given[ACCOUNT_OPTION_BEARER].is_set) {
        claims->limits.disallow_bearer = !given[ACCOUNT_OPTION_BEARER].is_on;
    }
    return set_numbers(session, given, numbers, NB_ARRAY_LEN(numbers));
}

// -- JetStream -------------------------------------------------------------------------------

static bool has_jetstream_limits(const struct args_value *given)
{
    for (size_t i = ACCOUNT_OPTION_JS_DISK; i <= ACCOUNT_OPTION_JS_STREAM_SIZE_REQUIRED; i++) {
        if (given[i].is_set) {
            return true;
        }
    }
    return false;
}

static bool is_zero(const struct nauth_jetstream_limits *limits)
{
    return limits->mem_storage == 0 && limits->disk_storage == 0;
}

static int apply_jetstream(struct auth_session *session, const struct args_value *given,
                           struct nauth_jetstream_limits *limits)
{
    const struct number numbers[] = {
        {ACCOUNT_OPTION_JS_DISK, true, &limits->disk_storage},
        {ACCOUNT_OPTION_JS_MEMORY, true, &limits->mem_storage},
        {ACCOUNT_OPTION_JS_DISK_STREAM, true, &limits->disk_max_stream_bytes},
        {ACCOUNT_OPTION_JS_MEMORY_STREAM, true, &limits->mem_max_stream_bytes},
        {ACCOUNT_OPTION_JS_STREAMS, false, &limits->streams},
        {ACCOUNT_OPTION_JS_CONSUMERS, false, &limits->consumer},
        {ACCOUNT_OPTION_JS_MAX_PENDING, false, &limits->max_ack_pending},
    };

    if (is_zero(limits)) { // it begins
        *limits = (struct nauth_jetstream_limits){.mem_storage = -1,
                                                  .disk_storage = -1,
                                                  .streams = -1,
                                                  .consumer = -1,
                                                  .max_ack_pending = -1,
                                                  .mem_max_stream_bytes = -1,
                                                  .disk_max_stream_bytes = -1};
    }
    if (given[ACCOUNT_OPTION_JS_STREAM_SIZE_REQUIRED].is_set) {
        limits->max_bytes_required = given[ACCOUNT_OPTION_JS_STREAM_SIZE_REQUIRED].is_on;
    }
    return set_numbers(session, given, numbers, NB_ARRAY_LEN(numbers));
}

// Those of a tier, which is there afterwards.
static int apply_tier(struct auth_session *session, const struct args_value *given,
                      struct nauth_account_claims *claims)
{
    size_t index = 0;
    struct nauth_tier *tiers;
    char name[32];

    snprintf(name, sizeof(name), "R%llu", (unsigned long long)given[ACCOUNT_OPTION_JS_TIER].number);
    while (index < claims->limits.tier_count &&
           !nb_slice_is(claims->limits.tiers[index].name, name)) {
        index++;
    }
    tiers = auth_grown(session, claims->limits.tiers, &claims->limits.tier_count, sizeof(*tiers));
    if (index + 1 < claims->limits.tier_count) {
        claims->limits.tier_count--; // it is one of those that are there
    } else {
        tiers[index].name = auth_copy(session, nb_slice_of(name));
    }
    claims->limits.tiers = tiers;
    claims->limits.jetstream = (struct nauth_jetstream_limits){.mem_storage = 0};
    return apply_jetstream(session, given, &tiers[index].limits);
}

static int set_jetstream(struct auth_session *session, const struct args_value *given,
                         struct nauth_account_claims *claims)
{
    const struct args_value *wanted = &given[ACCOUNT_OPTION_JETSTREAM];

    if (given[ACCOUNT_OPTION_JS_CLUSTER_TRAFFIC].is_set) {
        claims->cluster_traffic =
            auth_copy(session, nb_slice_of(given[ACCOUNT_OPTION_JS_CLUSTER_TRAFFIC].text));
    }
    if (wanted->is_set && !wanted->is_on) {
        claims->limits.jetstream = (struct nauth_jetstream_limits){.mem_storage = 0};
        claims->limits.tier_count = 0;
        return EXIT_CODE_OK;
    }
    if (given[ACCOUNT_OPTION_JS_TIER].is_set) {
        return apply_tier(session, given, claims);
    }
    if (!wanted->is_set && !has_jetstream_limits(given)) {
        return EXIT_CODE_OK;
    }
    if (claims->limits.tier_count > 0) {
        return cli_usage(session->cli,
                         "this account has limits by tiers: say which with --js-tier");
    }
    return apply_jetstream(session, given, &claims->limits.jetstream);
}

// -- the rest --------------------------------------------------------------------------------

static int set_default_permissions(struct auth_session *session, const struct args_value *given,
                                   struct nauth_permissions *out)
{
    // The same four lists that a user has.
    struct args_value lists[USER_LIMIT_COUNT] = {
        [USER_LIMIT_PUB_ALLOW] = given[ACCOUNT_OPTION_PUB_ALLOW],
        [USER_LIMIT_PUB_DENY] = given[ACCOUNT_OPTION_PUB_DENY],
        [USER_LIMIT_SUB_ALLOW] = given[ACCOUNT_OPTION_SUB_ALLOW],
        [USER_LIMIT_SUB_DENY] = given[ACCOUNT_OPTION_SUB_DENY],
    };
    struct nauth_user_limits limits = {.permissions = *out};
    int code = user_limits_apply(session, lists, &limits);

    *out = limits.permissions;
    return code;
}

static void set_text(struct auth_session *session, const struct args_value *given,
                     struct slice *out)
{
    if (given->is_set) {
        *out = auth_copy(session, nb_slice_of(given->text));
    }
}

static void set_authorization(struct auth_session *session, const struct args_value *given,
                              struct nauth_account_claims *claims)
{
    if (given[ACCOUNT_OPTION_AUTH_USER].is_set) {
        auth_texts_set(session, &given[ACCOUNT_OPTION_AUTH_USER],
                       &claims->authorization.auth_users);
        if (claims->authorization.auth_users.count == 0) { // that is the end of it
            claims->authorization.allowed_accounts = (struct nauth_texts){.items = NULL};
            claims->authorization.xkey = (struct slice){0};
        }
    }
    if (given[ACCOUNT_OPTION_AUTH_ACCOUNT].is_set) {
        auth_texts_set(session, &given[ACCOUNT_OPTION_AUTH_ACCOUNT],
                       &claims->authorization.allowed_accounts);
    }
    set_text(session, &given[ACCOUNT_OPTION_AUTH_XKEY], &claims->authorization.xkey);
}

static void set_trace(struct auth_session *session, const struct args_value *given,
                      struct nauth_account_claims *claims)
{
    set_text(session, &given[ACCOUNT_OPTION_TRACE_DEST], &claims->trace_dest);
    if (given[ACCOUNT_OPTION_TRACE_SAMPLING].is_set) {
        uint64_t percent = given[ACCOUNT_OPTION_TRACE_SAMPLING].number;

        claims->trace_sampling = percent < INT32_MAX ? (int64_t)percent : INT32_MAX;
    }
    claims->has_trace = claims->trace_dest.n > 0;
}

int account_options_apply(struct auth_session *session, const struct args_value *given,
                          struct nauth_claims *account)
{
    struct nauth_account_claims *claims = &account->account;
    int code = set_limits(session, given, claims);

    if (code == EXIT_CODE_OK) {
        code = set_jetstream(session, given, claims);
    }
    if (code == EXIT_CODE_OK) {
        code = set_default_permissions(session, given, &claims->default_permissions);
    }
    if (code == EXIT_CODE_OK) {
        code = expiry_apply(session, &given[ACCOUNT_OPTION_EXPIRY], &account->expires);
    }
    set_authorization(session, given, claims);
    set_trace(session, given, claims);
    set_text(session, &given[ACCOUNT_OPTION_DESCRIPTION], &claims->description);
    set_text(session, &given[ACCOUNT_OPTION_INFO_URL], &claims->info_url);
    if (given[ACCOUNT_OPTION_NO_TAGS].is_on) {
        account->tags = (struct nauth_texts){.items = NULL};
    }
    auth_tags_add(session, &given[ACCOUNT_OPTION_TAGS], &account->tags);
    return code;
}
