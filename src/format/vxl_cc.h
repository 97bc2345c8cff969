/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The models of Command & Conquer: Tiberian Sun and Red Alert 2, .vxl.
 *
 * Used by: format.  Uses: format/input.h, core/accessor.h.
 *
 *   "Voxel Animation" with its NUL, uint32 1, count of limbs, that again, bytes of the body, uint8 first and last colour that is a
 *   player's, and 256 colours of three bytes
 *   for each limb: char [16] name, uint32 number, 1, 2
 *   the body, which the offsets below count from the beginning of
 *   for each limb: uint32 offsets of the beginnings, the ends and the data of its columns, float scale, float [3][4] matrix, float [3]
 *   smallest and largest corner, uint8 x, y, z sizes, uint8 kind of normals
 *
 * The beginnings are int32 each, x fastest, counted from the data, -1 for an empty column. A column is runs from below to above of
 * {uint8 left out, count, as many {uint8 colour, normal}, uint8 count} until it is full. Little-endian. The axes are ours.
 *
 * A limb is a layer. Its smallest corner, moved by the matrix, is where it lies, rounded to a voxel; the matrix's turns are left out, as
 * are normals. A palette that is all black is none: the game has its own, and the colours are greys then, light for high
 * indices. (The format has no text of its makers'; these facts are common to the programs that read it.)
 */
#ifndef GOXEL_FORMAT_VXL_CC_H
#define GOXEL_FORMAT_VXL_CC_H

#include "format/format.h"

bool goxel_vxl_cc_is_of(const uint8_t *bytes, size_t len);
int goxel_vxl_cc_read(const struct goxel_import *import, struct goxel_project **ret_project);

#endif
