/* service_import.h - a service of another account that an account imports: requests to a local
 * subject go on to the exporter (spec 03 section 16).
 *
 * Each is an inner subscription of the importing account. Immutable, but for whether it is valid;
 * a change of the configuration makes a new one.
 *
 * Threads: [control] makes and ends it; requests pass in [any worker].
 */
#pragma once

#include <natsd/claims.h>
#include <natsd/slice.h>

#include <stdatomic.h>
#include <stdbool.h>

struct nnet_worker;
struct nserver_export;
struct nserver_import;
struct nserver__account;
struct nserver__inner_sub;
struct nsub_transform;

struct nserver__service_import {
    struct nserver__inner_sub *inner; // hears the requests
    struct nserver__account *importer;
    struct nserver__account *exporter;
    struct slice local;               // as configured; owned
    struct slice subject;             // the exporter's; owned
    struct nsub_transform *transform; // local to subject; NULL: it is `subject`, or stays
    bool keeps_subject;
    bool share;
    bool is_system; // one that every account has
    bool allow_trace;
    enum nauth_response_type response_type;
    int64_t threshold_ns;
    struct slice latency_subject; // owned; empty: not measured
    int latency_sampling;
    _Atomic bool is_valid; // its activation holds
};

// `export` is the exporter's that covers it, or NULL for one of the system account's. Begins to
// hear requests. NB_EMALFORMED with the reason.
NB_MUST_USE int nserver__service_import_begin(const struct nserver_import *options,
                                              const struct nserver_export *export,
                                              struct nserver__account *importer,
                                              struct nserver__account *exporter,
                                              struct nserver__service_import **out,
                                              struct nb_diag *diag);
void nserver__service_import_end(struct nserver__service_import *import, struct nnet_worker *net);
// At the end of the server: nothing passes any more.
void nserver__service_import_free(struct nserver__service_import *import);
// Would these options make the same?
bool nserver__service_import_is(const struct nserver__service_import *import,
                                const struct nserver_import *options,
                                const struct nserver_export *export,
                                const struct nserver__account *exporter);
