#include "pings.h"

#include <natsd/clock.h>

#include <semaphore.h>

struct run {
    struct nclient *client;
    struct pings pings;
    unsigned wanted;
    int64_t timeout_ns;
    struct nb_mono start;
    int rc;
    sem_t done;
};

static void on_pong(void *ctx, int rc);

static void ping(struct run *run)
{
    run->start = nb_mono_now();
    nclient_flush(run->client, run->timeout_ns, on_pong, run);
}

static void on_pong(void *ctx, int rc)
{
    struct run *run = ctx;
    int64_t rtt_ns = nb_mono_since(nb_mono_now(), run->start);
    struct pings *pings = &run->pings;

    run->rc = rc;
    if (rc == NB_OK) {
        pings->min_ns = pings->count == 0 || rtt_ns < pings->min_ns ? rtt_ns : pings->min_ns;
        pings->max_ns = rtt_ns > pings->max_ns ? rtt_ns : pings->max_ns;
        pings->sum_ns += rtt_ns;
        pings->count++;
    }
    if (rc == NB_OK && pings->count < run->wanted) {
        ping(run);
    } else {
        sem_post(&run->done);
    }
}

// The first one wakes the client's thread and is not counted.
static void on_warm(void *ctx, int rc)
{
    struct run *run = ctx;

    run->rc = rc;
    if (rc == NB_OK) {
        ping(run);
    } else {
        sem_post(&run->done);
    }
}

int pings_take(struct connection *connection, unsigned count, struct pings *out)
{
    struct run run = {.client = connection->client,
                      .wanted = count,
                      .timeout_ns = cli_timeout_ns(connection->cli)};

    sem_init(&run.done, 0, 0);
    nclient_flush(run.client, run.timeout_ns, on_warm, &run);
    while (sem_wait(&run.done) != 0) { // a signal came
    }
    sem_destroy(&run.done);
    *out = run.pings;
    return run.rc;
}
