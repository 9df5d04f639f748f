#include "clients/permits.h"

#include <natsd/list.h>
#include <natsd/lock.h>
#include <natsd/map.h>
#include <natsd/memory.h>
#include <natsd/permissions.h>
#include <natsd/worker.h>

/* Replies that a client may publish to, because it was given them: by reply, and in the order of
 * when it was given them last. So what is over is thrown away from the front, and so is the oldest
 * when there are too many.
 */

struct permit {
    struct nb_link link;
    struct nb_mono at;
    int64_t count;
    size_t size;
    uint8_t reply[];
};

struct nserver__permits {
    struct nb_epoch_item retired;
    struct nb_mutex lock;
    struct nb_map by_reply NB_GUARDED_BY(lock);
    struct nb_link by_age NB_GUARDED_BY(lock); // the oldest first
    size_t bytes NB_GUARDED_BY(lock);
    int64_t max, ttl_ns; // negative: no limit
};

struct nserver__permits *nserver__permits_create(const struct nauth_permissions *permissions)
{
    struct nserver__permits *permits = nb_zalloc(sizeof(*permits));

    nb_mutex_init(&permits->lock);
    nb_mutex_lock(&permits->lock);
    nb_list_init(&permits->by_age);
    nb_mutex_unlock(&permits->lock);
    permits->max = permissions->responses_max;
    permits->ttl_ns = permissions->responses_ttl_ns;
    return permits;
}

static size_t permit_bytes(const struct permit *permit)
{
    return sizeof(*permit) + permit->size;
}

// Under the lock.
static void forget_permit(struct nserver__permits *permits, struct permit *permit)
{
    (void)nb_map_remove(&permits->by_reply, nb_slice_make(permit->reply, permit->size));
    nb_link_remove(&permit->link);
    permits->bytes -= permit_bytes(permit);
    nb_free(permit);
}

void nserver__permits_destroy(struct nserver__permits *permits)
{
    if (permits == NULL) {
        return;
    }
    nb_mutex_lock(&permits->lock);
    NB_LIST_FOREACH (link, &permits->by_age) {
        forget_permit(permits, nb_container_of(link, struct permit, link));
    }
    nb_map_fini(&permits->by_reply);
    nb_mutex_unlock(&permits->lock);
    nb_mutex_fini(&permits->lock);
    nb_free(permits);
}

static void reclaim(struct nb_epoch_item *item)
{
    nserver__permits_destroy(nb_container_of(item, struct nserver__permits, retired));
}

void nserver__permits_retire(struct nserver__permits *permits, struct nnet_worker *net)
{
    if (permits != NULL) {
        nnet_worker_retire(net, &permits->retired, reclaim);
    }
}

static bool is_late(const struct nserver__permits *permits, const struct permit *permit,
                    struct nb_mono now)
{
    return permits->ttl_ns > 0 && nb_mono_since(now, permit->at) > permits->ttl_ns;
}

// Under the lock. `size` more bytes are to come.
static void make_room(struct nserver__permits *permits, size_t size, struct nb_mono now)
{
    NB_LIST_FOREACH (link, &permits->by_age) {
        struct permit *permit = nb_container_of(link, struct permit, link);

        if (!is_late(permits, permit, now) &&
            nb_map_count(&permits->by_reply) < NSERVER__PERMITS_MAX &&
            permits->bytes + size <= NSERVER__PERMITS_MAX_BYTES) {
            return;
        }
        forget_permit(permits, permit);
    }
}

void nserver__permits_add(struct nserver__permits *permits, struct slice reply, struct nb_mono now)
{
    struct permit *permit;

    nb_mutex_lock(&permits->lock);
    permit = nb_map_find(&permits->by_reply, reply);
    if (permit != NULL) {
        nb_link_remove(&permit->link);
    } else {
        make_room(permits, sizeof(*permit) + reply.n, now);
        permit = nb_zalloc(sizeof(*permit) + reply.n);
        permit->size = reply.n;
        memcpy(permit->reply, reply.p, reply.n);
        nb_map_insert(&permits->by_reply, nb_slice_make(permit->reply, reply.n), permit);
        permits->bytes += permit_bytes(permit);
    }
    nb_list_append(&permits->by_age, &permit->link);
    permit->at = now;
    permit->count = 0;
    nb_mutex_unlock(&permits->lock);
}

bool nserver__permits_use(struct nserver__permits *permits, struct slice reply, struct nb_mono now)
{
    struct permit *permit;
    bool is_good = false;

    nb_mutex_lock(&permits->lock);
    permit = nb_map_find(&permits->by_reply, reply);
    if (permit != NULL) {
        is_good = !is_late(permits, permit, now);
        permit->count++;
        if (!is_good || (permits->max > 0 && permit->count >= permits->max)) {
            forget_permit(permits, permit);
        }
    }
    nb_mutex_unlock(&permits->lock);
    return is_good;
}

size_t nserver__permits_count(struct nserver__permits *permits)
{
    size_t count;

    nb_mutex_lock(&permits->lock);
    count = nb_map_count(&permits->by_reply);
    nb_mutex_unlock(&permits->lock);
    return count;
}
