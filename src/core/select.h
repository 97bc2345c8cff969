/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arithmetic of selections. A selection is a mask (core/mask.h).
 *
 * Used by: rpc.  Uses: core/connect.h, core/mask.h.
 *
 * On failure a selection is as it was. What each may say: GOXEL_ERROR_INVALID_COORDINATES,
 * GOXEL_ERROR_VALIDATION, GOXEL_ERROR_QUOTA (GOXEL_VOLUME_BRICKS_MAX), GOXEL_ERROR_OUT_OF_MEMORY, the
 * cancel's code.
 */
#ifndef GOXEL_CORE_SELECT_H
#define GOXEL_CORE_SELECT_H

#include "core/connect.h"
#include "core/mask.h"

enum goxel_select { GOXEL_SELECT_SET, GOXEL_SELECT_ADD, GOXEL_SELECT_SUB, GOXEL_SELECT_INTERSECT };

/* With another selection; it may be the same one. */
int goxel_select_mask(struct goxel_volume *selection, const struct goxel_volume *other, enum goxel_select how,
                      struct goxel_cancel *cancel);

/* With a box; taking it away and keeping to it cost nothing for space that was not selected. */
int goxel_select_box(struct goxel_volume *selection, const struct goxel_box *box, enum goxel_select how,
                     struct goxel_cancel *cancel);

/* With the voxels of a volume that match, in a box (NULL: all). */
int goxel_select_color(struct goxel_volume *selection, const struct goxel_volume *volume,
                       const struct goxel_box *box, const struct goxel_match *match, enum goxel_select how,
                       struct goxel_cancel *cancel);

/* With what a flood reaches. */
int goxel_select_flood(struct goxel_volume *selection, const struct goxel_volume *volume,
                       const struct goxel_flood *flood, enum goxel_select how, struct goxel_cancel *cancel);

#endif
