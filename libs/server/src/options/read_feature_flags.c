/* read_feature_flags.c - feature flags, and the domains of accounts without one (spec 02 sections
 * 4.18 and 4.1). Case counts in the names.
 */
#include "options/read_block.h"

void nserver__read_feature_flags(struct reading *r, const struct nconf_value *value)
{
    struct nserver_options *opts = r->opts;

    if (value->type != NCONF_MAP) {
        nserver__read_error(r, value, "error parsing feature flags: unsupported type %s",
                            nconf_type_name(value->type));
        return;
    }
    opts->feature_flags = NULL;
    opts->feature_flag_count = 0;
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        if (item->type != NCONF_BOOL) {
            nserver__read_error(r, item, "error parsing feature flag %s: expected bool, got %s",
                                nserver__quoted(r, item->key), nconf_type_name(item->type));
            continue;
        }
        opts->feature_flags = nserver__keep_one_more(
            r, opts->feature_flags, opts->feature_flag_count, sizeof(*opts->feature_flags));
        opts->feature_flags[opts->feature_flag_count++] =
            (struct nserver_feature_flag){nserver__keep_text(r, item->key), item->is_true};
    }
}

void nserver__read_default_js_domain(struct reading *r, const struct nconf_value *value)
{
    struct nserver_options *opts = r->opts;

    if (value->type != NCONF_MAP) {
        nserver__read_error(r, value, "error default_js_domain config: unsupported type %s",
                            nconf_type_name(value->type));
        return;
    }
    opts->default_js_domains = NULL;
    opts->default_js_domain_count = 0;
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        struct nb_diag diag;
        struct slice domain;

        if (nconf_read_string(item, &domain, &diag) != NB_OK) {
            nserver__read_error(r, value, "%s", diag.text); // at the block, as the reference has it
            return;
        }
        opts->default_js_domains =
            nserver__keep_one_more(r, opts->default_js_domains, opts->default_js_domain_count,
                                   sizeof(*opts->default_js_domains));
        opts->default_js_domains[opts->default_js_domain_count++] = (struct nserver_text_pair){
            nserver__keep_text(r, item->key), nserver__keep_text(r, domain)};
    }
}
