#include "fake_server.h"

static struct nclient_message message(const char *subject, const char *reply, const char *headers,
                                      const char *data)
{
    return (struct nclient_message){.subject = text(subject),
                                    .reply = text(reply),
                                    .headers = text(headers),
                                    .data = text(data)};
}

static void publish_writes_exact_bytes(void **state NB_UNUSED)
{
    const struct nclient_message with_all =
        message("a.b", "r.1", "NATS/1.0\r\nX: y\r\n\r\n", "body");
    const struct nclient_message with_reply = message("a", "r", "", "x\r\ny");
    const struct nclient_message headers_alone = message("h", "", "NATS/1.0\r\n\r\n", "");
    struct nclient_stats stats;
    struct pair pair;

    pair_open(&pair);
    assert_int_equal(nclient_publish(pair.client, text("foo"), text("hello")), NB_OK);
    assert_int_equal(nclient_publish(pair.client, text("empty"), text("")), NB_OK);
    assert_int_equal(nclient_publish_message(pair.client, &with_reply), NB_OK);
    assert_int_equal(nclient_publish_message(pair.client, &with_all), NB_OK);
    assert_int_equal(nclient_publish_message(pair.client, &headers_alone), NB_OK);
    peer_expect(&pair.peer, "PUB foo 5\r\nhello\r\n"
                            "PUB empty 0\r\n\r\n"
                            "PUB a r 4\r\nx\r\ny\r\n"
                            "HPUB a.b r.1 18 22\r\nNATS/1.0\r\nX: y\r\n\r\nbody\r\n"
                            "HPUB h 12 12\r\nNATS/1.0\r\n\r\n\r\n");
    nclient_stats(pair.client, &stats);
    assert_int_equal(stats.out_msgs, 5);
    assert_int_equal(stats.out_bytes, 5 + 0 + 4 + 22 + 12);
    pair_close(&pair);
}

static const struct {
    const char *name;
    const char *subject, *reply, *headers;
    int want;
} refusals[] = {
    {"no subject", "", "", "", NB_EINVALID},
    {"empty token", "a..b", "", "", NB_EINVALID},
    {"blank", "a b", "", "", NB_EINVALID},
    {"line end", "a\r\nPUB b 0", "", "", NB_EINVALID},
    {"star", "a.*", "", "", NB_EINVALID},
    {"all", ">", "", "", NB_EINVALID},
    {"bad reply", "a", "r r", "", NB_EINVALID},
    {"wildcard reply", "a", "r.>", "", NB_EINVALID},
    {"no header block", "a", "", "X: y\r\n\r\n", NB_EINVALID},
    {"cut header block", "a", "", "NATS/1.0\r\nX: y\r\n", NB_EINVALID},
};

static void publish_refuses_what_would_break_the_protocol(void **state NB_UNUSED)
{
    struct pair pair;

    pair_open(&pair);
    for (size_t i = 0; i < NB_ARRAY_LEN(refusals); i++) {
        const struct nclient_message bad =
            message(refusals[i].subject, refusals[i].reply, refusals[i].headers, "x");
        int rc = nclient_publish_message(pair.client, &bad);

        if (rc != refusals[i].want) {
            fail_msg("%s: %d", refusals[i].name, rc);
        }
    }
    assert_int_equal(nclient_publish(pair.client, text("ok"), text("")), NB_OK);
    peer_expect(&pair.peer, "PUB ok 0\r\n\r\n"); // and nothing before it
    pair_close(&pair);
}

static void publish_obeys_subject_length(void **state NB_UNUSED)
{
    char *subject = test_calloc(1, NCLIENT_SUBJECT_MAX_BYTES + 1);
    struct pair pair;

    memset(subject, 'a', NCLIENT_SUBJECT_MAX_BYTES + 1);
    pair_open(&pair);
    assert_int_equal(nclient_publish(pair.client,
                                     nb_slice_make(subject, NCLIENT_SUBJECT_MAX_BYTES + 1),
                                     text("")),
                     NB_EINVALID);
    assert_int_equal(
        nclient_publish(pair.client, nb_slice_make(subject, NCLIENT_SUBJECT_MAX_BYTES), text("")),
        NB_OK);
    peer_expect(&pair.peer, "PUB ");
    peer_expect_bytes(&pair.peer, subject, NCLIENT_SUBJECT_MAX_BYTES);
    peer_expect(&pair.peer, " 0\r\n\r\n");
    pair_close(&pair);
    test_free(subject);
}

// The server's limit is known from its INFO, and counts headers too.
static void publish_obeys_max_payload(void **state NB_UNUSED)
{
    const struct nclient_message at_limit = message("a", "", "NATS/1.0\r\n\r\n", "12345678");
    const struct nclient_message beyond = message("a", "", "NATS/1.0\r\n\r\n", "123456789");
    struct nclient_opts opts = {.name = NULL};
    struct pair pair;

    pair_open_opts(&pair, &opts);
    peer_send(&pair.peer, "INFO {\"headers\":true,\"max_payload\":20} \r\nPING\r\n");
    peer_expect(&pair.peer, "PONG\r\n");
    assert_int_equal(nclient_publish_message(pair.client, &beyond), NB_ELIMIT);
    assert_int_equal(nclient_publish_message(pair.client, &at_limit), NB_OK);
    assert_int_equal(nclient_publish(pair.client, text("a"), text("123456789012345678901")),
                     NB_ELIMIT);
    peer_expect(&pair.peer, "HPUB a 12 20\r\nNATS/1.0\r\n\r\n12345678\r\n");
    peer_send(&pair.peer, "INFO {\"headers\":false,\"max_payload\":20} \r\nPING\r\n");
    peer_expect(&pair.peer, "PONG\r\n");
    assert_int_equal(nclient_publish_message(pair.client, &at_limit), NB_EUNSUPPORTED);
    pair_close(&pair);
}

// What goes into a shared chunk, and what has one of its own.
static void publish_takes_every_size(void **state NB_UNUSED)
{
    static const size_t sizes[] = {0,     1,     4000,   16 * 1024 - 60, 16 * 1024, 20000,
                                   60000, 65536, 100000, 1048576,        10};
    uint8_t *data = test_malloc(1048576);
    struct pair pair;

    for (size_t i = 0; i < 1048576; i++) {
        data[i] = (uint8_t)(i * 7 + i / 256);
    }
    pair_open(&pair);
    for (unsigned round = 0; round < 3; round++) {
        for (size_t i = 0; i < NB_ARRAY_LEN(sizes); i++) {
            char line[64];

            assert_int_equal(
                nclient_publish(pair.client, text("size"), nb_slice_make(data, sizes[i])), NB_OK);
            snprintf(line, sizeof(line), "PUB size %zu\r\n", sizes[i]);
            peer_expect(&pair.peer, line);
            peer_expect_bytes(&pair.peer, data, sizes[i]);
            peer_expect(&pair.peer, "\r\n");
        }
    }
    pair_close(&pair);
    test_free(data);
}

enum {
    THREADS = 4,
    MESSAGES_PER_THREAD = 5000,
};

struct publisher {
    struct nclient *client;
    unsigned number;
};

static void *publish_numbers(void *arg)
{
    struct publisher *publisher = arg;

    for (unsigned i = 0; i < MESSAGES_PER_THREAD; i++) {
        char subject[16];
        char data[16];

        snprintf(subject, sizeof(subject), "t%u", publisher->number);
        snprintf(data, sizeof(data), "%u", i);
        assert_int_equal(nclient_publish(publisher->client, text(subject), text(data)), NB_OK);
    }
    return NULL;
}

static void publish_keeps_the_order_of_each_thread(void **state NB_UNUSED)
{
    struct publisher publishers[THREADS];
    pthread_t threads[THREADS];
    unsigned next[THREADS] = {0};
    struct pair pair;

    pair_open(&pair);
    for (unsigned i = 0; i < THREADS; i++) {
        publishers[i] = (struct publisher){.client = pair.client, .number = i};
        pthread_create(&threads[i], NULL, publish_numbers, &publishers[i]);
    }
    for (unsigned i = 0; i < THREADS * MESSAGES_PER_THREAD; i++) {
        unsigned thread;
        unsigned size;
        char want[16];

        assert_int_equal(sscanf(peer_line(&pair.peer), "PUB t%u %u", &thread, &size), 2);
        assert_true(thread < THREADS);
        snprintf(want, sizeof(want), "%u", next[thread]++);
        assert_string_equal(peer_line(&pair.peer), want);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(next[i], MESSAGES_PER_THREAD);
    }
    pair_close(&pair);
}

// -- away ------------------------------------------------------------------------------------

static void publish_before_the_connection_waits_for_it(void **state NB_UNUSED)
{
    struct nclient_opts opts = {.name = NULL};
    struct nclient *client;
    struct fake fake;
    struct peer peer;

    fake_open(&fake);
    opts.urls = fake.url;
    assert_int_equal(nclient_connect(&opts, &client, NULL), NB_OK);
    assert_int_equal(nclient_publish(client, text("early"), text("1")), NB_OK);
    peer_greet(&peer, &fake);
    peer_expect(&peer, "PUB early 1\r\n1\r\n");
    close_client(client, &peer);
    fake_close(&fake);
}

static void publish_while_away_is_sent_after_reconnecting(void **state NB_UNUSED)
{
    struct pair pair;

    pair_open(&pair);
    peer_close(&pair.peer);
    watcher_await(&pair.watcher, NCLIENT_DISCONNECTED);
    assert_int_equal(nclient_publish(pair.client, text("a"), text("1")), NB_OK);
    assert_int_equal(nclient_publish(pair.client, text("b"), text("2")), NB_OK);
    peer_greet(&pair.peer, &pair.fake);
    peer_expect(&pair.peer, "PUB a 1\r\n1\r\nPUB b 1\r\n2\r\n");
    watcher_await(&pair.watcher, NCLIENT_RECONNECTED);
    assert_int_equal(nclient_publish(pair.client, text("c"), text("3")), NB_OK);
    peer_expect(&pair.peer, "PUB c 1\r\n3\r\n");
    pair_close(&pair);
}

// "PUB a 2\r\n" and "xx\r\n": 13 bytes each.
static void publish_while_away_is_refused_at_the_limit(void **state NB_UNUSED)
{
    struct nclient_opts opts = {.reconnect_buffer_size = 60};
    struct pair pair;

    pair_open_opts(&pair, &opts);
    peer_close(&pair.peer);
    watcher_await(&pair.watcher, NCLIENT_DISCONNECTED);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(nclient_publish(pair.client, text("a"), text("xx")), NB_OK);
    }
    assert_int_equal(nclient_publish(pair.client, text("a"), text("123456789")), NB_ELIMIT);
    peer_greet(&pair.peer, &pair.fake);
    for (int i = 0; i < 4; i++) {
        peer_expect(&pair.peer, "PUB a 2\r\nxx\r\n");
    }
    watcher_await(&pair.watcher, NCLIENT_RECONNECTED);
    peer_send(&pair.peer, "PING\r\n");
    peer_expect(&pair.peer, "PONG\r\n");
    assert_int_equal(nclient_publish(pair.client, text("a"), text("123456789")), NB_OK);
    peer_expect(&pair.peer, "PUB a 9\r\n123456789\r\n");
    pair_close(&pair);
}

static void publish_takes_a_large_message_when_nothing_waits(void **state NB_UNUSED)
{
    struct nclient_opts opts = {.reconnect_buffer_size = 10};
    struct pair pair;

    pair_open_opts(&pair, &opts);
    peer_close(&pair.peer);
    watcher_await(&pair.watcher, NCLIENT_DISCONNECTED);
    assert_int_equal(nclient_publish(pair.client, text("a"), text("more than ten")), NB_OK);
    assert_int_equal(nclient_publish(pair.client, text("a"), text("")), NB_ELIMIT);
    peer_greet(&pair.peer, &pair.fake);
    peer_expect(&pair.peer, "PUB a 13\r\nmore than ten\r\n");
    pair_close(&pair);
}

// A server that stops reading must not make memory grow.
static void publish_is_refused_when_the_server_does_not_read(void **state NB_UNUSED)
{
    struct nclient_opts opts = {.reconnect_buffer_size = 256 * 1024};
    char data[4096] = "";
    size_t accepted = 0;
    struct pair pair;
    int rc;

    pair_open_opts(&pair, &opts);
    do {
        rc = nclient_publish(pair.client, text("a"), nb_slice_make(data, sizeof(data)));
        accepted += rc == NB_OK ? 1 : 0;
    } while (rc == NB_OK && accepted < 100000);
    assert_int_equal(rc, NB_ELIMIT);
    for (size_t i = 0; i < accepted; i++) {
        peer_expect(&pair.peer, "PUB a 4096\r\n");
        peer_expect_bytes(&pair.peer, data, sizeof(data));
        peer_expect(&pair.peer, "\r\n");
    }
    assert_int_equal(nclient_publish(pair.client, text("b"), text("")), NB_OK);
    peer_expect(&pair.peer, "PUB b 0\r\n\r\n");
    pair_close(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(publish_writes_exact_bytes),
        cmocka_unit_test(publish_refuses_what_would_break_the_protocol),
        cmocka_unit_test(publish_obeys_subject_length),
        cmocka_unit_test(publish_obeys_max_payload),
        cmocka_unit_test(publish_takes_every_size),
        cmocka_unit_test(publish_keeps_the_order_of_each_thread),
        cmocka_unit_test(publish_before_the_connection_waits_for_it),
        cmocka_unit_test(publish_while_away_is_sent_after_reconnecting),
        cmocka_unit_test(publish_while_away_is_refused_at_the_limit),
        cmocka_unit_test(publish_takes_a_large_message_when_nothing_waits),
        cmocka_unit_test(publish_is_refused_when_the_server_does_not_read),
    };
    return cmocka_run_group_tests_name("publish", tests, NULL, NULL);
}
