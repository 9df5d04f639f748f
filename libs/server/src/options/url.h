/* url.h - a URL taken apart, with the reference's idea of what one is (natsd/url_options.h).
 *
 * Bounded by NSERVER_URL_MAX_BYTES; any bytes may come in.
 */
#pragma once

#include <natsd/buf.h>
#include <natsd/slice.h>
#include <natsd/url_options.h>

// Slices of the room given to nserver__url_split().
struct nserver__url_parts {
    bool has_user, has_password;
    struct slice text; // without the blanks around it
    struct slice scheme, user, password, host, port, path;
};

// `room` has nserver__url_room(text) bytes; the parts live as long as it. NB_EMALFORMED or
// NB_ELIMIT with diag: `parse "a b://": invalid character " " in host name`.
NB_MUST_USE int nserver__url_split(struct slice text, uint8_t *room, struct nserver__url_parts *out,
                                   struct nb_diag *diag);
// Appends what may be no URL, with "xxxxx" for what may be a password or a token in it: all between
// the user's name and the last "@". NB_ELIMIT when out is full.
NB_MUST_USE int nserver__url_hide(struct slice text, struct nb_buf *out);
static inline size_t nserver__url_room(struct slice text)
{
    return 2 * text.n + 1;
}
