/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Open addressing with linear steps, never more than half full: the keys are small and never removed. */
#include "rpc/keyset.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define FIRST_CAPACITY 64

void goxel_keyset_init(struct goxel_keyset *set)
{
    memset(set, 0, sizeof(*set));
}

void goxel_keyset_finish(struct goxel_keyset *set)
{
    free(set->slots);
    goxel_keyset_init(set);
}

/* The slot that holds `entry`, or the free one where it belongs. */
static uint64_t *place_of(uint64_t *slots, size_t capacity, uint64_t entry)
{
    /* Multiplying by an odd constant near 2^64 / golden ratio spreads neighbours over the high bits. */
    uint64_t hash = entry * UINT64_C(0x9e3779b97f4a7c15);
    size_t at = (size_t)(hash >> 32) & (capacity - 1);

    while (slots[at] && slots[at] != entry)
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

static int grow(struct goxel_keyset *set)
{
    size_t capacity = set->capacity ? set->capacity * 2 : FIRST_CAPACITY;
    uint64_t *slots = calloc(capacity, sizeof(*slots));

    if (!slots)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    for (size_t i = 0; i < set->capacity; i++) {
        if (set->slots[i])
            *place_of(slots, capacity, set->slots[i]) = set->slots[i];
    }
    free(set->slots);
    set->slots = slots;
    set->capacity = capacity;
    return 0;
}

int goxel_keyset_add(struct goxel_keyset *set, uint64_t key)
{
    uint64_t *slot;
    int code;

    if (set->count >= set->capacity / 2 && (code = grow(set)))
        return code;
    slot = place_of(set->slots, set->capacity, key + 1);
    if (!*slot) {
        *slot = key + 1;
        set->count++;
    }
    return 0;
}
