#include "jwt_parts.h"

#include "json_fields.h"
#include "quoted.h"

#include <natsd/base64.h>

enum {
    // Of a payload of the largest token with values as small as they get; what nobody writes is
    // refused before it has taken more.
    DOCUMENT_MAX_BYTES = 64 * 1024 * 1024,
    HEADER_MAX_BYTES = 4096, // in memory; a header is some 40 bytes
};

int nauth__jwt_split(struct slice token, struct nauth__jwt_parts *parts, struct nb_diag *diag)
{
    size_t first = nb_slice_find_byte(token, '.');
    struct slice rest = nb_slice_sub(token, first + 1, token.n);
    size_t second = nb_slice_find_byte(rest, '.');
    struct slice signature = nb_slice_sub(rest, second + 1, rest.n);

    if (first == token.n || second == rest.n || nb_slice_find_byte(signature, '.') != signature.n) {
        nb_diag_set(diag, "expected 3 chunks");
        return NB_EMALFORMED;
    }
    *parts = (struct nauth__jwt_parts){
        .header = nb_slice_sub(token, 0, first),
        .payload = nb_slice_sub(rest, 0, second),
        .signature = signature,
        .signed_v2 = nb_slice_sub(token, 0, first + 1 + second),
    };
    return NB_OK;
}

static int parse(struct slice part, size_t max, struct nb_json_doc *doc, struct nb_diag *diag)
{
    struct nb_buf text;
    int rc;

    nb_buf_init(&text, part.n);
    rc = nauth_base64url_decode(part, &text);
    if (rc < 0) {
        nb_diag_set(diag, "illegal base64 data in token");
    } else {
        rc = nb_json_parse(nb_buf_slice(&text), max, doc, diag);
    }
    nb_buf_wipe_fini(&text); // connect options of a request may be inside
    return rc;
}

int nauth__jwt_parse(struct slice part, struct nb_json_doc *doc, struct nb_diag *diag)
{
    return parse(part, DOCUMENT_MAX_BYTES, doc, diag);
}

struct header {
    struct slice typ;
    struct slice alg;
};

static int judge(const struct header *header, bool *is_plain_alg, struct nb_diag *diag)
{
    if (!nb_slice_equal_nocase(header->typ, NB_SLICE("JWT"))) {
        nauth__diag_quoted(diag, "not supported type ", header->typ, "");
        return NB_EUNSUPPORTED;
    }
    if (!nb_slice_equal_nocase(header->alg, NB_SLICE("ed25519")) &&
        !nb_slice_equal_nocase(header->alg, NB_SLICE("ed25519-nkey"))) {
        nauth__diag_quoted(diag, "unexpected ", header->alg, " algorithm");
        return NB_EUNSUPPORTED;
    }
    *is_plain_alg = nb_slice_is(header->alg, "ed25519");
    return NB_OK;
}

int nauth__jwt_check_header(struct slice part, bool *is_plain_alg, struct nb_diag *diag)
{
    static const struct nauth__field fields[] = {
        {"typ", nauth__read_text, offsetof(struct header, typ)},
        {"alg", nauth__read_text, offsetof(struct header, alg)},
    };
    struct header header = {.typ = {NULL, 0}};
    struct nb_json_doc doc = {0};
    struct nb_arena arena;
    struct nauth__reader reader = {.arena = &arena, .diag = diag};
    int rc = parse(part, HEADER_MAX_BYTES, &doc, diag);

    nb_arena_init(&arena, HEADER_MAX_BYTES);
    if (rc == NB_OK) {
        rc = nauth__read_object(&reader, doc.root, NAUTH__FIELDS(fields), &header);
    }
    if (rc == NB_OK) {
        rc = judge(&header, is_plain_alg, diag);
    }
    nb_arena_fini(&arena);
    nb_json_doc_fini(&doc);
    return rc;
}
