#include "config.h"

#include <natsd/clock.h>
#include <natsd/creds.h>
#include <natsd/subject.h>

#define CONNECT_TIMEOUT_DEFAULT_NS (2 * NB_NS_PER_S)
#define PING_INTERVAL_DEFAULT_NS (120 * NB_NS_PER_S)
#define RECONNECT_WAIT_DEFAULT_NS (2 * NB_NS_PER_S)

enum {
    PINGS_OUT_DEFAULT = 2,
    RECONNECTS_DEFAULT = 60,
    RECONNECT_BUFFER_DEFAULT_BYTES = 8 * 1024 * 1024,
};

// The texts that are kept as they are. nkey_seed and creds are parsed instead.
static const size_t text_offsets[] = {
    offsetof(struct nclient_opts, name),          offsetof(struct nclient_opts, user),
    offsetof(struct nclient_opts, password),      offsetof(struct nclient_opts, token),
    offsetof(struct nclient_opts, tls_ca_file),   offsetof(struct nclient_opts, tls_server_name),
    offsetof(struct nclient_opts, tls_cert_file), offsetof(struct nclient_opts, tls_key_file),
    offsetof(struct nclient_opts, inbox_prefix),
};

static char **text_at(struct nclient_opts *opts, size_t index)
{
    return (char **)(void *)((char *)opts + text_offsets[index]);
}

static void fill_defaults(struct nclient_opts *opts)
{
    opts->inbox_prefix = opts->inbox_prefix != NULL ? opts->inbox_prefix : "_INBOX";
    opts->tls =
        opts->tls || opts->tls_first || opts->tls_ca_file != NULL || opts->tls_cert_file != NULL;
    if (opts->connect_timeout_ns == 0) {
        opts->connect_timeout_ns = CONNECT_TIMEOUT_DEFAULT_NS;
    }
    if (opts->ping_interval_ns == 0) {
        opts->ping_interval_ns = PING_INTERVAL_DEFAULT_NS;
    }
    if (opts->pings_out_max == 0) {
        opts->pings_out_max = PINGS_OUT_DEFAULT;
    }
    if (opts->reconnects_max == 0) {
        opts->reconnects_max = RECONNECTS_DEFAULT;
    }
    if (opts->reconnect_wait_ns == 0) {
        opts->reconnect_wait_ns = RECONNECT_WAIT_DEFAULT_NS;
    }
    if (opts->reconnect_buffer_size == 0) {
        opts->reconnect_buffer_size = RECONNECT_BUFFER_DEFAULT_BYTES;
    }
}

static const char *find_mistake(const struct nclient_opts *opts)
{
    struct slice prefix = nb_slice_of(opts->inbox_prefix);

    if (opts->creds != NULL && opts->nkey_seed != NULL) {
        return "creds and an nkey seed exclude each other";
    }
    if ((opts->tls_cert_file == NULL) != (opts->tls_key_file == NULL)) {
        return "a TLS certificate and its key are given together";
    }
    if (prefix.n > NCLIENT_INBOX_PREFIX_MAX_BYTES || !nsub_subject_is_valid_publish(prefix)) {
        return "invalid inbox prefix";
    }
    if (opts->connect_timeout_ns < 0 || opts->ping_interval_ns < 0 || opts->reconnect_wait_ns < 0) {
        return "a duration is negative";
    }
    return NULL;
}

static int read_credentials(struct nclient__config *config, const struct nclient_opts *opts,
                            struct nb_diag *diag)
{
    struct nauth_creds creds = {0};
    struct slice seed = nb_slice_of(opts->nkey_seed);
    int rc = NB_OK;

    if (opts->creds != NULL) {
        rc = nauth_creds_parse(nb_slice_of(opts->creds), &creds);
        seed = creds.seed;
    }
    if (rc != NB_OK) {
        nb_diag_set(diag, "malformed credentials");
    } else if (seed.n > 0) {
        rc = nauth_nkey_parse_seed(nb_slice_trim(seed), &config->key, diag);
        config->has_key = rc == NB_OK;
    }
    if (rc == NB_OK) {
        config->jwt = creds.jwt;
        creds.jwt = (struct slice){0};
    }
    nauth_creds_fini(&creds);
    return rc;
}

int nclient__config_init(struct nclient__config *config, const struct nclient_opts *opts,
                         struct nb_diag *diag)
{
    struct nclient_opts *own = &config->opts;
    const char *mistake;
    int rc;

    *config = (struct nclient__config){.opts = *opts};
    fill_defaults(own);
    mistake = find_mistake(own);
    for (size_t i = 0; i < NB_ARRAY_LEN(text_offsets); i++) {
        char **text = text_at(own, i);

        *text = *text != NULL ? nb_strdup(*text) : NULL;
    }
    own->urls = own->nkey_seed = own->creds = NULL;
    if (mistake != NULL) {
        nb_diag_set(diag, "%s", mistake);
        rc = NB_EINVALID;
    } else {
        rc = read_credentials(config, opts, diag);
    }
    if (rc != NB_OK) {
        nclient__config_fini(config);
    }
    return rc;
}

void nclient__config_fini(struct nclient__config *config)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(text_offsets); i++) {
        char **text = text_at(&config->opts, i);

        if (*text != NULL) { // several are secrets; it costs nothing to wipe all
            nb_wipe(*text, strlen(*text));
        }
        nb_free(*text);
        *text = NULL;
    }
    nb_slice_wipe_free(&config->jwt);
    nauth_nkey_fini(&config->key);
}

int nclient__config_load_tls(const struct nclient__config *config, struct nnet_tls_context **out,
                             struct nb_diag *diag)
{
    const struct nclient_opts *opts = &config->opts;
    const struct nnet_tls_cert_files cert = {.cert_file = opts->tls_cert_file,
                                             .key_file = opts->tls_key_file};
    const struct nnet_tls_opts tls = {.is_server = false,
                                      .certs = &cert,
                                      .cert_count = cert.cert_file != NULL ? 1 : 0,
                                      .ca_file = opts->tls_ca_file,
                                      .verify_peer = !opts->tls_skip_verify};

    return nnet_tls_context_create(&tls, out, diag);
}
