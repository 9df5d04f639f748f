/* hex_digit.h - one digit of "%2F" and "\\2C". Threads: [any]. */
#pragma once

#include <stdint.h>

// -1 for what is none.
static inline int nnet__hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
