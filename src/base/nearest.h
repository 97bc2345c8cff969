/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The name that was probably meant by a mistyped one.
 *
 * Used by: config, rpc.  Uses: nothing.
 *
 * Life: the caller's, `{.written = NAME}`, offered one candidate after another; it owns no memory.
 */
#ifndef GOXEL_BASE_NEAREST_H
#define GOXEL_BASE_NEAREST_H

#include <stddef.h>

struct goxel_nearest {
    const char *written;
    const char *found; /* the nearest so far, one of the candidates; NULL if none is near */
    size_t distance;   /* of it */
};

void goxel_nearest_try(struct goxel_nearest *nearest, const char *candidate);

#endif
