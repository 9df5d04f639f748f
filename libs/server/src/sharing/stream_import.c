#include "sharing/stream_import.h"

#include <natsd/account_options.h>
#include <natsd/memory.h>
#include <natsd/subject.h>

enum {
    SUBJECT_MAX_BYTES = 64 * 1024, // of what a subject becomes
};

/* Local subjects. */

// "*" becomes "$1", "$2", ...; behind a prefix, if there is one.
static int numbered(struct slice prefix, struct slice subject, struct nb_buf *out)
{
    size_t room = 8 * subject.n + 16;
    uint8_t *text = nb_alloc(room);
    size_t size = 0;
    int rc = nsub_transform_number_wildcards(subject, text, room, &size);

    if (rc == NB_OK && prefix.n > 0) {
        nb_buf_must(out, prefix);
        nb_buf_must_text(out, ".");
    }
    if (rc == NB_OK) {
        nb_buf_must(out, nb_slice_make(text, size));
    }
    nb_free(text);
    return rc;
}

static int make_transforms(struct nserver__stream_import *import, struct slice destination,
                           struct nb_diag *diag)
{
    int rc = nsub_transform_create(import->from, destination, NSUB_TRANSFORM_STRICT,
                                   &import->forward, diag);

    if (rc == NB_OK) {
        rc = nsub_transform_reverse(import->forward, &import->backward, diag);
    }
    if (rc == NB_OK) {
        import->local = nb_slice_dup(nsub_transform_source(import->backward));
    }
    return rc;
}

int nserver__stream_import_create(const struct nserver_import *options,
                                  struct nserver__account *exporter,
                                  struct nserver__stream_import **out, struct nb_diag *diag)
{
    struct nserver__stream_import *import = nb_zalloc(sizeof(*import));
    struct slice prefix = nb_slice_of(options->prefix);
    struct slice to = nb_slice_of(options->to);
    struct nb_buf destination;
    int rc = NB_OK;

    atomic_store(&import->references, 1);
    import->exporter = exporter;
    import->from = nb_slice_dup(nb_slice_of(options->subject));
    import->allow_trace = options->allow_trace;
    if (prefix.n > 0 && prefix.p[prefix.n - 1] == '.') {
        prefix.n--;
    }
    if (prefix.n == 0 && (to.n == 0 || nb_slice_equal(to, import->from))) {
        import->local = nb_slice_dup(import->from);
    } else {
        nb_buf_init(&destination, SUBJECT_MAX_BYTES);
        rc = numbered(prefix, prefix.n > 0 ? import->from : to, &destination);
        if (rc == NB_OK) {
            rc = make_transforms(import, nb_buf_slice(&destination), diag);
        }
        nb_buf_fini(&destination);
    }
    if (rc != NB_OK) {
        nserver__stream_import_unref(import);
        return rc;
    }
    *out = import;
    return NB_OK;
}

struct nserver__stream_import *nserver__stream_import_ref(struct nserver__stream_import *import)
{
    atomic_fetch_add_explicit(&import->references, 1, memory_order_relaxed);
    return import;
}

void nserver__stream_import_unref(struct nserver__stream_import *import)
{
    if (import == NULL ||
        atomic_fetch_sub_explicit(&import->references, 1, memory_order_acq_rel) > 1) {
        return;
    }
    nsub_transform_destroy(&import->forward);
    nsub_transform_destroy(&import->backward);
    nb_slice_free(&import->from);
    nb_slice_free(&import->local);
    nb_free(import);
}

bool nserver__stream_import_equal(const struct nserver__stream_import *a,
                                  const struct nserver__stream_import *b)
{
    bool is_same = a->exporter == b->exporter && a->allow_trace == b->allow_trace &&
                   nb_slice_equal(a->from, b->from) && nb_slice_equal(a->local, b->local) &&
                   (a->forward == NULL) == (b->forward == NULL);

    if (is_same && a->forward != NULL) {
        is_same = nb_slice_equal(nsub_transform_destination(a->forward),
                                 nsub_transform_destination(b->forward));
    }
    return is_same;
}

/* Shadows. */

static bool put_image(const struct nserver__stream_import *import, struct slice subject,
                      struct nb_buf *out)
{
    uint8_t *image;
    size_t size = 0;
    int rc;

    if (import->backward == NULL) {
        return nb_buf_append(out, subject) == NB_OK;
    }
    image = nb_alloc(SUBJECT_MAX_BYTES);
    rc = nsub_transform_apply(import->backward, subject, NULL, image, SUBJECT_MAX_BYTES, &size);
    if (rc == NB_OK) {
        rc = nb_buf_append(out, nb_slice_make(image, size));
    }
    nb_free(image);
    return rc == NB_OK;
}

// What both patterns match, token by token: a wildcard of the subscription gives way to what the
// import says.
static bool intersect(struct slice subject, struct slice local, struct nb_buf *out)
{
    struct slice token;
    struct slice other;
    int rc = NB_OK;

    while (rc == NB_OK && nsub_subject_take_token(&subject, &token)) {
        struct slice rest = local;

        if (nb_buf_slice(out).n > 0) {
            rc = nb_buf_append(out, NB_SLICE("."));
        }
        if (nb_slice_is(token, ">") && subject.n == 0) {
            return rc == NB_OK && nb_buf_append(out, rest) == NB_OK;
        }
        if (!nsub_subject_take_token(&local, &other)) {
            return false;
        }
        if (nb_slice_is(token, "*") && !nb_slice_is(other, ">")) {
            token = other;
        }
        if (nb_slice_is(other, ">") && local.n == 0) {
            local = rest; // stands for all that follow
        }
        if (rc == NB_OK) {
            rc = nb_buf_append(out, token);
        }
    }
    return rc == NB_OK;
}

static bool put_overlap(const struct nserver__stream_import *import, struct slice subject,
                        struct nb_buf *out)
{
    struct nb_buf both;
    bool is_good;

    nb_buf_init(&both, SUBJECT_MAX_BYTES);
    is_good = intersect(subject, import->local, &both) &&
              nsub_subject_is_subset(nb_buf_slice(&both), import->local) &&
              put_image(import, nb_buf_slice(&both), out);
    nb_buf_fini(&both);
    return is_good;
}

bool nserver__stream_import_shadow(const struct nserver__stream_import *import,
                                   struct slice subject, struct nb_buf *out)
{
    if (nb_slice_equal(subject, import->local) || nsub_subject_is_subset(import->local, subject)) {
        return nb_buf_append(out, import->from) == NB_OK;
    }
    if (nsub_subject_is_subset(subject, import->local)) {
        return put_image(import, subject, out);
    }
    return nsub_subject_collides(subject, import->local) && put_overlap(import, subject, out);
}
