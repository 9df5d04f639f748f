/* read_jetstream_limits.c - limits of JetStream for all accounts (spec 02 section 4.16). */
#include <stddef.h>

#include <natsd/duration.h>

#include "options/read_block.h"

// A text, whose faults are told without the name of the key.
static void read_time(struct reading *r, const struct nconf_value *value, int64_t *ns)
{
    struct nb_diag diag;
    struct slice text;

    if (nconf_read_string(value, &text, &diag) != NB_OK ||
        nb_duration_parse(text, ns, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
    }
}

static void read_duplicate_window(struct reading *r, const struct nconf_value *value, void *block)
{
    read_time(r, value, &((struct nserver_jetstream_limits *)block)->duplicate_window_ns);
}

static void read_batch_timeout(struct reading *r, const struct nconf_value *value, void *block)
{
    read_time(r, value, &((struct nserver_jetstream_limits *)block)->batch_timeout_ns);
}

#define MEMBER(name) offsetof(struct nserver_jetstream_limits, name)

static const struct nserver__option batch_options[] = {
    {"max_inflight_per_stream", NSERVER__OPTION_INT, MEMBER(batch_max_inflight_per_stream), NULL,
     NULL},
    {"max_inflight_total", NSERVER__OPTION_INT, MEMBER(batch_max_inflight_total), NULL, NULL},
    {"max_msgs", NSERVER__OPTION_INT, MEMBER(batch_max_msgs), NULL, NULL},
    {"timeout", NSERVER__OPTION_SPECIAL, 0, read_batch_timeout, NULL},
};

static void read_batch(struct reading *r, const struct nconf_value *value, void *block)
{
    if (value->type != NCONF_MAP) {
        nserver__read_error(r, value, "Expected a map to define batch limits, got %s",
                            nconf_type_name(value->type));
        return;
    }
    nserver__read_block(r, value, batch_options, NB_ARRAY_LEN(batch_options), block);
}

static const struct nserver__option options[] = {
    {"max_ack_pending", NSERVER__OPTION_INT, MEMBER(max_ack_pending), NULL, NULL},
    {"max_ha_assets", NSERVER__OPTION_INT, MEMBER(max_ha_assets), NULL, NULL},
    {"max_request_batch", NSERVER__OPTION_INT, MEMBER(max_request_batch), NULL, NULL},
    {"default_max_consumers", NSERVER__OPTION_INT, MEMBER(default_max_consumers), NULL, NULL},
    {"duplicate_window", NSERVER__OPTION_SPECIAL, 0, read_duplicate_window, NULL},
    {"batch", NSERVER__OPTION_SPECIAL, 0, read_batch, NULL},
};

void nserver__read_jetstream_limits(struct reading *r, const struct nconf_value *value,
                                    struct nserver_jetstream_limits *limits)
{
    if (value->type != NCONF_MAP) {
        nserver__read_error(r, value, "Expected a map to define JetStreamLimits, got %s",
                            nconf_type_name(value->type));
        return;
    }
    nserver__read_block(r, value, options, NB_ARRAY_LEN(options), limits);
}
