/* reload_check.c - what a running server cannot change (spec 02 section 11.3). */
#include <stdio.h>

#include <natsd/duration.h>
#include <natsd/server_options.h>

// The first difference stands in diag, in the order in which the reference looks.
struct change {
    struct nb_diag *diag;
    bool is_found;
};

static void refuse(struct change *change, const char *name, const char *was, const char *is)
{
    if (!change->is_found) {
        change->is_found = true;
        nb_diag_set(change->diag, "config reload not supported for %s: old=%s, new=%s", name, was,
                    is);
    }
}

static void check_text(struct change *change, const char *name, const char *was, const char *is)
{
    was = was != NULL ? was : "";
    is = is != NULL ? is : "";
    if (strcmp(was, is) != 0) {
        refuse(change, name, was, is);
    }
}

static void check_int(struct change *change, const char *name, int64_t was, int64_t is)
{
    char texts[2][32];

    if (was != is) {
        snprintf(texts[0], sizeof(texts[0]), "%lld", (long long)was);
        snprintf(texts[1], sizeof(texts[1]), "%lld", (long long)is);
        refuse(change, name, texts[0], texts[1]);
    }
}

static void check_bool(struct change *change, const char *name, bool was, bool is)
{
    if (was != is) {
        refuse(change, name, was ? "true" : "false", is ? "true" : "false");
    }
}

static void check_duration(struct change *change, const char *name, int64_t was_ns, int64_t is_ns)
{
    struct nb_buf was;
    struct nb_buf is;

    if (was_ns == is_ns) {
        return;
    }
    nb_buf_init(&was, 64);
    nb_buf_init(&is, 64);
    nb_duration_format(was_ns, &was);
    nb_duration_format(is_ns, &is);
    nb_buf_must(&was, nb_slice_make("", 1)); // terminated
    nb_buf_must(&is, nb_slice_make("", 1));
    refuse(change, name, (const char *)nb_buf_slice(&was).p, (const char *)nb_buf_slice(&is).p);
    nb_buf_fini(&was);
    nb_buf_fini(&is);
}

// A port of -1 keeps the one that is listened on.
static void check_port(struct change *change, int was, int is)
{
    if (is != -1) {
        check_int(change, "Port", was, is);
    }
}

static const char *write_timeout_name(enum nserver_write_timeout policy)
{
    static const char *const names[] = {"", "close", "retry"};

    return names[policy];
}

static bool has_user(const struct nserver_options *opts, const char *name)
{
    for (size_t i = 0; i < opts->user_count; i++) {
        if (nb_slice_is(nb_slice_of(opts->users[i].name), name)) {
            return true;
        }
    }
    return false;
}

// It may only go, and only together with the user it names.
static void check_no_auth_user(struct change *change, const struct nserver_options *was,
                               const struct nserver_options *is)
{
    bool goes_with_its_user =
        was->no_auth_user != NULL && is->no_auth_user == NULL && !has_user(is, was->no_auth_user);

    if (!goes_with_its_user) {
        check_text(change, "NoAuthUser", was->no_auth_user, is->no_auth_user);
    }
}

// Without a name it is the one that was named.
static void check_system_account(struct change *change, const char *was, const char *is)
{
    bool stays = was != NULL && strcmp(was, "$SYS") == 0 && is == NULL;

    if (!stays) {
        check_text(change, "SystemAccount", was, is);
    }
}

int nserver_options_check_reload(const struct nserver_options *was,
                                 const struct nserver_options *is, struct nb_diag *diag)
{
    struct change change = {.diag = diag};

    check_text(&change, "ServerName", was->server_name, is->server_name);
    check_text(&change, "Host", was->host, is->host);
    check_port(&change, was->port, is->port);
    check_bool(&change, "NoSublistCache", was->no_sublist_cache, is->no_sublist_cache);
    check_bool(&change, "NoHeaderSupport", was->no_header_support, is->no_header_support);
    check_int(&change, "MaxSubs", was->max_subscriptions, is->max_subscriptions);
    check_int(&change, "MaxSubTokens", was->max_sub_tokens, is->max_sub_tokens);
    check_no_auth_user(&change, was, is);
    check_system_account(&change, was->system_account, is->system_account);
    check_bool(&change, "NoSystemAccount", was->no_system_account, is->no_system_account);
    check_bool(&change, "ProxyProtocol", was->proxy_protocol, is->proxy_protocol);
    check_text(&change, "HTTPHost", was->http_host, is->http_host);
    check_int(&change, "HTTPPort", was->http_port, is->http_port);
    check_text(&change, "HTTPBasePath", was->http_base_path, is->http_base_path);
    check_int(&change, "HTTPSPort", was->https_port, is->https_port);
    check_int(&change, "MaxPending", was->max_pending, is->max_pending);
    check_int(&change, "ProfPort", was->prof_port, is->prof_port);
    check_int(&change, "LogSizeLimit", was->log_size_limit, is->log_size_limit);
    check_int(&change, "LogMaxFiles", was->log_max_num, is->log_max_num);
    check_int(&change, "TLSRateLimit", was->tls.connection_rate_limit,
              is->tls.connection_rate_limit);
    check_bool(&change, "AllowNonTLS", was->allow_non_tls, is->allow_non_tls);
    check_text(&change, "WriteTimeout", write_timeout_name(was->write_timeout),
               write_timeout_name(is->write_timeout));
    check_int(&change, "MaxClosedClients", was->max_closed_clients, is->max_closed_clients);
    check_duration(&change, "LameDuckDuration", was->lame_duck_duration_ns,
                   is->lame_duck_duration_ns);
    check_duration(&change, "LameDuckGracePeriod", was->lame_duck_grace_ns, is->lame_duck_grace_ns);
    check_int(&change, "Workers", was->workers, is->workers);
    return change.is_found ? NB_EUNSUPPORTED : NB_OK;
}
