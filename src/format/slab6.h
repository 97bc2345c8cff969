/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SLAB6's .vox, which shares nothing but the extension with MagicaVoxel's.
 *
 * Used by: format.  Uses: format/slab.h.
 *
 * A file is int32 x, y, z sizes, little-endian, a byte for each voxel, x slowest and z fastest, and a palette of 256 colours of
 * three bytes from 0 to 63. 255 is empty. Z goes down: see format/slab.h. The smallest corner comes to the origin.
 * (slab6.txt of Ken Silverman's SLAB6.)
 */
#ifndef GOXEL_FORMAT_SLAB6_H
#define GOXEL_FORMAT_SLAB6_H

#include "format/format.h"

bool goxel_slab6_is_of(const uint8_t *bytes, size_t len);
int goxel_slab6_read(const struct goxel_import *import, struct goxel_project **ret_project);

#endif
