/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Open addressing; what is found free ends the search. */
#include "core/table.h"

#include <stdlib.h>

#define TABLE_FIRST 64

static struct goxel_table_slot *slot_of(const struct goxel_table *table, uint64_t key)
{
    size_t at = (size_t)((key ^ key >> 31) * UINT64_C(0x9e3779b97f4a7c15) >> 32);

    while (table->slots[at & (table->size - 1)].value && table->slots[at & (table->size - 1)].key != key)
        at++;
    return &table->slots[at & (table->size - 1)];
}

/* 0: out of memory. */
static int grow(struct goxel_table *table)
{
    struct goxel_table larger = {.size = table->size ? table->size * 2 : TABLE_FIRST, .used = table->used};

    larger.slots = calloc(larger.size, sizeof(*larger.slots));
    if (!larger.slots)
        return 0;
    for (size_t i = 0; i < table->size; i++) {
        if (table->slots[i].value)
            *slot_of(&larger, table->slots[i].key) = table->slots[i];
    }
    free(table->slots);
    *table = larger;
    return 1;
}

int64_t goxel_table_find(const struct goxel_table *table, uint64_t key)
{
    return table->size ? slot_of(table, key)->value : 0;
}

int64_t *goxel_table_place(struct goxel_table *table, uint64_t key)
{
    struct goxel_table_slot *slot;

    if (2 * table->used >= table->size && !grow(table))
        return NULL;
    slot = slot_of(table, key);
    if (!slot->value) {
        slot->key = key;
        table->used++;
    }
    return &slot->value;
}

void goxel_table_end(struct goxel_table *table)
{
    free(table->slots);
    *table = (struct goxel_table){0};
}
