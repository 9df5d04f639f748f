#include "bench/worker.h"

#include "bench/load.h"

#include <sys/resource.h>

#define TICK_MIN_NS (20 * NB_NS_PER_US) // what is due closer together is done together

// -- time ------------------------------------------------------------------------------------

static uint64_t ns_of(const struct timeval *time)
{
    return (uint64_t)time->tv_sec * (uint64_t)NB_NS_PER_S +
           (uint64_t)time->tv_usec * (uint64_t)NB_NS_PER_US;
}

static uint64_t thread_cpu_ns(void)
{
    struct rusage usage;

    if (getrusage(RUSAGE_THREAD, &usage) != 0) {
        return 0;
    }
    return ns_of(&usage.ru_utime) + ns_of(&usage.ru_stime);
}

static void on_tick(void *ctx, uint64_t now_ns)
{
    struct bench_worker *worker = ctx;
    struct bench_agenda_item *item;

    worker->tick_ns = now_ns;
    while ((item = bench_agenda_take_due(&worker->agenda, now_ns)) != NULL) {
        struct bench_session *session = nb_container_of(item, struct bench_session, agenda);

        if (session->state == BENCH_SESSION_READY) { // else it goes on when it is
            session->ops->due(session, now_ns);
        }
    }
}

void bench_worker_set_due(struct bench_worker *worker, struct bench_session *session,
                          uint64_t due_ns)
{
    bench_agenda_set(&worker->agenda, &session->agenda, due_ns);
}

void bench_worker_on_pass_end(struct bench_worker *worker)
{
    uint64_t next_ns = bench_agenda_next_ns(&worker->agenda);
    uint64_t least_ns = worker->tick_ns + (uint64_t)TICK_MIN_NS;

    if (worker->ticker != NULL) {
        nnet_ticker_set(worker->ticker, next_ns > least_ns ? next_ns : least_ns);
    }
}

int bench_worker_start(struct bench_worker *worker, struct nnet_worker *thread)
{
    worker->worker = thread;
    return nnet_ticker_open(thread, on_tick, worker, &worker->ticker);
}

// -- connecting ------------------------------------------------------------------------------

void bench_worker_connect(struct bench_worker *worker, struct bench_session *session)
{
    worker->connecting_count++;
    bench_load_count_open(worker->load, 1);
    bench_session_connect(session);
}

static void connect_more(struct bench_worker *worker)
{
    struct nb_link *link;

    while (worker->connecting_count < worker->load->connecting_max &&
           (link = nb_list_take_first(&worker->waiting)) != NULL) {
        nb_list_append(&worker->sessions, link);
        bench_worker_connect(worker, nb_container_of(link, struct bench_session, link));
    }
}

void bench_worker_on_ready(struct bench_worker *worker, bool is_first)
{
    worker->connecting_count--;
    if (is_first) {
        bench_load_note_ready(worker->load);
    }
    connect_more(worker);
}

void bench_worker_on_failed(struct bench_worker *worker, struct bench_session *session,
                            const char *server, const char *text)
{
    size_t server_count = nclient_login_server_count(worker->load->login);
    bool is_last;

    worker->connecting_count--;
    session->tries++;
    session->server = (session->server + 1) % server_count;
    is_last = session->tries >= server_count;
    if (!session->was_ready) {
        session->client->errors += is_last ? 1 : 0;
        bench_load_note_failure(worker->load, server, text, is_last);
    }
}

// Its socket is gone, or was never there. It may have servers left to be tried.
void bench_worker_on_closed(struct bench_worker *worker, struct bench_session *session)
{
    bench_load_count_open(worker->load, -1);
    if (worker->is_closing) {
        return;
    }
    if (session->was_ready && session->ops->resume != NULL) {
        bench_session_reconnect(session);
    } else if (!session->was_ready &&
               session->tries < nclient_login_server_count(worker->load->login)) {
        nb_link_remove(&session->link);
        session->state = BENCH_SESSION_WAITING;
        nb_list_append(&worker->waiting, &session->link);
    }
    connect_more(worker);
}

// -- rounds ----------------------------------------------------------------------------------

void bench_worker_on_finished(struct bench_worker *worker, struct bench_session *session)
{
    bench_agenda_remove(&worker->agenda, &session->agenda);
    bench_load_note_finished(worker->load, session->ops->is_driver);
}

enum bench_sessions { // which of them
    BENCH_SESSIONS_DRIVERS,
    BENCH_SESSIONS_PASSIVE,
    BENCH_SESSIONS_ALL,
};

static bool belongs(const struct bench_session *session, enum bench_sessions which)
{
    switch (which) {
    case BENCH_SESSIONS_DRIVERS:
        return session->ops->is_driver;
    case BENCH_SESSIONS_PASSIVE:
        return !session->ops->is_driver;
    case BENCH_SESSIONS_ALL:
        return true;
    }
    NB_UNREACHABLE("which sessions");
}

static void start(struct bench_worker *worker)
{
    worker->start_ns = nb_mono_now().ns;
    worker->cpu_start_ns = thread_cpu_ns();
    worker->was_blocked = false;
    worker->late_ns = 0;
    NB_LIST_FOREACH (link, &worker->sessions) {
        struct bench_session *session = nb_container_of(link, struct bench_session, link);

        session->is_finished = false;
        atomic_store_explicit(&session->done, 0, memory_order_relaxed);
        if (session->state != BENCH_SESSION_READY) {
            bench_session_finish(session); // it was lost before
        } else if (!session->ops->is_driver) {
            session->ops->start(session);
        }
    }
}

static void drive(struct bench_worker *worker)
{
    NB_LIST_FOREACH (link, &worker->sessions) {
        struct bench_session *session = nb_container_of(link, struct bench_session, link);

        if (session->ops->is_driver && !session->is_finished) {
            session->ops->start(session);
        }
    }
}

static void measure(struct bench_worker *worker)
{
    uint64_t wall_ns = nb_mono_now().ns - worker->start_ns;
    uint64_t cpu_ns = thread_cpu_ns() - worker->cpu_start_ns;

    worker->cpu_share = wall_ns > 0 ? (double)cpu_ns / (double)wall_ns : 0;
}

static void stop(struct bench_worker *worker, enum bench_sessions which)
{
    NB_LIST_FOREACH (link, &worker->sessions) {
        struct bench_session *session = nb_container_of(link, struct bench_session, link);

        if (session->is_finished || !belongs(session, which)) {
            continue;
        }
        if (session->state == BENCH_SESSION_READY) {
            session->ops->stop(session);
        } else {
            bench_session_finish(session);
        }
    }
}

static void settle(struct bench_worker *worker)
{
    NB_LIST_FOREACH (link, &worker->sessions) {
        struct bench_session *session = nb_container_of(link, struct bench_session, link);

        if (session->is_finished || session->ops->settle == NULL) {
            continue;
        }
        if (session->state == BENCH_SESSION_READY) {
            session->ops->settle(session);
        } else {
            bench_session_finish(session);
        }
    }
}

static void give_up(struct bench_worker *worker)
{
    NB_LIST_FOREACH (link, &worker->sessions) {
        bench_session_finish(nb_container_of(link, struct bench_session, link));
    }
}

static void close_all(struct bench_worker *worker)
{
    worker->is_closing = true;
    nb_list_init(&worker->waiting);
    nnet_ticker_close(&worker->ticker);
    NB_LIST_FOREACH (link, &worker->sessions) {
        bench_session_close(nb_container_of(link, struct bench_session, link));
    }
}

static void on_order(struct nnet_task *task, struct nnet_worker *thread NB_UNUSED)
{
    struct bench_order_task *order = nb_container_of(task, struct bench_order_task, task);
    struct bench_worker *worker = order->worker;

    switch (order->order) {
    case BENCH_ORDER_CONNECT:
        connect_more(worker);
        break;
    case BENCH_ORDER_START:
        start(worker);
        break;
    case BENCH_ORDER_DRIVE:
        drive(worker);
        break;
    case BENCH_ORDER_STOP_DRIVERS:
        stop(worker, BENCH_SESSIONS_DRIVERS);
        break;
    case BENCH_ORDER_SETTLE:
        settle(worker);
        break;
    case BENCH_ORDER_STOP_PASSIVE:
        stop(worker, BENCH_SESSIONS_PASSIVE);
        break;
    case BENCH_ORDER_GIVE_UP:
        give_up(worker);
        break;
    case BENCH_ORDER_MEASURE:
        measure(worker);
        break;
    case BENCH_ORDER_CLOSE:
        close_all(worker);
        break;
    case BENCH_ORDER_COUNT:
        break;
    }
    bench_load_note_order(worker->load);
}

void bench_worker_init(struct bench_worker *worker, struct bench_load *load)
{
    *worker = (struct bench_worker){.load = load};
    nb_list_init(&worker->sessions);
    nb_list_init(&worker->waiting);
    for (unsigned i = 0; i < BENCH_ORDER_COUNT; i++) {
        worker->tasks[i] = (struct bench_order_task){
            .task = {.run = on_order}, .worker = worker, .order = (enum bench_order)i};
    }
}

void bench_worker_fini(struct bench_worker *worker)
{
    bench_agenda_fini(&worker->agenda);
}
