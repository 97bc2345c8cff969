/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Both trees are walked down together. The octants of the lower one are looked at as if they had been raised:
 * below a level that it does not reach, everything but the link at the origin is nothing.
 */
#include "core/diff_links.h"

/* ---- pairs of links ---- */

/* What one volume has at a place: a link of the level, which may be lower than that of the place. */
struct side {
    goxel_link link;
    int level;
};

struct place {
    struct goxel_pos corner;
    int level, octant;
};

struct diff {
    struct goxel_cancel *cancel;
    goxel_diff_visit *visit;
    void *ctx;
};

static bool has_below(struct side side, int level)
{
    return side.link != 0 && (side.level < level || goxel_link_is_node(side.link));
}

static struct side side_below(struct side side, const struct place *place, int i)
{
    if (side.level == place->level)
        return (struct side){goxel_link_below(side.link, i), side.level - 1};
    if (i == goxel_octant_near(place->octant))
        return side;
    return (struct side){0, place->level - 1};
}

static int diff_sides(const struct diff *diff, struct side before, struct side after,
                      const struct place *place)
{
    int result;

    if (before.link == after.link && (before.link == 0 || before.level == after.level))
        return 0;
    result = goxel_cancel_check(diff->cancel);
    if (result)
        return result;
    if (!has_below(before, place->level) && !has_below(after, place->level))
        return diff->visit(diff->ctx, before.link, after.link, place->corner, place->level);
    for (int i = 0; i < GOXEL_NODE_LINKS && !result; i++) {
        struct place below = {goxel_node_corner(place->corner, place->level, i), place->level - 1,
                              place->octant};

        result = diff_sides(diff, side_below(before, place, i), side_below(after, place, i), &below);
    }
    return result;
}

int goxel_volume_diff(const struct goxel_volume *before, const struct goxel_volume *after,
                      struct goxel_cancel *cancel, goxel_diff_visit *visit, void *ctx)
{
    struct diff diff = {cancel, visit, ctx};
    int level = goxel_max(before->level, after->level), result = 0;

    for (int octant = 0; octant < GOXEL_OCTANTS && !result; octant++) {
        struct place place = {goxel_octant_corner(octant, level), level, octant};

        result = diff_sides(&diff, (struct side){before->octants[octant], before->level},
                            (struct side){after->octants[octant], after->level}, &place);
    }
    return result;
}

/* ---- voxels ---- */

size_t goxel_colors_differ(const struct goxel_color *before, const struct goxel_color *after, size_t from)
{
    while (from < GOXEL_BRICK_VOXELS) {
        if (goxel_color_bits(before[from]) != goxel_color_bits(after[from]))
            break;
        from++;
        while (from % GOXEL_BRICK_SIZE == 0 && from < GOXEL_BRICK_VOXELS &&
               memcmp(before + from, after + from, GOXEL_BRICK_SIZE * sizeof(*before)) == 0)
            from += GOXEL_BRICK_SIZE;
    }
    return from;
}

static struct goxel_pos pos_in_brick(struct goxel_pos corner, size_t index)
{
    return (struct goxel_pos){corner.x + (int)(index & 15), corner.y + (int)(index >> 4 & 15),
                              corner.z + (int)(index >> 8)};
}

/* What the pair's bricks have, whatever it is. */
static int visit_bricks(goxel_link before, goxel_link after, struct goxel_pos corner,
                        goxel_change_visit *visit, void *ctx)
{
    struct goxel_color old_buffer[GOXEL_BRICK_VOXELS], new_buffer[GOXEL_BRICK_VOXELS];
    const struct goxel_color *old = goxel_link_read(before, old_buffer);
    const struct goxel_color *new = goxel_link_read(after, new_buffer);
    int result = 0;

    for (size_t i = goxel_colors_differ(old, new, 0); i < GOXEL_BRICK_VOXELS && !result;
         i = goxel_colors_differ(old, new, i + 1))
        result = visit(ctx, pos_in_brick(corner, i), old[i], new[i]);
    return result;
}

struct voxels {
    struct goxel_cancel *cancel;
    goxel_change_visit *visit;
    void *ctx;
};

static int visit_voxels(void *ctx, goxel_link before, goxel_link after, struct goxel_pos corner, int level)
{
    const struct voxels *voxels = ctx;
    struct goxel_box all = goxel_level_box(corner, level);
    struct goxel_pos pos;
    int result = 0;

    for (pos.z = all.min.z; pos.z <= all.max.z; pos.z += GOXEL_BRICK_SIZE) {
        for (pos.y = all.min.y; pos.y <= all.max.y; pos.y += GOXEL_BRICK_SIZE) {
            for (pos.x = all.min.x; pos.x <= all.max.x; pos.x += GOXEL_BRICK_SIZE) {
                result = goxel_cancel_check(voxels->cancel);
                if (!result)
                    result = visit_bricks(before, after, pos, voxels->visit, voxels->ctx);
                if (result)
                    return result;
            }
        }
    }
    return 0;
}

int goxel_volume_diff_voxels(const struct goxel_volume *before, const struct goxel_volume *after,
                             struct goxel_cancel *cancel, goxel_change_visit *visit, void *ctx)
{
    struct voxels voxels = {cancel, visit, ctx};

    return goxel_volume_diff(before, after, cancel, visit_voxels, &voxels);
}

/* ---- how much ---- */

/* So many voxels that were `before` are `after`, all in the box. */
static void count_changes(struct goxel_changes *changes, struct goxel_color before, struct goxel_color after,
                          int64_t voxels, const struct goxel_box *box)
{
    int64_t *count = !before.a ? &changes->added : !after.a ? &changes->removed : &changes->recoloured;

    *count += voxels;
    goxel_box_widen(&changes->box, box);
}

static int count_voxel(void *ctx, struct goxel_pos pos, struct goxel_color before, struct goxel_color after)
{
    count_changes(ctx, before, after, 1, &(struct goxel_box){pos, pos});
    return 0;
}

static int count_links(void *ctx, goxel_link before, goxel_link after, struct goxel_pos corner, int level)
{
    struct goxel_box all = goxel_level_box(corner, level);

    if (goxel_link_is_brick(before) || goxel_link_is_brick(after))
        return visit_bricks(before, after, corner, count_voxel, ctx);
    count_changes(ctx, goxel_link_color(before), goxel_link_color(after),
                  (int64_t)GOXEL_BRICK_VOXELS << 6 * level, &all);
    return 0;
}

int goxel_volume_changes(const struct goxel_volume *before, const struct goxel_volume *after,
                         struct goxel_cancel *cancel, struct goxel_changes *ret_changes)
{
    struct goxel_changes changes = {.box = goxel_box_nowhere};
    int result = goxel_volume_diff(before, after, cancel, count_links, &changes);

    if (!result)
        *ret_changes = changes;
    return result;
}
