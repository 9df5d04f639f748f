/* natsd/ticker.h - an alarm that is as precise as the system allows: microseconds, where timers
 * (natsd/timer.h) count milliseconds.
 *
 * Each setting is a system call, so this is for a few things that must happen at their moment,
 * not for deadlines of many.
 *
 * Threads: [owner]. `fire` runs from the loop, at most once per setting, not before its time;
 * it may set the ticker again, or close it.
 */
#pragma once

#include <natsd/worker.h>

struct nnet_ticker;

typedef void (*nnet_ticker_fn)(void *ctx, uint64_t now_ns); // the monotonic clock, just read

#define NNET_TICKER_OFF UINT64_MAX

// NB_EIO when the system refuses.
NB_MUST_USE int nnet_ticker_open(struct nnet_worker *worker, nnet_ticker_fn fire, void *ctx,
                                 struct nnet_ticker **out);
// At this moment of the monotonic clock, or as soon as possible when it is past; instead of what
// was set before.
void nnet_ticker_set(struct nnet_ticker *ticker, uint64_t due_ns);
void nnet_ticker_close(struct nnet_ticker **ticker); // does not fire any more; fine on NULL
