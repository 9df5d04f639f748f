/* server.h - the server under test, which $NATSD names: one process on a free port of loopback.
 *
 * Its configuration and its log are files in $INTEROP_DIR, called after its port. Whatever goes
 * wrong here fails the cmocka test that called.
 */
#pragma once

#include <limits.h>
#include <sys/types.h>

enum {
    DEADLINE_MS = 10000, // how long a test waits for anything that should happen
};

struct server {
    int port;
    pid_t pid; // 0 when it has ended
    char url[64];
    char config[PATH_MAX];
    char log[PATH_MAX];
};

// Starts a server with these lines in its configuration beside the address; it accepts connections.
void server_open(struct server *server, const char *config);

// Writes the configuration for the next start.
void server_configure(const struct server *server, const char *config);
void server_start(struct server *server);

// Ends the server as an operator does, unless it has ended.
void server_stop(struct server *server);

// Leaves the server no time for anything.
void server_kill(struct server *server);

// Waits for an end in good order.
void server_await_end(struct server *server);

// An environment variable that the run script sets.
const char *setting(const char *name);
