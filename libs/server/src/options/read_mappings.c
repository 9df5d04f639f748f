/* read_mappings.c - subject mappings (spec 01 section 15.5). */
#include <natsd/mapping.h>
#include <natsd/memory.h>
#include <natsd/number.h>
#include <natsd/subject.h>

#include "options/reading.h"

enum {
    WEIGHT_MAX = 100,
};

// An integer, or "N%".
static bool read_weight(struct reading *r, const struct nconf_value *value, uint8_t *weight)
{
    struct slice text = value->text;
    char quoted[256];
    int64_t number = -1;

    if (value->type == NCONF_INTEGER) {
        number = value->integer;
    } else if (value->type == NCONF_STRING) {
        if (text.n > 0 && text.p[text.n - 1] == '%') {
            text.n--;
        }
        if (nb_parse_i64(text, INT64_MIN, INT64_MAX, &number) != NB_OK) {
            nserver__read_error(r, value, "Invalid weight %s for mapping destination",
                                nserver__quoted(value->text, quoted, sizeof(quoted)));
            return false;
        }
    } else {
        nserver__read_error(r, value, "Unknown entry type for weight of mapping destination: %s",
                            nconf_type_name(value->type));
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

static bool read_dest_entry(struct reading *r, const struct nconf_value *value,
                            struct nserver_mapping_dest *dest, bool *has_weight)
{
    char quoted[256];

    if (nb_slice_equal_nocase(value->key, NB_SLICE("dest")) ||
        nb_slice_equal_nocase(value->key, NB_SLICE("destination"))) {
        return nserver__read_text(r, value, &dest->subject);
    }
    if (nb_slice_equal_nocase(value->key, NB_SLICE("cluster"))) {
        return nserver__read_text(r, value, &dest->cluster);
    }
    if (nb_slice_equal_nocase(value->key, NB_SLICE("weight"))) {
        *has_weight = true;
        return read_weight(r, value, &dest->weight);
    }
    nserver__read_error(r, value, "Unknown field %s for mapping destination",
                        nserver__quoted(value->key, quoted, sizeof(quoted)));
    return false;
}

// False when there is a fault.
static bool read_dest(struct reading *r, const struct nconf_value *map,
                      struct nserver_mapping_dest *dest)
{
    bool has_weight = false;
    bool is_good = true;

    if (map->type != NCONF_MAP) {
        nserver__read_error(r, map, "Expected an entry for the mapping destination");
        return false;
    }
    for (const struct nconf_value *value = map->first; value != NULL; value = value->next) {
        is_good = read_dest_entry(r, value, dest, &has_weight) && is_good;
    }
    if (!is_good) {
        return false;
    }
    if (!has_weight) {
        nserver__read_error(r, map, "Missing weight for mapping destination \"%s\"",
                            dest->subject != NULL ? dest->subject : "");
        return false;
    }
    return true;
}

static struct nserver_mapping_dest *add_dest(struct nserver_mapping *mapping)
{
    mapping->dests =
        nb_realloc(mapping->dests, (mapping->dest_count + 1) * sizeof(*mapping->dests));
    mapping->dests[mapping->dest_count] = (struct nserver_mapping_dest){0};
    return &mapping->dests[mapping->dest_count++];
}

static bool read_dests(struct reading *r, const struct nconf_value *value,
                       struct nserver_mapping *mapping)
{
    bool is_good = true;

    switch (value->type) {
    case NCONF_STRING: {
        struct nserver_mapping_dest *dest = add_dest(mapping);

        dest->weight = WEIGHT_MAX;
        dest->subject = nb_slice_cstr(value->text);
        return true;
    }
    case NCONF_MAP:
        return read_dest(r, value, add_dest(mapping));
    case NCONF_ARRAY:
        for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
            is_good = read_dest(r, item, add_dest(mapping)) && is_good;
        }
        return is_good;
    case NCONF_BOOL:
    case NCONF_INTEGER:
    case NCONF_FLOAT:
    case NCONF_TIME:
        break;
    }
    nserver__read_error(r, value, "Expected an entry for the mapping destination");
    return false;
}

// As the account will take it: every fault is found now.
static bool check_mapping(struct reading *r, const struct nconf_value *value,
                          const struct nserver_mapping *mapping)
{
    struct nsub_mappings *trial = nsub_mappings_create();
    struct nsub_mapping_dest *dests = nb_calloc(mapping->dest_count + 1, sizeof(*dests));
    struct nb_diag diag = {0};
    char source[512];
    char dest[512];
    int rc;

    for (size_t i = 0; i < mapping->dest_count; i++) {
        dests[i] = (struct nsub_mapping_dest){
            .subject = nb_slice_of(mapping->dests[i].subject),
            .weight = mapping->dests[i].weight,
            .cluster = nb_slice_of(mapping->dests[i].cluster),
        };
    }
    rc = nsub_mappings_add(trial, nb_slice_of(mapping->source), dests, mapping->dest_count, &diag);
    if (rc != NB_OK && value->type == NCONF_STRING) {
        nserver__read_error(r, value, "Error adding mapping for %s to %s : %s",
                            nserver__quoted(value->key, source, sizeof(source)),
                            nserver__quoted(value->text, dest, sizeof(dest)), diag.text);
    } else if (rc != NB_OK) {
        nserver__read_error(r, value, "Error adding mapping for %s : %s",
                            nserver__quoted(value->key, source, sizeof(source)), diag.text);
    }
    nb_free(dests);
    nsub_mappings_destroy(&trial);
    return rc == NB_OK;
}

static void read_mapping(struct reading *r, const struct nconf_value *value,
                         struct nserver_mapping **mappings, size_t *count)
{
    struct nserver_mapping mapping = {0};
    char quoted[512];

    if (!nsub_subject_is_valid(value->key)) {
        nserver__read_error(r, value, "Subject %s is not a valid subject",
                            nserver__quoted(value->key, quoted, sizeof(quoted)));
        return;
    }
    mapping.source = nb_slice_cstr(value->key);
    if (!read_dests(r, value, &mapping) || !check_mapping(r, value, &mapping)) {
        nserver_mapping_fini(&mapping);
        return;
    }
    *mappings = nb_realloc(*mappings, (*count + 1) * sizeof(mapping));
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
        read_mapping(r, entry, mappings, count);
    }
}
