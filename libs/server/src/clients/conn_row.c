#include "clients/conn_row.h"

#include <natsd/memory.h>

static struct slice put(uint8_t **room, struct slice text)
{
    struct slice copy = {*room, text.n};

    if (text.n > 0) {
        memcpy(*room, text.p, text.n);
    }
    *room += text.n;
    return copy;
}

static size_t lists_size(const struct nserver__conn_row *row)
{
    return row->peer_cert_count * sizeof(*row->peer_certs) + row->tag_count * sizeof(*row->tags);
}

static size_t lists_text_size(const struct nserver__conn_row *row)
{
    size_t size = 0;

    for (size_t i = 0; i < row->tag_count; i++) {
        size += row->tags[i].n;
    }
    for (size_t i = 0; i < row->peer_cert_count; i++) {
        size += row->peer_certs[i].subject.n;
    }
    return size;
}

// Arrays first, for the sake of alignment; then all texts.
static void own_lists(struct nserver__conn_row *row, void *block, uint8_t **room)
{
    struct nserver__peer_cert *certs = block;
    struct slice *tags = (struct slice *)(certs + row->peer_cert_count);

    for (size_t i = 0; i < row->tag_count; i++) {
        tags[i] = put(room, row->tags[i]);
    }
    for (size_t i = 0; i < row->peer_cert_count; i++) {
        certs[i] = row->peer_certs[i];
        certs[i].subject = put(room, certs[i].subject);
    }
    row->tags = tags;
    row->peer_certs = certs;
}

void nserver__conn_row_own(struct nserver__conn_row *row)
{
    struct slice *const texts[] = {
        &row->name,        &row->lang,     &row->version, &row->user,       &row->account,
        &row->account_tag, &row->user_tag, &row->jwt,     &row->issuer_key, &row->proxy_key,
    };
    size_t size = lists_size(row) + lists_text_size(row);
    uint8_t *room;

    for (size_t i = 0; i < NB_ARRAY_LEN(texts); i++) {
        size += texts[i]->n;
    }
    row->texts = nb_alloc(size + 1);
    room = (uint8_t *)row->texts + lists_size(row);
    own_lists(row, row->texts, &room);
    for (size_t i = 0; i < NB_ARRAY_LEN(texts); i++) {
        *texts[i] = put(&room, *texts[i]);
    }
}

static struct nserver__sub_row *copy_subs(const struct nserver__conn_row *row)
{
    struct nserver__sub_row *subs;
    uint8_t *room;

    if (row->subs == NULL) {
        return NULL;
    }
    subs = nb_alloc(row->subs_size);
    room = (uint8_t *)(subs + row->sub_count);
    for (uint32_t i = 0; i < row->sub_count; i++) {
        subs[i] = row->subs[i];
        subs[i].subject = put(&room, subs[i].subject);
        subs[i].queue = put(&room, subs[i].queue);
        subs[i].sid = put(&room, subs[i].sid);
    }
    return subs;
}

void nserver__conn_row_copy(const struct nserver__conn_row *row, struct nserver__conn_row *out)
{
    *out = *row;
    nserver__conn_row_own(out);
    out->subs = copy_subs(row);
}

void nserver__conn_row_fini(struct nserver__conn_row *row)
{
    nb_free(row->texts);
    nb_free(row->subs);
    *row = (struct nserver__conn_row){0};
}
