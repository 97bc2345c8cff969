/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looking at all of a volume: its bricks and voxels in order, its bounds, whether it equals another.
 *
 * The order of the tree is not (z, y, x) over the whole volume, so bricks are collected and sorted.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "core/tree.h"

/* ---- bricks in order ---- */

struct collect {
    const struct goxel_box *box; /* NULL: all */
    struct goxel_brick_view *views;
    size_t count, capacity;
};

static int add_view(struct collect *collect, goxel_link link, struct goxel_pos pos)
{
    int voxels = goxel_link_is_brick(link) ? goxel_link_brick(link)->count : GOXEL_BRICK_VOXELS;
    int code = goxel_array_reserve(&collect->views, &collect->capacity, collect->count + 1,
                                   sizeof(*collect->views));

    if (!code)
        collect->views[collect->count++] = (struct goxel_brick_view){pos, voxels, link};
    return code;
}

/* A brick is one; a tile is as many as it stands for, of those that touch the box. */
static int add_views(void *ctx, goxel_link link, struct goxel_pos corner, int level)
{
    struct collect *collect = ctx;
    struct goxel_box part = goxel_level_box(corner, level);
    struct goxel_pos pos;

    if (collect->box)
        goxel_box_intersect(&part, collect->box, &part);
    for (pos.z = goxel_coord_align(part.min.z); pos.z <= part.max.z; pos.z += GOXEL_BRICK_SIZE) {
        for (pos.y = goxel_coord_align(part.min.y); pos.y <= part.max.y; pos.y += GOXEL_BRICK_SIZE) {
            for (pos.x = goxel_coord_align(part.min.x); pos.x <= part.max.x; pos.x += GOXEL_BRICK_SIZE) {
                int result = add_view(collect, link, pos);

                if (result)
                    return result;
            }
        }
    }
    return 0;
}

static int compare_places(const void *a, const void *b)
{
    return goxel_pos_compare(((const struct goxel_brick_view *)a)->pos,
                             ((const struct goxel_brick_view *)b)->pos);
}

static int collect_views(const struct goxel_volume *volume, const struct goxel_box *box,
                         struct goxel_brick_view **ret_views, size_t *ret_count)
{
    struct collect collect = {.box = box};
    int result = goxel_tree_walk(volume, box, add_views, &collect);

    if (result) {
        free(collect.views);
        return result;
    }
    if (collect.count > 0)
        qsort(collect.views, collect.count, sizeof(*collect.views), compare_places);
    *ret_views = collect.views;
    *ret_count = collect.count;
    return 0;
}

int goxel_volume_views(const struct goxel_volume *volume, struct goxel_brick_view **ret_views,
                       size_t *ret_count)
{
    return collect_views(volume, NULL, ret_views, ret_count);
}

const struct goxel_color *goxel_brick_view_read(const struct goxel_brick_view *view,
                                                struct goxel_color buffer[GOXEL_BRICK_VOXELS])
{
    return goxel_link_read(view->id, buffer);
}

bool goxel_brick_view_uniform(const struct goxel_brick_view *view, struct goxel_color *ret_color)
{
    if (!goxel_link_is_tile(view->id))
        return false;
    *ret_color = goxel_link_color(view->id);
    return true;
}

/* ---- voxels in order ---- */

/* `after`: only what comes behind it. */
static int visit_brick(const struct goxel_brick_view *view, const struct goxel_box *box,
                       const struct goxel_pos *after, goxel_voxel_visit *visit, void *ctx)
{
    struct goxel_color buffer[GOXEL_BRICK_VOXELS];
    const struct goxel_color *voxels = goxel_brick_view_read(view, buffer);
    struct goxel_box part = goxel_level_box(view->pos, 0);
    struct goxel_pos pos;
    int result;

    if (box)
        goxel_box_intersect(&part, box, &part);
    for (pos.z = part.min.z; pos.z <= part.max.z; pos.z++) {
        for (pos.y = part.min.y; pos.y <= part.max.y; pos.y++) {
            for (pos.x = part.min.x; pos.x <= part.max.x; pos.x++) {
                struct goxel_color color = voxels[goxel_brick_index(pos)];

                if (after && goxel_pos_compare(pos, *after) <= 0)
                    continue;
                if (color.a && (result = visit(ctx, pos, color)))
                    return result;
            }
        }
    }
    return 0;
}

int goxel_volume_visit(const struct goxel_volume *volume, const struct goxel_box *box,
                       struct goxel_cancel *cancel, goxel_voxel_visit *visit, void *ctx)
{
    return goxel_volume_visit_after(volume, box, NULL, cancel, visit, ctx);
}

int goxel_volume_visit_after(const struct goxel_volume *volume, const struct goxel_box *box,
                             const struct goxel_pos *after, struct goxel_cancel *cancel,
                             goxel_voxel_visit *visit, void *ctx)
{
    struct goxel_brick_view *views = NULL;
    struct goxel_pos first = {0};
    size_t count = 0;
    int result, order;

    if (box && !goxel_box_valid(box))
        return GOXEL_ERROR_INVALID_COORDINATES;
    if (after)
        first = (struct goxel_pos){goxel_coord_align(after->x), goxel_coord_align(after->y),
                                   goxel_coord_align(after->z)};
    result = collect_views(volume, box, &views, &count);
    for (size_t i = 0; i < count && !result; i++) {
        order = after ? goxel_pos_compare(views[i].pos, first) : 1;
        if (order < 0)
            continue;
        result = goxel_cancel_check(cancel);
        if (!result)
            result = visit_brick(&views[i], box, order ? NULL : after, visit, ctx);
    }
    free(views);
    return result;
}

/* ---- bounds ---- */

/* Row by row: which x there are, and which y and z have any. */
static void widen_by_brick(struct goxel_box *bounds, const struct goxel_brick *brick, struct goxel_pos corner)
{
    struct goxel_color buffer[GOXEL_BRICK_VOXELS];
    const struct goxel_color *voxels = goxel_brick_read(brick, buffer);
    unsigned xs = 0, ys = 0, zs = 0;
    struct goxel_box part;

    for (int row = 0; row < GOXEL_BRICK_VOXELS / GOXEL_BRICK_SIZE; row++) {
        unsigned bits = 0;

        for (int x = 0; x < GOXEL_BRICK_SIZE; x++)
            bits |= (unsigned)(voxels[GOXEL_BRICK_SIZE * row + x].a != 0) << x;
        xs |= bits;
        ys |= (unsigned)(bits != 0) << (row & 15);
        zs |= (unsigned)(bits != 0) << (row >> 4);
    }
    if (xs == 0) /* it was away, and could not be loaded */
        return;
    part.min = (struct goxel_pos){corner.x + __builtin_ctz(xs), corner.y + __builtin_ctz(ys),
                                  corner.z + __builtin_ctz(zs)};
    part.max = (struct goxel_pos){corner.x + 31 - __builtin_clz(xs), corner.y + 31 - __builtin_clz(ys),
                                  corner.z + 31 - __builtin_clz(zs)};
    goxel_box_widen(bounds, &part);
}

/* Most lie inside of what is known already. */
static void widen_by_link(struct goxel_box *bounds, goxel_link link, struct goxel_pos corner, int level)
{
    struct goxel_box all = goxel_level_box(corner, level);

    if (link == 0 || goxel_box_within(&all, bounds))
        return;
    if (goxel_link_is_tile(link)) {
        goxel_box_widen(bounds, &all);
    } else if (goxel_link_is_brick(link)) {
        widen_by_brick(bounds, goxel_link_brick(link), corner);
    } else {
        for (int i = 0; i < GOXEL_NODE_LINKS; i++)
            widen_by_link(bounds, goxel_link_node(link)->links[i], goxel_node_corner(corner, level, i),
                          level - 1);
    }
}

bool goxel_volume_bounds(const struct goxel_volume *volume, struct goxel_box *ret_box)
{
    struct goxel_box bounds = goxel_box_nowhere;

    if (volume->tally.voxels == 0)
        return false;
    for (int i = 0; i < GOXEL_OCTANTS; i++)
        widen_by_link(&bounds, volume->octants[i], goxel_octant_corner(i, volume->level), volume->level);
    *ret_box = bounds;
    return true;
}

/* ---- equality ---- */

static bool equal_bricks(goxel_link a, goxel_link b)
{
    struct goxel_color left[GOXEL_BRICK_VOXELS], right[GOXEL_BRICK_VOXELS];

    return memcmp(goxel_link_read(a, left), goxel_link_read(b, right), GOXEL_BRICK_BYTES) == 0;
}

static bool equal_links(goxel_link a, goxel_link b, int level)
{
    if (a == b)
        return true;
    if (level == 0)
        return equal_bricks(a, b);
    if (!goxel_link_is_node(a) && !goxel_link_is_node(b))
        return false;
    for (int i = 0; i < GOXEL_NODE_LINKS; i++) {
        if (!equal_links(goxel_link_below(a, i), goxel_link_below(b, i), level - 1))
            return false;
    }
    return true;
}

/* The part of an octant that a volume of a lower level has, too. */
static goxel_link octant_at(const struct goxel_volume *volume, int octant, int level)
{
    goxel_link link = volume->octants[octant];

    for (int at = volume->level; at > level; at--)
        link = goxel_link_below(link, goxel_octant_near(octant));
    return link;
}

bool goxel_volume_equal(const struct goxel_volume *a, const struct goxel_volume *b)
{
    int level = goxel_min(a->level, b->level);

    if (a->tally.voxels != b->tally.voxels)
        return false;
    /* As many voxels, and the same ones where both reach: then there are none beyond. */
    for (int octant = 0; octant < GOXEL_OCTANTS; octant++) {
        if (!equal_links(octant_at(a, octant, level), octant_at(b, octant, level), level))
            return false;
    }
    return true;
}
