/* check_cycle.c - do imports lead back to where they began? (spec 03 section 14.7)
 *
 * A walk in breadth, from the exporter, over (account, subject) pairs, each once: its cost is
 * bounded though accounts may be joined in many ways. Imports that are in force form no cycle, so
 * a new one only forms one when the walk comes to its importer. The reference also takes it for a
 * cycle when two ways lead to one account that imports more; natsd doesn't.
 */
#include <assert.h>
#include <string.h>

#include <natsd/arena.h>
#include <natsd/map.h>
#include <natsd/memory.h>
#include <natsd/subject.h>

#include "options/check_sharing.h"

enum {
    MEMORY_MAX_BYTES = 64 * 1024 * 1024,
    SUBJECT_MAX_BYTES = 64 * 1024,
};

struct place {
    struct place *next; // to be looked at after this one
    const struct nserver_account_options *account;
    struct slice subject;
    unsigned depth;
};

struct walk {
    const struct nserver__sharing *sharing;
    const struct nserver_account_options *importer;
    bool is_service;
    struct nb_arena arena; // places and the keys of `seen`
    struct nb_map seen;
    struct place *last;
};

static int set_limit(struct nb_diag *diag)
{
    nb_diag_set(diag, "search cycle depth exhausted");
    return NB_ELIMIT;
}

// Adds a place that was not there before.
static int visit(struct walk *walk, const struct nserver_account_options *account,
                 struct slice subject, unsigned depth, struct nb_diag *diag)
{
    struct slice name = nb_slice_of(account->name);
    uint8_t *key = nb_arena_alloc(&walk->arena, name.n + 1 + subject.n);
    struct place *place = nb_arena_alloc(&walk->arena, sizeof(*place));

    if (key == NULL || place == NULL || depth > NSERVER__CYCLE_DEPTH_MAX) {
        return set_limit(diag);
    }
    memcpy(key, name.p, name.n); // a NUL comes next
    memcpy(key + name.n + 1, subject.p, subject.n);
    *place = (struct place){
        .account = account,
        .subject = nb_slice_make(key + name.n + 1, subject.n),
        .depth = depth,
    };
    if (nb_map_insert(&walk->seen, nb_slice_make(key, name.n + 1 + subject.n), place)) {
        walk->last->next = place;
        walk->last = place;
    }
    return NB_OK;
}

/* One step. */

// Where an import leads from `subject`, or a NULL slice: elsewhere. Services are followed by the
// subject of their exporter, streams by the local one.
static struct slice follow(const struct walk *walk, const struct nserver_import *import,
                           struct slice subject, struct nb_buf *local)
{
    struct slice exported = nb_slice_of(import->subject);
    struct slice narrow;

    nb_buf_clear(local);
    if (nserver__import_local_subject(import, local) != NB_OK ||
        !nsub_subject_collides(subject, walk->is_service ? exported : nb_buf_slice(local))) {
        return (struct slice){0};
    }
    narrow = walk->is_service ? nb_buf_slice(local) : exported;
    return nsub_subject_is_subset(narrow, subject) ? narrow : subject;
}

static bool exports_stream(const struct nserver_account_options *account, struct slice subject)
{
    for (size_t i = 0; i < account->export_count; i++) {
        const struct nserver_export *export = &account->exports[i];

        if (!export->is_service && nsub_subject_collides(subject, nb_slice_of(export->subject))) {
            return true;
        }
    }
    return false;
}

static int step(struct walk *walk, const struct place *place, size_t index, struct nb_buf *local,
                struct nb_diag *diag)
{
    const struct nserver__sharing *sharing = walk->sharing;
    const struct nserver_import *import = &place->account->imports[index];
    const struct nserver_account_options *exporter;
    struct slice subject;

    if (import->is_service != walk->is_service ||
        strcmp(import->account, place->account->name) == 0 || // leads nowhere else
        !sharing->is_made(sharing->ctx, place->account, index)) {
        return NB_OK;
    }
    subject = follow(walk, import, place->subject, local);
    exporter = subject.n > 0 ? sharing->find(sharing->ctx, import->account) : NULL;
    if (exporter == NULL) {
        return NB_OK;
    }
    if (exporter == walk->importer) {
        nb_diag_set(diag, "import forms a cycle");
        return NB_EINVALID;
    }
    return visit(walk, exporter, subject, place->depth + 1, diag);
}

static int walk_on(struct walk *walk, const struct place *first, struct nb_diag *diag)
{
    struct nb_buf local;
    int rc = NB_OK;

    nb_buf_init(&local, SUBJECT_MAX_BYTES);
    for (const struct place *place = first->next; rc == NB_OK && place != NULL;
         place = place->next) {
        size_t count = place->account->import_count;

        if (!walk->is_service && !exports_stream(place->account, place->subject)) {
            continue;
        }
        for (size_t i = 0; rc == NB_OK && i < count; i++) {
            rc = step(walk, place, i, &local, diag);
        }
    }
    nb_buf_fini(&local);
    return rc;
}

static int walk_from(const struct nserver__sharing *sharing,
                     const struct nserver_account_options *importer,
                     const struct nserver_import *import, struct slice subject,
                     struct nb_diag *diag)
{
    const struct nserver_account_options *exporter = sharing->find(sharing->ctx, import->account);
    struct place first = {0};
    struct walk walk = {
        .sharing = sharing,
        .importer = importer,
        .is_service = import->is_service,
        .last = &first,
    };
    int rc;

    assert(exporter != NULL); // who asks has found it
    nb_arena_init(&walk.arena, MEMORY_MAX_BYTES);
    rc = visit(&walk, exporter, subject, 1, diag);
    if (rc == NB_OK) {
        rc = walk_on(&walk, &first, diag);
    }
    nb_map_fini(&walk.seen);
    nb_arena_fini(&walk.arena);
    return rc;
}

int nserver__check_import_cycle(const struct nserver__sharing *sharing,
                                const struct nserver_account_options *importer,
                                const struct nserver_import *import, struct nb_diag *diag)
{
    struct nb_buf local;
    int rc;

    if (strcmp(import->account, importer->name) == 0) {
        return NB_OK;
    }
    nb_buf_init(&local, SUBJECT_MAX_BYTES);
    rc = nserver__import_local_subject(import, &local);
    if (rc == NB_OK) {
        rc = walk_from(sharing, importer, import, nb_buf_slice(&local), diag);
    } else {
        nb_diag_set(diag, "sublist: invalid subject");
    }
    nb_buf_fini(&local);
    if (rc == NB_OK && !import->is_service) {
        rc = walk_from(sharing, importer, import, nb_slice_of(import->subject), diag);
    }
    return rc;
}
