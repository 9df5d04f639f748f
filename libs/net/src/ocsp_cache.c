#include "ocsp_cache.h"

#include <natsd/certificate.h>

#include <assert.h>
#include <openssl/base64.h>

enum {
    DIGEST_BYTES = 32,
};

void nnet__ocsp_entry_free(struct nnet__ocsp_entry *entry)
{
    nb_slice_free(&entry->subject);
    nb_slice_free(&entry->response);
    nb_free(entry);
}

struct nnet_ocsp_cache *nnet_ocsp_cache_create(const struct nnet_ocsp_cache_opts *opts)
{
    struct nnet_ocsp_cache *cache = nb_zalloc(sizeof(*cache));

    atomic_init(&cache->refs, 1);
    cache->dir = opts->dir != NULL ? nb_strdup(opts->dir) : NULL;
    cache->preserves_revoked = opts->preserves_revoked;
    nb_mutex_init(&cache->lock);
    nb_list_init(&cache->order);
    return cache;
}

struct nnet_ocsp_cache *nnet_ocsp_cache_ref(struct nnet_ocsp_cache *cache)
{
    atomic_fetch_add_explicit(&cache->refs, 1, memory_order_relaxed);
    return cache;
}

void nnet_ocsp_cache_unref(struct nnet_ocsp_cache *cache)
{
    struct nb_link *link;

    // Release what we did with it; acquire, for the last, what all others did.
    if (cache == NULL || atomic_fetch_sub_explicit(&cache->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    while ((link = nb_list_take_first(&cache->order)) != NULL) {
        nnet__ocsp_entry_free(nb_container_of(link, struct nnet__ocsp_entry, link));
    }
    nb_map_fini(&cache->entries);
    nb_mutex_fini(&cache->lock);
    nb_free(cache->dir);
    nb_free(cache);
}

static void fingerprint_of(struct slice cert, uint8_t out[NNET__OCSP_FINGERPRINT_BYTES])
{
    uint8_t digest[DIGEST_BYTES];
    uint8_t text[NNET__OCSP_FINGERPRINT_BYTES + 1]; // it is terminated

    nnet_certificate_digest(cert, digest);
    if (EVP_EncodeBlock(text, digest, sizeof(digest)) != NNET__OCSP_FINGERPRINT_BYTES) {
        NB_UNREACHABLE("base64 of 32 bytes");
    }
    memcpy(out, text, NNET__OCSP_FINGERPRINT_BYTES);
}

static struct slice key_of(const uint8_t fingerprint[NNET__OCSP_FINGERPRINT_BYTES])
{
    return nb_slice_make(fingerprint, NNET__OCSP_FINGERPRINT_BYTES);
}

// Under the lock.
static void remove_entry(struct nnet_ocsp_cache *cache, struct nnet__ocsp_entry *entry)
{
    void *removed = nb_map_remove(&cache->entries, key_of(entry->fingerprint));

    assert(removed == entry);
    nb_link_remove(&entry->link);
    nnet__ocsp_entry_free(entry);
    cache->changes++;
}

void nnet__ocsp_cache_insert(struct nnet_ocsp_cache *cache, struct nnet__ocsp_entry *entry)
{
    struct nnet__ocsp_entry *old = nb_map_find(&cache->entries, key_of(entry->fingerprint));
    bool is_new;

    if (old != NULL) {
        remove_entry(cache, old);
    } else if (nb_map_count(&cache->entries) == NNET_OCSP_CACHE_ENTRIES_MAX) {
        remove_entry(cache, nb_container_of(cache->order.next, struct nnet__ocsp_entry, link));
    }
    is_new = nb_map_insert(&cache->entries, key_of(entry->fingerprint), entry);
    assert(is_new);
    nb_list_append(&cache->order, &entry->link);
    cache->changes++;
}

void nnet_ocsp_cache_put(struct nnet_ocsp_cache *cache, struct slice cert, struct slice response,
                         enum nnet_ocsp_status status, int64_t now_s, int64_t expires_s)
{
    struct nnet__ocsp_entry *entry;
    struct nb_buf subject;

    if (response.n > NNET_OCSP_RESPONSE_MAX_BYTES) {
        return; // it will be asked for again
    }
    entry = nb_zalloc(sizeof(*entry));
    fingerprint_of(cert, entry->fingerprint);
    nb_buf_init(&subject, NNET__OCSP_SUBJECT_MAX_BYTES);
    if (nnet_certificate_print_subject(cert, &subject) != NB_OK) {
        nb_buf_clear(&subject); // it is for people: one so long is not
    }
    entry->subject = nb_buf_take(&subject);
    nb_buf_fini(&subject);
    entry->response = nb_slice_dup(response);
    entry->status = status;
    entry->cached_at_s = now_s;
    entry->expires_s = expires_s;
    nb_mutex_lock(&cache->lock);
    nnet__ocsp_cache_insert(cache, entry);
    nb_mutex_unlock(&cache->lock);
}

bool nnet_ocsp_cache_find(struct nnet_ocsp_cache *cache, struct slice cert, struct slice *response)
{
    uint8_t fingerprint[NNET__OCSP_FINGERPRINT_BYTES];
    const struct nnet__ocsp_entry *entry;

    fingerprint_of(cert, fingerprint);
    nb_mutex_lock(&cache->lock);
    entry = nb_map_find(&cache->entries, key_of(fingerprint));
    if (entry != NULL) {
        *response = nb_slice_dup(entry->response);
    }
    nb_mutex_unlock(&cache->lock);
    return entry != NULL;
}

void nnet_ocsp_cache_forget(struct nnet_ocsp_cache *cache, struct slice cert)
{
    uint8_t fingerprint[NNET__OCSP_FINGERPRINT_BYTES];
    struct nnet__ocsp_entry *entry;

    fingerprint_of(cert, fingerprint);
    nb_mutex_lock(&cache->lock);
    entry = nb_map_find(&cache->entries, key_of(fingerprint));
    if (entry != NULL && (entry->status != NNET_OCSP_REVOKED || !cache->preserves_revoked)) {
        remove_entry(cache, entry);
    }
    nb_mutex_unlock(&cache->lock);
}

size_t nnet_ocsp_cache_count(struct nnet_ocsp_cache *cache)
{
    size_t count;

    nb_mutex_lock(&cache->lock);
    count = nb_map_count(&cache->entries);
    nb_mutex_unlock(&cache->lock);
    return count;
}
