/* example_server.h - as much of a server as the example needs: one connection, literal
 * subjects and inboxes, no limits. Not a model of anything.
 */
#pragma once

#include <natsd/slice.h>

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct example_server {
    pthread_t thread;
    int listen_fd;
    char url[64];
    struct {
        char subject[64];
        unsigned sid;
    } subs[8];
    unsigned sub_count;
};

static inline bool example_matches(const char *subject, const char *filter)
{
    size_t n = strlen(filter);

    if (n > 1 && filter[n - 1] == '*') {
        return strncmp(subject, filter, n - 1) == 0;
    }
    return strcmp(subject, filter) == 0;
}

static inline void example_publish(struct example_server *server, FILE *peer, const char *line)
{
    char subject[64];
    char reply[64] = "";
    unsigned size;
    char payload[256];

    if (sscanf(line, "PUB %63s %63s %u", subject, reply, &size) != 3) {
        reply[0] = '\0';
        assert(sscanf(line, "PUB %63s %u", subject, &size) == 2);
    }
    assert(size + 2 < sizeof(payload) && fread(payload, 1, size + 2, peer) == size + 2);
    payload[size] = '\0';
    for (unsigned i = 0; i < server->sub_count; i++) {
        if (example_matches(subject, server->subs[i].subject)) {
            fprintf(peer, "MSG %s %u %s %u\r\n%s\r\n", subject, server->subs[i].sid, reply, size,
                    payload);
        }
    }
}

static inline void example_line(struct example_server *server, FILE *peer, const char *line)
{
    unsigned i = server->sub_count;

    if (strncmp(line, "PING", 4) == 0) {
        fprintf(peer, "PONG\r\n");
    } else if (strncmp(line, "PUB", 3) == 0) {
        example_publish(server, peer, line);
    } else if (strncmp(line, "SUB", 3) == 0) {
        assert(i < NB_ARRAY_LEN(server->subs));
        assert(sscanf(line, "SUB %63s %u", server->subs[i].subject, &server->subs[i].sid) == 2);
        server->sub_count++;
    }
    fflush(peer);
}

static inline void *example_run(void *arg)
{
    struct example_server *server = arg;
    FILE *peer = fdopen(accept(server->listen_fd, NULL, NULL), "r+");
    char line[1024];

    assert(peer != NULL);
    setvbuf(peer, NULL, _IONBF, 0); // reads and writes alternate
    fprintf(peer, "INFO {\"headers\":true,\"max_payload\":200} \r\n");
    while (fgets(line, sizeof(line), peer) != NULL) {
        example_line(server, peer, line);
    }
    fclose(peer);
    return NULL;
}

static inline void example_start(struct example_server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);

    memset(server, 0, sizeof(*server));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->listen_fd = socket(AF_INET, SOCK_STREAM, 0);
    assert(bind(server->listen_fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    assert(listen(server->listen_fd, 1) == 0);
    assert(getsockname(server->listen_fd, (struct sockaddr *)&address, &size) == 0);
    snprintf(server->url, sizeof(server->url), "nats://127.0.0.1:%u", ntohs(address.sin_port));
    assert(pthread_create(&server->thread, NULL, example_run, server) == 0);
}

// The client has closed.
static inline void example_stop(struct example_server *server)
{
    pthread_join(server->thread, NULL);
    close(server->listen_fd);
}
