#include "resolver/directory_services.h"

#include <stdio.h>
#include <string.h>

#include <natsd/memory.h>

#include "accounts/claims.h"
#include "lifecycle/state.h"
#include "resolver/delete_request.h"
#include "resolver/directory.h"
#include "resolver/merge.h"
#include "resolver/update.h"

// A request on its way through the queue of the files.
struct errand {
    struct nserver__file_work work;
    struct nserver__claims_request *request; // owned
    const struct nserver__update_texts *texts;
    struct slice key;   // owned
    struct slice token; // owned
    struct slice *keys; // owned, and so are those in it
    size_t key_count;
    struct nserver__delete_request deletion;
    size_t failed; // of its keys: they come first
    struct nb_buf errors;
    struct merged {
        struct slice key, token; // owned
    } * merged;
    size_t merged_count;
    int rc;
    struct nb_diag diag;
};

enum {
    ERRORS_MAX_BYTES = 16 * 1024 * 1024,
};

static struct errand *errand_of(struct nserver__file_work *work)
{
    return nb_container_of(work, struct errand, work);
}

static void free_errand(struct errand *errand)
{
    for (size_t i = 0; i < errand->key_count; i++) {
        nb_slice_free(&errand->keys[i]);
    }
    for (size_t i = 0; i < errand->merged_count; i++) {
        nb_slice_free(&errand->merged[i].key);
        nb_slice_free(&errand->merged[i].token);
    }
    nb_free(errand->keys);
    nb_free(errand->merged);
    nserver__delete_request_fini(&errand->deletion);
    nb_buf_fini(&errand->errors);
    nb_slice_free(&errand->key);
    nb_slice_free(&errand->token);
    nserver__claims_request_free(errand->request);
    nb_free(errand);
}

static struct errand *create_errand(struct nserver__claims_request *request,
                                    void (*work)(struct nserver__file_work *,
                                                 struct nserver__store *),
                                    void (*done)(struct nserver__file_work *, int))
{
    struct errand *errand = nb_zalloc(sizeof(*errand));

    errand->request = request;
    errand->work.work = work;
    errand->work.done = done;
    nb_buf_init(&errand->errors, ERRORS_MAX_BYTES);
    return errand;
}

static void send(struct nserver__resolver *resolver, struct errand *errand)
{
    nserver__directory_add(nserver__directory_of(resolver), &errand->work);
}

/* CLAIMS.UPDATE. */

static const struct nserver__update_texts full_texts = {
    .updated = "jwt updated",
    .failed = "jwt update resulted in error",
    .invalid = "jwt validation failed",
    .names_no_account_unread = true,
};

static const struct nserver__update_texts cache_texts = {
    .updated = "jwt updated cache",
    .skipped = "jwt update cache skipped",
    .failed = "jwt update cache resulted in error",
    .invalid = "jwt update cache validation failed",
};

static void save(struct nserver__file_work *work, struct nserver__store *store)
{
    struct errand *errand = errand_of(work);
    bool has_changed;

    errand->rc = nserver__store_save(store, errand->key, errand->request->body, nb_wall_now(),
                                     &has_changed, &errand->diag);
}

static void on_imports_loaded(void *ctx, struct nserver__account *account NB_UNUSED,
                              const char *why NB_UNUSED)
{
    struct errand *errand = ctx;

    if (errand->request->server->resolver != NULL) { // or the server ends
        nserver__claims_answer(errand->request, errand->key, errand->texts->updated);
    }
    free_errand(errand);
}

// The same text again is applied as well: it revives an account that was deleted.
static void on_saved(struct nserver__file_work *work, int rc)
{
    struct errand *errand = errand_of(work);
    const struct nserver__claims_request *request = errand->request;

    if (rc == NB_OK && errand->rc == NB_OK) {
        nserver__resolver_apply(request->server, errand->key, request->body, on_imports_loaded,
                                errand);
        return;
    }
    if (rc == NB_OK) {
        nserver__claims_refuse(request, errand->key, errand->texts->failed,
                               nb_slice_of(errand->diag.text));
    }
    free_errand(errand);
}

static void update(struct nserver__resolver *resolver, struct nserver__claims_request *request,
                   const struct nserver__update_texts *texts)
{
    struct slice key = {0};
    struct errand *errand;

    if (!nserver__update_judge(request, texts, &key)) {
        nserver__claims_request_free(request);
        return;
    }
    if (texts->skipped != NULL && nserver__claims_account(request->server, key) == NULL) {
        nserver__claims_answer(request, key, texts->skipped);
        nserver__claims_request_free(request);
        nb_slice_free(&key);
        return;
    }
    errand = create_errand(request, save, on_saved);
    errand->texts = texts;
    errand->key = key;
    send(resolver, errand);
}

static void serve_full_update(struct nserver__resolver *resolver,
                              struct nserver__claims_request *request)
{
    update(resolver, request, &full_texts);
}

static void serve_cache_update(struct nserver__resolver *resolver,
                               struct nserver__claims_request *request)
{
    update(resolver, request, &cache_texts);
}

/* CLAIMS.LOOKUP. */

static void look_up(struct nserver__file_work *work, struct nserver__store *store)
{
    struct errand *errand = errand_of(work);

    errand->rc = nserver__store_load(store, errand->key, nb_wall_now(), &errand->token, NULL);
}

// Nothing is an answer, too: whoever asks counts them.
static void on_looked_up(struct nserver__file_work *work, int rc)
{
    struct errand *errand = errand_of(work);

    if (rc == NB_OK) {
        nserver__claims_answer_raw(errand->request, errand->token);
    }
    free_errand(errand);
}

static void serve_lookup(struct nserver__resolver *resolver,
                         struct nserver__claims_request *request)
{
    struct errand *errand = create_errand(request, look_up, on_looked_up);

    errand->key = nb_slice_dup(nserver__claims_request_account(request));
    send(resolver, errand);
}

/* CLAIMS.LIST. */

static void list(struct nserver__file_work *work, struct nserver__store *store)
{
    struct errand *errand = errand_of(work);

    errand->key_count = nserver__store_keys(store, &errand->keys);
    for (size_t i = 0; i < errand->key_count; i++) {
        errand->keys[i] = nb_slice_dup(errand->keys[i]);
    }
}

static void on_listed(struct nserver__file_work *work, int rc)
{
    struct errand *errand = errand_of(work);

    if (rc == NB_OK) {
        nserver__claims_answer_list(errand->request, errand->keys, errand->key_count);
    }
    free_errand(errand);
}

static void serve_list(struct nserver__resolver *resolver, struct nserver__claims_request *request)
{
    send(resolver, create_errand(request, list, on_listed));
}

/* CLAIMS.DELETE. */

// Keys that could not be deleted are moved to the front.
static void delete_all(struct nserver__file_work *work, struct nserver__store *store)
{
    struct errand *errand = errand_of(work);
    struct nserver__delete_request *deletion = &errand->deletion;

    for (size_t i = 0; i < deletion->count; i++) {
        struct nb_diag diag = {0};
        struct slice key = deletion->keys[i];

        if (nserver__store_delete(store, key, &diag) == NB_OK) {
            continue;
        }
        deletion->keys[i] = deletion->keys[errand->failed];
        deletion->keys[errand->failed++] = key;
        nb_buf_must_format(&errand->errors, "%s%s", errand->failed > 1 ? "\n" : "", diag.text);
    }
}

static void answer_deleted(const struct errand *errand)
{
    size_t deleted = errand->deletion.count - errand->failed;
    char message[128];

    if (errand->failed == 0) {
        snprintf(message, sizeof(message), "deleted %zu accounts", deleted);
        nserver__claims_answer(errand->request, (struct slice){0}, message);
    } else {
        snprintf(message, sizeof(message), "deleted %zu accounts, failed for %zu", deleted,
                 errand->failed);
        nserver__claims_refuse(errand->request, (struct slice){0}, message,
                               nb_buf_slice(&errand->errors));
    }
}

static void on_deleted(struct nserver__file_work *work, int rc)
{
    struct errand *errand = errand_of(work);
    struct nserver *server = errand->request->server;

    for (size_t i = errand->failed; rc == NB_OK && i < errand->deletion.count; i++) {
        struct nserver__account *account =
            nserver__claims_account(server, errand->deletion.keys[i]);

        if (account != NULL) {
            nserver__claims_expire(server, account);
        }
    }
    if (rc == NB_OK) {
        answer_deleted(errand);
    }
    free_errand(errand);
}

static int read_deletion(const struct nserver__directory *directory, struct errand *errand,
                         struct nb_diag *diag)
{
    struct nserver *server = errand->request->server;
    int rc = nserver__delete_request_read(errand->request->body, nserver__config(server)->operators,
                                          server->system_account->name, &errand->deletion, diag);

    if (!directory->may_delete && errand->deletion.subject.n > 0) {
        nb_diag_set(diag, "delete must be enabled in server config");
        return NB_EINVALID;
    }
    return rc;
}

static void serve_delete(struct nserver__resolver *resolver,
                         struct nserver__claims_request *request)
{
    struct errand *errand = create_errand(request, delete_all, on_deleted);
    struct nb_diag diag = {0};
    char message[128];

    if (read_deletion(nserver__directory_of(resolver), errand, &diag) == NB_OK) {
        send(resolver, errand);
        return;
    }
    snprintf(message, sizeof(message), "delete accounts request by %.*s failed",
             NB_SLICE_ARGS(nb_slice_sub(errand->deletion.subject, 0, 64)));
    nserver__claims_refuse(request, (struct slice){0}, message, nb_slice_of(diag.text));
    free_errand(errand);
}

/* CLAIMS.PACK: what another server may lack. */

static void send_entry(void *ctx, struct slice key, struct slice token)
{
    const struct errand *errand = ctx;
    struct nb_buf entry;

    nb_buf_init(&entry, key.n + 1 + token.n);
    nb_buf_must(&entry, key);
    nb_buf_must_text(&entry, "|");
    nb_buf_must(&entry, token);
    nserver__claims_answer_raw(errand->request, nb_buf_slice(&entry));
    nb_buf_fini(&entry);
}

// From the pool: the messages of one thread stay in their order, and the empty one is the last.
static void pack(struct nserver__file_work *work, struct nserver__store *store)
{
    struct errand *errand = errand_of(work);
    struct slice own = nb_slice_make(nserver__store_hash(store), NSERVER__STORE_HASH_BYTES);

    if (!nb_slice_equal(own, errand->request->body)) {
        nserver__store_each(store, nb_wall_now(), send_entry, errand);
    }
    nserver__claims_answer_raw(errand->request, (struct slice){0});
}

static void on_packed(struct nserver__file_work *work, int rc NB_UNUSED)
{
    free_errand(errand_of(work));
}

static void serve_pack(struct nserver__resolver *resolver, struct nserver__claims_request *request)
{
    send(resolver, create_errand(request, pack, on_packed));
}

/* Answers to this server's own questions. */

static void note_merged(struct errand *errand, const struct nserver__pack_entry *entry)
{
    errand->merged =
        nb_realloc(errand->merged, (errand->merged_count + 1) * sizeof(*errand->merged));
    errand->merged[errand->merged_count++] =
        (struct merged){nb_slice_dup(entry->key), nb_slice_dup(entry->token)};
}

static void merge(struct nserver__file_work *work, struct nserver__store *store)
{
    struct errand *errand = errand_of(work);
    struct slice rest = errand->request->body;
    struct nserver__pack_entry entry;
    int rc;

    while (nserver__pack_take(&rest, &entry, &rc, &errand->diag)) {
        bool has_changed = false;

        if (rc == NB_OK) {
            rc = nserver__store_merge(store, entry.key, entry.token, nb_wall_now(), &has_changed,
                                      &errand->diag);
        }
        if (rc == NB_OK && has_changed) {
            note_merged(errand, &entry);
        }
        errand->rc = rc != NB_OK ? rc : errand->rc;
    }
}

static void on_merged(struct nserver__file_work *work, int rc)
{
    struct errand *errand = errand_of(work);
    struct nserver *server = errand->request->server;

    for (size_t i = 0; rc == NB_OK && i < errand->merged_count; i++) {
        nserver__resolver_apply(server, errand->merged[i].key, errand->merged[i].token, NULL, NULL);
    }
    if (rc == NB_OK && errand->rc != NB_OK) {
        nb_log_error(server->log, "Merging account JWTs of another server resulted in error: %s",
                     errand->diag.text);
    }
    free_errand(errand);
}

static void serve_answer(struct nserver__resolver *resolver,
                         struct nserver__claims_request *request)
{
    uint64_t number = nserver__claims_request_number(request);

    if (number == NSERVER__DIRECTORY_PACK_NUMBER && request->body.n > 0) {
        send(resolver, create_errand(request, merge, on_merged));
        return;
    }
    nserver__lookup_take(&nserver__directory_of(resolver)->lookups, number, request->body);
    nserver__claims_request_free(request);
}

/* Under which subjects. */

const struct nserver__claims_service nserver__full_services[NSERVER__FULL_SERVICE_COUNT] = {
    {.subject = "$SYS.REQ.ACCOUNT.*.CLAIMS.UPDATE", .serve = serve_full_update},
    {.subject = "$SYS.ACCOUNT.*.CLAIMS.UPDATE", .serve = serve_full_update},
    {.subject = "$SYS.REQ.CLAIMS.UPDATE", .serve = serve_full_update},
    {.subject = "$SYS.REQ.ACCOUNT.*.CLAIMS.LOOKUP", .ignores_own = true, .serve = serve_lookup},
    {.subject = "$SYS.REQ.CLAIMS.LIST", .serve = serve_list},
    {.subject = "$SYS.REQ.CLAIMS.DELETE", .serve = serve_delete},
    {.subject = "$SYS.REQ.CLAIMS.PACK",
     .queue = "responder",
     .ignores_own = true,
     .serve = serve_pack},
    {.serve = serve_answer},
};

const struct nserver__claims_service nserver__cache_services[NSERVER__CACHE_SERVICE_COUNT] = {
    {.subject = "$SYS.REQ.ACCOUNT.*.CLAIMS.UPDATE", .serve = serve_cache_update},
    {.subject = "$SYS.ACCOUNT.*.CLAIMS.UPDATE", .serve = serve_cache_update},
    {.subject = "$SYS.REQ.CLAIMS.UPDATE", .serve = serve_cache_update},
    {.subject = "$SYS.REQ.CLAIMS.LIST", .serve = serve_list},
    {.subject = "$SYS.REQ.CLAIMS.DELETE", .serve = serve_delete},
    {.serve = serve_answer},
};
