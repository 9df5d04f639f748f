/* reload_preview.c - what a reload would do, without a server. */
#include <natsd/server.h>

#include "lifecycle/capabilities.h"
#include "lifecycle/reload_log.h"
#include "options/host_port.h"

static int refuse(struct nb_buf *refusals, const char *text)
{
    int rc = nb_buf_append(refusals, nb_slice_of(text));

    rc = rc == NB_OK ? nb_buf_append(refusals, NB_SLICE("\n")) : rc;
    (void)rc; // what was said before does
    return NB_EUNSUPPORTED;
}

// Options with their defaults, made ready for use as a server would.
static int prepare(const struct nserver_options *opts, struct nserver__config **out,
                   struct nb_diag *diag)
{
    struct nserver_options whole;
    struct nb_diag reason = {0};
    int rc;

    nserver_options_copy(&whole, opts);
    nserver_options_defaults(&whole);
    rc = nserver_options_validate(&whole, diag);
    if (rc == NB_OK) {
        rc = nserver__config_create(&whole, out, diag);
    }
    if (rc == NB_OK && whole.client_advertise != NULL &&
        nserver__check_advertise(whole.client_advertise, &reason) != NB_OK) {
        nb_diag_set(diag, "invalid ClientAdvertise value of %.200s, err=%.200s",
                    whole.client_advertise, reason.text);
        nserver__config_destroy(out);
        rc = NB_EINVALID;
    }
    nserver_options_fini(&whole);
    return rc;
}

static int check_accounts(const struct nserver__config *config, struct nb_diag *diag)
{
    struct nserver__account_plan plan = {0};
    int rc = nserver__account_plan_create(&config->opts, &plan, diag);

    nserver__account_plan_fini(&plan);
    return rc;
}

int nserver_reload_preview(const struct nserver_options *running,
                           const struct nserver_options *wanted, const struct nb_logger *log,
                           struct nb_buf *refusals)
{
    struct nserver__config *was = NULL;
    struct nserver__config *is = NULL;
    struct nb_diag diag = {0};
    int rc = prepare(running, &was, &diag);

    if (rc == NB_OK) {
        rc = prepare(wanted, &is, &diag);
    }
    if (rc != NB_OK) {
        rc = refuse(refusals, diag.text);
    } else {
        rc = nserver_options_list_refusals(&was->opts, &is->opts, refusals);
        if (check_accounts(is, &diag) != NB_OK) {
            rc = refuse(refusals, diag.text);
        }
    }
    if (rc == NB_OK) {
        nserver__log_changes(log, was, is, 0);
        nserver__warn_of_missing(log, &was->opts, &is->opts);
    }
    nserver__config_destroy(&was);
    nserver__config_destroy(&is);
    return rc;
}
