/* read_leafnodes.c - the leafnodes block (spec 02 section 4.13); its remotes are read_remotes.c's. */
#include <stddef.h>

#include <natsd/number.h>

#include "options/read_block.h"

/* The oldest version that may connect: semantic versioning, from 2.8.0 on. */

static bool is_identifier_byte(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

static bool is_number(struct slice text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') {
            return false;
        }
    }
    return text.n > 0;
}

// Identifiers between dots; those that are numbers have no zero in front, unless that is allowed.
static bool are_identifiers(struct slice text, bool zeros_may_lead)
{
    bool ends = text.n == 0 || text.p[text.n - 1] == '.';
    struct slice one;

    while (nb_slice_take_field(&text, '.', &one)) {
        ends = ends || one.n == 0 ||
               (!zeros_may_lead && one.n > 1 && one.p[0] == '0' && is_number(one));
        for (size_t i = 0; i < one.n; i++) {
            ends = ends || !is_identifier_byte(one.p[i]);
        }
    }
    return !ends;
}

// The three numbers in front; false when it is no version.
static bool take_numbers(struct slice text, struct slice numbers[static 3])
{
    for (size_t i = 0; i < 3; i++) {
        if (!nb_slice_take_field(&text, '.', &numbers[i]) || !is_number(numbers[i]) ||
            (numbers[i].n > 1 && numbers[i].p[0] == '0')) {
            return false;
        }
    }
    return text.n == 0;
}

static bool is_version(struct slice text, struct slice numbers[static 3])
{
    size_t plus = nb_slice_find_byte(text, '+');
    struct slice front = nb_slice_sub(text, 0, plus);
    size_t dash = nb_slice_find_byte(front, '-');

    return (plus == text.n || are_identifiers(nb_slice_sub(text, plus + 1, text.n), true)) &&
           (dash == front.n || are_identifiers(nb_slice_sub(front, dash + 1, text.n), false)) &&
           text.p[text.n - 1] != '.' && take_numbers(nb_slice_sub(front, 0, dash), numbers);
}

static void read_min_version(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_leafnode_options *leaf = block;
    struct slice numbers[3] = {{0}};
    uint64_t parts[3] = {0};

    if (!nserver__read_kept_text(r, value, &leaf->min_version)) {
        return;
    }
    if (value->text.n == 0 || !is_version(value->text, numbers)) {
        nserver__read_error(r, value, "invalid leafnode's minimum version: invalid semver");
        return;
    }
    for (size_t i = 0; i < 3; i++) {
        if (nb_parse_u64(numbers[i], INT64_MAX, &parts[i]) != NB_OK) {
            nserver__read_error(r, value,
                                "invalid leafnode's minimum version: strconv.Atoi: parsing %s: "
                                "value out of range",
                                nserver__quoted(r, numbers[i]));
            return;
        }
    }
    if (parts[0] < 2 || (parts[0] == 2 && parts[1] < 8)) {
        nserver__read_error(r, value, "the minimum version should be at least 2.8.0");
    }
}

/* The block. */

static void read_listen(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_leafnode_options *leaf = block;

    (void)nserver__read_kept_address(r, value, &leaf->host, &leaf->port);
}

static void read_authorization(struct reading *r, const struct nconf_value *value,
                               void *block NB_UNUSED)
{
    nserver__read_leaf_auth(r, value);
}

static void read_remotes(struct reading *r, const struct nconf_value *value, void *block NB_UNUSED)
{
    nserver__read_remotes(r, value);
}

static void read_tls(struct reading *r, const struct nconf_value *value, void *block)
{
    (void)nserver__read_tls_block(r, value, NSERVER__TLS_OTHERS,
                                  &((struct nserver_leafnode_options *)block)->tls);
}

#define MEMBER(name) offsetof(struct nserver_leafnode_options, name)

static const struct nserver__option options[] = {
    {"listen", NSERVER__OPTION_SPECIAL, 0, read_listen, NULL},
    {"host", NSERVER__OPTION_TEXT, MEMBER(host), NULL, NULL},
    {"net", NSERVER__OPTION_TEXT, MEMBER(host), NULL, NULL},
    {"port", NSERVER__OPTION_PORT, MEMBER(port), NULL, NULL},
    {"advertise", NSERVER__OPTION_TEXT, MEMBER(advertise), NULL, NULL},
    {"leafnode_advertise", NSERVER__OPTION_TEXT, MEMBER(advertise), NULL, NULL},
    {"no_advertise", NSERVER__OPTION_CHOICE, MEMBER(no_advertise), NULL, NULL},
    {"authorization", NSERVER__OPTION_SPECIAL, 0, read_authorization, NULL},
    {"tls", NSERVER__OPTION_SPECIAL, 0, read_tls, NULL},
    {"reconnect", NSERVER__OPTION_DURATION, MEMBER(reconnect_ns), NULL, NULL},
    {"reconnect_delay", NSERVER__OPTION_DURATION, MEMBER(reconnect_ns), NULL, "reconnect"},
    {"reconnect_interval", NSERVER__OPTION_DURATION, MEMBER(reconnect_ns), NULL, "reconnect"},
    {"dial_timeout", NSERVER__OPTION_DURATION, MEMBER(dial_timeout_ns), NULL, NULL},
    {"min_version", NSERVER__OPTION_SPECIAL, 0, read_min_version, NULL},
    {"minimum_version", NSERVER__OPTION_SPECIAL, 0, read_min_version, NULL},
    {"compression", NSERVER__OPTION_COMPRESSION, MEMBER(compression), NULL, NULL},
    {"isolate_leafnode_interest", NSERVER__OPTION_BOOL, MEMBER(isolate), NULL, NULL},
    {"isolate", NSERVER__OPTION_BOOL, MEMBER(isolate), NULL, NULL},
    {"write_deadline", NSERVER__OPTION_DURATION, MEMBER(write_deadline_ns), NULL, NULL},
    {"write_timeout", NSERVER__OPTION_WRITE_TIMEOUT, MEMBER(write_timeout), NULL, NULL},
    {"remotes", NSERVER__OPTION_SPECIAL, 0, read_remotes, NULL},
};

void nserver__read_leafnodes(struct reading *r, const struct nconf_value *value)
{
    if (value->type != NCONF_MAP) {
        nserver__read_error(r, value, "Expected map to define a leafnode, got %s",
                            nconf_type_name(value->type));
        return;
    }
    r->opts->leafnodes.is_set = true;
    nserver__read_block(r, value, options, NB_ARRAY_LEN(options), &r->opts->leafnodes);
}
