/* crc16.h - the checksum inside nkeys: CRC-16/XMODEM (polynomial 0x1021, start 0, nothing
 * reflected). Threads: [any].
 */
#pragma once

#include <natsd/slice.h>

uint16_t nauth__crc16(struct slice bytes);
