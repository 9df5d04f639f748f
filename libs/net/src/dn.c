#include "dn.h"

#include "certificate_fields.h"
#include "hex_digit.h"

#include <natsd/quote.h>

#include <assert.h>

enum {
    DN_TEXT_MAX_BYTES = 64 * 1024,
    HEX_DIGITS = 2,
};

// Reading the text of a user's name.

struct dn_reader {
    struct nnet_dn *dn;
    struct nnet_dn_attribute *attributes;
    size_t room;
    struct slice text;
    uint8_t *part; // of the type or value being read, unescaped
    size_t part_size;
    size_t trailing_spaces; // at its end, not escaped
    struct slice type;
    bool has_type;
    size_t rdn;
};

static int take_part(struct dn_reader *r, struct slice *out)
{
    *out = nb_arena_dup(&r->dn->arena, nb_slice_make(r->part, r->part_size - r->trailing_spaces));
    r->part_size = 0;
    r->trailing_spaces = 0;
    return out->p != NULL ? NB_OK : NB_ELIMIT;
}

static int end_of_attribute(struct dn_reader *r)
{
    struct nnet_dn_attribute *attribute;
    int rc;

    if (!r->has_type) {
        return NB_EMALFORMED;
    }
    if (r->dn->count == r->room) {
        return NB_ELIMIT;
    }
    attribute = &r->attributes[r->dn->count];
    attribute->type = r->type;
    attribute->rdn = r->rdn;
    rc = take_part(r, &attribute->value);
    r->has_type = false;
    r->dn->count++;
    return rc;
}

static int end_of_type(struct dn_reader *r)
{
    int rc = take_part(r, &r->type);

    if (rc == NB_OK && (r->type.n == 0 || (r->text.n > 0 && r->text.p[0] == '#'))) {
        return NB_EMALFORMED; // a value as DER in hexadecimal
    }
    r->has_type = true;
    return rc;
}

// Behind a backslash.
static int take_escaped(struct dn_reader *r)
{
    static const char specials[] = " \"#+,;<=>\\";
    uint8_t c;

    if (r->text.n == 0) {
        return NB_EMALFORMED;
    }
    c = r->text.p[0];
    if (memchr(specials, c, sizeof(specials) - 1) != NULL) {
        r->text = nb_slice_sub(r->text, 1, r->text.n);
    } else {
        if (r->text.n < HEX_DIGITS || nnet__hex_digit(c) < 0 || nnet__hex_digit(r->text.p[1]) < 0) {
            return NB_EMALFORMED;
        }
        c = (uint8_t)(nnet__hex_digit(c) << 4 | nnet__hex_digit(r->text.p[1]));
        r->text = nb_slice_sub(r->text, HEX_DIGITS, r->text.n);
    }
    r->part[r->part_size++] = c;
    r->trailing_spaces = 0;
    return NB_OK;
}

static int take_char(struct dn_reader *r)
{
    uint8_t c = r->text.p[0];

    r->text = nb_slice_sub(r->text, 1, r->text.n);
    if (c == '\\') {
        return take_escaped(r);
    }
    if (c == '=' && !r->has_type) {
        return end_of_type(r);
    }
    if (c == ',' || c == '+') {
        int rc = end_of_attribute(r);

        r->rdn += c == ',' ? 1 : 0;
        return rc;
    }
    if (c == ' ' && r->part_size == 0) {
        return NB_OK;
    }
    r->part[r->part_size++] = c;
    r->trailing_spaces = c == ' ' ? r->trailing_spaces + 1 : 0;
    return NB_OK;
}

// At least as many as there are, at most as many as are allowed.
static size_t attributes_upto(struct slice text)
{
    size_t n = 1;

    for (size_t i = 0; i < text.n && n < NNET_DN_ATTRIBUTES_MAX; i++) {
        n += text.p[i] == ',' || text.p[i] == '+' ? 1 : 0;
    }
    return n;
}

int nnet_dn_parse(struct slice text, struct nnet_dn *out)
{
    struct nnet_dn dn = {.count = 0};
    struct dn_reader r = {.dn = &dn, .room = attributes_upto(text), .text = text};
    int rc = NB_OK;

    if (nb_slice_find_byte(text, '=') == text.n) {
        return NB_EMALFORMED; // nearly all names end here
    }
    if (text.n > DN_TEXT_MAX_BYTES) {
        return NB_ELIMIT;
    }
    nb_arena_init(&dn.arena, 4 * DN_TEXT_MAX_BYTES);
    r.attributes = nb_arena_alloc(&dn.arena, r.room * sizeof(*r.attributes));
    r.part = nb_arena_alloc(&dn.arena, text.n);
    dn.attributes = r.attributes;
    assert(r.attributes != NULL && r.part != NULL);
    while (rc == NB_OK && r.text.n > 0) {
        rc = take_char(&r);
    }
    if (rc == NB_OK) {
        rc = end_of_attribute(&r);
    }
    if (rc != NB_OK) {
        nnet_dn_fini(&dn);
        return rc;
    }
    *out = dn;
    return NB_OK;
}

void nnet_dn_fini(struct nnet_dn *dn)
{
    nb_arena_fini(&dn->arena);
    *dn = (struct nnet_dn){.count = 0};
}

// Comparing.

struct rdn { // a run of attributes
    const struct nnet_dn_attribute *attributes;
    size_t count;
};

// The RDN that begins at `from`.
static struct rdn rdn_at(const struct nnet_dn *dn, size_t from)
{
    struct rdn rdn = {.attributes = &dn->attributes[from], .count = 1};

    while (from + rdn.count < dn->count &&
           dn->attributes[from + rdn.count].rdn == rdn.attributes->rdn) {
        rdn.count++;
    }
    return rdn;
}

static bool attributes_equal(const struct nnet_dn_attribute *a, const struct nnet_dn_attribute *b)
{
    return nb_slice_equal_nocase(a->type, b->type) && nb_slice_equal(a->value, b->value);
}

// Multisets: each of a's takes one of b's that is not taken.
static bool rdns_equal(struct rdn a, struct rdn b)
{
    bool is_taken[NNET_DN_ATTRIBUTES_MAX] = {false};

    if (a.count != b.count) {
        return false;
    }
    for (size_t i = 0; i < a.count; i++) {
        size_t k = 0;

        while (k < b.count &&
               (is_taken[k] || !attributes_equal(&a.attributes[i], &b.attributes[k]))) {
            k++;
        }
        if (k == b.count) {
            return false;
        }
        is_taken[k] = true;
    }
    return true;
}

bool nnet_dn_equal(const struct nnet_dn *a, const struct nnet_dn *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t at = 0; at < a->count;) {
        struct rdn of_a = rdn_at(a, at);

        if (!rdns_equal(of_a, rdn_at(b, at))) {
            return false;
        }
        at += of_a.count;
    }
    return true;
}

// Takes the RDN out of those of `dn` that were not taken yet.
static bool take_rdn(const struct nnet_dn *dn, bool *is_taken, struct rdn wanted)
{
    for (size_t at = 0; at < dn->count;) {
        struct rdn rdn = rdn_at(dn, at);

        if (!is_taken[at] && rdns_equal(wanted, rdn)) {
            is_taken[at] = true;
            return true;
        }
        at += rdn.count;
    }
    return false;
}

bool nnet_dn_equal_unordered(const struct nnet_dn *a, const struct nnet_dn *b)
{
    bool is_taken[NNET_DN_ATTRIBUTES_MAX] = {false}; // by the index of an RDN's first attribute

    assert(b->count <= NNET_DN_ATTRIBUTES_MAX);
    if (a->count != b->count) {
        return false;
    }
    for (size_t at = 0; at < a->count;) {
        struct rdn rdn = rdn_at(a, at);

        if (!take_rdn(b, is_taken, rdn)) {
            return false;
        }
        at += rdn.count;
    }
    return true; // as many attributes in all, so nothing of b is left
}

// Reading the DER.

// Types that have a name here: their OIDs' contents.
enum dn_type {
    DN_CN,
    DN_SERIALNUMBER,
    DN_C,
    DN_L,
    DN_ST,
    DN_STREET,
    DN_O,
    DN_OU,
    DN_POSTALCODE,
    DN_DC,
    DN_TYPE_COUNT,
};

static const struct {
    const char *name;
    struct slice oid;
} types[DN_TYPE_COUNT] = {
    [DN_CN] = {"CN", {(const uint8_t *)"\x55\x04\x03", 3}},
    [DN_SERIALNUMBER] = {"SERIALNUMBER", {(const uint8_t *)"\x55\x04\x05", 3}},
    [DN_C] = {"C", {(const uint8_t *)"\x55\x04\x06", 3}},
    [DN_L] = {"L", {(const uint8_t *)"\x55\x04\x07", 3}},
    [DN_ST] = {"ST", {(const uint8_t *)"\x55\x04\x08", 3}},
    [DN_STREET] = {"STREET", {(const uint8_t *)"\x55\x04\x09", 3}},
    [DN_O] = {"O", {(const uint8_t *)"\x55\x04\x0A", 3}},
    [DN_OU] = {"OU", {(const uint8_t *)"\x55\x04\x0B", 3}},
    [DN_POSTALCODE] = {"POSTALCODE", {(const uint8_t *)"\x55\x04\x11", 3}},
    [DN_DC] = {"DC", {(const uint8_t *)"\x09\x92\x26\x89\x93\xF2\x2C\x64\x01\x19", 10}},
};

struct dn_item {       // an attribute as it stands in the certificate
    enum dn_type type; // DN_TYPE_COUNT: another
    struct slice value;
    bool is_text; // UTF-8 and its subsets: value is its text
    size_t rdn;
};

static enum dn_type type_of(struct slice oid)
{
    unsigned type = 0;

    while (type < DN_TYPE_COUNT && !nb_slice_equal(types[type].oid, oid)) {
        type++;
    }
    return (enum dn_type)type;
}

// Strings of two or four bytes per character, and of a code page of 1988, name no user.
static bool is_text(unsigned tag, struct slice value)
{
    if (tag == CBS_ASN1_UTF8STRING) {
        return nb_utf8_is_valid(value);
    }
    if (tag != CBS_ASN1_PRINTABLESTRING && tag != CBS_ASN1_IA5STRING &&
        tag != CBS_ASN1_NUMERICSTRING) {
        return false;
    }
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] > 0x7F) {
            return false;
        }
    }
    return true;
}

static bool read_item(CBS *rdn, struct dn_item *out)
{
    CBS attribute;
    CBS oid;
    CBS value;
    unsigned tag;

    if (!CBS_get_asn1(rdn, &attribute, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&attribute, &oid, CBS_ASN1_OBJECT) ||
        !CBS_get_any_asn1(&attribute, &value, &tag) || CBS_len(&attribute) != 0) {
        return false;
    }
    out->type = type_of(nnet__cbs_slice(&oid));
    out->value = nnet__cbs_slice(&value);
    out->is_text = is_text(tag, out->value);
    return true;
}

static int read_items(struct slice name, struct dn_item items[NNET_DN_ATTRIBUTES_MAX],
                      size_t *count)
{
    CBS outer = nnet__slice_cbs(name);
    CBS rdns;
    size_t rdn_count = 0;

    *count = 0;
    if (!CBS_get_asn1(&outer, &rdns, CBS_ASN1_SEQUENCE) || CBS_len(&outer) != 0) {
        return NB_EMALFORMED;
    }
    while (CBS_len(&rdns) > 0) {
        CBS rdn;

        if (!CBS_get_asn1(&rdns, &rdn, CBS_ASN1_SET) || CBS_len(&rdn) == 0) {
            return NB_EMALFORMED;
        }
        while (CBS_len(&rdn) > 0) {
            if (*count == NNET_DN_ATTRIBUTES_MAX) {
                return NB_ELIMIT;
            }
            if (!read_item(&rdn, &items[*count])) {
                return NB_EMALFORMED;
            }
            items[*count].rdn = rdn_count;
            (*count)++;
        }
        rdn_count++;
    }
    return NB_OK;
}

int nnet__dn_from_der(struct slice name, struct nb_arena *arena,
                      const struct nnet_dn_attribute **attributes, size_t *count)
{
    struct dn_item items[NNET_DN_ATTRIBUTES_MAX];
    struct nnet_dn_attribute *out;
    size_t n;
    int rc = read_items(name, items, &n);

    if (rc != NB_OK) {
        return rc;
    }
    out = nb_arena_alloc(arena, (n > 0 ? n : 1) * sizeof(*out));
    if (out == NULL) {
        return NB_ELIMIT;
    }
    for (size_t i = 0; i < n; i++) {
        const struct dn_item *item = &items[n - 1 - i];

        if (item->type == DN_TYPE_COUNT || !item->is_text) {
            return NB_EMALFORMED;
        }
        out[i] = (struct nnet_dn_attribute){.type = nb_slice_of(types[item->type].name),
                                            .value = item->value,
                                            .rdn = items[n - 1].rdn - item->rdn};
    }
    *attributes = out;
    *count = n;
    return NB_OK;
}

// Writing.

static bool needs_escape(struct slice value, size_t i)
{
    uint8_t c = value.p[i];

    if (c == ' ') {
        return i == 0 || i == value.n - 1;
    }
    return (c == '#' && i == 0) || memchr(",+\"\\<>;", c, 7) != NULL;
}

static int print_value(struct slice value, struct nb_buf *out)
{
    int rc = NB_OK;

    for (size_t i = 0; i < value.n && rc == NB_OK; i++) {
        if (needs_escape(value, i)) {
            rc = nb_buf_append(out, NB_SLICE("\\"));
        }
        if (rc == NB_OK) {
            rc = nb_buf_append(out, nb_slice_sub(value, i, 1));
        }
    }
    return rc;
}

static int print_attribute(char separator, struct slice type, struct slice value,
                           struct nb_buf *out)
{
    int rc = separator != '\0' ? nb_buf_append(out, nb_slice_make(&separator, 1)) : NB_OK;

    if (rc == NB_OK) {
        rc = nb_buf_append(out, type);
    }
    if (rc == NB_OK) {
        rc = nb_buf_append(out, NB_SLICE("="));
    }
    return rc == NB_OK ? print_value(value, out) : rc;
}

int nnet__dn_print(const struct nnet_dn_attribute *attributes, size_t count, struct nb_buf *out)
{
    int rc = NB_OK;

    for (size_t i = 0; i < count && rc == NB_OK; i++) {
        char separator = '\0';

        if (i > 0) {
            separator = attributes[i].rdn == attributes[i - 1].rdn ? '+' : ',';
        }
        rc = print_attribute(separator, attributes[i].type, attributes[i].value, out);
    }
    return rc;
}

// All attributes of a type in the certificate's order; of common names and serial numbers the last.
static int print_group(const struct dn_item *items, size_t count, enum dn_type type,
                       struct nb_buf *out)
{
    bool is_single = type == DN_CN || type == DN_SERIALNUMBER;
    bool is_first = true;
    int rc = NB_OK;
    size_t last = count;

    for (size_t i = 0; i < count; i++) {
        last = items[i].type == type ? i : last;
    }
    for (size_t i = is_single ? last : 0; i < count && rc == NB_OK; i++) {
        char separator = '\0';

        if (items[i].type != type) {
            continue;
        }
        if (!is_first) {
            separator = type == DN_DC ? ',' : '+';
        } else if (nb_buf_slice(out).n > 0) {
            separator = ',';
        }
        rc = print_attribute(separator, nb_slice_of(types[type].name), items[i].value, out);
        is_first = false;
    }
    return rc;
}

int nnet__dn_print_subject(struct slice name, struct nb_buf *subject, struct nb_buf *domains)
{
    static const enum dn_type order[] = {DN_SERIALNUMBER, DN_CN, DN_OU, DN_O, DN_POSTALCODE,
                                         DN_STREET,       DN_L,  DN_ST, DN_C};
    struct dn_item items[NNET_DN_ATTRIBUTES_MAX];
    size_t count;
    int rc = read_items(name, items, &count);

    for (size_t i = 0; rc == NB_OK && i < count; i++) {
        // The reference takes no certificate with another kind of string.
        rc = items[i].type == DN_TYPE_COUNT || items[i].is_text ? NB_OK : NB_EMALFORMED;
    }
    for (size_t i = 0; rc == NB_OK && i < NB_ARRAY_LEN(order); i++) {
        rc = print_group(items, count, order[i], subject);
    }
    return rc == NB_OK ? print_group(items, count, DN_DC, domains) : rc;
}
