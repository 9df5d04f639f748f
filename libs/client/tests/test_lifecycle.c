#include "fake_server.h"

#include <natsd/worker.h>

static void close_writes_what_is_queued(void **state NB_UNUSED)
{
    struct pair pair;

    pair_open(&pair);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(nclient_publish(pair.client, text("a"), text("12345")), NB_OK);
    }
    nclient_close(pair.client);
    for (int i = 0; i < 1000; i++) {
        peer_expect(&pair.peer, "PUB a 5\r\n12345\r\n");
    }
    peer_expect_end(&pair.peer);
    watcher_await(&pair.watcher, NCLIENT_CLOSED);
    pair_fini(&pair);
}

static void close_is_fine_while_connecting(void **state NB_UNUSED)
{
    struct nclient_opts opts = {.name = NULL};
    struct watcher watcher;
    struct fake fake;

    fake_open(&fake);
    watcher_init(&watcher);
    opts.urls = fake.url;
    opts.event = watcher_event;
    opts.event_ctx = &watcher;
    for (int i = 0; i < 50; i++) { // in different moments of a connection's beginning
        struct nclient *client;

        assert_int_equal(nclient_connect(&opts, &client, NULL), NB_OK);
        if (i % 2 == 0) {
            assert_int_equal(nclient_flush_wait(client, i * 20000 + 1), NB_ETIMEDOUT);
        }
        nclient_close_wait(client);
        assert_string_equal(watcher_await(&watcher, NCLIENT_CLOSED), "closed");
    }
    fake_close(&fake);
    watcher_fini(&watcher);
}

static void close_is_fine_while_away(void **state NB_UNUSED)
{
    struct nclient_opts opts = {.reconnect_wait_ns = 3600 * NB_NS_PER_S};
    struct pair pair;

    pair_open_opts(&pair, &opts);
    peer_close(&pair.peer);
    watcher_await(&pair.watcher, NCLIENT_DISCONNECTED);
    assert_int_equal(nclient_publish(pair.client, text("a"), text("")), NB_OK);
    pair_close(&pair);
}

// The user's last chance to use the handle.
static void close_in_closed(void *ctx, struct nclient *client, enum nclient_event event,
                            const char *why)
{
    watcher_event(ctx, client, event, why);
    if (event == NCLIENT_CLOSED) {
        nclient_close(client);
    }
}

static void client_that_ended_by_itself_may_be_closed_in_its_last_event(void **state NB_UNUSED)
{
    struct nclient_opts opts = {.no_reconnect = true};
    struct watcher watcher;
    struct nclient *client;
    struct fake fake;
    struct peer peer;

    fake_open(&fake);
    watcher_init(&watcher);
    opts.urls = fake.url;
    opts.event = close_in_closed;
    opts.event_ctx = &watcher;
    assert_int_equal(nclient_connect(&opts, &client, NULL), NB_OK);
    peer_greet(&peer, &fake);
    watcher_await(&watcher, NCLIENT_CONNECTED);
    peer_close(&peer);
    watcher_await(&watcher, NCLIENT_DISCONNECTED);
    watcher_await(&watcher, NCLIENT_CLOSED);
    fake_close(&fake);
    watcher_fini(&watcher);
}

// -- on a worker that others have, too -------------------------------------------------------

enum {
    SHARED_CLIENTS = 5,
};

static void clients_share_a_worker(void **state NB_UNUSED)
{
    struct nb_logger log = {.write = NULL};
    const struct nnet_group_opts group_opts = {.worker_count = 1, .log = &log};
    struct nclient *clients[SHARED_CLIENTS];
    struct peer peers[SHARED_CLIENTS];
    struct nnet_group *group;
    struct watcher watcher;
    struct fake fake;

    fake_open(&fake);
    watcher_init(&watcher);
    assert_int_equal(nnet_group_create(&group_opts, &group), NB_OK);
    for (size_t i = 0; i < SHARED_CLIENTS; i++) {
        struct nclient_opts opts = {.urls = fake.url,
                                    .worker = nnet_group_worker(group, 0),
                                    .event = watcher_event,
                                    .event_ctx = &watcher};

        assert_int_equal(nclient_connect(&opts, &clients[i], NULL), NB_OK);
        peer_greet(&peers[i], &fake);
        watcher_await(&watcher, NCLIENT_CONNECTED);
    }
    for (size_t i = 0; i < SHARED_CLIENTS; i++) {
        assert_int_equal(nclient_publish(clients[i], text("a"), text("b")), NB_OK);
        peer_expect(&peers[i], "PUB a 1\r\nb\r\n");
    }
    for (size_t i = 0; i < SHARED_CLIENTS; i++) {
        if (i % 2 == 0) {
            close_client(clients[i], &peers[i]);
        } else {
            nclient_close(clients[i]);
            peer_expect_end(&peers[i]);
            peer_close(&peers[i]);
        }
        watcher_await(&watcher, NCLIENT_CLOSED);
    }
    nnet_group_destroy(&group);
    fake_close(&fake);
    watcher_fini(&watcher);
}

// -- draining --------------------------------------------------------------------------------

struct drained {
    struct watcher watcher;
    struct nclient *client;
    unsigned count;
    unsigned done_count;
};

static void on_message(void *ctx, struct nclient_sub *sub NB_UNUSED,
                       const struct nclient_message *message NB_UNUSED)
{
    struct drained *drained = ctx;

    drained->count++;
    assert_int_equal(nclient_publish(drained->client, text("late"), text("")), NB_OK);
    watcher_mark(&drained->watcher);
}

static void on_done(void *ctx)
{
    struct drained *drained = ctx;

    drained->done_count++;
}

struct drain_call {
    struct nclient *client;
    int64_t timeout_ns;
    int rc;
};

static void *run_drain(void *arg)
{
    struct drain_call *call = arg;

    call->rc = nclient_drain_wait(call->client, call->timeout_ns);
    return NULL;
}

static void begin_drain(struct pair *pair, struct drained *drained, struct drain_call *call,
                        pthread_t *thread)
{
    const struct nclient_sub_opts opts = {
        .subject = "a", .message = on_message, .done = on_done, .ctx = drained};

    pair_open(pair);
    memset(drained, 0, sizeof(*drained));
    watcher_init(&drained->watcher);
    drained->client = pair->client;
    assert_int_equal(nclient_subscribe(pair->client, &opts, NULL), NB_OK);
    assert_int_equal(nclient_subscribe(pair->client, &opts, NULL), NB_OK);
    peer_expect(&pair->peer, "SUB a 1\r\nSUB a 2\r\n");
    call->client = pair->client;
    pthread_create(thread, NULL, run_drain, call);
    peer_expect(&pair->peer, "UNSUB 1\r\nUNSUB 2\r\nPING\r\n");
}

static void drain_delivers_and_sends_what_is_on_its_way(void **state NB_UNUSED)
{
    struct drain_call call = {.timeout_ns = 0};
    struct drained drained;
    struct pair pair;
    pthread_t thread;

    begin_drain(&pair, &drained, &call, &thread);
    peer_send(&pair.peer, "MSG a 1 0\r\n\r\nMSG a 2 0\r\n\r\nPONG\r\nMSG a 1 0\r\n\r\n");
    peer_expect(&pair.peer, "PUB late 0\r\n\r\nPUB late 0\r\n\r\nPING\r\n");
    peer_send(&pair.peer, "PONG\r\n");
    peer_expect_end(&pair.peer);
    peer_close(&pair.peer);
    pthread_join(thread, NULL);
    assert_int_equal(call.rc, NB_OK);
    assert_int_equal(drained.count, 2);
    assert_int_equal(drained.done_count, 2);
    watcher_await(&pair.watcher, NCLIENT_CLOSED);
    pair_fini(&pair);
    watcher_fini(&drained.watcher);
}

static void drain_ends_in_time(void **state NB_UNUSED)
{
    struct drain_call call = {.timeout_ns = NB_NS_PER_MS};
    struct drained drained;
    struct pair pair;
    pthread_t thread;

    begin_drain(&pair, &drained, &call, &thread);
    peer_expect_end(&pair.peer);
    peer_close(&pair.peer);
    pthread_join(thread, NULL);
    assert_int_equal(call.rc, NB_ETIMEDOUT);
    assert_int_equal(drained.done_count, 2);
    pair_fini(&pair);
    watcher_fini(&drained.watcher);
}

static void drain_fails_when_the_connection_is_lost(void **state NB_UNUSED)
{
    struct drain_call call = {.timeout_ns = 0};
    struct drained drained;
    struct pair pair;
    pthread_t thread;

    begin_drain(&pair, &drained, &call, &thread);
    peer_close(&pair.peer);
    pthread_join(thread, NULL);
    assert_int_equal(call.rc, NB_ECLOSED);
    assert_int_equal(drained.done_count, 2);
    pair_fini(&pair);
    watcher_fini(&drained.watcher);
}

// -- callbacks and other threads at the end --------------------------------------------------

static void on_flushed_flush_again(void *ctx, int rc)
{
    struct drained *drained = ctx;

    drained->count++;
    if (rc == NB_ECLOSED && drained->count < 3) {
        nclient_flush(drained->client, 0, on_flushed_flush_again, drained);
    }
}

static void callbacks_may_still_ask_while_it_closes(void **state NB_UNUSED)
{
    struct drained drained = {.count = 0};
    struct pair pair;

    pair_open(&pair);
    drained.client = pair.client;
    nclient_flush(pair.client, 0, on_flushed_flush_again, &drained);
    pair_close(&pair);
    assert_int_equal(drained.count, 3);
}

static void *publish_until_closed(void *arg)
{
    struct nclient *client = arg;

    while (nclient_publish(client, text("a"), text("b")) != NB_ECLOSED) {
    }
    return NULL;
}

// It ends by itself; the handle stays good until it is closed.
static void publishers_learn_that_it_closed(void **state NB_UNUSED)
{
    struct nclient_opts opts = {.no_reconnect = true, .reconnect_buffer_size = 64 * 1024};
    struct pair pair;
    pthread_t threads[2];

    pair_open_opts(&pair, &opts);
    for (size_t i = 0; i < NB_ARRAY_LEN(threads); i++) {
        pthread_create(&threads[i], NULL, publish_until_closed, pair.client);
    }
    peer_expect(&pair.peer, "PUB a 1\r\nb\r\n");
    peer_close(&pair.peer);
    for (size_t i = 0; i < NB_ARRAY_LEN(threads); i++) {
        pthread_join(threads[i], NULL);
    }
    watcher_await(&pair.watcher, NCLIENT_DISCONNECTED);
    watcher_await(&pair.watcher, NCLIENT_CLOSED);
    pair_close(&pair);
}

// -- options ---------------------------------------------------------------------------------

static void connect_refuses_options_that_make_no_sense(void **state NB_UNUSED)
{
    char long_prefix[NCLIENT_INBOX_PREFIX_MAX_BYTES + 2];
    const struct {
        const char *name;
        struct nclient_opts opts;
        int want;
    } cases[] = {
        {"no URL", {.urls = ""}, NB_EINVALID},
        {"bad port", {.urls = "nats://h:0"}, NB_EMALFORMED},
        {"WebSocket", {.urls = "ws://h"}, NB_EUNSUPPORTED},
        {"two keys", {.creds = "x", .nkey_seed = "y"}, NB_EINVALID},
        {"bad creds", {.creds = "x"}, NB_EMALFORMED},
        {"bad seed", {.nkey_seed = "SUx"}, NB_EMALFORMED},
        {"certificate without key", {.tls_cert_file = "c"}, NB_EINVALID},
        {"key without certificate", {.tls_key_file = "k"}, NB_EINVALID},
        {"inbox with a wildcard", {.inbox_prefix = "a.*"}, NB_EINVALID},
        {"empty inbox", {.inbox_prefix = ""}, NB_EINVALID},
        {"long inbox", {.inbox_prefix = long_prefix}, NB_EINVALID},
        {"negative time", {.ping_interval_ns = -1}, NB_EINVALID},
    };

    memset(long_prefix, 'a', sizeof(long_prefix));
    long_prefix[sizeof(long_prefix) - 1] = '\0';
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nclient *client = NULL;
        struct nb_diag diag = {""};
        int rc = nclient_connect(&cases[i].opts, &client, &diag);

        if (rc != cases[i].want || diag.text[0] == '\0') {
            fail_msg("%s: %d %s", cases[i].name, rc, diag.text);
        }
        assert_null(client);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(close_writes_what_is_queued),
        cmocka_unit_test(close_is_fine_while_connecting),
        cmocka_unit_test(close_is_fine_while_away),
        cmocka_unit_test(client_that_ended_by_itself_may_be_closed_in_its_last_event),
        cmocka_unit_test(clients_share_a_worker),
        cmocka_unit_test(drain_delivers_and_sends_what_is_on_its_way),
        cmocka_unit_test(drain_ends_in_time),
        cmocka_unit_test(drain_fails_when_the_connection_is_lost),
        cmocka_unit_test(callbacks_may_still_ask_while_it_closes),
        cmocka_unit_test(publishers_learn_that_it_closed),
        cmocka_unit_test(connect_refuses_options_that_make_no_sense),
    };
    return cmocka_run_group_tests_name("lifecycle", tests, NULL, NULL);
}
