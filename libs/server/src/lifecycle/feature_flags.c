/* feature_flags.c - which features there are, and what is configured about them (spec 02 section
 * 4.18).
 */
#include "lifecycle/capabilities.h"

static const struct nserver_feature_default feature_defaults[] = {
    {"js_ack_fc_v2", false},
    {"js_api_reply_v2", false},
    {"js_raft_delete_range", true},
    {"js_snapshot_sources", false},
};

const struct nserver_feature_default *nserver_feature_defaults(size_t *count)
{
    *count = NB_ARRAY_LEN(feature_defaults);
    return feature_defaults;
}

static const struct nserver_feature_default *find_default(const char *name)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(feature_defaults); i++) {
        if (strcmp(feature_defaults[i].name, name) == 0) {
            return &feature_defaults[i];
        }
    }
    return NULL;
}

bool nserver_feature_is_on(const struct nserver_options *opts, const char *name)
{
    const struct nserver_feature_default *known = find_default(name);

    for (size_t i = 0; i < opts->feature_flag_count; i++) {
        if (strcmp(opts->feature_flags[i].name, name) == 0) {
            return opts->feature_flags[i].is_on;
        }
    }
    return known != NULL && known->is_on;
}

static const char *state_of(const struct nserver_feature_flag *flag)
{
    if (find_default(flag->name)->is_on) {
        return flag->is_on ? "enabled" : "opt-out";
    }
    return flag->is_on ? "opt-in" : "disabled";
}

// The next name behind `last`, of those that are known or of those that are not.
static const struct nserver_feature_flag *next_flag(const struct nserver_options *opts,
                                                    const char *last, bool is_known)
{
    const struct nserver_feature_flag *next = NULL;

    for (size_t i = 0; i < opts->feature_flag_count; i++) {
        const struct nserver_feature_flag *flag = &opts->feature_flags[i];

        if ((find_default(flag->name) != NULL) == is_known &&
            (last == NULL || strcmp(flag->name, last) > 0) &&
            (next == NULL || strcmp(flag->name, next->name) < 0)) {
            next = flag;
        }
    }
    return next;
}

// A list in the order of the names; empty when there are none.
static void list_flags(const struct nserver_options *opts, bool are_known, struct nb_buf *out)
{
    const struct nserver_feature_flag *flag = next_flag(opts, NULL, are_known);

    for (int rc = NB_OK; flag != NULL && rc == NB_OK;
         flag = next_flag(opts, flag->name, are_known)) {
        rc = nb_buf_slice(out).n > 0 ? nb_buf_append(out, NB_SLICE(", ")) : NB_OK;
        rc = rc == NB_OK ? nb_buf_append(out, nb_slice_of(flag->name)) : rc;
        if (are_known) {
            nb_buf_must_format(out, " (%s)", state_of(flag)); // the known ones are few
        }
    }
}

void nserver__log_feature_flags(const struct nb_logger *log, const struct nserver_options *opts)
{
    struct nb_buf known;
    struct nb_buf others;

    if (opts->feature_flag_count == 0) {
        return;
    }
    nb_buf_init(&known, 4096);
    nb_buf_init(&others, 4096);
    list_flags(opts, true, &known);
    list_flags(opts, false, &others);
    nb_log_info(log, "  Feature flags:");
    if (nb_buf_slice(&known).n > 0) {
        nb_log_info(log, "    Configured:    %.*s", NB_SLICE_ARGS(nb_buf_slice(&known)));
    } else {
        nb_log_info(log, "    Configured:    none");
    }
    if (nb_buf_slice(&others).n > 0) {
        nb_log_info(log, "    Unsupported:   %.*s", NB_SLICE_ARGS(nb_buf_slice(&others)));
    }
    nb_buf_fini(&known);
    nb_buf_fini(&others);
}
