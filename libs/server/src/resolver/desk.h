/* desk.h - requests about claims in the system account: from the worker that hears them to the
 * resolver that serves them, and back as answers (spec 03 section 20.3).
 *
 * A request is copied where it is heard and handed to the control worker, which serves one after
 * the other. How much may wait is limited: beyond it a request finds nobody.
 *
 * Threads: [control].
 */
#pragma once

#include <natsd/list.h>
#include <natsd/slice.h>
#include <natsd/worker.h>

#include <stdbool.h>

struct nserver;
struct nserver__claims_desk;
struct nserver__claims_request;
struct nserver__resolver;

enum {
    NSERVER__CLAIMS_WAITING_MAX_BYTES = 64 * 1024 * 1024,
};

struct nserver__claims_service {
    const char *subject; // NULL: the answers to the desk's own questions
    const char *queue;   // NULL: none
    bool ignores_own;    // what this server publishes is for the others
    // Takes the request: nserver__claims_request_free().
    void (*serve)(struct nserver__resolver *resolver, struct nserver__claims_request *request);
};

struct nserver__claims_request {
    struct nnet_task task;
    struct nserver__claims_desk *desk; // referenced
    struct nserver *server;
    const struct nserver__claims_service *service;
    struct slice subject, reply, body; // owned; body: without headers
};

// Hears what the services of the resolver's kind are asked.
struct nserver__claims_desk *nserver__claims_desk_open(struct nserver__resolver *resolver);
// Nothing is heard any more. What was is dropped.
void nserver__claims_desk_close(struct nserver__claims_desk **desk);
// A subject that only this desk hears, "$SYS._INBOX.<its own>.<number>"; owned.
struct slice nserver__claims_desk_inbox(const struct nserver__claims_desk *desk, uint64_t number);

void nserver__claims_request_free(struct nserver__claims_request *request);
// The account in the subject, borrowed; empty: none is named.
struct slice nserver__claims_request_account(const struct nserver__claims_request *request);
// The last token of the subject, as a number. 0: it is none.
uint64_t nserver__claims_request_number(const struct nserver__claims_request *request);

// Answers, when the request asked for one. `account` may be empty.
void nserver__claims_answer(const struct nserver__claims_request *request, struct slice account,
                            const char *message);
void nserver__claims_refuse(const struct nserver__claims_request *request, struct slice account,
                            const char *message, struct slice error);
void nserver__claims_answer_list(const struct nserver__claims_request *request,
                                 const struct slice *keys, size_t count);
// [any thread] The bytes themselves.
void nserver__claims_answer_raw(const struct nserver__claims_request *request, struct slice bytes);
