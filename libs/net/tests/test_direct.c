#include "direct.h"

#include "batch.h"
#include "net_rig.h"

#include <sched.h>
#include <sys/ioctl.h>

enum {
    WORKERS = 3,
};

struct scene {
    struct rig rig;
    struct rig_peer *peer; // of worker 0
    int pair[2];
};

static void scene_begin(struct scene *scene, bool small)
{
    rig_start(&scene->rig, WORKERS);
    rig_tcp_pair(scene->pair, small);
    scene->peer = rig_peer_create(scene->pair[0]);
    rig_peer_open(scene->peer, nnet_group_worker(scene->rig.group, 0));
}

static void scene_end(struct scene *scene)
{
    rig_peer_destroy(&scene->peer);
    close(scene->pair[1]);
    rig_stop(&scene->rig);
}

static void wait_asleep(const struct nnet_worker *worker)
{
    struct nb_mono start = nb_mono_now();

    while (atomic_load(&worker->sleep) != NNET__ASLEEP) {
        assert_true(nb_mono_now().ns - start.ns < 60 * (uint64_t)NB_NS_PER_S);
        sched_yield();
    }
}

struct message {
    struct scene *scene;
    size_t from; // in the pattern
    size_t n;
    struct nb_chunk *chunk; // a payload by reference, or NULL
};

static void put_pattern(struct nnet_worker *worker, struct nnet_conn *conn, size_t from, size_t n)
{
    uint8_t *room = nnet_out_reserve(worker, conn, n);

    rig_fill(room, n, from);
    nnet_out_commit(worker, conn, n, 1, n);
}

// While the owner sleeps, what was sent is in the socket when posting returns.
static void do_send(void *arg, struct nnet_worker *worker)
{
    struct message *message = arg;
    struct nnet_conn *conn = &message->scene->peer->conn;

    if (message->chunk != NULL) {
        nnet_out_append_ref(worker, conn, message->chunk,
                            nb_slice_make(message->chunk->data, message->n));
    }
    put_pattern(worker, conn, message->from + (message->chunk != NULL ? message->n : 0),
                message->chunk != NULL ? 2 : message->n);
    wait_asleep(conn->worker);
    nnet__batches_post(worker);
}

static int bytes_there(int fd)
{
    int n = 0;

    assert_int_equal(ioctl(fd, FIONREAD, &n), 0);
    return n;
}

static void bytes_for_a_sleeper_are_written_by_the_sender(void **state NB_UNUSED)
{
    struct scene scene;
    struct message message = {.scene = &scene, .n = 1000};
    uint64_t tasks;

    scene_begin(&scene, false);
    rig_call(scene.peer->conn.worker, rig_do_nothing, NULL);
    wait_asleep(scene.peer->conn.worker);
    tasks = scene.peer->conn.worker->task_count;
    rig_call(nnet_group_worker(scene.rig.group, 1), do_send, &message);
    assert_int_equal(bytes_there(scene.pair[1]), 1000);
    rig_expect_pattern(scene.pair[1], 0, 1000);
    rig_call(scene.peer->conn.worker, rig_do_nothing, NULL);
    assert_int_equal(scene.peer->conn.out_items, 1);
    assert_int_equal(scene.peer->conn.out_item_bytes, 1000);
    wait_asleep(scene.peer->conn.worker);
    assert_int_equal(scene.peer->conn.worker->task_count, tasks + 1); // ours: nothing was posted
    assert_int_equal(nnet_conn_backlog_bytes(&scene.peer->conn), 0);
    scene_end(&scene);
}

static void a_referenced_payload_goes_with_its_line(void **state NB_UNUSED)
{
    struct scene scene;
    struct message message = {.scene = &scene, .n = 20000};

    scene_begin(&scene, false);
    message.chunk = nb_chunk_create(message.n);
    rig_fill(message.chunk->data, message.n, 0);
    rig_call(nnet_group_worker(scene.rig.group, 1), do_send, &message);
    rig_expect_pattern(scene.pair[1], 0, message.n + 2);
    assert_true(nb_chunk_is_unshared(message.chunk));
    nb_chunk_unref(message.chunk);
    scene_end(&scene);
}

// The socket takes a part: the rest stays ahead of what others send meanwhile.
static void what_the_socket_does_not_take_keeps_its_place(void **state NB_UNUSED)
{
    enum { EACH = 16000, COUNT = 200 };
    struct scene scene;

    scene_begin(&scene, true);
    for (unsigned i = 0; i < COUNT; i++) { // more than both buffers take
        struct message message = {.scene = &scene, .from = (size_t)i * EACH, .n = EACH};

        rig_call(nnet_group_worker(scene.rig.group, 1 + i % 2), do_send, &message);
    }
    assert_true(nnet_conn_backlog_bytes(&scene.peer->conn) > 0);
    rig_expect_pattern(scene.pair[1], 0, (size_t)EACH * COUNT);
    rig_call(scene.peer->conn.worker, rig_do_nothing, NULL);
    assert_int_equal(scene.peer->conn.out_items, COUNT);
    scene_end(&scene);
}

struct two {
    struct scene *scene;
    struct rig_peer *other;
};

// In turn to two connections of the same worker.
static void do_send_to_two(void *arg, struct nnet_worker *worker)
{
    enum { EACH = 700 };
    const struct two *two = arg;

    for (size_t i = 0; i < 4; i++) {
        put_pattern(worker, &two->scene->peer->conn, i * EACH, EACH);
        put_pattern(worker, &two->other->conn, i * EACH, EACH);
    }
    wait_asleep(two->other->conn.worker);
    nnet__batches_post(worker);
}

static void several_connections_are_written_in_turn(void **state NB_UNUSED)
{
    struct scene scene;
    struct two two = {.scene = &scene};
    int pair[2];
    uint64_t tasks;

    scene_begin(&scene, false);
    rig_tcp_pair(pair, false);
    two.other = rig_peer_create(pair[0]);
    rig_peer_open(two.other, scene.peer->conn.worker);
    rig_call(scene.peer->conn.worker, rig_do_nothing, NULL);
    wait_asleep(scene.peer->conn.worker);
    tasks = scene.peer->conn.worker->task_count;
    rig_call(nnet_group_worker(scene.rig.group, 1), do_send_to_two, &two);
    rig_expect_pattern(scene.pair[1], 0, 2800);
    rig_expect_pattern(pair[1], 0, 2800);
    rig_call(scene.peer->conn.worker, rig_do_nothing, NULL);
    wait_asleep(scene.peer->conn.worker);
    assert_int_equal(scene.peer->conn.worker->task_count, tasks + 1); // ours: nothing was posted
    assert_int_equal(two.other->conn.out_items, 4);
    rig_peer_destroy(&two.other);
    close(pair[1]);
    scene_end(&scene);
}

static void a_peer_that_is_gone_is_told_by_the_owner(void **state NB_UNUSED)
{
    struct scene scene;
    const struct linger reset = {.l_onoff = 1};
    struct message message = {.scene = &scene, .n = 100};

    scene_begin(&scene, false);
    setsockopt(scene.pair[1], SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    close(scene.pair[1]);
    rig_call(nnet_group_worker(scene.rig.group, 1), do_send, &message);
    rig_wait(scene.peer, scene.peer->closed_count == 1);
    assert_int_equal(scene.peer->ended_count, 1);
    rig_peer_destroy(&scene.peer);
    rig_stop(&scene.rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_for_a_sleeper_are_written_by_the_sender),
        cmocka_unit_test(a_referenced_payload_goes_with_its_line),
        cmocka_unit_test(what_the_socket_does_not_take_keeps_its_place),
        cmocka_unit_test(several_connections_are_written_in_turn),
        cmocka_unit_test(a_peer_that_is_gone_is_told_by_the_owner),
    };

    return cmocka_run_group_tests_name("direct", tests, NULL, NULL);
}
