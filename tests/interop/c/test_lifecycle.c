// Drain, restarts of the server, lame duck.
#include "scene.h"

#include <signal.h>
#include <string.h>

static void drained_subscription_gets_what_is_on_its_way(void **state)
{
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "");
    struct link *publisher = scene_connect(scene, server, NULL);
    struct link *link = scene_connect(scene, server, NULL);
    natsSubscription *sub = scene_subscribe(scene, link, "subject");
    natsMsg *answer = NULL;

    publish_numbered(publisher, "subject", 0, 1000);
    flush(publisher);
    WELL(natsSubscription_Drain(sub));
    want_numbered(sub, 0, 1000);
    WELL(natsSubscription_WaitForDrainCompletion(sub, DEADLINE_MS));
    assert_int_equal(
        natsConnection_RequestString(&answer, publisher->nc, "subject", "", DEADLINE_MS),
        NATS_NO_RESPONDERS); // the server has forgotten it
}

static void respond(natsConnection *nc, natsSubscription *sub, natsMsg *msg, void *closure)
{
    (void)sub;
    (void)closure;
    natsConnection_Publish(nc, natsMsg_GetReply(msg), natsMsg_GetData(msg),
                           natsMsg_GetDataLength(msg));
    natsMsg_Destroy(msg);
}

static void drained_connection_finishes_its_work(void **state)
{
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "");
    struct link *service = scene_connect(scene, server, NULL);
    struct link *link = scene_connect(scene, server, NULL);
    natsSubscription *answers = scene_subscribe(scene, link, "answers.here");
    char text[32];

    scene_handle(scene, service, "echo", respond, NULL);
    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof(text), "message %d", i);
        WELL(natsConnection_PublishRequestString(link->nc, "echo", "answers.here", text));
    }
    flush(link);
    WELL(natsConnection_Drain(service->nc));
    bell_await(&service->closed, "the end of the drain");
    want_numbered(answers, 0, 1000);
}

static void subscriptions_return_after_a_restart(void **state)
{
    void (*const ends[])(struct server *) = {server_stop, server_kill};
    struct scene *scene = *state;

    for (int i = 0; i < 2; i++) {
        struct server *server =
            scene_server(scene, "authorization { user: alice, password: secret }");
        natsOptions *options = scene_options(scene, server);
        struct link *link;
        natsSubscription *subs[3];

        WELL(natsOptions_SetUserInfo(options, "alice", "secret"));
        link = scene_connect(scene, server, options);
        subs[0] = scene_subscribe(scene, link, "subject");
        subs[1] = scene_subscribe(scene, link, "*");
        subs[2] = scene_join(scene, link, "subject", "group");
        ends[i](server);
        bell_await(&link->disconnected, "the disconnect");
        publish_numbered(link, "subject", 0, 10); // kept by the library until it is back
        server_start(server);
        bell_await(&link->reconnected, "the reconnect");
        for (int j = 0; j < 3; j++) {
            want_numbered(subs[j], 0, 10);
        }
        want_exchange(scene, link);
    }
}

static void maximum_is_kept_over_a_restart(void **state)
{
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "");
    struct link *link = scene_connect(scene, server, NULL);
    natsSubscription *ends = scene_subscribe(scene, link, "subject");
    natsSubscription *stays = scene_subscribe(scene, link, "subject");
    natsMsg *msg = NULL;

    WELL(natsSubscription_AutoUnsubscribe(ends, 5));
    publish_numbered(link, "subject", 0, 3);
    want_numbered(ends, 0, 3);
    server_stop(server);
    server_start(server);
    bell_await(&link->reconnected, "the reconnect");
    publish_numbered(link, "subject", 3, 10);
    want_numbered(stays, 0, 13);
    want_numbered(ends, 3, 2);
    assert_int_equal(natsSubscription_NextMsg(&msg, ends, DEADLINE_MS), NATS_MAX_DELIVERED_MSGS);
}

static void client_moves_to_another_server(void **state)
{
    struct scene *scene = *state;
    struct server *a = scene_server(scene, "");
    struct server *b = scene_server(scene, "");
    natsOptions *options = scene_options(scene, a);
    struct link *link;
    natsSubscription *sub;
    char url[128];

    WELL(natsOptions_SetURL(options, NULL));
    WELL(natsOptions_SetServers(options, (const char *[]){a->url, b->url}, 2));
    WELL(natsOptions_SetNoRandomize(options, true));
    link = scene_connect(scene, a, options);
    sub = scene_subscribe(scene, link, "subject");
    server_stop(a);
    bell_await(&link->reconnected, "the reconnect");
    WELL(natsConnection_GetConnectedUrl(link->nc, url, sizeof(url)));
    assert_string_equal(url, b->url);
    publish(scene_connect(scene, b, NULL), "subject", "hello");
    want_next(sub, "hello");
}

static void lame_duck_is_announced_and_clients_are_sent_away(void **state)
{
    struct scene *scene = *state;
    struct server *server =
        scene_server(scene, "lame_duck_duration: \"30s\"\nlame_duck_grace_period: \"200ms\"");
    natsOptions *options = scene_options(scene, server);
    struct link *link;

    WELL(natsOptions_SetAllowReconnect(options, false));
    link = scene_connect(scene, server, options);
    assert_int_equal(kill(server->pid, SIGUSR2), 0);
    bell_await(&link->lame_duck, "the announcement");
    want_exchange(scene, link); // there is time to move
    assert_int_equal(scene_refused(scene, server, NULL), NATS_NO_SERVER);
    bell_await(&link->closed, "the end of the connection");
    server_await_end(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(drained_subscription_gets_what_is_on_its_way),
        SCENE_TEST(drained_connection_finishes_its_work),
        SCENE_TEST(subscriptions_return_after_a_restart),
        SCENE_TEST(maximum_is_kept_over_a_restart),
        SCENE_TEST(client_moves_to_another_server),
        SCENE_TEST(lame_duck_is_announced_and_clients_are_sent_away),
    };
    return cmocka_run_group_tests_name("lifecycle", tests, NULL, NULL);
}
