/* publish.h - messages that the server itself publishes in an account. */
#pragma once

#include <natsd/slice.h>

struct nserver;
struct nserver__account;
struct nserver__worker;

// [owner] At once. `headers` may be empty. How many got it.
unsigned nserver__publish(struct nserver__worker *self, struct nserver__account *account,
                          struct slice subject, struct slice reply, struct slice headers,
                          struct slice body);
// [any thread] Soon, in one of the workers; all is copied. One after the other from one thread.
void nserver__publish_soon(struct nserver *server, struct nserver__account *account,
                           struct slice subject, struct slice reply, struct slice headers,
                           struct slice body);
