/* certificate_fields.h - the parts of an X.509 certificate that natsd looks at itself. RFC 5280.
 *
 * Slices point into the DER that was read. Only the frame is judged; signatures and the rest are
 * BoringSSL's business.
 *
 * Threads: [any].
 */
#pragma once

#include <natsd/slice.h>

#include <openssl/bytestring.h>
#include <stdbool.h>

struct nnet__certificate {
    struct slice serial;     // contents of the INTEGER
    struct slice issuer;     // the whole Name, with its header
    struct slice subject;    // the same
    struct slice key_info;   // the whole SubjectPublicKeyInfo
    struct slice key_bits;   // of it: the BIT STRING without its count of unused bits
    struct slice extensions; // contents of the SEQUENCE; empty without
};

// NB_EMALFORMED.
NB_MUST_USE int nnet__certificate_read(struct slice der, struct nnet__certificate *out);

// The contents of an extension, by the contents of its OID. False when it is not there.
bool nnet__certificate_find_extension(const struct nnet__certificate *cert, struct slice oid,
                                      struct slice *value);

static inline struct slice nnet__cbs_slice(const CBS *cbs)
{
    return nb_slice_make(CBS_data(cbs), CBS_len(cbs));
}

static inline CBS nnet__slice_cbs(struct slice s)
{
    CBS cbs;

    CBS_init(&cbs, s.p, s.n);
    return cbs;
}
