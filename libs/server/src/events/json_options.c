#include "events/json_options.h"

static const char *const kind_names[] = {
    [JSON_OPTION_BOOL] = "a boolean",
    [JSON_OPTION_INT] = "an integer",
    [JSON_OPTION_U64] = "a number from 0 on",
    [JSON_OPTION_TEXT] = "a string",
    [JSON_OPTION_TEXTS] = "an array of strings",
};

static bool are_texts(const struct nb_json_value *value)
{
    if (value->type != NB_JSON_ARRAY) {
        return false;
    }
    for (const struct nb_json_value *item = value->first; item != NULL; item = item->next) {
        if (item->type != NB_JSON_STRING) {
            return false;
        }
    }
    return true;
}

static bool take(const struct nb_json_value *value, enum nserver__json_option_kind kind, void *at)
{
    switch (kind) {
    case JSON_OPTION_BOOL:
        *(bool *)at = value->is_true;
        return value->type == NB_JSON_BOOL;
    case JSON_OPTION_INT:
        return nb_json_to_i64(value, at) == NB_OK;
    case JSON_OPTION_U64:
        return nb_json_to_u64(value, at) == NB_OK;
    case JSON_OPTION_TEXT:
        *(struct slice *)at = value->text;
        return value->type == NB_JSON_STRING;
    case JSON_OPTION_TEXTS:
        *(const struct nb_json_value **)at = value;
        return are_texts(value);
    }
    NB_UNREACHABLE("kind of an option");
}

int nserver__json_options_read(const struct nb_json_value *root,
                               const struct nserver__json_option *table, size_t count, void *out,
                               struct nb_diag *diag)
{
    if (root != NULL && root->type != NB_JSON_OBJECT && root->type != NB_JSON_NULL) {
        nb_diag_set(diag, "options must be a JSON object");
        return NB_EINVALID;
    }
    for (size_t i = 0; i < count; i++) {
        const struct nb_json_value *value = nb_json_get_nocase(root, table[i].key);

        if (value == NULL || value->type == NB_JSON_NULL) {
            continue;
        }
        if (!take(value, table[i].kind, (uint8_t *)out + table[i].offset)) {
            nb_diag_set(diag, "option \"%s\" must be %s", table[i].key, kind_names[table[i].kind]);
            return NB_EINVALID;
        }
    }
    return NB_OK;
}
