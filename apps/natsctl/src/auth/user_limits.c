#include "auth/user_limits.h"

#include <natsd/clock.h>
#include <natsd/connection_type.h>
#include <natsd/number.h>

#include <ctype.h>

// -- numbers ---------------------------------------------------------------------------------

// The factor of "K", "KB", "KiB" and so on; 0 for what is none.
static int64_t unit_of(struct slice unit)
{
    static const char letters[] = "kmgt";
    int64_t factor = 1;

    if (unit.n == 0 || nb_slice_equal_nocase(unit, NB_SLICE("b"))) {
        return 1;
    }
    for (const char *letter = letters; *letter != '\0'; letter++) {
        struct slice rest = nb_slice_sub(unit, 1, unit.n);

        factor *= 1024;
        if (tolower(unit.p[0]) == *letter) {
            return rest.n == 0 || nb_slice_equal_nocase(rest, NB_SLICE("b")) ||
                           nb_slice_equal_nocase(rest, NB_SLICE("ib"))
                       ? factor
                       : 0;
        }
    }
    return 0;
}

int limit_read(const char *text, bool has_units, int64_t *out)
{
    struct slice whole = nb_slice_of(text);
    size_t digits = strspn(text, "-0123456789");
    int64_t factor = unit_of(nb_slice_sub(whole, digits, whole.n));
    int64_t number;

    if (factor == 0 || (factor != 1 && !has_units) || (!has_units && digits != whole.n) ||
        nb_parse_i64(nb_slice_sub(whole, 0, digits), INT64_MIN, INT64_MAX / factor, &number) !=
            NB_OK) {
        return NB_EMALFORMED;
    }
    *out = number < 0 ? -1 : number * factor;
    return NB_OK;
}

int limit_apply(struct auth_session *session, const struct args_value *given, bool has_units,
                int64_t *out)
{
    if (!given->is_set || limit_read(given->text, has_units, out) == NB_OK) {
        return EXIT_CODE_OK;
    }
    return cli_usage(session->cli,
                     has_units ? "\"%s\" is no size: bytes must end in B, K, KB, M, "
                                 "MB, G, GB, T or TB"
                               : "\"%s\" is no limit: a number, or -1 for none",
                     given->text);
}

// -- lists -----------------------------------------------------------------------------------

static int set_subjects(struct auth_session *session, const struct args_value *given,
                        bool has_queue, struct nauth_texts *out)
{
    struct nb_diag diag = {""};

    if (!given->is_set) {
        return EXIT_CODE_OK;
    }
    auth_texts_set(session, given, out);
    for (size_t i = 0; i < out->count; i++) {
        // What has a template in it is a subject only when it is filled in.
        if (nb_slice_find(out->items[i], NB_SLICE("{{")) == out->items[i].n &&
            nauth_permission_check(out->items[i], has_queue, &diag) != NB_OK) {
            return cli_usage(session->cli, "%s", diag.text);
        }
    }
    return EXIT_CODE_OK;
}

static int set_permissions(struct auth_session *session, const struct args_value *given,
                           struct nauth_permissions *out)
{
    int code = set_subjects(session, &given[USER_LIMIT_PUB_ALLOW], false, &out->publish_allow);

    if (code == EXIT_CODE_OK) {
        code = set_subjects(session, &given[USER_LIMIT_PUB_DENY], false, &out->publish_deny);
    }
    if (code == EXIT_CODE_OK) {
        code = set_subjects(session, &given[USER_LIMIT_SUB_ALLOW], true, &out->subscribe_allow);
    }
    if (code == EXIT_CODE_OK) {
        code = set_subjects(session, &given[USER_LIMIT_SUB_DENY], true, &out->subscribe_deny);
    }
    out->has_publish_allow = out->publish_allow.count > 0;
    out->has_subscribe_allow = out->subscribe_allow.count > 0;
    return code;
}

static int set_responses(struct auth_session *session, const struct args_value *given,
                         struct nauth_permissions *out)
{
    const struct args_value *ttl = &given[USER_LIMIT_RESPONSE_TTL];
    int code = limit_apply(session, &given[USER_LIMIT_ALLOW_RESPONSES], false, &out->responses_max);

    if (code != EXIT_CODE_OK) {
        return code;
    }
    if (given[USER_LIMIT_ALLOW_RESPONSES].is_set) {
        out->has_responses = out->responses_max != 0;
        out->responses_ttl_ns = out->has_responses ? out->responses_ttl_ns : 0;
    }
    if (!ttl->is_set) {
        return EXIT_CODE_OK;
    }
    if (!out->has_responses) {
        return cli_usage(session->cli, "--response-ttl goes with --allow-responses");
    }
    out->responses_ttl_ns = ttl->duration_ns;
    return EXIT_CODE_OK;
}

static int set_connections(struct auth_session *session, const struct args_value *given,
                           struct nauth_texts *out)
{
    struct nauth_texts types;

    auth_texts_set(session, given, &types);
    *out = (struct nauth_texts){.items = NULL};
    for (size_t i = 0; i < types.count; i++) {
        char *upper = nb_slice_cstr(types.items[i]);

        for (char *p = upper; *p != '\0'; p++) {
            *p = (char)toupper((unsigned char)*p);
        }
        if (nauth_connection_type_of(nb_slice_of(upper)) == 0) {
            nb_free(upper);
            return cli_usage(session->cli, "\"%.*s\" is no type of connection",
                             NB_SLICE_ARGS(types.items[i]));
        }
        auth_texts_add(session, out, nb_slice_of(upper));
        nb_free(upper);
    }
    return EXIT_CODE_OK;
}

// "08:00:00-17:30:00"; validation judges the two.
static int set_times(struct auth_session *session, const struct args_value *given,
                     struct nauth_user_limits *out)
{
    struct nauth_texts ranges;

    auth_texts_set(session, given, &ranges);
    out->times = NULL;
    out->time_count = 0;
    for (size_t i = 0; i < ranges.count; i++) {
        size_t dash = nb_slice_find_byte(ranges.items[i], '-');
        struct nauth_time_range *grown;

        if (dash == ranges.items[i].n) {
            return cli_usage(session->cli, "\"%.*s\" is no range of time: 08:00:00-17:30:00",
                             NB_SLICE_ARGS(ranges.items[i]));
        }
        grown = auth_grown(session, out->times, &out->time_count, sizeof(*grown));
        grown[out->time_count - 1] = (struct nauth_time_range){
            nb_slice_trim(nb_slice_sub(ranges.items[i], 0, dash)),
            nb_slice_trim(nb_slice_sub(ranges.items[i], dash + 1, ranges.items[i].n))};
        out->times = grown;
    }
    return EXIT_CODE_OK;
}

// -- all of it -------------------------------------------------------------------------------

bool user_limits_are_given(const struct args_value *given)
{
    for (size_t i = 0; i < USER_LIMIT_COUNT; i++) {
        if (given[i].is_set) {
            return true;
        }
    }
    return false;
}

static int set_numbers(struct auth_session *session, const struct args_value *given,
                       struct nauth_user_limits *limits)
{
    int code = limit_apply(session, &given[USER_LIMIT_SUBSCRIPTIONS], false, &limits->subs);

    if (code == EXIT_CODE_OK) {
        code = limit_apply(session, &given[USER_LIMIT_DATA], true, &limits->data);
    }
    if (code == EXIT_CODE_OK) {
        code = limit_apply(session, &given[USER_LIMIT_PAYLOAD], true, &limits->payload);
    }
    return code;
}

static void set_rest(struct auth_session *session, const struct args_value *given,
                     struct nauth_user_limits *limits)
{
    if (given[USER_LIMIT_BEARER].is_set) {
        limits->bearer_token = given[USER_LIMIT_BEARER].is_on;
    }
    if (given[USER_LIMIT_PROXY_REQUIRED].is_set) {
        limits->proxy_required = given[USER_LIMIT_PROXY_REQUIRED].is_on;
    }
    if (given[USER_LIMIT_SRC_NET].is_set) {
        auth_texts_set(session, &given[USER_LIMIT_SRC_NET], &limits->src);
    }
    if (given[USER_LIMIT_LOCALE].is_set) {
        limits->times_location = auth_copy(session, nb_slice_of(given[USER_LIMIT_LOCALE].text));
    }
}

int user_limits_apply(struct auth_session *session, const struct args_value *given,
                      struct nauth_user_limits *limits)
{
    int code = set_permissions(session, given, &limits->permissions);

    if (code == EXIT_CODE_OK) {
        code = set_responses(session, given, &limits->permissions);
    }
    if (code == EXIT_CODE_OK) {
        code = set_numbers(session, given, limits);
    }
    if (code == EXIT_CODE_OK && given[USER_LIMIT_CONNECTION].is_set) {
        code = set_connections(session, &given[USER_LIMIT_CONNECTION], &limits->connection_types);
    }
    if (code == EXIT_CODE_OK && given[USER_LIMIT_TIME].is_set) {
        code = set_times(session, &given[USER_LIMIT_TIME], limits);
    }
    set_rest(session, given, limits);
    return code;
}
