// An echo server on two workers, and a client that says hello to it.
#include <natsd/listener.h>

#include <arpa/inet.h>
#include <assert.h>
#include <semaphore.h>
#include <stdio.h>
#include <unistd.h>

struct client {
    struct nnet_conn conn;
    struct nnet_task begin; // carries the socket to its worker
    int fd;
};

struct server {
    struct nnet_group *group;
    struct nnet_listener *listener;
    struct nnet_task stop;
    sem_t ready;
    uint16_t port;
    unsigned next_worker;
};

static void on_received(struct nnet_conn *conn, struct nb_chunk *chunk NB_UNUSED,
                        struct slice bytes)
{
    nnet_out_append(conn->worker, conn, bytes); // leaves at the end of the pass
}

static struct nnet_room on_wanted(struct nnet_conn *conn NB_UNUSED)
{
    return (struct nnet_room){.n = 0}; // put bytes anywhere
}

static void on_filled(struct nnet_conn *conn NB_UNUSED, size_t n NB_UNUSED)
{
}

static void on_ended(struct nnet_conn *conn, enum nnet_end how NB_UNUSED, int error NB_UNUSED)
{
    nnet_conn_close(conn, NNET_CLOSE_FLUSH);
}

static void on_tls_done(struct nnet_conn *conn NB_UNUSED, int rc NB_UNUSED,
                        const char *text NB_UNUSED)
{
}

static void on_stalled(struct nnet_conn *conn, size_t written NB_UNUSED)
{
    nnet_conn_close(conn, NNET_CLOSE_NOW);
}

static void on_output_full(struct nnet_conn *conn)
{
    nnet_conn_close(conn, NNET_CLOSE_NOW);
}

static void on_drained(struct nnet_conn *conn NB_UNUSED)
{
}

static void on_closed(struct nnet_conn *conn)
{
    nb_free(nb_container_of(conn, struct client, conn));
}

static const struct nnet_conn_handler handler = {.received = on_received,
                                                 .wanted = on_wanted,
                                                 .filled = on_filled,
                                                 .ended = on_ended,
                                                 .tls_done = on_tls_done,
                                                 .write_stalled = on_stalled,
                                                 .output_full = on_output_full,
                                                 .drained = on_drained,
                                                 .closed = on_closed};

static void begin_client(struct nnet_task *task, struct nnet_worker *worker)
{
    struct client *client = nb_container_of(task, struct client, begin);

    client->conn.handler = &handler;
    client->conn.output_max = 1024 * 1024;
    client->conn.write_deadline_ns = 10 * NB_NS_PER_S;
    nnet_conn_open(&client->conn, worker, client->fd);
}

static void on_accepted(void *ctx, int fd, const struct nnet_address *peer)
{
    struct server *server = ctx;
    struct client *client = nb_zalloc(sizeof(*client));
    unsigned index = server->next_worker++ % nnet_group_worker_count(server->group);

    printf("a client from %s\n", peer->ip);
    client->fd = fd;
    client->begin.run = begin_client;
    nnet_worker_post(nnet_group_worker(server->group, index), &client->begin);
}

// In each worker, before its first pass.
static void on_start(void *ctx, struct nnet_worker *worker)
{
    struct server *server = ctx;
    struct nb_diag diag;

    if (nnet_worker_is_control(worker)) {
        int rc = nnet_listener_open(worker, "127.0.0.1", 0, on_accepted, server, &server->listener,
                                    &diag);

        assert(rc == NB_OK);
        server->port = nnet_listener_port(server->listener);
        sem_post(&server->ready);
    }
}

static void on_stop(struct nnet_task *task, struct nnet_worker *worker NB_UNUSED)
{
    struct server *server = nb_container_of(task, struct server, stop);

    nnet_listener_close(&server->listener);
    sem_post(&server->ready);
}

static void say_hello(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char answer[5];

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    assert(write(fd, "hello", 5) == 5 && shutdown(fd, SHUT_WR) == 0);
    assert(recv(fd, answer, 5, MSG_WAITALL) == 5 && memcmp(answer, "hello", 5) == 0);
    assert(read(fd, answer, 1) == 0); // the server closed, after what it had to say
    close(fd);
}

int main(void)
{
    struct nb_logger log = {.write = NULL};
    struct server server = {.stop = {.run = on_stop}};
    struct nnet_group_opts opts = {
        .worker_count = 2, .log = &log, .start = on_start, .ctx = &server};
    int rc;

    sem_init(&server.ready, 0, 0);
    rc = nnet_group_create(&opts, &server.group);
    assert(rc == NB_OK);
    sem_wait(&server.ready);
    say_hello(server.port);
    nnet_worker_post(nnet_group_control(server.group), &server.stop);
    sem_wait(&server.ready);
    nnet_group_destroy(&server.group);
    sem_destroy(&server.ready);
    return 0;
}
