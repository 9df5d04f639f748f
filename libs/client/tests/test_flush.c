#include "fake_server.h"

struct result {
    struct watcher watcher;
    int rc;
    unsigned count;
};

static void result_init(struct result *result)
{
    memset(result, 0, sizeof(*result));
    watcher_init(&result->watcher);
}

static void on_flushed(void *ctx, int rc)
{
    struct result *result = ctx;

    result->rc = rc;
    result->count++;
    watcher_mark(&result->watcher);
}

static void flush_is_over_with_its_own_pong(void **state NB_UNUSED)
{
    struct result first;
    struct result second;
    struct pair pair;

    pair_open(&pair);
    result_init(&first);
    result_init(&second);
    assert_int_equal(nclient_publish(pair.client, text("a"), text("1")), NB_OK);
    nclient_flush(pair.client, 0, on_flushed, &first);
    assert_int_equal(nclient_publish(pair.client, text("b"), text("2")), NB_OK);
    nclient_flush(pair.client, 0, on_flushed, &second);
    peer_expect(&pair.peer, "PUB a 1\r\n1\r\nPING\r\nPUB b 1\r\n2\r\nPING\r\n");
    peer_send(&pair.peer, "PONG\r\n");
    watcher_await_mark(&first.watcher);
    assert_int_equal(first.rc, NB_OK);
    assert_int_equal(second.count, 0);
    peer_send(&pair.peer, "PONG\r\nPONG\r\n"); // one too many does no harm
    watcher_await_mark(&second.watcher);
    assert_int_equal(second.rc, NB_OK);
    pair_close(&pair);
    watcher_fini(&first.watcher);
    watcher_fini(&second.watcher);
}

// The PONG of a flush that gave up is not taken for the next one's.
static void flush_times_out(void **state NB_UNUSED)
{
    struct result first;
    struct result second;
    struct pair pair;

    pair_open(&pair);
    result_init(&first);
    result_init(&second);
    nclient_flush(pair.client, NB_NS_PER_MS, on_flushed, &first);
    watcher_await_mark(&first.watcher);
    assert_int_equal(first.rc, NB_ETIMEDOUT);
    nclient_flush(pair.client, 0, on_flushed, &second);
    peer_expect(&pair.peer, "PING\r\nPING\r\n");
    peer_send(&pair.peer, "PONG\r\nPING\r\n");
    peer_expect(&pair.peer, "PONG\r\n");
    assert_int_equal(second.count, 0);
    peer_send(&pair.peer, "PONG\r\n");
    watcher_await_mark(&second.watcher);
    assert_int_equal(second.rc, NB_OK);
    assert_int_equal(first.count, 1);
    pair_close(&pair);
    watcher_fini(&first.watcher);
    watcher_fini(&second.watcher);
}

static void flush_fails_with_the_connection_it_was_sent_on(void **state NB_UNUSED)
{
    struct result sent;
    struct result away;
    struct pair pair;

    pair_open(&pair);
    result_init(&sent);
    result_init(&away);
    nclient_flush(pair.client, 0, on_flushed, &sent);
    peer_expect(&pair.peer, "PING\r\n");
    peer_close(&pair.peer);
    watcher_await_mark(&sent.watcher);
    assert_int_equal(sent.rc, NB_ECLOSED);
    watcher_await(&pair.watcher, NCLIENT_DISCONNECTED);
    nclient_flush(pair.client, 0, on_flushed, &away);
    assert_int_equal(nclient_publish(pair.client, text("a"), text("")), NB_OK);
    peer_greet(&pair.peer, &pair.fake);
    peer_expect(&pair.peer, "PUB a 0\r\n\r\nPING\r\n"); // what waited is flushed together
    peer_send(&pair.peer, "PONG\r\n");
    watcher_await_mark(&away.watcher);
    assert_int_equal(away.rc, NB_OK);
    pair_close(&pair);
    watcher_fini(&sent.watcher);
    watcher_fini(&away.watcher);
}

static void flush_while_away_times_out(void **state NB_UNUSED)
{
    struct pair pair;

    pair_open(&pair);
    peer_close(&pair.peer);
    watcher_await(&pair.watcher, NCLIENT_DISCONNECTED);
    assert_int_equal(nclient_flush_wait(pair.client, NB_NS_PER_MS), NB_ETIMEDOUT);
    peer_greet(&pair.peer, &pair.fake);
    watcher_await(&pair.watcher, NCLIENT_RECONNECTED);
    peer_send(&pair.peer, "PING\r\n");
    peer_expect(&pair.peer, "PONG\r\n"); // and no PING for it
    pair_close(&pair);
}

static void flush_fails_when_the_client_closes(void **state NB_UNUSED)
{
    struct result result;
    struct pair pair;

    pair_open(&pair);
    result_init(&result);
    nclient_flush(pair.client, 0, on_flushed, &result);
    pair_close(&pair);
    assert_int_equal(result.rc, NB_ECLOSED);
    assert_int_equal(result.count, 1);
    watcher_fini(&result.watcher);
}

// -- keep-alive ------------------------------------------------------------------------------

static void server_that_answers_pings_is_kept(void **state NB_UNUSED)
{
    struct nclient_opts opts = {.ping_interval_ns = NB_NS_PER_MS, .pings_out_max = 20000};
    struct pair pair;

    pair_open_opts(&pair, &opts);
    for (int i = 0; i < 10; i++) {
        peer_expect(&pair.peer, "PING\r\n");
        peer_send(&pair.peer, "PONG\r\n");
    }
    nclient_close(pair.client);
    watcher_await(&pair.watcher, NCLIENT_CLOSED); // not DISCONNECTED
    pair_fini(&pair);
}

static void on_nothing(void *ctx NB_UNUSED, struct nclient_sub *sub NB_UNUSED,
                       const struct nclient_message *message NB_UNUSED)
{
}

static void silent_server_is_left_for_a_new_connection(void **state NB_UNUSED)
{
    struct nclient_opts opts = {.ping_interval_ns = 20 * NB_NS_PER_MS};
    const struct nclient_sub_opts sub = {.subject = "a", .message = on_nothing};
    struct pair pair;
    struct peer next;

    pair_open_opts(&pair, &opts);
    assert_int_equal(nclient_subscribe(pair.client, &sub, NULL), NB_OK);
    peer_expect(&pair.peer, "SUB a 1\r\nPING\r\nPING\r\n"); // two may be unanswered
    assert_string_equal(watcher_await(&pair.watcher, NCLIENT_DISCONNECTED), "stale connection");
    peer_expect_end(&pair.peer);
    peer_greet(&next, &pair.fake);
    peer_expect(&next, "SUB a 1\r\n");
    watcher_await(&pair.watcher, NCLIENT_RECONNECTED);
    peer_close(&pair.peer);
    pair.peer = next;
    pair_close(&pair);
}

static void any_pong_shows_life(void **state NB_UNUSED)
{
    struct nclient_opts opts = {.ping_interval_ns = 40 * NB_NS_PER_MS, .pings_out_max = 4};
    struct pair pair;

    pair_open_opts(&pair, &opts);
    for (int i = 0; i < 6; i++) { // more than could stay unanswered
        peer_expect(&pair.peer, "PING\r\n");
        peer_send(&pair.peer, "PONG\r\n");
    }
    peer_expect(&pair.peer, "PING\r\nPING\r\nPING\r\nPING\r\n");
    watcher_await(&pair.watcher, NCLIENT_DISCONNECTED);
    pair_close(&pair);
}

static void ping_of_the_server_is_answered(void **state NB_UNUSED)
{
    struct pair pair;

    pair_open(&pair);
    peer_send(&pair.peer, "PING\r\n+OK\r\nPI");
    peer_send(&pair.peer, "NG\r\n");
    peer_expect(&pair.peer, "PONG\r\nPONG\r\n");
    pair_close(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flush_is_over_with_its_own_pong),
        cmocka_unit_test(flush_times_out),
        cmocka_unit_test(flush_fails_with_the_connection_it_was_sent_on),
        cmocka_unit_test(flush_while_away_times_out),
        cmocka_unit_test(flush_fails_when_the_client_closes),
        cmocka_unit_test(server_that_answers_pings_is_kept),
        cmocka_unit_test(silent_server_is_left_for_a_new_connection),
        cmocka_unit_test(any_pong_shows_life),
        cmocka_unit_test(ping_of_the_server_is_answered),
    };
    return cmocka_run_group_tests_name("flush", tests, NULL, NULL);
}
