/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Voxlap's .kv6.
 *
 * Used by: format.  Uses: format/slab.h.
 *
 * A file is "Kvxl", uint32 x, y, z sizes, float x, y, z of the pivot, uint32 count, as many voxels of {uint8 blue, green, red, unused,
 * uint16 z, uint8 visible faces, direction of the normal}, uint32 [x], the voxels of each x, and uint16 [x][y], those of each
 * column, in which order they are. There may be "SPal" and 256 colours of three bytes from 0 to 63, which its editor offers: they become
 * the project's palette. Little-endian; Z goes down: see format/slab.h. Only voxels that can be seen are there, and no others are made
 * up: the model is hollow. The pivot comes to the origin. (slab6.txt of Ken Silverman's SLAB6.)
 */
#ifndef GOXEL_FORMAT_KV6_H
#define GOXEL_FORMAT_KV6_H

#include "format/format.h"

int goxel_kv6_read(const struct goxel_import *import, struct goxel_project **ret_project);

#endif
