/* reading.h - from values of a configuration to options, with every fault reported.
 *
 * Readers go on after a fault, so that one run reports all of them (spec 02 section 3.1). Each
 * returns whether it took the value. Faults stand at the key that is read, unless a reader is
 * told another place.
 */
#pragma once

#include <natsd/conf.h>
#include <natsd/server_options.h>

struct reading {
    struct nserver_options *opts;
    struct nserver_option_report *report;
};

// Appends text as it is.
void nserver__report_add(struct nb_buf *out, struct slice text);
// A line of the report: position, text. With a NULL value there is no position.
void nserver__read_error(struct reading *r, const struct nconf_value *at, const char *format, ...)
    NB_PRINTF(3, 4);
void nserver__read_warning(struct reading *r, const struct nconf_value *at, const char *format, ...)
    NB_PRINTF(3, 4);
// `unknown field "x"`, unless a variable refers to the value.
void nserver__read_unknown(struct reading *r, const struct nconf_value *at);
// The value's key in Go's quotes, for messages: terminated, cut when very long.
const char *nserver__quoted(struct slice text, char *out, size_t room);

bool nserver__read_text(struct reading *r, const struct nconf_value *value, char **out);
bool nserver__read_bool(struct reading *r, const struct nconf_value *value, bool *out);
bool nserver__read_choice(struct reading *r, const struct nconf_value *value,
                          enum nserver_choice *out);
bool nserver__read_int(struct reading *r, const struct nconf_value *value, int64_t *out);
// `dur` of spec 02 section 1: a duration text, or an integer as seconds with a warning.
bool nserver__read_duration(struct reading *r, const struct nconf_value *value, int64_t *ns);
// `dur!`: a duration text only.
bool nserver__read_strict_duration(struct reading *r, const struct nconf_value *value, int64_t *ns);
// `secs`: a number of seconds, or a duration text. Faults use `where` as the field's name.
bool nserver__read_seconds(struct reading *r, const struct nconf_value *value, double *seconds);
// `addr`: a port, or "host:port".
bool nserver__read_address(struct reading *r, const struct nconf_value *value, char **host,
                           int *port);
// `strlist`: one text or several. Added to *texts.
bool nserver__read_texts(struct reading *r, const struct nconf_value *value, char ***texts,
                         size_t *count);

// One row per key of a block.
struct nserver__key {
    const char *name;
    void (*read)(struct reading *r, const struct nconf_value *value);
};
// Reads every entry of a map by the table; unknown ones are reported.
void nserver__read_keys(struct reading *r, const struct nconf_value *map,
                        const struct nserver__key *keys, size_t count);

// The blocks.
void nserver__read_tls(struct reading *r, const struct nconf_value *value);
void nserver__read_authorization(struct reading *r, const struct nconf_value *value);
void nserver__read_accounts(struct reading *r, const struct nconf_value *value);
// The users of an account, or of $G (NULL), added to the options.
void nserver__read_users(struct reading *r, const struct nconf_value *value, const char *account);
// Mappings, added to *mappings.
void nserver__read_mappings(struct reading *r, const struct nconf_value *value,
                            struct nserver_mapping **mappings, size_t *count);
// `"x" is not supported yet`: a key of a capability still to come.
void nserver__read_later(struct reading *r, const struct nconf_value *value);
