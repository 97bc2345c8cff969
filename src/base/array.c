/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define FIRST_ROOM 16

int goxel_array_grow(void *array, size_t *room, size_t count, size_t size)
{
    size_t most = *room ? *room : FIRST_ROOM, bytes;
    void *old, *grown;

    while (most < count) {
        if (__builtin_mul_overflow(most, (size_t)2, &most))
            return GOXEL_ERROR_OUT_OF_MEMORY;
    }
    if (__builtin_mul_overflow(most, size, &bytes) || bytes > PTRDIFF_MAX)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    memcpy(&old, array, sizeof(old)); /* whatever it points to */
    grown = realloc(old, bytes);
    if (!grown)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    memcpy(array, &grown, sizeof(grown));
    *room = most;
    return 0;
}
