/* config.c - options made ready for use: TLS context, users, the address that INFO shows. */
#include <natsd/conf.h>
#include <natsd/connection_type.h>
#include <natsd/hash.h>
#include <natsd/memory.h>
#include <natsd/password.h>

#include "accounts/operators.h"
#include "lifecycle/state.h"
#include "options/host_port.h"

int nserver__config_set_info_address(struct nserver__config *config, struct nb_diag *diag)
{
    const char *advertise = config->opts.client_advertise;
    struct slice host = nb_slice_of(config->opts.host);
    int64_t port = 0;
    int rc = NB_OK;

    if (advertise != NULL) {
        rc = nserver__parse_advertise(nb_slice_of(advertise), &host, &port, diag);
    }
    if (rc == NB_OK) {
        config->info_host = nb_slice_dup(host);
        config->info_port = (int)port;
    }
    return rc;
}

void nserver__config_set_own_port(struct nserver__config *config, uint16_t own_port)
{
    if (config->info_port == 0) {
        config->info_port = own_port;
    }
}

// With users in the system account and nowhere else, the global one stays open (spec 01 section 7.1).
static bool has_only_system_account(const struct nserver_options *opts)
{
    const char *system =
        opts->system_account != NULL ? opts->system_account : NSERVER__SYSTEM_ACCOUNT;

    return opts->account_count == 1 && strcmp(opts->accounts[0].name, system) == 0;
}

// So that a reload notices other certificates under the same names. A file that cannot be read
// was found before.
static uint64_t hash_file(const char *path, uint64_t seed)
{
    struct nb_buf bytes;
    struct nb_buf message;
    uint64_t hash = nb_hash_u64(0, seed);

    if (path == NULL) {
        return hash;
    }
    nb_buf_init(&bytes, NCONF_FILE_MAX_BYTES);
    nb_buf_init(&message, NCONF_MESSAGE_MAX_BYTES);
    if (nconf_source_system.read_file(NULL, path, &bytes, &message) == NB_OK) {
        hash = nb_hash(nb_buf_slice(&bytes), seed);
    }
    nb_buf_fini(&message);
    nb_buf_fini(&bytes);
    return hash;
}

static uint64_t hash_certificates(const struct nserver_tls_options *tls)
{
    uint64_t hash = hash_file(tls->cert_file, nb_hash_process_seed());

    hash = hash_file(tls->ca_file, hash);
    for (size_t i = 0; i < tls->cert_count; i++) {
        hash = hash_file(tls->certs[i].cert_file, hash);
    }
    return hash;
}

static const char *find_hash(const struct nserver_options *opts)
{
    if (opts->password != NULL && nauth_password_is_bcrypt(nb_slice_of(opts->password))) {
        return opts->password;
    }
    for (size_t i = 0; i < opts->user_count; i++) {
        const char *password = opts->users[i].password;

        if (password != NULL && nauth_password_is_bcrypt(nb_slice_of(password))) {
            return password;
        }
    }
    return NULL;
}

int nserver__config_create(const struct nserver_options *opts, struct nserver__config **out,
                           struct nb_diag *diag)
{
    struct nserver__config *config = nb_zalloc(sizeof(*config));
    int rc = NB_OK;

    nserver_options_copy(&config->opts, opts);
    config->loaded_at_ns = nb_wall_now().ns;
    for (size_t i = 0; i < config->opts.user_count; i++) {
        struct nserver_user *user = &config->opts.users[i];

        if (user->nkey != NULL) {
            nb_map_insert(&config->nkeys, nb_slice_of(user->nkey), user);
        } else {
            nb_map_insert(&config->users, nb_slice_of(user->name), user);
        }
    }
    config->decoy_hash = find_hash(&config->opts);
    config->has_open_global =
        opts->no_auth_user == NULL && !opts->has_authorization && has_only_system_account(opts);
    config->auth_required = opts->username != NULL || opts->token != NULL || opts->user_count > 0 ||
                            config->has_open_global;
    rc = nserver__operators_create(&config->opts, &config->operators, diag);
    config->auth_required |= config->operators != NULL;
    config->wants_nonce = config->operators != NULL || nb_map_count(&config->nkeys) > 0 ||
                          opts->trusted_proxy_count > 0;
    if (rc == NB_OK && config->opts.tls.is_set) {
        rc = nserver_tls_options_context(&config->opts.tls, false, &config->tls, diag);
        config->certificates_hash = hash_certificates(&config->opts.tls);
    }
    if (rc != NB_OK) {
        nserver__config_destroy(&config);
        return rc;
    }
    *out = config;
    return NB_OK;
}

bool nserver__config_lets_in_unasked(const struct nserver__config *config)
{
    const struct nserver_user *user;

    if (config->opts.no_auth_user == NULL) {
        return config->has_open_global;
    }
    user = nb_map_find(&config->users, nb_slice_of(config->opts.no_auth_user));
    return user != NULL && !user->proxy_required &&
           nauth_connection_type_allows(user->connection_types, NAUTH_CONNECTION_STANDARD);
}

void nserver__config_destroy(struct nserver__config **config)
{
    struct nserver__config *c = *config;

    if (c == NULL) {
        return;
    }
    nnet_tls_context_unref(c->tls);
    nb_map_fini(&c->users);
    nb_map_fini(&c->nkeys);
    nserver__operators_destroy(&c->operators);
    nb_slice_free(&c->info_host);
    nserver_options_fini(&c->opts);
    nb_free(c);
    *config = NULL;
}
