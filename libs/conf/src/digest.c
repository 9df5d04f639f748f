#include <natsd/conf.h>

#include "json.h"

#include <openssl/sha.h>

#include <assert.h>

static int update(void *ctx, struct slice part)
{
    SHA256_CTX *sha = ctx;

    SHA256_Update(sha, part.p, part.n); // cannot fail
    return NB_OK;
}

void nconf_digest(const struct nconf_doc *doc, char out[NCONF_DIGEST_BYTES + 1])
{
    static const char prefix[] = "sha256:";
    static const char hex[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256_CTX sha;
    struct nconf__pen pen = {.write = update, .ctx = &sha};
    size_t n = sizeof(prefix) - 1;

    SHA256_Init(&sha);
    nconf__json_put(&pen, doc->root);
    nconf__put_text(&pen, "\n");
    SHA256_Final(digest, &sha);

    memcpy(out, prefix, n);
    for (size_t i = 0; i < sizeof(digest); i++) {
        out[n++] = hex[digest[i] >> 4];
        out[n++] = hex[digest[i] & 15];
    }
    assert(n == NCONF_DIGEST_BYTES);
    out[n] = '\0';
}
