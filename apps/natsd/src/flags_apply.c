/* flags_apply.c - flags over the options of a file (spec 02 sections 5.2 and 5.3). */
#include "command_line.h"
#include "flags.h"
#include "flags_cluster.h"

static void put_text(const struct flags *flags, enum flag_id id, char **field)
{
    if (flags->values[id].is_set) {
        nserver_options_set_text(field, nb_slice_of(flags->values[id].text));
    }
}

// Into the memory of the options, as all texts in blocks; an empty one unsets it.
static void put_kept(const struct flags *flags, enum flag_id id, struct nserver_options *opts,
                     char **field)
{
    struct slice text = nb_slice_of(flags->values[id].text);

    if (flags->values[id].is_set) {
        *field = text.n > 0 ? nserver_options_keep(opts, text) : NULL;
    }
}

static void put_int(const struct flags *flags, enum flag_id id, int64_t *field)
{
    if (flags->values[id].is_set) {
        *field = flags->values[id].number;
    }
}

static void put_choice(const struct flags *flags, enum flag_id id, enum nserver_choice *field)
{
    if (flags->values[id].is_set) {
        *field = flags->values[id].is_true ? NSERVER_YES : NSERVER_NO;
    }
}

// Whether it is a port at all is found out when it is listened on.
static void put_port(const struct flags *flags, enum flag_id id, int *field)
{
    int64_t number = flags->values[id].number;

    if (!flags->values[id].is_set) {
        return;
    }
    if (number > INT32_MAX) {
        number = INT32_MAX;
    }
    *field = number < INT32_MIN ? INT32_MIN : (int)number;
}

static void apply_server(const struct flags *flags, struct nserver_options *opts)
{
    put_text(flags, FLAG_ADDR, &opts->host);
    put_port(flags, FLAG_PORT, &opts->port);
    put_text(flags, FLAG_NAME, &opts->server_name);
    put_text(flags, FLAG_PID, &opts->pid_file);
    put_port(flags, FLAG_HTTP_PORT, &opts->http_port);
    put_port(flags, FLAG_HTTPS_PORT, &opts->https_port);
    put_text(flags, FLAG_CLIENT_ADVERTISE, &opts->client_advertise);
    put_text(flags, FLAG_PORTS_FILE_DIR, &opts->ports_file_dir);
    put_int(flags, FLAG_WORKERS, &opts->workers);
    put_text(flags, FLAG_USER, &opts->username);
    put_text(flags, FLAG_PASS, &opts->password);
    put_text(flags, FLAG_AUTH, &opts->token);
    put_int(flags, FLAG_PROFILE, &opts->prof_port);
}

static void apply_log(const struct flags *flags, struct nserver_options *opts)
{
    put_text(flags, FLAG_LOG, &opts->log_file);
    put_choice(flags, FLAG_LOGTIME, &opts->logtime);
    put_choice(flags, FLAG_LOGTIME_UTC, &opts->logtime_utc);
    put_choice(flags, FLAG_SYSLOG, &opts->syslog);
    put_text(flags, FLAG_REMOTE_SYSLOG, &opts->remote_syslog);
    put_int(flags, FLAG_LOG_SIZE_LIMIT, &opts->log_size_limit);
    put_int(flags, FLAG_MAX_TRACED_MSG_LEN, &opts->max_traced_msg_len);
}

static void apply_levels(const struct flags *flags, struct nserver_options *opts)
{
    put_choice(flags, FLAG_DEBUG, &opts->debug);
    put_choice(flags, FLAG_TRACE, &opts->trace);
    put_choice(flags, FLAG_TRACE_VERBOSE, &opts->trace);
    put_choice(flags, FLAG_TRACE_VERBOSE, &opts->trace_verbose);
    put_choice(flags, FLAG_DEBUG_TRACE, &opts->debug);
    put_choice(flags, FLAG_DEBUG_TRACE, &opts->trace);
    put_choice(flags, FLAG_DEBUG_TRACE_VERBOSE, &opts->debug);
    put_choice(flags, FLAG_DEBUG_TRACE_VERBOSE, &opts->trace);
    put_choice(flags, FLAG_DEBUG_TRACE_VERBOSE, &opts->trace_verbose);
}

/* TLS. */

static bool has_tls_flag(const struct flags *flags)
{
    return flags->values[FLAG_TLS].is_set || flags->values[FLAG_TLSVERIFY].is_set ||
           flags->values[FLAG_TLSCERT].is_set || flags->values[FLAG_TLSKEY].is_set ||
           flags->values[FLAG_TLSCACERT].is_set;
}

// -tls=false takes a configured TLS away; any other of these builds it anew from flags alone.
static int apply_tls(const struct flags *flags, struct nserver_options *opts, struct nb_diag *diag)
{
    const struct flag_value *tls = &flags->values[FLAG_TLS];
    double timeout_s = opts->tls.timeout_s;

    if (!has_tls_flag(flags)) {
        return NB_OK;
    }
    opts->tls = (struct nserver_tls_options){0};
    if (tls->is_set && !tls->is_true) {
        return NB_OK;
    }
    opts->tls.timeout_s = timeout_s;
    opts->tls.verify = flags->values[FLAG_TLSVERIFY].is_true;
    put_kept(flags, FLAG_TLSCERT, opts, &opts->tls.cert_file);
    put_kept(flags, FLAG_TLSKEY, opts, &opts->tls.key_file);
    put_kept(flags, FLAG_TLSCACERT, opts, &opts->tls.ca_file);
    if (opts->tls.cert_file == NULL || opts->tls.key_file == NULL) {
        nb_diag_set(diag, "TLS Server %s must be present and valid",
                    opts->tls.cert_file == NULL ? "certificate" : "private key");
        return NB_EINVALID;
    }
    opts->tls.is_set = true;
    return NB_OK;
}

/* JetStream. */

void flags_prepare(const struct flags *flags, struct nserver_options *opts)
{
    put_kept(flags, FLAG_STORE_DIR, opts, &opts->jetstream.store_dir);
}

static void apply_jetstream(const struct flags *flags, struct nserver_options *opts)
{
    if (flags->values[FLAG_JETSTREAM].is_set) {
        opts->jetstream.is_on = flags->values[FLAG_JETSTREAM].is_true;
    }
}

int flags_apply(const struct flags *flags, struct nserver_options *opts, struct nb_diag *diag)
{
    int rc;

    command_line_show(flags, opts);
    apply_server(flags, opts);
    apply_log(flags, opts);
    apply_levels(flags, opts);
    apply_jetstream(flags, opts);
    rc = flags_apply_cluster(flags, opts, diag);
    return rc == NB_OK ? apply_tls(flags, opts, diag) : rc;
}
