/* url.h - the address of a server: "nats://user:pass@host:4222".
 *
 * Schemes nats, tls and none; ws and wss are known and refused. User info is percent-decoded;
 * alone it is a token. IPv6 addresses stand in brackets when a port follows.
 *
 * Threads: [any]. Errors: NB_EMALFORMED, NB_EUNSUPPORTED, with a text that shows no secret.
 */
#pragma once

#include <natsd/slice.h>

#include <stdbool.h>
#include <stdint.h>

enum {
    NCLIENT__PORT_DEFAULT = 4222,
    NCLIENT__HOST_MAX_BYTES = 255,
};

struct nclient__url {
    char *host; // owned
    uint16_t port;
    bool is_tls;
    char *user; // owned, NULL: none; secret like the rest
    char *password;
    char *token;
};

NB_MUST_USE int nclient__url_parse(struct slice text, struct nclient__url *out,
                                   struct nb_diag *diag);
void nclient__url_forget_user(struct nclient__url *url); // wipes user, password and token
void nclient__url_fini(struct nclient__url *url);        // wipes; fine on a zeroed one, and twice
