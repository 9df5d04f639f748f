/* odd_keys.h - public keys with a right checksum and any number of bytes between. */
#pragma once

#include <natsd/nkey.h>

#include "base32.h"
#include "crc16.h"

enum { ODD_KEY_BYTES_MAX = 33 };

// `out` has room for 64 characters.
static inline void public_key_of_size(enum nauth_nkey_type type, size_t raw_size, char *out)
{
    uint8_t bytes[1 + ODD_KEY_BYTES_MAX + 2] = {(uint8_t)type};
    size_t size = 1 + raw_size;
    uint16_t crc = nauth__crc16(nb_slice_make(bytes, size));

    bytes[size] = (uint8_t)(crc & 0xFF);
    bytes[size + 1] = (uint8_t)(crc >> 8);
    nauth__base32_encode(nb_slice_make(bytes, size + 2), out);
    out[((size + 2) * 8 + 4) / 5] = '\0';
}
