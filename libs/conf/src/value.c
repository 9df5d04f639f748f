#include <natsd/conf_value.h>

const char *nconf_type_name(enum nconf_type type)
{
    switch (type) {
    case NCONF_STRING:
        return "string";
    case NCONF_BOOL:
        return "boolean";
    case NCONF_INTEGER:
        return "integer";
    case NCONF_FLOAT:
        return "float";
    case NCONF_TIME:
        return "time";
    case NCONF_ARRAY:
        return "array";
    case NCONF_MAP:
        return "map";
    }
    NB_UNREACHABLE("value type");
}

const struct nconf_value *nconf_find(const struct nconf_value *map, const char *key)
{
    const struct nconf_value *found = NULL;
    struct slice want = nb_slice_of(key);

    if (map == NULL || map->type != NCONF_MAP) {
        return NULL;
    }
    for (const struct nconf_value *entry = map->first; entry != NULL; entry = entry->next) {
        if (nb_slice_equal_nocase(entry->key, want)) {
            found = entry;
        }
    }
    return found;
}

const struct nconf_value *nconf_find_exact(const struct nconf_value *map, struct slice key)
{
    if (map == NULL || map->type != NCONF_MAP) {
        return NULL;
    }
    for (const struct nconf_value *entry = map->first; entry != NULL; entry = entry->next) {
        if (nb_slice_equal(entry->key, key)) {
            return entry;
        }
    }
    return NULL;
}

int nconf_expect(const struct nconf_value *value, enum nconf_type want, struct nb_diag *diag)
{
    if (value->type == want) {
        return NB_OK;
    }
    nb_diag_set(diag, "expected %s, got %s", nconf_type_name(want), nconf_type_name(value->type));
    return NB_EINVALID;
}

int nconf_read_string(const struct nconf_value *value, struct slice *out, struct nb_diag *diag)
{
    int rc = nconf_expect(value, NCONF_STRING, diag);

    if (rc == NB_OK) {
        *out = value->text;
    }
    return rc;
}

int nconf_read_bool(const struct nconf_value *value, bool *out, struct nb_diag *diag)
{
    int rc = nconf_expect(value, NCONF_BOOL, diag);

    if (rc == NB_OK) {
        *out = value->is_true;
    }
    return rc;
}

int nconf_read_integer(const struct nconf_value *value, int64_t *out, struct nb_diag *diag)
{
    int rc = nconf_expect(value, NCONF_INTEGER, diag);

    if (rc == NB_OK) {
        *out = value->integer;
    }
    return rc;
}

int nconf_read_float(const struct nconf_value *value, double *out, struct nb_diag *diag)
{
    int rc = nconf_expect(value, NCONF_FLOAT, diag);

    if (rc == NB_OK) {
        *out = value->number;
    }
    return rc;
}

int nconf_read_time(const struct nconf_value *value, int64_t *unix_s, struct nb_diag *diag)
{
    int rc = nconf_expect(value, NCONF_TIME, diag);

    if (rc == NB_OK) {
        *unix_s = value->unix_s;
    }
    return rc;
}
