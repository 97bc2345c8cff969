/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sproxel's table (.csv): the colour of each place of a box, as text.
 *
 * Used by: format.  Uses: format/format.h.
 *
 * Source: Sproxel's files. The first line is the size, "X,Y,Z" with Y up; then come Y planes from the top, each of Z rows of X colours
 * "#RRGGBBAA", a comma between them and an empty line behind each plane. Alpha 00 is no voxel.
 *
 * Axes: y is our z, z runs down our y: what is read is seen from above, as it stands in the file. Positions are not kept: the smallest corner
 * of what is read is at the origin.
 *
 * Read: commas, spaces and line feeds are the same. One layer.
 *
 * Written: what is shown. Boxes with a plane of more than 2^22 places, or of more than a file has room for, are refused (GOXEL_ERROR_QUOTA).
 */
#ifndef GOXEL_FORMAT_CSV_H
#define GOXEL_FORMAT_CSV_H

#include "format/format.h"

int goxel_csv_read(const struct goxel_import *import, struct goxel_project **ret_project);
int goxel_csv_write(const struct goxel_export *export, struct goxel_buf *out);

#endif
