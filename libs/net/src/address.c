#include "address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static void from_ipv6(const struct sockaddr_in6 *from, struct nnet_address *out)
{
    if (IN6_IS_ADDR_V4MAPPED(&from->sin6_addr)) {
        inet_ntop(AF_INET, &from->sin6_addr.s6_addr[12], out->ip, sizeof(out->ip));
    } else {
        inet_ntop(AF_INET6, &from->sin6_addr, out->ip, sizeof(out->ip));
    }
    out->port = ntohs(from->sin6_port);
}

void nnet__address_from_sockaddr(const struct sockaddr *from, struct nnet_address *out)
{
    *out = (struct nnet_address){.ip = "", .port = 0};
    if (from->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)from;

        inet_ntop(AF_INET, &in->sin_addr, out->ip, sizeof(out->ip));
        out->port = ntohs(in->sin_port);
    } else if (from->sa_family == AF_INET6) {
        from_ipv6((const struct sockaddr_in6 *)(const void *)from, out);
    }
}

typedef int name_fn(int fd, struct sockaddr *address, socklen_t *size);

static void address_by(name_fn *get, int fd, struct nnet_address *out)
{
    struct sockaddr_storage storage = {0};
    socklen_t size = sizeof(storage);

    if (fd < 0 || get(fd, (struct sockaddr *)&storage, &size) != 0) {
        *out = (struct nnet_address){.ip = "", .port = 0};
        return;
    }
    nnet__address_from_sockaddr((struct sockaddr *)&storage, out);
}

void nnet_conn_peer(const struct nnet_conn *conn, struct nnet_address *out)
{
    address_by(getpeername, conn->fd, out);
}

void nnet_conn_local(const struct nnet_conn *conn, struct nnet_address *out)
{
    address_by(getsockname, conn->fd, out);
}
