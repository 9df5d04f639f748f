#include <natsd/epoch.h>

#include <natsd/memory.h>

#include <assert.h>

/* Why it is right. An item unlinked and then retired gets the stamp e, the value that the
 * fetch_add on `now` made. Three cases for a reader whose `seen` the reclaiming thread loads
 * after that:
 *
 * seen >= e   The reader loaded `now` (acquire) from e's fetch_add or a later one; all changes
 *             of `now` are read-modify-writes, so the whole chain after e's release part
 *             synchronizes with it: the reader sees the unlink in all it reads from there on.
 *             What it read before is ordered before its store of `seen` (release), and so
 *             before the reclaim (acquire load in nb_epoch_bound).
 * 0 < seen    and below e: the reader may hold the item, the bound stays below e.
 * seen == 0   The reader was offline. If it is coming online meanwhile, it stores `seen` and
 *             then does a fetch_add of 0 on `now`. Either that comes after e's fetch_add, then
 *             it synchronizes with it and the reader sees the unlink. Or it comes before, then
 *             e's fetch_add synchronizes with it and the reclaiming thread, which loads `seen`
 *             after its own fetch_add, can't miss the store.
 *
 * A bound taken before an item is retired is below its stamp, as no `seen` and no `now` can
 * be ahead of the fetch_add. Fences would do as well, but the thread sanitizer ignores them.
 */

void nb_epoch_init(struct nb_epoch *epoch, unsigned reader_count)
{
    atomic_init(&epoch->now, 1);
    epoch->reader_count = reader_count;
    epoch->readers = nb_aligned_zalloc(_Alignof(struct nb_epoch_reader),
                                       reader_count * sizeof(struct nb_epoch_reader));
    for (unsigned i = 0; i < reader_count; i++) {
        atomic_init(&epoch->readers[i].seen, 0);
        epoch->readers[i].last = &epoch->readers[i].first;
    }
}

void nb_epoch_fini(struct nb_epoch *epoch)
{
    bool is_done = false;

    while (!is_done) { // a callback may retire something again, also through another slot
        is_done = true;
        for (unsigned i = 0; i < epoch->reader_count; i++) {
            if (nb_epoch_has_retired(epoch, i)) {
                nb_epoch_reclaim(epoch, i, UINT64_MAX);
                is_done = false;
            }
        }
    }
    nb_free(epoch->readers);
    epoch->readers = NULL;
    epoch->reader_count = 0;
}

static struct nb_epoch_reader *reader_at(struct nb_epoch *epoch, unsigned reader)
{
    assert(reader < epoch->reader_count);
    return &epoch->readers[reader];
}

void nb_epoch_online(struct nb_epoch *epoch, unsigned reader)
{
    struct nb_epoch_reader *r = reader_at(epoch, reader);

    assert(atomic_load_explicit(&r->seen, memory_order_relaxed) == 0);
    // Relaxed is enough for the value: any that `now` ever had only holds back more. Release,
    // as what this thread read before it went offline is over. Partner: nb_epoch_bound().
    atomic_store_explicit(&r->seen, atomic_load_explicit(&epoch->now, memory_order_relaxed),
                          memory_order_release);
    // Partner: the fetch_add in nb_epoch_retire(), see above. It changes nothing but takes a
    // place in the order of all changes of `now`.
    atomic_fetch_add_explicit(&epoch->now, 0, memory_order_seq_cst);
}

void nb_epoch_offline(struct nb_epoch *epoch, unsigned reader)
{
    // Release: all reads of this pass come before it. Partner: the load in nb_epoch_bound().
    atomic_store_explicit(&reader_at(epoch, reader)->seen, 0, memory_order_release);
}

void nb_epoch_quiesce(struct nb_epoch *epoch, unsigned reader)
{
    struct nb_epoch_reader *r = reader_at(epoch, reader);
    // Acquire: partner is the fetch_add in nb_epoch_retire().
    uint64_t now = atomic_load_explicit(&epoch->now, memory_order_acquire);

    assert(atomic_load_explicit(&r->seen, memory_order_relaxed) != 0);
    // Release: partner is the load in nb_epoch_bound().
    atomic_store_explicit(&r->seen, now, memory_order_release);
}

void nb_epoch_retire(struct nb_epoch *epoch, unsigned reader, struct nb_epoch_item *item,
                     void (*reclaim)(struct nb_epoch_item *item))
{
    struct nb_epoch_reader *r = reader_at(epoch, reader);

    item->next = NULL;
    item->reclaim = reclaim;
    // The unlink comes before it (release), our later loads of `seen` after it (acquire).
    item->epoch = atomic_fetch_add_explicit(&epoch->now, 1, memory_order_seq_cst) + 1;
    *r->last = item;
    r->last = &item->next;
    r->retired_count++;
}

uint64_t nb_epoch_bound(struct nb_epoch *epoch)
{
    // First, so that a bound with all readers offline is below what is retired from here on.
    uint64_t bound = atomic_load_explicit(&epoch->now, memory_order_acquire);

    for (unsigned i = 0; i < epoch->reader_count; i++) {
        // Acquire: partners are the stores in quiesce and offline.
        uint64_t seen = atomic_load_explicit(&epoch->readers[i].seen, memory_order_acquire);

        if (seen != 0 && seen < bound) {
            bound = seen;
        }
    }
    return bound;
}

void nb_epoch_reclaim(struct nb_epoch *epoch, unsigned reader, uint64_t bound)
{
    struct nb_epoch_reader *r = reader_at(epoch, reader);

    while (r->first != NULL && r->first->epoch <= bound) {
        struct nb_epoch_item *item = r->first;

        r->first = item->next;
        if (r->first == NULL) {
            r->last = &r->first;
        }
        r->retired_count--;
        item->reclaim(item); // last: it may free the item and retire others
    }
}
