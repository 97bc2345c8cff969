/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which voxels are meant: those of a colour, exactly or nearly.
 *
 * Used by: core, rpc.  Uses: core/volume.h.
 */
#ifndef GOXEL_CORE_MATCH_H
#define GOXEL_CORE_MATCH_H

#include "core/volume.h"

/*
 * A voxel of which each of the four channels differs by `tolerance` (0–255) at most. Empty voxels are
 * never near a colour; a colour of alpha 0 means them, and nothing else, whatever the tolerance.
 */
struct goxel_match {
    struct goxel_color color;
    int tolerance;
};

/* Every voxel that is not empty. */
extern const struct goxel_match goxel_match_any;

static inline bool goxel_channel_near(int a, int b, int tolerance)
{
    return a - b <= tolerance && b - a <= tolerance;
}

static inline bool goxel_color_near(struct goxel_color a, struct goxel_color b, int tolerance)
{
    return goxel_channel_near(a.r, b.r, tolerance) && goxel_channel_near(a.g, b.g, tolerance) &&
           goxel_channel_near(a.b, b.b, tolerance) && goxel_channel_near(a.a, b.a, tolerance);
}

static inline bool goxel_match_color(const struct goxel_match *match, struct goxel_color color)
{
    if (!match->color.a || !color.a)
        return !match->color.a && !color.a;
    return goxel_color_near(color, match->color, match->tolerance);
}

/* A colour that some voxel may have, and a tolerance that is one. */
static inline bool goxel_match_valid(const struct goxel_match *match)
{
    return match->color.a && match->tolerance >= 0 && match->tolerance <= 255;
}

#endif
