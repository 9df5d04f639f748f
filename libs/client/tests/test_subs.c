#include "fake_server.h"

// A subscription that writes down what it gets.
struct inbox {
    struct watcher watcher; // a mark for each message, and for the end
    char log[65536];
    size_t used;
    unsigned count;
    unsigned done_count;
    unsigned stop_after; // unsubscribes itself in that message's callback; 0: never
    struct nclient *client;
    const char *answer; // published to the reply, or NULL
};

static void inbox_init(struct inbox *inbox, struct nclient *client)
{
    memset(inbox, 0, sizeof(*inbox));
    watcher_init(&inbox->watcher);
    inbox->client = client;
}

static void inbox_fini(struct inbox *inbox)
{
    watcher_fini(&inbox->watcher);
}

static void note(struct inbox *inbox, struct slice bytes)
{
    size_t room = sizeof(inbox->log) - 1 - inbox->used;
    size_t n = bytes.n < room ? bytes.n : room;

    if (n > 0) {
        memcpy(inbox->log + inbox->used, bytes.p, n);
    }
    inbox->used += n;
}

static void on_message(void *ctx, struct nclient_sub *sub, const struct nclient_message *message)
{
    struct inbox *inbox = ctx;

    note(inbox, message->subject);
    note(inbox, text("|"));
    note(inbox, message->reply);
    note(inbox, text("|"));
    note(inbox, message->headers);
    note(inbox, text("|"));
    note(inbox, message->data);
    note(inbox, text(";"));
    inbox->count++;
    if (inbox->count == inbox->stop_after) {
        nclient_unsubscribe(sub);
    }
    if (inbox->answer != NULL) {
        assert_int_equal(nclient_publish(inbox->client, message->reply, text(inbox->answer)),
                         NB_OK);
    }
    watcher_mark(&inbox->watcher);
}

static void on_done(void *ctx)
{
    struct inbox *inbox = ctx;

    inbox->done_count++;
    watcher_mark(&inbox->watcher);
}

static struct nclient_sub_opts sub_opts(struct inbox *inbox, const char *subject)
{
    return (struct nclient_sub_opts){
        .subject = subject, .message = on_message, .done = on_done, .ctx = inbox};
}

static struct nclient_sub *subscribe(struct inbox *inbox, const char *subject)
{
    const struct nclient_sub_opts opts = sub_opts(inbox, subject);
    struct nclient_sub *sub;

    assert_int_equal(nclient_subscribe(inbox->client, &opts, &sub), NB_OK);
    return sub;
}

// The client has read everything before this, and done what its callbacks asked.
static void settle(struct peer *peer)
{
    peer_send(peer, "PING\r\n");
    peer_expect(peer, "PONG\r\n");
}

static void sub_writes_exact_bytes(void **state NB_UNUSED)
{
    struct nclient_sub *sub;
    struct inbox inbox;
    struct pair pair;
    struct nclient_sub_opts opts;

    pair_open(&pair);
    inbox_init(&inbox, pair.client);
    sub = subscribe(&inbox, "foo.*");
    peer_expect(&pair.peer, "SUB foo.* 1\r\n");
    opts = sub_opts(&inbox, "bar.>");
    opts.queue = "workers";
    opts.max_msgs = 10;
    assert_int_equal(nclient_subscribe(pair.client, &opts, NULL), NB_OK);
    peer_expect(&pair.peer, "SUB bar.> workers 2\r\nUNSUB 2 10\r\n");
    nclient_unsubscribe(sub);
    peer_expect(&pair.peer, "UNSUB 1\r\n");
    watcher_await_mark(&inbox.watcher);
    assert_int_equal(inbox.done_count, 1);
    pair_close(&pair);
    assert_int_equal(inbox.done_count, 2);
    inbox_fini(&inbox);
}

static void sub_refuses_bad_subjects_and_queues(void **state NB_UNUSED)
{
    static const char *const subjects[] = {"", "a..b", ".a", "a b", "a\n", "a.>.b", NULL};
    static const char *const queues[] = {"", "a b", "a\r\n", "\t"};
    struct inbox inbox;
    struct pair pair;
    struct nclient_sub_opts opts;

    pair_open(&pair);
    inbox_init(&inbox, pair.client);
    for (size_t i = 0; i < NB_ARRAY_LEN(subjects); i++) {
        opts = sub_opts(&inbox, subjects[i]);
        assert_int_equal(nclient_subscribe(pair.client, &opts, NULL), NB_EINVALID);
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(queues); i++) {
        opts = sub_opts(&inbox, "a");
        opts.queue = queues[i];
        assert_int_equal(nclient_subscribe(pair.client, &opts, NULL), NB_EINVALID);
    }
    settle(&pair.peer); // nothing was sent
    pair_close(&pair);
    assert_int_equal(inbox.done_count, 0);
    inbox_fini(&inbox);
}

#define DELIVERIES                                           \
    "MSG foo.1 1 5\r\nhello\r\n"                             \
    "MSG foo.2 1 re.ply 0\r\n\r\n"                           \
    "HMSG foo.3 1 18 22\r\nNATS/1.0\r\nX: y\r\n\r\nbody\r\n" \
    "HMSG foo.4 1 r 12 12\r\nNATS/1.0\r\n\r\n\r\n"

#define DELIVERED                                                        \
    "foo.1|||hello;foo.2|re.ply||;foo.3||NATS/1.0\r\nX: y\r\n\r\n|body;" \
    "foo.4|r|NATS/1.0\r\n\r\n|;"

static void sub_delivers_messages(void **state NB_UNUSED)
{
    struct nclient_stats stats;
    struct inbox inbox;
    struct pair pair;

    pair_open(&pair);
    inbox_init(&inbox, pair.client);
    subscribe(&inbox, "foo.*");
    peer_expect(&pair.peer, "SUB foo.* 1\r\n");
    peer_send(&pair.peer, DELIVERIES "MSG other 99 1\r\nx\r\nMSG other abc 1\r\nx\r\n");
    settle(&pair.peer);
    assert_string_equal(inbox.log, DELIVERED);
    nclient_stats(pair.client, &stats);
    assert_int_equal(stats.in_msgs, 6);
    assert_int_equal(stats.in_bytes, 5 + 0 + 22 + 12 + 1 + 1);
    pair_close(&pair); // the handle goes with it
    assert_int_equal(inbox.done_count, 1);
    inbox_fini(&inbox);
}

static void sub_delivers_messages_cut_anywhere(void **state NB_UNUSED)
{
    struct inbox inbox;
    struct pair pair;

    pair_open(&pair);
    inbox_init(&inbox, pair.client);
    subscribe(&inbox, "foo.*");
    peer_expect(&pair.peer, "SUB foo.* 1\r\n");
    for (size_t cut = 1; cut < sizeof(DELIVERIES) - 1; cut++) {
        inbox.used = 0;
        memset(inbox.log, 0, sizeof(inbox.log));
        peer_send_bytes(&pair.peer, DELIVERIES, cut);
        peer_send(&pair.peer, &DELIVERIES[cut]);
        settle(&pair.peer);
        assert_string_equal(inbox.log, DELIVERED);
    }
    pair_close(&pair);
    inbox_fini(&inbox);
}

struct large {
    struct watcher watcher;
    const uint8_t *want;
    size_t size;
    bool is_same;
};

static void on_large(void *ctx, struct nclient_sub *sub NB_UNUSED,
                     const struct nclient_message *message)
{
    struct large *large = ctx;

    large->is_same =
        message->data.n == large->size && memcmp(message->data.p, large->want, large->size) == 0;
    watcher_mark(&large->watcher);
}

static void sub_delivers_large_messages(void **state NB_UNUSED)
{
    struct large large = {.size = 3 * 1024 * 1024};
    const struct nclient_sub_opts opts = {.subject = "big", .message = on_large, .ctx = &large};
    uint8_t *data = test_malloc(large.size);
    struct pair pair;
    char line[64];

    for (size_t i = 0; i < large.size; i++) {
        data[i] = (uint8_t)(i ^ (i >> 8));
    }
    large.want = data;
    watcher_init(&large.watcher);
    pair_open(&pair);
    assert_int_equal(nclient_subscribe(pair.client, &opts, NULL), NB_OK);
    peer_expect(&pair.peer, "SUB big 1\r\n");
    snprintf(line, sizeof(line), "MSG big 1 %zu\r\n", large.size);
    for (int i = 0; i < 2; i++) {
        peer_send(&pair.peer, line);
        peer_send_bytes(&pair.peer, data, large.size);
        peer_send(&pair.peer, "\r\n");
        watcher_await_mark(&large.watcher);
        assert_true(large.is_same);
    }
    pair_close(&pair);
    watcher_fini(&large.watcher);
    test_free(data);
}

// -- the end of a subscription ---------------------------------------------------------------

static void sub_ends_with_its_last_message(void **state NB_UNUSED)
{
    struct nclient_sub_opts opts;
    struct nclient_sub *sub;
    struct inbox inbox;
    struct pair pair;

    pair_open(&pair);
    inbox_init(&inbox, pair.client);
    opts = sub_opts(&inbox, "a");
    opts.max_msgs = 2;
    assert_int_equal(nclient_subscribe(pair.client, &opts, &sub), NB_OK);
    peer_expect(&pair.peer, "SUB a 1\r\nUNSUB 1 2\r\n");
    peer_send(&pair.peer, "MSG a 1 1\r\n1\r\nMSG a 1 1\r\n2\r\nMSG a 1 1\r\n3\r\n");
    settle(&pair.peer);
    assert_string_equal(inbox.log, "a|||1;a|||2;");
    assert_int_equal(inbox.done_count, 1);
    nclient_unsubscribe(sub); // only gives the handle back
    assert_int_equal(nclient_publish(pair.client, text("x"), text("")), NB_OK);
    peer_expect(&pair.peer, "PUB x 0\r\n\r\n");
    pair_close(&pair);
    assert_int_equal(inbox.done_count, 1);
    inbox_fini(&inbox);
}

// The server doesn't count them, so its UNSUB would come too early for us.
static void sub_does_not_count_notices(void **state NB_UNUSED)
{
    struct nclient_sub_opts opts;
    struct inbox inbox;
    struct pair pair;

    pair_open(&pair);
    inbox_init(&inbox, pair.client);
    opts = sub_opts(&inbox, "r");
    opts.max_msgs = 1;
    assert_int_equal(nclient_subscribe(pair.client, &opts, NULL), NB_OK);
    peer_expect(&pair.peer, "SUB r 1\r\nUNSUB 1 1\r\n");
    peer_send(&pair.peer, "HMSG r 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n");
    settle(&pair.peer);
    assert_int_equal(inbox.count, 1);
    assert_int_equal(inbox.done_count, 0);
    peer_send(&pair.peer, "MSG r 1 1\r\nx\r\n");
    settle(&pair.peer);
    assert_int_equal(inbox.count, 2);
    assert_int_equal(inbox.done_count, 1);
    pair_close(&pair);
    inbox_fini(&inbox);
}

static void sub_that_ends_itself_gets_no_more(void **state NB_UNUSED)
{
    for (int has_handle = 0; has_handle < 2; has_handle++) {
        struct nclient_sub *sub;
        struct nclient_sub_opts opts;
        struct inbox inbox;
        struct pair pair;

        pair_open(&pair);
        inbox_init(&inbox, pair.client);
        inbox.stop_after = 2;
        opts = sub_opts(&inbox, "a");
        assert_int_equal(nclient_subscribe(pair.client, &opts, has_handle ? &sub : NULL), NB_OK);
        peer_expect(&pair.peer, "SUB a 1\r\n");
        peer_send(&pair.peer, "MSG a 1 0\r\n\r\nMSG a 1 0\r\n\r\nMSG a 1 0\r\n\r\n");
        peer_expect(&pair.peer, "UNSUB 1\r\n");
        assert_int_equal(inbox.count, 2);
        settle(&pair.peer);
        assert_int_equal(inbox.done_count, 1);
        pair_close(&pair);
        inbox_fini(&inbox);
    }
}

static void sub_may_end_itself_in_its_last_message(void **state NB_UNUSED)
{
    struct nclient_sub_opts opts;
    struct inbox inbox;
    struct pair pair;

    pair_open(&pair);
    inbox_init(&inbox, pair.client);
    inbox.stop_after = 1;
    opts = sub_opts(&inbox, "a");
    opts.max_msgs = 1;
    assert_int_equal(nclient_subscribe(pair.client, &opts, NULL), NB_OK);
    peer_expect(&pair.peer, "SUB a 1\r\nUNSUB 1 1\r\n");
    peer_send(&pair.peer, "MSG a 1 0\r\n\r\n");
    settle(&pair.peer);
    assert_int_equal(inbox.count, 1);
    assert_int_equal(inbox.done_count, 1);
    pair_close(&pair);
    inbox_fini(&inbox);
}

static void drained_sub_gets_what_was_on_its_way(void **state NB_UNUSED)
{
    struct nclient_sub *sub;
    struct inbox inbox;
    struct pair pair;

    pair_open(&pair);
    inbox_init(&inbox, pair.client);
    sub = subscribe(&inbox, "a");
    peer_expect(&pair.peer, "SUB a 1\r\n");
    nclient_drain_sub(sub);
    peer_expect(&pair.peer, "UNSUB 1\r\nPING\r\n");
    peer_send(&pair.peer, "MSG a 1 1\r\n1\r\n");
    watcher_await_mark(&inbox.watcher);
    assert_int_equal(inbox.done_count, 0);
    peer_send(&pair.peer, "MSG a 1 1\r\n2\r\nPONG\r\nMSG a 1 1\r\n3\r\n");
    settle(&pair.peer);
    assert_string_equal(inbox.log, "a|||1;a|||2;");
    assert_int_equal(inbox.done_count, 1);
    pair_close(&pair);
    inbox_fini(&inbox);
}

static void drained_sub_may_end_by_its_last_message(void **state NB_UNUSED)
{
    struct nclient_sub_opts opts;
    struct nclient_sub *sub;
    struct inbox inbox;
    struct pair pair;

    pair_open(&pair);
    inbox_init(&inbox, pair.client);
    opts = sub_opts(&inbox, "a");
    opts.max_msgs = 1;
    assert_int_equal(nclient_subscribe(pair.client, &opts, &sub), NB_OK);
    peer_expect(&pair.peer, "SUB a 1\r\nUNSUB 1 1\r\n");
    nclient_drain_sub(sub);
    peer_expect(&pair.peer, "UNSUB 1\r\nPING\r\n");
    peer_send(&pair.peer, "MSG a 1 1\r\n1\r\nPONG\r\n");
    settle(&pair.peer);
    assert_int_equal(inbox.done_count, 1);
    pair_close(&pair);
    inbox_fini(&inbox);
}

static void drained_sub_ends_when_the_connection_is_lost(void **state NB_UNUSED)
{
    struct nclient_sub *sub;
    struct inbox inbox;
    struct pair pair;

    pair_open(&pair);
    inbox_init(&inbox, pair.client);
    sub = subscribe(&inbox, "a");
    peer_expect(&pair.peer, "SUB a 1\r\n");
    nclient_drain_sub(sub);
    peer_expect(&pair.peer, "UNSUB 1\r\nPING\r\n");
    peer_close(&pair.peer);
    watcher_await_mark(&inbox.watcher);
    assert_int_equal(inbox.done_count, 1);
    watcher_await(&pair.watcher, NCLIENT_DISCONNECTED);
    peer_greet(&pair.peer, &pair.fake);
    watcher_await(&pair.watcher, NCLIENT_RECONNECTED);
    settle(&pair.peer); // it is not subscribed anew
    pair_close(&pair);
    inbox_fini(&inbox);
}

// -- reconnecting ----------------------------------------------------------------------------

static void subs_are_renewed_with_what_is_left_of_their_max(void **state NB_UNUSED)
{
    struct nclient_sub_opts opts;
    struct nclient_sub *gone;
    struct inbox inbox;
    struct pair pair;

    pair_open(&pair);
    inbox_init(&inbox, pair.client);
    subscribe(&inbox, "a");
    gone = subscribe(&inbox, "b");
    opts = sub_opts(&inbox, "c");
    opts.queue = "q";
    opts.max_msgs = 5;
    assert_int_equal(nclient_subscribe(pair.client, &opts, NULL), NB_OK);
    peer_expect(&pair.peer, "SUB a 1\r\nSUB b 2\r\nSUB c q 3\r\nUNSUB 3 5\r\n");
    peer_send(&pair.peer, "MSG c 3 1\r\n1\r\nMSG c 3 1\r\n2\r\n");
    settle(&pair.peer);
    peer_close(&pair.peer);
    watcher_await(&pair.watcher, NCLIENT_DISCONNECTED);
    nclient_unsubscribe(gone); // while away
    subscribe(&inbox, "d");
    assert_int_equal(nclient_publish(pair.client, text("x"), text("")), NB_OK);
    peer_greet(&pair.peer, &pair.fake);
    peer_expect(&pair.peer, "SUB a 1\r\nSUB c q 3\r\nUNSUB 3 3\r\nSUB d 4\r\nPUB x 0\r\n\r\n");
    watcher_await(&pair.watcher, NCLIENT_RECONNECTED);
    peer_send(&pair.peer, "MSG c 3 1\r\n3\r\nMSG c 3 1\r\n4\r\nMSG c 3 1\r\n5\r\n");
    settle(&pair.peer);
    assert_int_equal(inbox.count, 5);
    assert_int_equal(inbox.done_count, 2); // b and c
    pair_close(&pair);
    assert_int_equal(inbox.done_count, 4);
    inbox_fini(&inbox);
}

static void ended_sub_is_not_renewed_while_its_handle_is_out(void **state NB_UNUSED)
{
    struct nclient_sub_opts opts;
    struct nclient_sub *sub;
    struct inbox inbox;
    struct pair pair;

    pair_open(&pair);
    inbox_init(&inbox, pair.client);
    opts = sub_opts(&inbox, "a");
    opts.max_msgs = 1;
    assert_int_equal(nclient_subscribe(pair.client, &opts, &sub), NB_OK);
    peer_expect(&pair.peer, "SUB a 1\r\nUNSUB 1 1\r\n");
    peer_send(&pair.peer, "MSG a 1 0\r\n\r\n");
    settle(&pair.peer);
    peer_close(&pair.peer);
    watcher_await(&pair.watcher, NCLIENT_DISCONNECTED);
    peer_greet(&pair.peer, &pair.fake);
    watcher_await(&pair.watcher, NCLIENT_RECONNECTED);
    settle(&pair.peer); // and no SUB before it
    nclient_unsubscribe(sub);
    pair_close(&pair);
    assert_int_equal(inbox.done_count, 1);
    inbox_fini(&inbox);
}

// -- callbacks that ask for more -------------------------------------------------------------

static void callback_may_publish(void **state NB_UNUSED)
{
    struct inbox inbox;
    struct pair pair;

    pair_open(&pair);
    inbox_init(&inbox, pair.client);
    inbox.answer = "yes";
    subscribe(&inbox, "q");
    peer_expect(&pair.peer, "SUB q 1\r\n");
    peer_send(&pair.peer, "MSG q 1 r.1 1\r\n?\r\nMSG q 1 r.2 1\r\n?\r\n");
    peer_expect(&pair.peer, "PUB r.1 3\r\nyes\r\nPUB r.2 3\r\nyes\r\n");
    pair_close(&pair);
    inbox_fini(&inbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sub_writes_exact_bytes),
        cmocka_unit_test(sub_refuses_bad_subjects_and_queues),
        cmocka_unit_test(sub_delivers_messages),
        cmocka_unit_test(sub_delivers_messages_cut_anywhere),
        cmocka_unit_test(sub_delivers_large_messages),
        cmocka_unit_test(sub_ends_with_its_last_message),
        cmocka_unit_test(sub_does_not_count_notices),
        cmocka_unit_test(sub_that_ends_itself_gets_no_more),
        cmocka_unit_test(sub_may_end_itself_in_its_last_message),
        cmocka_unit_test(drained_sub_gets_what_was_on_its_way),
        cmocka_unit_test(drained_sub_may_end_by_its_last_message),
        cmocka_unit_test(drained_sub_ends_when_the_connection_is_lost),
        cmocka_unit_test(subs_are_renewed_with_what_is_left_of_their_max),
        cmocka_unit_test(ended_sub_is_not_renewed_while_its_handle_is_out),
        cmocka_unit_test(callback_may_publish),
    };
    return cmocka_run_group_tests_name("subs", tests, NULL, NULL);
}
