#include "flags.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include <natsd/number.h>

static const struct flag_row {
    const char *names; // space-separated
    enum flag_kind kind;
    const char *help; // "VALUE|text" where there is a value
} rows[FLAG_COUNT] = {
#define FLAG(id, names, kind, help) [FLAG_##id] = {names, FLAG_KIND_##kind, help},
#include "flags.def"
#undef FLAG
};

/* Parsing. */

static int find_flag(struct slice name)
{
    for (int id = 0; id < FLAG_COUNT; id++) {
        struct slice names = nb_slice_of(rows[id].names);
        struct slice one;

        while (rows[id].kind != FLAG_KIND_GROUP && nb_slice_take_field(&names, ' ', &one)) {
            if (nb_slice_equal(one, name)) {
                return id;
            }
        }
    }
    return -1;
}

static bool parse_bool(struct slice text, bool *out)
{
    static const char *const yes[] = {"1", "t", "T", "TRUE", "true", "True"};
    static const char *const no[] = {"0", "f", "F", "FALSE", "false", "False"};

    for (size_t i = 0; i < NB_ARRAY_LEN(yes); i++) {
        if (nb_slice_is(text, yes[i]) || nb_slice_is(text, no[i])) {
            *out = nb_slice_is(text, yes[i]);
            return true;
        }
    }
    return false;
}

// Base and sign in front, '_' between digits: 0x1F, 0b101, 0o17, 017, 1_000.
static int parse_int(const char *text, int64_t *out)
{
    char digits[80];
    size_t n = 0;
    const char *at = text;
    bool is_negative = *at == '-';
    int base = 10;
    char *end;
    unsigned long long value;

    at += *at == '-' || *at == '+';
    if (at[0] == '0' && at[1] != '\0') {
        const char *marks = "xXoObB";
        const char *mark = strchr(marks, at[1]);

        base = mark == NULL ? 8 : (mark - marks < 2 ? 16 : (mark - marks < 4 ? 8 : 2));
        at += mark == NULL ? 1 : 2;
    }
    for (; *at != '\0' && n < sizeof(digits) - 1; at++) {
        if (*at != '_') {
            digits[n++] = *at;
        }
    }
    digits[n] = '\0';
    if (n == 0 || *at != '\0' || digits[0] == '-' || digits[0] == '+' || digits[0] == ' ') {
        return NB_EMALFORMED;
    }
    value = strtoull(digits, &end, base);
    if (*end != '\0') {
        return NB_EMALFORMED;
    }
    if (value > (unsigned long long)INT64_MAX) {
        return NB_ERANGE;
    }
    *out = is_negative ? -(int64_t)value : (int64_t)value;
    return NB_OK;
}

static int set_bool(struct flag_value *value, struct slice name, const char *given,
                    struct nb_diag *diag)
{
    value->is_set = true;
    value->is_true = true;
    if (given != NULL && !parse_bool(nb_slice_of(given), &value->is_true)) {
        nb_diag_set(diag, "invalid boolean value \"%s\" for -%.*s: parse error", given,
                    NB_SLICE_ARGS(name));
        return NB_EMALFORMED;
    }
    return NB_OK;
}

static int set_valued(enum flag_kind kind, struct flag_value *value, struct slice name,
                      const char *given, struct nb_diag *diag)
{
    int rc = NB_OK;

    value->is_set = true;
    value->text = given;
    if (kind == FLAG_KIND_INT) {
        rc = parse_int(given, &value->number);
    }
    if (rc != NB_OK) {
        nb_diag_set(diag, "invalid value \"%s\" for flag -%.*s: %s", given, NB_SLICE_ARGS(name),
                    rc == NB_ERANGE ? "value out of range" : "parse error");
        return NB_EMALFORMED;
    }
    return NB_OK;
}

// The name of "-name" or "--name=value"; the value behind '=', or NULL.
static int split_argument(const char *argument, struct slice *name, const char **value,
                          struct nb_diag *diag)
{
    const char *text = argument + (argument[1] == '-' ? 2 : 1);
    const char *equals;

    if (text[0] == '-' || text[0] == '=' || text[0] == '\0') {
        nb_diag_set(diag, "bad flag syntax: %s", argument);
        return NB_EMALFORMED;
    }
    equals = strchr(text, '=');
    *name = nb_slice_make(text, equals != NULL ? (size_t)(equals - text) : strlen(text));
    *value = equals != NULL ? equals + 1 : NULL;
    return NB_OK;
}

// One argument, and the next one too when that is its value. *at moves past them.
static int parse_one(struct flags *flags, int argc, char **argv, int *at, struct nb_diag *diag)
{
    struct slice name;
    const char *value;
    int id;

    if (split_argument(argv[*at], &name, &value, diag) != NB_OK) {
        return NB_EMALFORMED;
    }
    (*at)++;
    id = find_flag(name);
    if (id < 0) {
        nb_diag_set(diag, "flag provided but not defined: -%.*s", NB_SLICE_ARGS(name));
        return NB_EMALFORMED;
    }
    if (rows[id].kind == FLAG_KIND_BOOL) {
        return set_bool(&flags->values[id], name, value, diag);
    }
    if (value == NULL && *at < argc) {
        value = argv[(*at)++];
    }
    if (value == NULL) {
        nb_diag_set(diag, "flag needs an argument: -%.*s", NB_SLICE_ARGS(name));
        return NB_EMALFORMED;
    }
    return set_valued(rows[id].kind, &flags->values[id], name, value, diag);
}

int flags_parse(struct flags *flags, int argc, char **argv, struct nb_diag *diag)
{
    int at = 1;

    *flags = (struct flags){0};
    while (at < argc) {
        if (argv[at][0] != '-' || argv[at][1] == '\0') {
            break;
        }
        if (strcmp(argv[at], "--") == 0) {
            at++;
            break;
        }
        if (parse_one(flags, argc, argv, &at, diag) != NB_OK) {
            return NB_EMALFORMED;
        }
    }
    flags->positional = at < argc ? argv[at] : NULL;
    return NB_OK;
}

/* Applying. */

static void put_text(const struct flags *flags, enum flag_id id, char **field)
{
    if (flags->values[id].is_set) {
        nserver_options_set_text(field, nb_slice_of(flags->values[id].text));
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

static int put_port(const struct flags *flags, enum flag_id id, int *field, struct nb_diag *diag)
{
    const struct flag_value *value = &flags->values[id];

    if (!value->is_set) {
        return NB_OK;
    }
    if (value->number < -1 || value->number > UINT16_MAX) {
        nb_diag_set(diag, "invalid port %lld", (long long)value->number);
        return NB_EINVALID;
    }
    *field = (int)value->number;
    return NB_OK;
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

// -tls=false takes a configured TLS away; any other of these builds it anew from flags alone.
static int apply_tls(const struct flags *flags, struct nserver_options *opts, struct nb_diag *diag)
{
    const struct flag_value *tls = &flags->values[FLAG_TLS];
    const struct flag_value *verify = &flags->values[FLAG_TLSVERIFY];
    double timeout_s = opts->tls.timeout_s;

    if (!tls->is_set && !verify->is_set && !flags->values[FLAG_TLSCERT].is_set &&
        !flags->values[FLAG_TLSKEY].is_set && !flags->values[FLAG_TLSCACERT].is_set) {
        return NB_OK;
    }
    nserver_tls_options_fini(&opts->tls);
    if (tls->is_set && !tls->is_true) {
        return NB_OK;
    }
    if (!flags->values[FLAG_TLSCERT].is_set) {
        nb_diag_set(diag, "TLS Server certificate must be present and valid");
        return NB_EINVALID;
    }
    if (!flags->values[FLAG_TLSKEY].is_set) {
        nb_diag_set(diag, "TLS Server private key must be present and valid");
        return NB_EINVALID;
    }
    opts->tls.is_set = true;
    opts->tls.timeout_s = timeout_s;
    opts->tls.verify = verify->is_set && verify->is_true;
    put_text(flags, FLAG_TLSCERT, &opts->tls.cert_file);
    put_text(flags, FLAG_TLSKEY, &opts->tls.key_file);
    put_text(flags, FLAG_TLSCACERT, &opts->tls.ca_file);
    return NB_OK;
}

static int refuse_later_ones(const struct flags *flags, struct nb_diag *diag)
{
    static const struct {
        enum flag_id id;
        const char *name;
    } later[] = {
        {FLAG_JETSTREAM, "jetstream"},
        {FLAG_STORE_DIR, "store_dir"},
        {FLAG_ROUTES, "routes"},
        {FLAG_CLUSTER, "cluster"},
        {FLAG_CLUSTER_NAME, "cluster_name"},
        {FLAG_NO_ADVERTISE, "no_advertise"},
        {FLAG_CLUSTER_ADVERTISE, "cluster_advertise"},
        {FLAG_CONNECT_RETRIES, "connect_retries"},
        {FLAG_PROFILE, "profile"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(later); i++) {
        const struct flag_value *value = &flags->values[later[i].id];

        if (value->is_set && (value->is_true || value->text != NULL)) {
            nb_diag_set(diag, "flag -%s is not supported yet", later[i].name);
            return NB_EUNSUPPORTED;
        }
    }
    return NB_OK;
}

int flags_apply(const struct flags *flags, struct nserver_options *opts, struct nb_diag *diag)
{
    int rc = refuse_later_ones(flags, diag);

    put_text(flags, FLAG_ADDR, &opts->host);
    put_text(flags, FLAG_NAME, &opts->server_name);
    put_text(flags, FLAG_PID, &opts->pid_file);
    put_text(flags, FLAG_CLIENT_ADVERTISE, &opts->client_advertise);
    put_text(flags, FLAG_PORTS_FILE_DIR, &opts->ports_file_dir);
    put_int(flags, FLAG_WORKERS, &opts->workers);
    put_text(flags, FLAG_USER, &opts->username);
    put_text(flags, FLAG_PASS, &opts->password);
    put_text(flags, FLAG_AUTH, &opts->token);
    apply_log(flags, opts);
    if (rc == NB_OK) {
        rc = put_port(flags, FLAG_PORT, &opts->port, diag);
    }
    if (rc == NB_OK) {
        rc = put_port(flags, FLAG_HTTP_PORT, &opts->http_port, diag);
    }
    if (rc == NB_OK) {
        rc = put_port(flags, FLAG_HTTPS_PORT, &opts->https_port, diag);
    }
    return rc == NB_OK ? apply_tls(flags, opts, diag) : rc;
}

/* Help. */

enum {
    HELP_COLUMN = 38,
    HELP_WIDTH = 100,
};

// Words in lines of HELP_WIDTH, indented by HELP_COLUMN; the first line stands at `column`.
static void print_wrapped(const char *text, int column)
{
    struct slice rest = nb_slice_of(text);
    struct slice word;

    if (column >= HELP_COLUMN) {
        printf("\n");
        column = 0;
    }
    printf("%*s", HELP_COLUMN - column, "");
    column = HELP_COLUMN;
    while (nb_slice_take_field(&rest, ' ', &word)) {
        if (column + (int)word.n > HELP_WIDTH) {
            printf("\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
        }
        printf("%.*s ", NB_SLICE_ARGS(word));
        column += (int)word.n + 1;
    }
    printf("\n");
}

static void print_row(const struct flag_row *row)
{
    const char *bar = strchr(row->help, '|');
    struct slice names = nb_slice_of(row->names);
    struct slice name;
    const char *comma = "";
    int column = printf("    ");

    while (nb_slice_take_field(&names, ' ', &name)) {
        column += printf("%s%s%.*s", comma, name.n > 2 ? "--" : "-", NB_SLICE_ARGS(name));
        comma = ", ";
    }
    if (bar != NULL) {
        column += printf(" %.*s", (int)(bar - row->help), row->help);
    }
    print_wrapped(bar != NULL ? bar + 1 : row->help, column);
}

void flags_print_help(void)
{
    printf("Usage: natsd [options]\n"
           "\n"
           "A NATS server. Without options it serves clients on port 4222 of all addresses.\n"
           "A flag beats the same setting in the configuration file.\n"
           "\n"
           "    natsd -m 8222                   with monitoring on port 8222\n"
           "    natsd -c server.conf -t         is this configuration file right?\n"
           "    natsd -c server.conf            start with it\n"
           "    natsd --signal reload=/run/natsd.pid   read it again\n");
    for (int id = 0; id < FLAG_COUNT; id++) {
        if (rows[id].kind == FLAG_KIND_GROUP) {
            printf("\n%s:\n", rows[id].names);
        } else {
            print_row(&rows[id]);
        }
    }
}

static void print_names(const char *title, const char *const *names)
{
    printf("%s\n", title);
    for (; *names != NULL; names++) {
        printf("    %s\n", *names);
    }
}

void flags_print_tls_help(void)
{
    printf("TLS is configured in the tls block of a configuration file:\n"
           "\n"
           "    tls {\n"
           "        cert_file: \"server.pem\"\n"
           "        key_file:  \"server-key.pem\"\n"
           "        ca_file:   \"ca.pem\"\n"
           "        verify:    true\n"
           "    }\n\n");
    print_names("Names for cipher_suites:", nnet_tls_cipher_names());
    printf("\n");
    print_names("Names for curve_preferences:", nnet_tls_curve_names());
}
