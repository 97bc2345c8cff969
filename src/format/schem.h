/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Minecraft's schematics (.schem, .schematic), read.
 *
 * Used by: format.  Uses: format/format.h.
 *
 * Sources: "Sponge Schematic Specification", versions 1 to 3 (github.com/SpongePowered/Schematic-Specification); for MCEdit's older .schematic "Schematic
 * file format" (minecraft.wiki). Tags (format/nbt.h) with Width, Height and Length; of Sponge a palette of block names and a varint for each
 * block, of MCEdit a byte of number, perhaps four bits more (AddBlocks), and a byte of data; x along a row, z from row to row, y from plane
 * to plane.
 *
 * Axes: y is our z, z runs down our y. The smallest corner is at the origin: where a schematic would be pasted is left out.
 *
 * Read is one layer, its blocks as voxels of one colour each (format/blocks.h). Blocks nobody knows have a colour that follows from their name,
 * and are counted. Entities and what is in chests are left out.
 */
#ifndef GOXEL_FORMAT_SCHEM_H
#define GOXEL_FORMAT_SCHEM_H

#include "format/format.h"

int goxel_schem_read(const struct goxel_import *import, struct goxel_project **ret_project);

#endif
