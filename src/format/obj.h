/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Wavefront's OBJ, and the MTL that goes beside it.
 *
 * Used by: format.  Uses: format/model.h.
 *
 * An object (`o`) a layer; then its vertices (`v`), normals (`vn`, one a vertex), and faces (`f`): of four corners, or three where the
 * mesher makes triangles. Y is up unless told otherwise, as programs that read OBJ take it to be (Blender's default, Goxel's, engines).
 *
 * `colors`:
 *   vertex    three more numbers in each `v`: red, green, blue, 0–1, sRGB, rounded up to thousandths, so that the byte comes back whether it
 *             is rounded or cut. No alpha. A vertex of a closed or smooth surface has one of its faces' colours.
 *   material  `usemtl RRGGBBAA` before the faces of a colour, of which there are runs of thousands, and `mtllib NAME.mtl`. The MTL has a material of that name for each colour,
 *             with Kd as above and `d` for alpha; it is made of the same project and options.
 *   none
 *
 * Names: control characters and the backslash, with which a line would go on, become "_".
 * Format: http://paulbourke.net/dataformats/obj/, http://paulbourke.net/dataformats/mtl/.
 */
#ifndef GOXEL_FORMAT_OBJ_H
#define GOXEL_FORMAT_OBJ_H

#include "format/format.h"

/* They differ in the default of `colors`, alone: an MTL is asked for by who wants materials. */
extern const struct goxel_format_option goxel_obj_options[], goxel_mtl_options[];

int goxel_obj_write(const struct goxel_export *export, struct goxel_buf *out);
bool goxel_obj_refers(const struct goxel_format_options *options); /* to an MTL */
int goxel_mtl_write(const struct goxel_export *export, struct goxel_buf *out);

#endif
