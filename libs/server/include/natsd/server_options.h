/* natsd/server_options.h - what a server is told before it starts, and at a reload.
 *
 * Filled from a configuration file (nserver_options_read), by hand, or both: a program sets
 * members after nserver_options_init() and gives them to nserver_create(), which copies.
 *
 * Ownership: single texts belong to the struct: set them with nserver_options_set_text(). Users,
 *   accounts, mappings and all that the other headers of options declare stand in memory that the struct
 *   shares with its copies: nserver_options_alloc(), nserver_options_keep() and
 *   nserver_options_grow() give out of it, and options that were copied may not be given more.
 *   Zero and NULL mean "not set" where a default exists; nserver_options_defaults() puts it in
 *   (spec 02 section 3.6).
 * Threads: one at a time. Units are in the names.
 */
#pragma once

#include <natsd/account_options.h>
#include <natsd/buf.h>
#include <natsd/error.h>
#include <natsd/jetstream_options.h>
#include <natsd/mapping.h>
#include <natsd/ocsp_options.h>
#include <natsd/peer_options.h>
#include <natsd/protocol_options.h>
#include <natsd/slice.h>
#include <natsd/tls_options.h>
#include <natsd/url_options.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nconf_doc;
struct nserver_option_memory;

struct nserver_options {
    // private
    struct nserver_option_memory *memory; // NULL: nothing is in it

    char *config_file;   // as given; NULL: none
    char *config_digest; // "sha256:..."; NULL: none
    char **command_line; // of the program, as monitoring shows it: without secrets
    size_t command_line_count;

    // network, identity
    char *host;
    int port; // -1: the system chooses
    char *client_advertise;
    char *server_name;
    char **tags; // trimmed, lower case, no duplicates
    size_t tag_count;
    struct nserver_text_pair *metadata;
    size_t metadata_count;
    int64_t workers; // 0: the number of cores
    bool proxy_protocol;
    bool allow_non_tls;
    struct nserver_tls_options tls;

    // limits
    int64_t max_connections; // 0: default; negative: refuse all
    int64_t max_subscriptions;
    int64_t max_sub_tokens;
    int64_t max_control_line;
    int64_t max_payload;
    int64_t max_pending;
    int64_t max_closed_clients;
    int64_t ping_interval_ns;
    int64_t ping_max;
    int64_t write_deadline_ns;
    enum nserver_write_timeout write_timeout;
    int64_t lame_duck_duration_ns;
    int64_t lame_duck_grace_ns;
    bool no_header_support;
    bool no_sublist_cache;
    bool no_fast_producer_stall;

    // authorization
    char *username, *password, *token;
    double auth_timeout_s;
    struct nserver_user *users;
    size_t user_count;
    bool proxy_required; // of the single user or token
    char *no_auth_user;
    struct nserver_auth_callout auth_callout;
    bool has_proxies;       // a proxies block was there
    char **trusted_proxies; // public nkeys
    size_t trusted_proxy_count;
    struct nserver_operator_options operators;

    struct nserver_account_options *accounts; // beside $G
    size_t account_count;
    char *system_account;   // NULL: $SYS
    bool no_system_account; // then there is no $SYS that nobody asked for
    bool has_authorization; // an authorization block says who may enter

    // subject mappings of $G
    struct nserver_mapping *mappings;
    size_t mapping_count;

    // log, files
    enum nserver_choice debug, trace, trace_verbose, trace_headers, logtime, logtime_utc, syslog;
    int64_t max_traced_msg_len;
    char *log_file;
    int64_t log_size_limit;
    int64_t log_max_num;
    char *remote_syslog;
    char *pid_file;
    char *ports_file_dir;

    // monitoring
    char *http_host;
    int http_port; // 0: off; -1: the system chooses
    int https_port;
    char *http_base_path; // as configured

    // other servers and other protocols
    struct nserver_cluster_options cluster;
    struct nserver_gateway_options gateway;
    struct nserver_leafnode_options leafnodes;
    struct nserver_websocket_options websocket;
    struct nserver_mqtt_options mqtt;

    struct nserver_jetstream_options jetstream;
    struct nserver_text_pair *default_js_domains; // account, domain
    size_t default_js_domain_count;
    struct nserver_feature_flag *feature_flags; // as configured, each once
    size_t feature_flag_count;

    struct nserver_ocsp_options ocsp;
    struct nserver_ocsp_cache_options ocsp_cache;

    // These tune what natsd doesn't have: connections to other servers, and a profiler.
    int64_t connect_error_reports;
    int64_t reconnect_error_reports;
    int64_t prof_port;
    int64_t prof_block_rate;
};

void nserver_options_init(struct nserver_options *opts); // everything unset
void nserver_options_fini(struct nserver_options *opts); // wipes secrets; fine on zeroed, twice
void nserver_options_copy(struct nserver_options *to, const struct nserver_options *from);
// Frees *field and sets it to a copy; an empty or NULL text unsets it.
void nserver_options_set_text(char **field, struct slice text);

// In the memory of the options, for what the other headers declare: zeroed; a terminated copy;
// and a list with room for one more item, which is zeroed (NULL for a list without any).
void *nserver_options_alloc(struct nserver_options *opts, size_t size);
char *nserver_options_keep(struct nserver_options *opts, struct slice text);
void *nserver_options_grow(struct nserver_options *opts, void *list, size_t count,
                           size_t item_size);

// What came of reading a file: all warnings, then all errors, each one line with LF, in the
// form of spec 02 section 3.1.
struct nserver_option_report {
    struct nb_buf warnings;
    struct nb_buf errors;
};
void nserver_option_report_init(struct nserver_option_report *report);
void nserver_option_report_fini(struct nserver_option_report *report);

// Reads a configuration over *opts, which no copy was made of. NB_EMALFORMED when there are errors
// (report has them, also those of the language itself); warnings alone are NB_OK.
NB_MUST_USE int nserver_options_read_file(struct nserver_options *opts, const char *path,
                                          struct nserver_option_report *report);
// The same from memory; `name` stands for its path. The text is copied from, never kept.
NB_MUST_USE int nserver_options_read_text(struct nserver_options *opts, const char *name,
                                          struct slice text, struct nserver_option_report *report);

// Puts in the defaults for what is not set.
void nserver_options_defaults(struct nserver_options *opts);
// The checks of spec 02 section 3.7, in its order, after the defaults. NB_EINVALID with diag.
NB_MUST_USE int nserver_options_validate(const struct nserver_options *opts, struct nb_diag *diag);
// Is the change one that a running server can make? NB_EUNSUPPORTED with the text of spec 02
// section 11.3. Both have their defaults; `running` has the port it listens on.
NB_MUST_USE int nserver_options_check_reload(const struct nserver_options *running,
                                             const struct nserver_options *wanted,
                                             struct nb_diag *diag);
// All reasons against it, a line for each, in that order; lines that have no room are left out.
NB_MUST_USE int nserver_options_list_refusals(const struct nserver_options *running,
                                              const struct nserver_options *wanted,
                                              struct nb_buf *lines);
// Reads a URL into the memory of the options. NB_EMALFORMED or NB_ELIMIT with the reference's text.
NB_MUST_USE int nserver_options_read_url(struct nserver_options *opts, struct slice text,
                                         struct nserver_url *out, struct nb_diag *diag);

// Above this a warning is logged at the start.
enum {
    NSERVER_MAX_PAYLOAD_ADVISED_BYTES = 8 * 1024 * 1024,
};
// Is a user's password, or the single one, neither a bcrypt hash nor missing?
bool nserver_options_has_plain_password(const struct nserver_options *opts);

static inline bool nserver_choice_is(enum nserver_choice choice, bool otherwise)
{
    return choice == NSERVER_UNSET ? otherwise : choice == NSERVER_YES;
}

#ifdef __cplusplus
}
#endif
