/* url_options.c - URLs as options keep and show them. */
#include <natsd/url_options.h>

#include <natsd/server_options.h>

#include "options/url.h"

int nserver_options_read_url(struct nserver_options *opts, struct slice text,
                             struct nserver_url *out, struct nb_diag *diag)
{
    uint8_t *room = nb_alloc(nserver__url_room(text));
    struct nserver__url_parts parts = {0};
    int rc = nserver__url_split(text, room, &parts, diag);

    if (rc == NB_OK) {
        *out = (struct nserver_url){
            .text = nserver_options_keep(opts, parts.text),
            .scheme = nserver_options_keep(opts, parts.scheme),
            .user = parts.has_user ? nserver_options_keep(opts, parts.user) : NULL,
            .password = parts.has_password ? nserver_options_keep(opts, parts.password) : NULL,
            .host = nserver_options_keep(opts, parts.host),
            .port = nserver_options_keep(opts, parts.port),
            .path = nserver_options_keep(opts, parts.path),
        };
    }
    nb_wipe(room, nserver__url_room(text)); // a password may be in it
    nb_free(room);
    return rc;
}

// Where the authority stands in a text that has one.
static struct slice find_authority(struct slice text)
{
    size_t start = nb_slice_find(text, NB_SLICE("//")) + 2;
    struct slice rest = nb_slice_sub(text, start, text.n);
    size_t end = rest.n;

    for (size_t i = 0; i < rest.n; i++) {
        if (rest.p[i] == '/' || rest.p[i] == '?' || rest.p[i] == '#') {
            end = i;
            break;
        }
    }
    return nb_slice_sub(rest, 0, end);
}

static int append(struct nb_buf *out, int rc, struct slice text)
{
    return rc == NB_OK ? nb_buf_append(out, text) : rc;
}

// Everything behind the "@", with the port that a default has given it.
static int append_host(const struct nserver_url *url, struct slice host, int rc, struct nb_buf *out)
{
    struct slice port = nb_slice_of(url->port);

    rc = append(out, rc, host);
    if (port.n > 0 && !(host.n > port.n && nb_slice_ends(host, url->port) &&
                        host.p[host.n - port.n - 1] == ':')) {
        rc = append(out, rc, nb_slice_ends(host, ":") ? NB_SLICE("") : NB_SLICE(":"));
        rc = append(out, rc, port);
    }
    return rc;
}

int nserver_url_redact(const struct nserver_url *url, struct nb_buf *out)
{
    struct slice text = nb_slice_of(url->text);
    struct slice authority;
    struct slice user;
    size_t front;
    size_t at;
    int rc;

    if (url->host[0] == '\0' && url->user == NULL) {
        return nb_buf_append(out, text);
    }
    authority = find_authority(text);
    front = (size_t)(authority.p - text.p);
    at = authority.n;
    while (at > 0 && authority.p[at - 1] != '@') {
        at--;
    }
    user = nb_slice_sub(authority, 0, at);
    rc = nb_buf_append(out, nb_slice_sub(text, 0, front));
    if (url->password != NULL) {
        rc = append(out, rc, nb_slice_sub(user, 0, nb_slice_find_byte(user, ':')));
        rc = append(out, rc, NB_SLICE(":xxxxx@"));
    } else {
        rc = append(out, rc, user);
    }
    rc = append_host(url, nb_slice_sub(authority, at, authority.n), rc, out);
    front += authority.n;
    return append(out, rc, nb_slice_sub(text, front, text.n));
}
