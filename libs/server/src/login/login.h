/* login.h - who is this client, and what may it do? (spec 03 sections 9 to 11)
 *
 * A login begins with a CONNECT (or without one, where nobody has to say who he is, or again after
 * a reload) and ends with nserver__client_admit() or a refusal. In between it may have to wait: for
 * a password's hash, for an account that has to be fetched, for a service that decides. Meanwhile
 * the client is CHECKING and its input waits.
 *
 *   login.c         the course of it: proxies, the order of the methods, waiting
 *   login_users.c   users, nkeys and the single user of the configuration
 *   login_jwt.c     users of operator mode
 *   callout.c       the service that has the last word
 *   admit.c         what follows: account, permissions, limits, expiry
 *
 * Threads: [owner of the client].
 */
#pragma once

#include <natsd/arena.h>
#include <natsd/claims.h>
#include <natsd/info.h>

#include "accounts/account.h"
#include "clients/close_reason.h"

struct nserver__client;
struct nserver__config;
struct nserver__worker;

// What a client is admitted as.
struct nserver__admission {
    struct nserver__account *account;
    struct slice user; // as shown; owned
    const struct nauth_permissions
        *permissions;     // NULL: none; borrowed from options, claims or arena
    uint64_t secret_hash; // of the password or token that was checked
    // of a user JWT
    struct nauth_claims *claims; // owned
    bool has_default_permissions;
    int64_t max_subscriptions, max_payload; // -1: no limit of its own
    int64_t expires_in_ns;                  // 0: never
};

enum {
    NSERVER__LOGIN_ARENA_MAX_BYTES = 4 * 1024 * 1024,
};

enum nserver__login_cause {
    LOGIN_CONNECT,
    LOGIN_WITHOUT_CONNECT, // a first command, where that is enough
    LOGIN_AGAIN,           // the rules have changed
};

struct nserver__login {
    struct nserver__client *c;
    enum nserver__login_cause cause;
    const struct nproto_connect *connect; // the client's; an empty one when it sent none
    uint64_t number;  // among the logins of a server: who waits finds it by this
    uint64_t config;  // the number of the configuration by which it was weighed
    bool is_proxied;  // a trusted proxy vouches for the connection
    bool needs_proxy; // what matched wants one
    struct nserver__admission admission;
    struct nb_arena arena;                      // of permissions made for it
    struct nauth_permissions scope_permissions; // in the arena
    enum nserver__reason failure;
    // of operator mode
    struct nserver__account *account; // that the JWT names, once it is trusted; NULL before
    uint64_t scope_hash;              // of the signing key; 0: signed by the account itself
    bool is_bearer, is_sentinel;
    bool is_delegated;                // a callout has decided
    bool is_told;                     // an account has heard why it was refused
    struct nserver__callout *callout; // NULL: none was asked
    // a password that has to be hashed
    struct slice stored, given; // borrowed: configuration, connect
    bool is_decoy;              // of nobody: it is refused, but not sooner than others
};

enum nserver__verdict {
    VERDICT_REFUSED,
    VERDICT_ACCEPTED,
    VERDICT_HASHED,  // `stored` is a hash: `given` has to be hashed
    VERDICT_WAITING, // somebody calls nserver__login_resume() later
};

// login.c
void nserver__client_login(struct nserver__client *c, enum nserver__login_cause cause);
// The client is gone, or begins another one.
void nserver__client_forget_login(struct nserver__client *c);
// The login that waits with this number in this worker; NULL: it is over.
struct nserver__login *nserver__login_find(struct nserver__worker *worker, uint64_t cid,
                                           uint64_t number);
// What was waited for is there.
void nserver__login_resume(struct nserver__login *login, enum nserver__verdict verdict);
// After the callout: nothing comes after it.
void nserver__login_finish(struct nserver__login *login, enum nserver__verdict verdict);

// Who it claims to be, as events show it.
struct slice nserver__login_raw_user(const struct nserver__login *login);

// login_users.c
enum nserver__verdict nserver__login_weigh_users(struct nserver__login *login);
// login_jwt.c
enum nserver__verdict nserver__login_weigh_jwt(struct nserver__login *login);

// The account that it waits for is there, or NULL and why not.
void nserver__login_account_loaded(struct nserver__login *login, struct nserver__account *account,
                                   const char *why);
// Sets when it ends, by the JWT and its windows of time. False: it is none of those times.
bool nserver__login_take_expiry(struct nserver__login *login, const struct nauth_claims *user,
                                const struct nauth_user_limits *limits);
// Does a list of connection types allow a client? An empty one does. *are_known: one of them is.
bool nserver__connection_types_allow(const struct nauth_texts *names, bool *are_known);

// meet_terms.c
// A signing key of the account, or NULL; what a scope grants, as one number.
const struct nauth_signing_key *nserver__terms_signing_key(const struct nserver__terms *terms,
                                                           struct slice key);
uint64_t nserver__scope_hash(const struct nauth_signing_key *key);

// admit.c
// False: it may not, because of a limit; the client was told and closed.
bool nserver__client_admit(struct nserver__client *c, struct nserver__login *login);
// It leaves its account.
void nserver__client_leave_account(struct nserver__client *c);
