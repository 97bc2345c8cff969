/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The maps of Ace of Spades, .vxl.
 *
 * Used by: format.  Uses: format/slab.h.
 *
 * A file is 512 × 512 columns of 64 voxels, x fastest, without a header. A column is spans of {uint8 n, s, e, a}: air from a on, from s
 * to e (inclusive) voxels of the colours that follow, as many {uint8 blue, green, red, shade}. If n is 0 it is the last span,
 * and below e all is solid; otherwise n is its length in four bytes each, head included, what of it is more than those colours are
 * those of voxels that end where the next span's air begins, and between the two all is solid. Z goes down: see format/slab.h.
 * The map's smallest corner comes to the origin. (https://silverspaceship.com/aosmap/aos_file_format.html)
 *
 * What is solid without a colour was never seen by anybody; there it is rock all the same: it gets the brown that the game shows where
 * it is dug up, with a warning that says how much it is.
 */
#ifndef GOXEL_FORMAT_VXL_H
#define GOXEL_FORMAT_VXL_H

#include "format/format.h"

bool goxel_vxl_is_of(const uint8_t *bytes, size_t len);
int goxel_vxl_read(const struct goxel_import *import, struct goxel_project **ret_project);

#endif
