/* validate.c - do the options fit together? (spec 02 section 3.7) */
#include <natsd/duration.h>
#include <natsd/server_options.h>

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

static bool has_user(const struct nserver_options *opts, const char *name)
{
    for (size_t i = 0; i < opts->user_count; i++) {
        if (nb_slice_is(nb_slice_of(opts->users[i].name), name)) {
            return true;
        }
    }
    return false;
}

static int check_no_auth_user(const struct nserver_options *opts, struct nb_diag *diag)
{
    if (opts->no_auth_user == NULL) {
        return NB_OK;
    }
    if (opts->user_count == 0) {
        nb_diag_set(diag, "no_auth_user: \"%s\" present, but users/nkeys are not defined",
                    opts->no_auth_user);
        return NB_EINVALID;
    }
    if (!has_user(opts, opts->no_auth_user)) {
        nb_diag_set(
            diag,
            "no_auth_user: \"%s\" not present as user or nkey in authorization block or account "
            "configuration",
            opts->no_auth_user);
        return NB_EINVALID;
    }
    return NB_OK;
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

// Its accounts are found when the server is made, so `-t` doesn't notice.
static int check_system_account(const struct nserver_options *opts, struct nb_diag *diag)
{
    if (opts->system_account == NULL || strcmp(opts->system_account, "$SYS") == 0) {
        return NB_OK;
    }
    for (size_t i = 0; i < opts->account_count; i++) {
        if (strcmp(opts->accounts[i].name, opts->system_account) == 0) {
            return NB_OK;
        }
    }
    nb_diag_set(diag, "error resolving system account: account missing");
    return NB_EINVALID;
}

int nserver_options_validate(const struct nserver_options *opts, struct nb_diag *diag)
{
    if (check_lame_duck(opts, diag) != NB_OK) {
        return NB_EINVALID;
    }
    if (opts->max_payload > opts->max_pending) {
        nb_diag_set(diag, "max_payload (%lld) cannot be higher than max_pending (%lld)",
                    (long long)opts->max_payload, (long long)opts->max_pending);
        return NB_EINVALID;
    }
    if (opts->server_name != NULL && strchr(opts->server_name, ' ') != NULL) {
        nb_diag_set(diag, "server name cannot contain spaces");
        return NB_EINVALID;
    }
    if (check_no_auth_user(opts, diag) != NB_OK || check_signs(opts, diag) != NB_OK) {
        return NB_EINVALID;
    }
    return check_system_account(opts, diag);
}
