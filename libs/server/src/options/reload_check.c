/* reload_check.c - what a running server cannot change (spec 02 section 11.3), and in which order the
 * reference looks.
 */
#include "options/reload_check.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "options/validate.h"

enum {
    SHOWN_MAX_BYTES = 160, // of a value
};

void nserver__change_refuse(struct nserver__change *change, const char *format, ...)
{
    struct nb_diag text;
    va_list args;
    int rc = NB_OK;

    va_start(args, format);
    vsnprintf(text.text, sizeof(text.text), format, args);
    va_end(args);
    if (!change->is_found) {
        change->is_found = true;
        nb_diag_set(change->diag, "%s", text.text);
    }
    if (change->all != NULL) {
        rc = nb_buf_append(change->all, nb_slice_of(text.text));
        rc = rc == NB_OK ? nb_buf_append(change->all, NB_SLICE("\n")) : rc;
    }
    (void)rc; // what was said before does
}

// Both values of a member, each cut to what a message has room for.
struct shown {
    struct nb_buf was;
    struct nb_buf is;
};

static void show_both(const struct nserver__field *field, const void *was, const void *is,
                      struct shown *out)
{
    nb_buf_init(&out->was, SHOWN_MAX_BYTES);
    nb_buf_init(&out->is, SHOWN_MAX_BYTES);
    nserver__show_field(field, was, &out->was);
    nserver__show_field(field, is, &out->is);
}

static void free_both(struct shown *shown)
{
    nb_buf_fini(&shown->was);
    nb_buf_fini(&shown->is);
}

void nserver__change_check_as(struct nserver__change *change, struct nserver__change_names names,
                              const struct nserver__field *fields, size_t count, const void *was,
                              const void *is)
{
    struct shown shown;

    for (size_t i = 0; i < count; i++) {
        if (nserver__same_field(&fields[i], was, is)) {
            continue;
        }
        show_both(&fields[i], was, is, &shown);
        nserver__change_refuse(
            change, "config reload not supported for %.300s%s%s: old=%.*s, new=%.*s", names.before,
            fields[i].name, names.after, NB_SLICE_ARGS(nb_buf_slice(&shown.was)),
            NB_SLICE_ARGS(nb_buf_slice(&shown.is)));
        free_both(&shown);
    }
}

void nserver__change_check(struct nserver__change *change, const struct nserver__field *fields,
                           size_t count, const void *was, const void *is)
{
    nserver__change_check_as(change, (struct nserver__change_names){"", ""}, fields, count, was,
                             is);
}

void nserver__change_check_block(struct nserver__change *change, const char *block,
                                 const struct nserver__field *fields, size_t count, const void *was,
                                 const void *is)
{
    const struct nserver__field *field = nserver__find_difference(fields, count, was, is);
    struct shown shown;

    if (field == NULL) {
        return;
    }
    show_both(field, was, is, &shown);
    nserver__change_refuse(change,
                           "config reload not supported for %s: old={%s: %.*s}, new={%s: %.*s}",
                           block, field->name, NB_SLICE_ARGS(nb_buf_slice(&shown.was)), field->name,
                           NB_SLICE_ARGS(nb_buf_slice(&shown.is)));
    free_both(&shown);
}

/* The top level. */

#define FIELD(name, kind, member)                                                \
    {                                                                            \
        name, NSERVER__FIELD_##kind, offsetof(struct nserver_options, member), 0 \
    }
#define LIST(name, kind, member, count)                                        \
    {                                                                          \
        name, NSERVER__FIELD_##kind, offsetof(struct nserver_options, member), \
            offsetof(struct nserver_options, count)                            \
    }

static const struct nserver__field first_fields[] = {
    FIELD("ServerName", TEXT, server_name),
    FIELD("Host", TEXT, host),
    FIELD("Port", PORT, port),
    FIELD("NoSublistCache", BOOL, no_sublist_cache),
    FIELD("NoHeaderSupport", BOOL, no_header_support),
    FIELD("MaxSubs", INT, max_subscriptions),
    FIELD("MaxSubTokens", INT, max_sub_tokens),
};

static const struct nserver__field no_auth_user_fields[] = {
    FIELD("NoAuthUser", TEXT, no_auth_user),
};

static const struct nserver__field system_account_fields[] = {
    FIELD("SystemAccount", TEXT, system_account),
};

static const struct nserver__field second_fields[] = {
    FIELD("NoSystemAccount", BOOL, no_system_account),
    FIELD("ProxyRequired", BOOL, proxy_required),
    FIELD("ProxyProtocol", BOOL, proxy_protocol),
};

static const struct nserver__field callout_fields[] = {
    FIELD("auth_callout", BOOL, auth_callout.is_set),
    FIELD("issuer", TEXT, auth_callout.issuer),
    FIELD("account", TEXT, auth_callout.account),
    LIST("auth_users", TEXTS, auth_callout.auth_users, auth_callout.auth_user_count),
    FIELD("xkey", TEXT, auth_callout.xkey),
    LIST("allowed_accounts", TEXTS, auth_callout.allowed_accounts,
         auth_callout.allowed_account_count),
};

static const struct nserver__field third_fields[] = {
    FIELD("HTTPHost", TEXT, http_host),          FIELD("HTTPPort", EXACT_PORT, http_port),
    FIELD("HTTPBasePath", TEXT, http_base_path), FIELD("HTTPSPort", EXACT_PORT, https_port),
    FIELD("MaxPending", INT, max_pending),
};

static const struct nserver__field fourth_fields[] = {
    FIELD("ProfPort", INT, prof_port),
    FIELD("LogSizeLimit", INT, log_size_limit),
    FIELD("LogMaxFiles", INT, log_max_num),
    FIELD("TLSMap", BOOL, tls.verify_and_map),
    FIELD("TLSRateLimit", INT, tls.connection_rate_limit),
    FIELD("AllowNonTLS", BOOL, allow_non_tls),
    FIELD("WriteTimeout", WRITE_TIMEOUT, write_timeout),
    FIELD("MaxClosedClients", INT, max_closed_clients),
    FIELD("LameDuckDuration", DURATION, lame_duck_duration_ns),
    FIELD("LameDuckGracePeriod", DURATION, lame_duck_grace_ns),
    LIST("TrustedKeys", NAMES, operators.trusted_keys, operators.trusted_key_count),
};

static const struct nserver__field last_fields[] = {
    LIST("FeatureFlags", FLAGS, feature_flags, feature_flag_count),
    FIELD("Workers", INT, workers),
};

static bool has_user(const struct nserver_options *opts, const char *name)
{
    for (size_t i = 0; i < opts->user_count; i++) {
        const struct nserver_user *user = &opts->users[i];

        if (nb_slice_is(nb_slice_of(user->nkey != NULL ? user->nkey : user->name), name)) {
            return true;
        }
    }
    return false;
}

#define CHECK(fields) nserver__change_check(change, fields, NB_ARRAY_LEN(fields), was, is)

// It may only go, and only together with the user it names.
static void check_no_auth_user(struct nserver__change *change, const struct nserver_options *was,
                               const struct nserver_options *is)
{
    bool goes_with_its_user =
        was->no_auth_user != NULL && is->no_auth_user == NULL && !has_user(is, was->no_auth_user);

    if (!goes_with_its_user) {
        CHECK(no_auth_user_fields);
    }
}

// Without a name the running server's is the account $SYS, if there is one; the new one's is what it
// was then.
static void check_system_account(struct nserver__change *change, const struct nserver_options *was,
                                 const struct nserver_options *is)
{
    const struct nserver_account_options *account = nserver__find_account(was, "$SYS");
    struct nserver_options before = {.system_account = was->system_account};
    bool stays;

    if (before.system_account == NULL && account != NULL) {
        before.system_account = account->name;
    }
    stays = before.system_account != NULL && strcmp(before.system_account, "$SYS") == 0 &&
            is->system_account == NULL;
    if (!stays) {
        nserver__change_check(change, system_account_fields, NB_ARRAY_LEN(system_account_fields),
                              &before, is);
    }
}

// JWTs are long, and say little to a reader.
static void check_operators(struct nserver__change *change, const struct nserver_options *was,
                            const struct nserver_options *is)
{
    const struct nserver_operator_options *a = &was->operators;
    const struct nserver_operator_options *b = &is->operators;
    bool had_resolver = a->resolver.kind != NSERVER_RESOLVER_NONE;
    bool has_resolver = b->resolver.kind != NSERVER_RESOLVER_NONE;

    if (!nserver__same_names(a->jwts, a->jwt_count, b->jwts, b->jwt_count)) {
        nserver__change_refuse(
            change, "config reload not supported for TrustedOperators: old=[%zu], new=[%zu]",
            a->jwt_count, b->jwt_count);
    }
    if (had_resolver != has_resolver) {
        nserver__change_refuse(
            change, "config reload does not support moving to or from an account resolver");
    }
}

static void check_all(struct nserver__change *change, const struct nserver_options *was,
                      const struct nserver_options *is)
{
    CHECK(first_fields);
    check_no_auth_user(change, was, is);
    check_system_account(change, was, is);
    CHECK(second_fields);
    nserver__change_check_block(change, "AuthCallout", callout_fields, NB_ARRAY_LEN(callout_fields),
                                was, is);
    CHECK(third_fields);
    nserver__change_check_cluster(change, was, is);
    nserver__change_check_gateway(change, was, is);
    nserver__change_check_leafnodes(change, was, is);
    nserver__change_check_jetstream(change, was, is);
    nserver__change_check_protocols(change, was, is);
    CHECK(fourth_fields);
    check_operators(change, was, is);
    CHECK(last_fields);
}

int nserver_options_check_reload(const struct nserver_options *was,
                                 const struct nserver_options *is, struct nb_diag *diag)
{
    struct nserver__change change = {.diag = diag};

    check_all(&change, was, is);
    return change.is_found ? NB_EUNSUPPORTED : NB_OK;
}

int nserver_options_list_refusals(const struct nserver_options *was,
                                  const struct nserver_options *is, struct nb_buf *lines)
{
    struct nserver__change change = {.all = lines};

    check_all(&change, was, is);
    return change.is_found ? NB_EUNSUPPORTED : NB_OK;
}
