#include "networks.h"

#include <natsd/claims.h>
#include <natsd/number.h>

#include <arpa/inet.h>

enum {
    V4_BITS = 32,
    V6_BITS = 128,
    MAPPED_BITS = V6_BITS - V4_BITS,
};

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

static int parse_address(struct slice text, struct nauth__network *out, bool *is_written_v4)
{
    struct nauth__network network = {.prefix_bits = V6_BITS};
    char copy[INET6_ADDRSTRLEN];

    if (text.n == 0 || text.n >= sizeof(copy) || nb_slice_find_byte(text, 0) < text.n) {
        return NB_EMALFORMED;
    }
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    *is_written_v4 = inet_pton(AF_INET, copy, network.address + sizeof(mapped_prefix)) == 1;
    if (*is_written_v4) {
        memcpy(network.address, mapped_prefix, sizeof(mapped_prefix));
    } else if (inet_pton(AF_INET6, copy, network.address) != 1) {
        return NB_EMALFORMED;
    }
    network.is_v4 = memcmp(network.address, mapped_prefix, sizeof(mapped_prefix)) == 0;
    *out = network;
    return NB_OK;
}

int nauth__address_parse(struct slice text, struct nauth__network *out)
{
    bool is_written_v4;

    return parse_address(text, out, &is_written_v4);
}

int nauth__network_parse(struct slice text, struct nauth__network *out)
{
    size_t slash = nb_slice_find_byte(text, '/');
    struct nauth__network network;
    bool is_v4;
    uint64_t bits;
    int rc = parse_address(nb_slice_sub(text, 0, slash), &network, &is_v4);

    if (rc == NB_OK) {
        rc = nb_parse_u64(nb_slice_sub(text, slash + 1, text.n), is_v4 ? V4_BITS : V6_BITS, &bits);
    }
    if (rc < 0) {
        return rc;
    }
    network.prefix_bits = (unsigned)bits + (is_v4 ? MAPPED_BITS : 0);
    *out = network;
    return NB_OK;
}

bool nauth__network_has(const struct nauth__network *network, const struct nauth__network *address)
{
    unsigned bytes = network->prefix_bits / 8;
    unsigned bits = network->prefix_bits % 8;

    if (network->is_v4 != address->is_v4 ||
        memcmp(network->address, address->address, bytes) != 0) {
        return false;
    }
    return bits == 0 || (network->address[bytes] ^ address->address[bytes]) >> (8 - bits) == 0;
}

bool nauth_src_allows(const struct nauth_texts *src, struct slice host)
{
    struct nauth__network address;

    if (src->count == 0) {
        return true;
    }
    if (nauth__address_parse(host, &address) < 0) {
        return false;
    }
    for (size_t i = 0; i < src->count; i++) {
        struct nauth__network network;

        if (nauth__network_parse(src->items[i], &network) < 0) {
            return false; // who wrote it meant something
        }
        if (nauth__network_has(&network, &address)) {
            return true;
        }
    }
    return false;
}
