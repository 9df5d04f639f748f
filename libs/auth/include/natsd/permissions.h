/* natsd/permissions.h - what a user may publish and subscribe to (spec 03 section 12).
 *
 * struct nauth_permissions is what a configuration or a JWT says; struct nauth_rules is the same
 * made ready for being asked for every message: immutable, shared by reference count.
 *
 * Ownership: lists are borrowed from whoever made them (claims, options); rules keep a copy of
 *   all they need. Zeroed permissions say nothing.
 * Threads: [any]; both don't change.
 */
#pragma once

#include <natsd/error.h>
#include <natsd/slice.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nauth_texts {
    const struct slice *items; // borrowed
    size_t count;
};

#define NAUTH_RESPONSES_MAX_DEFAULT 1
#define NAUTH_RESPONSES_TTL_DEFAULT_NS (INT64_C(120) * 1000000000)

struct nauth_permissions {
    struct nauth_texts publish_allow, publish_deny;
    struct nauth_texts subscribe_allow, subscribe_deny; // an item may be "subject queue"
    // An allow list is there, though it has no items: nothing is allowed.
    bool has_publish_allow;
    bool has_subscribe_allow;
    bool has_responses;
    int64_t responses_max;    // negative: any number; 0 is never in use: it means the default
    int64_t responses_ttl_ns; // negative: for ever
};

bool nauth_permissions_are_empty(const struct nauth_permissions *permissions);
// The order of the items of a list doesn't count.
bool nauth_permissions_equal(const struct nauth_permissions *a, const struct nauth_permissions *b);

// Is it a valid item? `has_queue`: of a subscribe list. NB_EMALFORMED with `subject "a..b" is not
// a valid subject` or `queue "x" is not a valid queue`.
NB_MUST_USE int nauth_permission_check(struct slice item, bool has_queue, struct nb_diag *diag);

struct nauth_rules;

// Items that are not valid are left out: check them before.
struct nauth_rules *nauth_rules_create(const struct nauth_permissions *permissions);
struct nauth_rules *nauth_rules_ref(struct nauth_rules *rules); // NULL is fine
void nauth_rules_unref(struct nauth_rules *rules);              // NULL is fine
// Borrowed; with the defaults in place of a responses_max or responses_ttl_ns of 0.
const struct nauth_permissions *nauth_rules_permissions(const struct nauth_rules *rules);

// Section 12.2, steps 1 to 3: with has_responses and no allow list nothing is allowed; remembering
// the responses that are is the caller's business.
bool nauth_rules_may_publish(const struct nauth_rules *rules, struct slice subject);
// Section 12.3: the subject is looked up as if it were literal; an empty queue is none.
bool nauth_rules_may_subscribe(const struct nauth_rules *rules, struct slice subject,
                               struct slice queue);
// Section 12.4: might this subscription, which is allowed, be given something that is denied?
bool nauth_rules_overlap_deny(const struct nauth_rules *rules, struct slice subject,
                              struct slice queue);
// Section 12.4: may a message with this subject be given to a subscription with this queue?
bool nauth_rules_may_receive(const struct nauth_rules *rules, struct slice subject,
                             struct slice queue);

#ifdef __cplusplus
}
#endif
