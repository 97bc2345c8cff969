/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A box of one colour. What every brick becomes is collected first and applied when nothing can fail
 * any more; the bricks inside the box are one brick, shared.
 */
#include <stdlib.h>

#include "base/error.h"
#include "core/box.h"
#include "core/brickmap.h"

struct fill {
    const struct goxel_brickmap *map;
    const struct goxel_box *box;
    struct goxel_color color;
    struct goxel_brick *whole; /* shared by all bricks inside the box; NULL until the first */
    struct goxel_brick_edit edit;
};

static void paint(struct goxel_brick *brick, const struct goxel_box *part, struct goxel_color color)
{
    struct goxel_pos pos;

    for (pos.z = part->min.z; pos.z <= part->max.z; pos.z++) {
        for (pos.y = part->min.y; pos.y <= part->max.y; pos.y++) {
            for (pos.x = part->min.x; pos.x <= part->max.x; pos.x++) {
                struct goxel_color *voxel = &brick->voxels[goxel_brick_index(pos)];

                brick->count += (color.a != 0) - (voxel->a != 0);
                *voxel = color;
            }
        }
    }
}

/* What a brick that lies inside the box becomes: NULL when clearing. */
static int fill_whole(struct fill *fill, uint64_t key)
{
    if (fill->color.a && !fill->whole) {
        struct goxel_box all = goxel_box_of_brick(goxel_brick_pos(key));

        fill->whole = goxel_brick_create();
        if (!fill->whole)
            return GOXEL_ERROR_OUT_OF_MEMORY;
        paint(fill->whole, &all, fill->color);
    }
    return goxel_brick_edit_add(&fill->edit, key, goxel_brick_ref(fill->whole));
}

static int fill_part(struct fill *fill, uint64_t key, const struct goxel_box *part)
{
    struct goxel_brick_slot *slot = goxel_brickmap_find(fill->map, key);
    struct goxel_brick *brick = slot ? goxel_brick_copy(slot->brick) : goxel_brick_create();

    if (!brick)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    paint(brick, part, fill->color);
    return goxel_brick_edit_add(&fill->edit, key, brick);
}

static int fill_brick(struct fill *fill, struct goxel_pos pos)
{
    struct goxel_box brick = goxel_box_of_brick(pos), part;
    uint64_t key = goxel_brick_key(pos);

    if (!goxel_box_intersect(&brick, fill->box, &part))
        return 0;
    if (!fill->color.a && !goxel_brickmap_find(fill->map, key))
        return 0;
    return goxel_box_within(&brick, fill->box) ? fill_whole(fill, key) : fill_part(fill, key, &part);
}

static int fill_all_in_box(struct fill *fill, struct goxel_cancel *cancel)
{
    const struct goxel_box *box = fill->box;
    struct goxel_pos pos;

    for (pos.z = goxel_coord_align(box->min.z); pos.z <= box->max.z; pos.z += GOXEL_BRICK_SIZE) {
        for (pos.y = goxel_coord_align(box->min.y); pos.y <= box->max.y; pos.y += GOXEL_BRICK_SIZE) {
            for (pos.x = goxel_coord_align(box->min.x); pos.x <= box->max.x; pos.x += GOXEL_BRICK_SIZE) {
                int result = goxel_cancel_check(cancel);

                if (!result)
                    result = fill_brick(fill, pos);
                if (result)
                    return result;
            }
        }
    }
    return 0;
}

static int fill_all_in_map(struct fill *fill, struct goxel_cancel *cancel)
{
    for (size_t i = 0; i < fill->map->capacity; i++) {
        int result;

        if (!fill->map->slots[i].brick)
            continue;
        result = goxel_cancel_check(cancel);
        if (!result)
            result = fill_brick(fill, goxel_brick_pos(fill->map->slots[i].key));
        if (result)
            return result;
    }
    return 0;
}

int goxel_volume_fill(struct goxel_volume *volume, const struct goxel_box *box, struct goxel_color color,
                      struct goxel_cancel *cancel)
{
    struct fill fill = {.map = &volume->map, .box = box, .color = goxel_color_normal(color)};
    int result;

    if (!goxel_box_valid(box))
        return GOXEL_ERROR_INVALID_COORDINATES;
    if (color.a && goxel_box_bricks(box) > (int64_t)GOXEL_VOLUME_BRICKS_MAX)
        return GOXEL_ERROR_QUOTA;
    if (!color.a && goxel_box_bricks(box) > goxel_volume_bricks(volume))
        result = fill_all_in_map(&fill, cancel);
    else
        result = fill_all_in_box(&fill, cancel);
    if (!result)
        result = goxel_brick_edit_apply(&fill.edit, &volume->map);
    goxel_brick_edit_finish(&fill.edit);
    goxel_brick_unref(fill.whole);
    return result;
}
