/* stream_import.h - a stream that an account imports: messages of another account, under a subject
 * of its own (spec 03 section 15).
 *
 * Threads: immutable, shared by reference count: [any].
 */
#pragma once

#include <natsd/buf.h>
#include <natsd/transform.h>

#include <stdatomic.h>
#include <stdbool.h>

struct nserver__account;
struct nserver_import;

struct nserver__stream_import {
    _Atomic unsigned references;
    struct nserver__account *exporter;
    struct slice from;               // the exporter's subject; owned
    struct slice local;              // as a pattern; owned
    struct nsub_transform *forward;  // from to local; NULL: the subject stays
    struct nsub_transform *backward; // local to from; NULL with the other
    bool allow_trace;
};

// NB_EMALFORMED with the reason of section 14.2.
NB_MUST_USE int nserver__stream_import_create(const struct nserver_import *options,
                                              struct nserver__account *exporter,
                                              struct nserver__stream_import **out,
                                              struct nb_diag *diag);
struct nserver__stream_import *nserver__stream_import_ref(struct nserver__stream_import *import);
void nserver__stream_import_unref(struct nserver__stream_import *import);
bool nserver__stream_import_equal(const struct nserver__stream_import *a,
                                  const struct nserver__stream_import *b);

// What a subscription to `subject` in the importing account has to hear in the exporter's: appended
// to `out`. False: nothing.
bool nserver__stream_import_shadow(const struct nserver__stream_import *import,
                                   struct slice subject, struct nb_buf *out);
