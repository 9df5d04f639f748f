/* connect.c - CONNECT: options, authentication, the account (spec 01 sections 4.4 and 7). */
#include <natsd/memory.h>
#include <natsd/password.h>
#include <natsd/quote.h>

#include "clients/client.h"

enum {
    PROTOCOL_MAX = 1,
};

void nserver__client_bind(struct nserver__client *c, struct nserver__account *account)
{
    c->account = account;
    c->view = &account->views[c->worker->index];
}

bool nserver__client_is_system(const struct nserver__client *c)
{
    const char *system = nserver__config(c->server)->opts.system_account;

    return nb_slice_is(c->account->name, system != NULL ? system : NSERVER__SYSTEM_ACCOUNT);
}

/* Who failed, for the log: never the secret. */

static void add_who(const struct nproto_connect *connect, struct nb_buf *out)
{
    int rc = NB_OK;

    if (connect->nkey.n > 0) {
        nb_buf_must_text(out, " - Nkey ");
        rc = nb_quote(connect->nkey, out);
    } else if (connect->user.n > 0) {
        nb_buf_must_text(out, " - User ");
        rc = nb_quote(connect->user, out);
    } else if (connect->auth_token.n > 0) {
        nb_buf_must_text(out, " - Token \"[REDACTED]\"");
    }
    if (rc != NB_OK) {
        nb_buf_clear(out); // longer than a log line: no name then
    }
}

void nserver__client_auth_failed(struct nserver__client *c)
{
    struct nb_buf who;

    if (c->phase == CLIENT_CLOSED) {
        return;
    }
    nb_buf_init(&who, 512);
    if (c->connect != NULL) {
        add_who(c->connect, &who);
    }
    nserver__client_log(c, NB_LOG_ERROR, "authentication error%.*s",
                        NB_SLICE_ARGS(nb_buf_slice(&who)));
    nb_buf_fini(&who);
    nserver__client_send_err(c, "Authorization Violation");
    nserver__client_close(c, NSERVER__REASON_AUTH_VIOLATION);
}

/* Whose credentials are these? */

enum verdict {
    REFUSED,
    ACCEPTED,
    UNDECIDED, // a bcrypt hash has to be computed
};

struct candidate {
    enum verdict verdict;
    struct slice stored; // UNDECIDED: the hash to compare with; borrowed from the configuration
    struct slice given;
    const char *account; // NULL: $G
};

static struct candidate weigh(const char *stored, struct slice given, const char *account)
{
    struct candidate candidate = {
        .stored = nb_slice_of(stored),
        .given = given,
        .account = account,
    };

    if (nauth_password_is_bcrypt(candidate.stored)) {
        candidate.verdict = given.n > 0 ? UNDECIDED : REFUSED;
    } else {
        candidate.verdict = nb_slice_equal_secret(candidate.stored, given) ? ACCEPTED : REFUSED;
    }
    return candidate;
}

// As spec 03 orders it for what natsd has: users by name, then the single token or user.
static struct candidate find_candidate(const struct nserver__config *config,
                                       const struct nproto_connect *connect)
{
    const struct nserver_options *opts = &config->opts;
    const struct nserver_user *user = nb_map_find(&config->users, connect->user);
    bool is_nobody = connect->user.n == 0 && connect->pass.n == 0 && connect->auth_token.n == 0 &&
                     connect->nkey.n == 0 && connect->jwt.n == 0;

    if (!config->auth_required) {
        return (struct candidate){.verdict = ACCEPTED};
    }
    if (is_nobody && config->has_open_global) {
        return (struct candidate){.verdict = ACCEPTED};
    }
    if (is_nobody && opts->no_auth_user != NULL) {
        user = nb_map_find(&config->users, nb_slice_of(opts->no_auth_user));
        return (struct candidate){
            .verdict = user != NULL ? ACCEPTED : REFUSED,
            .account = user != NULL ? user->account : NULL,
        };
    }
    if (user != NULL) {
        return weigh(user->password, connect->pass, user->account);
    }
    if (opts->token != NULL) {
        return weigh(opts->token, connect->auth_token, NULL);
    }
    if (opts->username != NULL && nb_slice_is(connect->user, opts->username)) {
        return weigh(opts->password != NULL ? opts->password : "", connect->pass, NULL);
    }
    return (struct candidate){.verdict = REFUSED};
}

/* What follows a positive answer. */

static void welcome(struct nserver__client *c, const char *account_name)
{
    const struct nproto_connect *connect = c->connect;
    struct nserver__account *account = c->server->accounts.global;

    if (account_name != NULL) {
        account = nserver__registry_find(&c->server->accounts, nb_slice_of(account_name));
    }
    if (account == NULL) {
        nserver__client_auth_failed(c);
        return;
    }
    nserver__client_bind(c, account);
    c->is_auth_expected = false;
    c->parser.is_gated = false;
    if (connect == NULL) {
        return;
    }
    nserver__client_relabel(c);
    if (connect->protocol < 0 || connect->protocol > PROTOCOL_MAX) {
        nserver__client_refuse(c, "invalid client protocol", NSERVER__REASON_BAD_PROTOCOL_VERSION);
        return;
    }
    if (connect->no_responders && !atomic_load_explicit(&c->has_headers, memory_order_relaxed)) {
        nserver__client_refuse(c, "no responders requires headers support",
                               NSERVER__REASON_NO_RESPONDERS_HEADERS);
        return;
    }
    c->has_connected = true;
    if (c->is_verbose) {
        nserver__client_send_ok(c);
    }
}

// bcrypt takes long on purpose: not here. The client is found again by its id.
struct password_check {
    struct nnet_job job;
    struct nserver__worker *worker;
    uint64_t cid;
    struct slice stored; // owned
    struct slice given;  // owned, secret
    char *account;       // owned; NULL: $G
    bool is_right;
    bool is_again; // after a reload: the client was let in before
};

static void check_password(struct nnet_job *job)
{
    struct password_check *check = nb_container_of(job, struct password_check, job);

    check->is_right = nauth_password_check(check->stored, check->given);
}

static void on_password_checked(struct nnet_job *job, int rc)
{
    struct password_check *check = nb_container_of(job, struct password_check, job);
    struct nserver__client *c = nb_u64map_find(&check->worker->clients_by_cid, check->cid);

    if (c != NULL && c->phase == CLIENT_CHECKING) {
        c->phase = CLIENT_OPEN;
        nnet_conn_resume(&c->conn);
        if (rc != NB_OK || !check->is_right) {
            nserver__client_auth_failed(c);
        } else if (!check->is_again) {
            welcome(c, check->account);
        }
        nserver__client_resume_input(c);
    }
    nb_slice_wipe_free(&check->given);
    nb_slice_wipe_free(&check->stored);
    nb_free(check->account);
    nb_free(check);
}

static void begin_password_check(struct nserver__client *c, const struct candidate *candidate,
                                 bool is_again)
{
    struct password_check *check = nb_zalloc(sizeof(*check));

    check->job.work = check_password;
    check->job.done = on_password_checked;
    check->worker = c->worker;
    check->cid = c->cid;
    check->is_again = is_again;
    check->stored = nb_slice_dup(candidate->stored);
    check->given = nb_slice_dup(candidate->given);
    check->account = candidate->account != NULL ? nb_strdup(candidate->account) : NULL;
    c->phase = CLIENT_CHECKING;
    nnet_conn_pause(&c->conn);
    nnet_worker_run_job(c->worker->net, &check->job);
}

static void authenticate(struct nserver__client *c, const struct nproto_connect *connect)
{
    struct candidate candidate = find_candidate(nserver__config(c->server), connect);

    switch (candidate.verdict) {
    case REFUSED:
        nserver__client_auth_failed(c);
        return;
    case ACCEPTED:
        welcome(c, candidate.account);
        return;
    case UNDECIDED:
        begin_password_check(c, &candidate, false);
        return;
    }
    NB_UNREACHABLE("verdict");
}

bool nserver__client_enter_without_connect(struct nserver__client *c)
{
    const struct nproto_connect nobody = {0};

    nnet_timer_disarm(c->worker->net, &c->gate_timer);
    authenticate(c, &nobody);
    return c->phase == CLIENT_OPEN;
}

static void take_options(struct nserver__client *c)
{
    const struct nproto_connect *connect = c->connect;
    bool has_headers = connect->headers && !nserver__config(c->server)->opts.no_header_support;

    c->is_verbose = connect->verbose;
    c->is_pedantic = connect->pedantic;
    c->has_echo = connect->echo;
    c->has_no_responders = connect->no_responders;
    c->wants_info = connect->protocol >= 1;
    c->parser.has_headers = has_headers;
    atomic_store_explicit(&c->has_headers, has_headers, memory_order_relaxed);
}

// A second CONNECT begins anew: what was subscribed is gone (spec 4.4 step 5).
static void forget_earlier_connect(struct nserver__client *c)
{
    if (c->has_connected) {
        nserver__client_drop_subs(c);
        nserver__client_bind(c, c->server->accounts.global);
        c->has_connected = false;
    }
}

static struct nproto_connect *connect_of(struct nserver__client *c)
{
    if (c->connect == NULL) {
        c->connect = nb_alloc(sizeof(*c->connect));
        nproto_connect_init(c->connect);
    }
    return c->connect;
}

void nserver__client_on_connect(struct nserver__client *c, struct slice json)
{
    struct nb_diag diag = {0};
    struct nproto_connect *connect = connect_of(c);

    nnet_timer_disarm(c->worker->net, &c->gate_timer);
    if (nproto_connect_merge(connect, json, &diag) != NB_OK) {
        nserver__client_log(c, NB_LOG_ERROR, "CONNECT: %s", diag.text);
        nserver__client_close(c, NSERVER__REASON_PROTOCOL_VIOLATION);
        return;
    }
    nb_slice_wipe_free(&connect->jwt); // means something in operator mode only
    c->rtt_ns = nb_mono_since(nb_mono_now(), c->accepted_at); // a first estimate
    nserver__client_arm_first_ping(c, true);
    take_options(c);
    forget_earlier_connect(c);
    if (connect->account.n > 0 || connect->new_account) {
        nserver__client_auth_failed(c);
        return;
    }
    authenticate(c, connect);
}

// NULL: $G.
static bool has_moved(const struct nserver__client *c, const char *account)
{
    return !nb_slice_is(c->account->name, account != NULL ? account : NSERVER__GLOBAL_ACCOUNT);
}

void nserver__client_reauthenticate(struct nserver__client *c)
{
    const struct nserver__config *config = nserver__config(c->server);
    const struct nproto_connect nobody = {0};
    const struct nproto_connect *connect = c->connect != NULL ? c->connect : &nobody;
    const struct nserver_user *user = nb_map_find(&config->users, connect->user);
    struct candidate candidate;

    if (c->phase != CLIENT_OPEN) { // what comes before meets the new rules by itself
        return;
    }
    if (connect->user.n > 0 && config->opts.user_count > 0 &&
        (user == NULL || has_moved(c, user->account))) {
        nserver__client_close(c, NSERVER__REASON_CLIENT_CLOSED);
        return;
    }
    candidate = find_candidate(config, connect);
    if (candidate.verdict == REFUSED) {
        nserver__client_auth_failed(c);
    } else if (c->has_connected && has_moved(c, candidate.account)) {
        nserver__client_close(c, NSERVER__REASON_CLIENT_CLOSED);
    } else if (candidate.verdict == UNDECIDED) {
        begin_password_check(c, &candidate, true);
    }
}
