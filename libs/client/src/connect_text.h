/* connect_text.h - CONNECT, and what a client tells of the INFO that it answers. Threads: [any]. */
#pragma once

#include "config.h"
#include "pool.h"

#include <natsd/info.h>

struct nclient__greeting { // of the server
    struct slice nonce;    // borrowed
    bool has_headers;
    bool has_tls; // the connection's
};

// CONNECT and PING for a server. NB_EUNSUPPORTED and others, with a text.
NB_MUST_USE int nclient__connect_write(const struct nclient__config *config,
                                       const struct nclient__url *url,
                                       const struct nclient__greeting *greeting, struct nb_buf *out,
                                       struct nb_diag *diag);
void nclient__server_info_fill(const struct nclient__server *server, const struct nproto_info *info,
                               bool has_tls, struct nclient_server_info *out);
