/* check_sharing.h - may an account import this? (spec 03 sections 14.2, 14.5 and 14.7)
 *
 * Pure functions over the model of accounts, whether they come from a file or as JWTs.
 * Threads: [any], as long as nobody changes the accounts.
 * Errors:  the codes below, with the reference's text in diag.
 */
#pragma once

#include <natsd/account_options.h>
#include <natsd/buf.h>
#include <natsd/error.h>

enum {
    NSERVER__CYCLE_DEPTH_MAX = 1024,
};

// "sublist: invalid subject" unless the position names a wildcard of the subject.
NB_MUST_USE int nserver__check_export(const struct nserver_export *export, struct nb_diag *diag);
// Of a service with a latency subject: "invalid publish subject", "bad service response type".
NB_MUST_USE int nserver__check_latency(const struct nserver_export *export, struct nb_diag *diag);

// Is the activation token of `import` valid for `export`? Section 14.6.
typedef bool (*nserver__activation_fn)(void *ctx, const struct nserver_export *export,
                                       const struct nserver_import *import);
// The export that lets `importer` (a name) in, or NULL. Without `is_active` no token is valid.
const struct nserver_export *nserver__find_export(const struct nserver_account_options *exporter,
                                                  const char *importer,
                                                  const struct nserver_import *import,
                                                  nserver__activation_fn is_active, void *ctx);

// Appends what the import is called in the importing account. NB_ELIMIT when out is full.
NB_MUST_USE int nserver__import_local_subject(const struct nserver_import *import,
                                              struct nb_buf *out);
// Are the subjects of a service subjects? NB_EINVALID: "sublist: invalid subject". Comes before
// nserver__find_export(), as the others come after it.
NB_MUST_USE int nserver__check_import_text(const struct nserver_import *import,
                                           struct nb_diag *diag);
// Do the two subjects, and a prefix, go together? NB_EINVALID or NB_EMALFORMED: "failed to create
// mapping transform for stream import subject from ..." and the other reasons of section 14.2.
NB_MUST_USE int nserver__check_import_subjects(const struct nserver_import *import,
                                               struct nb_diag *diag);

// The accounts around an import.
struct nserver__sharing {
    // NULL: there is none of that name.
    const struct nserver_account_options *(*find)(void *ctx, const char *name);
    // Is this import in force? One that was refused leads nowhere.
    bool (*is_made)(void *ctx, const struct nserver_account_options *account, size_t import_index);
    void *ctx;
};
// May `importer` make this import, too? NB_EINVALID: "import forms a cycle"; NB_ELIMIT: "search
// cycle depth exhausted". Imports in force form none, so one that it forms leads back to it.
NB_MUST_USE int nserver__check_import_cycle(const struct nserver__sharing *sharing,
                                            const struct nserver_account_options *importer,
                                            const struct nserver_import *import,
                                            struct nb_diag *diag);
