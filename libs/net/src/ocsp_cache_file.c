#include "ocsp_cache.h"

#include "ocsp_message.h"
#include "s2_stream.h"
#include "whole_file.h"

#include <natsd/clock.h>
#include <natsd/json_reader.h>
#include <natsd/json_writer.h>

#include <assert.h>
#include <limits.h>
#include <openssl/base64.h>
#include <stdio.h>

/* {"<fingerprint>": {"subject", "cached_at", "resp_status", "resp_expires", "resp"}}: resp is the
 * response as a base64 of an S2 stream.
 */

#define FILE_NAME "cache.json"
#define TEMPORARY_PREFIX "ocsprc-"

enum {
    STREAM_MAX_BYTES = 2 * NNET_OCSP_RESPONSE_MAX_BYTES,
    ESCAPED_BYTES_MAX = 6,    // of one byte in a string
    ENTRY_FRAME_BYTES = 1024, // names of members, times
};

static_assert(NNET_OCSP_CACHE_ENTRIES_MAX *
                      (size_t)(STREAM_MAX_BYTES + ENTRY_FRAME_BYTES +
                               NNET__OCSP_SUBJECT_MAX_BYTES * ESCAPED_BYTES_MAX) <
                  NNET_OCSP_CACHE_FILE_MAX_BYTES,
              "what is written can be read");

// Reading.

static bool decode_response(struct slice text, struct slice *out)
{
    uint8_t *stream;
    size_t n;
    struct nb_buf plain;
    bool is_good;

    if (text.n > STREAM_MAX_BYTES) {
        return false;
    }
    stream = nb_alloc(text.n + 1);
    nb_buf_init(&plain, NNET_OCSP_RESPONSE_MAX_BYTES);
    is_good = EVP_DecodeBase64(stream, &n, text.n, text.p, text.n) == 1 &&
              nnet__s2_read(nb_slice_make(stream, n), &plain) == NB_OK;
    if (is_good) {
        *out = nb_buf_take(&plain);
    }
    nb_buf_fini(&plain);
    nb_free(stream);
    return is_good;
}

static bool read_status(struct slice text, enum nnet_ocsp_status *out)
{
    static const enum nnet_ocsp_status all[] = {NNET_OCSP_GOOD, NNET_OCSP_REVOKED,
                                                NNET_OCSP_UNKNOWN};

    for (size_t i = 0; i < NB_ARRAY_LEN(all); i++) {
        if (nb_slice_is(text, nnet_ocsp_status_text(all[i]))) {
            *out = all[i];
            return true;
        }
    }
    return false;
}

// "2026-01-02T03:04:05Z", with or without a fraction, which is dropped; 0 for anything else.
static int64_t read_date(struct slice text)
{
    static const uint8_t kept[] = {0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18};
    uint8_t compact[sizeof(kept) + 1];
    int64_t seconds;

    if (text.n < sizeof("2026-01-02T03:04:05Z") - 1 || !nb_slice_ends(text, "Z")) {
        return 0;
    }
    for (size_t i = 0; i < sizeof(kept); i++) {
        compact[i] = text.p[kept[i]];
    }
    compact[sizeof(kept)] = 'Z';
    return nnet__ocsp_read_time(nb_slice_make(compact, sizeof(compact)), &seconds) ? seconds : 0;
}

static struct slice text_of(const struct nb_json_value *object, const char *key)
{
    const struct nb_json_value *value = nb_json_get(object, key);

    return value != NULL && value->type == NB_JSON_STRING ? value->text : nb_slice_make(NULL, 0);
}

// NULL for what makes no sense.
static struct nnet__ocsp_entry *read_entry(const struct nb_json_value *item)
{
    struct slice subject = text_of(item, "subject");
    enum nnet_ocsp_status status;
    struct slice response;
    struct nnet__ocsp_entry *entry;

    if (item->key.n != NNET__OCSP_FINGERPRINT_BYTES || subject.n > NNET__OCSP_SUBJECT_MAX_BYTES ||
        !read_status(text_of(item, "resp_status"), &status) ||
        !decode_response(text_of(item, "resp"), &response)) {
        return NULL;
    }
    entry = nb_zalloc(sizeof(*entry));
    memcpy(entry->fingerprint, item->key.p, NNET__OCSP_FINGERPRINT_BYTES);
    entry->subject = nb_slice_dup(subject);
    entry->response = response;
    entry->status = status;
    entry->cached_at_s = read_date(text_of(item, "cached_at"));
    entry->expires_s = read_date(text_of(item, "resp_expires"));
    return entry;
}

static void add_entry(struct nnet_ocsp_cache *cache, struct nnet__ocsp_entry *entry)
{
    struct slice key = nb_slice_make(entry->fingerprint, sizeof(entry->fingerprint));

    nb_mutex_lock(&cache->lock);
    if (nb_map_find(&cache->entries, key) == NULL &&
        nb_map_count(&cache->entries) < NNET_OCSP_CACHE_ENTRIES_MAX) {
        nnet__ocsp_cache_insert(cache, entry);
        entry = NULL;
    }
    nb_mutex_unlock(&cache->lock);
    if (entry != NULL) {
        nnet__ocsp_entry_free(entry);
    }
}

static void add_entries(struct nnet_ocsp_cache *cache, const struct nb_json_value *root)
{
    const struct nb_json_value *item = root->type == NB_JSON_OBJECT ? root->first : NULL;

    for (; item != NULL; item = item->next) {
        struct nnet__ocsp_entry *entry = read_entry(item);

        if (entry != NULL) {
            add_entry(cache, entry);
        }
    }
    nb_mutex_lock(&cache->lock);
    cache->saved = cache->changes;
    nb_mutex_unlock(&cache->lock);
}

int nnet_ocsp_cache_load(struct nnet_ocsp_cache *cache, struct nb_diag *diag)
{
    struct nb_json_doc doc = {.root = NULL};
    char path[PATH_MAX];
    struct nb_buf text;
    int n;
    int rc;

    if (cache->dir == NULL) {
        return NB_ENOTFOUND;
    }
    n = snprintf(path, sizeof(path), "%s/" FILE_NAME, cache->dir);
    if (n < 0 || (size_t)n >= sizeof(path)) {
        nb_diag_set(diag, "open %s: file name too long", cache->dir);
        return NB_ELIMIT;
    }
    nb_buf_init(&text, NNET_OCSP_CACHE_FILE_MAX_BYTES);
    rc = nnet__file_read(path, &text, diag);
    if (rc == NB_OK) {
        rc = nb_json_parse(nb_buf_slice(&text), 2 * (size_t)NNET_OCSP_CACHE_FILE_MAX_BYTES, &doc,
                           diag);
    }
    if (rc == NB_OK) {
        add_entries(cache, doc.root);
    }
    nb_json_doc_fini(&doc);
    nb_buf_fini(&text);
    return rc;
}

// Writing.

static void write_string(struct slice value, struct nb_buf *out)
{
    struct nb_json_writer w;

    nb_json_begin(&w, out, NB_JSON_COMPACT);
    nb_json_str(&w, value);
    if (nb_json_end(&w) != NB_OK) {
        NB_UNREACHABLE("the file's size is bounded by its entries");
    }
}

static void write_member(const char *key, struct slice value, const char *behind,
                         struct nb_buf *out)
{
    nb_buf_must_format(out, "  \"%s\": ", key);
    write_string(value, out);
    nb_buf_must_text(out, behind);
}

static void write_date(const char *key, int64_t seconds, struct nb_buf *out)
{
    struct nb_wall time = {.ns = seconds * NB_NS_PER_S};
    struct nb_buf text;

    nb_buf_init(&text, 64);
    nb_wall_format_utc(time, &text);
    write_member(key, nb_buf_slice(&text), ",\n", out);
    nb_buf_fini(&text);
}

static void write_response(struct slice response, struct nb_buf *out)
{
    struct nb_buf stream;
    size_t room;
    uint8_t *text;

    nb_buf_init(&stream, STREAM_MAX_BYTES);
    if (nnet__s2_write(response, &stream) != NB_OK) {
        NB_UNREACHABLE("the response is bounded");
    }
    room = nb_buf_slice(&stream).n / 3 * 4 + 5; // whole groups, and a terminator
    text = nb_alloc(room);
    write_member("resp",
                 nb_slice_make(
                     text, EVP_EncodeBlock(text, nb_buf_slice(&stream).p, nb_buf_slice(&stream).n)),
                 "\n", out);
    nb_free(text);
    nb_buf_fini(&stream);
}

static void write_entry(const struct nnet__ocsp_entry *entry, struct nb_buf *out)
{
    nb_buf_must_text(out, " ");
    write_string(nb_slice_make(entry->fingerprint, sizeof(entry->fingerprint)), out);
    nb_buf_must_text(out, ": {\n");
    write_member("subject", entry->subject, ",\n", out);
    write_date("cached_at", entry->cached_at_s, out);
    write_member("resp_status", nb_slice_of(nnet_ocsp_status_text(entry->status)), ",\n", out);
    write_date("resp_expires", entry->expires_s, out);
    write_response(entry->response, out);
    nb_buf_must_text(out, " }");
}

// Under the lock.
static void write_all(const struct nnet_ocsp_cache *cache, struct nb_buf *out)
{
    const char *before = "\n";

    nb_buf_must_text(out, "{");
    NB_LIST_FOREACH (link, &cache->order) {
        nb_buf_must_text(out, before);
        write_entry(nb_container_of(link, struct nnet__ocsp_entry, link), out);
        before = ",\n";
    }
    nb_buf_must_text(out, nb_list_is_empty(&cache->order) ? "}" : "\n}");
}

int nnet_ocsp_cache_save(struct nnet_ocsp_cache *cache, struct nb_diag *diag)
{
    struct nb_buf text;
    uint64_t changes;
    bool is_dirty;
    int rc;

    nb_buf_init(&text, NNET_OCSP_CACHE_FILE_MAX_BYTES);
    nb_mutex_lock(&cache->lock);
    changes = cache->changes;
    is_dirty = cache->dir != NULL && changes != cache->saved;
    if (is_dirty) {
        write_all(cache, &text);
    }
    nb_mutex_unlock(&cache->lock);
    if (!is_dirty) {
        return NB_OK;
    }
    rc = nnet__file_replace(cache->dir, FILE_NAME, TEMPORARY_PREFIX, nb_buf_slice(&text), diag);
    if (rc == NB_OK) {
        nb_mutex_lock(&cache->lock);
        cache->saved = changes;
        nb_mutex_unlock(&cache->lock);
    }
    nb_buf_fini(&text);
    return rc;
}
