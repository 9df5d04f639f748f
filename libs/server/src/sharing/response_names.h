/* response_names.h - the random and the hashed parts of reply subjects (spec 03 section 16.3). */
#pragma once

#include <natsd/slice.h>

enum {
    RESPONSE_TOKEN_BYTES = 6,
    RESPONSE_HASH_BYTES = 8,
};

// Random bytes in stock: the system is asked for many at a time.
struct nserver__random_tokens {
    uint8_t bytes[240];
    unsigned left;
};

// RESPONSE_TOKEN_BYTES letters and digits that nobody can guess. The stock may be zeroed.
void nserver__random_token(struct nserver__random_tokens *stock, char *out);
// RESPONSE_HASH_BYTES letters and digits: the same for the same name.
void nserver__name_hash(struct slice name, char *out);
