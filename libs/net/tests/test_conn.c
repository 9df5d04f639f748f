#include "net_rig.h"

#include <sys/ioctl.h>

// A rig with one peer on worker 0 and the test at the other end of its socket.
struct bench {
    struct rig rig;
    struct rig_peer *peer;
    int fd;
};

static void bench_prepare(struct bench *bench, unsigned worker_count, bool small)
{
    int pair[2];

    rig_start(&bench->rig, worker_count);
    rig_tcp_pair(pair, small);
    bench->peer = rig_peer_create(pair[0]);
    bench->fd = pair[1];
}

static void bench_open(struct bench *bench)
{
    rig_peer_open(bench->peer, nnet_group_worker(bench->rig.group, 0));
}

static void bench_end(struct bench *bench)
{
    rig_peer_destroy(&bench->peer);
    rig_stop(&bench->rig);
    if (bench->fd >= 0) {
        close(bench->fd);
    }
}

// Queues a pattern of n bytes, in pieces.
struct output {
    struct rig_peer *peer;
    size_t from;
    size_t n;
};

static void do_output(void *arg, struct nnet_worker *worker)
{
    struct output *output = arg;
    size_t sent = 0;

    for (size_t piece = 1; sent < output->n; piece = piece * 3 % 5003) {
        size_t n = output->n - sent < piece ? output->n - sent : piece;
        uint8_t *room = nnet_out_reserve(worker, &output->peer->conn, n);

        rig_fill(room, n, output->from + sent);
        nnet_out_commit(worker, &output->peer->conn, n, 1, n);
        sent += n;
    }
}

static void bench_output(struct bench *bench, size_t from, size_t n)
{
    struct output output = {.peer = bench->peer, .from = from, .n = n};

    rig_call(bench->peer->conn.worker, do_output, &output);
}

static size_t pending_of(const struct rig_peer *peer)
{
    return atomic_load(&peer->conn.pending_bytes);
}

static void what_comes_is_handed_out_and_what_is_queued_leaves(void **state NB_UNUSED)
{
    struct bench bench;

    bench_prepare(&bench, 1, false);
    bench.peer->echoes = true;
    bench_open(&bench);
    rig_send_text(bench.fd, "one");
    rig_expect(bench.fd, "one");
    rig_send_text(bench.fd, "two");
    rig_expect(bench.fd, "two");
    assert_true(nb_slice_is(nb_buf_slice(&bench.peer->got), "onetwo"));
    bench_end(&bench);
}

static void a_large_stream_is_echoed_whole(void **state NB_UNUSED)
{
    enum { TOTAL = 4 * 1024 * 1024, BLOCK = 50000 };
    struct bench bench;
    uint8_t *block = nb_alloc(BLOCK);

    bench_prepare(&bench, 1, false);
    bench.peer->echoes = true;
    bench_open(&bench);
    for (size_t sent = 0; sent < TOTAL; sent += BLOCK) {
        rig_fill(block, BLOCK, sent);
        rig_send(bench.fd, block, BLOCK);
        rig_expect_pattern(bench.fd, sent, BLOCK);
    }
    nb_free(block);
    bench_end(&bench);
}

static void items_are_counted(void **state NB_UNUSED)
{
    struct bench bench;

    bench_prepare(&bench, 1, false);
    bench_open(&bench);
    bench_output(&bench, 0, 5); // 1, 3 and 1
    rig_expect_pattern(bench.fd, 0, 5);
    assert_int_equal(bench.peer->conn.out_items, 3);
    assert_int_equal(bench.peer->conn.out_item_bytes, 5);
    bench_end(&bench);
}

// The socket is tiny and nobody reads: bytes wait, and leave later.
static void what_a_full_socket_does_not_take_waits(void **state NB_UNUSED)
{
    enum { TOTAL = 3 * 1024 * 1024 };
    struct bench bench;

    bench_prepare(&bench, 1, true);
    bench_open(&bench);
    bench_output(&bench, 0, TOTAL / 2);
    assert_true(pending_of(bench.peer) > TOTAL / 4);
    bench_output(&bench, TOTAL / 2, TOTAL / 2);
    assert_true(pending_of(bench.peer) > TOTAL / 2);
    rig_check(bench.peer, bench.peer->drained_count == 0);
    rig_expect_pattern(bench.fd, 0, TOTAL);
    rig_wait(bench.peer, bench.peer->drained_count == 1);
    assert_int_equal(pending_of(bench.peer), 0);
    bench_end(&bench);
}

static int arrived_at(int fd)
{
    int n = 0;

    assert_int_equal(ioctl(fd, FIONREAD, &n), 0);
    return n;
}

static void do_output_early(void *arg, struct nnet_worker *worker)
{
    struct bench *bench = arg;
    struct nnet_conn *conn = &bench->peer->conn;
    uint8_t block[1024] = {0};

    nnet_out_append(worker, conn, nb_slice_make(block, 100));
    assert_int_equal(pending_of(bench->peer), 100);
    assert_int_equal(arrived_at(bench->fd), 0);
    nnet_conn_flush(conn);
    assert_int_equal(pending_of(bench->peer), 0);
    rig_await(bench->fd, POLLIN);
    assert_int_equal(arrived_at(bench->fd), 100);
    for (size_t n = 0; n < NNET_OUT_EAGER_BYTES - sizeof(block); n += sizeof(block)) {
        nnet_out_append(worker, conn, nb_slice_make(block, sizeof(block)));
    }
    assert_int_equal(arrived_at(bench->fd), 100);
    nnet_out_append(worker, conn, nb_slice_make(block, sizeof(block)));
    assert_true(pending_of(bench->peer) < NNET_OUT_EAGER_BYTES); // some left
}

// The callback that makes it need not end first.
static void output_leaves_early_when_there_is_much_or_on_demand(void **state NB_UNUSED)
{
    struct bench bench;
    uint8_t block[4096];
    size_t got = 0;

    bench_prepare(&bench, 1, false);
    bench_open(&bench);
    rig_call(bench.peer->conn.worker, do_output_early, &bench);
    while (got < NNET_OUT_EAGER_BYTES + 100) {
        ssize_t n = rig_recv_some(bench.fd, block, sizeof(block));

        assert_true(n > 0);
        got += (size_t)n;
    }
    bench_end(&bench);
}

static void a_peer_that_reads_nothing_stalls(void **state NB_UNUSED)
{
    struct bench bench;

    bench_prepare(&bench, 1, true);
    bench.peer->conn.write_deadline_ns = 20 * NB_NS_PER_MS;
    bench_open(&bench);
    bench_output(&bench, 0, 1024 * 1024);
    rig_wait(bench.peer, bench.peer->closed_count == 1);
    assert_int_equal(bench.peer->stalled_count, 1);
    assert_true(bench.peer->stalled_written > 0);
    assert_true(bench.peer->stalled_written < 1024 * 1024);
    bench_end(&bench);
}

static void a_stalled_batch_may_be_tried_again(void **state NB_UNUSED)
{
    enum { TOTAL = 1024 * 1024 };
    struct bench bench;

    bench_prepare(&bench, 1, true);
    bench.peer->conn.write_deadline_ns = 5 * NB_NS_PER_MS;
    bench.peer->keeps_on_stall = true;
    bench_open(&bench);
    bench_output(&bench, 0, TOTAL);
    rig_wait(bench.peer, bench.peer->stalled_count >= 3 && bench.peer->stalled_written == 0);
    rig_expect_pattern(bench.fd, 0, TOTAL);
    rig_wait(bench.peer, bench.peer->drained_count == 1);
    bench_end(&bench);
}

static void a_peer_that_reads_in_time_does_not_stall(void **state NB_UNUSED)
{
    struct bench bench;

    bench_prepare(&bench, 1, true);
    bench.peer->conn.write_deadline_ns = RIG_DEADLINE_S * NB_NS_PER_S;
    bench_open(&bench);
    for (size_t i = 0; i < 20; i++) {
        bench_output(&bench, i * 100000, 100000);
        rig_expect_pattern(bench.fd, i * 100000, 100000);
    }
    rig_call(bench.peer->conn.worker, rig_do_nothing, NULL);
    assert_int_equal(bench.peer->stalled_count, 0);
    bench_end(&bench);
}

// Output limits.

static void output_up_to_the_limit_is_no_trouble(void **state NB_UNUSED)
{
    struct bench bench;

    bench_prepare(&bench, 1, false);
    bench.peer->conn.output_max = 1000;
    bench_open(&bench);
    for (size_t i = 0; i < 10; i++) {
        bench_output(&bench, i * 1000, 1000);
        rig_expect_pattern(bench.fd, i * 1000, 1000);
    }
    assert_int_equal(bench.peer->full_count, 0);
    bench_end(&bench);
}

static void one_byte_past_the_limit_is_told_once(void **state NB_UNUSED)
{
    struct bench bench;

    bench_prepare(&bench, 1, false);
    bench.peer->conn.output_max = 1000;
    bench_open(&bench);
    bench_output(&bench, 0, 1001);
    rig_wait(bench.peer, bench.peer->closed_count == 1);
    assert_int_equal(bench.peer->full_count, 1);
    assert_int_equal(bench.peer->full_pending, 1001);
    bench_end(&bench);
}

// Even within one callback that never returns to the loop, memory stays bounded.
static void a_full_connection_takes_nothing_more(void **state NB_UNUSED)
{
    enum { MAX = 300 * 1024 };
    struct bench bench;

    bench_prepare(&bench, 1, true);
    bench.peer->conn.output_max = MAX;
    bench_open(&bench);
    bench_output(&bench, 0, 64 * 1024 * 1024);
    rig_wait(bench.peer, bench.peer->closed_count == 1);
    assert_int_equal(bench.peer->full_count, 1);
    assert_true(bench.peer->full_pending > MAX);
    assert_true(bench.peer->full_pending <= MAX + NNET_OUT_RESERVE_MAX_BYTES);
    bench_end(&bench);
}

static void do_append_large(void *arg, struct nnet_worker *worker)
{
    struct rig_peer *peer = arg;
    struct nb_chunk *chunk = nb_chunk_create(500000);

    rig_fill(chunk->data, chunk->size, 0);
    nnet_out_append_ref(worker, &peer->conn, chunk, nb_slice_make(chunk->data, chunk->size));
    nb_chunk_unref(chunk);
}

static void a_single_message_past_the_limit_is_told(void **state NB_UNUSED)
{
    struct bench bench;

    bench_prepare(&bench, 1, false);
    bench.peer->conn.output_max = 499999;
    bench_open(&bench);
    rig_call(bench.peer->conn.worker, do_append_large, bench.peer);
    rig_wait(bench.peer, bench.peer->closed_count == 1);
    assert_int_equal(bench.peer->full_count, 1);
    bench_end(&bench);
}

static void do_mix(void *arg, struct nnet_worker *worker)
{
    struct rig_peer *peer = arg;
    struct nb_chunk *chunk = nb_chunk_create(200000);
    size_t from = 0;

    rig_fill(chunk->data, chunk->size, 0);
    for (size_t n = 1; from + n + 7 <= chunk->size; n = n * 2 % 39989) {
        nnet_out_append(worker, &peer->conn, nb_slice_make(chunk->data + from, 7));
        nnet_out_append_ref(worker, &peer->conn, chunk, nb_slice_make(chunk->data + from + 7, n));
        from += n + 7;
    }
    nnet_out_append(worker, &peer->conn, nb_slice_make(chunk->data + from, chunk->size - from));
    nnet_out_append(worker, &peer->conn, nb_slice_make(NULL, 0));
    nnet_out_append_ref(worker, &peer->conn, chunk, nb_slice_make(NULL, 0));
    nb_chunk_unref(chunk);
}

static void copies_and_references_leave_in_order(void **state NB_UNUSED)
{
    for (unsigned small = 0; small < 2; small++) {
        struct bench bench;

        bench_prepare(&bench, 1, small == 1);
        bench_open(&bench);
        for (unsigned i = 0; i < 3; i++) { // the later ones to a full socket
            rig_call(bench.peer->conn.worker, do_mix, bench.peer);
        }
        for (unsigned i = 0; i < 3; i++) {
            rig_expect_pattern(bench.fd, 0, 200000);
        }
        bench_end(&bench);
    }
}

// Input.

static void want_block(struct rig_peer *peer, struct nb_chunk *chunk NB_UNUSED, struct slice bytes)
{
    if (bytes.p[0] == 'L') { // the rest of this read came with it
        peer->wanted = (struct nnet_room){.p = peer->user, .n = 300000};
    }
}

static void a_wanted_place_is_filled_first(void **state NB_UNUSED)
{
    struct bench bench;
    uint8_t *block = nb_alloc(300000);
    uint8_t *sent = nb_alloc(300000);

    bench_prepare(&bench, 1, false);
    bench.peer->on_received = want_block;
    bench.peer->user = block;
    bench_open(&bench);
    rig_send_text(bench.fd, "L");
    rig_wait(bench.peer, nb_buf_slice(&bench.peer->got).n == 1);
    rig_fill(sent, 300000, 0);
    rig_send(bench.fd, sent, 300000);
    rig_send_text(bench.fd, "after");
    rig_wait(bench.peer, nb_buf_slice(&bench.peer->got).n == 6);
    assert_true(nb_slice_is(nb_buf_slice(&bench.peer->got), "Lafter"));
    assert_int_equal(bench.peer->filled, 300000);
    assert_memory_equal(block, sent, 300000);
    nb_free(block);
    nb_free(sent);
    bench_end(&bench);
}

// Keeps a reference to everything that comes.
struct keeper {
    struct nb_chunk *chunks[4096];
    struct slice bytes[4096];
    size_t count;
};

static void keep_chunk(struct rig_peer *peer, struct nb_chunk *chunk, struct slice bytes)
{
    struct keeper *keeper = peer->user;

    if (keeper->count < NB_ARRAY_LEN(keeper->chunks)) {
        keeper->chunks[keeper->count] = nb_chunk_ref(chunk);
        keeper->bytes[keeper->count++] = bytes;
    }
}

static void bytes_stay_as_long_as_their_chunk_is_held(void **state NB_UNUSED)
{
    struct bench bench;
    struct keeper *keeper = nb_zalloc(sizeof(*keeper));
    uint8_t block[1000];
    size_t at = 0;

    bench_prepare(&bench, 1, false);
    bench.peer->on_received = keep_chunk;
    bench.peer->user = keeper;
    bench_open(&bench);
    for (size_t i = 0; i < 500; i++) {
        rig_fill(block, sizeof(block), i * sizeof(block));
        rig_send(bench.fd, block, sizeof(block));
    }
    rig_wait(bench.peer, nb_buf_slice(&bench.peer->got).n == 500 * sizeof(block));
    rig_call(bench.peer->conn.worker, rig_do_nothing, NULL);
    for (size_t i = 0; i < keeper->count; i++) {
        for (size_t k = 0; k < keeper->bytes[i].n; k++) {
            assert_int_equal(keeper->bytes[i].p[k], rig_byte(at++));
        }
        nb_chunk_unref(keeper->chunks[i]);
    }
    assert_int_equal(at, 500 * sizeof(block));
    nb_free(keeper);
    bench_end(&bench);
}

static void do_pause(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    nnet_conn_pause(arg);
    nnet_conn_pause(arg);
}

static void do_resume(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    nnet_conn_resume(arg);
    nnet_conn_resume(arg);
}

static void nothing_is_read_while_paused(void **state NB_UNUSED)
{
    struct bench bench;

    bench_prepare(&bench, 1, false);
    bench_open(&bench);
    rig_call(bench.peer->conn.worker, do_pause, &bench.peer->conn);
    rig_send_text(bench.fd, "later");
    for (unsigned i = 0; i < 50; i++) { // passes
        rig_call(bench.peer->conn.worker, rig_do_nothing, NULL);
    }
    assert_int_equal(nb_buf_slice(&bench.peer->got).n, 0);
    bench_output(&bench, 0, 100); // the other direction works
    rig_expect_pattern(bench.fd, 0, 100);
    rig_call(bench.peer->conn.worker, do_resume, &bench.peer->conn);
    rig_wait(bench.peer, nb_slice_is(nb_buf_slice(&bench.peer->got), "later"));
    bench_end(&bench);
}

static void pause_at_once(struct rig_peer *peer, struct nb_chunk *chunk NB_UNUSED,
                          struct slice bytes NB_UNUSED)
{
    nnet_conn_pause(&peer->conn);
}

static void a_callee_that_pauses_gets_one_read_at_a_time(void **state NB_UNUSED)
{
    enum { SENT = 700 * 1000 };
    struct bench bench;
    uint8_t *block = nb_alloc(SENT);
    int queued = 0;

    bench_prepare(&bench, 1, false);
    bench.peer->on_received = pause_at_once;
    bench_open(&bench);
    rig_call(bench.peer->conn.worker, do_pause, &bench.peer->conn);
    rig_fill(block, SENT, 0);
    rig_send(bench.fd, block, SENT);
    assert_int_equal(ioctl(bench.fd, FIONREAD, &queued), 0);
    for (size_t seen = 0; seen < SENT;) {
        size_t now;

        rig_call(bench.peer->conn.worker, do_resume, &bench.peer->conn);
        rig_wait(bench.peer, nb_buf_slice(&bench.peer->got).n > seen);
        rig_call(bench.peer->conn.worker, rig_do_nothing, NULL);
        now = nb_buf_slice(&bench.peer->got).n;
        assert_true(now - seen <= 256 * 1024);
        seen = now;
    }
    assert_memory_equal(nb_buf_slice(&bench.peer->got).p, block, SENT);
    nb_free(block);
    bench_end(&bench);
}

// Ends.

static void the_peers_end_is_told_after_its_bytes(void **state NB_UNUSED)
{
    struct bench bench;

    bench_prepare(&bench, 1, false);
    bench_open(&bench);
    rig_send_text(bench.fd, "last words");
    close(bench.fd);
    bench.fd = -1;
    rig_wait(bench.peer, bench.peer->closed_count == 1);
    assert_true(nb_slice_is(nb_buf_slice(&bench.peer->got), "last words"));
    assert_int_equal(bench.peer->ended_count, 1);
    assert_int_equal(bench.peer->ended_how, NNET_END_EOF);
    bench_end(&bench);
}

static void reset_by_peer(int fd)
{
    const struct linger linger = {.l_onoff = 1, .l_linger = 0};

    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
    close(fd);
}

static void a_reset_is_told_as_a_failed_read(void **state NB_UNUSED)
{
    struct bench bench;

    bench_prepare(&bench, 1, false);
    bench_open(&bench);
    reset_by_peer(bench.fd);
    bench.fd = -1;
    rig_wait(bench.peer, bench.peer->closed_count == 1);
    assert_int_equal(bench.peer->ended_count, 1);
    assert_int_equal(bench.peer->ended_how, NNET_END_READ);
    assert_int_equal(bench.peer->ended_error, ECONNRESET);
    bench_end(&bench);
}

static void a_reset_while_bytes_wait_is_told(void **state NB_UNUSED)
{
    for (unsigned paused = 0; paused < 2; paused++) {
        struct bench bench;

        bench_prepare(&bench, 1, true);
        bench_open(&bench);
        if (paused == 1) {
            rig_call(bench.peer->conn.worker, do_pause, &bench.peer->conn);
        }
        bench_output(&bench, 0, 1024 * 1024);
        reset_by_peer(bench.fd);
        bench.fd = -1;
        rig_wait(bench.peer, bench.peer->closed_count == 1);
        assert_int_equal(bench.peer->ended_count, 1);
        assert_int_equal(bench.peer->ended_how, NNET_END_WRITE);
        bench_end(&bench);
    }
}

static void do_resume_and_write(void *arg, struct nnet_worker *worker)
{
    struct nnet_conn *conn = arg;

    nnet_conn_resume(conn);
    nnet_out_append(worker, conn, NB_SLICE("too late"));
    nnet_conn_flush(conn); // fails: the peer has reset the connection
    assert_int_not_equal(conn->write_error, 0);
    nnet_out_append(worker, conn, NB_SLICE("goes nowhere"));
}

// It publishes and goes away without reading what it was sent: no word of it is lost.
static void what_came_before_a_failed_write_is_read(void **state NB_UNUSED)
{
    enum { TOTAL = 100 * 1024 };
    struct bench bench;
    uint8_t *block = nb_alloc(TOTAL);

    bench_prepare(&bench, 1, false);
    bench_open(&bench);
    rig_call(bench.peer->conn.worker, do_pause, &bench.peer->conn);
    bench_output(&bench, 0, 1000); // unread at the other side: closing there resets
    rig_await(bench.fd, POLLIN);
    rig_fill(block, TOTAL, 0);
    rig_send(bench.fd, block, TOTAL);
    close(bench.fd);
    bench.fd = -1;
    rig_call(bench.peer->conn.worker, do_resume_and_write, &bench.peer->conn);
    rig_wait(bench.peer, bench.peer->closed_count == 1);
    assert_int_equal(bench.peer->ended_count, 1);
    assert_int_equal(bench.peer->ended_how, NNET_END_WRITE);
    assert_int_equal(nb_buf_slice(&bench.peer->got).n, TOTAL);
    nb_free(block);
    bench_end(&bench);
}

// Closing.

static void close_now_drops_what_is_queued(void **state NB_UNUSED)
{
    struct bench bench;
    uint8_t block[4096];
    size_t got = 0;
    ssize_t n;

    bench_prepare(&bench, 1, true);
    bench_open(&bench);
    bench_output(&bench, 0, 1024 * 1024);
    rig_call(bench.peer->conn.worker, rig_do_close_now, bench.peer);
    rig_wait(bench.peer, bench.peer->closed_count == 1);
    assert_int_equal(pending_of(bench.peer), 0);
    while ((n = rig_recv_some(bench.fd, block, sizeof(block))) > 0) {
        got += (size_t)n;
    }
    assert_true(got < 1024 * 1024);
    assert_int_equal(bench.peer->ended_count, 0);
    bench_end(&bench);
}

static void close_with_flush_lets_the_peer_read_everything(void **state NB_UNUSED)
{
    enum { TOTAL = 1024 * 1024 };
    struct bench bench;

    bench_prepare(&bench, 1, true);
    bench.peer->conn.write_deadline_ns = RIG_DEADLINE_S * NB_NS_PER_S;
    bench_open(&bench);
    bench_output(&bench, 0, TOTAL);
    rig_call(bench.peer->conn.worker, rig_do_close_flush, bench.peer);
    bench_output(&bench, 0, 10); // goes nowhere
    rig_expect_pattern(bench.fd, 0, TOTAL);
    rig_expect_end(bench.fd);
    close(bench.fd);
    bench.fd = -1;
    rig_wait(bench.peer, bench.peer->closed_count == 1);
    assert_int_equal(bench.peer->ended_count, 0);
    bench_end(&bench);
}

// Input that nobody reads any more would reset the connection before the peer read the end.
static void close_with_flush_survives_a_peer_that_talks(void **state NB_UNUSED)
{
    struct bench bench;
    uint8_t *block = nb_zalloc(100000);

    bench_prepare(&bench, 1, false);
    bench_open(&bench);
    rig_call(bench.peer->conn.worker, do_pause, &bench.peer->conn);
    rig_send(bench.fd, block, 100000);
    bench_output(&bench, 0, 1000);
    rig_call(bench.peer->conn.worker, rig_do_close_flush, bench.peer);
    rig_send(bench.fd, block, 100000);
    rig_expect_pattern(bench.fd, 0, 1000);
    rig_expect_end(bench.fd);
    close(bench.fd);
    bench.fd = -1;
    rig_wait(bench.peer, bench.peer->closed_count == 1);
    assert_int_equal(nb_buf_slice(&bench.peer->got).n, 0);
    nb_free(block);
    bench_end(&bench);
}

static void do_close_soon(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct rig_peer *peer = arg;

    peer->conn.write_deadline_ns = 20 * NB_NS_PER_MS;
    nnet_conn_close(&peer->conn, NNET_CLOSE_FLUSH);
}

static void close_with_flush_ends_though_nobody_reads(void **state NB_UNUSED)
{
    struct bench bench;

    bench_prepare(&bench, 1, true);
    bench_open(&bench);
    bench_output(&bench, 0, 1024 * 1024);
    rig_call(bench.peer->conn.worker, do_close_soon, bench.peer);
    rig_wait(bench.peer, bench.peer->closed_count == 1);
    assert_int_equal(bench.peer->stalled_count, 0); // only `closed` comes after a close
    bench_end(&bench);
}

static void close_with_flush_ends_though_the_peer_stays(void **state NB_UNUSED)
{
    struct bench bench;

    bench_prepare(&bench, 1, false);
    bench_open(&bench);
    bench_output(&bench, 0, 1000);
    rig_call(bench.peer->conn.worker, rig_do_close_flush, bench.peer);
    rig_expect_pattern(bench.fd, 0, 1000);
    rig_expect_end(bench.fd);
    rig_wait(bench.peer, bench.peer->closed_count == 1); // after its second of draining
    bench_end(&bench);
}

static void do_close_for_the_end(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct rig_peer *peer = arg;

    nnet_conn_close(&peer->conn, NNET_CLOSE_SOON);
}

static void check_time_left(void *arg, struct nnet_worker *worker)
{
    const struct rig_peer *peer = arg;

    if (nnet_timer_is_armed(&peer->conn.deadline)) { // else it is over already
        assert_true(peer->conn.deadline.due_ns <=
                    nnet_worker_now(worker).ns + NNET_CLOSE_SOON_DRAIN_MAX_NS);
    }
}

static void close_soon_gives_the_peer_less_time(void **state NB_UNUSED)
{
    struct bench bench;

    bench_prepare(&bench, 1, false);
    bench_open(&bench);
    bench_output(&bench, 0, 1000);
    rig_call(bench.peer->conn.worker, do_close_for_the_end, bench.peer);
    rig_expect_pattern(bench.fd, 0, 1000);
    rig_expect_end(bench.fd);
    rig_call(bench.peer->conn.worker, check_time_left, bench.peer);
    rig_wait(bench.peer, bench.peer->closed_count == 1);
    bench_end(&bench);
}

static void do_hasten(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct rig_peer *peer = arg;

    nnet_conn_hasten_close(&peer->conn, NNET_CLOSE_SOON_DRAIN_MAX_NS);
}

// While it drains, and while what is queued still leaves.
static void a_close_is_hastened(void **state NB_UNUSED)
{
    for (int is_stuck = 0; is_stuck < 2; is_stuck++) {
        struct bench bench;

        bench_prepare(&bench, 1, is_stuck != 0);
        bench_open(&bench);
        bench_output(&bench, 0, is_stuck != 0 ? 1024 * 1024 : 1000);
        rig_call(bench.peer->conn.worker, rig_do_close_flush, bench.peer);
        if (is_stuck == 0) {
            rig_expect_pattern(bench.fd, 0, 1000);
            rig_expect_end(bench.fd);
        }
        rig_call(bench.peer->conn.worker, do_hasten, bench.peer);
        rig_call(bench.peer->conn.worker, check_time_left, bench.peer);
        rig_wait(bench.peer, bench.peer->closed_count == 1);
        bench_end(&bench);
    }
}

static void close_in_callback(struct rig_peer *peer, struct nb_chunk *chunk NB_UNUSED,
                              struct slice bytes)
{
    enum nnet_close how = bytes.p[0] == 'f' ? NNET_CLOSE_FLUSH : NNET_CLOSE_NOW;

    nnet_out_append(peer->conn.worker, &peer->conn, NB_SLICE("bye"));
    nnet_conn_close(&peer->conn, how);
    nnet_out_append(peer->conn.worker, &peer->conn, NB_SLICE("nowhere"));
}

static void a_callback_may_close(void **state NB_UNUSED)
{
    static const char *const how[] = {"flush", "now"};

    for (unsigned i = 0; i < NB_ARRAY_LEN(how); i++) {
        struct bench bench;

        bench_prepare(&bench, 1, false);
        bench.peer->on_received = close_in_callback;
        bench_open(&bench);
        rig_send_text(bench.fd, how[i]);
        if (i == 0) {
            rig_expect(bench.fd, "bye");
        }
        rig_expect_end(bench.fd);
        close(bench.fd);
        bench.fd = -1;
        rig_wait(bench.peer, bench.peer->closed_count == 1);
        bench_end(&bench);
    }
}

static void a_peer_that_shut_its_side_still_gets_the_answer(void **state NB_UNUSED)
{
    struct bench bench;

    bench_prepare(&bench, 1, false);
    bench.peer->echoes = true;
    bench.peer->on_end = NNET_CLOSE_FLUSH;
    bench_open(&bench);
    rig_send_text(bench.fd, "question");
    shutdown(bench.fd, SHUT_WR);
    rig_expect(bench.fd, "question");
    rig_expect_end(bench.fd);
    rig_wait(bench.peer, bench.peer->closed_count == 1);
    bench_end(&bench);
}

static void addresses_are_shown(void **state NB_UNUSED)
{
    struct bench bench;
    struct nnet_address peer;
    struct nnet_address local;

    bench_prepare(&bench, 1, false);
    bench_open(&bench);
    nnet_conn_peer(&bench.peer->conn, &peer);
    nnet_conn_local(&bench.peer->conn, &local);
    assert_string_equal(peer.ip, "127.0.0.1");
    assert_string_equal(local.ip, "127.0.0.1");
    assert_int_not_equal(peer.port, 0);
    assert_int_not_equal(peer.port, local.port);
    bench_end(&bench);
    // and a socket without any
    {
        struct nnet_conn none = {.fd = -1};

        nnet_conn_peer(&none, &peer);
        assert_string_equal(peer.ip, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_is_handed_out_and_what_is_queued_leaves),
        cmocka_unit_test(a_large_stream_is_echoed_whole),
        cmocka_unit_test(items_are_counted),
        cmocka_unit_test(what_a_full_socket_does_not_take_waits),
        cmocka_unit_test(output_leaves_early_when_there_is_much_or_on_demand),
        cmocka_unit_test(a_peer_that_reads_nothing_stalls),
        cmocka_unit_test(a_stalled_batch_may_be_tried_again),
        cmocka_unit_test(a_peer_that_reads_in_time_does_not_stall),
        cmocka_unit_test(output_up_to_the_limit_is_no_trouble),
        cmocka_unit_test(one_byte_past_the_limit_is_told_once),
        cmocka_unit_test(a_full_connection_takes_nothing_more),
        cmocka_unit_test(a_single_message_past_the_limit_is_told),
        cmocka_unit_test(copies_and_references_leave_in_order),
        cmocka_unit_test(a_wanted_place_is_filled_first),
        cmocka_unit_test(bytes_stay_as_long_as_their_chunk_is_held),
        cmocka_unit_test(nothing_is_read_while_paused),
        cmocka_unit_test(a_callee_that_pauses_gets_one_read_at_a_time),
        cmocka_unit_test(the_peers_end_is_told_after_its_bytes),
        cmocka_unit_test(a_reset_is_told_as_a_failed_read),
        cmocka_unit_test(a_reset_while_bytes_wait_is_told),
        cmocka_unit_test(what_came_before_a_failed_write_is_read),
        cmocka_unit_test(close_now_drops_what_is_queued),
        cmocka_unit_test(close_with_flush_lets_the_peer_read_everything),
        cmocka_unit_test(close_with_flush_survives_a_peer_that_talks),
        cmocka_unit_test(close_with_flush_ends_though_nobody_reads),
        cmocka_unit_test(close_with_flush_ends_though_the_peer_stays),
        cmocka_unit_test(close_soon_gives_the_peer_less_time),
        cmocka_unit_test(a_close_is_hastened),
        cmocka_unit_test(a_callback_may_close),
        cmocka_unit_test(a_peer_that_shut_its_side_still_gets_the_answer),
        cmocka_unit_test(addresses_are_shown),
    };
    return cmocka_run_group_tests_name("conn", tests, NULL, NULL);
}
