/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A number for each key: colours that are counted, places that were seen.
 *
 * Used by: the files of core.  Uses: nothing.
 *
 * Life: begins as {0}, ended by `goxel_table_end`. It belongs to one thread.
 */
#ifndef GOXEL_CORE_TABLE_H
#define GOXEL_CORE_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct goxel_table_slot {
    uint64_t key;
    int64_t value; /* 0: free */
};

struct goxel_table {
    struct goxel_table_slot *slots; /* a power of two of them, never more than half in use */
    size_t size, used;
};

/* 0 if the key is not there. */
int64_t goxel_table_find(const struct goxel_table *table, uint64_t key);

/*
 * The number that is kept for the key, to be changed; 0 if it is new: the caller makes it another. It is
 * valid until the next call. NULL: out of memory.
 */
int64_t *goxel_table_place(struct goxel_table *table, uint64_t key);

void goxel_table_end(struct goxel_table *table);

#endif
