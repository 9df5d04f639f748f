/* read_compression.c - how connections between servers are compressed (spec 02 section 4.11).
 * Modes and the order of thresholds are judged at the start (compression.c).
 */
#include <natsd/duration.h>

#include "options/read_block.h"

static void read_thresholds(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_compression_options *out = block;
    struct nb_diag diag;

    if (nconf_expect(value, NCONF_ARRAY, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return;
    }
    out->rtt_thresholds_ns = NULL;
    out->rtt_threshold_count = 0;
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        struct slice text;
        int64_t ns = 0;

        if (nconf_read_string(item, &text, &diag) != NB_OK) {
            nserver__read_error(r, item, "%s", diag.text);
        } else if (nb_duration_parse(text, &ns, &diag) != NB_OK) {
            nserver__read_error(r, value, "%s", diag.text);
        }
        out->rtt_thresholds_ns = nserver__keep_one_more(
            r, out->rtt_thresholds_ns, out->rtt_threshold_count, sizeof(*out->rtt_thresholds_ns));
        out->rtt_thresholds_ns[out->rtt_threshold_count++] = ns;
    }
}

static const struct nserver__option options[] = {
    {"mode", NSERVER__OPTION_TEXT, offsetof(struct nserver_compression_options, mode), NULL, NULL},
    {"rtt_thresholds", NSERVER__OPTION_SPECIAL, 0, read_thresholds, NULL},
    {"thresholds", NSERVER__OPTION_SPECIAL, 0, read_thresholds, NULL},
    {"rtts", NSERVER__OPTION_SPECIAL, 0, read_thresholds, NULL},
    {"rtt", NSERVER__OPTION_SPECIAL, 0, read_thresholds, NULL},
};

void nserver__read_compression(struct reading *r, const struct nconf_value *value,
                               struct nserver_compression_options *out)
{
    switch (value->type) {
    case NCONF_BOOL:
        out->mode = nserver__keep_text(r, value->is_true ? NB_SLICE("on") : NB_SLICE("off"));
        return;
    case NCONF_STRING:
        (void)nserver__read_kept_text(r, value, &out->mode); // it is a text
        return;
    case NCONF_MAP:
        nserver__read_block(r, value, options, NB_ARRAY_LEN(options), out);
        return;
    case NCONF_INTEGER:
    case NCONF_FLOAT:
    case NCONF_TIME:
    case NCONF_ARRAY:
        break;
    }
    nserver__read_error(r, value, "field %s should be a boolean or a structure, got %s",
                        nserver__quoted(r, value->key), nconf_type_name(value->type));
}
