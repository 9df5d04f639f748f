/* read_mappings.c - subject mappings (spec 01 section 15.5, 02 section 4.8). */
#include <natsd/mapping.h>
#include <natsd/memory.h>
#include <natsd/number.h>
#include <natsd/subject.h>

#include "options/reading.h"

enum {
    WEIGHT_MAX = 100,
};

/* A destination. */

// "N%" or "N".
static bool read_weight_text(struct reading *r, const struct nconf_value *value, int64_t *weight)
{
    struct slice text = value->text;

    if (text.n > 0 && text.p[text.n - 1] == '%') {
        text.n--;
    }
    if (nb_parse_i64(text, INT64_MIN, INT64_MAX, weight) != NB_OK) {
        nserver__read_error(r, value, "Invalid weight %s for mapping destination",
                            nserver__quoted(r, text));
        return false;
    }
    return true;
}

static bool read_weight(struct reading *r, const struct nconf_value *value, uint8_t *weight)
{
    int64_t number = value->integer;

    if (value->type == NCONF_STRING) {
        if (!read_weight_text(r, value, &number)) {
            return false;
        }
    } else if (value->type != NCONF_INTEGER) {
        nserver__read_error(r, value, "Unknown entry type for weight of %s",
                            nserver__shown(r, value));
        return false;
    }
    if (number < 0 || number > WEIGHT_MAX) {
        nserver__read_error(r, value, "Invalid weight %lld for mapping destination",
                            (long long)number);
        return false;
    }
    *weight = (uint8_t)number;
    return true;
}

// A value of the wrong type is reported behind the destination.
static bool read_dest_text(struct reading *r, const struct nconf_value *map,
                           const struct nconf_value *value, char **out)
{
    struct nb_diag diag;
    struct slice text;

    if (nconf_read_string(value, &text, &diag) != NB_OK) {
        nserver__read_error(r, map, "%s", diag.text);
        return false;
    }
    *out = text.n > 0 ? nserver__keep_text(r, text) : NULL;
    return true;
}

static bool read_dest_entry(struct reading *r, const struct nconf_value *map,
                            const struct nconf_value *value, struct nserver_mapping_dest *dest,
                            bool *has_weight)
{
    if (nserver__is_key(value, "dest") || nserver__is_key(value, "destination")) {
        return read_dest_text(r, map, value, &dest->subject);
    }
    if (nserver__is_key(value, "cluster")) {
        return read_dest_text(r, map, value, &dest->cluster);
    }
    if (nserver__is_key(value, "weight")) {
        *has_weight = true;
        return read_weight(r, value, &dest->weight);
    }
    nserver__read_error(r, value, "Unknown field %s for mapping destination",
                        nserver__quoted(r, value->key));
    return false;
}

static void add_dest(struct reading *r, struct nserver_mapping *mapping,
                     const struct nserver_mapping_dest *dest)
{
    mapping->dests =
        nserver__keep_one_more(r, mapping->dests, mapping->dest_count, sizeof(*mapping->dests));
    mapping->dests[mapping->dest_count++] = *dest;
}

// A faulty destination is left out, and one that names no subject.
static void read_dest(struct reading *r, const struct nconf_value *map,
                      struct nserver_mapping *mapping)
{
    struct nserver_mapping_dest dest = {0};
    bool has_weight = false;
    bool is_good = true;

    if (map->type != NCONF_MAP) {
        nserver__read_error(r, map, "Expected an entry for the mapping destination");
        return;
    }
    for (const struct nconf_value *value = map->first; value != NULL; value = value->next) {
        is_good = read_dest_entry(r, map, value, &dest, &has_weight) && is_good;
    }
    if (is_good && !has_weight) {
        nserver__read_error(r, map, "Missing weight for mapping destination %s",
                            nserver__quoted(r, nb_slice_of(dest.subject)));
        is_good = false;
    }
    if (is_good && dest.subject != NULL) {
        add_dest(r, mapping, &dest);
    }
}

static void read_dests(struct reading *r, const struct nconf_value *value,
                       struct nserver_mapping *mapping)
{
    struct nserver_mapping_dest whole = {.weight = WEIGHT_MAX};

    switch (value->type) {
    case NCONF_STRING:
        whole.subject = nserver__keep_text(r, value->text);
        add_dest(r, mapping, &whole);
        return;
    case NCONF_MAP:
        read_dest(r, value, mapping);
        return;
    case NCONF_ARRAY:
        for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
            read_dest(r, item, mapping);
        }
        return;
    case NCONF_BOOL:
    case NCONF_INTEGER:
    case NCONF_FLOAT:
    case NCONF_TIME:
        break;
    }
    nserver__read_error(r, value, "Expected an entry for the mapping destination");
}

/* A mapping. */

// As the account will take it: every fault is found now.
static int try_mapping(const struct nserver_mapping *mapping, struct nb_diag *diag)
{
    struct nsub_mappings *trial = nsub_mappings_create();
    struct nsub_mapping_dest *dests = nb_calloc(mapping->dest_count, sizeof(*dests));
    int rc;

    for (size_t i = 0; i < mapping->dest_count; i++) {
        dests[i] = (struct nsub_mapping_dest){
            .subject = nb_slice_of(mapping->dests[i].subject),
            .weight = mapping->dests[i].weight,
            .cluster = nb_slice_of(mapping->dests[i].cluster),
        };
    }
    rc = nsub_mappings_add(trial, nb_slice_of(mapping->source), dests, mapping->dest_count, diag);
    nb_free(dests);
    nsub_mappings_destroy(&trial);
    return rc;
}

static bool check_mapping(struct reading *r, const struct nconf_value *value,
                          const struct nserver_mapping *mapping)
{
    struct nb_diag diag = {0};

    if (try_mapping(mapping, &diag) == NB_OK) {
        return true;
    }
    if (value->type == NCONF_STRING) {
        nserver__read_error(r, value, "Error adding mapping for %s to %s : %s",
                            nserver__quoted(r, value->key), nserver__quoted(r, value->text),
                            diag.text);
    } else {
        nserver__read_error(r, value, "Error adding mapping for %s : %s",
                            nserver__quoted(r, value->key), diag.text);
    }
    return false;
}

static void read_mapping(struct reading *r, const struct nconf_value *block,
                         const struct nconf_value *value, struct nserver_mapping **mappings,
                         size_t *count)
{
    struct nserver_mapping mapping = {0};

    if (!nsub_subject_is_valid(value->key)) {
        nserver__read_error(r, block, "Subject %s is not a valid subject",
                            nserver__quoted(r, value->key));
        return;
    }
    mapping.source = nserver__keep_text(r, value->key);
    read_dests(r, value, &mapping);
    if (mapping.dest_count == 0 || !check_mapping(r, value, &mapping)) {
        return;
    }
    *mappings = nserver__keep_one_more(r, *mappings, *count, sizeof(mapping));
    (*mappings)[(*count)++] = mapping;
}

void nserver__read_mappings(struct reading *r, const struct nconf_value *value,
                            struct nserver_mapping **mappings, size_t *count)
{
    struct nb_diag diag;

    if (nconf_expect(value, NCONF_MAP, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return;
    }
    for (const struct nconf_value *entry = value->first; entry != NULL; entry = entry->next) {
        read_mapping(r, value, entry, mappings, count);
    }
}
