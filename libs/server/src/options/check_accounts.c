/* check_accounts.c - do the exports and imports of a file fit together? (spec 02 section 4.7)
 *
 * They are made one after the other, as the reference does it: exports of streams, of services,
 * then imports of streams, of services. Nothing is made when the file has a fault already; all
 * faults stand at the accounts block.
 */
#include <natsd/memory.h>

#include "options/check_sharing.h"
#include "options/reading.h"

struct checked_account {
    const struct nserver_account_options *options;
    bool *is_made; // one for each import
};

struct checking {
    struct reading *r;
    struct nb_map accounts; // of struct checked_account
    struct checked_account *items;
};

static const struct nserver_account_options *find_account(void *ctx, const char *name)
{
    const struct checking *c = ctx;
    const struct checked_account *account = nb_map_find(&c->accounts, nb_slice_of(name));

    return account != NULL ? account->options : NULL;
}

static bool is_made(void *ctx, const struct nserver_account_options *account, size_t import_index)
{
    const struct checking *c = ctx;

    return c->items[account - c->r->opts->accounts].is_made[import_index];
}

/* What is said of an export or import. */

static const char *kind_of(bool is_service)
{
    return is_service ? "service" : "stream";
}

static void say_unknown_account(struct checking *c, const char *name, bool is_service,
                                const char *what)
{
    nserver__read_error(c->r, c->r->accounts_at, "%s account not defined for %s %s",
                        nserver__quoted(c->r, nb_slice_of(name)), kind_of(is_service), what);
}

static void say(struct checking *c, bool is_service, const char *what, const char *subject,
                const struct nb_diag *reason)
{
    nserver__read_error(c->r, c->r->accounts_at, "Error adding %s %s %s: %s", kind_of(is_service),
                        what, nserver__quoted(c->r, nb_slice_of(subject)), reason->text);
}

/* Exports. */

static bool check_export_accounts(struct checking *c, const struct nserver_export *export)
{
    bool are_known = true;

    for (size_t i = 0; i < export->account_count; i++) {
        if (find_account(c, export->accounts[i]) == NULL) {
            say_unknown_account(c, export->accounts[i], export->is_service, "export");
            are_known = false;
        }
    }
    return are_known;
}

static void check_latency(struct checking *c, const struct nserver_export *export)
{
    const char *subject = nserver__quoted(c->r, nb_slice_of(export->subject));
    struct nb_diag reason = {0};

    if (c->r->opts->no_system_account) {
        nserver__read_error(
            c->r, c->r->accounts_at,
            "Error adding service latency sampling for %s: system account not setup", subject);
    } else if (nserver__check_latency(export, &reason) != NB_OK) {
        nserver__read_error(c->r, c->r->accounts_at,
                            "Error adding service latency sampling for %s on subject %s: %s",
                            subject, nserver__quoted(c->r, nb_slice_of(export->latency_subject)),
                            reason.text);
    }
}

static void check_export(struct checking *c, const struct nserver_export *export)
{
    struct nb_diag reason = {0};

    if (!check_export_accounts(c, export)) {
        return;
    }
    if (nserver__check_export(export, &reason) != NB_OK) {
        say(c, export->is_service, "export", export->subject, &reason);
    } else if (export->latency_subject != NULL) {
        check_latency(c, export);
    }
}

static void check_exports(struct checking *c, bool is_service)
{
    const struct nserver_options *opts = c->r->opts;

    for (size_t i = 0; i < opts->account_count; i++) {
        for (size_t k = 0; k < opts->accounts[i].export_count; k++) {
            if (opts->accounts[i].exports[k].is_service == is_service) {
                check_export(c, &opts->accounts[i].exports[k]);
            }
        }
    }
}

/* Imports. */

// Two services under one subject were found before.
static bool exists(const struct checked_account *importer, const struct nserver_import *import)
{
    const struct nserver_import *imports = importer->options->imports;

    for (size_t i = 0; &imports[i] != import; i++) {
        if (importer->is_made[i] && !import->is_service && !imports[i].is_service &&
            strcmp(imports[i].account, import->account) == 0 &&
            strcmp(imports[i].subject, import->subject) == 0) {
            return true;
        }
    }
    return false;
}

static int authorize(const struct checked_account *importer, const struct nserver_import *import,
                     const struct nserver_account_options *exporter, struct nb_diag *reason)
{
    if (nserver__find_export(exporter, importer->options->name, import, NULL, NULL) == NULL) {
        nb_diag_set(reason, "%s import not authorized", kind_of(import->is_service));
        return NB_EINVALID;
    }
    return NB_OK;
}

static int try_import(struct checking *c, const struct checked_account *importer,
                      const struct nserver_import *import,
                      const struct nserver_account_options *exporter, struct nb_diag *reason)
{
    const struct nserver__sharing sharing = {find_account, is_made, c};
    int rc = nserver__check_import_text(import, reason);

    if (rc == NB_OK) {
        rc = authorize(importer, import, exporter, reason);
    }
    if (rc == NB_OK) {
        rc = nserver__check_import_cycle(&sharing, importer->options, import, reason);
    }
    if (rc == NB_OK) {
        rc = nserver__check_import_subjects(import, reason);
    }
    if (rc == NB_OK && exists(importer, import)) {
        nb_diag_set(reason, "stream import already exists");
        rc = NB_EEXISTS;
    }
    return rc;
}

static void check_import(struct checking *c, struct checked_account *importer, size_t index)
{
    const struct nserver_import *import = &importer->options->imports[index];
    const struct nserver_account_options *exporter = find_account(c, import->account);
    struct nb_diag reason = {0};

    if (exporter == NULL) {
        say_unknown_account(c, import->account, import->is_service, "import");
    } else if (try_import(c, importer, import, exporter, &reason) == NB_OK) {
        importer->is_made[index] = true;
    } else {
        say(c, import->is_service, "import", import->subject, &reason);
    }
}

static void check_imports(struct checking *c, bool is_service)
{
    for (size_t i = 0; i < c->r->opts->account_count; i++) {
        struct checked_account *importer = &c->items[i];

        for (size_t k = 0; k < importer->options->import_count; k++) {
            if (importer->options->imports[k].is_service == is_service) {
                check_import(c, importer, k);
            }
        }
    }
}

/* All of them. */

static void add_accounts(struct checking *c)
{
    const struct nserver_options *opts = c->r->opts;

    c->items = nb_calloc(opts->account_count, sizeof(*c->items));
    for (size_t i = 0; i < opts->account_count; i++) {
        const struct nserver_account_options *account = &opts->accounts[i];

        c->items[i].options = account;
        c->items[i].is_made = nb_calloc(account->import_count + 1, sizeof(bool));
        (void)nb_map_insert(&c->accounts, nb_slice_of(account->name), &c->items[i]); // no doubles
    }
}

static void remove_accounts(struct checking *c)
{
    for (size_t i = 0; i < c->r->opts->account_count; i++) {
        nb_free(c->items[i].is_made);
    }
    nb_free(c->items);
    nb_map_fini(&c->accounts);
}

void nserver__check_sharing(struct reading *r)
{
    struct checking checking = {.r = r};

    if (r->opts->account_count == 0 || nb_buf_slice(&r->report->errors).n > 0) {
        return;
    }
    add_accounts(&checking);
    check_exports(&checking, false);
    check_exports(&checking, true);
    check_imports(&checking, false);
    check_imports(&checking, true);
    remove_accounts(&checking);
}
