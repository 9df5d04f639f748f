#include "login/login.h"

#include <natsd/base64.h>
#include <natsd/memory.h>
#include <natsd/nkey.h>
#include <natsd/password.h>

#include "clients/client.h"
#include "events/auth_error.h"
#include "login/callout.h"

static const struct nproto_connect nobody;

/* Proxies (spec 03 section 10.8). */

static bool is_signed_by_proxy(const struct nserver__client *c, struct slice signature,
                               const char **trusted, size_t count, const char **signer)
{
    for (size_t i = 0; i < count; i++) {
        struct nauth_nkey key;

        if (nauth_nkey_parse_public(nb_slice_of(trusted[i]), &key, NULL) == NB_OK &&
            nauth_nkey_verify(&key, nb_slice_of(c->nonce), signature) == NB_OK) {
            *signer = trusted[i];
            return true;
        }
    }
    return false;
}

// False: it names a proxy that nobody trusts.
static bool weigh_proxy(struct nserver__login *login)
{
    const struct nserver_options *opts = &nserver__config(login->c->server)->opts;
    const char *signer = NULL;
    struct nb_buf signature;

    if (login->connect->proxy_sig.n == 0 || opts->trusted_proxy_count == 0) {
        return true;
    }
    nb_buf_init(&signature, 256);
    if (nauth_base64url_decode(login->connect->proxy_sig, &signature) == NB_OK) {
        login->is_proxied = is_signed_by_proxy(login->c, nb_buf_slice(&signature),
                                               (const char **)opts->trusted_proxies,
                                               opts->trusted_proxy_count, &signer);
    }
    nb_buf_fini(&signature);
    if (!login->is_proxied) {
        login->failure = NSERVER__REASON_PROXY_NOT_TRUSTED;
    }
    nserver_options_set_text(&login->c->proxy_key, nb_slice_of(signer));
    return login->is_proxied;
}

/* A hash takes long on purpose: not here. */

struct password_check {
    struct nnet_job job;
    struct nserver__worker *worker;
    uint64_t cid, number;
    struct slice stored; // owned
    struct slice given;  // owned, secret
    bool is_right;
};

static void check_password(struct nnet_job *job)
{
    struct password_check *check = nb_container_of(job, struct password_check, job);

    check->is_right = nauth_password_check(check->stored, check->given);
}

static void on_password_checked(struct nnet_job *job, int rc)
{
    struct password_check *check = nb_container_of(job, struct password_check, job);
    struct nserver__login *login = nserver__login_find(check->worker, check->cid, check->number);

    if (login != NULL) {
        nserver__login_resume(login, rc == NB_OK && check->is_right && !login->is_decoy
                                         ? VERDICT_ACCEPTED
                                         : VERDICT_REFUSED);
    }
    nb_slice_wipe_free(&check->given);
    nb_slice_wipe_free(&check->stored);
    nb_free(check);
}

static void begin_password_check(struct nserver__login *login)
{
    struct password_check *check = nb_zalloc(sizeof(*check));

    check->job.work = check_password;
    check->job.done = on_password_checked;
    check->worker = login->c->worker;
    check->cid = login->c->cid;
    check->number = login->number;
    check->stored = nb_slice_dup(login->stored);
    check->given = nb_slice_dup(login->given);
    nnet_worker_run_job(login->c->worker->net, &check->job);
}

/* The course. */

static void wait(struct nserver__login *login)
{
    if (login->c->phase == CLIENT_OPEN) {
        login->c->phase = CLIENT_CHECKING;
        nnet_conn_pause(&login->c->conn);
    }
}

static enum nserver__verdict weigh(struct nserver__login *login)
{
    const struct nserver__config *config = nserver__config(login->c->server);

    if (!weigh_proxy(login)) {
        return VERDICT_REFUSED;
    }
    if (!config->auth_required) {
        login->admission.account = login->c->server->accounts.global;
        return VERDICT_ACCEPTED;
    }
    if (config->operators != NULL) {
        return nserver__login_weigh_jwt(login);
    }
    return nserver__login_weigh_users(login);
}

// What somebody was found to be is decided; the callout may think otherwise.
static void decide(struct nserver__login *login, enum nserver__verdict verdict)
{
    if (verdict == VERDICT_HASHED) {
        wait(login);
        begin_password_check(login);
    } else if (verdict == VERDICT_WAITING || nserver__callout_begin(login, verdict)) {
        wait(login);
    } else {
        nserver__login_finish(login, verdict);
    }
}

void nserver__client_login(struct nserver__client *c, enum nserver__login_cause cause)
{
    struct nserver__login *login;

    nserver__client_forget_login(c);
    login = nb_zalloc(sizeof(*login));
    login->c = c;
    login->cause = cause;
    login->connect = c->connect != NULL && cause != LOGIN_WITHOUT_CONNECT ? c->connect : &nobody;
    login->number = atomic_fetch_add_explicit(&c->server->login_last, 1, memory_order_relaxed) + 1;
    login->config = nserver__config(c->server)->number;
    login->failure = NSERVER__REASON_AUTH_VIOLATION;
    login->admission.max_subscriptions = -1;
    login->admission.max_payload = -1;
    c->login = login;
    decide(login, weigh(login));
}

void nserver__client_forget_login(struct nserver__client *c)
{
    struct nserver__login *login = c->login;

    if (login == NULL) {
        return;
    }
    c->login = NULL;
    nserver__callout_forget(login);
    nb_slice_free(&login->admission.user);
    if (login->admission.claims != NULL) {
        nauth_claims_fini(login->admission.claims);
        nb_free(login->admission.claims);
    }
    nb_arena_fini(&login->arena);
    nb_free(login);
}

struct nserver__login *nserver__login_find(struct nserver__worker *worker, uint64_t cid,
                                           uint64_t number)
{
    struct nserver__client *c = nb_u64map_find(&worker->clients_by_cid, cid);
    bool is_there =
        c != NULL && c->phase == CLIENT_CHECKING && c->login != NULL && c->login->number == number;

    return is_there ? c->login : NULL;
}

// Input that came meanwhile is read at the end: another CONNECT may be in it.
static void go_on(struct nserver__login *login, enum nserver__verdict verdict,
                  void (*how)(struct nserver__login *login, enum nserver__verdict verdict))
{
    struct nserver__client *c = login->c;

    c->phase = CLIENT_OPEN;
    nnet_conn_resume(&c->conn);
    how(login, verdict);
    if (c->phase == CLIENT_OPEN) {
        nserver__client_resume_input(c);
    }
}

static void begin_again(struct nserver__login *login, enum nserver__verdict verdict NB_UNUSED)
{
    nserver__client_login(login->c, login->cause);
}

// What was found belongs to a configuration that may be gone by now: then nothing of it counts.
void nserver__login_resume(struct nserver__login *login, enum nserver__verdict verdict)
{
    bool is_outdated = login->config != nserver__config(login->c->server)->number;

    go_on(login, verdict, is_outdated ? begin_again : decide);
}

static void finish(struct nserver__login *login, enum nserver__verdict verdict)
{
    struct nserver__client *c = login->c;

    if (verdict != VERDICT_ACCEPTED) {
        c->is_told = login->is_told;
        nserver__client_auth_failed(c, login->failure);
        return; // which ends the login, too
    }
    if (nserver__client_admit(c, login)) {
        nserver__client_forget_login(c);
        nserver__client_welcome(c);
        return;
    }
    nserver__client_forget_login(c);
}

void nserver__login_finish(struct nserver__login *login, enum nserver__verdict verdict)
{
    if (login->c->phase == CLIENT_CHECKING) {
        go_on(login, verdict, finish);
    } else {
        finish(login, verdict);
    }
}
