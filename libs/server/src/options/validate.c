/* validate.c - do the options fit together? (spec 02 section 3.7) */
#include "options/validate.h"

#include <stdarg.h>
#include <stdio.h>

#include <natsd/duration.h>
#include <natsd/quote.h>

/* What blocks share. */

int nserver__refuse(struct nb_diag *diag, const char *format, ...)
{
    char text[sizeof(diag->text)];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    nb_diag_set(diag, "%s", text);
    return NB_EINVALID;
}

struct nserver__quoted nserver__quote(const char *text)
{
    struct nserver__quoted quoted;
    struct nb_buf buf;
    int rc;

    nb_buf_init(&buf, sizeof(quoted.text) - 1);
    rc = nb_quote(nb_slice_of(text), &buf);
    snprintf(quoted.text, sizeof(quoted.text), "%.*s", rc == NB_OK ? (int)nb_buf_slice(&buf).n : 3,
             rc == NB_OK ? (const char *)nb_buf_slice(&buf).p : "...");
    nb_buf_fini(&buf);
    return quoted;
}

bool nserver__has_operators(const struct nserver_options *opts)
{
    return opts->operators.jwt_count > 0 || opts->operators.trusted_key_count > 0;
}

const struct nserver_account_options *nserver__find_account(const struct nserver_options *opts,
                                                            const char *name)
{
    for (size_t i = 0; i < opts->account_count; i++) {
        if (strcmp(opts->accounts[i].name, name) == 0) {
            return &opts->accounts[i];
        }
    }
    return NULL;
}

/* General. */

static int check_lame_duck(const struct nserver_options *opts, struct nb_diag *diag)
{
    struct nb_buf grace;
    struct nb_buf duration;

    if (opts->lame_duck_grace_ns < opts->lame_duck_duration_ns) {
        return NB_OK;
    }
    nb_buf_init(&grace, 64);
    nb_buf_init(&duration, 64);
    nb_duration_format(opts->lame_duck_grace_ns, &grace);
    nb_duration_format(opts->lame_duck_duration_ns, &duration);
    nb_diag_set(
        diag,
        "lame duck grace period (%.*s) should be strictly lower than lame duck duration (%.*s)",
        NB_SLICE_ARGS(nb_buf_slice(&grace)), NB_SLICE_ARGS(nb_buf_slice(&duration)));
    nb_buf_fini(&grace);
    nb_buf_fini(&duration);
    return NB_EINVALID;
}

// Numbers that the reference takes, and then serves nobody.
static int check_signs(const struct nserver_options *opts, struct nb_diag *diag)
{
    const struct {
        const char *name;
        int64_t value;
    } numbers[] = {
        {"max_control_line", opts->max_control_line},
        {"max_closed_clients", opts->max_closed_clients},
        {"ping_interval", opts->ping_interval_ns},
        {"ping_max", opts->ping_max},
        {"write_deadline", opts->write_deadline_ns},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(numbers); i++) {
        if (numbers[i].value < 0) {
            nb_diag_set(diag, "%s cannot be negative", numbers[i].name);
            return NB_EINVALID;
        }
    }
    if (opts->max_payload < -1) { // -1: as large as a number in the protocol
        nb_diag_set(diag, "max_payload cannot be negative");
        return NB_EINVALID;
    }
    return NB_OK;
}

static int check_limits(const struct nserver_options *opts, struct nb_diag *diag)
{
    if (opts->max_payload > opts->max_pending) {
        return nserver__refuse(diag, "max_payload (%lld) cannot be higher than max_pending (%lld)",
                               (long long)opts->max_payload, (long long)opts->max_pending);
    }
    if (opts->server_name != NULL && strchr(opts->server_name, ' ') != NULL) {
        return nserver__refuse(diag, "server name cannot contain spaces"); // of a flag
    }
    return NB_OK;
}

int nserver_options_validate(const struct nserver_options *opts, struct nb_diag *diag)
{
    static int (*const checks[])(const struct nserver_options *opts, struct nb_diag *diag) = {
        check_lame_duck,
        check_limits,
        nserver__validate_operators,
        nserver__validate_leafnodes,
        nserver__validate_auth,
        nserver__validate_proxies,
        nserver__validate_gateway,
        nserver__validate_cluster,
        nserver__validate_mqtt,
        nserver__validate_jetstream,
        nserver__validate_websocket,
        nserver__validate_ocsp,
        check_signs,
        nserver__validate_system_account, // `-t` doesn't notice
    };
    int rc = NB_OK;

    for (size_t i = 0; i < NB_ARRAY_LEN(checks) && rc == NB_OK; i++) {
        rc = checks[i](opts, diag);
    }
    return rc;
}
