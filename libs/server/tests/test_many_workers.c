/* Clients of different workers meet: order, causality, and counts that decide a delivery. */
#include "server_rig.h"

#include <pthread.h>

enum {
    WORKERS = 4,
    PUBLISHERS = 6,
    SUBSCRIBERS = 6,
    MESSAGES = 3000, // of each publisher
    QUEUE_MEMBERS = 4,
    ROUNDS = 300,
};

struct publisher {
    const struct rig *rig;
    unsigned id;
};

static void *publish_numbers(void *arg)
{
    const struct publisher *publisher = arg;
    struct rig_client c;
    char text[128];

    rig_greet(&c, publisher->rig);
    for (unsigned i = 0; i < MESSAGES; i++) {
        int size = snprintf(NULL, 0, "%u %u", publisher->id, i);
        int n = snprintf(text, sizeof(text), "PUB many.%u %d\r\n%u %u\r\n", publisher->id, size,
                         publisher->id, i);

        rig_send(&c, text, (size_t)n);
    }
    rig_ping(&c);
    rig_close(&c);
    return NULL;
}

static void run_publishers(const struct rig *rig)
{
    pthread_t threads[PUBLISHERS];
    struct publisher publishers[PUBLISHERS];

    for (unsigned i = 0; i < PUBLISHERS; i++) {
        publishers[i] = (struct publisher){rig, i};
        assert_int_equal(pthread_create(&threads[i], NULL, publish_numbers, &publishers[i]), 0);
    }
    for (unsigned i = 0; i < PUBLISHERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
}

struct subscriber {
    struct rig_client client;
    unsigned next[PUBLISHERS]; // number expected of each
    unsigned received;
};

// Reads until it has `total` messages; those of each publisher come in order.
static void *receive_all(void *arg)
{
    struct subscriber *subscriber = arg;

    while (subscriber->received < PUBLISHERS * MESSAGES) {
        unsigned publisher;
        unsigned number;

        assert_memory_equal(rig_line(&subscriber->client), "MSG many.", 9);
        assert_int_equal(sscanf(rig_line(&subscriber->client), "%u %u", &publisher, &number), 2);
        assert_true(publisher < PUBLISHERS);
        assert_int_equal(number, subscriber->next[publisher]);
        subscriber->next[publisher]++;
        subscriber->received++;
    }
    return NULL;
}

static void every_subscriber_gets_every_message_in_each_publishers_order(void **state NB_UNUSED)
{
    static struct subscriber subscribers[SUBSCRIBERS];
    pthread_t threads[SUBSCRIBERS];
    struct rig rig;

    rig_start_workers(&rig, WORKERS);
    memset(subscribers, 0, sizeof(subscribers));
    for (unsigned i = 0; i < SUBSCRIBERS; i++) {
        rig_greet(&subscribers[i].client, &rig);
        rig_say(&subscribers[i].client, "SUB many.* 1\r\n");
        rig_ping(&subscribers[i].client);
        assert_int_equal(pthread_create(&threads[i], NULL, receive_all, &subscribers[i]), 0);
    }
    run_publishers(&rig);
    for (unsigned i = 0; i < SUBSCRIBERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        rig_ping(&subscribers[i].client); // and nothing more came
        rig_close(&subscribers[i].client);
    }
    rig_stop(&rig);
}

// Counts MSG lines up to the PONG; payloads hold no "MSG" and no "PONG".
static unsigned count_messages(struct rig_client *c)
{
    unsigned count = 0;
    const char *line;

    rig_say(c, "PING\r\n");
    while (strcmp(line = rig_line(c), "PONG") != 0) {
        count += strncmp(line, "MSG ", 4) == 0;
    }
    return count;
}

// After the publishers' PONGs each member's PONG comes behind what is for it (causality).
static void a_queue_group_over_all_workers_gets_each_message_once(void **state NB_UNUSED)
{
    struct rig_client members[QUEUE_MEMBERS];
    unsigned total = 0;
    struct rig rig;

    rig_start_workers(&rig, WORKERS);
    for (unsigned i = 0; i < QUEUE_MEMBERS; i++) {
        rig_greet(&members[i], &rig);
        rig_say(&members[i], "SUB many.* q 1\r\n");
        rig_ping(&members[i]);
    }
    run_publishers(&rig);
    for (unsigned i = 0; i < QUEUE_MEMBERS; i++) {
        unsigned count = count_messages(&members[i]);

        assert_true(count > 0);
        total += count;
        rig_close(&members[i]);
    }
    assert_int_equal(total, PUBLISHERS * MESSAGES);
    rig_stop(&rig);
}

static void never_more_than_the_maximum_arrive_from_several_workers(void **state NB_UNUSED)
{
    struct rig_client c;
    struct rig rig;

    rig_start_workers(&rig, WORKERS);
    rig_greet(&c, &rig);
    rig_say(&c, "SUB many.* 1\r\nUNSUB 1 5000\r\n");
    rig_ping(&c);
    run_publishers(&rig);
    assert_int_equal(count_messages(&c), 5000);
    rig_close(&c);
    rig_stop(&rig);
}

// What one client published before its PONG, another sees before a PONG that it asks for
// afterwards; and an interest that was confirmed is there for everybody.
static void a_pong_is_a_promise_across_workers(void **state NB_UNUSED)
{
    struct rig_client clients[WORKERS];
    struct rig rig;

    rig_start_workers(&rig, WORKERS); // connections go round: one for each worker
    for (unsigned i = 0; i < WORKERS; i++) {
        rig_greet(&clients[i], &rig);
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct rig_client *from = &clients[round % WORKERS];
        struct rig_client *to = &clients[(round + 1 + round / WORKERS % (WORKERS - 1)) % WORKERS];

        rig_say(to, "SUB promise 7\r\n");
        rig_ping(to);
        rig_say(from, "PUB promise 2\r\nok\r\n");
        rig_ping(from);
        rig_say(to, "UNSUB 7\r\nPING\r\n");
        rig_expect(to, "MSG promise 7 2");
        rig_expect(to, "ok");
        rig_expect(to, "PONG");
        rig_say(from, "PUB promise 3\r\nbad\r\n");
        rig_ping(from);
        rig_ping(to); // no message: its end was confirmed, too
    }
    for (unsigned i = 0; i < WORKERS; i++) {
        rig_close(&clients[i]);
    }
    rig_stop(&rig);
}

// Payloads that are passed by reference, and lines longer than usual, between workers.
static void large_messages_arrive_whole(void **state NB_UNUSED)
{
    static const size_t sizes[] = {8191, 8192, 16384, 65535, 65536, 262144, 1048576};
    struct rig_client from;
    struct rig_client to;
    struct rig rig;
    char *payload = nb_alloc(1048576 + 2);
    char *got = nb_alloc(1048576 + 2);

    rig_start_workers(&rig, 2);
    rig_greet(&from, &rig);
    rig_greet(&to, &rig);
    rig_say(&to, "SUB large 1\r\n");
    rig_ping(&to);
    for (size_t i = 0; i < 5 * NB_ARRAY_LEN(sizes); i++) {
        size_t size = sizes[i % NB_ARRAY_LEN(sizes)];
        char line[64];
        size_t have;

        for (size_t k = 0; k < size; k++) {
            payload[k] = (char)('a' + (k * 7 + i) % 26);
        }
        memcpy(payload + size, "\r\n", 2);
        rig_send(&from, line, (size_t)snprintf(line, sizeof(line), "PUB large %zu\r\n", size));
        rig_send(&from, payload, size + 2);
        snprintf(line, sizeof(line), "MSG large 1 %zu", size);
        rig_expect(&to, line);
        have = to.n - to.at < size + 2 ? to.n - to.at : size + 2;
        memcpy(got, to.buf + to.at, have);
        to.at += have;
        while (have < size + 2) {
            ssize_t n = recv(to.fd, got + have, size + 2 - have, 0);

            assert_true(n > 0);
            have += (size_t)n;
        }
        assert_memory_equal(got, payload, size + 2);
    }
    rig_close(&from);
    rig_close(&to);
    rig_stop(&rig);
    nb_free(payload);
    nb_free(got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_subscriber_gets_every_message_in_each_publishers_order),
        cmocka_unit_test(a_queue_group_over_all_workers_gets_each_message_once),
        cmocka_unit_test(never_more_than_the_maximum_arrive_from_several_workers),
        cmocka_unit_test(a_pong_is_a_promise_across_workers),
        cmocka_unit_test(large_messages_arrive_whole),
    };

    return cmocka_run_group_tests_name("many_workers", tests, NULL, NULL);
}
