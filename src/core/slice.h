/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A plane of a volume as pixels.
 *
 * Used by: rpc.  Uses: core/volume.h.
 */
#ifndef GOXEL_CORE_SLICE_H
#define GOXEL_CORE_SLICE_H

#include "core/volume.h"

/*
 * The plane where the coordinate of an axis (0 x, 1 y, 2 z) is `at`, over the rectangle that the box has
 * in the other two: the first of them runs along the rows, the second from row to row, both upwards from
 * the box's smallest corner. What the box says of the axis itself does not matter.
 */
struct goxel_slice {
    int axis;
    int32_t at;
    struct goxel_box box;
};

/* Pixels of a row, and rows. GOXEL_ERROR_VALIDATION (no such axis), GOXEL_ERROR_INVALID_COORDINATES. */
int goxel_slice_size(const struct goxel_slice *slice, int64_t *ret_width, int64_t *ret_height);

/*
 * Writes width × height pixels, row after row. Costs the rectangle and the links it meets; empty space
 * is cleared at once. The above, or the cancel's code, with pixels of no meaning.
 */
int goxel_volume_slice(const struct goxel_volume *volume, const struct goxel_slice *slice,
                       struct goxel_cancel *cancel, struct goxel_color *ret_pixels);

#endif
