/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * binvox (.binvox): a cube of voxels that are there or not.
 *
 * Used by: format.  Uses: format/format.h.
 *
 * Source: "BINVOX voxel file format specification" (patrickmin.com/binvox/binvox.html). Lines of text ("#binvox 1", "dim D H W", "translate X Y Z",
 * "scale S", "data"), then pairs of bytes, value and count; y along a row, z from row to row, x from plane to plane. A voxel at (i, j, k) of D
 * on an edge stands in the world at (i, j, k) · S / D + translate.
 *
 * Axes: y is our z, z runs down our y.
 *
 * Read: one layer, white. Where a voxel is one unit of the world and the translation is whole, that is where it stands; otherwise it begins at the
 * origin, with a warning.
 *
 * Written: what is shown, in the smallest cube from the smallest corner of its bounds, in a world of voxels. Longer edges than
 * GOXEL_BINVOX_EDGE_MAX are refused (GOXEL_ERROR_QUOTA). As in Goxel, what is more than half translucent is left out.
 */
#ifndef GOXEL_FORMAT_BINVOX_H
#define GOXEL_FORMAT_BINVOX_H

#include "format/format.h"

#define GOXEL_BINVOX_EDGE_MAX 1024 /* binvox's own, when it is told nothing else */

int goxel_binvox_read(const struct goxel_import *import, struct goxel_project **ret_project);
int goxel_binvox_write(const struct goxel_export *export, struct goxel_buf *out);

#endif
