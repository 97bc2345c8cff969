/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which colours a volume has, and where.
 *
 * Used by: rpc.  Uses: core/match.h, core/volume.h.
 *
 * Space of one colour costs its tiles, not its voxels. Volumes are only read: any number of threads may
 * ask at once. A box is inclusive; NULL means all there is.
 */
#ifndef GOXEL_CORE_COLORS_H
#define GOXEL_CORE_COLORS_H

#include "core/match.h"

struct goxel_color_count {
    struct goxel_color color;
    int64_t count; /* voxels */
};

struct goxel_colors_options {
    int bin_size; /* channels are rounded down to multiples of that, 1–256; a bin of alpha 0 is no empty one */
    int merge;    /* 0–255: a colour joins the most frequent one that is so near in each channel */
    size_t colors; /* there may be at most so many, rounded and before they are merged */
};

/*
 * An array of the box's colours with how many voxels each has, the most frequent first and equal ones in
 * the order of r, g, b, a; freed with free(3), NULL and 0 if nothing is there. GOXEL_ERROR_VALIDATION
 * (an option out of range), GOXEL_ERROR_INVALID_COORDINATES, GOXEL_ERROR_QUOTA (more colours than that),
 * GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 */
int goxel_volume_colors(const struct goxel_volume *volume, const struct goxel_box *box,
                        const struct goxel_colors_options *options, struct goxel_cancel *cancel,
                        struct goxel_color_count **ret_colors, size_t *ret_count);

/* Voxels in the box. GOXEL_ERROR_INVALID_COORDINATES, the cancel's code. */
int goxel_volume_count_in(const struct goxel_volume *volume, const struct goxel_box *box,
                          struct goxel_cancel *cancel, int64_t *ret_count);

/*
 * Calls `visit` for every voxel of the box that matches, in the order of the tree, which is the same for
 * every call on one volume; a non-zero return ends the search and is returned. The volume must not
 * change meanwhile. GOXEL_ERROR_VALIDATION (empty voxels cannot be looked for; a tolerance that is
 * none), GOXEL_ERROR_INVALID_COORDINATES, the cancel's code.
 */
int goxel_volume_find(const struct goxel_volume *volume, const struct goxel_box *box,
                      const struct goxel_match *match, struct goxel_cancel *cancel, goxel_voxel_visit *visit,
                      void *ctx);

#endif
