#include <natsd/epoch.h>

#include <natsd/error.h>
#include <natsd/memory.h>
#include <natsd/random.h>

#include "nb_test.h"

#include <assert.h> // in the threads, where cmocka cannot unwind
#include <pthread.h>
#include <string.h>

struct thing {
    struct nb_epoch_item item;
    bool *is_reclaimed;
};

static void mark_reclaimed(struct nb_epoch_item *item)
{
    struct thing *thing = nb_container_of(item, struct thing, item);

    assert_false(*thing->is_reclaimed);
    *thing->is_reclaimed = true;
}

static void retire_marked(struct nb_epoch *epoch, unsigned reader, struct thing *thing, bool *flag)
{
    *flag = false;
    thing->is_reclaimed = flag;
    nb_epoch_retire(epoch, reader, &thing->item, mark_reclaimed);
}

static void reclaim_now(struct nb_epoch *epoch, unsigned reader)
{
    nb_epoch_reclaim(epoch, reader, nb_epoch_bound(epoch));
}

static void an_item_waits_for_every_online_reader(void **state NB_UNUSED)
{
    struct nb_epoch epoch;
    struct thing thing;
    bool is_reclaimed;

    nb_epoch_init(&epoch, 3);
    nb_epoch_online(&epoch, 0);
    nb_epoch_online(&epoch, 1); // 2 stays offline and holds nobody up
    retire_marked(&epoch, 0, &thing, &is_reclaimed);
    assert_true(nb_epoch_has_retired(&epoch, 0));
    assert_false(nb_epoch_has_retired(&epoch, 1));
    nb_epoch_quiesce(&epoch, 0);
    reclaim_now(&epoch, 0);
    assert_false(is_reclaimed);
    nb_epoch_quiesce(&epoch, 1);
    reclaim_now(&epoch, 1); // not its item
    assert_false(is_reclaimed);
    reclaim_now(&epoch, 0);
    assert_true(is_reclaimed);
    assert_false(nb_epoch_has_retired(&epoch, 0));
    nb_epoch_fini(&epoch);
    nb_epoch_fini(&epoch);
}

static void going_offline_releases_an_item(void **state NB_UNUSED)
{
    struct nb_epoch epoch;
    struct thing thing;
    bool is_reclaimed;

    nb_epoch_init(&epoch, 2);
    nb_epoch_online(&epoch, 1);
    retire_marked(&epoch, 0, &thing, &is_reclaimed);
    reclaim_now(&epoch, 0);
    assert_false(is_reclaimed);
    nb_epoch_offline(&epoch, 1);
    nb_epoch_online(&epoch, 1); // after the unlink: it cannot find the item
    reclaim_now(&epoch, 0);
    assert_true(is_reclaimed);
    nb_epoch_fini(&epoch);
}

// Also with all readers offline, when the bound is as high as it can be.
static void a_bound_does_not_cover_what_is_retired_after_it(void **state NB_UNUSED)
{
    struct nb_epoch epoch;
    struct thing thing;
    bool is_reclaimed;
    uint64_t bound;

    nb_epoch_init(&epoch, 2);
    bound = nb_epoch_bound(&epoch);
    retire_marked(&epoch, 0, &thing, &is_reclaimed);
    nb_epoch_reclaim(&epoch, 0, bound);
    assert_false(is_reclaimed);
    reclaim_now(&epoch, 0);
    assert_true(is_reclaimed);
    nb_epoch_fini(&epoch);
}

static void fini_reclaims_all_that_is_left(void **state NB_UNUSED)
{
    struct nb_epoch epoch;
    struct thing things[4];
    bool are_reclaimed[4];

    nb_epoch_init(&epoch, 2);
    for (unsigned i = 0; i < 4; i++) {
        retire_marked(&epoch, i % 2, &things[i], &are_reclaimed[i]);
    }
    nb_epoch_fini(&epoch);
    for (unsigned i = 0; i < 4; i++) {
        assert_true(are_reclaimed[i]);
    }
}

struct chain {
    struct nb_epoch_item item;
    struct nb_epoch *epoch;
    unsigned left;
};

static void retire_again(struct nb_epoch_item *item)
{
    struct chain *chain = nb_container_of(item, struct chain, item);

    if (chain->left > 0) {
        chain->left--;
        nb_epoch_retire(chain->epoch, chain->left % 2, item, retire_again);
    }
}

static void a_callback_may_retire_again(void **state NB_UNUSED)
{
    struct nb_epoch epoch;
    struct chain chain = {.epoch = &epoch, .left = 10};

    nb_epoch_init(&epoch, 2);
    nb_epoch_retire(&epoch, 0, &chain.item, retire_again);
    reclaim_now(&epoch, 0);
    assert_int_equal(chain.left, 9); // once: the next round has a stamp above the bound
    nb_epoch_fini(&epoch);
    assert_int_equal(chain.left, 0);
}

enum { MODEL_READERS = 4, MODEL_ITEMS = 3000, MODEL_SEED = 11 };

struct model {
    struct nb_epoch epoch;
    bool is_online[MODEL_READERS];
    struct {
        struct thing thing;
        unsigned owner;
        bool holders[MODEL_READERS]; // online when it was retired, not between passes since
        bool is_reclaimed;
    } items[MODEL_ITEMS];
    size_t item_count;
};

static void model_releases(struct model *model, unsigned reader)
{
    for (size_t i = 0; i < model->item_count; i++) {
        model->items[i].holders[reader] = false;
    }
}

static void model_step(struct model *model, unsigned reader, unsigned action)
{
    if (action == 0 && model->is_online[reader]) {
        nb_epoch_offline(&model->epoch, reader);
        model->is_online[reader] = false;
        model_releases(model, reader);
    } else if (action <= 1 && !model->is_online[reader]) {
        nb_epoch_online(&model->epoch, reader);
        model->is_online[reader] = true;
    } else if (action <= 4 && model->is_online[reader]) {
        nb_epoch_quiesce(&model->epoch, reader);
        model_releases(model, reader);
    } else if (action <= 6 && model->item_count < MODEL_ITEMS) {
        size_t i = model->item_count++;

        model->items[i].owner = reader;
        memcpy(model->items[i].holders, model->is_online, sizeof(model->is_online));
        retire_marked(&model->epoch, reader, &model->items[i].thing, &model->items[i].is_reclaimed);
    }
}

// Each reader's items are stamped in order, so an item that is free waits for no other.
static void model_check(struct model *model, unsigned reader)
{
    reclaim_now(&model->epoch, reader);
    for (size_t i = 0; i < model->item_count; i++) {
        bool is_held = false;

        for (unsigned r = 0; r < MODEL_READERS; r++) {
            is_held = is_held || model->items[i].holders[r];
        }
        if (model->items[i].owner == reader) {
            assert_int_equal(model->items[i].is_reclaimed, !is_held);
        }
    }
}

static void reclaimed_is_exactly_what_nobody_can_hold(void **state NB_UNUSED)
{
    static struct model model;
    struct nb_random random;

    nb_random_init(&random, MODEL_SEED);
    nb_epoch_init(&model.epoch, MODEL_READERS);
    while (model.item_count < MODEL_ITEMS) {
        unsigned reader = nb_random_below(&random, MODEL_READERS);

        model_step(&model, reader, nb_random_below(&random, 8));
        model_check(&model, nb_random_below(&random, MODEL_READERS));
    }
    nb_epoch_fini(&model.epoch);
}

enum { THREADS = 4, PLACES = 8, PASSES = 20000, ALIVE = 0x600DC0DE, DEAD = 0xDEAD };

struct object {
    struct nb_epoch_item item;
    uint32_t state;
    uint32_t *reclaim_count; // of the thread that retired it
};

struct stress {
    struct nb_epoch epoch;
    _Atomic(struct object *) places[PLACES];
};

struct stress_thread {
    struct stress *stress;
    unsigned index;
    uint32_t retire_count;
    uint32_t reclaim_count;
    pthread_t thread;
};

static void reclaim_object(struct nb_epoch_item *item)
{
    struct object *object = nb_container_of(item, struct object, item);

    assert(object->state == ALIVE);
    object->state = DEAD;
    (*object->reclaim_count)++; // plain: it runs in the thread that retired
    nb_free(object);
}

static struct object *new_object(uint32_t *reclaim_count)
{
    struct object *object = nb_alloc(sizeof(*object));

    object->state = ALIVE;
    object->reclaim_count = reclaim_count;
    return object;
}

static void stress_pass(struct stress_thread *self, struct nb_random *random)
{
    struct stress *stress = self->stress;
    uint32_t place = nb_random_below(random, PLACES);

    for (unsigned i = 0; i < PLACES; i++) {
        const struct object *object =
            atomic_load_explicit(&stress->places[i], memory_order_acquire);

        assert(object->state == ALIVE);
    }
    if (nb_random_below(random, 4) == 0) {
        struct object *fresh = new_object(NULL);
        struct object *old =
            atomic_exchange_explicit(&stress->places[place], fresh, memory_order_acq_rel);

        old->reclaim_count = &self->reclaim_count; // only who unlinked it writes
        nb_epoch_retire(&stress->epoch, self->index, &old->item, reclaim_object);
        self->retire_count++;
    }
}

static void *stress_run(void *arg)
{
    struct stress_thread *self = arg;
    struct nb_epoch *epoch = &self->stress->epoch;
    struct nb_random random;

    nb_random_init(&random, self->index + 1);
    nb_epoch_online(epoch, self->index);
    for (unsigned pass = 0; pass < PASSES; pass++) {
        stress_pass(self, &random);
        nb_epoch_quiesce(epoch, self->index);
        if (nb_random_below(&random, 8) == 0) {
            nb_epoch_offline(epoch, self->index);
            if (nb_random_below(&random, 2) == 0) {
                reclaim_now(epoch, self->index); // also while offline
            }
            nb_epoch_online(epoch, self->index);
        }
        reclaim_now(epoch, self->index);
    }
    nb_epoch_offline(epoch, self->index);
    return NULL;
}

static void threads_never_see_a_reclaimed_object(void **state NB_UNUSED)
{
    static struct stress stress;
    static struct stress_thread threads[THREADS];

    nb_epoch_init(&stress.epoch, THREADS);
    for (unsigned i = 0; i < PLACES; i++) {
        atomic_init(&stress.places[i], new_object(NULL));
    }
    for (unsigned i = 0; i < THREADS; i++) {
        threads[i] = (struct stress_thread){.stress = &stress, .index = i};
        assert_int_equal(pthread_create(&threads[i].thread, NULL, stress_run, &threads[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i].thread, NULL), 0);
    }
    nb_epoch_fini(&stress.epoch);
    for (unsigned i = 0; i < THREADS; i++) {
        assert_true(threads[i].retire_count > PASSES / 8);
        assert_int_equal(threads[i].reclaim_count, threads[i].retire_count);
    }
    for (unsigned i = 0; i < PLACES; i++) {
        nb_free(atomic_load(&stress.places[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_item_waits_for_every_online_reader),
        cmocka_unit_test(going_offline_releases_an_item),
        cmocka_unit_test(a_bound_does_not_cover_what_is_retired_after_it),
        cmocka_unit_test(fini_reclaims_all_that_is_left),
        cmocka_unit_test(a_callback_may_retire_again),
        cmocka_unit_test(reclaimed_is_exactly_what_nobody_can_hold),
        cmocka_unit_test(threads_never_see_a_reclaimed_object),
    };
    return cmocka_run_group_tests_name("epoch", tests, NULL, NULL);
}
