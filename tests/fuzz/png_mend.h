/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checksums of PNG files, set right, for targets that look behind them. */
#ifndef GOXEL_TESTS_FUZZ_PNG_MEND_H
#define GOXEL_TESTS_FUZZ_PNG_MEND_H

#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

static inline void put_32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Checksums keep whatever was changed from being looked at: each chunk gets the right one. */
static inline void mend(uint8_t *bytes, size_t size)
{
    size_t at = 8;

    while (at + 12 <= size) {
        size_t len = (size_t)bytes[at] << 24 | (size_t)bytes[at + 1] << 16 | (size_t)bytes[at + 2] << 8 |
                     (size_t)bytes[at + 3];

        if (len > size - at - 12)
            return;
        put_32(bytes + at + 8 + len, (uint32_t)crc32(0, bytes + at + 4, (uInt)len + 4));
        at += 12 + len;
    }
}

#endif
