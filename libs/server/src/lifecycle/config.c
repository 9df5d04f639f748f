/* config.c - options made ready for use: TLS context, users, the address that INFO shows. */
#include <natsd/memory.h>
#include <natsd/number.h>
#include <natsd/random.h>

#include "lifecycle/state.h"

// "host", "host:port", "[v6]:port"; a port that is missing, 0 or -1 is the listener's.
static int read_advertise(const char *text, struct slice *host, int *port, struct nb_diag *diag)
{
    struct slice whole = nb_slice_of(text);
    size_t colon = whole.n;
    int64_t number = 0;

    for (size_t i = whole.n; i > 0; i--) {
        if (whole.p[i - 1] == ':') {
            colon = i - 1;
            break;
        }
    }
    *host = nb_slice_sub(whole, 0, colon);
    if (colon < whole.n &&
        nb_parse_i64(nb_slice_sub(whole, colon + 1, whole.n), -1, UINT16_MAX, &number) != NB_OK) {
        goto fail;
    }
    if (host->n > 1 && host->p[0] == '[' && host->p[host->n - 1] == ']') {
        *host = nb_slice_sub(*host, 1, host->n - 2);
    } else if (nb_slice_find_byte(*host, ':') < host->n) {
        goto fail;
    }
    if (host->n == 0) {
        goto fail;
    }
    *port = number > 0 ? (int)number : 0;
    return NB_OK;

fail:
    nb_diag_set(diag, "unable to parse %s as host and port", text);
    return NB_EINVALID;
}

static int set_info_address(struct nserver__config *config, struct nb_diag *diag)
{
    struct nb_diag reason = {0};

    if (config->opts.client_advertise == NULL) {
        config->info_host = nb_slice_of(config->opts.host);
        return NB_OK;
    }
    if (read_advertise(config->opts.client_advertise, &config->info_host, &config->info_port,
                       &reason) != NB_OK) {
        nb_diag_set(diag, "Error setting server INFO with ClientAdvertise value of %s, err=%s",
                    config->opts.client_advertise, reason.text);
        return NB_EINVALID;
    }
    return NB_OK;
}

// With users in the system account and nowhere else, the global one stays open (spec 01 section 7.1).
static bool has_only_system_account(const struct nserver_options *opts)
{
    const char *system =
        opts->system_account != NULL ? opts->system_account : NSERVER__SYSTEM_ACCOUNT;

    return opts->account_count == 1 && strcmp(opts->accounts[0].name, system) == 0;
}

int nserver__config_create(const struct nserver_options *opts, struct nserver__config **out,
                           struct nb_diag *diag)
{
    struct nserver__config *config = nb_zalloc(sizeof(*config));
    int rc;

    nserver_options_copy(&config->opts, opts);
    config->loaded_at_ns = nb_wall_now().ns;
    config->auth_required =
        config->opts.username != NULL || config->opts.token != NULL || config->opts.user_count > 0;
    for (size_t i = 0; i < config->opts.user_count; i++) {
        struct nserver_user *user = &config->opts.users[i];

        nb_map_insert(&config->users, nb_slice_of(user->name), user);
    }
    config->has_open_global = opts->user_count > 0 && opts->no_auth_user == NULL &&
                              !opts->has_authorization && has_only_system_account(opts);
    rc = set_info_address(config, diag);
    if (rc == NB_OK && config->opts.tls.is_set) {
        rc = nserver_tls_options_context(&config->opts.tls, false, &config->tls, diag);
    }
    if (rc != NB_OK) {
        nserver__config_destroy(&config);
        return rc;
    }
    *out = config;
    return NB_OK;
}

void nserver__config_destroy(struct nserver__config **config)
{
    struct nserver__config *c = *config;

    if (c == NULL) {
        return;
    }
    nnet_tls_context_unref(c->tls);
    nb_map_fini(&c->users);
    nserver_options_fini(&c->opts);
    nb_free(c);
    *config = NULL;
}
