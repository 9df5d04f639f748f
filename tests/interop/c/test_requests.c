// Requests: answered, unanswered, and with nobody there.
#include "scene.h"

#include <string.h>

// Says to each request what it was sent, header "Key" included.
static void echo(natsConnection *nc, natsSubscription *sub, natsMsg *request, void *closure)
{
    natsMsg *answer = NULL;
    const char **values = NULL;
    int n = 0;

    (void)sub;
    (void)closure;
    if (natsMsg_Create(&answer, natsMsg_GetReply(request), NULL, natsMsg_GetData(request),
                       natsMsg_GetDataLength(request)) == NATS_OK) {
        if (natsMsgHeader_Values(request, "Key", &values, &n) == NATS_OK) {
            for (int i = 0; i < n; i++) {
                natsMsgHeader_Add(answer, "Key", values[i]);
            }
            free(values);
        }
        natsConnection_PublishMsg(nc, answer);
        natsMsg_Destroy(answer);
    }
    natsMsg_Destroy(request);
}

// A client whose requests wait on one inbox for all, or on one for each.
static struct link *requester(struct scene *scene, struct server *server, bool inbox_each)
{
    natsOptions *options = scene_options(scene, server);

    WELL(natsOptions_UseOldRequestStyle(options, inbox_each));
    return scene_connect(scene, server, options);
}

static void request_is_answered(void **state)
{
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "");

    scene_handle(scene, scene_connect(scene, server, NULL), "echo", echo, NULL);
    for (int style = 0; style < 2; style++) {
        struct link *link = requester(scene, server, style == 1);

        for (int i = 0; i < 100; i++) {
            char text[32];
            natsMsg *answer = NULL;

            snprintf(text, sizeof(text), "message %d", i);
            WELL(natsConnection_RequestString(&answer, link->nc, "echo", text, DEADLINE_MS));
            assert_string_equal(natsMsg_GetData(answer), text);
            natsMsg_Destroy(answer);
        }
    }
}

static void request_and_answer_carry_headers(void **state)
{
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "");
    struct link *link = scene_connect(scene, server, NULL);
    natsMsg *request = NULL, *answer = NULL;
    const char **values = NULL;
    int n = 0;

    scene_handle(scene, scene_connect(scene, server, NULL), "echo", echo, NULL);
    WELL(natsMsg_Create(&request, "echo", NULL, NULL, 0));
    WELL(natsMsgHeader_Add(request, "Key", "one"));
    WELL(natsMsgHeader_Add(request, "Key", "two"));
    WELL(natsConnection_RequestMsg(&answer, link->nc, request, DEADLINE_MS));
    WELL(natsMsgHeader_Values(answer, "Key", &values, &n));
    assert_int_equal(n, 2);
    assert_string_equal(values[0], "one");
    assert_string_equal(values[1], "two");
    free(values);
    natsMsg_Destroy(request);
    natsMsg_Destroy(answer);
}

static void request_without_responders_fails_at_once(void **state)
{
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "");

    for (int style = 0; style < 2; style++) {
        struct link *link = requester(scene, server, style == 1);
        natsMsg *answer = NULL;

        assert_int_equal(natsConnection_RequestString(&answer, link->nc, "nobody", "", DEADLINE_MS),
                         NATS_NO_RESPONDERS);
    }
}

static void no_responders_is_said_once_answerers_left(void **state)
{
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "");
    struct link *service = scene_connect(scene, server, NULL);
    struct link *link = scene_connect(scene, server, NULL);
    natsSubscription *sub = scene_join(scene, service, "silent", "group");
    natsMsg *answer = NULL;

    assert_int_equal(natsConnection_RequestString(&answer, link->nc, "silent", "", 50),
                     NATS_TIMEOUT);
    WELL(natsSubscription_Unsubscribe(sub));
    flush(service);
    assert_int_equal(natsConnection_RequestString(&answer, link->nc, "silent", "", DEADLINE_MS),
                     NATS_NO_RESPONDERS);
}

static void many_may_answer_one_request(void **state)
{
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "");
    struct link *link = scene_connect(scene, server, NULL);
    natsSubscription *answers = scene_subscribe(scene, link, "answers.here");

    for (int i = 0; i < 5; i++) {
        scene_handle(scene, scene_connect(scene, server, NULL), "who", echo, NULL);
    }
    WELL(natsConnection_PublishRequestString(link->nc, "who", "answers.here", "me"));
    for (int i = 0; i < 5; i++) {
        want_next(answers, "me");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(request_is_answered),
        SCENE_TEST(request_and_answer_carry_headers),
        SCENE_TEST(request_without_responders_fails_at_once),
        SCENE_TEST(no_responders_is_said_once_answerers_left),
        SCENE_TEST(many_may_answer_one_request),
    };
    return cmocka_run_group_tests_name("requests", tests, NULL, NULL);
}
