/* deliver.h - one message to every subscription that matches it (spec 01 section 14). */
#pragma once

#include <natsd/slice.h>

#include <stdbool.h>

struct nb_chunk;
struct nserver__client;
struct nserver__sub;
struct nserver__worker;

// A message on its way. Slices are borrowed for the call.
struct nserver__message {
    struct slice subject; // as subscribers see it
    struct slice reply;
    struct slice payload; // headers and body
    uint32_t header_size;
    struct nb_chunk *chunk; // the payload lies in it; NULL: it has to be copied
};

// hot: once per published message. How many were queued to.
unsigned nserver__deliver(struct nserver__client *publisher, const struct nserver__message *msg);

// The notice to a requester that nobody listens (spec 10.3), if it asked for it.
void nserver__deliver_no_responders(struct nserver__client *requester,
                                    const struct nserver__message *msg);

// Its last message was claimed: it has to go.
void nserver__sub_spent(struct nserver__worker *self, struct nserver__sub *sub);
