/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * 3MF, the 3D Manufacturing Format: a ZIP archive with one model in XML.
 *
 * Used by: format.  Uses: format/model.h, format/zip.h.
 *
 * An object a layer, with its name; several are the components of one more, named as the file, which is what is built: printers keep them
 * together. Surfaces are closed unless told otherwise, and the smallest corner comes to zero: what is built lies where all coordinates are
 * positive. Z is up, a voxel is a millimetre. Colours are a colour group of the materials extension, #RRGGBBAA in sRGB, one a triangle;
 * vertices are shared by all, or the surface would not be closed.
 *
 * Specification: 3MF Core 1.3, Materials and Properties Extension 1.2 (https://3mf.io/spec).
 */
#ifndef GOXEL_FORMAT_THREEMF_H
#define GOXEL_FORMAT_THREEMF_H

#include "format/format.h"

extern const struct goxel_format_option goxel_threemf_options[];

int goxel_threemf_write(const struct goxel_export *export, struct goxel_buf *out);

#endif
