/* Alarms to the microsecond. */
#include "net_rig.h"

#include <natsd/ticker.h>

enum {
    PUNCTUAL = 50,
    TICKS = 8000,
};

#define PERIOD_NS ((uint64_t)(250 * NB_NS_PER_US))

struct clockwork {
    struct nnet_worker *worker;
    struct nnet_ticker *ticker;
    void (*on_tick)(struct clockwork *clockwork, uint64_t now_ns);
    uint64_t due_ns;
    unsigned fired;
    unsigned soon; // ticks less than half a millisecond late
    sem_t done;
};

static void on_fire(void *ctx, uint64_t now_ns)
{
    struct clockwork *clockwork = ctx;

    assert_true(nnet_worker_is_current(clockwork->worker));
    assert_true(now_ns >= clockwork->due_ns && nb_mono_now().ns >= now_ns);
    clockwork->fired++;
    clockwork->soon += now_ns - clockwork->due_ns < (uint64_t)NB_NS_PER_MS / 2;
    clockwork->on_tick(clockwork, now_ns);
}

static void set(struct clockwork *clockwork, uint64_t due_ns)
{
    clockwork->due_ns = due_ns;
    nnet_ticker_set(clockwork->ticker, due_ns);
}

static void open_ticker(void *arg, struct nnet_worker *worker)
{
    struct clockwork *clockwork = arg;

    clockwork->worker = worker;
    assert_int_equal(nnet_ticker_open(worker, on_fire, clockwork, &clockwork->ticker), NB_OK);
    set(clockwork, nb_mono_now().ns + PERIOD_NS);
}

static void close_ticker(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct clockwork *clockwork = arg;

    nnet_ticker_close(&clockwork->ticker);
    assert_null(clockwork->ticker);
    nnet_ticker_close(&clockwork->ticker);
}

// Until on_tick() says that it is done; then `then`, if there is something.
static void run(struct clockwork *clockwork, rig_fn then)
{
    struct rig rig;

    sem_init(&clockwork->done, 0, 0);
    rig_start(&rig, 1);
    rig_call(nnet_group_worker(rig.group, 0), open_ticker, clockwork);
    rig_wait_sem(&clockwork->done);
    if (then != NULL) {
        rig_call(nnet_group_worker(rig.group, 0), then, clockwork);
    }
    rig_call(nnet_group_worker(rig.group, 0), close_ticker, clockwork);
    rig_stop(&rig);
    sem_destroy(&clockwork->done);
}

static void go_on(struct clockwork *clockwork, uint64_t now_ns)
{
    if (clockwork->soon == PUNCTUAL || clockwork->fired == TICKS) {
        sem_post(&clockwork->done);
    } else {
        set(clockwork, now_ns + PERIOD_NS);
    }
}

// On a loaded machine many come late, but never one early and not all of them.
static void ticker_fires_once_per_setting_to_the_microsecond(void **state NB_UNUSED)
{
    struct clockwork clockwork = {.on_tick = go_on};

    run(&clockwork, NULL);
    assert_int_equal(clockwork.soon, PUNCTUAL);
}

static void stop_at_once(struct clockwork *clockwork, uint64_t now_ns NB_UNUSED)
{
    sem_post(&clockwork->done);
}

// A turn of the loop, in which a ticker that is still readable would fire.
static void pass_some_time(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct clockwork *clockwork = arg;

    assert_int_equal(clockwork->fired, 1);
    set(clockwork, nb_mono_now().ns + (uint64_t)NB_NS_PER_S * 3600);
}

static void ticker_is_silent_until_it_is_set_again(void **state NB_UNUSED)
{
    struct clockwork clockwork = {.on_tick = stop_at_once};

    run(&clockwork, pass_some_time);
    assert_int_equal(clockwork.fired, 1);
}

static void set_in_the_past(struct clockwork *clockwork, uint64_t now_ns)
{
    if (clockwork->fired == 3) {
        sem_post(&clockwork->done);
    } else {
        set(clockwork, clockwork->fired == 1 ? now_ns - 1 : 0);
    }
}

static void ticker_fires_at_once_for_what_is_past(void **state NB_UNUSED)
{
    struct clockwork clockwork = {.on_tick = set_in_the_past};

    run(&clockwork, NULL);
    assert_int_equal(clockwork.fired, 3);
}

static void move_twice(struct clockwork *clockwork, uint64_t now_ns)
{
    if (clockwork->fired == 2) {
        sem_post(&clockwork->done);
        return;
    }
    set(clockwork, now_ns + (uint64_t)NB_NS_PER_S * 3600);
    set(clockwork, NNET_TICKER_OFF);
    set(clockwork, now_ns + 2 * PERIOD_NS);
}

static void ticker_fires_for_the_last_setting_only(void **state NB_UNUSED)
{
    struct clockwork clockwork = {.on_tick = move_twice};

    run(&clockwork, NULL);
    assert_int_equal(clockwork.fired, 2);
}

static void close_itself(struct clockwork *clockwork, uint64_t now_ns NB_UNUSED)
{
    nnet_ticker_close(&clockwork->ticker);
    sem_post(&clockwork->done);
}

static void ticker_may_be_closed_in_its_callback(void **state NB_UNUSED)
{
    struct clockwork clockwork = {.on_tick = close_itself};

    run(&clockwork, NULL);
    assert_int_equal(clockwork.fired, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticker_fires_once_per_setting_to_the_microsecond),
        cmocka_unit_test(ticker_is_silent_until_it_is_set_again),
        cmocka_unit_test(ticker_fires_at_once_for_what_is_past),
        cmocka_unit_test(ticker_fires_for_the_last_setting_only),
        cmocka_unit_test(ticker_may_be_closed_in_its_callback),
    };

    return cmocka_run_group_tests_name("ticker", tests, NULL, NULL);
}
