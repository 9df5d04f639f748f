/* url.h - the parts of an http or https URL. Threads: [any]. */
#pragma once

#include <natsd/slice.h>

#include <stdbool.h>
#include <stdint.h>

struct nnet__url { // slices of the text that was read
    bool is_tls;
    bool has_user;
    bool has_password;
    struct slice user; // encoded
    struct slice password;
    struct slice authority; // host and port as written, for the Host header
    struct slice host;      // without brackets
    uint16_t port;
    struct slice target; // path and query; "/" when both are empty. It may begin with "?"
};

// NB_EMALFORMED, NB_EUNSUPPORTED (another scheme), NB_ELIMIT.
NB_MUST_USE int nnet__url_parse(struct slice text, struct nnet__url *out);
