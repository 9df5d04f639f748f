#include "certificate_fields.h"
#include "dn.h"
#include "uri.h"

#include <natsd/certificate.h>

#include <assert.h>

enum {
    TAG_EMAIL = CBS_ASN1_CONTEXT_SPECIFIC | 1,
    TAG_DNS = CBS_ASN1_CONTEXT_SPECIFIC | 2,
    TAG_URI = CBS_ASN1_CONTEXT_SPECIFIC | 6,
    TEXT_MAX_BYTES = NNET_CERTIFICATE_MAX_BYTES,
    // Texts are made of the certificate's bytes, at worst each escaped as three.
    MEMORY_MAX_BYTES = 8 * 1024 * 1024,
    SUBJECT_NAMES = 3, // candidates beside the alternative names
};

static const struct slice subject_alt_name = {(const uint8_t *)"\x55\x1D\x11", 3};

struct identity_reader {
    struct nnet_identity identity;
    struct nnet_identity_name *names;
};

static int add_name(struct identity_reader *r, enum nnet_identity_kind kind, struct slice text)
{
    struct slice copy = nb_arena_dup(&r->identity.arena, text);

    if (copy.p == NULL) {
        return NB_ELIMIT;
    }
    r->names[r->identity.count] = (struct nnet_identity_name){.kind = kind, .text = copy};
    r->identity.count++;
    return NB_OK;
}

// Alternative names.

static bool is_ascii(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] > 0x7F) {
            return false;
        }
    }
    return true;
}

static int add_uri(struct identity_reader *r, struct slice uri)
{
    struct nb_buf text;
    int rc;

    nb_buf_init(&text, TEXT_MAX_BYTES);
    rc = nnet__uri_normalize(uri, &text);
    if (rc == NB_OK && nb_buf_slice(&text).n > 0) { // nothing is left of "//"
        rc = add_name(r, NNET_IDENTITY_URI, nb_buf_slice(&text));
    }
    nb_buf_fini(&text);
    return rc == NB_EMALFORMED ? NB_OK : rc; // it is nobody's name
}

// The contents of the extension; empty when it is none.
static CBS alt_names_of(const struct nnet__certificate *cert)
{
    CBS names = {.data = NULL, .len = 0};
    struct slice value;
    CBS outer;

    if (nnet__certificate_find_extension(cert, subject_alt_name, &value)) {
        outer = nnet__slice_cbs(value);
        if (!CBS_get_asn1(&outer, &names, CBS_ASN1_SEQUENCE)) {
            CBS_init(&names, NULL, 0);
        }
    }
    return names;
}

static int count_alt_names(CBS names, size_t *count)
{
    CBS name;
    unsigned tag;

    *count = 0;
    while (CBS_len(&names) > 0) {
        if (!CBS_get_any_asn1(&names, &name, &tag)) {
            return NB_EMALFORMED;
        }
        if (*count == NNET_IDENTITY_NAMES_MAX) {
            return NB_ELIMIT;
        }
        (*count)++;
    }
    return NB_OK;
}

static int add_alt_names(struct identity_reader *r, CBS names, unsigned wanted,
                         enum nnet_identity_kind kind)
{
    CBS name;
    unsigned tag;
    int rc = NB_OK;

    while (rc == NB_OK && CBS_get_any_asn1(&names, &name, &tag)) {
        struct slice text = nnet__cbs_slice(&name);

        if (tag != wanted || text.n == 0 || !is_ascii(text)) {
            continue;
        }
        rc = kind == NNET_IDENTITY_URI ? add_uri(r, text) : add_name(r, kind, text);
    }
    return rc;
}

// The subject.

static int add_dn(struct identity_reader *r, struct slice subject)
{
    struct slice name = nb_arena_dup(&r->identity.arena, subject);
    const struct nnet_dn_attribute *attributes = NULL;
    struct nb_buf text;
    size_t count = 0;
    int rc;

    if (name.p == NULL) {
        return NB_ELIMIT;
    }
    rc = nnet__dn_from_der(name, &r->identity.arena, &attributes, &count);
    if (rc != NB_OK || count == 0) {
        return NB_OK; // one that is not usable is no candidate
    }
    nb_buf_init(&text, TEXT_MAX_BYTES);
    rc = nnet__dn_print(attributes, count, &text);
    if (rc == NB_OK) {
        rc = add_name(r, NNET_IDENTITY_DN, nb_buf_slice(&text));
    }
    if (rc == NB_OK) {
        r->identity.dn.attributes = attributes;
        r->identity.dn.count = count;
    }
    nb_buf_fini(&text);
    return rc;
}

static int add_with_domains(struct identity_reader *r, struct slice subject, struct slice domains)
{
    struct nb_buf text;
    int rc;

    nb_buf_init(&text, TEXT_MAX_BYTES);
    rc = nb_buf_append(&text, subject);
    if (rc == NB_OK) {
        rc = nb_buf_append(&text, NB_SLICE(","));
    }
    if (rc == NB_OK) {
        rc = nb_buf_append(&text, domains);
    }
    if (rc == NB_OK) {
        rc = add_name(r, NNET_IDENTITY_SUBJECT_WITH_DC, nb_buf_slice(&text));
    }
    nb_buf_fini(&text);
    return rc;
}

static int add_subject(struct identity_reader *r, struct slice name)
{
    struct nb_buf subject;
    struct nb_buf domains;
    int rc;

    nb_buf_init(&subject, TEXT_MAX_BYTES);
    nb_buf_init(&domains, TEXT_MAX_BYTES);
    rc = nnet__dn_print_subject(name, &subject, &domains);
    if (rc == NB_OK && nb_buf_slice(&domains).n > 0) {
        rc = add_with_domains(r, nb_buf_slice(&subject), nb_buf_slice(&domains));
    }
    if (rc == NB_OK && nb_buf_slice(&subject).n > 0) {
        rc = add_name(r, NNET_IDENTITY_SUBJECT, nb_buf_slice(&subject));
    }
    nb_buf_fini(&subject);
    nb_buf_fini(&domains);
    return rc == NB_EMALFORMED ? NB_OK : rc;
}

static int add_all(struct identity_reader *r, const struct nnet__certificate *cert)
{
    CBS names = alt_names_of(cert);
    size_t count;
    int rc = count_alt_names(names, &count);

    if (rc != NB_OK) {
        return rc;
    }
    r->names = nb_arena_alloc(&r->identity.arena, (count + SUBJECT_NAMES) * sizeof(*r->names));
    assert(r->names != NULL);
    r->identity.names = r->names;
    rc = add_alt_names(r, names, TAG_EMAIL, NNET_IDENTITY_EMAIL);
    if (rc == NB_OK) {
        rc = add_alt_names(r, names, TAG_DNS, NNET_IDENTITY_DNS);
    }
    if (rc == NB_OK) {
        rc = add_alt_names(r, names, TAG_URI, NNET_IDENTITY_URI);
    }
    if (rc == NB_OK) {
        rc = add_dn(r, cert->subject);
    }
    return rc == NB_OK ? add_subject(r, cert->subject) : rc;
}

int nnet_identity_read(struct slice der, struct nnet_identity *out)
{
    struct identity_reader r = {.names = NULL};
    struct nnet__certificate cert;
    int rc = der.n <= NNET_CERTIFICATE_MAX_BYTES ? NB_OK : NB_ELIMIT;

    if (rc == NB_OK) {
        rc = nnet__certificate_read(der, &cert);
    }
    if (rc != NB_OK) {
        return rc;
    }
    nb_arena_init(&r.identity.arena, MEMORY_MAX_BYTES);
    rc = add_all(&r, &cert);
    if (rc != NB_OK) {
        nnet_identity_fini(&r.identity);
        return rc;
    }
    *out = r.identity;
    return NB_OK;
}

void nnet_identity_fini(struct nnet_identity *identity)
{
    nb_arena_fini(&identity->arena);
    *identity = (struct nnet_identity){.count = 0};
}

// Hosts.

static bool take_label(struct slice *name, struct slice *label)
{
    size_t dot = nb_slice_find_byte(*name, '.');

    if (name->n == 0) {
        return false;
    }
    *label = nb_slice_sub(*name, 0, dot);
    *name = nb_slice_sub(*name, dot + 1, name->n);
    return true;
}

bool nnet_dns_name_matches(struct slice pattern, struct slice host)
{
    struct slice of_pattern;
    struct slice of_host;

    if (pattern.n == 0 || nb_slice_ends(pattern, ".") || nb_slice_ends(host, ".")) {
        return false;
    }
    if (nb_slice_starts(pattern, "*.")) {
        if (!take_label(&host, &of_host) || of_host.n == 0) {
            return false;
        }
        pattern = nb_slice_sub(pattern, 2, pattern.n);
    }
    while (take_label(&pattern, &of_pattern)) {
        if (!take_label(&host, &of_host) || of_host.n == 0 ||
            !nb_slice_equal_nocase(of_pattern, of_host)) {
            return false;
        }
    }
    return host.n == 0;
}

bool nnet_identity_speaks_for_host(const struct nnet_identity *identity, struct slice host)
{
    for (size_t i = 0; i < identity->count; i++) {
        if (identity->names[i].kind == NNET_IDENTITY_DNS &&
            nnet_dns_name_matches(identity->names[i].text, host)) {
            return true;
        }
    }
    return false;
}
