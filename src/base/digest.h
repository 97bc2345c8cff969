/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A number that tells bytes apart, 64 bits: FNV-1a (draft-eastlake-fnv). Whoever wants two texts with the same one
 * finds them: it decides nothing that a stranger must not.
 *
 * Used by: base/repeat, http.  Uses: nothing.  Thread-safe.
 */
#ifndef GOXEL_BASE_DIGEST_H
#define GOXEL_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define GOXEL_DIGEST_START UINT64_C(0xcbf29ce484222325)

/* Of what `digest` is of (GOXEL_DIGEST_START: nothing), followed by these bytes. */
uint64_t goxel_digest(uint64_t digest, const void *bytes, size_t len);

#endif
