#include "login/callout.h"

#include <natsd/headers.h>
#include <natsd/jwt.h>
#include <natsd/memory.h>
#include <natsd/xkey.h>

#include "accounts/claims.h"
#include "accounts/loading.h"
#include "clients/client.h"
#include "events/auth_error.h"
#include "events/publish.h"
#include "login/callout_answer.h"
#include "login/callout_request.h"
#include "sharing/inner_sub.h"
#include "sharing/response_names.h"

#define CALLOUT_SUBJECT "$SYS.REQ.USER.AUTH"
#define SEALED_HEADER "Nats-Server-Xkey"

enum {
    INBOX_TOKEN_BYTES = 8,
};

// One question. Its inbox outlives the login by the answers that are on their way.
struct nserver__callout {
    struct nserver__worker *worker;
    uint64_t cid, number;
    struct nserver__inner_sub *inbox;
    char user_key[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1];
    struct nserver__account *account;
    struct nnet_timer timer;
    struct nserver__login *login;          // NULL: it is over
    struct nserver__callout_answer answer; // whose account is being fetched
};

/* The terms, from where they stand now. */

static struct nserver__callout_terms terms_of(const struct nserver__callout *callout)
{
    const struct nserver__config *config = nserver__config(callout->worker->server);
    const struct nserver_auth_callout *configured = &config->opts.auth_callout;
    const struct nserver__terms *account = nserver__account_terms(callout->account);
    struct nserver__callout_terms terms = {
        .account = callout->account,
        .user_key = nb_slice_of(callout->user_key),
    };

    if (config->operators == NULL) {
        terms.issuer = nb_slice_of(configured->issuer);
        terms.xkey = nb_slice_of(configured->xkey);
        return terms;
    }
    if (account->claims != NULL) {
        terms.xkey = account->claims->account.authorization.xkey;
        terms.allowed_accounts = account->claims->account.authorization.allowed_accounts;
    }
    terms.allows_all_accounts =
        terms.allowed_accounts.count == 1 && nb_slice_is(terms.allowed_accounts.items[0], "*");
    return terms;
}

/* Is it concerned? */

struct slice nserver__login_raw_user(const struct nserver__login *login)
{
    const struct nproto_connect *connect = login->connect;

    if (connect->nkey.n > 0) {
        return connect->nkey;
    }
    if (connect->user.n > 0) {
        return connect->user;
    }
    if (login->admission.claims != NULL && login->admission.user.n > 0) {
        return login->admission.claims->subject;
    }
    return connect->auth_token.n > 0 ? NB_SLICE("[REDACTED]") : (struct slice){0};
}

static bool is_among(struct slice text, char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (nb_slice_is(text, texts[i])) {
            return true;
        }
    }
    return false;
}

static bool is_among_texts(struct slice text, const struct nauth_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (nb_slice_equal(text, texts->items[i])) {
            return true;
        }
    }
    return false;
}

struct nserver__account *nserver__callout_account(struct nserver *server)
{
    const struct nserver_auth_callout *callout = &nserver__config(server)->opts.auth_callout;

    if (!callout->is_set) {
        return NULL;
    }
    return callout->account != NULL
               ? nserver__registry_find(&server->accounts, nb_slice_of(callout->account))
               : server->accounts.global;
}

bool nserver__account_has_callout(struct nserver *server, const struct nserver__account *account)
{
    const struct nserver__terms *terms = nserver__account_terms(account);

    if (nserver__config(server)->operators == NULL) {
        return nserver__callout_account(server) == account;
    }
    return terms->claims != NULL && terms->claims->account.authorization.auth_users.count > 0;
}

// Who is found to be a user of the service, and says so. To say so is not enough: their names are
// no secret.
static bool is_exempt(const struct nserver__login *login, enum nserver__verdict verdict,
                      const struct nserver_auth_callout *callout)
{
    return is_among(nserver__login_raw_user(login), callout->auth_users,
                    callout->auth_user_count) &&
           (verdict != VERDICT_ACCEPTED ||
            is_among(login->admission.user, callout->auth_users, callout->auth_user_count));
}

static bool is_exempt_in(const struct nserver__login *login, const struct nauth_texts *auth_users)
{
    return is_among_texts(nserver__login_raw_user(login), auth_users) &&
           is_among_texts(login->admission.claims->subject, auth_users);
}

// The account whose service is asked; NULL: none is.
static struct nserver__account *account_to_ask(const struct nserver__login *login,
                                               enum nserver__verdict verdict)
{
    struct nserver *server = login->c->server;
    const struct nserver__config *config = nserver__config(server);
    const struct nserver_auth_callout *callout = &config->opts.auth_callout;
    const struct nserver__account *bound =
        verdict == VERDICT_ACCEPTED ? login->admission.account : server->accounts.global;

    if (config->operators != NULL) {
        if (verdict != VERDICT_ACCEPTED || login->account == NULL ||
            !nserver__account_has_callout(server, login->account) ||
            is_exempt_in(login, &nserver__account_terms(login->account)
                                     ->claims->account.authorization.auth_users)) {
            return NULL;
        }
        return login->account;
    }
    if (!callout->is_set || is_exempt(login, verdict, callout)) {
        return NULL;
    }
    if (bound != NULL && bound != server->accounts.global && callout->allowed_account_count > 0 &&
        !is_among(bound->name, callout->allowed_accounts, callout->allowed_account_count)) {
        return NULL;
    }
    return nserver__callout_account(server);
}

/* The end of a question. */

static void on_inbox_ended(struct nserver__inner_sub *inner)
{
    struct nserver__callout *callout = inner->ctx;

    nserver__callout_answer_fini(&callout->answer);
    nb_free(inner);
    nb_free(callout);
}

void nserver__callout_forget(struct nserver__login *login)
{
    struct nserver__callout *callout = login->callout;

    if (callout == NULL) {
        return;
    }
    login->callout = NULL;
    callout->login = NULL;
    nnet_timer_disarm(callout->worker->net, &callout->timer);
    nserver__inner_sub_end(callout->inbox, callout->worker->net);
}

static void refuse(struct nserver__login *login, const struct nserver__callout_answer *answer)
{
    struct nserver__account *account = login->callout->account;

    login->failure = answer->failure;
    login->is_told = true;
    if (answer->reason.n > 0) {
        nserver__client_log(login->c, NB_LOG_WARN, "%.*s", NB_SLICE_ARGS(answer->reason));
    }
    nserver__tell_account_auth_error(login->c, account, answer->reason);
    nserver__login_finish(login, VERDICT_REFUSED);
}

/* An answer. It comes in the worker of whoever gives it, and goes to the client's. */

struct answer_task {
    struct nnet_task task;
    struct nserver__worker *worker;
    uint64_t cid, number;
    struct slice payload; // owned
};

static void take_answer(struct nserver__login *login, struct nserver__account *account)
{
    struct nserver__callout *callout = login->callout;
    struct nserver__callout_terms terms = terms_of(callout);

    if (nserver__callout_take(login, &terms, account, &callout->answer) == NB_OK) {
        nserver__login_finish(login, VERDICT_ACCEPTED);
    } else {
        refuse(login, &callout->answer);
    }
}

void nserver__callout_account_loaded(struct nserver__login *login, struct nserver__account *account,
                                     const char *why)
{
    struct nserver__callout *callout = login->callout;
    struct nb_buf reason;

    if (account != NULL) {
        take_answer(login, account);
        return;
    }
    nb_buf_init(&reason, 4096);
    nb_buf_must_format(
        &reason, "No valid account \"%.*s\" for auth callout response on account \"%.*s\": %s",
        NB_SLICE_ARGS(nb_slice_sub(callout->answer.account, 0, 256)),
        NB_SLICE_ARGS(nb_slice_sub(callout->account->name, 0, 256)), why);
    nb_slice_free(&callout->answer.reason);
    callout->answer.reason = nb_buf_take(&reason);
    nb_buf_fini(&reason);
    refuse(login, &callout->answer);
}

static void find_account(struct nserver__login *login)
{
    struct nserver *server = login->c->server;
    struct nserver__callout *callout = login->callout;
    struct nserver__account *account =
        nserver__registry_find(&server->accounts, callout->answer.account);

    if (nserver__config(server)->operators == NULL) {
        bool is_there = account != NULL && !nserver__account_terms(account)->is_gone;

        nserver__callout_account_loaded(login, is_there ? account : NULL, "account missing");
    } else if (account != NULL && nserver__account_is_ready(account)) {
        take_answer(login, account);
    } else {
        nserver__account_load_for_login(login, callout->answer.account);
    }
}

static void on_answer_here(struct nnet_task *task, struct nnet_worker *net NB_UNUSED)
{
    struct answer_task *answer = nb_container_of(task, struct answer_task, task);
    struct nserver__login *login = nserver__login_find(answer->worker, answer->cid, answer->number);

    // The first one counts.
    if (login != NULL && login->callout != NULL && !login->callout->inbox->sub.is_closed &&
        login->callout->answer.user == NULL) {
        struct nserver__callout_terms terms = terms_of(login->callout);
        int rc = nserver__callout_read(login, &terms, answer->payload, &login->callout->answer);

        if (rc == NB_OK) {
            find_account(login);
        } else {
            refuse(login, &login->callout->answer);
        }
    }
    nb_slice_wipe_free(&answer->payload);
    nb_free(answer);
}

static unsigned on_answer(struct nserver__inner_sub *inner,
                          const struct nserver__sender *from NB_UNUSED,
                          const struct nproto_msg *msg)
{
    const struct nserver__callout *callout = inner->ctx;
    struct answer_task *answer = nb_zalloc(sizeof(*answer));

    answer->task.run = on_answer_here;
    answer->worker = callout->worker;
    answer->cid = callout->cid;
    answer->number = callout->number;
    answer->payload = nb_slice_dup(nb_slice_sub(msg->payload, msg->header_size, msg->payload.n));
    nnet_worker_post(callout->worker->net, &answer->task);
    return 1;
}

static void on_timeout(struct nnet_timer *timer)
{
    struct nserver__callout *callout = nb_container_of(timer, struct nserver__callout, timer);
    struct nserver__callout_answer none = {.failure = NSERVER__REASON_AUTH_VIOLATION};

    nserver__client_log(callout->login->c, NB_LOG_DEBUG,
                        "Authorization callout response not received in time on account \"%.*s\"",
                        NB_SLICE_ARGS(callout->account->name));
    refuse(callout->login, &none);
}

/* A question. */

static void make_inbox(const struct nserver *server, struct nb_buf *out)
{
    struct nserver__random_tokens stock = {0};
    char hash[RESPONSE_HASH_BYTES];
    char token[2 * RESPONSE_TOKEN_BYTES];

    nserver__name_hash(server->name, hash);
    nserver__random_token(&stock, token);
    nserver__random_token(&stock, token + RESPONSE_TOKEN_BYTES);
    nb_buf_must_text(out, "$SYS._INBOX.");
    nb_buf_must(out, nb_slice_make(hash, sizeof(hash)));
    nb_buf_must_text(out, ".");
    nb_buf_must(out, nb_slice_make(token, INBOX_TOKEN_BYTES));
}

static int seal(const struct nserver *server, struct slice xkey, struct slice token,
                struct nb_buf *out)
{
    struct nauth_nkey recipient;
    int rc = nauth_nkey_parse_public(xkey, &recipient, NULL);

    return rc == NB_OK ? nauth_xkey_seal(&server->curve, &recipient, token, out, NULL) : rc;
}

static int ask(struct nserver__callout *callout, struct slice token,
               const struct nserver__callout_terms *terms)
{
    struct nserver *server = callout->worker->server;
    struct slice inbox = callout->inbox->sub.index.subject;
    struct nb_buf sealed;
    struct nb_buf headers;
    int rc = NB_OK;

    nb_buf_init(&sealed, NAUTH_JWT_MAX_BYTES + NAUTH_XKEY_OVERHEAD_BYTES);
    nb_buf_init(&headers, 1024);
    if (terms->xkey.n > 0) {
        rc = seal(server, terms->xkey, token, &sealed);
        if (rc == NB_OK) {
            rc = nproto_headers_set((struct slice){0}, SEALED_HEADER, nb_slice_of(server->xkey),
                                    &headers);
        }
        token = nb_buf_slice(&sealed);
    }
    if (rc == NB_OK) {
        nserver__publish(callout->worker, callout->account, NB_SLICE(CALLOUT_SUBJECT), inbox,
                         nb_buf_slice(&headers), token);
    }
    nb_buf_fini(&sealed);
    nb_buf_fini(&headers);
    return rc;
}

static int make_user_key(struct nserver__callout *callout)
{
    struct nauth_nkey key;
    int rc = nauth_nkey_create(NAUTH_NKEY_USER, &key);

    if (rc == NB_OK) {
        nauth_nkey_public_text(&key, callout->user_key);
        nauth_nkey_fini(&key);
    }
    return rc;
}

static struct nserver__callout *make_callout(struct nserver__login *login,
                                             struct nserver__account *account)
{
    struct nserver__callout *callout = nb_zalloc(sizeof(*callout));
    struct nb_buf inbox;
    int rc;

    callout->worker = login->c->worker;
    callout->cid = login->c->cid;
    callout->number = login->number;
    callout->account = account;
    callout->login = login;
    nb_buf_init(&inbox, 64);
    make_inbox(login->c->server, &inbox);
    callout->inbox = nserver__inner_sub_create(account, nb_buf_slice(&inbox), on_answer, callout);
    callout->inbox->ended = on_inbox_ended;
    nb_buf_fini(&inbox);
    rc = nserver__inner_sub_begin(callout->inbox);
    NB_DEBUG_ASSERT(rc == NB_OK);
    (void)rc; // the subject is ours
    return callout;
}

bool nserver__callout_begin(struct nserver__login *login, enum nserver__verdict verdict)
{
    struct nserver__account *account = account_to_ask(login, verdict);
    const struct nserver_options *opts = &nserver__config(login->c->server)->opts;
    struct nserver__callout_terms terms;
    struct nb_diag diag = {0};
    struct nb_buf token;
    int rc;

    if (account == NULL) {
        return false;
    }
    login->callout = make_callout(login, account);
    login->callout->timer.fire = on_timeout;
    nnet_timer_arm(login->c->worker->net, &login->callout->timer,
                   (int64_t)(opts->auth_timeout_s * (double)NB_NS_PER_S));
    nb_buf_init(&token, NAUTH_JWT_MAX_BYTES);
    rc = make_user_key(login->callout);
    terms = terms_of(login->callout);
    if (rc == NB_OK) {
        rc =
            nserver__callout_write_request(login, terms.issuer.n > 0 ? terms.issuer : account->name,
                                           terms.user_key, terms.xkey.n > 0, &token, &diag);
    }
    if (rc == NB_OK) {
        rc = ask(login->callout, nb_buf_slice(&token), &terms);
    }
    if (rc != NB_OK) { // nobody can answer: it ends with the time it has
        nserver__client_log(login->c, NB_LOG_ERROR, "Authorization callout: %s", diag.text);
    }
    nb_buf_wipe_fini(&token);
    return true;
}
