/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Qubicle Binary Tree (.qbt), read.
 *
 * Used by: format.  Uses: format/format.h.
 *
 * Source: "Qubicle Binary Tree File Specifications" (getqubicle.com/qubicle/documentation/docs/file/qbt/). "QB 2", two bytes of version, three
 * floats of scale; "COLORMAP", a count and as many RGBA colours; "DATATREE" and one node (format/qubicle.h): kind, size, and then, of a model,
 * the number of its children; of others name, position, scale, pivot, size, and voxels in zlib, four bytes each: red, green, blue (or, with a
 * colour map, an index) and a mask that is 0 where there is no voxel.
 *
 * Matrices become layers. Scales are left out, with a warning, as are nodes of kinds that are not known.
 */
#ifndef GOXEL_FORMAT_QBT_H
#define GOXEL_FORMAT_QBT_H

#include "format/format.h"

int goxel_qbt_read(const struct goxel_import *import, struct goxel_project **ret_project);

#endif
