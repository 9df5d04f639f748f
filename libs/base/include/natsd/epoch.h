/* natsd/epoch.h - memory that other threads may still be looking at is freed later.
 *
 * Quiescent-state reclamation: readers are threads that run in passes and hold no shared
 * pointer between two passes. Each says so once per pass (nb_epoch_quiesce). What a writer
 * unlinks it hands to nb_epoch_retire(); the callback runs once every reader has been
 * between passes since. A reader that goes to sleep says so first (nb_epoch_offline) and
 * does not hold anybody up. Readers pay one load and one store per pass, nothing per read.
 *
 * Retire, and the callbacks: in the thread of that reader, so a callback may touch what the
 * thread owns. Threads that are no readers use nb_epoch_reader slots of their own, too.
 *
 * Own code and not liburcu: its QSBR flavour keeps its state in globals and threads of its
 * own, which a library that starts and stops several times in one process can't wind down,
 * and the thread sanitizer cannot see through it.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nb_epoch_item {
    struct nb_epoch_item *next;
    uint64_t epoch;
    void (*reclaim)(struct nb_epoch_item *item);
};

struct nb_epoch_reader {
    // private
    _Atomic uint64_t seen __attribute__((aligned(64))); // 0: offline
    struct nb_epoch_item *first;                        // retired by this thread, oldest first
    struct nb_epoch_item **last;
    size_t retired_count;
};

struct nb_epoch {
    // private
    _Atomic uint64_t now __attribute__((aligned(64)));
    struct nb_epoch_reader *readers;
    unsigned reader_count;
};

// `reader_count` readers, all offline; a thread uses the slot it was given.
void nb_epoch_init(struct nb_epoch *epoch, unsigned reader_count);
// All readers are offline or gone: runs every callback that is left.
void nb_epoch_fini(struct nb_epoch *epoch);

void nb_epoch_online(struct nb_epoch *epoch, unsigned reader);
void nb_epoch_offline(struct nb_epoch *epoch, unsigned reader);
// Between passes: holds nothing. Does not run callbacks.
void nb_epoch_quiesce(struct nb_epoch *epoch, unsigned reader);
// Takes the item; reclaim runs in this thread, inside a later nb_epoch_reclaim().
void nb_epoch_retire(struct nb_epoch *epoch, unsigned reader, struct nb_epoch_item *item,
                     void (*reclaim)(struct nb_epoch_item *item));
// A bound for nb_epoch_reclaim(): items retired before it are seen by nobody. To be sure
// that posts made by other readers before they quiesced have been received, take the bound,
// drain the mailbox, then reclaim.
uint64_t nb_epoch_bound(struct nb_epoch *epoch);
void nb_epoch_reclaim(struct nb_epoch *epoch, unsigned reader, uint64_t bound);
static inline bool nb_epoch_has_retired(const struct nb_epoch *epoch, unsigned reader)
{
    return epoch->readers[reader].retired_count > 0;
}
