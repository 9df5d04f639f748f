/* responses.h - the answers that an account owes to others: a request that came by a service import
 * has a reply subject of this account, "_R_.<account>.<request>", and what is published there
 * goes on to whoever asked (spec 03 sections 16.3 and 16.4).
 *
 * Threads: [any worker], and [control] for those that are late. A response stays where it is until
 *   the end of the pass in which it was found, even when it is over meanwhile.
 */
#pragma once

#include <natsd/claims.h>
#include <natsd/clock.h>
#include <natsd/list.h>
#include <natsd/slice.h>
#include <natsd/trie.h>

#include <stdbool.h>

struct nserver;
struct nserver__account;
struct nserver__latency;
struct nserver__responses;
struct nserver__sender;

// What is known of a request when its answer is awaited.
struct nserver__awaited {
    struct nserver__account *to; // whose client asked
    struct slice reply;          // what it listens to; copied
    enum nauth_response_type type;
    int64_t threshold_ns;
    struct nserver__latency *latency; // taken over; NULL: not measured
};

struct nserver__response;

// What an account may have unanswered: a request more is not passed on. Some 200 000 of usual length.
#define NSERVER__AWAITED_MAX_BYTES (UINT64_C(128) * 1024 * 1024)

// Is there room for one more that goes to clients of `to`?
bool nserver__responses_have_room(struct nserver *server, struct nserver__account *to);
// A reply subject in the account of `sender`: "_R_...", valid while the response is.
struct nserver__response *nserver__responses_add(const struct nserver__sender *sender,
                                                 const struct nserver__awaited *awaited);
struct slice nserver__response_subject(const struct nserver__response *response);

enum nserver__response_end {
    RESPONSE_UNDELIVERED, // the request reached nobody
    RESPONSE_LATE,
    RESPONSE_UNWANTED, // nobody listens to the reply any more
};
// It is over, unless it was before.
void nserver__response_end(struct nserver__response *response, const struct nserver__sender *sender,
                           enum nserver__response_end why);

// A subscription of the sender's account has gone: nobody may listen to some replies now.
void nserver__responses_note_unsubscribed(const struct nserver__sender *sender,
                                          struct slice subject);

// [control] The server stops: nothing is late any more.
void nserver__responses_stop(struct nserver *server);
// [control] At the end of the server, or of an account: NULL is fine.
void nserver__responses_destroy(struct nserver__responses *responses);
