#include "options/check_sharing.h"

#include <string.h>

#include <natsd/memory.h>
#include <natsd/quote.h>
#include <natsd/subject.h>
#include <natsd/transform.h>

enum {
    SUBJECT_MAX_BYTES = 64 * 1024,
    QUOTED_MAX_BYTES = 1024, // what a diag could hold
};

/* Exports. */

static struct slice token_at(struct slice subject, uint32_t position)
{
    struct slice token = {0};
    uint32_t i = 0;

    while (i < position && nsub_subject_take_token(&subject, &token)) {
        i++;
    }
    return i == position ? token : (struct slice){0};
}

int nserver__check_export(const struct nserver_export *export, struct nb_diag *diag)
{
    uint32_t position = export->account_token_position;

    if (position > 0 && !nb_slice_is(token_at(nb_slice_of(export->subject), position), "*")) {
        nb_diag_set(diag, "sublist: invalid subject");
        return NB_EINVALID;
    }
    return NB_OK;
}

int nserver__check_latency(const struct nserver_export *export, struct nb_diag *diag)
{
    if (!nsub_subject_is_valid_publish(nb_slice_of(export->latency_subject))) {
        nb_diag_set(diag, "invalid publish subject");
        return NB_EINVALID;
    }
    if (export->response_type != NAUTH_RESPONSE_SINGLETON) {
        nb_diag_set(diag, "bad service response type");
        return NB_EINVALID;
    }
    return NB_OK;
}

/* Who may import. */

struct import_question {
    const char *importer;
    const struct nserver_import *import;
    nserver__activation_fn is_active;
    void *ctx;
};

static bool is_listed(const struct nserver_export *export, const char *account)
{
    for (size_t i = 0; i < export->account_count; i++) {
        if (strcmp(export->accounts[i], account) == 0) {
            return true;
        }
    }
    return false;
}

// Several exports of one subject and kind are one: what restricts any of them restricts all.
struct merged_export {
    const struct nserver_export *positioned; // the last with a position
    const struct nserver_export *with_token;
    bool is_restricted;
    bool is_listed; // the importer is, in one of them
};

static struct merged_export merge(const struct nserver_account_options *exporter,
                                  const struct nserver_export *one, const char *importer)
{
    struct merged_export merged = {0};

    for (size_t i = 0; i < exporter->export_count; i++) {
        const struct nserver_export *export = &exporter->exports[i];

        if (export->is_service != one->is_service || strcmp(export->subject, one->subject) != 0) {
            continue;
        }
        merged.positioned = export->account_token_position > 0 ? export : merged.positioned;
        merged.with_token = export->token_required ? export : merged.with_token;
        merged.is_restricted |= export->is_restricted;
        merged.is_listed |= is_listed(export, importer);
    }
    return merged;
}

static bool lets_in(const struct nserver_account_options *exporter,
                    const struct nserver_export *export, const struct import_question *question)
{
    const struct merged_export merged = merge(exporter, export, question->importer);
    struct slice subject = nb_slice_of(question->import->subject);

    if (merged.positioned != NULL) {
        return nb_slice_is(token_at(subject, merged.positioned->account_token_position),
                           question->importer);
    }
    if (merged.with_token != NULL) {
        return question->is_active != NULL &&
               question->is_active(question->ctx, merged.with_token, question->import);
    }
    return !merged.is_restricted || merged.is_listed;
}

// One with exactly this subject decides alone.
static const struct nserver_export *find_exact(const struct nserver_account_options *exporter,
                                               const struct nserver_import *import)
{
    for (size_t i = 0; i < exporter->export_count; i++) {
        const struct nserver_export *export = &exporter->exports[i];

        if (export->is_service == import->is_service &&
            strcmp(export->subject, import->subject) == 0) {
            return export;
        }
    }
    return NULL;
}

const struct nserver_export *nserver__find_export(const struct nserver_account_options *exporter,
                                                  const char *importer,
                                                  const struct nserver_import *import,
                                                  nserver__activation_fn is_active, void *ctx)
{
    const struct import_question question = {importer, import, is_active, ctx};
    const struct nserver_export *exact = find_exact(exporter, import);
    struct slice subject = nb_slice_of(import->subject);

    if (!nsub_subject_is_valid(subject)) {
        return NULL;
    }
    if (exact != NULL) {
        return lets_in(exporter, exact, &question) ? exact : NULL;
    }
    for (size_t i = 0; i < exporter->export_count; i++) {
        const struct nserver_export *export = &exporter->exports[i];

        if (export->is_service == import->is_service &&
            nsub_subject_is_subset(subject, nb_slice_of(export->subject)) &&
            lets_in(exporter, export, &question)) {
            return export;
        }
    }
    return NULL;
}

/* Local subjects. */

int nserver__import_local_subject(const struct nserver_import *import, struct nb_buf *out)
{
    struct slice prefix = nb_slice_of(import->prefix);
    int rc = NB_OK;

    if (import->to != NULL) {
        return nb_buf_append(out, nb_slice_of(import->to));
    }
    if (prefix.n > 0) {
        rc = nb_buf_append(out, prefix);
        if (rc == NB_OK && prefix.p[prefix.n - 1] != '.') {
            rc = nb_buf_append(out, NB_SLICE("."));
        }
    }
    return rc == NB_OK ? nb_buf_append(out, nb_slice_of(import->subject)) : rc;
}

/* Subjects that go together. */

// Both subjects are named, in the direction in which messages go.
static void say_transform(const struct nserver_import *import, const struct nb_diag *reason,
                          struct nb_diag *diag)
{
    struct nb_buf texts[2];

    for (size_t i = 0; i < NB_ARRAY_LEN(texts); i++) {
        bool is_local = (i == 0) == import->is_service;

        nb_buf_init(&texts[i], QUOTED_MAX_BYTES);
        if (nb_quote(nb_slice_of(is_local ? import->to : import->subject), &texts[i]) != NB_OK) {
            nb_buf_clear(&texts[i]);
        }
    }
    nb_diag_set(diag,
                "failed to create mapping transform for %s import subject from %.*s to %.*s: %s",
                import->is_service ? "service" : "stream", NB_SLICE_ARGS(nb_buf_slice(&texts[0])),
                NB_SLICE_ARGS(nb_buf_slice(&texts[1])), reason->text);
    nb_buf_fini(&texts[0]);
    nb_buf_fini(&texts[1]);
}

// The wildcards of the local subject are numbered, unless references name them.
static int try_transform(const struct nserver_import *import, struct nb_diag *reason)
{
    struct slice to = nb_slice_of(import->to);
    struct nsub_transform *transform = NULL;
    uint8_t *numbered = nb_alloc(SUBJECT_MAX_BYTES);
    size_t size = 0;
    int rc = nsub_transform_number_wildcards(to, numbered, SUBJECT_MAX_BYTES, &size);

    if (rc == NB_OK) {
        rc = nsub_transform_create(nb_slice_of(import->subject), nb_slice_make(numbered, size),
                                   NSUB_TRANSFORM_STRICT, &transform, reason);
    } else {
        nb_diag_set(reason, "invalid subject");
    }
    nsub_transform_destroy(&transform);
    nb_free(numbered);
    return rc;
}

static int check_transform(const struct nserver_import *import, struct nb_diag *diag)
{
    struct nb_diag reason = {0};
    int rc;

    if (import->to == NULL || strcmp(import->to, import->subject) == 0 ||
        !nsub_subject_has_wildcard(nb_slice_of(import->subject))) {
        return NB_OK;
    }
    rc = try_transform(import, &reason);
    if (rc != NB_OK) {
        say_transform(import, &reason, diag);
    }
    return rc;
}

int nserver__check_import_text(const struct nserver_import *import, struct nb_diag *diag)
{
    struct slice subject = nb_slice_of(import->subject);
    struct slice to = import->to != NULL ? nb_slice_of(import->to) : subject;

    if (import->is_service && (!nsub_subject_is_valid(subject) || !nsub_subject_is_valid(to))) {
        nb_diag_set(diag, "sublist: invalid subject");
        return NB_EINVALID;
    }
    return NB_OK;
}

int nserver__check_import_subjects(const struct nserver_import *import, struct nb_diag *diag)
{
    if (!import->is_service && import->prefix != NULL &&
        nsub_subject_has_wildcard(nb_slice_of(import->prefix))) {
        nb_diag_set(diag, "stream import prefix can not contain wildcard tokens");
        return NB_EINVALID;
    }
    return check_transform(import, diag);
}
