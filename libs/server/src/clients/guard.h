/* guard.h - what a restricted client may publish and may be given (spec 03 section 12).
 *
 * A client without permissions has none of this: one NULL is all that a message meets. Its own
 * worker asks about publishing, and remembers the answers for the subjects it uses; every worker
 * that delivers to it asks its guard, when there is one: because a deny overlaps one of its
 * subscriptions, or because it may answer to what it is given.
 *
 * Threads: as marked; a guard is replaced as a whole and freed when no worker can see it.
 */
#pragma once

#include <natsd/epoch.h>
#include <natsd/permissions.h>
#include <natsd/slice.h>

#include <stdbool.h>

struct nserver__client;
struct nserver__permits;

enum {
    NSERVER__ANSWER_MAX_BYTES = 52, // of a subject whose permission is remembered
};

// What its own worker asks. NULL in a client without permissions: most have none.
struct nserver__restriction {
    struct nauth_rules *rules;                // a reference
    struct nserver__permits *permits;         // replies it may publish to; NULL: none
    struct nserver__publish_answers *answers; // remembered; NULL: nothing was asked yet
    uint32_t allowed_size;                    // of the subject that it published to last; 0: none
    uint8_t allowed[NSERVER__ANSWER_MAX_BYTES];
};

struct nserver__guard {
    struct nb_epoch_item retired;
    struct nauth_rules *rules;        // a reference
    bool is_filtering;                // a deny overlaps a subscription
    struct nserver__permits *permits; // replies it may publish to, the client's; NULL: none
};

// [owner] The rules from now on, which may be NULL; takes the reference over. What it was allowed to
// answer is forgotten. Subscriptions are not looked at: nserver__client_recheck_subs().
void nserver__client_set_rules(struct nserver__client *c, struct nauth_rules *rules);
// [owner] The client is gone.
void nserver__client_fini_rules(struct nserver__client *c);

// [owner] May it publish to this subject? For one with a restriction; see client.h for the short way.
bool nserver__client_weigh_publish(struct nserver__client *c, struct slice subject);
// [owner] May it subscribe? A subscription that it may have, but not all of it, is guarded from now.
bool nserver__client_may_subscribe(struct nserver__client *c, struct slice subject,
                                   struct slice queue);

// [any worker] May it be given this message?
static inline bool nserver__guard_lets_pass(const struct nserver__guard *guard,
                                            struct slice subject, struct slice queue)
{
    return !guard->is_filtering || nauth_rules_may_receive(guard->rules, subject, queue);
}

// [any worker] It was given a message with this reply subject, and may answer.
void nserver__guard_note_reply(const struct nserver__guard *guard, struct slice reply);
