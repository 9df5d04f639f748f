#include "fake_server.h"

struct answer {
    struct watcher watcher; // a mark for each call
    int rc;
    unsigned count;
    bool has_reply;
    char data[64];
    struct nclient *client;
    bool asks_again;
};

static void answer_init(struct answer *answer)
{
    memset(answer, 0, sizeof(*answer));
    watcher_init(&answer->watcher);
}

static void answer_fini(struct answer *answer)
{
    watcher_fini(&answer->watcher);
}

static void on_reply(void *ctx, int rc, const struct nclient_message *reply)
{
    struct answer *answer = ctx;

    answer->rc = rc;
    answer->count++;
    answer->has_reply = reply != NULL;
    if (reply != NULL) {
        snprintf(answer->data, sizeof(answer->data), "%.*s", (int)reply->data.n,
                 reply->data.n > 0 ? (const char *)reply->data.p : "");
    }
    if (answer->asks_again) {
        const struct nclient_message again = {.subject = text("again")};

        answer->asks_again = false;
        assert_int_equal(nclient_request(answer->client, &again, 0, on_reply, answer), NB_OK);
    }
    watcher_mark(&answer->watcher);
}

static int request(struct pair *pair, const char *subject, int64_t timeout_ns,
                   struct answer *answer)
{
    const struct nclient_message message = {.subject = text(subject), .data = text("?")};

    return nclient_request(pair->client, &message, timeout_ns, on_reply, answer);
}

// Reads a request; its reply subject.
static void read_request(struct peer *peer, const char *subject, char reply[256])
{
    char got[256];
    unsigned size;

    assert_int_equal(sscanf(peer_line(peer), "PUB %255s %255s %u", got, reply, &size), 3);
    assert_string_equal(got, subject);
    assert_int_equal(size, 1);
    peer_expect(peer, "?\r\n");
}

// Reads the subscription that the first request makes; the part before the star.
static void read_inbox(struct peer *peer, char prefix[256])
{
    assert_int_equal(sscanf(peer_line(peer), "SUB %255[^*]* 1", prefix), 1);
    assert_int_equal(strncmp(prefix, "_INBOX.", 7), 0);
    assert_int_equal(strlen(prefix), 7 + 22 + 1);
}

static void send_reply(struct peer *peer, const char *reply, const char *data)
{
    char bytes[512];

    snprintf(bytes, sizeof(bytes), "MSG %s 1 %zu\r\n%s\r\n", reply, strlen(data), data);
    peer_send(peer, bytes);
}

static void request_gets_the_reply_to_its_own_subject(void **state NB_UNUSED)
{
    struct answer first;
    struct answer second;
    struct pair pair;
    char prefix[256];
    char reply_1[256];
    char reply_2[256];

    pair_open(&pair);
    answer_init(&first);
    answer_init(&second);
    assert_int_equal(request(&pair, "svc.a", 0, &first), NB_OK);
    assert_int_equal(request(&pair, "svc.b", 10 * NB_NS_PER_S, &second), NB_OK);
    read_inbox(&pair.peer, prefix);
    read_request(&pair.peer, "svc.a", reply_1);
    read_request(&pair.peer, "svc.b", reply_2); // without a second subscription
    assert_int_equal(strncmp(reply_1, prefix, strlen(prefix)), 0);
    assert_int_equal(strlen(reply_1), strlen(prefix) + 22);
    assert_string_not_equal(reply_1, reply_2);
    send_reply(&pair.peer, reply_2, "two");
    watcher_await_mark(&second.watcher);
    assert_int_equal(second.rc, NB_OK);
    assert_string_equal(second.data, "two");
    assert_int_equal(first.count, 0);
    send_reply(&pair.peer, reply_1, "one");
    send_reply(&pair.peer, reply_1, "too much");
    watcher_await_mark(&first.watcher);
    assert_string_equal(first.data, "one");
    peer_send(&pair.peer, "PING\r\n");
    peer_expect(&pair.peer, "PONG\r\n");
    assert_int_equal(first.count, 1);
    pair_close(&pair);
    answer_fini(&first);
    answer_fini(&second);
}

static void request_without_responders_is_not_found(void **state NB_UNUSED)
{
    struct answer answer;
    struct pair pair;
    char prefix[256];
    char reply[256];
    char notice[512];

    pair_open(&pair);
    answer_init(&answer);
    assert_int_equal(request(&pair, "nobody", 0, &answer), NB_OK);
    read_inbox(&pair.peer, prefix);
    read_request(&pair.peer, "nobody", reply);
    snprintf(notice, sizeof(notice),
             "HMSG %s 1 38 38\r\nNATS/1.0 503\r\nNats-Subject: nobody\r\n\r\n\r\n", reply);
    peer_send(&pair.peer, notice);
    watcher_await_mark(&answer.watcher);
    assert_int_equal(answer.rc, NB_ENOTFOUND);
    assert_false(answer.has_reply);
    pair_close(&pair);
    answer_fini(&answer);
}

// Another status, or a 503 with a body, is an answer of the service.
static void request_takes_other_statuses_as_replies(void **state NB_UNUSED)
{
    static const char *const replies[] = {"16 16\r\nNATS/1.0 404\r\n\r\n\r\n",
                                          "16 17\r\nNATS/1.0 503\r\n\r\nx\r\n"};
    struct answer answer;
    struct pair pair;
    char prefix[256];
    char reply[256];
    char bytes[512];

    pair_open(&pair);
    answer_init(&answer);
    for (size_t i = 0; i < NB_ARRAY_LEN(replies); i++) {
        assert_int_equal(request(&pair, "svc", 0, &answer), NB_OK);
        if (i == 0) {
            read_inbox(&pair.peer, prefix);
        }
        read_request(&pair.peer, "svc", reply);
        snprintf(bytes, sizeof(bytes), "HMSG %s 1 %s", reply, replies[i]);
        peer_send(&pair.peer, bytes);
        watcher_await_mark(&answer.watcher);
        assert_int_equal(answer.rc, NB_OK);
    }
    pair_close(&pair);
    answer_fini(&answer);
}

static void request_times_out(void **state NB_UNUSED)
{
    struct answer answer;
    struct pair pair;
    char prefix[256];
    char reply[256];

    pair_open(&pair);
    answer_init(&answer);
    assert_int_equal(request(&pair, "slow", NB_NS_PER_MS, &answer), NB_OK);
    read_inbox(&pair.peer, prefix);
    read_request(&pair.peer, "slow", reply);
    watcher_await_mark(&answer.watcher);
    assert_int_equal(answer.rc, NB_ETIMEDOUT);
    send_reply(&pair.peer, reply, "late");
    peer_send(&pair.peer, "PING\r\n");
    peer_expect(&pair.peer, "PONG\r\n");
    assert_int_equal(answer.count, 1);
    pair_close(&pair);
    answer_fini(&answer);
}

static void request_fails_when_the_client_closes(void **state NB_UNUSED)
{
    struct answer answer;
    struct pair pair;

    pair_open(&pair);
    answer_init(&answer);
    assert_int_equal(request(&pair, "a", 0, &answer), NB_OK);
    assert_int_equal(request(&pair, "b", 0, &answer), NB_OK);
    pair_close(&pair);
    assert_int_equal(answer.rc, NB_ECLOSED);
    assert_int_equal(answer.count, 2);
    answer_fini(&answer);
}

static void request_survives_a_reconnect(void **state NB_UNUSED)
{
    struct answer answer;
    struct pair pair;
    char prefix[256];
    char again[256];
    char reply[256];

    pair_open(&pair);
    answer_init(&answer);
    assert_int_equal(request(&pair, "a", 0, &answer), NB_OK);
    read_inbox(&pair.peer, prefix);
    read_request(&pair.peer, "a", reply);
    peer_close(&pair.peer);
    watcher_await(&pair.watcher, NCLIENT_DISCONNECTED);
    peer_greet(&pair.peer, &pair.fake);
    read_inbox(&pair.peer, again); // renewed
    assert_string_equal(again, prefix);
    send_reply(&pair.peer, reply, "after all");
    watcher_await_mark(&answer.watcher);
    assert_string_equal(answer.data, "after all");
    pair_close(&pair);
    answer_fini(&answer);
}

static void reply_callback_may_ask_again(void **state NB_UNUSED)
{
    struct answer answer;
    struct pair pair;
    char prefix[256];
    char reply[256];

    pair_open(&pair);
    answer_init(&answer);
    answer.client = pair.client;
    answer.asks_again = true;
    assert_int_equal(request(&pair, "first", 0, &answer), NB_OK);
    read_inbox(&pair.peer, prefix);
    read_request(&pair.peer, "first", reply);
    send_reply(&pair.peer, reply, "1");
    watcher_await_mark(&answer.watcher);
    assert_int_equal(sscanf(peer_line(&pair.peer), "PUB again %255s 0", reply), 1);
    peer_expect(&pair.peer, "\r\n");
    send_reply(&pair.peer, reply, "2");
    watcher_await_mark(&answer.watcher);
    assert_string_equal(answer.data, "2");
    pair_close(&pair);
    answer_fini(&answer);
}

static void request_refuses_a_reply_of_the_callers(void **state NB_UNUSED)
{
    const struct nclient_message message = {.subject = text("a"), .reply = text("b")};
    struct answer answer;
    struct pair pair;

    pair_open(&pair);
    answer_init(&answer);
    assert_int_equal(nclient_request(pair.client, &message, 0, on_reply, &answer), NB_EINVALID);
    assert_int_equal(request(&pair, "a b", 0, &answer), NB_EINVALID);
    pair_close(&pair);
    assert_int_equal(answer.count, 0);
    answer_fini(&answer);
}

static void inbox_prefix_is_the_options(void **state NB_UNUSED)
{
    struct nclient_opts opts = {.inbox_prefix = "my.own"};
    char inbox[NCLIENT_INBOX_MAX_BYTES + 1];
    char other[NCLIENT_INBOX_MAX_BYTES + 1];
    struct answer answer;
    struct pair pair;

    pair_open_opts(&pair, &opts);
    answer_init(&answer);
    nclient_new_inbox(pair.client, inbox);
    nclient_new_inbox(pair.client, other);
    assert_int_equal(strncmp(inbox, "my.own.", 7), 0);
    assert_int_equal(strlen(inbox), 7 + 22);
    assert_string_not_equal(inbox, other);
    assert_int_equal(request(&pair, "a", 0, &answer), NB_OK);
    assert_int_equal(strncmp(peer_line(&pair.peer), "SUB my.own.", 11), 0);
    pair_close(&pair);
    answer_fini(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_gets_the_reply_to_its_own_subject),
        cmocka_unit_test(request_without_responders_is_not_found),
        cmocka_unit_test(request_takes_other_statuses_as_replies),
        cmocka_unit_test(request_times_out),
        cmocka_unit_test(request_fails_when_the_client_closes),
        cmocka_unit_test(request_survives_a_reconnect),
        cmocka_unit_test(reply_callback_may_ask_again),
        cmocka_unit_test(request_refuses_a_reply_of_the_callers),
        cmocka_unit_test(inbox_prefix_is_the_options),
    };
    return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
