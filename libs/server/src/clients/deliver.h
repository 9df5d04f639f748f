/* deliver.h - one message to every subscription that matches it (spec 01 section 14). */
#pragma once

#include <natsd/parser.h>

struct nserver__client;
struct nserver__sender;
struct nserver__sub;
struct nserver__worker;

// hot: once per published message, which is passed on as it was parsed: copied, each slice would
// wait for its two stores to reach the cache. Its subject is the one subscribers see; without a
// chunk the payload is copied. Not for a sender with a trace. How many it was queued to, or taken by.
unsigned nserver__deliver(const struct nserver__sender *sender, const struct nproto_msg *msg);

// The same for what the server passes on or says itself, and for what is traced.
unsigned nserver__deliver_on(const struct nserver__sender *sender, const struct nproto_msg *msg);

// After the last of some deliveries, before anything else is done.
void nserver__deliver_end(struct nserver__worker *self);

// The notice to a requester that nobody listens (spec 10.3), if it asked for it.
void nserver__deliver_no_responders(struct nserver__client *requester,
                                    const struct nproto_msg *msg);

// Its last message was claimed: it has to go.
void nserver__sub_spent(struct nserver__worker *self, struct nserver__sub *sub);
