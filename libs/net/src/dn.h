/* dn.h - distinguished names in certificates, and as the text that a user is named by.
 * Spec 03 section 10.3.
 *
 * Threads: [any].
 */
#pragma once

#include <natsd/certificate.h>

// The Name of a certificate, last RDN first, attributes of an RDN reversed as well. NB_EMALFORMED,
// also for a type or a kind of string that no user name can have; NB_ELIMIT.
// Everything in *attributes lies in the arena or in `name`.
NB_MUST_USE int nnet__dn_from_der(struct slice name, struct nb_arena *arena,
                                  const struct nnet_dn_attribute **attributes, size_t *count);

// RFC 4514, to be shown.
NB_MUST_USE int nnet__dn_print(const struct nnet_dn_attribute *attributes, size_t count,
                               struct nb_buf *out); // NB_ELIMIT

// The Name in the reference's fixed order of groups, without those that it leaves out; its domain
// components in the certificate's order in *domains ("DC=a,DC=b"). Appended to both. NB_EMALFORMED
// with nothing of use in either; NB_ELIMIT.
NB_MUST_USE int nnet__dn_print_subject(struct slice name, struct nb_buf *subject,
                                       struct nb_buf *domains);
