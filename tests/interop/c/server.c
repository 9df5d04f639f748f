#include "server.h"

#include "nb_test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    RETRY_MS = 10,
    // Below the ports of outgoing connections, because a client that tries to reconnect to a port
    // nobody listens on could be given that very port and meet itself.
    PORT_MIN = 10000,
    PORT_MAX = 32000,
};

const char *setting(const char *name)
{
    const char *value = getenv(name);

    if (value == NULL || *value == '\0') {
        fail_msg("no %s: start the tests with tests/interop/c/run", name);
    }
    return value;
}

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

typedef int socket_call(int fd, const struct sockaddr *address, socklen_t size);

// Whether a new socket can be bound, or connected, to the port.
static bool succeeds(socket_call *call, int port)
{
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool done;

    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    done = call(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
    close(fd);
    return done;
}

static int free_port(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    srand((unsigned)now.tv_nsec ^ (unsigned)getpid());
    for (int tries = 0; tries < 1000; tries++) {
        int port = PORT_MIN + rand() % (PORT_MAX - PORT_MIN);

        if (succeeds(bind, port)) {
            return port;
        }
    }
    fail_msg("no free port");
    return 0;
}

void server_configure(const struct server *server, const char *config)
{
    FILE *file = fopen(server->config, "w");

    assert_non_null(file);
    fprintf(file, "host: 127.0.0.1\nport: %d\n%s\n", server->port, config);
    assert_int_equal(fclose(file), 0);
}

// Becomes the server. It dies with the tests, should they be killed.
static void become_server(const struct server *server, const char *program)
{
    int log = open(server->log, O_WRONLY | O_CREAT | O_APPEND, 0600);

    if (log >= 0 && dup2(log, STDOUT_FILENO) >= 0 && dup2(log, STDERR_FILENO) >= 0 &&
        prctl(PR_SET_PDEATHSIG, SIGKILL) == 0) {
        execl(program, program, "-c", server->config, (char *)NULL);
    }
    _exit(127);
}

// Waits until the process has ended, at most so long. Whether it has, and with which status.
static bool ended_within(struct server *server, int milliseconds, int *status)
{
    struct pollfd wait = {.fd = (int)syscall(SYS_pidfd_open, server->pid, 0), .events = POLLIN};
    bool ended;

    assert_true(wait.fd >= 0);
    ended = poll(&wait, 1, milliseconds) == 1;
    close(wait.fd);
    if (ended) {
        assert_int_equal(waitpid(server->pid, status, 0), server->pid);
        server->pid = 0;
    }
    return ended;
}

void server_start(struct server *server)
{
    const char *program = setting("NATSD");
    int status;

    server->pid = fork();
    assert_true(server->pid >= 0);
    if (server->pid == 0) {
        become_server(server, program);
    }
    for (int waited = 0; !succeeds(connect, server->port); waited += RETRY_MS) {
        if (ended_within(server, RETRY_MS, &status)) {
            fail_msg("the server ended while starting, see %s", server->log);
        }
        if (waited >= DEADLINE_MS) {
            fail_msg("the server is not ready after %d ms, see %s", DEADLINE_MS, server->log);
        }
    }
}

void server_open(struct server *server, const char *config)
{
    const char *folder = setting("INTEROP_DIR");

    *server = (struct server){.port = free_port()};
    snprintf(server->url, sizeof(server->url), "nats://127.0.0.1:%d", server->port);
    snprintf(server->config, sizeof(server->config), "%s/c-%d.conf", folder, server->port);
    snprintf(server->log, sizeof(server->log), "%s/c-%d.log", folder, server->port);
    server_configure(server, config);
    server_start(server);
}

static int await_status(struct server *server)
{
    int status = 0;

    if (!ended_within(server, DEADLINE_MS, &status)) {
        fail_msg("the server has not ended after %d ms, see %s", DEADLINE_MS, server->log);
    }
    return status;
}

void server_await_end(struct server *server)
{
    int status = await_status(server);

    if (status != 0) {
        fail_msg("the server ended with wait status %d, see %s", status, server->log);
    }
}

void server_stop(struct server *server)
{
    if (server->pid != 0) {
        kill(server->pid, SIGTERM);
        server_await_end(server);
    }
}

void server_kill(struct server *server)
{
    kill(server->pid, SIGKILL);
    await_status(server);
}
