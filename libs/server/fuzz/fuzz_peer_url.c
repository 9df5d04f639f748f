/* URLs from any text. What is accepted is made of parts of bounded size, is read the same again, and
 * shows no password; its text without the blanks around it has the same parts.
 */
#include <natsd/memory.h>
#include <natsd/server_options.h>

#include <assert.h>

#include "options/url.h"

static bool same_parts(const struct nserver__url_parts *a, const struct nserver__url_parts *b)
{
    return a->has_user == b->has_user && a->has_password == b->has_password &&
           nb_slice_equal(a->text, b->text) && nb_slice_equal(a->scheme, b->scheme) &&
           nb_slice_equal(a->user, b->user) && nb_slice_equal(a->password, b->password) &&
           nb_slice_equal(a->host, b->host) && nb_slice_equal(a->port, b->port) &&
           nb_slice_equal(a->path, b->path);
}

static void check_parts(struct slice text, const struct nserver__url_parts *url)
{
    assert(url->text.n <= text.n);
    assert(url->scheme.n + url->user.n + url->password.n + url->host.n + url->port.n +
               url->path.n <=
           text.n);
    for (size_t i = 0; i < url->port.n; i++) {
        assert(url->port.p[i] >= '0' && url->port.p[i] <= '9');
    }
}

// A long password would have to stand there by chance: it is looked for as written in the text.
static void check_redacted(struct slice text)
{
    struct nserver_options opts = {0};
    struct nserver_url url;
    struct nb_buf shown;
    int rc = nserver_options_read_url(&opts, text, &url, NULL);

    assert(rc == NB_OK);
    nb_buf_init(&shown, 3 * NSERVER_URL_MAX_BYTES);
    rc = nserver_url_redact(&url, &shown);
    assert(rc == NB_OK);
    if (url.password != NULL && url.host[0] != '\0') {
        assert(nb_slice_find(nb_buf_slice(&shown), NB_SLICE(":xxxxx@")) < nb_buf_slice(&shown).n);
    }
    nb_buf_fini(&shown);
    nserver_options_fini(&opts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = nb_slice_make(data, size);
    struct nserver__url_parts first = {0};
    struct nserver__url_parts second = {0};
    uint8_t *room = nb_alloc(nserver__url_room(text));
    uint8_t *other_room;
    struct nb_diag diag = {0};
    int rc = nserver__url_split(text, room, &first, &diag);

    assert((rc == NB_OK) == (diag.text[0] == '\0'));
    if (rc == NB_OK) {
        check_parts(text, &first);
        other_room = nb_alloc(nserver__url_room(first.text));
        assert(nserver__url_split(first.text, other_room, &second, NULL) == NB_OK);
        assert(same_parts(&first, &second));
        check_redacted(text);
        nb_free(other_room);
    }
    nb_free(room);
    return 0;
}
