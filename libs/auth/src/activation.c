#include <natsd/claims.h>

#include "base32.h"

#include <natsd/subject.h>

#include <openssl/sha.h>

enum {
    HASH_TEXT_BYTES = (SHA256_DIGEST_LENGTH * 8 + 4) / 5, // of base32
};

// The tokens before the first wildcard.
static struct slice literal_part(struct slice subject)
{
    struct slice rest = subject;
    struct slice token;

    while (nsub_subject_take_token(&rest, &token)) {
        if (nb_slice_is(token, "*") || nb_slice_is(token, ">")) {
            size_t n = (size_t)(token.p - subject.p);

            return n > 0 ? nb_slice_make(subject.p, n - 1) : NB_SLICE("_");
        }
    }
    return subject;
}

static void add(SHA256_CTX *sha, struct slice text)
{
    SHA256_Update(sha, text.p, text.n);
}

int nauth_activation_hash_id(const struct nauth_claims *activation, struct nb_buf *out)
{
    struct slice subject = activation->activation.subject;
    uint8_t digest[SHA256_DIGEST_LENGTH];
    char text[HASH_TEXT_BYTES + 4];
    SHA256_CTX sha;

    if (activation->kind != NAUTH_CLAIMS_ACTIVATION || activation->issuer.n == 0 ||
        activation->subject.n == 0 || subject.n == 0) {
        return NB_EINVALID;
    }
    SHA256_Init(&sha);
    add(&sha, activation->issuer);
    add(&sha, NB_SLICE("."));
    add(&sha, activation->subject);
    add(&sha, NB_SLICE("."));
    add(&sha, literal_part(subject));
    SHA256_Final(digest, &sha);
    nauth__base32_encode(nb_slice_make(digest, sizeof(digest)), text);
    memset(text + HASH_TEXT_BYTES, '=', sizeof(text) - HASH_TEXT_BYTES); // to eight letters
    return nb_buf_append(out, nb_slice_make(text, sizeof(text)));
}
