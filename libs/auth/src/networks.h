/* networks.h - addresses and networks of both families in one form. Threads: [any]. */
#pragma once

#include <natsd/slice.h>

#include <stdbool.h>

struct nauth__network {
    bool is_v4;           // also when written as ::ffff:1.2.3.4
    uint8_t address[16];  // a v4 address in the last four bytes, behind ::ffff:
    unsigned prefix_bits; // of the 128
};

NB_MUST_USE int nauth__address_parse(struct slice text, struct nauth__network *out);
NB_MUST_USE int nauth__network_parse(struct slice text, struct nauth__network *out); // "10.0.0.0/8"
bool nauth__network_has(const struct nauth__network *network, const struct nauth__network *address);
