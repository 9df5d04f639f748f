/* connect.c - CONNECT: its options, and what comes before and after a login (spec 01 sections 4.4
 * and 7). The login itself is in login.h.
 */
#include <natsd/hash.h>
#include <natsd/memory.h>
#include <natsd/quote.h>

#include "clients/client.h"
#include "events/auth_error.h"
#include "events/connection_events.h"
#include "login/login.h"

enum {
    PROTOCOL_MAX = 1,
};

void nserver__client_bind(struct nserver__client *c, struct nserver__account *account)
{
    c->sender.account = account;
    c->sender.view = nserver__account_view_of(account, c->worker->index);
}

bool nserver__client_is_system(const struct nserver__client *c)
{
    return c->sender.account == c->server->system_account;
}

void nserver__client_auth_failed(struct nserver__client *c, enum nserver__reason reason)
{
    struct nb_buf who;

    if (c->phase == CLIENT_CLOSED) {
        return;
    }
    nb_buf_init(&who, NSERVER__WHO_MAX_BYTES);
    nserver__client_add_who(c, &who);
    nserver__client_log(c, NB_LOG_ERROR, "authentication error%s%.*s",
                        nb_buf_slice(&who).n > 0 ? " - " : "", NB_SLICE_ARGS(nb_buf_slice(&who)));
    nb_buf_fini(&who);
    nserver__client_send_err(c, "Authorization Violation");
    nserver__client_close(c, reason);
    if (!c->is_told) {
        nserver__tell_account_auth_error(c, c->sender.account,
                                         nb_slice_of(nserver__reason_text(reason)));
    }
    nserver__tell_auth_error(c);
}

void nserver__quote_for_log(struct slice text, struct nb_buf *out)
{
    nb_buf_init(out, 16 + 10 * text.n); // \UNNNNNNNN is the longest escape
    if (nb_quote(text, out) != NB_OK) {
        nb_buf_clear(out);
    }
}

/* What follows a login. */

void nserver__client_welcome(struct nserver__client *c)
{
    const struct nproto_connect *connect = c->connect;
    bool is_first = !c->has_connected;

    c->is_auth_expected = false;
    c->parser.is_gated = false;
    if (connect == NULL) {
        return;
    }
    nserver__client_relabel(c);
    if (!is_first) {
        return;
    }
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
    nserver__tell_connect(c);
    if (c->is_verbose) {
        nserver__client_send_ok(c);
    }
}

bool nserver__client_enter_without_connect(struct nserver__client *c)
{
    nnet_timer_disarm(c->worker->net, &c->gate_timer);
    nserver__client_login(c, LOGIN_WITHOUT_CONNECT);
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
        nserver__client_leave_account(c);
        nserver__client_bind(c, c->server->accounts.global);
        nserver__client_set_rules(c, NULL);
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
    if (nserver__config(c->server)->operators == NULL) {
        nb_slice_wipe_free(&connect->jwt); // means something in operator mode only
    }
    c->rtt_ns = nb_mono_since(nb_mono_now(), c->accepted_at); // a first estimate
    nserver__client_arm_first_ping(c, true);
    take_options(c);
    forget_earlier_connect(c);
    if (connect->account.n > 0 || connect->new_account) {
        nserver__client_auth_failed(c, NSERVER__REASON_AUTH_VIOLATION);
        return;
    }
    nserver__client_login(c, LOGIN_CONNECT);
}

// It was let in by a name that means nothing any more, or not the same: it ends without a word.
static bool is_user_gone(const struct nserver__client *c, const struct nserver__config *config)
{
    const struct nproto_connect *connect = c->connect;
    const struct nserver_options *opts = &config->opts;
    uint64_t secret;

    if (connect == NULL || c->identity == NULL || c->identity->is_delegated ||
        !config->auth_required) { // everybody may stay where nobody has to be anybody
        return false;
    }
    if (connect->nkey.n > 0) {
        return c->identity->user.n > 0 && nb_map_find(&config->nkeys, connect->nkey) == NULL;
    }
    if (connect->user.n == 0 || c->identity->secret_hash == 0 ||
        nb_map_find(&config->users, connect->user) != NULL) {
        return false;
    }
    secret = nb_hash(nb_slice_of(opts->password), nb_hash_process_seed());
    return opts->username == NULL || !nb_slice_is(connect->user, opts->username) ||
           secret != c->identity->secret_hash;
}

// It came by a JWT: its own, or one that a callout gave it. What a reload can change of those is
// its account and its proxy; asking all services again, and verifying all signatures, would hold
// up everybody.
static bool is_vouched_for(const struct nserver__client *c)
{
    return c->has_connected && c->identity != NULL && c->identity->claims != NULL;
}

static bool is_proxy_trusted(const struct nserver__client *c, const struct nserver_options *opts)
{
    for (size_t i = 0; i < opts->trusted_proxy_count; i++) {
        if (c->proxy_key != NULL && strcmp(opts->trusted_proxies[i], c->proxy_key) == 0) {
            return true;
        }
    }
    return c->proxy_key == NULL;
}

static void weigh_voucher(struct nserver__client *c, const struct nserver_options *opts)
{
    if (nserver__account_terms(c->sender.account)->is_gone) {
        nserver__client_close(c, NSERVER__REASON_CLIENT_CLOSED);
    } else if (!is_proxy_trusted(c, opts)) {
        nserver__client_auth_failed(c, NSERVER__REASON_PROXY_NOT_TRUSTED);
    } else {
        nserver__client_meet_terms(c);
    }
}

void nserver__client_reauthenticate(struct nserver__client *c)
{
    const struct nserver__config *config = nserver__config(c->server);

    // One whose CONNECT hasn't come yet counts as one who shows nothing (spec 02 section 11.5).
    if (c->phase != CLIENT_OPEN) { // what comes before meets the new rules by itself
        return;
    }
    if (config->operators == NULL && is_user_gone(c, config)) {
        nserver__client_close(c, NSERVER__REASON_CLIENT_CLOSED);
    } else if (is_vouched_for(c)) {
        weigh_voucher(c, &config->opts);
    } else {
        nserver__client_login(c, LOGIN_AGAIN);
    }
}
