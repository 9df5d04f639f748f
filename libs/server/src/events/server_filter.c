#include "events/server_filter.h"

#include "events/json_options.h"
#include "lifecycle/state.h"

struct filter {
    struct slice name, cluster, host, domain;
    bool is_exact;
    const struct nb_json_value *tags; // NULL: any
};

static const struct nserver__json_option options[] = {
    {"server_name", JSON_OPTION_TEXT, offsetof(struct filter, name)},
    {"cluster", JSON_OPTION_TEXT, offsetof(struct filter, cluster)},
    {"host", JSON_OPTION_TEXT, offsetof(struct filter, host)},
    {"exact_match", JSON_OPTION_BOOL, offsetof(struct filter, is_exact)},
    {"tags", JSON_OPTION_TEXTS, offsetof(struct filter, tags)},
    {"domain", JSON_OPTION_TEXT, offsetof(struct filter, domain)},
};

static bool fits(const struct filter *filter, struct slice wanted, struct slice value)
{
    if (wanted.n == 0) {
        return true;
    }
    return filter->is_exact ? nb_slice_equal(wanted, value)
                            : nb_slice_find(value, wanted) < value.n;
}

static bool has_tag(const struct nserver_options *opts, struct slice wanted)
{
    wanted = nb_slice_trim(wanted);
    for (size_t i = 0; i < opts->tag_count; i++) {
        if (nb_slice_equal_nocase(wanted, nb_slice_of(opts->tags[i]))) {
            return true;
        }
    }
    return false;
}

static bool has_tags(const struct nserver_options *opts, const struct nb_json_value *tags)
{
    const struct nb_json_value *tag = tags != NULL ? tags->first : NULL;

    for (; tag != NULL; tag = tag->next) {
        if (!has_tag(opts, tag->text)) {
            return false;
        }
    }
    return true;
}

int nserver__server_filter_read(const struct nserver *server, const struct nb_json_value *root,
                                bool *is_meant, struct nb_diag *diag)
{
    const struct nserver__config *config = nserver__config(server);
    struct filter filter = {0};
    int rc = nserver__json_options_read(root, options, NB_ARRAY_LEN(options), &filter, diag);

    if (rc == NB_OK) {
        *is_meant = fits(&filter, filter.name, server->name) &&
                    fits(&filter, filter.host, config->info_host) &&
                    filter.cluster.n == 0 && // there is none
                    filter.domain.n == 0 && has_tags(&config->opts, filter.tags);
    }
    return rc;
}
