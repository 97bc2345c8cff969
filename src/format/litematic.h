/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Litematica's schematics (.litematic), read.
 *
 * Used by: format.  Uses: format/format.h.
 *
 * Source: "The Litematic file format" (litemapy.readthedocs.io) and what files show. Gzipped tags (format/nbt.h): in `Regions` a compound for each
 * region with Size, Position (x, y, z each), BlockStatePalette (a list of compounds with a Name) and BlockStates: for each block an index of as
 * many bits as the palette needs, two at least, one after the other through an array of longs, over their borders too, the lowest bits first; x
 * along a row, z from row to row, y from plane to plane. A negative size runs from the position down.
 *
 * Axes: y is our z, z runs down our y. Each region is a layer of its name, at its position. Colours as in format/schem.h.
 */
#ifndef GOXEL_FORMAT_LITEMATIC_H
#define GOXEL_FORMAT_LITEMATIC_H

#include "format/format.h"

int goxel_litematic_read(const struct goxel_import *import, struct goxel_project **ret_project);

#endif
