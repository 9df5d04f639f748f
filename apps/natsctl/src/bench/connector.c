#include "bench/connector.h"

#include "bench/load.h"

static void on_ready(struct bench_session *session)
{
    struct bench_client *client = session->client;
    uint64_t now_ns = nb_mono_now().ns;

    client->msgs++;
    client->started_ns = (int64_t)session->worker->load->round_start_ns;
    client->ended_ns = (int64_t)now_ns;
    bench_histogram_record(&client->latency, now_ns - session->attempt_ns);
    atomic_store_explicit(&session->done, 1, memory_order_relaxed);
}

static void on_start(struct bench_session *session NB_UNUSED)
{
    // It is kept: the server's PINGs are answered in any case.
}

static void on_resume(struct bench_session *session NB_UNUSED)
{
    // It is counted.
}

static void destroy(struct bench_session *session)
{
    nb_free(session);
}

static const struct bench_stream_handler stream_handler = {.control = bench_session_control};

static const struct bench_role_ops ops = {
    .stream = &stream_handler,
    .ready = on_ready,
    .start = on_start,
    .stop = bench_session_finish,
    .resume = on_resume,
    .destroy = destroy,
};

struct bench_session *bench_connector_create(struct bench_client *client)
{
    struct bench_session *session = nb_zalloc(sizeof(*session));

    session->ops = &ops;
    session->client = client;
    return session;
}
