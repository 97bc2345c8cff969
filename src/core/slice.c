/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The walk over a box that is one voxel thick; each link paints its rectangle. */
#include "core/slice.h"

#include <string.h>

#include "base/error.h"
#include "core/tree.h"

struct draw {
    struct goxel_box plane;
    int across, up; /* the axes of columns and rows */
    int64_t width;
    struct goxel_cancel *cancel;
    struct goxel_color *pixels;
};

static int32_t *coord(struct goxel_pos *pos, int axis)
{
    return axis == 0 ? &pos->x : axis == 1 ? &pos->y : &pos->z;
}

/* The axes of columns and rows, by the axis of the plane. */
static const int axes[3][2] = {{1, 2}, {0, 2}, {0, 1}};

static int plane_of(const struct goxel_slice *slice, struct goxel_box *ret_plane)
{
    struct goxel_box plane = slice->box;

    if (slice->axis < 0 || slice->axis > 2)
        return GOXEL_ERROR_VALIDATION;
    *coord(&plane.min, slice->axis) = *coord(&plane.max, slice->axis) = slice->at;
    if (!goxel_box_valid(&plane))
        return GOXEL_ERROR_INVALID_COORDINATES;
    *ret_plane = plane;
    return 0;
}

static int64_t extent(struct goxel_box *box, int axis)
{
    return (int64_t)*coord(&box->max, axis) - *coord(&box->min, axis) + 1;
}

int goxel_slice_size(const struct goxel_slice *slice, int64_t *ret_width, int64_t *ret_height)
{
    struct goxel_box plane;
    int result = plane_of(slice, &plane);

    if (result)
        return result;
    *ret_width = extent(&plane, axes[slice->axis][0]);
    *ret_height = extent(&plane, axes[slice->axis][1]);
    return 0;
}

static int draw_link(void *ctx, goxel_link link, struct goxel_pos corner, int level)
{
    struct draw *draw = ctx;
    struct goxel_box part = goxel_level_box(corner, level);
    struct goxel_pos pos;
    int32_t *x = coord(&pos, draw->across), *y = coord(&pos, draw->up);
    int32_t left = *coord(&draw->plane.min, draw->across);
    int result = 0;

    goxel_box_intersect(&part, &draw->plane, &part);
    pos = part.min;
    for (*y = *coord(&part.min, draw->up); *y <= *coord(&part.max, draw->up) && !result; ++*y) {
        struct goxel_color *row = draw->pixels + (*y - *coord(&draw->plane.min, draw->up)) * draw->width;

        if ((*y & (GOXEL_BRICK_SIZE - 1)) == 0 || *y == *coord(&part.min, draw->up))
            result = goxel_cancel_check(draw->cancel);
        for (*x = *coord(&part.min, draw->across); *x <= *coord(&part.max, draw->across); ++*x)
            row[*x - left] = goxel_link_get(link, goxel_brick_index(pos));
    }
    return result;
}

int goxel_volume_slice(const struct goxel_volume *volume, const struct goxel_slice *slice,
                       struct goxel_cancel *cancel, struct goxel_color *ret_pixels)
{
    struct draw draw = {.cancel = cancel, .pixels = ret_pixels};
    int result = plane_of(slice, &draw.plane);

    if (result)
        return result;
    draw.across = axes[slice->axis][0];
    draw.up = axes[slice->axis][1];
    draw.width = extent(&draw.plane, draw.across);
    memset(ret_pixels, 0, (size_t)(draw.width * extent(&draw.plane, draw.up)) * sizeof(*ret_pixels));
    return goxel_tree_walk(volume, &draw.plane, draw_link, &draw);
}
