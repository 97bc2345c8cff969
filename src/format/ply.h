/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stanford's PLY: what is shown, as one mesh.
 *
 * Used by: format.  Uses: format/model.h.
 *
 * Vertices: x, y, z, with normals nx, ny, nz, with colours red, green, blue, alpha (bytes, sRGB). Faces: a list of four corners, or three
 * where the mesher makes triangles. Little-endian unless told otherwise. Z is up, as Blender takes it to be.
 * Format: http://paulbourke.net/dataformats/ply/.
 */
#ifndef GOXEL_FORMAT_PLY_H
#define GOXEL_FORMAT_PLY_H

#include "format/format.h"

extern const struct goxel_format_option goxel_ply_options[];

int goxel_ply_write(const struct goxel_export *export, struct goxel_buf *out);

#endif
