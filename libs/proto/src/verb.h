/* verb.h - the verbs, and finding one letter by letter. Spec 01 sections 3.1, 3.4, 3.5. */
#pragma once

#include <natsd/parser.h>

enum nproto__from {
    NPROTO__FROM_CLIENT = 1 << NPROTO_PEER_CLIENT,
    NPROTO__FROM_SERVER = 1 << NPROTO_PEER_SERVER,
    NPROTO__FROM_BOTH = NPROTO__FROM_CLIENT | NPROTO__FROM_SERVER,
};

enum nproto__rest {
    NPROTO__REST_SKIPPED,        // anything, not looked at
    NPROTO__REST_ARGUMENT,       // an argument, with blanks before it or not
    NPROTO__REST_BLANK_ARGUMENT, // at least one blank, then the argument
};

struct nproto__verb {
    char name[8];
    uint8_t size; // letters
    uint8_t op;   // enum nproto_op
    uint8_t from; // enum nproto__from
    uint8_t rest; // enum nproto__rest
};

extern const struct nproto__verb nproto__verbs[];

// Given that the first `matched` letters of row *verb are there: is there a verb from this peer
// that goes on with `letter`? Then *verb is its row.
bool nproto__verb_goes_on(enum nproto_peer peer, uint8_t letter, uint8_t matched, uint8_t *verb);
