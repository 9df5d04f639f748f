/* natsd/url_options.h - URLs of other servers, as a configuration or a flag names them.
 *
 * The grammar is that of RFC 3986 as the reference reads it: "a:b" without slashes is a scheme
 * with something opaque, "a/b" a path alone. What can be connected to is for the user to decide.
 * A part of natsd/server_options.h, whose rules for ownership hold.
 *
 * Threads: [any], plain data.
 */
#pragma once

#include <natsd/buf.h>

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NSERVER_URL_MAX_BYTES = 8 * 1024,
};

struct nserver_url {
    char *text;     // as written, but for blanks around it and capitals in the scheme; secret
    char *scheme;   // lower case; "" for none
    char *user;     // NULL: none; without escapes, as all that follow
    char *password; // NULL: none; secret
    char *host;     // without brackets; "" for none
    char *port;     // digits; "" for none
    char *path;     // with its slash; or what stands behind "scheme:" when no slash does
};

// Appends the text with "xxxxx" for a password. NB_ELIMIT when out is full.
NB_MUST_USE int nserver_url_redact(const struct nserver_url *url, struct nb_buf *out);

#ifdef __cplusplus
}
#endif
