/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * STL, binary: what is shown, as triangles with their normals.
 *
 * Used by: format.  Uses: format/model.h.
 *
 * A header of 80 bytes, the number of triangles, and for each of them its normal, its corners, and 16 bits: 0, or with `colors` 5 bits each
 * of red (the lowest), green and blue, as in Materialise Magics, for which the header says "COLOR=". Z is up; a closed surface unless
 * told otherwise.
 *
 * The corners of a closed or smooth surface are kept while it is written, 12 bytes each: its triangles have corners of other pieces.
 * Format: https://en.wikipedia.org/wiki/STL_(file_format).
 */
#ifndef GOXEL_FORMAT_STL_H
#define GOXEL_FORMAT_STL_H

#include "format/format.h"

extern const struct goxel_format_option goxel_stl_options[];

int goxel_stl_write(const struct goxel_export *export, struct goxel_buf *out);

#endif
