#include "net_rig.h"

#include <sys/resource.h>

struct accepted {
    struct nnet_listener *listener;
    const char *host;
    int port;
    int rc;
    struct nb_diag diag;
    struct nnet_address peer;
    int fd;
    unsigned count;
    sem_t came;
    bool closes_listener;
};

static void on_accepted(void *ctx, int fd, const struct nnet_address *peer)
{
    struct accepted *accepted = ctx;

    accepted->peer = *peer;
    accepted->fd = fd;
    accepted->count++;
    if (accepted->closes_listener) {
        nnet_listener_close(&accepted->listener);
    }
    sem_post(&accepted->came);
}

static void do_listen(void *arg, struct nnet_worker *worker)
{
    struct accepted *accepted = arg;

    accepted->rc = nnet_listener_open(worker, accepted->host, accepted->port, on_accepted, accepted,
                                      &accepted->listener, &accepted->diag);
}

static void do_close(void *arg, struct nnet_worker *worker NB_UNUSED)
{
    struct accepted *accepted = arg;

    nnet_listener_close(&accepted->listener);
    nnet_listener_close(&accepted->listener); // fine when closed
    assert_null(accepted->listener);
}

static void listen_on(struct rig *rig, struct accepted *accepted, const char *host, int port)
{
    memset(accepted, 0, sizeof(*accepted));
    sem_init(&accepted->came, 0, 0);
    accepted->host = host;
    accepted->port = port;
    rig_call(nnet_group_control(rig->group), do_listen, accepted);
}

static void end_listening(struct rig *rig, struct accepted *accepted)
{
    rig_call(nnet_group_control(rig->group), do_close, accepted);
    sem_destroy(&accepted->came);
}

static bool has_ipv6(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    bool has = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

    if (fd >= 0) {
        close(fd);
    }
    return has;
}

static int connect_ipv6(uint16_t port)
{
    struct sockaddr_in6 address = {
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_loopback};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void any_host_takes_both_families(void **state NB_UNUSED)
{
    static const char *const hosts[] = {"0.0.0.0", "::", ""};

    for (size_t i = 0; i < NB_ARRAY_LEN(hosts); i++) {
        struct rig rig;
        struct accepted accepted;
        int fd;

        rig_start(&rig, 1);
        listen_on(&rig, &accepted, hosts[i], i == 0 ? -1 : 0);
        assert_int_equal(accepted.rc, NB_OK);
        assert_int_not_equal(nnet_listener_port(accepted.listener), 0);
        fd = rig_connect(nnet_listener_port(accepted.listener));
        rig_wait_sem(&accepted.came);
        assert_string_equal(accepted.peer.ip, "127.0.0.1"); // and not ::ffff:127.0.0.1
        assert_int_not_equal(accepted.peer.port, 0);
        close(accepted.fd);
        close(fd);
        if (has_ipv6()) {
            fd = connect_ipv6(nnet_listener_port(accepted.listener));
            rig_wait_sem(&accepted.came);
            assert_string_equal(accepted.peer.ip, "::1");
            close(accepted.fd);
            close(fd);
        }
        end_listening(&rig, &accepted);
        rig_stop(&rig);
    }
}

static void a_name_may_be_given(void **state NB_UNUSED)
{
    struct rig rig;
    struct accepted accepted;
    int fd;

    rig_start(&rig, 1);
    listen_on(&rig, &accepted, "localhost", 0);
    assert_int_equal(accepted.rc, NB_OK);
    fd = rig_connect(nnet_listener_port(accepted.listener));
    rig_wait_sem(&accepted.came);
    close(accepted.fd);
    close(fd);
    end_listening(&rig, &accepted);
    rig_stop(&rig);
}

static void a_number_that_is_no_port_is_refused(void **state NB_UNUSED)
{
    static const struct {
        int port;
        const char *text;
    } cases[] = {
        {-2, "listen tcp: address -2: invalid port"},
        {65536, "listen tcp: address 65536: invalid port"},
    };
    struct rig rig;

    rig_start(&rig, 1);
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct accepted accepted;

        listen_on(&rig, &accepted, "127.0.0.1", cases[i].port);
        assert_int_equal(accepted.rc, NB_EINVALID);
        assert_string_equal(accepted.diag.text, cases[i].text);
        sem_destroy(&accepted.came);
    }
    rig_stop(&rig);
}

static void a_port_in_use_is_an_error_at_once(void **state NB_UNUSED)
{
    struct rig rig;
    struct accepted first;
    struct accepted second;
    char want[128];
    int port;

    rig_start(&rig, 1);
    listen_on(&rig, &first, "127.0.0.1", 0);
    assert_int_equal(first.rc, NB_OK);
    port = nnet_listener_port(first.listener);
    listen_on(&rig, &second, "127.0.0.1", port);
    assert_int_equal(second.rc, NB_EADDRINUSE);
    snprintf(want, sizeof(want), "listen tcp 127.0.0.1:%d: bind: address already in use", port);
    assert_string_equal(second.diag.text, want);
    sem_destroy(&second.came);
    listen_on(&rig, &second, "0.0.0.0", port); // all addresses include that one
    assert_int_equal(second.rc, NB_EADDRINUSE);
    sem_destroy(&second.came);
    end_listening(&rig, &first);
    listen_on(&rig, &second, "127.0.0.1", port);
    assert_int_equal(second.rc, NB_OK);
    end_listening(&rig, &second);
    rig_stop(&rig);
}

static void a_host_that_is_not_ours_is_an_error(void **state NB_UNUSED)
{
    struct rig rig;
    struct accepted accepted;

    rig_start(&rig, 1);
    listen_on(&rig, &accepted, "192.0.2.1", 4222); // for documentation, nobody has it
    assert_int_equal(accepted.rc, NB_EIO);
    assert_string_equal(accepted.diag.text,
                        "listen tcp 192.0.2.1:4222: bind: cannot assign requested address");
    sem_destroy(&accepted.came);
    listen_on(&rig, &accepted, "not a host", 4222);
    assert_int_equal(accepted.rc, NB_ENOTFOUND);
    assert_string_equal(accepted.diag.text, "listen tcp: lookup not a host: no such host");
    sem_destroy(&accepted.came);
    rig_stop(&rig);
}

static void a_callback_may_close_its_listener(void **state NB_UNUSED)
{
    struct rig rig;
    struct accepted accepted;
    int fd;

    rig_start(&rig, 1);
    listen_on(&rig, &accepted, "127.0.0.1", 0);
    accepted.closes_listener = true;
    fd = rig_connect(nnet_listener_port(accepted.listener));
    rig_wait_sem(&accepted.came);
    rig_call(nnet_group_control(rig.group), rig_do_nothing, NULL);
    assert_int_equal(accepted.count, 1);
    close(accepted.fd);
    close(fd);
    end_listening(&rig, &accepted);
    rig_stop(&rig);
}

struct warnings {
    sem_t came;
};

static void count_warning(void *ctx, enum nb_log_level level, struct slice line)
{
    struct warnings *warnings = ctx;

    assert_int_equal(level, NB_LOG_WARN);
    assert_true(nb_slice_starts(line, "accept failed, retrying delay_ms="));
    sem_post(&warnings->came);
}

// No descriptor is free: the connection waits in the queue and is accepted later.
static void out_of_descriptors_is_logged_and_retried(void **state NB_UNUSED)
{
    struct warnings warnings;
    struct nb_logger log = {.write = count_warning, .ctx = &warnings};
    struct nnet_group_opts opts = {.worker_count = 1, .log = &log};
    struct rig rig;
    struct accepted accepted;
    struct rlimit before;
    struct rlimit none;
    int fd;

    sem_init(&warnings.came, 0, 0);
    assert_int_equal(nnet_group_create(&opts, &rig.group), NB_OK);
    listen_on(&rig, &accepted, "127.0.0.1", 0);
    fd = rig_connect(nnet_listener_port(accepted.listener));
    rig_wait_sem(&accepted.came); // the way is free
    close(accepted.fd);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
    close(fd);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    {
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port = htons(nnet_listener_port(accepted.listener))};

        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    }
    rig_wait_sem(&warnings.came);
    rig_wait_sem(&warnings.came);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    rig_wait_sem(&accepted.came);
    close(accepted.fd);
    close(fd);
    end_listening(&rig, &accepted);
    rig_stop(&rig);
    sem_destroy(&warnings.came);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_host_takes_both_families),
        cmocka_unit_test(a_name_may_be_given),
        cmocka_unit_test(a_number_that_is_no_port_is_refused),
        cmocka_unit_test(a_port_in_use_is_an_error_at_once),
        cmocka_unit_test(a_host_that_is_not_ours_is_an_error),
        cmocka_unit_test(a_callback_may_close_its_listener),
        cmocka_unit_test(out_of_descriptors_is_logged_and_retried),
    };
    return cmocka_run_group_tests_name("listener", tests, NULL, NULL);
}
