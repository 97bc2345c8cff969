/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A set of 64-bit keys, to count distinct ones: colours of a project, bricks of an edit.
 *
 * Used by: rpc alone.  Uses: nothing.
 *
 * Life: embedded, `init` to `finish`; one thread. It grows with the distinct keys alone, 16 bytes a
 * key at most, and its owner bounds those.
 */
#ifndef GOXEL_RPC_KEYSET_H
#define GOXEL_RPC_KEYSET_H

#include <stddef.h>
#include <stdint.h>

struct goxel_keyset {
    uint64_t *slots; /* key + 1; 0 is free */
    size_t capacity; /* a power of two */
    size_t count;
};

void goxel_keyset_init(struct goxel_keyset *set);
void goxel_keyset_finish(struct goxel_keyset *set);
/* `key` below UINT64_MAX. 0 or GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_keyset_add(struct goxel_keyset *set, uint64_t key);

#endif
