#include <natsd/server.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// Connects and reads what every client is greeted with.
static int greet(uint16_t port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    char info[5] = "";
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int ok =
        connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 && recv(fd, info, 4, MSG_WAITALL) == 4;

    close(fd);
    return ok && strcmp(info, "INFO") == 0 ? 0 : 1;
}

int main(void)
{
    for (int round = 0; round < 2; round++) {       // as often as you like, in one process
        struct nserver_options opts = {.port = -1}; // -1: any free port
        struct nb_logger log = {0};                 // says nothing
        struct nserver *server = NULL;
        struct nb_diag diag;

        nserver_options_set_text(&opts.host, nb_slice_of("127.0.0.1"));
        if (nserver_create(&opts, &log, &server, &diag) != NB_OK ||
            nserver_start(server, &diag) != NB_OK) {
            fprintf(stderr, "%s\n", diag.text);
            return 1;
        }
        if (greet(nserver_client_port(server)) != 0) {
            return 1;
        }
        nserver_destroy(&server); // stops it first
        nserver_options_fini(&opts);
    }
    return 0;
}
