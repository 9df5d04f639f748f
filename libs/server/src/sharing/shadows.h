/* shadows.h - what a client's subscriptions hear in other accounts, because its own imports their
 * streams (spec 03 section 15).
 *
 * For each import that a subscription overlaps there is a shadow: a subscription in the exporting
 * account with the same sid and queue. Its counts are those of the subscription.
 *
 * Threads: [owner of the client]; deliveries: [any worker].
 */
#pragma once

#include <natsd/buf.h>

#include <natsd/epoch.h>

#include "clients/subscription.h"

struct nserver__client;
struct nserver__stream_import;

struct nserver__shadow {
    struct nserver__shadow *next; // of the same subscription
    struct nserver__sub *owner;
    struct nserver__stream_import *import; // a reference
    struct nserver__account *exporter;
    struct nserver__account *importer; // of the subscription
    struct nb_epoch_item retired;
    struct nserver__sub sub; // its texts follow
};

static inline struct nserver__shadow *nserver__shadow_of(struct nserver__sub *sub)
{
    return nb_container_of(sub, struct nserver__shadow, sub);
}

// A subscription came, or is about to go.
void nserver__shadows_begin(struct nserver__client *c, struct nserver__sub *owner);
void nserver__shadows_end(struct nserver__client *c, struct nserver__sub *owner);
// The imports of the account are others now.
void nserver__shadows_renew(struct nserver__client *c);

// [any worker] The subject under which the subscription sees a message: in `room`, which is
// NSERVER__SHADOW_ROOM_BYTES long, or `subject` itself. False: it cannot be told.
enum {
    NSERVER__SHADOW_ROOM_BYTES = 64 * 1024,
};
bool nserver__shadow_subject(const struct nserver__shadow *shadow, struct slice subject,
                             uint8_t *room, struct slice *out);
