/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No table, no state: a multiplication for each byte is enough for lines of a log and the files of a console. */
#include "base/digest.h"

uint64_t goxel_digest(uint64_t digest, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < len; i++)
        digest = (digest ^ at[i]) * UINT64_C(0x100000001b3);
    return digest;
}
