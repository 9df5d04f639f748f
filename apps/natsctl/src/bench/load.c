#include "bench/load.h"

#include <assert.h>
#include <sched.h>
#include <time.h>

#define LOOK_PERIOD_NS (100 * NB_NS_PER_MS) // at the progress
#define LATE_MAX_NS (10 * NB_NS_PER_MS)     // behind the schedule, for a thread that keeps to it
#define STOP_MAX_NS (5 * NB_NS_PER_S)       // for those that were told to stop
#define DRAIN_MAX_NS (2 * NB_NS_PER_S)      // the same after a signal

enum {
    CPU_FULL_PERCENT = 95, // a thread that took more was the limit
};

// -- what workers tell -----------------------------------------------------------------------

static void lock(struct bench_load *load)
{
    pthread_mutex_lock(&load->mutex);
}

static void unlock_changed(struct bench_load *load)
{
    pthread_cond_signal(&load->changed);
    pthread_mutex_unlock(&load->mutex);
}

void bench_load_warn(struct bench_load *load, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    lock(load);
    bench_result_warn(load->result, "%s", text);
    unlock_changed(load);
}

struct nnet_tls_context *bench_load_tls(struct bench_load *load, struct nb_diag *diag)
{
    struct nnet_tls_context *tls;

    lock(load);
    if (load->tls == NULL && nclient_login_load_tls(load->login, &load->tls, diag) != NB_OK) {
        load->tls = NULL;
    }
    tls = load->tls;
    unlock_changed(load);
    return tls;
}

void bench_load_note_server(struct bench_load *load, size_t server, const struct nproto_info *info,
                            bool has_tls)
{
    lock(load);
    if (!load->has_server) {
        load->has_server = true;
        nclient_login_describe(load->login, server, info, has_tls, &load->result->server);
    }
    unlock_changed(load);
}

void bench_load_note_ready(struct bench_load *load)
{
    lock(load);
    load->ready_count++;
    unlock_changed(load);
}

// Each server's first cause is kept.
void bench_load_note_failure(struct bench_load *load, const char *server, const char *text,
                             bool is_last)
{
    char *all = load->failure.text;
    size_t used;

    lock(load);
    used = strlen(all);
    if (strstr(all, server) == NULL && used + 1 < sizeof(load->failure.text)) {
        snprintf(all + used, sizeof(load->failure.text) - used, "%s%s: %s", used > 0 ? "; " : "",
                 server, text);
    }
    load->failed_count += is_last ? 1 : 0;
    unlock_changed(load);
}

// A run that waits for a server says why; the result has the rest.
void bench_load_note_loss(struct bench_load *load, const struct bench_client *client,
                          const char *text)
{
    bool is_first;

    lock(load);
    bench_result_warn(load->result, "%s %u lost its connection: %s", bench_role_name(client->role),
                      client->index, text);
    is_first = !load->has_told_loss;
    load->has_told_loss = true;
    unlock_changed(load);
    if (is_first) {
        cli_warn(load->cli, "disconnected: %s", text);
    }
}

void bench_load_note_finished(struct bench_load *load, bool is_driver)
{
    lock(load);
    if (is_driver) {
        load->driver_count--;
    } else {
        load->passive_count--;
    }
    unlock_changed(load);
}

void bench_load_note_order(struct bench_load *load)
{
    lock(load);
    load->order_count--;
    unlock_changed(load);
}

void bench_load_count_open(struct bench_load *load, int change)
{
    lock(load);
    load->open_count = change > 0 ? load->open_count + 1 : load->open_count - 1;
    unlock_changed(load);
}

void bench_load_complete(struct bench_load *load)
{
    lock(load);
    load->is_complete = true;
    unlock_changed(load);
}

void bench_load_fail(struct bench_load *load, const char *text)
{
    lock(load);
    if (!load->has_failed) {
        load->has_failed = true;
        nb_diag_set(&load->failure, "%s", text);
    }
    unlock_changed(load);
}

static void on_signal(void *ctx, int number)
{
    struct bench_load *load = ctx;

    lock(load);
    load->signal = number;
    unlock_changed(load);
}

// -- waiting ---------------------------------------------------------------------------------

static uint64_t count_done(const struct bench_load *load)
{
    uint64_t done = 0;

    for (size_t i = 0; i < load->session_count; i++) {
        const struct bench_session *session = load->sessions[i];

        if (session->client->role == load->shown_role) {
            done += atomic_load_explicit(&session->done, memory_order_relaxed);
        }
    }
    return done;
}

static void show(struct bench_load *load, const struct bench_round *round)
{
    load->shown_role = round->role;
    if (round->is_shown) {
        bench_progress_start(&load->progress, round->wants_bar, round->interval_ns, round->goal,
                             round->duration_ns);
    }
}

static void hide(struct bench_load *load, const struct bench_round *round)
{
    if (round->is_shown) {
        bench_progress_end(&load->progress);
    }
}

void bench_load_failure(struct bench_load *load, struct nb_diag *out)
{
    lock(load);
    *out = load->failure;
    pthread_mutex_unlock(&load->mutex);
}

int bench_load_signal(struct bench_load *load)
{
    int number;

    lock(load);
    number = load->signal;
    pthread_mutex_unlock(&load->mutex);
    return number;
}

bool bench_load_has_failed(struct bench_load *load)
{
    bool has_failed;

    lock(load);
    has_failed = load->has_failed;
    pthread_mutex_unlock(&load->mutex);
    return has_failed;
}

typedef bool (*load_condition_fn)(const struct bench_load *load); // under the lock

static struct timespec time_of(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / (uint64_t)NB_NS_PER_S),
                             .tv_nsec = (long)(ns % (uint64_t)NB_NS_PER_S)};
}

// Until it is so, or this time has come; false then. 0: no such time.
static bool wait_until(struct bench_load *load, load_condition_fn is_so, uint64_t end_ns,
                       bool is_shown)
{
    bool result;

    lock(load);
    while (!(result = is_so(load))) {
        uint64_t now_ns = nb_mono_now().ns;
        uint64_t next_ns = now_ns + (uint64_t)LOOK_PERIOD_NS;
        struct timespec next;

        if (end_ns != 0 && now_ns >= end_ns) {
            break;
        }
        next = time_of(end_ns != 0 && end_ns < next_ns ? end_ns : next_ns);
        pthread_cond_timedwait(&load->changed, &load->mutex, &next);
        if (is_shown && nb_mono_now().ns >= next_ns) {
            bench_progress_show(&load->progress, count_done(load));
        }
    }
    pthread_mutex_unlock(&load->mutex);
    return result;
}

static bool has_carried_out(const struct bench_load *load)
{
    return load->order_count == 0;
}

// All workers do it before this returns.
static void order(struct bench_load *load, enum bench_order what)
{
    lock(load);
    load->order_count = load->worker_count;
    pthread_mutex_unlock(&load->mutex);
    for (unsigned i = 0; i < load->worker_count; i++) {
        struct bench_worker *worker = &load->workers[i];

        nnet_worker_post(worker->worker, &worker->tasks[what].task);
    }
    (void)wait_until(load, has_carried_out, 0, false);
}

// -- opening ---------------------------------------------------------------------------------

static void on_start(void *ctx, struct nnet_worker *thread)
{
    struct bench_load *load = ctx;

    if (!nnet_worker_is_control(thread)) {
        struct bench_worker *worker = &load->workers[nnet_worker_index(thread)];

        nnet_worker_set_user(thread, worker);
        if (bench_worker_start(worker, thread) != NB_OK) {
            bench_load_note_failure(load, "timer", "the system refuses one", true);
        }
        bench_load_note_order(load);
    }
}

static void on_pass_end(void *ctx NB_UNUSED, struct nnet_worker *thread)
{
    if (!nnet_worker_is_control(thread)) {
        bench_worker_on_pass_end(nnet_worker_user(thread));
    }
}

static unsigned core_count(void)
{
    cpu_set_t set;

    return sched_getaffinity(0, sizeof(set), &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

unsigned bench_load_thread_count(unsigned threads_max, size_t session_count)
{
    unsigned count = threads_max > 0 ? threads_max : core_count();

    count = count < session_count ? count : (unsigned)session_count;
    return count < NNET_WORKERS_MAX ? count : NNET_WORKERS_MAX;
}

static const struct nb_logger no_log;

static int start_threads(struct bench_load *load)
{
    const struct nnet_group_opts opts = {.worker_count = load->worker_count,
                                         .log = &no_log,
                                         .start = on_start,
                                         .pass_end = on_pass_end,
                                         .ctx = load};

    load->workers = nb_calloc(load->worker_count, sizeof(*load->workers));
    load->order_count = load->worker_count;
    for (unsigned i = 0; i < load->worker_count; i++) {
        bench_worker_init(&load->workers[i], load);
    }
    if (nnet_group_create(&opts, &load->group) != NB_OK) {
        load->group = NULL;
        return cli_fail(load->cli, "no threads could be made");
    }
    (void)wait_until(load, has_carried_out, 0, false);
    return load->failed_count == 0 ? EXIT_CODE_OK : cli_fail(load->cli, "%s", load->failure.text);
}

static int make_login(struct bench_load *load)
{
    struct nb_diag diag = {""};
    struct nclient_opts opts;

    if (settings_resolve(load->cli, &load->settings, &diag) != NB_OK) {
        return cli_usage(load->cli, "%s", diag.text);
    }
    opts = settings_client_opts(&load->settings, load->cli);
    if (nclient_login_create(&opts, &load->login, &diag) != NB_OK) {
        return cli_usage(load->cli, "%s", diag.text);
    }
    if (opts.tls_skip_verify) {
        cli_warn(load->cli, "the server's certificate is not verified");
    }
    return EXIT_CODE_OK;
}

int bench_load_open(struct bench_load *load, const struct cli *cli,
                    const struct bench_load_opts *opts, struct bench_result *result)
{
    pthread_condattr_t attr;
    int code;

    *load =
        (struct bench_load){.cli = cli, .result = result, .connecting_max = BENCH_CONNECTING_MAX};
    bench_result_init(result, opts->kind);
    pthread_mutex_init(&load->mutex, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&load->changed, &attr);
    pthread_condattr_destroy(&attr);
    code = make_login(load);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    signals_watch(&load->signals, on_signal, load);
    load->worker_count = bench_load_thread_count(opts->threads_max, opts->session_count);
    result->threads = load->worker_count;
    return start_threads(load);
}

static bool has_closed(const struct bench_load *load)
{
    return load->open_count == 0;
}

void bench_load_close(struct bench_load *load)
{
    if (load->group != NULL) {
        order(load, BENCH_ORDER_CLOSE);
        (void)wait_until(load, has_closed, 0, false);
        nnet_group_destroy(&load->group);
    }
    for (size_t i = 0; i < load->session_count; i++) {
        load->sessions[i]->ops->destroy(load->sessions[i]);
    }
    nb_free(load->sessions);
    for (unsigned i = 0; load->workers != NULL && i < load->worker_count; i++) {
        bench_worker_fini(&load->workers[i]);
    }
    nb_free(load->workers);
    nnet_tls_context_unref(load->tls);
    nclient_login_destroy(&load->login);
    signals_unwatch(&load->signals);
    settings_fini(&load->settings);
    pthread_cond_destroy(&load->changed);
    pthread_mutex_destroy(&load->mutex);
}

// -- connecting ------------------------------------------------------------------------------

void bench_load_add(struct bench_load *load, struct bench_session *session)
{
    struct bench_worker *worker = &load->workers[load->session_count % load->worker_count];

    if (load->session_count == load->session_room) {
        load->session_room = load->session_room > 0 ? 2 * load->session_room : 64;
        load->sessions = nb_realloc(load->sessions, load->session_room * sizeof(load->sessions[0]));
    }
    session->worker = worker;
    session->is_finished = true; // until a round begins
    session->server = load->session_count % nclient_login_server_count(load->login);
    load->sessions[load->session_count++] = session;
    nb_list_append(&worker->waiting, &session->link);
}

static bool has_connected(const struct bench_load *load)
{
    return load->signal != 0 || load->ready_count + load->failed_count == load->session_count;
}

static bool has_connected_or_failed(const struct bench_load *load)
{
    return (load->failed_count > 0 && !load->counts_failures) || has_connected(load);
}

static bool are_enough(struct bench_load *load)
{
    bool result;

    lock(load);
    result = load->failed_count == 0 || (load->counts_failures && load->ready_count > 0);
    pthread_mutex_unlock(&load->mutex);
    return result;
}

int bench_load_connect(struct bench_load *load, const struct bench_round *round)
{
    struct nb_diag why;

    show(load, round);
    load->result->started_wall_ns = nb_wall_now().ns;
    load->round_start_ns = nb_mono_now().ns;
    order(load, BENCH_ORDER_CONNECT);
    (void)wait_until(load, has_connected_or_failed, 0, round->is_shown);
    order(load, BENCH_ORDER_MEASURE); // who told it may still be in the middle of something
    hide(load, round);
    if (bench_load_signal(load) != 0) {
        return EXIT_CODE_SIGNAL + bench_load_signal(load);
    }
    if (are_enough(load)) {
        return EXIT_CODE_OK;
    }
    bench_load_failure(load, &why);
    return cli_fail(load->cli, "%s", why.text);
}

// -- a round ---------------------------------------------------------------------------------

static bool drivers_are_done(const struct bench_load *load)
{
    return load->driver_count == 0;
}

static bool drivers_may_go_on(const struct bench_load *load)
{
    return load->signal != 0 || load->has_failed || load->driver_count == 0;
}

static bool all_are_done(const struct bench_load *load)
{
    return load->driver_count + load->passive_count == 0;
}

static bool nothing_is_awaited(const struct bench_load *load)
{
    return load->signal != 0 || load->has_failed || load->is_complete || all_are_done(load);
}

static void begin(struct bench_load *load, const struct bench_round *round)
{
    load->driver_count = 0;
    load->passive_count = 0;
    load->is_complete = false;
    load->is_warm_up = round->is_warm_up;
    for (size_t i = 0; i < load->session_count; i++) {
        if (load->sessions[i]->ops->is_driver) {
            load->driver_count++;
        } else {
            load->passive_count++;
        }
    }
    load->has_drivers = load->driver_count > 0;
    show(load, round);
    order(load, BENCH_ORDER_START);
    load->round_start_ns = nb_mono_now().ns;
    order(load, BENCH_ORDER_DRIVE);
}

static uint64_t time_in(int64_t ns)
{
    return nb_mono_now().ns + (uint64_t)ns;
}

// What they have sent is handled by the server then, however long that takes; but not after a
// signal.
static void lead_drivers(struct bench_load *load, const struct bench_round *round, uint64_t end_ns)
{
    (void)wait_until(load, drivers_may_go_on, end_ns, round->is_shown);
    order(load, BENCH_ORDER_STOP_DRIVERS);
    (void)wait_until(load, drivers_may_go_on, 0, round->is_shown);
    (void)wait_until(load, drivers_are_done, time_in(STOP_MAX_NS), round->is_shown);
    if (round->settle != NULL) {
        round->settle(load);
    }
    order(load, BENCH_ORDER_SETTLE);
}

// The drivers until their end or the round's, then those that receive.
static void lead(struct bench_load *load, const struct bench_round *round)
{
    uint64_t end_ns =
        round->duration_ns > 0 ? load->round_start_ns + (uint64_t)round->duration_ns : 0;

    if (load->has_drivers) {
        lead_drivers(load, round, end_ns);
        (void)wait_until(load, nothing_is_awaited, 0, round->is_shown);
        (void)wait_until(load, all_are_done, time_in(DRAIN_MAX_NS), round->is_shown);
    } else {
        (void)wait_until(load, nothing_is_awaited, end_ns, round->is_shown);
    }
    order(load, BENCH_ORDER_STOP_PASSIVE);
    if (!wait_until(load, all_are_done, time_in(STOP_MAX_NS), false)) {
        bench_load_warn(load, "not all clients ended in time");
        order(load, BENCH_ORDER_GIVE_UP);
    }
}

// A thread that was busy all the time while no socket was full could not have sent more. One that
// kept to its schedule had nothing more to send.
static void look_for_limits(struct bench_load *load)
{
    order(load, BENCH_ORDER_MEASURE);
    for (unsigned i = 0; i < load->worker_count; i++) {
        const struct bench_worker *worker = &load->workers[i];

        bool is_late = !load->has_rate || worker->late_ns > (uint64_t)LATE_MAX_NS;

        if (worker->cpu_share * 100 > CPU_FULL_PERCENT && !worker->was_blocked && is_late &&
            !load->is_warm_up) {
            bench_load_warn(load, "tool-bound: thread %u of natsctl was at its limit", i + 1);
        }
    }
}

bool bench_load_run(struct bench_load *load, const struct bench_round *round)
{
    begin(load, round);
    lead(load, round);
    look_for_limits(load);
    hide(load, round);
    return bench_load_signal(load) == 0 && !bench_load_has_failed(load);
}
