#include "crc16.h"

// Bit by bit: an nkey has some 34 bytes and is read once per connection.
uint16_t nauth__crc16(struct slice bytes)
{
    uint32_t crc = 0;

    for (size_t i = 0; i < bytes.n; i++) {
        crc ^= (uint32_t)bytes.p[i] << 8;
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
        }
        crc &= 0xFFFF;
    }
    return (uint16_t)crc;
}
