/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PNG as a file of voxels: read as a picture that becomes columns, or as slices; written as slices.
 *
 * Used by: format.  Uses: format/png.h, format/relief.h, format/input.h, format/grid.h.
 *
 * Slices are as Goxel's: all side by side in one picture, the one with the smallest position along `axis` first, of the smallest box with
 * all that is shown. In each, to the right and down are x and y (axis z), x and z (axis y), y and z (axis x), both growing.
 *
 *     width = slices × width of a slice, height = height of a slice; a pixel without alpha is no voxel
 *
 * What we write says how it is to be read, in a text chunk "goxel-slices": axis, number of slices, and the position of the smallest corner,
 * such as "z 16 -3 0 7". `mode=auto` goes by it, and takes other pictures for what `mode=picture` says. Without that chunk the corner is the
 * origin. Picture, extrude and heightmap: format/relief.h.
 */
#ifndef GOXEL_FORMAT_PNG_ROW_H
#define GOXEL_FORMAT_PNG_ROW_H

#include "format/format.h"

/* Bytes that a picture counts as in goxel_import_check_bricks, at most; of how many its file has it may count more. */
#define GOXEL_PNG_PIXEL_BYTES_MAX ((size_t)1 << 25)

extern const struct goxel_format_option goxel_png_row_options[];

int goxel_png_row_read(const struct goxel_import *import, struct goxel_project **ret_project);
int goxel_png_row_write(const struct goxel_export *export, struct goxel_buf *out);

#endif
