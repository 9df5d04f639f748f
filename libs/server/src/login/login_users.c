/* login_users.c - users of the configuration: by nkey, by name, by certificate, and the single user
 * or token (spec 03 sections 9.4 and 10).
 */
#include <natsd/base64.h>
#include <natsd/certificate.h>
#include <natsd/connection_type.h>
#include <natsd/hash.h>
#include <natsd/memory.h>
#include <natsd/nkey.h>
#include <natsd/password.h>

#include "clients/client.h"
#include "login/login.h"

enum {
    SIGNATURE_MAX_BYTES = 128,
};

bool nserver__client_verifies(const struct nserver__client *c, struct slice public_key,
                              struct slice sig)
{
    struct nauth_nkey key = {0};
    struct nb_buf signature;
    int rc;

    nb_buf_init(&signature, SIGNATURE_MAX_BYTES);
    rc = nauth_base64url_decode(sig, &signature);
    if (rc != NB_OK) {
        rc = nauth_base64_decode(sig, &signature);
    }
    if (rc == NB_OK) {
        rc = nauth_nkey_parse_public(public_key, &key, NULL);
    }
    if (rc == NB_OK) {
        rc = nauth_nkey_verify(&key, nb_slice_of(c->nonce), nb_buf_slice(&signature));
    }
    nb_buf_fini(&signature);
    return rc == NB_OK && sig.n > 0;
}

/* A match. */

static void take_user(struct nserver__login *login, const struct nserver_user *user)
{
    struct nserver *server = login->c->server;
    struct slice name = nb_slice_of(user->nkey != NULL ? user->nkey : user->name);

    login->admission.user = nb_slice_dup(name);
    login->admission.permissions = user->permissions;
    login->admission.account =
        user->account != NULL
            ? nserver__registry_find(&server->accounts, nb_slice_of(user->account))
            : server->accounts.global;
}

static bool lacks_proxy(struct nserver__login *login, bool is_required)
{
    login->needs_proxy = is_required;
    if (is_required && !login->is_proxied) {
        login->failure = NSERVER__REASON_PROXY_REQUIRED;
        return true;
    }
    return false;
}

// Against a secret or its hash. A hash that was right before a reload is not computed again.
static enum nserver__verdict weigh_secret(struct nserver__login *login, const char *stored,
                                          struct slice given)
{
    const struct nserver__identity *known = login->c->identity;
    struct slice secret = nb_slice_of(stored);

    login->admission.secret_hash = nb_hash(secret, nb_hash_process_seed());
    if (!nauth_password_is_bcrypt(secret)) {
        return nb_slice_equal_secret(secret, given) ? VERDICT_ACCEPTED : VERDICT_REFUSED;
    }
    if (given.n == 0) {
        return VERDICT_REFUSED;
    }
    if (login->cause == LOGIN_AGAIN && known != NULL &&
        known->secret_hash == login->admission.secret_hash) {
        return VERDICT_ACCEPTED;
    }
    login->stored = secret;
    login->given = given;
    return VERDICT_HASHED;
}

/* By nkey. */

static const char *default_user(const struct nserver_options *opts)
{
    return opts->no_auth_user != NULL ? opts->no_auth_user : "";
}

static const struct nserver_user *default_nkey_user(const struct nserver__login *login,
                                                    const struct nserver__config *config)
{
    const struct nproto_connect *connect = login->connect;

    if (connect->user.n > 0 || connect->pass.n > 0 || connect->auth_token.n > 0 ||
        connect->nkey.n > 0) {
        return NULL;
    }
    return nb_map_find(&config->nkeys, nb_slice_of(config->opts.no_auth_user));
}

// The same signature of the same nonce, before a reload.
static bool has_shown(const struct nserver__login *login, const struct nserver_user *user)
{
    const struct nserver__identity *known = login->c->identity;

    return login->cause == LOGIN_AGAIN && login->c->has_connected && known != NULL &&
           nb_slice_is(known->user, user->nkey);
}

static enum nserver__verdict weigh_nkey(struct nserver__login *login,
                                        const struct nserver_user *user, bool is_default)
{
    if (lacks_proxy(login, user->proxy_required)) {
        return VERDICT_REFUSED;
    }
    if (!is_default && !has_shown(login, user) &&
        !nserver__client_verifies(login->c, nb_slice_of(user->nkey), login->connect->sig)) {
        nserver__client_log(login->c, NB_LOG_DEBUG, "Signature not verified");
        return VERDICT_REFUSED;
    }
    take_user(login, user);
    return VERDICT_ACCEPTED;
}

/* By certificate. */

static const struct nserver_user *find_by_dn(const struct nserver__config *config,
                                             const struct nnet_dn *dn,
                                             bool (*is_equal)(const struct nnet_dn *a,
                                                              const struct nnet_dn *b))
{
    const struct nserver_user *user;
    size_t at = 0;

    while ((user = nb_map_next(&config->users, &at)) != NULL) {
        struct nnet_dn name;

        if (nnet_dn_parse(nb_slice_of(user->name), &name) == NB_OK) {
            bool is_found = is_equal(&name, dn);

            nnet_dn_fini(&name);
            if (is_found) {
                return user;
            }
        }
    }
    return NULL;
}

static const struct nserver_user *find_by_name(const struct nserver__config *config,
                                               const struct nnet_identity *identity, size_t index)
{
    const struct nserver_user *user;

    if (identity->names[index].kind != NNET_IDENTITY_DN) {
        return nb_map_find(&config->users, identity->names[index].text);
    }
    user = find_by_dn(config, &identity->dn, nnet_dn_equal);
    return user != NULL ? user : find_by_dn(config, &identity->dn, nnet_dn_equal_unordered);
}

static bool allows_type(const struct nserver_user *user)
{
    return nauth_connection_type_allows(user->connection_types, NAUTH_CONNECTION_STANDARD);
}

static const struct nserver_user *find_by_certificate(struct nserver__login *login,
                                                      const struct nserver__config *config)
{
    const struct nserver_user *user = NULL;
    struct nnet_identity identity;

    if (nnet_conn_tls_identity(&login->c->conn, &identity) != NB_OK) {
        return NULL;
    }
    for (size_t i = 0; user == NULL && i < identity.count; i++) {
        user = find_by_name(config, &identity, i);
        if (user != NULL && !allows_type(user)) {
            user = NULL;
        }
    }
    nnet_identity_fini(&identity);
    if (user != NULL && login->connect->user.n > 0) {
        struct nb_buf name;

        nserver__quote_for_log(login->connect->user, &name);
        nserver__client_log(login->c, NB_LOG_WARN,
                            "User %.*s found in connect proto, but user required from cert",
                            NB_SLICE_ARGS(nb_buf_slice(&name)));
        nb_buf_fini(&name);
    }
    return user;
}

/* By name. */

static bool is_nobody(const struct nproto_connect *connect)
{
    return connect->user.n == 0 && connect->pass.n == 0 && connect->auth_token.n == 0;
}

// A user without a password who could be the owner of a certificate elsewhere isn't to be had by
// name alone. natsd has the client port only: there such users are mapped.
static enum nserver__verdict weigh_user(struct nserver__login *login,
                                        const struct nserver_user *user, struct slice password)
{
    enum nserver__verdict verdict;

    if (lacks_proxy(login, user->proxy_required)) {
        return VERDICT_REFUSED;
    }
    verdict = weigh_secret(login, user->password != NULL ? user->password : "", password);
    if (verdict != VERDICT_REFUSED) {
        take_user(login, user);
    }
    return verdict;
}

// Whoever names nobody waits as long as with a wrong password, so that names cannot be tried. A
// service that decides is asked at once: it is the one to know.
static enum nserver__verdict refuse_unknown(struct nserver__login *login,
                                            const struct nserver__config *config)
{
    if (config->decoy_hash == NULL || login->connect->pass.n == 0 ||
        config->opts.auth_callout.is_set) {
        return VERDICT_REFUSED;
    }
    login->is_decoy = true;
    login->stored = nb_slice_of(config->decoy_hash);
    login->given = login->connect->pass;
    return VERDICT_HASHED;
}

static enum nserver__verdict weigh_named(struct nserver__login *login,
                                         const struct nserver__config *config)
{
    const struct nproto_connect *connect = login->connect;
    const struct nserver_user *user = NULL;
    struct slice password = connect->pass;

    if (config->opts.tls.verify_and_map) {
        user = find_by_certificate(login, config);
        return user != NULL ? weigh_user(login, user, password) : VERDICT_REFUSED;
    }
    if (is_nobody(connect) && config->opts.no_auth_user != NULL) {
        user = nb_map_find(&config->users, nb_slice_of(config->opts.no_auth_user));
        return user != NULL && allows_type(user)
                   ? weigh_user(login, user, nb_slice_of(user->password))
                   : VERDICT_REFUSED;
    }
    if (connect->user.n > 0) {
        user = nb_map_find(&config->users, connect->user);
        return user != NULL && allows_type(user) ? weigh_user(login, user, password)
                                                 : refuse_unknown(login, config);
    }
    return VERDICT_WAITING; // it says nothing about users
}

/* The single user, or token. */

static enum nserver__verdict weigh_single(struct nserver__login *login,
                                          const struct nserver__config *config)
{
    const struct nserver_options *opts = &config->opts;
    const struct nproto_connect *connect = login->connect;
    enum nserver__verdict verdict = VERDICT_REFUSED;

    if (lacks_proxy(login, opts->proxy_required)) {
        return VERDICT_REFUSED;
    }
    if (opts->token != NULL) {
        verdict = weigh_secret(login, opts->token, connect->auth_token);
        login->admission.user = nb_slice_dup(NB_SLICE("[REDACTED]"));
    } else if (opts->username != NULL && nb_slice_is(connect->user, opts->username)) {
        verdict = weigh_secret(login, opts->password != NULL ? opts->password : "", connect->pass);
        login->admission.user = nb_slice_dup(connect->user);
    } else if (opts->username != NULL && connect->user.n > 0) {
        verdict = refuse_unknown(login, config);
    }
    login->admission.account = login->c->server->accounts.global;
    return verdict;
}

enum nserver__verdict nserver__login_weigh_users(struct nserver__login *login)
{
    const struct nserver__config *config = nserver__config(login->c->server);
    const struct nproto_connect *connect = login->connect;

    if (config->has_open_global && is_nobody(connect) && connect->nkey.n == 0) {
        login->admission.account = login->c->server->accounts.global;
        login->admission.user = nb_slice_dup(nb_slice_of(login->c->server->anonymous));
        return VERDICT_ACCEPTED;
    }
    if (nb_map_count(&config->nkeys) > 0) {
        const struct nserver_user *user = default_nkey_user(login, config);

        if (user != NULL) {
            return allows_type(user) ? weigh_nkey(login, user, true) : VERDICT_REFUSED;
        }
        if (connect->nkey.n > 0) {
            user = nb_map_find(&config->nkeys, connect->nkey);
            return user != NULL && allows_type(user)
                       ? weigh_nkey(login, user,
                                    nb_slice_is(connect->nkey, default_user(&config->opts)))
                       : VERDICT_REFUSED;
        }
    }
    if (nb_map_count(&config->users) > 0) {
        enum nserver__verdict verdict = weigh_named(login, config);

        if (verdict != VERDICT_WAITING) {
            return verdict;
        }
    }
    return weigh_single(login, config);
}
