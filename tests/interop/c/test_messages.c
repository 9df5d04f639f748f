// Publish and subscribe: what arrives, where, and in which order.
#include "scene.h"

#include <string.h>

static void payloads_arrive_unchanged(void **state)
{
    static const struct {
        const char *data;
        int size;
    } payloads[] = {{"", 0},
                    {"x", 1},
                    {"\r\n", 2},
                    {"PING\r\n", 6},
                    {"a\0b", 3},
                    {"\xff", 1},
                    {"MSG s 1 1\r\nx\r\n", 14}};
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "");
    struct link *from = scene_connect(scene, server, NULL);
    struct link *to = scene_connect(scene, server, NULL);
    natsSubscription *sub = scene_subscribe(scene, to, "subject");

    for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
        natsMsg *msg;

        WELL(natsConnection_Publish(from->nc, "subject", payloads[i].data, payloads[i].size));
        msg = next(sub);
        assert_string_equal(natsMsg_GetSubject(msg), "subject");
        assert_null(natsMsg_GetReply(msg));
        assert_int_equal(natsMsg_GetDataLength(msg), payloads[i].size);
        assert_memory_equal(natsMsg_GetData(msg), payloads[i].data, (size_t)payloads[i].size);
        natsMsg_Destroy(msg);
    }
}

static const char *const published[] = {"a", "b", "a.b", "a.b.c", "a.c", "a.b.c.d", "A.b", "x.b.c"};
enum { PUBLISHED = sizeof(published) / sizeof(published[0]) };

// For each subject subscribed to, those of the above that it matches.
static const struct {
    const char *subject;
    const char *matches[PUBLISHED + 1];
} wildcards[] = {
    {"a", {"a"}},
    {"*", {"a", "b"}},
    {">", {"a", "b", "a.b", "a.b.c", "a.c", "a.b.c.d", "A.b", "x.b.c"}},
    {"a.*", {"a.b", "a.c"}},
    {"a.>", {"a.b", "a.b.c", "a.c", "a.b.c.d"}},
    {"*.b", {"a.b", "A.b"}},
    {"*.*.c", {"a.b.c", "x.b.c"}},
    {"a.*.c.>", {"a.b.c.d"}},
    {"*.b.>", {"a.b.c", "a.b.c.d", "x.b.c"}},
    {"c.>", {NULL}},
};
enum { WILDCARDS = sizeof(wildcards) / sizeof(wildcards[0]) };

static void wildcards_match(void **state)
{
    struct scene *scene = *state;
    struct link *link = scene_connect(scene, scene_server(scene, ""), NULL);
    natsSubscription *subs[WILDCARDS];

    for (int i = 0; i < WILDCARDS; i++) {
        subs[i] = scene_subscribe(scene, link, wildcards[i].subject);
    }
    for (int i = 0; i < PUBLISHED; i++) {
        publish(link, published[i], "");
    }
    flush(link);
    for (int i = 0; i < WILDCARDS; i++) {
        for (const char *const *match = wildcards[i].matches; *match != NULL; match++) {
            natsMsg *msg = next(subs[i]);

            assert_string_equal(natsMsg_GetSubject(msg), *match);
            natsMsg_Destroy(msg);
        }
        want_no_more(subs[i]);
    }
}

static void overlapping_subscriptions_each_get_a_copy(void **state)
{
    static const char *const subjects[] = {"a.b", "a.b", "a.*", "a.>", ">"};
    struct scene *scene = *state;
    struct link *link = scene_connect(scene, scene_server(scene, ""), NULL);
    natsSubscription *subs[5];

    for (int i = 0; i < 5; i++) {
        subs[i] = scene_subscribe(scene, link, subjects[i]);
    }
    publish(link, "a.b", "hello");
    flush(link);
    for (int i = 0; i < 5; i++) {
        want_next(subs[i], "hello");
        want_no_more(subs[i]);
    }
}

enum { SHARED = 600 };

// Takes what is there, notes which messages it was, and returns how many.
static int take_share(natsSubscription *sub, bool seen[SHARED])
{
    uint64_t queued = 0;

    WELL(natsSubscription_QueuedMsgs(sub, &queued));
    for (uint64_t i = 0; i < queued; i++) {
        natsMsg *msg = next(sub);
        int number = -1;

        assert_int_equal(sscanf(natsMsg_GetData(msg), "message %d", &number), 1);
        assert_in_range(number, 0, SHARED - 1);
        assert_false(seen[number]);
        seen[number] = true;
        natsMsg_Destroy(msg);
    }
    return (int)queued;
}

static void queue_groups_share_messages(void **state)
{
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "");
    struct link *links[3];
    natsSubscription *first[3], *second, *plain;
    bool seen[SHARED] = {false};
    int taken = 0;

    for (int i = 0; i < 3; i++) {
        links[i] = scene_connect(scene, server, NULL);
        first[i] = scene_join(scene, links[i], "work.*", "first");
    }
    second = scene_join(scene, links[0], "work.one", "second");
    plain = scene_subscribe(scene, links[0], "work.>");
    publish_numbered(scene_connect(scene, server, NULL), "work.one", 0, SHARED);
    want_numbered(second, 0, SHARED);
    want_numbered(plain, 0, SHARED);
    for (int i = 0; i < 3; i++) { // what went to members has left the server before the answer
        int share;

        flush(links[i]);
        share = take_share(first[i], seen);
        assert_in_range(share, SHARED / 10, SHARED);
        taken += share;
    }
    assert_int_equal(taken, SHARED);
}

static void queue_group_goes_on_without_a_member(void **state)
{
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "");
    struct link *link = scene_connect(scene, server, NULL);
    struct link *other = scene_connect(scene, server, NULL);
    natsSubscription *stays = scene_join(scene, link, "work", "group");
    natsSubscription *leaves = scene_join(scene, other, "work", "group");

    WELL(natsSubscription_Unsubscribe(leaves));
    flush(other);
    publish_numbered(link, "work", 0, 50);
    want_numbered(stays, 0, 50);
}

static void want_header(natsMsg *msg, const char *key, int count, const char *const *wanted)
{
    const char **values = NULL;
    int n = 0;

    WELL(natsMsgHeader_Values(msg, key, &values, &n));
    assert_int_equal(n, count);
    for (int i = 0; i < n; i++) {
        assert_string_equal(values[i], wanted[i]);
    }
    free(values);
}

static void headers_keep_case_and_values(void **state)
{
    static const char *const many[] = {"first", "second", "first"};
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "");
    struct link *from = scene_connect(scene, server, NULL);
    natsSubscription *sub = scene_subscribe(scene, scene_connect(scene, server, NULL), "subject");

    for (int size = 0; size <= 5; size += 5) {
        natsMsg *msg = NULL;

        WELL(natsMsg_Create(&msg, "subject", NULL, "hello", size));
        WELL(natsMsgHeader_Add(msg, "lower-case", "1"));
        WELL(natsMsgHeader_Add(msg, "Mixed-Case", "2"));
        WELL(natsMsgHeader_Add(msg, "MIXED-CASE", "a: b:c"));
        for (int i = 0; i < 3; i++) {
            WELL(natsMsgHeader_Add(msg, "Many", many[i]));
        }
        WELL(natsConnection_PublishMsg(from->nc, msg));
        natsMsg_Destroy(msg);
        msg = next(sub);
        assert_int_equal(natsMsg_GetDataLength(msg), size);
        want_header(msg, "lower-case", 1, (const char *const[]){"1"});
        want_header(msg, "Mixed-Case", 1, (const char *const[]){"2"});
        want_header(msg, "MIXED-CASE", 1, (const char *const[]){"a: b:c"});
        want_header(msg, "Many", 3, many);
        natsMsg_Destroy(msg);
    }
}

static void large_payloads_up_to_the_limit(void **state)
{
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "");

    want_large_payloads(scene, scene_connect(scene, server, NULL),
                        scene_connect(scene, server, NULL));
}

static void many_messages_keep_their_order(void **state)
{
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "");
    struct link *from = scene_connect(scene, server, NULL);
    natsSubscription *sub = scene_subscribe(scene, scene_connect(scene, server, NULL), "subject");

    publish_numbered(from, "subject", 0, 50000);
    want_numbered(sub, 0, 50000);
}

static void many_subscriptions_on_one_connection(void **state)
{
    enum { MANY = 1000 };
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "");
    struct link *from = scene_connect(scene, server, NULL);
    struct link *to = scene_connect(scene, server, NULL);
    natsSubscription *subs[MANY];
    char subject[32];

    for (int i = 0; i < MANY; i++) {
        snprintf(subject, sizeof(subject), "subject.%d", i);
        subs[i] = scene_subscribe(scene, to, subject);
    }
    for (int i = 0; i < MANY; i++) {
        snprintf(subject, sizeof(subject), "subject.%d", i);
        publish_numbered(from, subject, i, 1);
    }
    for (int i = 0; i < MANY; i++) {
        want_numbered(subs[i], i, 1);
    }
}

static void unsubscribe_ends_delivery(void **state)
{
    struct scene *scene = *state;
    struct link *link = scene_connect(scene, scene_server(scene, ""), NULL);
    natsSubscription *ends = scene_subscribe(scene, link, "subject");
    natsSubscription *stays = scene_subscribe(scene, link, "subject");
    natsMsg *msg = NULL;

    publish(link, "subject", "both");
    want_next(stays, "both");
    want_next(ends, "both");
    WELL(natsSubscription_Unsubscribe(ends));
    publish(link, "subject", "one");
    want_next(stays, "one");
    assert_int_equal(natsSubscription_NextMsg(&msg, ends, DEADLINE_MS), NATS_INVALID_SUBSCRIPTION);
}

static void unsubscribe_after_a_maximum(void **state)
{
    static const struct {
        int before, maximum;
    } cases[] = {{0, 1}, {0, 5}, {3, 5}};
    struct scene *scene = *state;
    struct server *server = scene_server(scene, "");
    struct link *from = scene_connect(scene, server, NULL);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct link *to = scene_connect(scene, server, NULL);
        natsSubscription *ends = scene_subscribe(scene, to, "subject");
        natsSubscription *stays = scene_subscribe(scene, to, "subject");
        natsMsg *msg = NULL;

        publish_numbered(from, "subject", 0, cases[i].before);
        want_numbered(stays, 0, cases[i].before);
        WELL(natsSubscription_AutoUnsubscribe(ends, cases[i].maximum));
        flush(to);
        publish_numbered(from, "subject", cases[i].before, 10);
        want_numbered(stays, cases[i].before, 10);
        want_numbered(ends, 0, cases[i].maximum);
        assert_int_equal(natsSubscription_NextMsg(&msg, ends, DEADLINE_MS),
                         NATS_MAX_DELIVERED_MSGS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(payloads_arrive_unchanged),
        SCENE_TEST(wildcards_match),
        SCENE_TEST(overlapping_subscriptions_each_get_a_copy),
        SCENE_TEST(queue_groups_share_messages),
        SCENE_TEST(queue_group_goes_on_without_a_member),
        SCENE_TEST(headers_keep_case_and_values),
        SCENE_TEST(large_payloads_up_to_the_limit),
        SCENE_TEST(many_messages_keep_their_order),
        SCENE_TEST(many_subscriptions_on_one_connection),
        SCENE_TEST(unsubscribe_ends_delivery),
        SCENE_TEST(unsubscribe_after_a_maximum),
    };
    return cmocka_run_group_tests_name("messages", tests, NULL, NULL);
}
