/* peer_options.c - other servers as messages name them. */
#include <natsd/peer_options.h>
#include <natsd/quote.h>

static int append_text(struct nb_buf *out, int rc, const char *text)
{
    return rc == NB_OK ? nb_buf_append(out, nb_slice_of(text)) : rc;
}

static int append_quoted(struct nb_buf *out, int rc, const char *text)
{
    return rc == NB_OK ? nb_quote(nb_slice_of(text), out) : rc;
}

static int append_url(const struct nserver_url *url, struct nb_buf *out)
{
    struct nb_buf shown;
    int rc;

    nb_buf_init(&shown, 2 * NSERVER_URL_MAX_BYTES);
    rc = nserver_url_redact(url, &shown);
    if (rc == NB_OK) {
        rc = nb_quote(nb_buf_slice(&shown), out);
    }
    nb_buf_fini(&shown);
    return rc;
}

int nserver_leaf_remote_urls(const struct nserver_leaf_remote *remote, struct nb_buf *out)
{
    int rc = nb_buf_append(out, NB_SLICE("["));

    for (size_t i = 0; i < remote->url_count && rc == NB_OK; i++) {
        rc = append_text(out, rc, i > 0 ? " " : "");
        rc = rc == NB_OK ? append_url(&remote->urls[i], out) : rc;
    }
    return append_text(out, rc, "]");
}

int nserver_leaf_remote_name(const struct nserver_leaf_remote *remote, struct nb_buf *out)
{
    int rc = append_text(out, NB_OK, "urls=");

    rc = rc == NB_OK ? nserver_leaf_remote_urls(remote, out) : rc;
    rc = append_text(out, rc, ", account=");
    rc = append_quoted(out, rc, remote->account != NULL ? remote->account : "$G");
    if (remote->credentials != NULL) {
        rc = append_text(out, rc, ", credentials=");
        rc = append_quoted(out, rc, remote->credentials);
    } else if (remote->nkey != NULL) {
        rc = append_text(out, rc, ", nkey=\"[REDACTED]\"");
    }
    return rc;
}

bool nserver_leaf_remote_same(const struct nserver_leaf_remote *a,
                              const struct nserver_leaf_remote *b)
{
    const char *a_account = a->account != NULL ? a->account : "$G";
    const char *b_account = b->account != NULL ? b->account : "$G";
    bool is_same = a->url_count == b->url_count && strcmp(a_account, b_account) == 0 &&
                   nb_slice_equal(nb_slice_of(a->credentials), nb_slice_of(b->credentials)) &&
                   nb_slice_equal(nb_slice_of(a->nkey), nb_slice_of(b->nkey));

    for (size_t i = 0; is_same && i < a->url_count; i++) {
        is_same = strcmp(a->urls[i].text, b->urls[i].text) == 0;
    }
    return is_same;
}
