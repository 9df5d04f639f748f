#include <natsd/permissions.h>

#include "permission_item.h"
#include "quoted.h"

#include <natsd/subject.h>

#include <stdlib.h>

static bool is_space(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

bool nauth__take_field(struct slice *text, struct slice *field)
{
    size_t start = 0;
    size_t end;

    while (start < text->n && is_space(text->p[start])) {
        start++;
    }
    for (end = start; end < text->n && !is_space(text->p[end]); end++) {
    }
    *field = nb_slice_sub(*text, start, end - start);
    *text = nb_slice_sub(*text, end, text->n - end);
    return field->n > 0;
}

bool nauth__permission_item_split(struct slice item, struct slice *subject, struct slice *queue)
{
    struct slice beyond;

    *queue = (struct slice){NULL, 0};
    if (nsub_subject_is_valid(item)) {
        *subject = item;
        return true;
    }
    // A lone subject with blanks around it is none: the reference takes only pairs apart.
    return nauth__take_field(&item, subject) && nauth__take_field(&item, queue) &&
           !nauth__take_field(&item, &beyond) && nsub_subject_is_valid(*subject) &&
           nsub_subject_is_valid(*queue);
}

static int refuse(struct nb_diag *diag, const char *what, struct slice name)
{
    struct slice quoted = nauth__quoted(name);

    nb_diag_set(diag, "%s %.*s is not a valid %s", what, NB_SLICE_ARGS(quoted), what);
    nb_slice_free(&quoted);
    return NB_EMALFORMED;
}

int nauth_permission_check(struct slice item, bool has_queue, struct nb_diag *diag)
{
    struct slice rest = item;
    struct slice subject;
    struct slice queue;
    struct slice beyond;

    if (nsub_subject_is_valid(item)) {
        return NB_OK;
    }
    if (!has_queue || !nauth__take_field(&rest, &subject) || !nauth__take_field(&rest, &queue) ||
        nauth__take_field(&rest, &beyond)) {
        return refuse(diag, "subject", item);
    }
    if (!nsub_subject_is_valid(subject)) {
        return refuse(diag, "subject", subject);
    }
    return nsub_subject_is_valid(queue) ? NB_OK : refuse(diag, "queue", queue);
}

bool nauth_permissions_are_empty(const struct nauth_permissions *permissions)
{
    return permissions->publish_allow.count == 0 && permissions->publish_deny.count == 0 &&
           permissions->subscribe_allow.count == 0 && permissions->subscribe_deny.count == 0 &&
           !permissions->has_publish_allow && !permissions->has_subscribe_allow &&
           !permissions->has_responses;
}

static int compare_texts(const void *a, const void *b)
{
    return nb_slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

static struct slice *sorted(const struct nauth_texts *texts)
{
    struct slice *copy = nb_calloc(texts->count, sizeof(*copy));

    memcpy(copy, texts->items, texts->count * sizeof(*copy));
    qsort(copy, texts->count, sizeof(*copy), compare_texts);
    return copy;
}

static bool texts_are_equal(const struct nauth_texts *a, const struct nauth_texts *b)
{
    bool is_equal = a->count == b->count;
    struct slice *in_a;
    struct slice *in_b;

    if (!is_equal || a->count == 0) {
        return is_equal;
    }
    in_a = sorted(a);
    in_b = sorted(b);
    for (size_t i = 0; i < a->count && is_equal; i++) {
        is_equal = nb_slice_equal(in_a[i], in_b[i]);
    }
    nb_free(in_a);
    nb_free(in_b);
    return is_equal;
}

static int64_t or_default(int64_t value, int64_t fallback)
{
    return value != 0 ? value : fallback;
}

static bool responses_are_equal(const struct nauth_permissions *a,
                                const struct nauth_permissions *b)
{
    return a->has_responses == b->has_responses &&
           (!a->has_responses ||
            (or_default(a->responses_max, NAUTH_RESPONSES_MAX_DEFAULT) ==
                 or_default(b->responses_max, NAUTH_RESPONSES_MAX_DEFAULT) &&
             or_default(a->responses_ttl_ns, NAUTH_RESPONSES_TTL_DEFAULT_NS) ==
                 or_default(b->responses_ttl_ns, NAUTH_RESPONSES_TTL_DEFAULT_NS)));
}

bool nauth_permissions_equal(const struct nauth_permissions *a, const struct nauth_permissions *b)
{
    return a->has_publish_allow == b->has_publish_allow &&
           a->has_subscribe_allow == b->has_subscribe_allow && responses_are_equal(a, b) &&
           texts_are_equal(&a->publish_allow, &b->publish_allow) &&
           texts_are_equal(&a->publish_deny, &b->publish_deny) &&
           texts_are_equal(&a->subscribe_allow, &b->subscribe_allow) &&
           texts_are_equal(&a->subscribe_deny, &b->subscribe_deny);
}
