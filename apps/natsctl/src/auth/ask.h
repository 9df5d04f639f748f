/* ask.h - requests to all servers of a system, with the credentials of the connection's settings, or
 * with --temp-user those of a user that is made for it (spec 12 sections 10 and 23). Threads: [main].
 */
#pragma once

#include "auth/session.h"
#include "connection.h"

enum ask_option { ASK_TEMP_USER, ASK_EXPECT, ASK_OPTION_COUNT };

// The first rows of a table of options.
#define ASK_OPTIONS                                                                           \
    [ASK_TEMP_USER] = {.name = "temp-user",                                                   \
                       .kind = ARGS_SWITCH,                                                   \
                       .help = "connect as a user of the system account that is made for it " \
                               "and good for 2 minutes"},                                     \
    [ASK_EXPECT] = {.name = "expect",                                                         \
                    .kind = ARGS_NUMBER,                                                      \
                    .value = "N",                                                             \
                    .help = "how many servers have to answer [all that are known]"}

struct ask {
    struct auth_session *session;
    struct connection connection;
    char inbox[NCLIENT_INBOX_MAX_BYTES + 1];
    unsigned number;   // of requests
    unsigned expected; // answers; 0: nobody knows
    unsigned answered; // of the last request
    char error[512];   // what the server complained of then
};

// An exit code. On success the caller closes.
NB_MUST_USE int ask_open(struct ask *ask, struct auth_session *session);
void ask_close(struct ask *ask);

// Sees an answer; true when it was the last.
typedef bool (*ask_fn)(void *ctx, const struct nclient_message *message);
// Sends and waits until `fn` says that it is enough, for as many answers as are expected, or for
// silence. EXIT_CODE_NO_SERVICE, EXIT_CODE_TIMEOUT when there was none, which is said. Fewer than
// expected is for the caller to judge.
NB_MUST_USE int ask_all(struct ask *ask, const char *subject, struct slice body, ask_fn fn,
                        void *ctx);
// What of a resolver's answer matters (spec 03 section 20.3).
struct ask_verdict {
    bool is_done;
    char server[128];
    char text[512];
};
void ask_read_verdict(struct slice answer, struct ask_verdict *out);
// EXIT_CODE_TIMEOUT, said, when servers are missing.
NB_MUST_USE int ask_check_complete(const struct ask *ask);
