/* read_imports.c - what an account takes from others (spec 02 section 4.7, 03 section 14.2). */
#include <string.h>

#include "options/reading.h"

// An entry while it is read.
struct import_entry {
    struct nserver_import import;
    const struct nconf_value *trace;     // NULL: the key was not there
    const struct nconf_value *prefix_to; // the later of the two keys
    bool is_faulty;
};

/* Stream or service: who exports what. */

static void read_source_key(struct reading *r, const struct nconf_value *value,
                            struct nserver_import *import)
{
    if (nserver__is_key(value, "account")) {
        (void)nserver__read_kept_text(r, value, &import->account);
    } else if (nserver__is_key(value, "subject")) {
        (void)nserver__read_kept_text(r, value, &import->subject);
    } else {
        nserver__read_unknown(r, value);
    }
}

static void read_source(struct reading *r, const struct nconf_value *map, bool is_service,
                        struct import_entry *entry)
{
    struct nserver_import *import = &entry->import;

    if (import->subject != NULL && import->is_service != is_service) {
        nserver__read_error(r, map, "Detected %s but already saw a %s",
                            is_service ? "service" : "stream", is_service ? "stream" : "service");
        entry->is_faulty = true;
        return;
    }
    if (map->type != NCONF_MAP) {
        nserver__read_error(r, map, "%s entry should be an account map, got %s",
                            is_service ? "Service" : "Stream", nconf_type_name(map->type));
        entry->is_faulty = true;
        return;
    }
    import->account = NULL;
    import->subject = NULL;
    import->is_service = is_service;
    for (const struct nconf_value *value = map->first; value != NULL; value = value->next) {
        read_source_key(r, value, import);
    }
    if (import->account == NULL || import->subject == NULL) {
        nserver__read_error(r, map, "Expect an account name and a subject");
        entry->is_faulty = true;
    }
}

static void read_stream(struct reading *r, const struct nconf_value *value,
                        struct import_entry *entry)
{
    read_source(r, value, false, entry);
}

static void read_service(struct reading *r, const struct nconf_value *value,
                         struct import_entry *entry)
{
    read_source(r, value, true, entry);
}

/* The rest. */

static void read_prefix(struct reading *r, const struct nconf_value *value,
                        struct import_entry *entry)
{
    entry->prefix_to = value;
    entry->is_faulty |= !nserver__read_kept_text(r, value, &entry->import.prefix);
}

static void read_to(struct reading *r, const struct nconf_value *value, struct import_entry *entry)
{
    entry->prefix_to = value;
    entry->is_faulty |= !nserver__read_kept_text(r, value, &entry->import.to);
}

static void read_share(struct reading *r, const struct nconf_value *value,
                       struct import_entry *entry)
{
    entry->is_faulty |= !nserver__read_bool(r, value, &entry->import.share);
}

static void read_trace(struct reading *r, const struct nconf_value *value,
                       struct import_entry *entry)
{
    entry->trace = value;
    entry->is_faulty |= !nserver__read_bool(r, value, &entry->import.allow_trace);
}

static const struct {
    const char *name;
    void (*read)(struct reading *r, const struct nconf_value *value, struct import_entry *entry);
} keys[] = {
    {"stream", read_stream}, {"service", read_service}, {"prefix", read_prefix},
    {"to", read_to},         {"share", read_share},     {"allow_trace", read_trace},
};

static void read_key(struct reading *r, const struct nconf_value *value, struct import_entry *entry)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(keys); i++) {
        if (nserver__is_key(value, keys[i].name)) {
            keys[i].read(r, value, entry);
            return;
        }
    }
    nserver__read_unknown(r, value);
}

/* The entry as a whole. */

// Services by exporter and local subject, to the subject of the exporter.
static struct slice service_key(struct reading *r, const struct nserver_import *import)
{
    struct slice account = nb_slice_of(import->account);
    struct slice local = nb_slice_of(import->to != NULL ? import->to : import->subject);
    char *key = nserver__keep_zeroed(r, account.n + 1 + local.n);

    memcpy(key, account.p, account.n); // and a NUL, so that the two don't run into each other
    memcpy(key + account.n + 1, local.p, local.n);
    return nb_slice_make(key, account.n + 1 + local.n);
}

static bool claim_service(struct reading *r, const struct nconf_value *at, struct nb_map *services,
                          const struct nserver_import *import)
{
    struct slice key = service_key(r, import);
    const char *previous = nb_map_find(services, key);

    if (previous == NULL) {
        return nb_map_insert(services, key, import->subject);
    }
    nserver__read_error(
        r, at,
        "Duplicate service import subject %s, previously used in import for account %s, subject %s",
        nserver__quoted(r, nb_slice_of(import->to != NULL ? import->to : import->subject)),
        nserver__quoted(r, nb_slice_of(import->account)),
        nserver__quoted(r, nb_slice_of(previous)));
    return false;
}

static bool check_service(struct reading *r, const struct nconf_value *map, struct nb_map *services,
                          struct import_entry *entry)
{
    entry->import.prefix = NULL; // only streams have one
    if (entry->trace != NULL) {
        nserver__read_error(r, entry->trace, "Detected allow_trace directive on a non-stream");
        return false;
    }
    return claim_service(r, map, services, &entry->import);
}

static bool check_stream(struct reading *r, const struct import_entry *entry)
{
    if (entry->import.prefix != NULL && entry->import.to != NULL) {
        nserver__read_error(r, entry->prefix_to,
                            "Stream import can not have a 'prefix' and a 'to' property");
        return false;
    }
    return true;
}

static void read_import(struct reading *r, const struct nconf_value *map, struct nb_map *services,
                        struct nserver_account_options *account)
{
    struct import_entry entry = {0};

    if (map->type != NCONF_MAP) {
        nserver__read_error(r, map, "Import Items should be a map with type entry, got %s",
                            nserver__reference_type_name(map->type));
        return;
    }
    for (const struct nconf_value *value = map->first; value != NULL; value = value->next) {
        read_key(r, value, &entry);
    }
    if (entry.is_faulty || entry.import.subject == NULL) {
        return; // one that names nothing is nothing
    }
    if (entry.import.is_service ? !check_service(r, map, services, &entry)
                                : !check_stream(r, &entry)) {
        return;
    }
    account->imports = nserver__keep_one_more(r, account->imports, account->import_count,
                                              sizeof(*account->imports));
    account->imports[account->import_count++] = entry.import;
}

void nserver__read_imports(struct reading *r, const struct nconf_value *value,
                           struct nserver_account_options *account)
{
    struct nb_map services = {0};

    if (value->type != NCONF_ARRAY) {
        nserver__read_error(r, value, "Imports should be an array, got %s",
                            nconf_type_name(value->type));
        return;
    }
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        read_import(r, item, &services, account);
    }
    nb_map_fini(&services);
}
