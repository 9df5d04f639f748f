#include "net_rig.h"

enum {
    TIMERS = 500,
};

struct alarm_clock {
    struct nnet_timer timer;
    struct nnet_worker *worker;
    int64_t delay_ns;
    uint64_t due_ns;
    unsigned fired;
    struct alarm_clock *other; // disarmed when this one fires
    bool again;                // arms itself again, with no delay, until told not to
};

static struct {
    unsigned fired;
    unsigned wanted;
    uint64_t last_due_ns;
    sem_t done;
} seen;

static void on_fire(struct nnet_timer *timer)
{
    struct alarm_clock *clock = nb_container_of(timer, struct alarm_clock, timer);

    assert_true(nnet_worker_is_current(clock->worker));
    assert_false(nnet_timer_is_armed(timer));
    assert_true(nb_mono_now().ns >= clock->due_ns);
    clock->fired++;
    if (clock->other != NULL) {
        nnet_timer_disarm(clock->worker, &clock->other->timer);
    }
    if (clock->again) {
        clock->due_ns = nnet_worker_now(clock->worker).ns;
        nnet_timer_arm(clock->worker, timer, 0);
        return;
    }
    assert_true(clock->due_ns >= seen.last_due_ns); // earlier ones first
    seen.last_due_ns = clock->due_ns;
    if (++seen.fired == seen.wanted) {
        sem_post(&seen.done);
    }
}

static void arm_one(struct alarm_clock *clock, struct nnet_worker *worker)
{
    clock->worker = worker;
    clock->timer.fire = on_fire;
    clock->due_ns =
        nnet_worker_now(worker).ns + (clock->delay_ns > 0 ? (uint64_t)clock->delay_ns : 0);
    nnet_timer_arm(worker, &clock->timer, clock->delay_ns);
}

static void arm_all(void *arg, struct nnet_worker *worker)
{
    struct alarm_clock *clocks = arg;

    for (unsigned i = 0; i < TIMERS; i++) {
        clocks[i].delay_ns = (int64_t)((i * 7919u) % 50) * NB_NS_PER_MS - NB_NS_PER_MS;
        arm_one(&clocks[i], worker);
    }
    for (unsigned i = 0; i < TIMERS; i += 3) { // out of the heap's middle
        nnet_timer_disarm(worker, &clocks[i].timer);
        nnet_timer_disarm(worker, &clocks[i].timer); // fine when not armed
    }
    for (unsigned i = 1; i < TIMERS; i += 3) { // moved, later and earlier
        clocks[i].delay_ns = (int64_t)((i * 104729u) % 60) * NB_NS_PER_MS;
        arm_one(&clocks[i], worker);
    }
}

static void run_timers(rig_fn arm, void *arg, unsigned wanted)
{
    struct rig rig;

    memset(&seen, 0, sizeof(seen));
    seen.wanted = wanted;
    sem_init(&seen.done, 0, 0);
    rig_start(&rig, 1);
    rig_call(nnet_group_worker(rig.group, 0), arm, arg);
    rig_wait_sem(&seen.done);
    rig_stop(&rig);
    sem_destroy(&seen.done);
}

static void timers_fire_in_order_and_not_before_their_time(void **state NB_UNUSED)
{
    struct alarm_clock *clocks = nb_calloc(TIMERS, sizeof(*clocks));
    unsigned disarmed = (TIMERS + 2) / 3;

    run_timers(arm_all, clocks, TIMERS - disarmed);
    for (unsigned i = 0; i < TIMERS; i++) {
        assert_int_equal(clocks[i].fired, i % 3 == 0 ? 0 : 1);
    }
    nb_free(clocks);
}

static void arm_three(void *arg, struct nnet_worker *worker)
{
    struct alarm_clock *clocks = arg;

    clocks[0].other = &clocks[1];
    for (unsigned i = 0; i < 3; i++) {
        clocks[i].delay_ns = NB_NS_PER_MS + i;
        arm_one(&clocks[i], worker);
    }
}

static void a_timer_may_disarm_another_that_is_due(void **state NB_UNUSED)
{
    struct alarm_clock clocks[3] = {{.fired = 0}};

    run_timers(arm_three, clocks, 2);
    assert_int_equal(clocks[0].fired, 1);
    assert_int_equal(clocks[1].fired, 0);
    assert_int_equal(clocks[2].fired, 1);
}

static void arm_again(void *arg, struct nnet_worker *worker)
{
    arm_one(arg, worker);
}

static void end_again(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct alarm_clock *clock = arg;

    assert_true(clock->fired > 0);
    clock->again = false;
}

// With no delay, for ever: other work still gets its turn.
static void a_timer_may_arm_itself_again(void **state NB_UNUSED)
{
    struct alarm_clock clock = {.again = true};
    struct rig rig;

    memset(&seen, 0, sizeof(seen));
    seen.wanted = 1;
    sem_init(&seen.done, 0, 0);
    rig_start(&rig, 1);
    rig_call(nnet_group_worker(rig.group, 0), arm_again, &clock);
    for (unsigned i = 0; i < 100; i++) {
        rig_call(nnet_group_worker(rig.group, 0), rig_do_nothing, NULL);
    }
    rig_call(nnet_group_worker(rig.group, 0), end_again, &clock);
    rig_wait_sem(&seen.done);
    rig_stop(&rig);
    sem_destroy(&seen.done);
    assert_true(clock.fired > 1);
}

static void arm_far(void *arg, struct nnet_worker *worker)
{
    struct alarm_clock *clocks = arg;

    clocks[0].delay_ns = INT64_MAX;
    arm_one(&clocks[0], worker);
    clocks[1].delay_ns = NB_NS_PER_MS;
    arm_one(&clocks[1], worker);
}

static void disarm_far(void *arg, struct nnet_worker *worker)
{
    struct alarm_clock *clocks = arg;

    assert_true(nnet_timer_is_armed(&clocks[0].timer));
    nnet_timer_disarm(worker, &clocks[0].timer);
}

static void a_timer_for_never_holds_nothing_up(void **state NB_UNUSED)
{
    struct alarm_clock clocks[2] = {{.fired = 0}};
    struct rig rig;

    memset(&seen, 0, sizeof(seen));
    seen.wanted = 1;
    sem_init(&seen.done, 0, 0);
    rig_start(&rig, 1);
    rig_call(nnet_group_worker(rig.group, 0), arm_far, clocks);
    rig_wait_sem(&seen.done);
    rig_call(nnet_group_worker(rig.group, 0), disarm_far, clocks);
    rig_stop(&rig);
    sem_destroy(&seen.done);
    assert_int_equal(clocks[0].fired, 0);
    assert_int_equal(clocks[1].fired, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_fire_in_order_and_not_before_their_time),
        cmocka_unit_test(a_timer_may_disarm_another_that_is_due),
        cmocka_unit_test(a_timer_may_arm_itself_again),
        cmocka_unit_test(a_timer_for_never_holds_nothing_up),
    };
    return cmocka_run_group_tests_name("timer", tests, NULL, NULL);
}
