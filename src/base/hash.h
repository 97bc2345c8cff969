/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A fast hash of much data, 64 bits, to notice that it is not what it was: XXH3 (libxxhash), which is the same on every
 * machine. No help against somebody who wants it to be the same.
 *
 * Used by: core, store.  Uses: nothing.  Thread-safe.
 */
#ifndef GOXEL_BASE_HASH_H
#define GOXEL_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Of what `hash` is of (0: nothing), followed by these bytes. */
uint64_t goxel_hash(uint64_t hash, const void *bytes, size_t len);

#endif
