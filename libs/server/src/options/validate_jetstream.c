/* validate_jetstream.c - spec 02 section 3.7, 11. */
#include <stdio.h>

#include <natsd/nkey.h>
#include <natsd/subject.h>

#include "options/validate.h"

/* Domains of accounts without JetStream. */

static bool is_domain(const char *domain)
{
    struct nb_buf subject;
    bool is_valid;

    nb_buf_init(&subject, 64 * 1024);
    is_valid = nb_buf_append(&subject, NB_SLICE("$JS.")) == NB_OK &&
               nb_buf_append(&subject, nb_slice_of(domain)) == NB_OK &&
               nb_buf_append(&subject, NB_SLICE(".API.>")) == NB_OK &&
               nsub_subject_is_valid(nb_buf_slice(&subject));
    nb_buf_fini(&subject);
    return is_valid;
}

static int check_account(const struct nserver_options *opts, const char *name, struct nb_diag *diag)
{
    const struct nserver_account_options *account = nserver__find_account(opts, name);
    bool is_key = nauth_nkey_is_public_of(nb_slice_of(name), NAUTH_NKEY_ACCOUNT);

    if (nserver__has_operators(opts)) {
        return is_key ? NB_OK
                      : nserver__refuse(diag,
                                        "default_js_domain contains account name %s, which is not "
                                        "a valid public account nkey",
                                        nserver__quote(name).text);
    }
    if (account != NULL && account->jetstream == NSERVER_ACCOUNT_JETSTREAM_ON) {
        return nserver__refuse(diag,
                               "default_js_domain contains account name %s with enabled JetStream",
                               nserver__quote(name).text);
    }
    if (account == NULL && strcmp(name, "$G") != 0) {
        return nserver__refuse(
            diag, "in non operator mode, `default_js_domain` references non existing account %s",
            nserver__quote(name).text);
    }
    return NB_OK;
}

static int check_default_domain(const struct nserver_options *opts,
                                const struct nserver_text_pair *domain, struct nb_diag *diag)
{
    int rc = check_account(opts, domain->key, diag);

    if (rc != NB_OK) {
        return rc;
    }
    if (opts->system_account != NULL && strcmp(opts->system_account, domain->key) == 0) {
        return nserver__refuse(diag, "system account %s can not be in default_js_domain",
                               nserver__quote(domain->key).text);
    }
    if (!is_domain(domain->value)) {
        return nserver__refuse(
            diag, "default_js_domain contains account %s with invalid domain name %s",
            nserver__quote(domain->key).text, nserver__quote(domain->value).text);
    }
    return NB_OK;
}

/* Its own. */

static int check_domain(const char *domain, struct nb_diag *diag)
{
    char subject[300];

    if (domain == NULL) {
        return NB_OK;
    }
    if (!is_domain(domain)) {
        snprintf(subject, sizeof(subject), "$JS.%s.API.>", domain);
        return nserver__refuse(diag, "invalid domain name: derived %s is not a valid subject",
                               nserver__quote(subject).text);
    }
    if (strpbrk(domain, ".*>") != NULL) {
        return nserver__refuse(diag, "invalid domain name: may not contain ., * or >");
    }
    return NB_OK;
}

static int check_in_cluster(const struct nserver_options *opts, struct nb_diag *diag)
{
    const char *hint = opts->jetstream.extension_hint;

    if (opts->server_name == NULL) {
        return nserver__refuse(diag, "jetstream cluster requires `server_name` to be set");
    }
    if (opts->cluster.name == NULL) {
        return nserver__refuse(diag, "jetstream cluster requires `cluster.name` to be set");
    }
    if (hint != NULL && strcmp(hint, "no_extend") != 0 && strcmp(hint, "will_extend") != 0) {
        return nserver__refuse(diag, "expected 'no_extend' for string value, got '%.256s'", hint);
    }
    if (opts->jetstream.max_outstanding_catchup < 0) {
        return nserver__refuse(diag, "jetstream max catchup cannot be negative");
    }
    return NB_OK;
}

int nserver__validate_jetstream(const struct nserver_options *opts, struct nb_diag *diag)
{
    int rc = NB_OK;

    for (size_t i = 0; i < opts->default_js_domain_count && rc == NB_OK; i++) {
        rc = check_default_domain(opts, &opts->default_js_domains[i], diag);
    }
    if (rc == NB_OK) {
        rc = check_domain(opts->jetstream.domain, diag);
    }
    if (rc == NB_OK && opts->jetstream.is_on && opts->cluster.port != 0) {
        rc = check_in_cluster(opts, diag);
    }
    return rc;
}
