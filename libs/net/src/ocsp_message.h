/* ocsp_message.h - what OCSP requests and responses have in common. Threads: [any]. */
#pragma once

#include <natsd/slice.h>

#include <stdbool.h>
#include <stdint.h>

// Contents of the OIDs of the digests that certificates are named with.
extern const struct slice nnet__ocsp_oid_sha1;
extern const struct slice nnet__ocsp_oid_sha256;

// "20060102150405Z" as seconds since 1970.
bool nnet__ocsp_read_time(struct slice text, int64_t *seconds);

// Verifies a signature over `data` with the algorithm (the contents of an AlgorithmIdentifier) by
// the key of a SubjectPublicKeyInfo. Digests that are broken are not taken.
bool nnet__ocsp_is_signed(struct slice data, struct slice algorithm, struct slice signature,
                          struct slice key_info);
