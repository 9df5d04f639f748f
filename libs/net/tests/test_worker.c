#include "net_rig.h"

#include <stdatomic.h>

enum {
    SENDERS = 3,
    TASKS_PER_SENDER = 20000,
};

// Mailboxes.

struct numbered {
    struct nnet_task task;
    unsigned sender;
    unsigned number;
};

static struct {
    unsigned next[SENDERS];
    unsigned left;
    sem_t all_came;
    struct nnet_worker *target;
} order;

static void check_number(struct nnet_task *task, struct nnet_worker *worker)
{
    const struct numbered *numbered = nb_container_of(task, struct numbered, task);

    assert_true(nnet_worker_is_current(worker));
    assert_int_equal(numbered->number, order.next[numbered->sender]);
    order.next[numbered->sender]++;
    if (--order.left == 0) {
        sem_post(&order.all_came);
    }
}

static void *send_numbers(void *arg)
{
    struct numbered *tasks = arg;

    for (unsigned i = 0; i < TASKS_PER_SENDER; i++) {
        nnet_worker_post(order.target, &tasks[i].task);
    }
    return NULL;
}

static void tasks_of_each_sender_run_in_their_order(void **state NB_UNUSED)
{
    struct rig rig;
    pthread_t threads[SENDERS];
    struct numbered *tasks = nb_calloc(SENDERS * TASKS_PER_SENDER, sizeof(*tasks));

    rig_start(&rig, 1);
    memset(&order, 0, sizeof(order));
    order.left = SENDERS * TASKS_PER_SENDER;
    order.target = nnet_group_worker(rig.group, 0);
    sem_init(&order.all_came, 0, 0);
    for (unsigned s = 0; s < SENDERS; s++) {
        struct numbered *mine = tasks + s * TASKS_PER_SENDER;

        for (unsigned i = 0; i < TASKS_PER_SENDER; i++) {
            mine[i] = (struct numbered){.task = {.run = check_number}, .sender = s, .number = i};
        }
        pthread_create(&threads[s], NULL, send_numbers, mine);
    }
    rig_wait_sem(&order.all_came);
    for (unsigned s = 0; s < SENDERS; s++) {
        pthread_join(threads[s], NULL);
    }
    rig_stop(&rig);
    sem_destroy(&order.all_came);
    nb_free(tasks);
}

// Two workers throw a ball: each throw needs the other to be woken.
struct ball {
    struct nnet_task task;
    struct nnet_group *group;
    unsigned throws_left;
    sem_t done;
};

static void throw_on(struct nnet_task *task, struct nnet_worker *worker)
{
    struct ball *ball = nb_container_of(task, struct ball, task);

    if (ball->throws_left-- == 0) {
        sem_post(&ball->done);
        return;
    }
    nnet_worker_post(nnet_group_worker(ball->group, 1 - nnet_worker_index(worker)), task);
}

static void a_sleeping_worker_is_woken_by_a_task(void **state NB_UNUSED)
{
    struct rig rig;
    struct ball ball = {.task = {.run = throw_on}, .throws_left = 5000};

    rig_start(&rig, 2);
    ball.group = rig.group;
    sem_init(&ball.done, 0, 0);
    nnet_worker_post(nnet_group_worker(rig.group, 0), &ball.task);
    rig_wait_sem(&ball.done);
    rig_stop(&rig);
    sem_destroy(&ball.done);
}

// Life of a group.

struct lives {
    _Atomic unsigned starts;
    _Atomic unsigned stops;
    _Atomic unsigned passes;
    _Atomic unsigned late_tasks;
    struct nnet_task late[8];
    struct nnet_group *group;
};

static void count_start(void *ctx, struct nnet_worker *worker)
{
    struct lives *lives = ctx;

    assert_true(nnet_worker_is_current(worker));
    assert_true(nnet_worker_now(worker).ns != 0);
    nnet_worker_set_user(worker, lives);
    atomic_fetch_add(&lives->starts, 1);
}

static void count_pass(void *ctx, struct nnet_worker *worker)
{
    struct lives *lives = ctx;

    assert_ptr_equal(nnet_worker_user(worker), lives);
    atomic_fetch_add(&lives->passes, 1);
}

static void count_late(struct nnet_task *task, struct nnet_worker *worker)
{
    struct lives *lives = nnet_worker_user(worker);

    (void)task;
    atomic_fetch_add(&lives->late_tasks, 1);
}

// Posts to the next worker, which may have stopped before us.
static void count_stop(void *ctx, struct nnet_worker *worker)
{
    struct lives *lives = ctx;
    struct nnet_group *group = nnet_worker_group(worker);
    unsigned index = nnet_worker_index(worker);

    atomic_fetch_add(&lives->stops, 1);
    lives->late[index].run = count_late;
    nnet_worker_post(nnet_group_worker(group, (index + 1) % nnet_group_worker_count(group)),
                     &lives->late[index]);
}

static void every_worker_starts_passes_and_stops_once(void **state NB_UNUSED)
{
    struct nb_logger log = {.write = NULL};

    for (unsigned round = 0; round < 20; round++) {
        struct lives lives = {.starts = 0};
        struct nnet_group_opts opts = {.worker_count = 1 + round % 4,
                                       .log = &log,
                                       .start = count_start,
                                       .pass_end = count_pass,
                                       .stop = count_stop,
                                       .ctx = &lives};
        struct nnet_group *group = NULL;

        assert_int_equal(nnet_group_create(&opts, &group), NB_OK);
        assert_int_equal(nnet_group_worker_count(group), opts.worker_count);
        assert_int_equal(nnet_worker_index(nnet_group_control(group)), opts.worker_count);
        assert_true(nnet_worker_is_control(nnet_group_control(group)));
        assert_false(nnet_worker_is_control(nnet_group_worker(group, 0)));
        assert_false(nnet_worker_is_current(nnet_group_control(group)));
        nnet_group_destroy(&group);
        assert_null(group);
        assert_int_equal(atomic_load(&lives.starts), opts.worker_count + 1);
        assert_int_equal(atomic_load(&lives.stops), opts.worker_count + 1);
        assert_int_equal(atomic_load(&lives.late_tasks), opts.worker_count + 1);
        assert_true(atomic_load(&lives.passes) >= opts.worker_count + 1);
    }
}

static void groups_live_side_by_side(void **state NB_UNUSED)
{
    struct rig rigs[4];

    for (unsigned i = 0; i < 4; i++) {
        rig_start(&rigs[i], 2);
    }
    for (unsigned i = 0; i < 4; i++) {
        rig_call(nnet_group_worker(rigs[i].group, 1), rig_do_nothing, NULL);
    }
    for (unsigned i = 0; i < 4; i++) {
        rig_stop(&rigs[i]);
    }
}

// A task that waits in a mailbox when the group ends is run, and those it posts.
struct chain {
    struct nnet_task task;
    unsigned left;
};

static void post_rest(struct nnet_task *task, struct nnet_worker *worker)
{
    struct chain *chain = nb_container_of(task, struct chain, task);
    struct nnet_group *group = nnet_worker_group(worker);

    if (chain->left > 0) {
        chain->left--;
        nnet_worker_post(nnet_group_worker(group, chain->left % 3), task);
    }
}

static void what_is_left_in_mailboxes_is_run_at_the_end(void **state NB_UNUSED)
{
    for (unsigned round = 0; round < 20; round++) {
        struct rig rig;
        struct chain chain = {.task = {.run = post_rest}, .left = 100};

        rig_start(&rig, 3);
        nnet_worker_post(nnet_group_worker(rig.group, 0), &chain.task);
        rig_stop(&rig);
        assert_int_equal(chain.left, 0);
    }
}

// Retiring.

struct retired {
    struct nb_epoch_item item;
    struct nnet_worker *worker;
    sem_t *reclaimed;
};

static void on_reclaim(struct nb_epoch_item *item)
{
    struct retired *retired = nb_container_of(item, struct retired, item);

    assert_true(nnet_worker_is_current(retired->worker));
    sem_post(retired->reclaimed);
}

static void do_retire(void *arg, struct nnet_worker *worker)
{
    struct retired *retired = arg;

    retired->worker = worker;
    nnet_worker_retire(worker, &retired->item, on_reclaim);
}

static void retired_memory_comes_back_while_all_sleep(void **state NB_UNUSED)
{
    struct rig rig;
    sem_t reclaimed;
    struct retired retired = {.reclaimed = &reclaimed};

    sem_init(&reclaimed, 0, 0);
    rig_start(&rig, 3);
    rig_call(nnet_group_worker(rig.group, 1), do_retire, &retired);
    rig_wait_sem(&reclaimed);
    rig_stop(&rig);
    sem_destroy(&reclaimed);
}

struct holder {
    sem_t holding;
    sem_t may_go;
};

static void do_hold(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct holder *holder = arg;

    sem_post(&holder->holding);
    rig_wait_sem(&holder->may_go);
}

static void *hold_in_worker(void *arg)
{
    void **args = arg;

    rig_call(args[1], do_hold, args[0]);
    return NULL;
}

static void retired_memory_waits_for_a_worker_in_its_pass(void **state NB_UNUSED)
{
    struct rig rig;
    struct holder holder;
    sem_t reclaimed;
    struct retired retired = {.reclaimed = &reclaimed};
    pthread_t thread;
    void *args[2];

    sem_init(&reclaimed, 0, 0);
    sem_init(&holder.holding, 0, 0);
    sem_init(&holder.may_go, 0, 0);
    rig_start(&rig, 2);
    args[0] = &holder;
    args[1] = nnet_group_worker(rig.group, 1);
    pthread_create(&thread, NULL, hold_in_worker, args);
    rig_wait_sem(&holder.holding);
    rig_call(nnet_group_worker(rig.group, 0), do_retire, &retired);
    for (unsigned i = 0; i < 100; i++) { // passes of the retiring worker
        rig_call(nnet_group_worker(rig.group, 0), rig_do_nothing, NULL);
    }
    assert_int_not_equal(sem_trywait(&reclaimed), 0);
    for (unsigned i = 0; i < 500; i++) { // of another: meanwhile the retiring one falls asleep
        rig_call(nnet_group_control(rig.group), rig_do_nothing, NULL);
    }
    sem_post(&holder.may_go);
    rig_wait_sem(&reclaimed); // though nobody posts anything any more
    pthread_join(thread, NULL);
    rig_stop(&rig);
    sem_destroy(&reclaimed);
    sem_destroy(&holder.holding);
    sem_destroy(&holder.may_go);
}

static void retired_memory_is_reclaimed_at_the_end(void **state NB_UNUSED)
{
    struct rig rig;
    sem_t reclaimed;
    struct retired retired[100];
    int count;

    sem_init(&reclaimed, 0, 0);
    rig_start(&rig, 2);
    for (unsigned i = 0; i < NB_ARRAY_LEN(retired); i++) {
        retired[i].reclaimed = &reclaimed;
        rig_call(nnet_group_worker(rig.group, i % 2), do_retire, &retired[i]);
    }
    rig_stop(&rig);
    sem_getvalue(&reclaimed, &count);
    assert_int_equal(count, NB_ARRAY_LEN(retired));
    sem_destroy(&reclaimed);
}

// Jobs.

struct work {
    struct nnet_job job;
    struct nnet_worker *worker;
    pthread_t thread; // that did it
    int rc;
    _Atomic unsigned *done_count;
    sem_t *done;
    sem_t *may_end;
};

static void do_work(struct nnet_job *job)
{
    struct work *work = nb_container_of(job, struct work, job);

    work->thread = pthread_self();
    if (work->may_end != NULL) {
        rig_wait_sem(work->may_end);
    }
}

static void on_work_done(struct nnet_job *job, int rc)
{
    struct work *work = nb_container_of(job, struct work, job);

    assert_true(nnet_worker_is_current(work->worker));
    work->rc = rc;
    if (work->done_count != NULL) {
        atomic_fetch_add(work->done_count, 1);
    }
    if (work->done != NULL) {
        sem_post(work->done);
    }
}

static void start_job(void *arg, struct nnet_worker *worker)
{
    struct work *work = arg;

    work->worker = worker;
    work->job.work = do_work;
    work->job.done = on_work_done;
    nnet_worker_run_job(worker, &work->job);
}

static void a_job_runs_elsewhere_and_ends_in_its_worker(void **state NB_UNUSED)
{
    struct rig rig;
    sem_t done;
    struct work work = {.done = &done};

    sem_init(&done, 0, 0);
    rig_start(&rig, 1);
    rig_call(nnet_group_worker(rig.group, 0), start_job, &work);
    rig_wait_sem(&done);
    assert_int_equal(work.rc, NB_OK);
    assert_false(pthread_equal(work.thread, pthread_self()));
    rig_stop(&rig);
    sem_destroy(&done);
}

static void every_job_calls_back_when_the_group_ends(void **state NB_UNUSED)
{
    struct rig rig;
    struct work work[64];
    _Atomic unsigned done_count = 0;
    unsigned canceled = 0;
    sem_t may_end;

    sem_init(&may_end, 0, 0);
    rig_start(&rig, 2);
    for (unsigned i = 0; i < NB_ARRAY_LEN(work); i++) {
        work[i] = (struct work){.done_count = &done_count, .may_end = &may_end};
        rig_call(nnet_group_worker(rig.group, i % 2), start_job, &work[i]);
    }
    for (unsigned i = 0; i < NB_ARRAY_LEN(work); i++) {
        sem_post(&may_end);
    }
    rig_stop(&rig);
    assert_int_equal(atomic_load(&done_count), NB_ARRAY_LEN(work));
    for (unsigned i = 0; i < NB_ARRAY_LEN(work); i++) {
        assert_true(work[i].rc == NB_OK || work[i].rc == NB_ECANCELED);
        canceled += work[i].rc == NB_ECANCELED;
    }
    assert_true(canceled < NB_ARRAY_LEN(work)); // some had begun
    sem_destroy(&may_end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tasks_of_each_sender_run_in_their_order),
        cmocka_unit_test(a_sleeping_worker_is_woken_by_a_task),
        cmocka_unit_test(every_worker_starts_passes_and_stops_once),
        cmocka_unit_test(groups_live_side_by_side),
        cmocka_unit_test(what_is_left_in_mailboxes_is_run_at_the_end),
        cmocka_unit_test(retired_memory_comes_back_while_all_sleep),
        cmocka_unit_test(retired_memory_waits_for_a_worker_in_its_pass),
        cmocka_unit_test(retired_memory_is_reclaimed_at_the_end),
        cmocka_unit_test(a_job_runs_elsewhere_and_ends_in_its_worker),
        cmocka_unit_test(every_job_calls_back_when_the_group_ends),
    };
    return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
