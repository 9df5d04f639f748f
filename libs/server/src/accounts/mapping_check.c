#include "accounts/mapping_check.h"

#include <natsd/mapping.h>
#include <natsd/memory.h>
#include <natsd/quote.h>
#include <natsd/subject.h>

static int add(const struct nserver_mapping *mapping, size_t first, size_t count,
               struct nb_diag *diag)
{
    struct nsub_mappings *mappings = nsub_mappings_create();
    struct nsub_mapping_dest *dests = nb_calloc(count + 1, sizeof(*dests));
    int rc;

    for (size_t i = 0; i < count; i++) {
        const struct nserver_mapping_dest *dest = &mapping->dests[first + i];

        dests[i] = (struct nsub_mapping_dest){
            .subject = nb_slice_of(dest->subject),
            .weight = dest->weight,
            .cluster = nb_slice_of(dest->cluster),
        };
    }
    rc = nsub_mappings_add(mappings, nb_slice_of(mapping->source), dests, count, diag);
    nb_free(dests);
    nsub_mappings_destroy(&mappings);
    return rc;
}

int nserver__mapping_check(const struct nserver_mapping *mapping, struct nb_diag *diag)
{
    return add(mapping, 0, mapping->dest_count, diag);
}

static void put_quoted(struct nb_buf *out, const char *text)
{
    if (nb_quote(nb_slice_of(text), out) != NB_OK) {
        nb_buf_must_text(out, "\"\""); // no room to name it
    }
}

int nserver__mapping_explain(const struct nserver_mapping *mapping, struct nb_buf *why)
{
    struct nb_diag diag = {0};
    int rc = nserver__mapping_check(mapping, &diag);

    if (rc == NB_OK) {
        return rc;
    }
    nb_buf_must_text(why, "mapping ");
    put_quoted(why, mapping->source);
    for (size_t i = 0; i < mapping->dest_count; i++) {
        if (nsub_subject_is_valid(nb_slice_of(mapping->source)) &&
            add(mapping, i, 1, &diag) != NB_OK) {
            nb_buf_must_text(why, " -> ");
            put_quoted(why, mapping->dests[i].subject);
            break;
        }
    }
    nb_buf_must_format(why, ": %s", diag.text);
    return rc;
}
