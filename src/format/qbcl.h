/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Qubicle's own projects (.qbcl), read.
 *
 * Used by: format.  Uses: format/format.h.
 *
 * Nobody has published a specification; what is known is what files show. "QBCL", four bytes of the program's version, version 2 of
 * the file; width and height of a picture and as many BGRA pixels; seven texts (length, bytes) and 16 bytes; then one node (format/qubicle.h):
 * kind, a number, name, three bytes of which the first says whether it is visible; of a model 36 bytes and the number of children; of others
 * size, position, pivot, and voxels in zlib, of a compound then the number of children. Voxels: for each column along y two bytes, the
 * number of words, and as many words of red, green, blue, mask. Mask 2 makes it a run, of `red` voxels, and the next word its colour; mask 0 is
 * no voxel.
 *
 * Matrices become layers, shown or hidden as they are.
 */
#ifndef GOXEL_FORMAT_QBCL_H
#define GOXEL_FORMAT_QBCL_H

#include "format/format.h"

int goxel_qbcl_read(const struct goxel_import *import, struct goxel_project **ret_project);

#endif
