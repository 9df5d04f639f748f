/* service.h - a service of the system account, and a request to it on its way (spec 04 section 7).
 *
 * A request is taken by the worker of whoever asks, copied and handed to the control worker, which
 * serves one after the other. A service ends each call once: with a value, with an error, or
 * without an answer. How many may be on their way is limited: beyond it a request finds nobody.
 *
 * Threads: [control], but for nserver__call_begin().
 */
#pragma once

#include <natsd/json_reader.h>
#include <natsd/list.h>
#include <natsd/slice.h>
#include <natsd/worker.h>

#include "monitor/report.h"
#include "sharing/inner_sub.h"

struct nproto_msg;
struct nserver;
struct nserver__account;
struct nserver__call;
struct nserver__sender;

// Under which subjects it is asked for.
enum nserver__service_place {
    SERVICE_OF_SERVERS,  // $SYS.REQ.SERVER.<id>.<name> and $SYS.REQ.SERVER.PING.<name>
    SERVICE_OF_ONE,      // $SYS.REQ.SERVER.<id>.<name>
    SERVICE_OF_ACCOUNTS, // $SYS.REQ.ACCOUNT.*.<name>
    SERVICE_NAMED,       // the name itself
};

enum nserver__service_payload {
    SERVICE_TAKES_OPTIONS, // JSON, with a filter of servers
    SERVICE_TAKES_OWN,     // what it is, is the service's business
};

enum nserver__service_form {
    SERVICE_ENVELOPE, // the value is the member "data"
    SERVICE_BARE,     // the value is the answer
};

struct nserver__service {
    const char *name;
    enum nserver__service_place place;
    enum nserver__service_payload payload;
    enum nserver__service_form form;
    bool works_unasked; // also without a reply subject
    void (*serve)(struct nserver__call *call);
    nserver__inner_fn serve_at_once; // instead: in the worker of whoever asks; or NULL
};

struct nserver__call {
    struct nserver__report report; // an endpoint's answer is the call's
    const struct nserver__service *service;
    struct slice subject, reply, payload, encoding; // owned; encoding.p NULL: none was named
    struct slice account;                           // in the subject, of SERVICE_OF_ACCOUNTS
    struct nserver__account *asker;                 // of the client that asks; NULL: the server
    struct nserver__account *importer; // whose import it came by; NULL: the system account's own
    struct nb_json_doc options;
    struct slice *names;  // of accounts, owned, with borrowed texts; NULL: none
    bool needs_something; // no answer with nothing in it
    bool is_too_long;
    struct nnet_task task;
    struct nb_link link; // of those that wait for a reload
};

// [any worker] A request: how many took it.
unsigned nserver__call_begin(const struct nserver__service *service,
                             const struct nserver__sender *from, const struct nproto_msg *msg);

static inline struct nserver *nserver__call_server(const struct nserver__call *call)
{
    return call->report.server;
}

// The ends, one of them once. The value is what was written into the report; none is a success
// without data.
void nserver__call_end(struct nserver__call *call);
void nserver__call_fail(struct nserver__call *call, int code, const char *text);
void nserver__call_drop(struct nserver__call *call); // no answer

// May it see the account that its subject names? What another account asks by an import is about
// itself. False: it was answered, with the error.
NB_MUST_USE bool nserver__call_is_for_asker(struct nserver__call *call);

// Decodes options into `out`; false: it was answered, with the error.
struct nserver__json_option;
NB_MUST_USE bool nserver__call_read(struct nserver__call *call,
                                    const struct nserver__json_option *table, size_t count,
                                    void *out);
