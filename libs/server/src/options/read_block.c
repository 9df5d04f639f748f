#include "options/read_block.h"

/* Rows of a table. */

static void read_plain(struct reading *r, const struct nconf_value *value,
                       const struct nserver__option *option, void *block)
{
    void *member = (char *)block + option->member;
    bool is_read = false; // a fault is in the report

    switch (option->kind) {
    case NSERVER__OPTION_OWN_TEXT:
        is_read = nserver__read_text(r, value, member);
        break;
    case NSERVER__OPTION_TEXT:
        is_read = nserver__read_kept_text(r, value, member);
        break;
    case NSERVER__OPTION_BOOL:
        is_read = nserver__read_bool(r, value, member);
        break;
    case NSERVER__OPTION_CHOICE:
        is_read = nserver__read_choice(r, value, member);
        break;
    case NSERVER__OPTION_INT:
        is_read = nserver__read_int(r, value, member);
        break;
    case NSERVER__OPTION_PORT:
        is_read = nserver__read_port(r, value, member);
        break;
    case NSERVER__OPTION_DURATION:
        is_read = nserver__read_named_duration(
            r, value, option->shown != NULL ? option->shown : option->name, member);
        break;
    case NSERVER__OPTION_WRITE_TIMEOUT:
        nserver__read_write_timeout(r, value, member);
        break;
    case NSERVER__OPTION_COMPRESSION:
        nserver__read_compression(r, value, member);
        break;
    case NSERVER__OPTION_SPECIAL:
        option->read(r, value, block);
        break;
    }
    (void)is_read;
}

bool nserver__read_option(struct reading *r, const struct nconf_value *value,
                          const struct nserver__option *options, size_t count, void *block)
{
    for (size_t i = 0; i < count; i++) {
        if (nserver__is_key(value, options[i].name)) {
            read_plain(r, value, &options[i], block);
            return true;
        }
    }
    return false;
}

void nserver__read_block(struct reading *r, const struct nconf_value *map,
                         const struct nserver__option *options, size_t count, void *block)
{
    for (const struct nconf_value *value = map->first; value != NULL; value = value->next) {
        if (!nserver__read_option(r, value, options, count, block)) {
            nserver__read_unknown(r, value);
        }
    }
}

/* Values of several blocks. */

void nserver__read_write_timeout(struct reading *r, const struct nconf_value *value,
                                 enum nserver_write_timeout *out)
{
    static const struct {
        const char *name;
        enum nserver_write_timeout policy;
    } policies[] = {{"default", NSERVER_WRITE_TIMEOUT_DEFAULT},
                    {"close", NSERVER_WRITE_TIMEOUT_CLOSE},
                    {"retry", NSERVER_WRITE_TIMEOUT_RETRY}};
    struct nb_diag diag;
    struct slice text;

    if (nconf_read_string(value, &text, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return;
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(policies); i++) {
        if (nb_slice_is(text, policies[i].name)) {
            *out = policies[i].policy;
            return;
        }
    }
    nserver__read_error(r, value, "write_timeout must be 'default', 'close' or 'retry'");
}

bool nserver__read_text_list(struct reading *r, const struct nconf_value *value, const char *what,
                             struct nserver__text_list out)
{
    bool is_good = true;

    *out.texts = NULL;
    *out.count = 0;
    if (value->type == NCONF_STRING) {
        return nserver__read_kept_item(r, value, out.texts, out.count);
    }
    if (value->type != NCONF_ARRAY) {
        nserver__read_error(r, value, "error parsing %s: unsupported type %s", what,
                            nconf_type_name(value->type));
        return false;
    }
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        if (item->type == NCONF_STRING) {
            is_good = nserver__read_kept_item(r, item, out.texts, out.count) && is_good;
        } else {
            nserver__read_error(r, item, "error parsing %s: unsupported type in array %s", what,
                                nconf_type_name(item->type));
            is_good = false;
        }
    }
    return is_good;
}

void nserver__read_cluster_name(struct reading *r, const struct nconf_value *value,
                                const char *what, char **out)
{
    if (!nserver__read_kept_text(r, value, out)) {
        return;
    }
    if (nb_slice_find_byte(value->text, ' ') < value->text.n) {
        nserver__read_error(r, value, "%s name cannot contain spaces", what);
    } else if (nb_slice_is(value->text, "_")) {
        nserver__read_error(r, value, "cluster name is reserved");
    }
}
