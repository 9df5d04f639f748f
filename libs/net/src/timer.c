#include <natsd/timer.h>

#include "worker.h"

#include <stdint.h>

/* A binary heap of the armed timers, and one timer of the loop set for the first of them.
 * The loop's timer counts milliseconds, so it may come early; then it is set again. It is
 * moved when an earlier timer is armed, but not when the first one is disarmed: that costs a
 * needless wake-up now and then instead of a change for each message with a deadline.
 */
enum {
    TIMERS_ROOM_MIN = 64,
};

static void place(struct nnet_worker *worker, size_t i, struct nnet_timer *timer)
{
    worker->timers[i] = timer;
    timer->index = i + 1;
}

static void sift_up(struct nnet_worker *worker, size_t i, struct nnet_timer *timer)
{
    while (i > 0) {
        size_t parent = (i - 1) / 2;

        if (worker->timers[parent]->due_ns <= timer->due_ns) {
            break;
        }
        place(worker, i, worker->timers[parent]);
        i = parent;
    }
    place(worker, i, timer);
}

static void sift_down(struct nnet_worker *worker, size_t i, struct nnet_timer *timer)
{
    for (;;) {
        size_t child = 2 * i + 1;

        if (child >= worker->timer_count) {
            break;
        }
        if (child + 1 < worker->timer_count &&
            worker->timers[child + 1]->due_ns < worker->timers[child]->due_ns) {
            child++;
        }
        if (timer->due_ns <= worker->timers[child]->due_ns) {
            break;
        }
        place(worker, i, worker->timers[child]);
        i = child;
    }
    place(worker, i, timer);
}

// Somewhere in the heap, where it belongs.
static void settle(struct nnet_worker *worker, size_t i, struct nnet_timer *timer)
{
    sift_up(worker, i, timer);
    sift_down(worker, timer->index - 1, timer);
}

static void on_alarm(uv_timer_t *handle);

// The loop's clock is up to a pass behind: the alarm comes early rather than late.
static void set_alarm(struct nnet_worker *worker)
{
    uint64_t first_ns = worker->timers[0]->due_ns;
    uint64_t now_ns = worker->now.ns;
    uint64_t delay_ms = first_ns > now_ns ? (first_ns - now_ns) / (uint64_t)NB_NS_PER_MS + 1 : 0;

    worker->alarm_ns = first_ns;
    NNET_UV_OK(uv_timer_start(&worker->alarm, on_alarm, delay_ms, 0));
}

static void on_alarm(uv_timer_t *handle)
{
    struct nnet_worker *worker = handle->data;

    nnet__worker_enter(worker);
    worker->now = nb_mono_now(); // the pass may have begun a while ago
    worker->alarm_ns = UINT64_MAX;
    worker->is_firing = true;
    while (worker->timer_count > 0 && worker->timers[0]->due_ns <= worker->now.ns) {
        struct nnet_timer *timer = worker->timers[0];

        nnet_timer_disarm(worker, timer);
        timer->fire(timer);
    }
    worker->is_firing = false;
    if (worker->timer_count > 0 && worker->timers[0]->due_ns < worker->alarm_ns) {
        set_alarm(worker);
    }
    nnet__worker_leave(worker);
}

static uint64_t due_after(const struct nnet_worker *worker, int64_t delay_ns)
{
    uint64_t delay = delay_ns > 0 ? (uint64_t)delay_ns : 0;
    uint64_t due_ns;

    if (worker->is_firing && delay == 0) {
        delay = 1; // not in this run, so that the run ends
    }
    return __builtin_add_overflow(worker->now.ns, delay, &due_ns) ? UINT64_MAX : due_ns;
}

void nnet_timer_arm(struct nnet_worker *worker, struct nnet_timer *timer, int64_t delay_ns)
{
    nnet__assert_owner(worker);
    assert(timer->fire != NULL);
    timer->due_ns = due_after(worker, delay_ns);
    if (timer->index != 0) {
        settle(worker, timer->index - 1, timer);
    } else {
        if (worker->timer_count == worker->timer_room) {
            worker->timer_room = worker->timer_room > 0 ? worker->timer_room * 2 : TIMERS_ROOM_MIN;
            worker->timers =
                nb_realloc(worker->timers, worker->timer_room * sizeof(struct nnet_timer *));
        }
        worker->timer_count++;
        sift_up(worker, worker->timer_count - 1, timer);
    }
    if (worker->timers[0]->due_ns < worker->alarm_ns && !worker->is_firing) {
        set_alarm(worker);
    }
}

void nnet_timer_disarm(struct nnet_worker *worker, struct nnet_timer *timer)
{
    size_t i = timer->index;
    struct nnet_timer *last;

    if (i == 0) {
        return;
    }
    nnet__assert_owner(worker);
    i--;
    assert(i < worker->timer_count && worker->timers[i] == timer);
    timer->index = 0;
    worker->timer_count--;
    last = worker->timers[worker->timer_count];
    if (last != timer) {
        settle(worker, i, last);
    }
}

void nnet__timers_init(struct nnet_worker *worker)
{
    NNET_UV_OK(uv_timer_init(&worker->loop, &worker->alarm));
    worker->alarm.data = worker;
    worker->alarm_ns = UINT64_MAX;
}

void nnet__timers_fini(struct nnet_worker *worker)
{
    nb_free(worker->timers);
    worker->timers = NULL;
}
