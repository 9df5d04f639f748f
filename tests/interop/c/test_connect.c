// Connecting, and what the library then knows of the server.
#include "scene.h"

#include <string.h>

static void info_is_understood(void **state)
{
    struct scene *scene = *state;
    struct link *link = scene_connect(scene, scene_server(scene, ""), NULL);
    char id[128];
    char *ip = NULL;
    uint64_t cid = 0;

    WELL(natsConnection_GetConnectedServerId(link->nc, id, sizeof(id)));
    assert_int_equal(strlen(id), 56);
    assert_int_equal(id[0], 'N');
    assert_int_equal(natsConnection_GetMaxPayload(link->nc), 1 << 20);
    WELL(natsConnection_HasHeaderSupport(link->nc));
    WELL(natsConnection_GetClientID(link->nc, &cid));
    assert_true(cid > 0);
    WELL(natsConnection_GetClientIP(link->nc, &ip));
    assert_string_equal(ip, "127.0.0.1");
    free(ip);
}

static void configured_max_payload_is_announced(void **state)
{
    struct scene *scene = *state;
    struct link *link = scene_connect(scene, scene_server(scene, "max_payload: 4321"), NULL);

    assert_int_equal(natsConnection_GetMaxPayload(link->nc), 4321);
}

static void flush_and_round_trip_time(void **state)
{
    struct scene *scene = *state;
    struct link *link = scene_connect(scene, scene_server(scene, ""), NULL);
    int64_t rtt = 0;

    flush(link);
    WELL(natsConnection_GetRTT(link->nc, &rtt));
    assert_in_range(rtt, 1, DEADLINE_MS * INT64_C(1000000));
}

static void two_connections_meet(void **state)
{
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "");
    struct link *a = scene_connect(scene, server, NULL);
    struct link *b = scene_connect(scene, server, NULL);
    natsSubscription *to_a = scene_subscribe(scene, a, "to.a");
    natsSubscription *to_b = scene_subscribe(scene, b, "to.b");
    uint64_t ids[2] = {0};

    WELL(natsConnection_GetClientID(a->nc, &ids[0]));
    WELL(natsConnection_GetClientID(b->nc, &ids[1]));
    assert_int_not_equal(ids[0], ids[1]);
    publish(a, "to.b", "from a");
    publish(b, "to.a", "from b");
    want_next(to_b, "from a");
    want_next(to_a, "from b");
}

static void many_connections_hear_one_message(void **state)
{
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "");
    natsSubscription *subs[50];

    for (int i = 0; i < 50; i++) {
        subs[i] = scene_subscribe(scene, scene_connect(scene, server, NULL), "all");
    }
    publish(scene_connect(scene, server, NULL), "all", "hello");
    for (int i = 0; i < 50; i++) {
        want_next(subs[i], "hello");
    }
}

static void no_echo_keeps_own_messages_away(void **state)
{
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "");
    natsOptions *options = scene_options(scene, server);
    struct link *quiet, *other;
    natsSubscription *own, *others;

    WELL(natsOptions_SetNoEcho(options, true));
    quiet = scene_connect(scene, server, options);
    other = scene_connect(scene, server, NULL);
    own = scene_subscribe(scene, quiet, "subject");
    others = scene_subscribe(scene, other, "subject");
    publish(quiet, "subject", "own");
    flush(quiet);
    publish(other, "subject", "other's");
    want_next(others, "own");
    want_next(others, "other's");
    want_next(own, "other's");
    want_no_more(own);
}

static void verbose_and_pedantic_connections_work(void **state)
{
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "");

    for (int i = 1; i < 4; i++) {
        natsOptions *options = scene_options(scene, server);

        WELL(natsOptions_SetVerbose(options, (i & 1) != 0));
        WELL(natsOptions_SetPedantic(options, (i & 2) != 0));
        want_exchange(scene, scene_connect(scene, server, options));
    }
}

// With 20 PINGs of the client unanswered, the library gives up the connection; with 20 of the
// server, which pings only those who say nothing, the server does.
static void pings_of_both_sides_are_answered(void **state)
{
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "ping_interval: \"50ms\"\nping_max: 20");
    natsOptions *options = scene_options(scene, server);
    struct link *silent = scene_connect(scene, server, NULL);
    struct link *link;

    WELL(natsOptions_SetPingInterval(options, 50));
    WELL(natsOptions_SetMaxPingsOut(options, 20));
    link = scene_connect(scene, server, options);
    assert_true(bell_stays_silent(&link->disconnected, 1300)); // the library does not tell of PINGs
    assert_true(bell_stays_silent(&silent->disconnected, 0));
    want_exchange(scene, link);
    want_exchange(scene, silent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(info_is_understood),
        SCENE_TEST(configured_max_payload_is_announced),
        SCENE_TEST(flush_and_round_trip_time),
        SCENE_TEST(two_connections_meet),
        SCENE_TEST(many_connections_hear_one_message),
        SCENE_TEST(no_echo_keeps_own_messages_away),
        SCENE_TEST(verbose_and_pedantic_connections_work),
        SCENE_TEST(pings_of_both_sides_are_answered),
    };
    return cmocka_run_group_tests_name("connect", tests, NULL, NULL);
}
