/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Build engine's .kvx.
 *
 * Used by: format.  Uses: format/slab.h.
 *
 * A file has up to five levels of detail, each half as fine as the one before, of which the first is read:
 *
 *   uint32 bytes that follow of the level; uint32 x, y, z sizes; int32 x, y, z of the pivot, in 256ths of a voxel
 *   uint32 [x + 1], where each x begins, counted from this table's beginning
 *   uint16 [x][y + 1], where each column begins, counted from the x's beginning, and where the last one ends
 *   for each column slabs of {uint8 top, count, visible faces, as many uint8 colours}
 *
 * and then 256 colours of three bytes from 0 to 63. Little-endian; Z goes down: see format/slab.h. Only voxels that can be seen are there,
 * and no others are made up: the model is hollow. The pivot comes to the origin. (slab6.txt of Ken Silverman's SLAB6.)
 *
 * Columns lie one after another, as all programs write them: a file in which they overlap is refused.
 */
#ifndef GOXEL_FORMAT_KVX_H
#define GOXEL_FORMAT_KVX_H

#include "format/format.h"

int goxel_kvx_read(const struct goxel_import *import, struct goxel_project **ret_project);

#endif
