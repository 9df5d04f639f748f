/* targets.h - each server that was named, and each address of it, as a URL of its own: what is
 * measured must not be chosen at random. Threads: [main].
 */
#pragma once

#include "connection.h"

struct target {
    char *url;      // as named, without user information
    char *address;  // the same with an address for the name: "nats://127.0.0.1:4222"
    char *connect;  // the same with user information: secret
    char *tls_name; // the name
};

struct targets {
    struct target *list;
    size_t count;
};

// NB_EMALFORMED and NB_ENOTFOUND with a text. `by_address` false: one for each URL.
NB_MUST_USE int targets_find(const char *urls, bool by_address, struct targets *out,
                             struct nb_diag *diag);
void targets_fini(struct targets *targets);
