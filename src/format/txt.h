/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Goxel's text format: a line `X Y Z RRGGBB` for each voxel, `#` begins a comment.
 *
 * Used by: format.  Uses: format/format.h.
 *
 * A model of few voxels in more than 65,536 bricks is refused, read or written (GOXEL_ERROR_QUOTA).
 *
 * Written are the visible layers as one. As in Goxel, what is more than half translucent is left out
 * and the rest loses its alpha. Read is one layer; a position that comes twice has its last colour.
 */
#ifndef GOXEL_FORMAT_TXT_H
#define GOXEL_FORMAT_TXT_H

#include "format/format.h"

int goxel_txt_read(const struct goxel_import *import, struct goxel_project **ret_project);
int goxel_txt_write(const struct goxel_export *export, struct goxel_buf *out);

#endif
