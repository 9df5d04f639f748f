#include "net_rig.h"

struct dialing {
    const char *host;
    uint16_t port;
    int64_t timeout_ns;
    struct nnet_dial *dial;
    bool is_starting; // `done` must not run inside the call
    bool is_over;     // [owner]
    int rc;
    int fd;
    char text[512];
    sem_t done;
};

static void on_done(void *ctx, int rc, int fd, const char *text)
{
    struct dialing *dialing = ctx;

    assert_false(dialing->is_starting);
    dialing->is_over = true;
    dialing->rc = rc;
    dialing->fd = fd;
    snprintf(dialing->text, sizeof(dialing->text), "%s", text);
    sem_post(&dialing->done);
}

static void do_dial(void *arg, struct nnet_worker *worker)
{
    struct dialing *dialing = arg;

    dialing->is_starting = true;
    dialing->dial = nnet_dial_start(worker, dialing->host, dialing->port, dialing->timeout_ns,
                                    on_done, dialing);
    dialing->is_starting = false;
}

static void do_dial_and_cancel(void *arg, struct nnet_worker *worker)
{
    struct dialing *dialing = arg;

    do_dial(arg, worker);
    dialing->is_starting = true;
    nnet_dial_cancel(dialing->dial);
    dialing->is_starting = false;
}

static void dialing_init(struct dialing *dialing, const char *host, uint16_t port)
{
    *dialing = (struct dialing){
        .host = host, .port = port, .timeout_ns = RIG_DEADLINE_S * NB_NS_PER_S, .fd = -1};
    sem_init(&dialing->done, 0, 0);
}

// A socket that listens, and one that is bound and does not.
static int bound_socket(bool listens, uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    if (listens) {
        assert_int_equal(listen(fd, 0), 0);
    }
    *port = ntohs(address.sin_port);
    return fd;
}

static void a_listening_port_is_reached(void **state NB_UNUSED)
{
    static const char *const hosts[] = {"127.0.0.1", "localhost", "::ffff:127.0.0.1"};

    for (size_t i = 0; i < NB_ARRAY_LEN(hosts); i++) {
        struct rig rig;
        struct dialing dialing;
        uint16_t port;
        int listening = bound_socket(true, &port);
        int accepted;

        rig_start(&rig, 1);
        dialing_init(&dialing, hosts[i], port);
        rig_call(nnet_group_worker(rig.group, 0), do_dial, &dialing);
        rig_wait_sem(&dialing.done);
        assert_string_equal(dialing.text, "");
        assert_int_equal(dialing.rc, NB_OK);
        accepted = accept(listening, NULL, NULL);
        assert_true(accepted >= 0);
        rig_send_text(accepted, "hello");
        rig_expect(dialing.fd, "hello");
        close(accepted);
        close(dialing.fd);
        close(listening);
        rig_stop(&rig);
        sem_destroy(&dialing.done);
    }
}

// What it dialed becomes a connection of the same worker at once.
static void do_open_dialed(void *arg, struct nnet_worker *worker)
{
    struct rig_peer *peer = arg;

    nnet_conn_open(&peer->conn, worker, peer->fd);
}

static void what_was_dialed_can_be_opened(void **state NB_UNUSED)
{
    struct rig rig;
    struct dialing dialing;
    struct rig_peer *peer;
    uint16_t port;
    int listening = bound_socket(true, &port);
    int accepted;

    rig_start(&rig, 1);
    dialing_init(&dialing, "127.0.0.1", port);
    rig_call(nnet_group_worker(rig.group, 0), do_dial, &dialing);
    rig_wait_sem(&dialing.done);
    peer = rig_peer_create(dialing.fd);
    peer->echoes = true;
    rig_call(nnet_group_worker(rig.group, 0), do_open_dialed, peer);
    accepted = accept(listening, NULL, NULL);
    rig_send_text(accepted, "hello");
    rig_expect(accepted, "hello");
    rig_peer_destroy(&peer);
    close(accepted);
    close(listening);
    rig_stop(&rig);
    sem_destroy(&dialing.done);
}

static void a_closed_port_refuses(void **state NB_UNUSED)
{
    struct rig rig;
    struct dialing dialing;
    char want[128];
    uint16_t port;
    int bound = bound_socket(false, &port);

    rig_start(&rig, 1);
    dialing_init(&dialing, "127.0.0.1", port);
    rig_call(nnet_group_worker(rig.group, 0), do_dial, &dialing);
    rig_wait_sem(&dialing.done);
    assert_int_equal(dialing.rc, NB_EREFUSED);
    assert_int_equal(dialing.fd, -1);
    snprintf(want, sizeof(want), "dial tcp 127.0.0.1:%u: connect: connection refused", port);
    assert_string_equal(dialing.text, want);
    close(bound);
    rig_stop(&rig);
    sem_destroy(&dialing.done);
}

static void a_name_that_is_none_is_not_found(void **state NB_UNUSED)
{
    struct rig rig;
    struct dialing dialing;

    rig_start(&rig, 1);
    dialing_init(&dialing, "not a host", 4222); // resolvers refuse blanks without asking around
    rig_call(nnet_group_worker(rig.group, 0), do_dial, &dialing);
    rig_wait_sem(&dialing.done);
    assert_int_equal(dialing.rc, NB_ENOTFOUND);
    assert_string_equal(dialing.text, "dial tcp: lookup not a host: no such host");
    rig_stop(&rig);
    sem_destroy(&dialing.done);
}

// A listener whose queue is full answers nothing: the connection hangs.
static void fill_queue(uint16_t port, int *fds, size_t count)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (size_t i = 0; i < count; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(fds[i], (struct sockaddr *)&address, sizeof(address)); // some will hang
    }
}

static void a_silent_peer_times_out(void **state NB_UNUSED)
{
    struct rig rig;
    struct dialing dialing;
    char want[128];
    uint16_t port;
    int listening = bound_socket(true, &port);
    int fds[8];

    fill_queue(port, fds, NB_ARRAY_LEN(fds));
    rig_start(&rig, 1);
    dialing_init(&dialing, "127.0.0.1", port);
    dialing.timeout_ns = 20 * NB_NS_PER_MS;
    rig_call(nnet_group_worker(rig.group, 0), do_dial, &dialing);
    rig_wait_sem(&dialing.done);
    assert_int_equal(dialing.rc, NB_ETIMEDOUT);
    snprintf(want, sizeof(want), "dial tcp 127.0.0.1:%u: i/o timeout", port);
    assert_string_equal(dialing.text, want);
    for (size_t i = 0; i < NB_ARRAY_LEN(fds); i++) {
        close(fds[i]);
    }
    close(listening);
    rig_stop(&rig);
    sem_destroy(&dialing.done);
}

static void do_cancel(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct dialing *dialing = arg;

    if (!dialing->is_over) {
        nnet_dial_cancel(dialing->dial);
    }
}

// Before, during and after the lookup of a name, as it comes.
static void a_lookup_can_be_canceled(void **state NB_UNUSED)
{
    struct rig rig;
    uint16_t port;
    int listening = bound_socket(true, &port);

    rig_start(&rig, 1);
    for (unsigned i = 0; i < 60; i++) {
        struct dialing dialing;

        dialing_init(&dialing, "localhost", port);
        rig_call(nnet_group_worker(rig.group, 0), do_dial, &dialing);
        for (unsigned k = 0; k < i % 6; k++) {
            rig_call(nnet_group_worker(rig.group, 0), rig_do_nothing, NULL);
        }
        rig_call(nnet_group_worker(rig.group, 0), do_cancel, &dialing);
        rig_wait_sem(&dialing.done);
        if (dialing.rc == NB_OK) {
            int accepted = accept(listening, NULL, NULL);

            close(accepted);
            close(dialing.fd);
        } else {
            assert_true(dialing.rc == NB_ECANCELED || dialing.rc == NB_EREFUSED);
        }
        sem_destroy(&dialing.done);
    }
    close(listening);
    rig_stop(&rig);
}

static void a_dial_can_be_canceled_at_any_point(void **state NB_UNUSED)
{
    struct rig rig;
    struct dialing dialing;
    uint16_t port;
    int listening = bound_socket(true, &port);
    int fds[8];

    fill_queue(port, fds, NB_ARRAY_LEN(fds));
    rig_start(&rig, 1);
    for (unsigned i = 0; i < 2; i++) { // before anything happened
        dialing_init(&dialing, i == 0 ? "127.0.0.1" : "localhost", port);
        rig_call(nnet_group_worker(rig.group, 0), do_dial_and_cancel, &dialing);
        rig_wait_sem(&dialing.done);
        assert_int_equal(dialing.rc, NB_ECANCELED);
        assert_int_equal(dialing.fd, -1);
        sem_destroy(&dialing.done);
    }
    dialing_init(&dialing, "127.0.0.1", port); // while it connects
    rig_call(nnet_group_worker(rig.group, 0), do_dial, &dialing);
    for (unsigned i = 0; i < 20; i++) { // passes, in which it begins
        rig_call(nnet_group_worker(rig.group, 0), rig_do_nothing, NULL);
    }
    rig_call(nnet_group_worker(rig.group, 0), do_cancel, &dialing);
    rig_wait_sem(&dialing.done);
    assert_int_equal(dialing.rc, NB_ECANCELED);
    for (size_t i = 0; i < NB_ARRAY_LEN(fds); i++) {
        close(fds[i]);
    }
    close(listening);
    rig_stop(&rig);
    sem_destroy(&dialing.done);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listening_port_is_reached),
        cmocka_unit_test(what_was_dialed_can_be_opened),
        cmocka_unit_test(a_closed_port_refuses),
        cmocka_unit_test(a_name_that_is_none_is_not_found),
        cmocka_unit_test(a_silent_peer_times_out),
        cmocka_unit_test(a_dial_can_be_canceled_at_any_point),
        cmocka_unit_test(a_lookup_can_be_canceled),
    };
    return cmocka_run_group_tests_name("dial", tests, NULL, NULL);
}
