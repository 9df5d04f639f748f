/* read_identity.c - what a server says of itself: tags and metadata (spec 02 section 4.1). */
#include "options/reading.h"

/* Tags: trimmed, in lower case, each once. */

static bool has_tag(const struct nserver_options *opts, const char *tag)
{
    for (size_t i = 0; i < opts->tag_count; i++) {
        if (strcmp(opts->tags[i], tag) == 0) {
            return true;
        }
    }
    return false;
}

static void add_tag(struct reading *r, struct slice text)
{
    struct nserver_options *opts = r->opts;
    const char *tag = nserver__lowered(r, nb_slice_trim(text));

    if (tag[0] == '\0' || has_tag(opts, tag)) {
        return;
    }
    opts->tags = nserver_options_grow(opts, opts->tags, opts->tag_count, sizeof(*opts->tags));
    opts->tags[opts->tag_count++] = nserver_options_keep(opts, nb_slice_of(tag));
}

static void read_tag_list(struct reading *r, const struct nconf_value *value)
{
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        if (item->type != NCONF_STRING) {
            nserver__read_error(r, value,
                                "error parsing tags: unsupported type %s where string is expected",
                                nconf_type_name(item->type));
            return;
        }
        add_tag(r, item->text);
    }
}

void nserver__read_server_tags(struct reading *r, const struct nconf_value *value)
{
    if (value->type == NCONF_STRING) {
        add_tag(r, value->text);
    } else if (value->type == NCONF_ARRAY) {
        read_tag_list(r, value);
    } else {
        nserver__read_error(r, value, "error parsing tags: unsupported type %s",
                            nconf_type_name(value->type));
    }
}

/* Metadata: case counts in the keys. */

static void add_metadata(struct nserver_options *opts, struct slice key, struct slice text)
{
    struct nserver_text_pair pair = {nserver_options_keep(opts, key),
                                     nserver_options_keep(opts, text)};

    opts->metadata = nserver_options_grow(opts, opts->metadata, opts->metadata_count, sizeof(pair));
    opts->metadata[opts->metadata_count++] = pair;
}

void nserver__read_server_metadata(struct reading *r, const struct nconf_value *value)
{
    if (value->type != NCONF_MAP) {
        nserver__read_error(r, value, "error parsing metadata: unsupported type %s",
                            nconf_type_name(value->type));
        return;
    }
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        struct nb_diag diag;
        struct slice text;

        if (nconf_read_string(item, &text, &diag) == NB_OK) {
            add_metadata(r->opts, item->key, text);
        } else {
            nserver__read_error(r, item, "%s", diag.text);
        }
    }
}
