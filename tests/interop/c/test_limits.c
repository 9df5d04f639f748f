// Limits of the server, and what the library makes of them.
#include "scene.h"

#include <string.h>

// The server goes on; this library closes the connection at any error that is not about permissions.
static void maximum_of_subscriptions_is_reported(void **state)
{
    struct scene *scene = *state;
    struct link *link = scene_connect(scene, scene_server(scene, "max_subscriptions: 3"), NULL);
    natsSubscription *fourth = NULL;
    const char *text = NULL;

    scene_subscribe(scene, link, "subject.1");
    scene_subscribe(scene, link, "subject.2");
    scene_subscribe(scene, link, "subject.3");
    WELL(natsConnection_SubscribeSync(&fourth, link->nc, "subject.4"));
    bell_await(&link->closed, "the end of the connection");
    natsConnection_GetLastError(link->nc, &text);
    assert_non_null(strcasestr(text, "maximum subscriptions exceeded"));
    natsSubscription_Destroy(fourth);
}

static void too_large_payload_is_refused_by_the_library(void **state)
{
    struct scene *scene = *state;
    struct link *link = scene_connect(scene, scene_server(scene, "max_payload: 1024"), NULL);

    want_large_payloads(scene, link, link);
}

static void slow_subscription_is_reported_by_the_library(void **state)
{
    struct scene *scene = *state;
    struct link *link = scene_connect(scene, scene_server(scene, ""), NULL);
    natsSubscription *slow = scene_subscribe(scene, link, "subject");
    natsSubscription *fast = scene_subscribe(scene, link, "subject");
    int64_t dropped = 0;

    WELL(natsSubscription_SetPendingLimits(slow, 10, -1));
    publish_numbered(link, "subject", 0, 100);
    assert_int_equal(bell_await(&link->errors, "the report"), NATS_SLOW_CONSUMER);
    want_numbered(fast, 0, 100);
    WELL(natsSubscription_GetDropped(slow, &dropped));
    assert_int_equal(dropped, 90);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(maximum_of_subscriptions_is_reported),
        SCENE_TEST(too_large_payload_is_refused_by_the_library),
        SCENE_TEST(slow_subscription_is_reported_by_the_library),
    };
    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
