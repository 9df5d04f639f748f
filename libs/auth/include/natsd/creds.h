/* natsd/creds.h - the text of a creds file: one user JWT and the seed that signs for it.
 *
 * Only the frame is checked. Whether the JWT is valid and the seed is a key (nkey.h) is
 * decided by who uses them.
 *
 * Lifetime: parse fills a struct of the caller's; nauth_creds_fini() wipes and frees it.
 * Threads:  [any]; no globals, no files, no clock.
 * Errors:   NB_EMALFORMED, NB_ELIMIT. On any error *out is untouched, and no copy of the
 *           secret is left in memory.
 */
#pragma once

#include <natsd/slice.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NAUTH_CREDS_TEXT_MAX_BYTES = 1024 * 1024,
};

struct nauth_creds {
    struct slice jwt;  // owned
    struct slice seed; // owned, secret
};

// Reads the whole text of a creds file. `text` is copied from, never kept.
NB_MUST_USE int nauth_creds_parse(struct slice text, struct nauth_creds *out);

// Fine on a zeroed struct, and twice.
static inline void nauth_creds_fini(struct nauth_creds *creds)
{
    nb_slice_wipe_free(&creds->jwt);
    nb_slice_wipe_free(&creds->seed);
}

#ifdef __cplusplus
}
#endif
