#include <natsd/listener.h>

#include "address.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

static bool is_global_ipv4(const struct sockaddr_in *in)
{
    uint32_t address = ntohl(in->sin_addr.s_addr);

    return (address >> 24) != IN_LOOPBACKNET && (address >> 16) != 0xA9FE; // 169.254.0.0/16
}

static bool is_global(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        return is_global_ipv4((const struct sockaddr_in *)(const void *)address);
    } else {
        const struct in6_addr *in6 =
            &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;

        return !IN6_IS_ADDR_LOOPBACK(in6) && !IN6_IS_ADDR_LINKLOCAL(in6);
    }
}

void nnet_interface_each(void (*fn)(void *ctx, const char *ip, bool is_global), void *ctx)
{
    struct ifaddrs *list = NULL;

    if (getifaddrs(&list) != 0) {
        return; // then none is known
    }
    for (const struct ifaddrs *it = list; it != NULL; it = it->ifa_next) {
        struct nnet_address address;

        if (it->ifa_addr == NULL || (it->ifa_flags & IFF_UP) == 0 ||
            (it->ifa_addr->sa_family != AF_INET && it->ifa_addr->sa_family != AF_INET6)) {
            continue;
        }
        nnet__address_from_sockaddr(it->ifa_addr, &address);
        fn(ctx, address.ip, is_global(it->ifa_addr));
    }
    freeifaddrs(list);
}
