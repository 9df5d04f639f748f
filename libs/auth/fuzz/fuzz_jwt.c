/* Any text is refused or decoded, and what is decoded can be validated, signed again, and decoded
 * to claims that are signed to the same text. A text that isn't a token is taken for the payload of
 * one: its first byte tells the kind, the rest is signed by a key of the right type, because no
 * fuzzer finds a signature.
 */
#include <natsd/jwt.h>

#include <natsd/base64.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    NOW = 1700000000,
    PAYLOAD_MAX_BYTES = 64 * 1024,
    TOKEN_MAX_BYTES = 4 * NAUTH_JWT_MAX_BYTES,
};

static const struct {
    enum nauth_claims_kind kind;
    enum nauth_nkey_type signer;
} kinds[] = {
    {NAUTH_CLAIMS_GENERIC, NAUTH_NKEY_OPERATOR},
    {NAUTH_CLAIMS_OPERATOR, NAUTH_NKEY_OPERATOR},
    {NAUTH_CLAIMS_ACCOUNT, NAUTH_NKEY_OPERATOR},
    {NAUTH_CLAIMS_USER, NAUTH_NKEY_ACCOUNT},
    {NAUTH_CLAIMS_ACTIVATION, NAUTH_NKEY_ACCOUNT},
    {NAUTH_CLAIMS_AUTH_REQUEST, NAUTH_NKEY_SERVER},
    {NAUTH_CLAIMS_AUTH_RESPONSE, NAUTH_NKEY_ACCOUNT},
};

static struct nauth_nkey signer_of(enum nauth_nkey_type type)
{
    static const uint8_t seed[NAUTH_NKEY_RAW_BYTES] = {7};
    struct nauth_nkey key;
    int rc = nauth_nkey_create_from(type, seed, &key);

    assert(rc == NB_OK);
    return key;
}

// Owned; empty when the claims can't be signed.
static struct slice sign_again(const struct nauth_claims *claims)
{
    struct nauth_nkey signer = signer_of(kinds[claims->kind].signer);
    struct nb_buf out;
    int rc;

    nb_buf_init(&out, TOKEN_MAX_BYTES);
    rc = nauth_jwt_encode(claims, &signer, NOW, &out, NULL);
    assert(rc == NB_OK || nb_buf_slice(&out).n == 0);
    return nb_buf_take(&out);
}

static void use(const struct nauth_claims *claims)
{
    struct nauth_issues issues = {.count = 0};
    int64_t left;

    nauth_claims_validate(claims, NOW, &issues);
    for (size_t i = 0; i < issues.count; i++) {
        assert(issues.items[i].text.n > 0);
    }
    nauth_issues_fini(&issues);
    if (claims->kind == NAUTH_CLAIMS_USER) {
        struct nauth_rules *rules = nauth_rules_create(&claims->user.limits.permissions);

        nauth_rules_may_publish(rules, claims->name);
        nauth_rules_may_subscribe(rules, claims->name, claims->subject);
        nauth_rules_unref(rules);
        nauth_times_allow(&claims->user.limits, NOW, &left);
        nauth_src_allows(&claims->user.limits.src, NB_SLICE("10.0.0.1"));
    }
    for (size_t i = 0;
         claims->kind == NAUTH_CLAIMS_ACCOUNT && i < claims->account.signing_key_count; i++) {
        const struct nauth_claims user = {.kind = NAUTH_CLAIMS_USER,
                                          .name = claims->name,
                                          .subject = claims->subject,
                                          .tags = claims->tags};
        struct nauth_permissions permissions;
        struct nb_arena arena;

        nb_arena_init(&arena, 16 * 1024 * 1024);
        if (nauth_scope_permissions(&claims->account.signing_keys[i], &user, claims, &arena,
                                    &permissions, NULL) == NB_OK) {
            nauth_rules_unref(nauth_rules_create(&permissions));
        }
        nb_arena_fini(&arena);
    }
}

static void decode_and_sign(struct slice token, enum nauth_claims_kind kind)
{
    struct nauth_claims claims;
    struct nauth_claims again;
    struct slice first;
    struct slice second;
    int rc;

    if (nauth_jwt_decode(token, kind, &claims, NULL) < 0) {
        return;
    }
    assert(claims.kind == kind);
    use(&claims);
    first = sign_again(&claims);
    nauth_claims_fini(&claims);
    if (first.n > 0) {
        rc = nauth_jwt_decode(first, kind, &again, NULL);
        assert(rc == NB_OK);
        second = sign_again(&again);
        assert(nb_slice_equal(first, second));
        nb_slice_free(&second);
        nauth_claims_fini(&again);
    }
    nb_slice_free(&first);
}

// {"iss":"<signer>","sub":...} cannot be put into any text: the payload begins with a "{", the
// issuer is put behind it.
static void decode_payload(enum nauth_claims_kind kind, struct slice payload)
{
    struct nauth_nkey signer = signer_of(kinds[kind].signer);
    uint8_t signature[NAUTH_NKEY_SIGNATURE_BYTES];
    char issuer[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1];
    struct nb_buf token;
    struct nb_buf text;
    int rc;

    nb_buf_init(&text, PAYLOAD_MAX_BYTES + 1024);
    nb_buf_init(&token, TOKEN_MAX_BYTES);
    nauth_nkey_public_text(&signer, issuer);
    nb_buf_must_format(&text, "{\"iss\":\"%s\"", issuer);
    nb_buf_must(&text, payload);
    rc = nauth_base64url_encode(NB_SLICE("{\"typ\":\"JWT\",\"alg\":\"ed25519-nkey\"}"), &token);
    assert(rc == NB_OK);
    nb_buf_must_text(&token, ".");
    rc = nauth_base64url_encode(nb_buf_slice(&text), &token);
    assert(rc == NB_OK);
    rc = nauth_nkey_sign(&signer, nb_buf_slice(&token), signature);
    assert(rc == NB_OK);
    nb_buf_must_text(&token, ".");
    rc = nauth_base64url_encode(nb_slice_make(signature, sizeof(signature)), &token);
    assert(rc == NB_OK);
    decode_and_sign(nb_buf_slice(&token), kind);
    nb_buf_fini(&token);
    nb_buf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = nb_slice_make(data, size);
    struct slice token = nauth_jwt_of_file(text);

    for (size_t i = 0; i < NB_ARRAY_LEN(kinds); i++) {
        decode_and_sign(token, kinds[i].kind);
    }
    if (size > 1 && size <= PAYLOAD_MAX_BYTES) {
        decode_payload(kinds[data[0] % NB_ARRAY_LEN(kinds)].kind, nb_slice_sub(text, 1, size));
    }
    return 0;
}
