/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arrays that grow as something is added to them.
 *
 * Used by: everything above.  Uses: the C library.
 *
 *     code = goxel_array_reserve(&list, &room, count + 1, sizeof(*list));
 *     if (!code)
 *         list[count++] = thing;
 *
 * How much there may be of it is the caller's affair, who has looked at it before.
 */
#ifndef GOXEL_BASE_ARRAY_H
#define GOXEL_BASE_ARRAY_H

#include <stddef.h>

/*
 * Room for `count` elements of `size` bytes: twice what there was, as often as it takes. `array` is the address of the pointer to the first
 * one, of memory that is freed with free(3), NULL with a room of 0; what is new of it is not set. GOXEL_ERROR_OUT_OF_MEMORY, also where that
 * many have no size: array and room are as they were then.
 */
int goxel_array_grow(void *array, size_t *room, size_t count, size_t size);

static inline int goxel_array_reserve(void *array, size_t *room, size_t count, size_t size)
{
    return count <= *room ? 0 : goxel_array_grow(array, room, count, size);
}

#endif
