#include <natsd/ticker.h>

#include "worker.h"

#include <sys/timerfd.h>
#include <unistd.h>

struct nnet_ticker {
    struct nnet_worker *worker;
    nnet_ticker_fn fire;
    void *ctx;
    uv_poll_t poll; // data: the ticker
    int fd;         // -1: closed
    uint64_t due_ns;
    bool is_readable; // it fired, and was not set since
};

// The system's timer. Setting it takes back that it has fired, so it is never read.
static void set_timer(struct nnet_ticker *ticker, uint64_t due_ns)
{
    struct itimerspec at = {.it_value.tv_nsec = 0}; // zero: off
    int rc;

    if (due_ns != NNET_TICKER_OFF) {
        uint64_t ns = due_ns > 0 ? due_ns : 1;

        at.it_value.tv_sec = (time_t)(ns / (uint64_t)NB_NS_PER_S);
        at.it_value.tv_nsec = (long)(ns % (uint64_t)NB_NS_PER_S);
    }
    rc = timerfd_settime(ticker->fd, TFD_TIMER_ABSTIME, &at, NULL);
    assert(rc == 0);
    ticker->due_ns = due_ns;
    ticker->is_readable = false;
}

static void on_readable(uv_poll_t *handle, int status NB_UNUSED, int events NB_UNUSED)
{
    struct nnet_ticker *ticker = handle->data;
    struct nnet_worker *worker = ticker->worker;
    uint64_t now_ns = nb_mono_now().ns;

    nnet__worker_enter(worker);
    if (ticker->due_ns <= now_ns) { // else it was moved meanwhile
        ticker->due_ns = NNET_TICKER_OFF;
        ticker->is_readable = true;
        ticker->fire(ticker->ctx, now_ns);
        if (ticker->is_readable && ticker->fd >= 0) { // usually it was set again: one call less
            set_timer(ticker, NNET_TICKER_OFF);
        }
    }
    nnet__worker_leave(worker);
}

int nnet_ticker_open(struct nnet_worker *worker, nnet_ticker_fn fire, void *ctx,
                     struct nnet_ticker **out)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct nnet_ticker *ticker;

    nnet__assert_owner(worker);
    if (fd < 0) {
        return NB_EIO;
    }
    ticker = nb_zalloc(sizeof(*ticker));
    *ticker = (struct nnet_ticker){
        .worker = worker, .fire = fire, .ctx = ctx, .fd = fd, .due_ns = NNET_TICKER_OFF};
    NNET_UV_OK(uv_poll_init(&worker->loop, &ticker->poll, fd));
    ticker->poll.data = ticker;
    NNET_UV_OK(uv_poll_start(&ticker->poll, UV_READABLE, on_readable));
    *out = ticker;
    return NB_OK;
}

void nnet_ticker_set(struct nnet_ticker *ticker, uint64_t due_ns)
{
    nnet__assert_owner(ticker->worker);
    if (due_ns != ticker->due_ns) {
        set_timer(ticker, due_ns);
    }
}

static void on_closed(uv_handle_t *handle)
{
    nb_free(handle->data);
}

void nnet_ticker_close(struct nnet_ticker **ticker)
{
    struct nnet_ticker *closing = *ticker;

    if (closing == NULL) {
        return;
    }
    nnet__assert_owner(closing->worker);
    uv_close((uv_handle_t *)&closing->poll, on_closed); // it polls no more
    (void)close(closing->fd);                           // nothing can be done about it
    closing->fd = -1;
    *ticker = NULL;
}
