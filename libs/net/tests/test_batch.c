#include "net_rig.h"

#include <stdatomic.h>

enum {
    WORKERS = 3,
    SENDERS = WORKERS + 1, // the control worker, too
};

// Each message: sender, number, length, then bytes that follow from them.
struct message_head {
    uint32_t sender;
    uint32_t number;
    uint32_t n;
};

static struct nnet_worker *worker_at(struct rig *rig, unsigned index)
{
    return index < WORKERS ? nnet_group_worker(rig->group, index) : nnet_group_control(rig->group);
}

// A worker that sends a share of its messages in each pass.
struct sender {
    struct nnet_task task;
    struct rig_peer *target;
    uint32_t index;
    uint32_t next;
    uint32_t total;
    uint32_t per_pass;
    bool with_references;
    sem_t done;
};

static uint32_t size_of_message(uint32_t number, bool with_references)
{
    uint32_t n = (number * 2654435761u) >> 20; // below 4096

    if (with_references && number % 16 == 3) {
        n += NNET_OUT_REFERENCE_MIN_BYTES;
    }
    return number % 5 == 0 ? n % 50 : n;
}

static void put_message(struct nnet_worker *worker, struct sender *sender)
{
    struct message_head head = {
        .sender = sender->index,
        .number = sender->next,
        .n = size_of_message(sender->next, sender->with_references),
    };
    struct nnet_conn *conn = &sender->target->conn;
    uint8_t *room = nnet_out_reserve(worker, conn, sizeof(head));

    memcpy(room, &head, sizeof(head));
    nnet_out_commit(worker, conn, sizeof(head), 0, 0);
    if (head.n >= NNET_OUT_REFERENCE_MIN_BYTES) {
        struct nb_chunk *chunk = nb_chunk_create(head.n);

        rig_fill(chunk->data, head.n, head.number);
        nnet_out_append_ref(worker, conn, chunk, nb_slice_make(chunk->data, head.n));
        nb_chunk_unref(chunk);
        nnet_out_reserve(worker, conn, 1)[0] = '\n';
        nnet_out_commit(worker, conn, 1, 1, head.n);
    } else {
        room = nnet_out_reserve(worker, conn, head.n + 1);
        rig_fill(room, head.n, head.number);
        room[head.n] = '\n';
        nnet_out_commit(worker, conn, head.n + 1, 1, head.n);
    }
    sender->next++;
}

static void send_share(struct nnet_task *task, struct nnet_worker *worker)
{
    struct sender *sender = nb_container_of(task, struct sender, task);

    // The test's own back-pressure: a bound on what lies between the workers.
    if (!nnet_out_is_congested(worker)) {
        for (uint32_t i = 0; i < sender->per_pass && sender->next < sender->total; i++) {
            put_message(worker, sender);
        }
    }
    if (sender->next < sender->total) {
        nnet_worker_post(worker, task);
    } else {
        sem_post(&sender->done);
    }
}

static void receive_and_check(int fd, uint32_t total)
{
    uint32_t next[SENDERS] = {0};
    uint8_t *payload = nb_alloc(64 * 1024 + 1);

    for (uint32_t i = 0; i < total; i++) {
        struct message_head head;

        rig_recv(fd, &head, sizeof(head));
        assert_true(head.sender < SENDERS);
        assert_int_equal(head.number, next[head.sender]);
        next[head.sender]++;
        assert_true(head.n <= 64 * 1024);
        rig_recv(fd, payload, head.n + 1);
        assert_int_equal(payload[head.n], '\n');
        for (uint32_t k = 0; k < head.n; k++) {
            if (payload[k] != rig_byte(head.number + k)) {
                fail_msg("message %u of %u, byte %u of %u: got %d, want %d", head.number,
                         head.sender, k, head.n, payload[k], rig_byte(head.number + k));
            }
        }
    }
    nb_free(payload);
}

static void run_senders(bool with_references, bool small)
{
    struct rig rig;
    struct rig_peer *peer;
    struct sender senders[SENDERS];
    uint32_t total = 3000;
    int pair[2];

    rig_start(&rig, WORKERS);
    rig_tcp_pair(pair, small);
    peer = rig_peer_create(pair[0]);
    rig_peer_open(peer, worker_at(&rig, 0));
    for (unsigned i = 0; i < SENDERS; i++) {
        senders[i] = (struct sender){.task = {.run = send_share},
                                     .target = peer,
                                     .index = i,
                                     .total = total,
                                     .per_pass = 1 + 37 * i,
                                     .with_references = with_references};
        sem_init(&senders[i].done, 0, 0);
        nnet_worker_post(worker_at(&rig, i), &senders[i].task);
    }
    receive_and_check(pair[1], SENDERS * total);
    for (unsigned i = 0; i < SENDERS; i++) {
        rig_wait_sem(&senders[i].done);
        sem_destroy(&senders[i].done);
    }
    rig_peer_destroy(&peer);
    close(pair[1]);
    rig_stop(&rig);
}

static void each_senders_messages_arrive_in_order(void **state NB_UNUSED)
{
    run_senders(false, false);
}

static void references_keep_their_place(void **state NB_UNUSED)
{
    run_senders(true, false);
}

static void order_holds_when_the_socket_is_full(void **state NB_UNUSED)
{
    run_senders(true, true);
}

// One sender with a long run and little else: queued by reference at the other side.
static void long_runs_arrive_whole(void **state NB_UNUSED)
{
    struct rig rig;
    struct rig_peer *peer;
    struct sender sender = {
        .task = {.run = send_share}, .index = 1, .total = 20000, .per_pass = 5000};
    int pair[2];

    rig_start(&rig, WORKERS);
    rig_tcp_pair(pair, false);
    peer = rig_peer_create(pair[0]);
    rig_peer_open(peer, worker_at(&rig, 0));
    sender.target = peer;
    sem_init(&sender.done, 0, 0);
    nnet_worker_post(worker_at(&rig, 1), &sender.task);
    receive_and_check(pair[1], sender.total);
    rig_wait_sem(&sender.done);
    rig_call(worker_at(&rig, 0), rig_do_nothing, NULL);
    assert_int_equal(peer->conn.out_items, sender.total);
    rig_peer_destroy(&peer);
    close(pair[1]);
    rig_stop(&rig);
    sem_destroy(&sender.done);
}

// Causality.

// What a publisher says goes to a subscriber of another worker; then it is answered.
static void publish(struct rig_peer *peer, struct nb_chunk *chunk NB_UNUSED, struct slice bytes)
{
    struct rig_peer *subscriber = peer->user;

    nnet_out_append(peer->conn.worker, &peer->conn, NB_SLICE("ok"));
    nnet_out_append(peer->conn.worker, &subscriber->conn, bytes);
}

static void answer_ping(struct rig_peer *peer, struct nb_chunk *chunk NB_UNUSED,
                        struct slice bytes NB_UNUSED)
{
    nnet_out_append(peer->conn.worker, &peer->conn, NB_SLICE("pong"));
}

static void what_was_confirmed_comes_before_a_later_pong(void **state NB_UNUSED)
{
    struct rig rig;
    struct rig_peer *publisher;
    struct rig_peer *subscriber;
    int publish_pair[2];
    int subscribe_pair[2];

    rig_start(&rig, WORKERS);
    rig_tcp_pair(publish_pair, false);
    rig_tcp_pair(subscribe_pair, false);
    publisher = rig_peer_create(publish_pair[0]);
    subscriber = rig_peer_create(subscribe_pair[0]);
    publisher->user = subscriber;
    publisher->on_received = publish;
    subscriber->on_received = answer_ping;
    rig_peer_open(subscriber, worker_at(&rig, 1));
    rig_peer_open(publisher, worker_at(&rig, 0));
    for (unsigned i = 0; i < 3000; i++) {
        rig_send_text(publish_pair[1], "message");
        rig_expect(publish_pair[1], "ok");
        rig_send_text(subscribe_pair[1], "ping");
        rig_expect(subscribe_pair[1], "messagepong");
    }
    rig_peer_destroy(&publisher);
    rig_peer_destroy(&subscriber);
    close(publish_pair[1]);
    close(subscribe_pair[1]);
    rig_stop(&rig);
}

// Targets that go away.

struct mortal {
    struct nnet_conn conn;
    struct nb_epoch_item item;
    _Atomic unsigned *alive;
};

static void mortal_received(struct nnet_conn *conn, struct nb_chunk *chunk NB_UNUSED,
                            struct slice bytes NB_UNUSED)
{
    nnet_conn_close(conn, NNET_CLOSE_NOW);
}

static struct nnet_room mortal_wanted(struct nnet_conn *conn NB_UNUSED)
{
    return (struct nnet_room){.n = 0};
}

static void mortal_filled(struct nnet_conn *conn NB_UNUSED, size_t n NB_UNUSED)
{
}

static void mortal_ended(struct nnet_conn *conn, enum nnet_end how NB_UNUSED, int error NB_UNUSED)
{
    nnet_conn_close(conn, NNET_CLOSE_NOW);
}

static void mortal_tls_done(struct nnet_conn *conn NB_UNUSED, int rc NB_UNUSED,
                            const char *text NB_UNUSED)
{
}

static void mortal_stalled(struct nnet_conn *conn, size_t written NB_UNUSED)
{
    nnet_conn_close(conn, NNET_CLOSE_NOW);
}

static void mortal_plain(struct nnet_conn *conn NB_UNUSED)
{
}

static void mortal_full(struct nnet_conn *conn)
{
    nnet_conn_close(conn, NNET_CLOSE_NOW);
}

static void mortal_reclaim(struct nb_epoch_item *item)
{
    struct mortal *mortal = nb_container_of(item, struct mortal, item);

    atomic_fetch_sub(mortal->alive, 1);
    memset(mortal, 0xA5, sizeof(*mortal)); // whoever still looks will notice
    nb_free(mortal);
}

// The registry where others find the connection, emptied before it is retired.
static _Atomic(struct mortal *) found;

static void mortal_closed(struct nnet_conn *conn)
{
    struct mortal *mortal = nb_container_of(conn, struct mortal, conn);

    struct mortal *expected = mortal; // the next one may be there already

    atomic_compare_exchange_strong(&found, &expected, NULL);
    nnet_worker_retire(conn->worker, &mortal->item, mortal_reclaim);
}

static const struct nnet_conn_handler mortal_handler = {.received = mortal_received,
                                                        .wanted = mortal_wanted,
                                                        .filled = mortal_filled,
                                                        .ended = mortal_ended,
                                                        .tls_done = mortal_tls_done,
                                                        .write_stalled = mortal_stalled,
                                                        .drained = mortal_plain,
                                                        .output_full = mortal_full,
                                                        .closed = mortal_closed};

struct hail {
    struct nnet_task task;
    _Atomic bool is_over;
    sem_t done;
};

// Sends to whoever is there, in each pass, until told to stop.
static void hail_on(struct nnet_task *task, struct nnet_worker *worker)
{
    struct hail *hail = nb_container_of(task, struct hail, task);
    struct mortal *mortal = atomic_load(&found);

    if (mortal != NULL) {
        struct nb_chunk *chunk = nb_chunk_create(20);

        memset(chunk->data, 'r', 20);
        nnet_out_append(worker, &mortal->conn, NB_SLICE("hello"));
        nnet_out_append_ref(worker, &mortal->conn, chunk, nb_slice_make(chunk->data, 20));
        nb_chunk_unref(chunk);
    }
    if (atomic_load(&hail->is_over)) {
        sem_post(&hail->done);
    } else {
        nnet_worker_post(worker, task);
    }
}

struct birth {
    int fd;
    _Atomic unsigned *alive;
};

static void do_bear(void *arg, struct nnet_worker *worker)
{
    struct birth *birth = arg;
    struct mortal *mortal = nb_zalloc(sizeof(*mortal));

    atomic_fetch_add(birth->alive, 1);
    mortal->alive = birth->alive;
    mortal->conn.handler = &mortal_handler;
    nnet_conn_open(&mortal->conn, worker, birth->fd);
    atomic_store(&found, mortal);
}

static void output_for_a_connection_that_closes_goes_nowhere(void **state NB_UNUSED)
{
    struct rig rig;
    struct hail hails[2];
    _Atomic unsigned alive = 0;

    rig_start(&rig, WORKERS);
    for (unsigned i = 0; i < 2; i++) {
        hails[i] = (struct hail){.task = {.run = hail_on}};
        sem_init(&hails[i].done, 0, 0);
        nnet_worker_post(worker_at(&rig, 1 + i), &hails[i].task);
    }
    for (unsigned i = 0; i < 30; i++) {
        struct birth birth = {.alive = &alive};
        char block[100];
        int pair[2];

        rig_tcp_pair(pair, false);
        birth.fd = pair[0];
        rig_call(worker_at(&rig, 0), do_bear, &birth);
        rig_recv(pair[1], block, 5);
        rig_send_text(pair[1], "die");
        while (rig_recv_some(pair[1], block, sizeof(block)) > 0) {
        }
        close(pair[1]);
    }
    for (unsigned i = 0; i < 2; i++) {
        atomic_store(&hails[i].is_over, true);
        rig_wait_sem(&hails[i].done);
        sem_destroy(&hails[i].done);
    }
    rig_stop(&rig);
    assert_int_equal(atomic_load(&alive), 0);
}

// Congestion.

struct flood {
    struct rig_peer *target;
    bool *is_awaited;
    size_t sent;
    bool was_congested;
};

static void do_flood(void *arg, struct nnet_worker *worker)
{
    struct flood *flood = arg;
    uint8_t block[4096] = {0};

    flood->was_congested = false;
    while (flood->sent < 64 * 1024 * 1024 && !flood->was_congested) {
        memcpy(nnet_out_reserve(worker, &flood->target->conn, sizeof(block)), block, sizeof(block));
        nnet_out_commit(worker, &flood->target->conn, sizeof(block), 1, sizeof(block));
        flood->sent += sizeof(block);
        flood->was_congested = nnet_out_is_congested(worker);
    }
    *flood->is_awaited = flood->was_congested;
}

static void do_block(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    sem_t **sems = arg;

    sem_post(sems[0]);
    rig_wait_sem(sems[1]);
}

struct relief {
    bool is_awaited; // [owner] of the congested worker
    sem_t came;
};

static void watch_relief(void *ctx, struct nnet_worker *worker)
{
    struct relief *relief = ctx;

    if (nnet_worker_index(worker) == 1 && relief->is_awaited && !nnet_out_is_congested(worker)) {
        relief->is_awaited = false;
        sem_post(&relief->came);
    }
}

static void *block_worker(void *arg)
{
    void **args = arg;

    rig_call(args[2], do_block, args);
    return NULL;
}

static void what_others_do_not_take_is_congestion_and_its_end_is_a_pass(void **state NB_UNUSED)
{
    struct nb_logger log = {.write = NULL};
    struct relief relief = {.is_awaited = false};
    struct nnet_group_opts opts = {
        .worker_count = 2, .log = &log, .pass_end = watch_relief, .ctx = &relief};
    struct nnet_group *group = NULL;
    struct flood flood = {.is_awaited = &relief.is_awaited};
    struct rig_peer *peer;
    sem_t holding;
    sem_t may_go;
    void *args[3] = {&holding, &may_go, NULL};
    pthread_t thread;
    int pair[2];

    sem_init(&holding, 0, 0);
    sem_init(&may_go, 0, 0);
    sem_init(&relief.came, 0, 0);
    assert_int_equal(nnet_group_create(&opts, &group), NB_OK);
    rig_tcp_pair(pair, false);
    peer = rig_peer_create(pair[0]);
    rig_peer_open(peer, nnet_group_worker(group, 0));
    args[2] = nnet_group_worker(group, 0);
    pthread_create(&thread, NULL, block_worker, args);
    rig_wait_sem(&holding);
    flood.target = peer;
    rig_call(nnet_group_worker(group, 1), do_flood, &flood);
    assert_true(flood.was_congested);
    assert_true(flood.sent > 4 * 1024 * 1024 && flood.sent < 16 * 1024 * 1024);
    sem_post(&may_go);
    pthread_join(thread, NULL);
    rig_wait_sem(&relief.came); // though nobody posts to the worker
    for (size_t got = 0; got < flood.sent;) {
        char block[65536];
        ssize_t n = rig_recv_some(pair[1], block, sizeof(block));

        assert_true(n > 0);
        got += (size_t)n;
    }
    rig_peer_destroy(&peer);
    close(pair[1]);
    nnet_group_destroy(&group);
    sem_destroy(&holding);
    sem_destroy(&may_go);
    sem_destroy(&relief.came);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_senders_messages_arrive_in_order),
        cmocka_unit_test(references_keep_their_place),
        cmocka_unit_test(order_holds_when_the_socket_is_full),
        cmocka_unit_test(long_runs_arrive_whole),
        cmocka_unit_test(what_was_confirmed_comes_before_a_later_pong),
        cmocka_unit_test(output_for_a_connection_that_closes_goes_nowhere),
        cmocka_unit_test(what_others_do_not_take_is_congestion_and_its_end_is_a_pass),
    };
    return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
