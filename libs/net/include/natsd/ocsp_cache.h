/* natsd/ocsp_cache.h - what authorities said about the certificates of peers, kept in memory and
 * in a file. Spec 03 section 22.3.
 *
 * Whatever comes out was once put in, or stood in the file: whoever uses it verifies the response
 * anew. The file can be taken over from the reference, and back.
 *
 * Threads: [any], with a lock inside; load and save block: [pool] or [main], one of them at a
 *          time.
 */
#pragma once

#include <natsd/ocsp.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NNET_OCSP_CACHE_ENTRIES_MAX = 4096,       // past it the least recently stored one goes
    NNET_OCSP_RESPONSE_MAX_BYTES = 16 * 1024, // larger ones are not kept
    NNET_OCSP_CACHE_FILE_MAX_BYTES = 256 * 1024 * 1024,
};

struct nnet_ocsp_cache;

struct nnet_ocsp_cache_opts {
    const char *dir;        // of cache.json; NULL: in memory only
    bool preserves_revoked; // revoked certificates are not forgotten
};

struct nnet_ocsp_cache *nnet_ocsp_cache_create(const struct nnet_ocsp_cache_opts *opts);
struct nnet_ocsp_cache *nnet_ocsp_cache_ref(struct nnet_ocsp_cache *cache);
void nnet_ocsp_cache_unref(struct nnet_ocsp_cache *cache); // NULL is fine; does not save

// NB_ENOTFOUND: there is no file; NB_EIO, NB_EMALFORMED, NB_ELIMIT with a reason in diag. Entries
// that make no sense are passed over. What is there already stays.
NB_MUST_USE int nnet_ocsp_cache_load(struct nnet_ocsp_cache *cache, struct nb_diag *diag);
// Writes the file, if something changed since it was read or written; makes the directory.
NB_MUST_USE int nnet_ocsp_cache_save(struct nnet_ocsp_cache *cache, struct nb_diag *diag);

// Copies. expires_s is shown in the file only.
void nnet_ocsp_cache_put(struct nnet_ocsp_cache *cache, struct slice cert, struct slice response,
                         enum nnet_ocsp_status status, int64_t now_s, int64_t expires_s);
// *response is owned. False when there is none.
bool nnet_ocsp_cache_find(struct nnet_ocsp_cache *cache, struct slice cert, struct slice *response);
// It is of no use any more. A revoked one stays if those are preserved.
void nnet_ocsp_cache_forget(struct nnet_ocsp_cache *cache, struct slice cert);
size_t nnet_ocsp_cache_count(struct nnet_ocsp_cache *cache);

#ifdef __cplusplus
}
#endif
