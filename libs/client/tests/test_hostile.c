/* A server that says anything. The client may complain, reconnect or end, and nothing else. */
#include "fake_server.h"

#include <natsd/random.h>

enum {
    ROUNDS = 150,
    SAYINGS_PER_ROUND = 40,
};

static const char *const sayings[] = {
    "PING\r\n",
    "PONG\r\n",
    "PONG\r\nPONG\r\nPONG\r\n",
    "+OK\r\n",
    "MSG a 1 3\r\nabc\r\n",
    "MSG a 1 r 0\r\n\r\n",
    "MSG a 2 1\r\nx\r\n",
    "MSG a 3 1\r\nx\r\n",
    "MSG a 99999999999999999999 1\r\nx\r\n",
    "MSG a -1 1\r\nx\r\n",
    "MSG  1 1\r\nx\r\n",
    "HMSG a 1 12 13\r\nNATS/1.0\r\n\r\nx\r\n",
    "HMSG a 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n",
    "HMSG a 1 4 4\r\nabcd\r\n",
    "INFO {}\r\n",
    "INFO {\"max_payload\":-1,\"headers\":false}\r\n",
    "INFO {\"ldm\":true,\"connect_urls\":[\"\",\"a:b:c:d\",\"[\",\"x\",\"@\"]}\r\n",
    "INFO {\"connect_urls\":[\"127.0.0.1:1\",\"u:p@h:2\",\"\\u0000\",\"tls://x\"]}\r\n",
    "INFO {\"server_id\":\"\\ud800\",\"server_name\":\"x\\u001b\"}\r\n",
    "-ERR 'Permissions Violation for Subscription to \"a\"'\r\n",
    "-ERR ''\r\n",
    "-ERR '\x1b[31m'\r\n",
};

// These end a connection, so they are rare.
static const char *const endings[] = {
    "-ERR 'Stale Connection'\r\n",
    "-ERR 'Authorization Violation'\r\n",
    "-ERR 'Unknown Protocol Operation'\r\n",
    "INFO []\r\n",
    "INFO {\"connect_urls\":1}\r\n",
    "MSG a 1 99999999\r\nx",
    "MSG a 1 9999999999\r\n",
    "HMSG a 1 9 5\r\n",
    "PUB a 1\r\nx\r\n",
    "SUB a 1\r\n",
    "\r\n",
    "\0",
    "GET / HTTP/1.1\r\n",
};

static void on_message(void *ctx, struct nclient_sub *sub NB_UNUSED,
                       const struct nclient_message *message)
{
    struct nclient *client = ctx;
    int rc = nclient_publish(client, message->subject, message->data);

    assert_true(rc <= NB_OK); // the connection may be gone, the subject be none
}

static void on_reply(void *ctx NB_UNUSED, int rc, const struct nclient_message *reply)
{
    assert_int_equal(rc == NB_OK, reply != NULL);
}

static void on_flushed(void *ctx NB_UNUSED, int rc NB_UNUSED)
{
}

static void be_busy(struct nclient *client)
{
    const struct nclient_sub_opts plain = {.subject = "a", .message = on_message, .ctx = client};
    const struct nclient_sub_opts limited = {
        .subject = "a", .max_msgs = 2, .message = on_message, .ctx = client};
    const struct nclient_message question = {.subject = text("a")};

    assert_int_equal(nclient_subscribe(client, &plain, NULL), NB_OK);
    assert_int_equal(nclient_subscribe(client, &limited, NULL), NB_OK);
    assert_int_equal(nclient_request(client, &question, NB_NS_PER_MS, on_reply, NULL), NB_OK);
    nclient_flush(client, 0, on_flushed, NULL);
}

// False when the client closed its side.
static bool try_send(struct peer *peer, const void *bytes, size_t n)
{
    return send(peer->fd, bytes, n, MSG_NOSIGNAL) == (ssize_t)n;
}

static bool say_something(struct peer *peer, struct nb_random *random)
{
    uint8_t noise[64];
    size_t n = 1 + nb_random_below(random, sizeof(noise));
    const char *saying = sayings[nb_random_below(random, NB_ARRAY_LEN(sayings))];

    switch (nb_random_below(random, 40)) {
    case 0:
        for (size_t i = 0; i < n; i++) {
            noise[i] = (uint8_t)nb_random_below(random, 256);
        }
        return try_send(peer, noise, n);
    case 1:
        saying = endings[nb_random_below(random, NB_ARRAY_LEN(endings))];
        return try_send(peer, saying, strlen(saying) + 1); // with its NUL
    case 2:
        return try_send(peer, saying, 1 + nb_random_below(random, (uint32_t)strlen(saying)));
    default:
        return try_send(peer, saying, strlen(saying));
    }
}

static void client_survives_whatever_a_server_says(void **state NB_UNUSED)
{
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        struct nclient_opts opts = {.no_reconnect = true};
        struct nb_random random;
        struct pair pair;

        nb_random_init(&random, seed);
        pair_open_opts(&pair, &opts);
        be_busy(pair.client);
        for (int i = 0; i < SAYINGS_PER_ROUND && say_something(&pair.peer, &random); i++) {
        }
        pair_close(&pair);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client_survives_whatever_a_server_says),
    };
    return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
