/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/hash.h"

#include <xxhash.h>

uint64_t goxel_hash(uint64_t hash, const void *bytes, size_t len)
{
    return XXH3_64bits_withSeed(bytes, len, hash);
}
