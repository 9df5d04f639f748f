/* reading.h - from values of a configuration to options, with every fault reported.
 *
 * Readers go on after a fault, so that one run reports all of them (spec 02 section 3.1). Each
 * returns whether it took the value. Faults stand at the key that is read, unless a reader is
 * told another place.
 */
#pragma once

#include <natsd/arena.h>
#include <natsd/conf.h>
#include <natsd/map.h>
#include <natsd/server_options.h>

struct reading {
    struct nserver_options *opts;
    struct nserver_option_report *report;
    struct nb_arena scratch; // texts made for messages
    struct nb_map users;     // by name, those of all accounts
    struct nb_map accounts;  // by name: a copy of it, without $G
    // of the authorization block
    bool has_user_list;
    bool is_block_faulty; // so that what stands in it cannot be judged as a whole
    struct nauth_permissions *default_permissions;
    const struct nconf_value *accounts_at; // the last block of accounts; NULL: none
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
// Texts for messages, which live as long as the reading: in Go's quotes, in lower or upper case,
// and a value as messages show it, of which only the type is shown when a secret is in it.
const char *nserver__quoted(struct reading *r, struct slice text);
// The same, without what may be a password in a text that is to be a URL, or a seed in one that is
// to be a public key.
const char *nserver__quoted_url(struct reading *r, struct slice text);
const char *nserver__quoted_key(struct reading *r, struct slice text);
const char *nserver__lowered(struct reading *r, struct slice text);
const char *nserver__uppered(struct reading *r, struct slice text);
const char *nserver__shown(struct reading *r, const struct nconf_value *value);

// In the memory of the options (natsd/server_options.h).
static inline char *nserver__keep_text(struct reading *r, struct slice text)
{
    return nserver_options_keep(r->opts, text);
}
static inline void *nserver__keep_zeroed(struct reading *r, size_t size)
{
    return nserver_options_alloc(r->opts, size);
}
static inline void *nserver__keep_one_more(struct reading *r, void *list, size_t count,
                                           size_t item_size)
{
    return nserver_options_grow(r->opts, list, count, item_size);
}

// The reference's name of a type, in texts that are looked for as they are: "int64".
const char *nserver__reference_type_name(enum nconf_type type);

bool nserver__is_key(const struct nconf_value *value, const char *name); // case is ignored
// The key as it is written, terminated.
static inline const char *nserver__key_text(const struct nconf_value *value)
{
    return (const char *)value->key.p; // there is a NUL behind every text of a document
}

bool nserver__read_text(struct reading *r, const struct nconf_value *value, char **out);
// Into the memory of the options; an empty text is NULL.
bool nserver__read_kept_text(struct reading *r, const struct nconf_value *value, char **out);
bool nserver__read_bool(struct reading *r, const struct nconf_value *value, bool *out);
bool nserver__read_choice(struct reading *r, const struct nconf_value *value,
                          enum nserver_choice *out);
bool nserver__read_int(struct reading *r, const struct nconf_value *value, int64_t *out);
// Any integer: whether it can be a port is found out when it is listened on.
bool nserver__read_port(struct reading *r, const struct nconf_value *value, int *out);
// `dur` of spec 02 section 1: a duration text, or an integer as seconds with a warning.
bool nserver__read_duration(struct reading *r, const struct nconf_value *value, int64_t *ns);
// `dur!`: a duration text only.
bool nserver__read_strict_duration(struct reading *r, const struct nconf_value *value, int64_t *ns);
// `secs`: a number of seconds, or a duration text. `block` is named in the faults: "error parsing
// tls config, 'timeout' wrong type".
bool nserver__read_seconds(struct reading *r, const struct nconf_value *value, const char *block,
                           double *seconds);
// `addr`: a port, or "host:port".
bool nserver__read_address(struct reading *r, const struct nconf_value *value, char **host,
                           int *port);
// Adds a text to a list in the memory of the options. A fault stands at `value`.
bool nserver__read_kept_item(struct reading *r, const struct nconf_value *value, char ***texts,
                             size_t *count);

// One row per key of a block.
struct nserver__key {
    const char *name;
    void (*read)(struct reading *r, const struct nconf_value *value);
};
// Reads an entry, or every entry of a map, by the table; unknown ones are reported.
void nserver__read_key(struct reading *r, const struct nconf_value *value,
                       const struct nserver__key *keys, size_t count);
void nserver__read_keys(struct reading *r, const struct nconf_value *map,
                        const struct nserver__key *keys, size_t count);

// The blocks.
void nserver__read_server_tags(struct reading *r, const struct nconf_value *value);
void nserver__read_server_metadata(struct reading *r, const struct nconf_value *value);
void nserver__read_tls(struct reading *r, const struct nconf_value *value);
void nserver__read_authorization(struct reading *r, const struct nconf_value *value);
void nserver__read_accounts(struct reading *r, const struct nconf_value *value);
void nserver__read_operators(struct reading *r, const struct nconf_value *value);
void nserver__read_trusted_keys(struct reading *r, const struct nconf_value *value);
void nserver__read_resolver(struct reading *r, const struct nconf_value *value);
void nserver__read_resolver_tls(struct reading *r, const struct nconf_value *value);
void nserver__read_resolver_preload(struct reading *r, const struct nconf_value *value);
void nserver__read_pinned_accounts(struct reading *r, const struct nconf_value *value);
void nserver__read_default_sentinel(struct reading *r, const struct nconf_value *value);
// After everything else: what the JWT of the only operator says of resolver and system account.
void nserver__finish_operators(struct reading *r);
void nserver__read_proxies(struct reading *r, const struct nconf_value *value);
// After everything else: what exports and imports refer to.
void nserver__check_sharing(struct reading *r);
// A list of users of an account, or of $G (NULL), added to the options, whether their names are
// new or not: see nserver__claim_name(). False when it was not read to its end.
bool nserver__read_users(struct reading *r, const struct nconf_value *value, char *account);
// Reports, and returns false, when another user or nkey of any account has that name.
bool nserver__claim_name(struct reading *r, const struct nconf_value *at,
                         const struct nserver_user *user);
// *out stays as it is when the value is no map.
// A subject or a list of them, which replaces what *list was. `has_queues`: "subject queue" is one.
void nserver__read_subjects(struct reading *r, const struct nconf_value *value,
                            struct nauth_texts *list, bool has_queues);
void nserver__read_permissions(struct reading *r, const struct nconf_value *value,
                               struct nauth_permissions **out);
// For the users from the first on that have none; NULL is fine.
void nserver__set_default_permissions(struct reading *r, size_t first_user,
                                      struct nauth_permissions *permissions);
void nserver__read_auth_callout(struct reading *r, const struct nconf_value *value);
void nserver__check_allowed_accounts(struct reading *r); // after all accounts
// Parts of an account.
void nserver__read_account_limits(struct reading *r, const struct nconf_value *value,
                                  struct nserver_account_options *account);
void nserver__read_account_jetstream(struct reading *r, const struct nconf_value *value,
                                     struct nserver_account_options *account);
void nserver__read_account_trace(struct reading *r, const struct nconf_value *value,
                                 struct nserver_account_options *account);
void nserver__read_exports(struct reading *r, const struct nconf_value *value,
                           struct nserver_account_options *account);
void nserver__read_imports(struct reading *r, const struct nconf_value *value,
                           struct nserver_account_options *account);
// The last entry of a map, or the map: where the fault of a whole entry stands.
const struct nconf_value *nserver__last_key(const struct nconf_value *map);
// Mappings, added to *mappings.
void nserver__read_mappings(struct reading *r, const struct nconf_value *value,
                            struct nserver_mapping **mappings, size_t *count);
