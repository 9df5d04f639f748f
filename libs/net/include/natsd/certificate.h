/* natsd/certificate.h - who a certificate says it is: the names under which its owner may be a
 * configured user, and the hosts it speaks for. Spec 03 sections 10.3 and 10.9.
 *
 * Pure functions over DER bytes, which may be anybody's: what cannot be read is no candidate,
 * and what has too many names is refused.
 *
 * Ownership: results own their memory; fini is fine on a zeroed object, and twice.
 * Threads:   [any].
 */
#pragma once

#include <natsd/arena.h>
#include <natsd/buf.h>

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NNET_CERTIFICATE_MAX_BYTES = 256 * 1024,
    NNET_IDENTITY_NAMES_MAX = 1024, // alternative names of one certificate
    NNET_DN_ATTRIBUTES_MAX = 64,    // of one distinguished name
};

// One attribute of a distinguished name; those with equal rdn form one RDN. RDNs count from 0
// without gaps, in order.
struct nnet_dn_attribute {
    struct slice type; // as written: "CN"
    struct slice value;
    size_t rdn;
};

struct nnet_dn {
    const struct nnet_dn_attribute *attributes;
    size_t count;
    // private
    struct nb_arena arena; // of a parsed text
};

// Reads "CN=John Doe, OU=a+OU=b": RFC 4514, as far as user names are written in it. NB_EMALFORMED
// for what is none (most user names), NB_ELIMIT.
NB_MUST_USE int nnet_dn_parse(struct slice text, struct nnet_dn *out);
void nnet_dn_fini(struct nnet_dn *dn);

// The same RDNs in the same order. Types don't depend on case, values do; the attributes of one
// RDN may stand in any order.
bool nnet_dn_equal(const struct nnet_dn *a, const struct nnet_dn *b);
// The same RDNs in any order, each as often (spec 13, 26-13).
bool nnet_dn_equal_unordered(const struct nnet_dn *a, const struct nnet_dn *b);

enum nnet_identity_kind {
    NNET_IDENTITY_EMAIL,           // compare text with the user's name
    NNET_IDENTITY_DNS,             // the same
    NNET_IDENTITY_URI,             // the same
    NNET_IDENTITY_DN,              // compare `dn` with the user's name as a DN: first of all users
                                   // with nnet_dn_equal, then with nnet_dn_equal_unordered
    NNET_IDENTITY_SUBJECT_WITH_DC, // compare text
    NNET_IDENTITY_SUBJECT,         // the same
};

struct nnet_identity_name {
    enum nnet_identity_kind kind;
    struct slice text; // of a DN: for messages
};

struct nnet_identity {
    const struct nnet_identity_name *names; // candidates: the first that is a user wins
    size_t count;
    struct nnet_dn dn; // of the candidate NNET_IDENTITY_DN; empty without one
    // private
    struct nb_arena arena;
};

// NB_EMALFORMED: no certificate; NB_ELIMIT. One without names is NB_OK with no candidates.
NB_MUST_USE int nnet_identity_read(struct slice der, struct nnet_identity *out);
void nnet_identity_fini(struct nnet_identity *identity);

// Does a DNS alternative name of the certificate match the host? "*" is one whole leftmost label;
// both have as many labels; case does not count.
bool nnet_identity_speaks_for_host(const struct nnet_identity *identity, struct slice host);
bool nnet_dns_name_matches(struct slice pattern, struct slice host);

// The certificate as PEM, with its line ends. NB_ELIMIT when out is full.
NB_MUST_USE int nnet_certificate_to_pem(struct slice der, struct nb_buf *out);

// Subject and issuer as the reference prints them: "CN=a,O=b"; appended. Nothing is appended for
// what can't be read.
NB_MUST_USE int nnet_certificate_print_subject(struct slice der, struct nb_buf *out);
NB_MUST_USE int nnet_certificate_print_issuer(struct slice der, struct nb_buf *out);

// SHA-256 of the certificate, and of the public key with its algorithm (SubjectPublicKeyInfo).
struct nnet_certificate_fingerprints {
    uint8_t whole[32];
    uint8_t key[32];
};

NB_MUST_USE int nnet_certificate_fingerprint(struct slice der, // NB_EMALFORMED
                                             struct nnet_certificate_fingerprints *out);

// Certificates that belong together: a verified chain, leaf first.
struct nnet_cert_chain {
    struct slice *certs; // owned DER
    size_t count;
};

void nnet_cert_chain_fini(struct nnet_cert_chain *chain);

#ifdef __cplusplus
}
#endif
