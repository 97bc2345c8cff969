/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Qubicle Binary (.qb): layers as dense boxes of colours.
 *
 * Used by: format.  Uses: format/format.h.
 *
 * Source: "Qubicle Binary File Specifications" (getqubicle.com/qubicle/documentation/docs/file/qb/). Six little-endian numbers of four bytes
 * (version 1.1.0.0; colours RGBA or BGRA; z axis; RLE or not; whether alpha is a mask of visible sides; number of matrices), then for each
 * matrix a name after a byte of length, its size, its position, and its voxels, x along a row, y from row to row, z from plane to plane. Any
 * alpha but 0 is a voxel. RLE goes plane by plane: 2, count, colour for a run; 6 ends a plane.
 *
 * Axes: y is our z. The flag of the z axis is taken as Goxel takes it: files marked right-handed run up our y, files marked left-handed
 * down it. (The words of the specification say the opposite, but what Qubicle and Goxel write stands right this way.)
 *
 * Read: each matrix is a layer; of matrices that are announced and missing behind the last whole one, as in files of Goxel with empty layers,
 * the reader warns.
 *
 * Written: RGBA, right-handed, alpha 0 or 255; each layer, hidden or not, is one matrix of its bounds, an empty one a single empty voxel. A
 * box of more than 2^24 voxels of which fewer than one in 16 is there, or with a plane of more than 2^22, or of more than 2^28, would be a file
 * of nothing: it is split at multiples of 256 voxels into matrices of the same name, each of the bounds of what is there. More than
 * GOXEL_LAYERS_MAX matrices are refused (GOXEL_ERROR_QUOTA).
 */
#ifndef GOXEL_FORMAT_QB_H
#define GOXEL_FORMAT_QB_H

#include "format/format.h"

extern const struct goxel_format_option goxel_qb_options[];

int goxel_qb_read(const struct goxel_import *import, struct goxel_project **ret_project);
int goxel_qb_write(const struct goxel_export *export, struct goxel_buf *out);

#endif
