#include "sharing/response_names.h"

#include <openssl/sha.h>

#include <natsd/random.h>

static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

enum {
    LETTERS = sizeof(alphabet) - 1,
};

static unsigned take_byte(struct nserver__random_tokens *stock)
{
    if (stock->left == 0) {
        nb_random_secure(stock->bytes, sizeof(stock->bytes));
        stock->left = sizeof(stock->bytes);
    }
    return stock->bytes[--stock->left];
}

void nserver__random_token(struct nserver__random_tokens *stock, char *out)
{
    for (size_t i = 0; i < RESPONSE_TOKEN_BYTES; i++) {
        unsigned high = take_byte(stock);

        out[i] = alphabet[(high << 8 | take_byte(stock)) % LETTERS];
    }
}

void nserver__name_hash(struct slice name, char *out)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];

    SHA256(name.p, name.n, digest);
    for (size_t i = 0; i < RESPONSE_HASH_BYTES; i++) {
        out[i] = alphabet[digest[i] % LETTERS];
    }
}
