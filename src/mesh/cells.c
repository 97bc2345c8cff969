/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A brick is looked at by what is known of it and of those beside it without its voxels: their counts and palettes. */
#include "mesh/cells.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"

struct search {
    const struct goxel_volume *volume;
    const struct goxel_sight *sight;
    struct goxel_cancel *cancel;
    struct goxel_cells *cells;
};

goxel_link goxel_cell_beside(const struct goxel_volume *volume, struct goxel_pos corner, int axis, int sign)
{
    int step = sign * GOXEL_BRICK_SIZE;
    struct goxel_pos pos = {corner.x + (axis == 0 ? step : 0), corner.y + (axis == 1 ? step : 0),
                            corner.z + (axis == 2 ? step : 0)};

    return goxel_pos_valid(pos) ? goxel_tree_find(volume, pos) : 0;
}

/*
 * Every voxel is there, and hides what is behind. A brick that is away is loaded for that: which bricks are cells is what parts of a
 * mesh depend on, and they are the same wherever bricks are.
 */
static bool hides_all(const struct goxel_sight *sight, goxel_link link)
{
    const struct goxel_brick *brick;
    unsigned first = 0, end = GOXEL_BRICK_VOXELS;

    if (!goxel_link_is_brick(link))
        return goxel_sight_hides(sight, goxel_link_color(link));
    if (goxel_link_brick(link)->count < GOXEL_BRICK_VOXELS)
        return false;
    brick = goxel_link_here(link);
    if (brick->state != GOXEL_BRICK_RGBA) {
        first = 1;
        end = brick->used;
    }
    for (unsigned i = first; i < end; i++) {
        if (!goxel_sight_hides(sight, brick->colors[i]))
            return false;
    }
    return true;
}

/* The axes along which a brick without faces inside of it may have some at its ends. */
static unsigned open_axes(const struct search *search, goxel_link link, struct goxel_pos corner)
{
    unsigned axes = 0;

    for (int i = 0; i < 6; i++) {
        goxel_link beside = goxel_cell_beside(search->volume, corner, i >> 1, i & 1 ? 1 : -1);

        if (beside != link && !hides_all(search->sight, beside))
            axes |= 1u << (i >> 1);
    }
    return axes;
}

static int add(struct goxel_cells *cells, const struct goxel_cell *cell)
{
    int code = goxel_array_reserve(&cells->list, &cells->room, cells->count + 1, sizeof(*cells->list));

    if (!code)
        cells->list[cells->count++] = *cell;
    return code;
}

static int look_at(const struct search *search, goxel_link link, struct goxel_pos corner)
{
    bool even = goxel_link_is_tile(link) || hides_all(search->sight, link);
    unsigned axes = even ? open_axes(search, link, corner) : 7;

    return axes ? add(search->cells, &(struct goxel_cell){link, corner, (uint8_t)axes}) : 0;
}

/* The outermost bricks of a tile. */
static int look_around(const struct search *search, goxel_link link, struct goxel_pos corner, int level)
{
    int last = (1 << goxel_level_shift(level)) - GOXEL_BRICK_SIZE;
    int code = 0;

    for (int z = 0; z <= last && !code; z += GOXEL_BRICK_SIZE) {
        for (int y = 0; y <= last && !code; y += GOXEL_BRICK_SIZE) {
            bool inside = z > 0 && z < last && y > 0 && y < last;

            code = goxel_cancel_check(search->cancel);
            for (int x = 0; x <= last && !code; x += inside ? last : GOXEL_BRICK_SIZE)
                code = look_at(search, link, (struct goxel_pos){corner.x + x, corner.y + y, corner.z + z});
        }
    }
    return code;
}

static int find(void *ctx, goxel_link link, struct goxel_pos corner, int level)
{
    const struct search *search = ctx;
    int code = goxel_cancel_check(search->cancel);

    if (code)
        return code;
    if (goxel_link_is_tile(link) && !goxel_sight_there(search->sight, goxel_link_color(link)))
        return 0;
    return level == 0 ? look_at(search, link, corner) : look_around(search, link, corner, level);
}

int goxel_cells_find(const struct goxel_volume *volume, const struct goxel_sight *sight,
                     struct goxel_cancel *cancel, struct goxel_cells *cells)
{
    struct search search = {volume, sight, cancel, cells};

    return goxel_tree_walk(volume, NULL, find, &search);
}

void goxel_cells_finish(struct goxel_cells *cells)
{
    free(cells->list);
}
