#include "trie.h"

#include "result.h"
#include "walk.h"

#include <natsd/memory.h>
#include <natsd/subject.h>

struct nsub_trie *nsub_trie_create(void)
{
    struct nsub_trie *trie = nb_zalloc(sizeof(*trie));

    nb_rwlock_init(&trie->lock);
    nsub__tree_init(&trie->tree);
    return trie;
}

void nsub_trie_destroy(struct nsub_trie **trie)
{
    if (*trie == NULL) {
        return;
    }
    nsub__tree_fini(&(*trie)->tree);
    nsub__watches_fini(&(*trie)->watches);
    nb_rwlock_fini(&(*trie)->lock);
    nb_free(*trie);
    *trie = NULL;
}

// Under the write lock, after the change. Release: pairs with the acquire of whoever compares
// generations; who sees the new one finds the change in the trie, behind the lock.
static void note_change(struct nsub_trie *trie, struct slice subject)
{
    struct slice token = {NULL, 0};
    _Atomic uint64_t *counter = &trie->wild_generation;

    nsub__take(&subject, &token);
    if (!nsub__is_star(token) && !nsub__is_full(token)) {
        counter = &trie->region_generations[nsub__region_of_token(token)];
    }
    atomic_fetch_add_explicit(counter, 1, memory_order_release);
    atomic_fetch_add_explicit(&trie->generation, 1, memory_order_release);
}

static int insert_locked(struct nsub_trie *trie, struct nsub_sub *sub, struct nsub__calls *calls)
{
    bool is_first = false;
    int rc;

    if (trie->stats.subscription_count == NSUB_TRIE_SUBSCRIPTION_MAX) {
        return NB_ELIMIT;
    }
    rc = nsub__tree_insert(&trie->tree, sub, &is_first);
    if (rc < 0) {
        return rc;
    }
    trie->stats.subscription_count++;
    trie->stats.insert_count++;
    note_change(trie, sub->subject);
    if (is_first) {
        *calls = nsub__watches_find(&trie->watches, sub);
    }
    return NB_OK;
}

int nsub_trie_insert(struct nsub_trie *trie, struct nsub_sub *sub)
{
    struct nsub__calls calls = {0};
    int rc;

    if (!nsub_subject_is_insertable(sub->subject)) {
        return NB_EMALFORMED;
    }
    if (sub->subject.n > UINT32_MAX) { // nodes count a token's bytes in 32 bits
        return NB_ELIMIT;
    }
    nb_rwlock_write(&trie->lock);
    rc = insert_locked(trie, sub, &calls);
    nb_rwlock_write_unlock(&trie->lock);
    nsub__calls_run(&calls, true);
    return rc;
}

static int remove_locked(struct nsub_trie *trie, struct nsub_sub *sub, struct nsub__calls *calls)
{
    bool is_last = false;
    int rc = nsub__tree_remove(&trie->tree, sub, &is_last);

    if (rc < 0) {
        return rc;
    }
    trie->stats.subscription_count--;
    trie->stats.remove_count++;
    note_change(trie, sub->subject);
    if (is_last) {
        *calls = nsub__watches_find(&trie->watches, sub);
    }
    return NB_OK;
}

int nsub_trie_remove(struct nsub_trie *trie, struct nsub_sub *sub)
{
    struct nsub__calls calls = {0};
    int rc;

    if (!nsub_subject_is_insertable(sub->subject)) {
        return NB_EMALFORMED;
    }
    nb_rwlock_write(&trie->lock);
    rc = remove_locked(trie, sub, &calls);
    nb_rwlock_write_unlock(&trie->lock);
    nsub__calls_run(&calls, false);
    return rc;
}

int nsub_trie_set_weight(struct nsub_trie *trie, struct nsub_sub *sub, uint32_t weight)
{
    int rc;

    if (!nsub_subject_is_insertable(sub->subject)) {
        return NB_EMALFORMED;
    }
    nb_rwlock_write(&trie->lock);
    rc = nsub__members_set_weight(nsub__tree_find(&trie->tree, sub->subject), sub, trie->tree.seed,
                                  weight);
    if (rc == NB_OK) {
        note_change(trie, sub->subject);
    }
    nb_rwlock_write_unlock(&trie->lock);
    return rc;
}

uint64_t nsub_trie_generation(const struct nsub_trie *trie)
{
    // Acquire: pairs with note_change().
    return atomic_load_explicit(&trie->generation, memory_order_acquire);
}

uint32_t nsub_trie_region(const struct nsub_trie *trie NB_UNUSED, struct slice subject)
{
    struct slice token = {NULL, 0};

    nsub__take(&subject, &token);
    return nsub__region_of_token(token);
}

uint64_t nsub_trie_region_generation(const struct nsub_trie *trie, uint32_t region)
{
    assert(region < NSUB__REGION_COUNT);
    return nsub__region_generation(trie, region);
}

struct nsub_result *nsub_trie_match(struct nsub_trie *trie, struct slice subject)
{
    struct nsub__hits hits;
    struct nsub_result *result;

    nsub__hits_init(&hits);
    nb_rwlock_read(&trie->lock);
    nsub__tree_match(&trie->tree, subject, &hits);
    result = nsub__result_build(&hits);
    nb_rwlock_read_unlock(&trie->lock);
    nsub__hits_fini(&hits);
    // Relaxed: a number to show.
    atomic_fetch_add_explicit(&trie->match_count, 1, memory_order_relaxed);
    return result;
}

struct nsub_result *nsub_trie_reverse_match(struct nsub_trie *trie, struct slice pattern)
{
    struct nsub__hits hits;
    struct nsub_result *result;

    nsub__hits_init(&hits);
    nb_rwlock_read(&trie->lock);
    nsub__tree_reverse_match(&trie->tree, pattern, &hits);
    result = nsub__result_build(&hits);
    nb_rwlock_read_unlock(&trie->lock);
    nsub__hits_fini(&hits);
    return result;
}

bool nsub_trie_has_interest(struct nsub_trie *trie, struct slice subject)
{
    bool has_interest;

    nb_rwlock_read(&trie->lock);
    has_interest = nsub__tree_has_match(&trie->tree, subject);
    nb_rwlock_read_unlock(&trie->lock);
    return has_interest;
}

void nsub_trie_count_interest(struct nsub_trie *trie, struct slice subject, uint32_t *plain,
                              uint32_t *queue)
{
    struct nsub__walk walk;

    *plain = 0;
    *queue = 0;
    nb_rwlock_read(&trie->lock);
    nsub__walk_init(&walk, &trie->tree, subject);
    while (nsub__walk_step(&walk)) {
        for (uint32_t i = 0; i < walk.hit_count; i++) {
            nsub__members_count(walk.hits[i], plain, queue);
        }
    }
    nsub__walk_fini(&walk);
    nb_rwlock_read_unlock(&trie->lock);
}

bool nsub_trie_has_exact(struct nsub_trie *trie, struct slice subject, struct slice queue)
{
    bool has_exact;

    nb_rwlock_read(&trie->lock);
    has_exact = nsub__members_has(nsub__tree_find(&trie->tree, subject), queue, trie->tree.seed);
    nb_rwlock_read_unlock(&trie->lock);
    return has_exact;
}

void nsub_trie_each(struct nsub_trie *trie, nsub_trie_each_fn fn, void *ctx)
{
    nb_rwlock_read(&trie->lock);
    nsub__tree_each(&trie->tree, fn, ctx);
    nb_rwlock_read_unlock(&trie->lock);
}

int nsub_trie_notify(struct nsub_trie *trie, struct slice subject, struct slice queue,
                     nsub_trie_notify_fn fn, void *ctx, bool *has_interest)
{
    int rc;

    if (!nsub_subject_is_valid_literal(subject)) {
        return NB_EMALFORMED;
    }
    nb_rwlock_write(&trie->lock); // no change comes between the answer and the registration
    rc = nsub__watches_add(&trie->watches, subject, queue, (struct nsub__listener){fn, ctx});
    if (rc == NB_OK) {
        *has_interest =
            nsub__members_has(nsub__tree_find(&trie->tree, subject), queue, trie->tree.seed);
    }
    nb_rwlock_write_unlock(&trie->lock);
    return rc;
}

int nsub_trie_unnotify(struct nsub_trie *trie, struct slice subject, struct slice queue,
                       nsub_trie_notify_fn fn, void *ctx)
{
    int rc;

    nb_rwlock_write(&trie->lock);
    rc = nsub__watches_remove(&trie->watches, subject, queue, (struct nsub__listener){fn, ctx});
    nb_rwlock_write_unlock(&trie->lock);
    return rc;
}

struct nsub_trie_stats nsub_trie_stats(struct nsub_trie *trie)
{
    struct nsub_trie_stats stats;

    nb_rwlock_read(&trie->lock);
    stats = trie->stats;
    nb_rwlock_read_unlock(&trie->lock);
    stats.match_count = atomic_load_explicit(&trie->match_count, memory_order_relaxed);
    return stats;
}
