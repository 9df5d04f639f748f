/* natsd/timer.h - many timers per worker, each a few words inside its owner's object.
 *
 * Threads: [owner]. A timer fires at most once per arming, from the loop, not before its
 * time; `fire` may arm it again, disarm others, and free the object it lives in.
 */
#pragma once

#include <natsd/worker.h>

struct nnet_timer {
    void (*fire)(struct nnet_timer *timer);
    // private
    uint64_t due_ns;
    size_t index; // place in the worker's heap + 1; 0: not armed
};

// Arms for now + delay, or moves an armed one. A negative delay is 0.
void nnet_timer_arm(struct nnet_worker *worker, struct nnet_timer *timer, int64_t delay_ns);
void nnet_timer_disarm(struct nnet_worker *worker, struct nnet_timer *timer); // fine when not armed

static inline bool nnet_timer_is_armed(const struct nnet_timer *timer)
{
    return timer->index != 0;
}
