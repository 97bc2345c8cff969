/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Volumes made of volumes: one laid over another, and one moved, turned or mirrored.
 *
 * Bricks that come out as they went in are shared. The others cost memory, so that a file of a few
 * kilobytes that shares bricks a million times must not ask for a million different ones here.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/brickmap.h"

const struct goxel_lattice goxel_lattice_identity = {{0, 1, 2}, {1, 1, 1}, {0, 0, 0}};

/* ---- merge ---- */

/* The usual "over" of colours that are not premultiplied, in integers and rounding down as Goxel does. */
static struct goxel_color over(struct goxel_color below, struct goxel_color above)
{
    unsigned under, whole;

    if (above.a == 255 || below.a == 0)
        return above;
    if (above.a == 0)
        return below;
    under = below.a * (255u - above.a);
    whole = 255u * above.a + under;
    return (struct goxel_color){
        (uint8_t)((255u * above.a * above.r + under * below.r) / whole),
        (uint8_t)((255u * above.a * above.g + under * below.g) / whole),
        (uint8_t)((255u * above.a * above.b + under * below.b) / whole),
        (uint8_t)(above.a + under / 255u),
    };
}

struct merge {
    struct goxel_brick_edit edit;
    size_t computed; /* by those before, too */
    /* The last pair and what came of it: large areas of one colour are the same pair again and again. */
    const struct goxel_brick *below, *above;
    struct goxel_brick *merged; /* owned by the edit */
};

/* A reference to what the two give: one of them if nothing new came out. NULL: out of memory. */
static struct goxel_brick *merge_bricks(struct goxel_brick *below, struct goxel_brick *above)
{
    struct goxel_brick *merged = goxel_brick_create();
    struct goxel_brick *same = NULL;

    if (!merged)
        return NULL;
    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++) {
        merged->voxels[i] = over(below->voxels[i], above->voxels[i]);
        merged->count += merged->voxels[i].a != 0;
    }
    if (memcmp(merged->voxels, above->voxels, sizeof(merged->voxels)) == 0)
        same = above;
    else if (memcmp(merged->voxels, below->voxels, sizeof(merged->voxels)) == 0)
        same = below;
    if (!same)
        return merged;
    goxel_brick_unref(merged);
    return goxel_brick_ref(same);
}

static int merge_brick(struct merge *merge, const struct goxel_brick_slot *below,
                       const struct goxel_brick_slot *above)
{
    struct goxel_brick *merged;

    if (!below)
        return goxel_brick_edit_add(&merge->edit, above->key, goxel_brick_ref(above->brick));
    if (below->brick == merge->below && above->brick == merge->above)
        return goxel_brick_edit_add(&merge->edit, above->key, goxel_brick_ref(merge->merged));
    if (merge->computed >= GOXEL_COMPUTED_BRICKS_MAX)
        return GOXEL_ERROR_QUOTA;
    merged = merge_bricks(below->brick, above->brick);
    if (!merged)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    /* A brick that nobody else has was computed for this picture, and goes for the new one. */
    merge->computed += merged != below->brick && merged != above->brick && !goxel_brick_is_sole(below->brick);
    merge->below = below->brick;
    merge->above = above->brick;
    merge->merged = merged;
    return goxel_brick_edit_add(&merge->edit, above->key, merged);
}

int goxel_volume_merge(struct goxel_volume *volume, const struct goxel_volume *above,
                       struct goxel_cancel *cancel, size_t *computed)
{
    struct merge merge = {.computed = computed ? *computed : 0};
    int result = 0;

    for (size_t i = 0; i < above->map.capacity && !result; i++) {
        const struct goxel_brick_slot *slot = &above->map.slots[i];

        if (!slot->brick)
            continue;
        result = goxel_cancel_check(cancel);
        if (!result)
            result = merge_brick(&merge, goxel_brickmap_find(&volume->map, slot->key), slot);
    }
    if (!result)
        result = goxel_brick_edit_apply(&merge.edit, &volume->map);
    goxel_brick_edit_finish(&merge.edit);
    if (computed)
        *computed = merge.computed;
    return result;
}

/* ---- transform ---- */

bool goxel_lattice_apply(const struct goxel_lattice *lattice, struct goxel_pos pos, struct goxel_pos *ret_pos)
{
    int64_t in[3] = {pos.x, pos.y, pos.z}, out[3];

    for (int i = 0; i < 3; i++) {
        if (__builtin_add_overflow(lattice->sign[i] * in[lattice->source[i]], lattice->move[i], &out[i]) ||
            out[i] < GOXEL_COORD_MIN || out[i] > GOXEL_COORD_MAX)
            return false;
    }
    *ret_pos = (struct goxel_pos){(int32_t)out[0], (int32_t)out[1], (int32_t)out[2]};
    return true;
}

/* Whole bricks land on whole bricks, voxel by voxel the same. */
static bool keeps_bricks(const struct goxel_lattice *lattice)
{
    for (int i = 0; i < 3; i++) {
        if (lattice->source[i] != i || lattice->sign[i] != 1 || lattice->move[i] % GOXEL_BRICK_SIZE != 0)
            return false;
    }
    return true;
}

static int put_voxels(struct goxel_volume *to, const struct goxel_lattice *lattice,
                      const struct goxel_brick_slot *slot)
{
    struct goxel_pos corner = goxel_brick_pos(slot->key);

    for (int i = 0; i < GOXEL_BRICK_VOXELS; i++) {
        struct goxel_pos pos = {corner.x + (i & 15), corner.y + (i >> 4 & 15), corner.z + (i >> 8)};
        int result;

        if (slot->brick->voxels[i].a == 0)
            continue;
        if (!goxel_lattice_apply(lattice, pos, &pos))
            return GOXEL_ERROR_INVALID_COORDINATES;
        result = goxel_volume_set_at(to, pos, slot->brick->voxels[i]);
        if (result)
            return result;
    }
    return 0;
}

static int put_brick(struct goxel_volume *to, const struct goxel_lattice *lattice,
                     const struct goxel_volume *from, const struct goxel_brick_slot *slot)
{
    struct goxel_pos corner = goxel_brick_pos(slot->key), pos;

    if (!goxel_lattice_apply(lattice, corner, &pos))
        return GOXEL_ERROR_INVALID_COORDINATES;
    return goxel_volume_share_brick(to, pos, from, corner);
}

int goxel_volume_transform(const struct goxel_volume *volume, const struct goxel_lattice *lattice,
                           struct goxel_cancel *cancel, size_t *computed, struct goxel_volume **ret_volume)
{
    size_t before = computed ? *computed : 0;
    bool whole = keeps_bricks(lattice);
    struct goxel_volume *to = goxel_volume_create();
    int result = to ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;

    for (size_t i = 0; i < volume->map.capacity && !result; i++) {
        const struct goxel_brick_slot *slot = &volume->map.slots[i];

        if (!slot->brick)
            continue;
        result = goxel_cancel_check(cancel);
        if (!result)
            result = whole ? put_brick(to, lattice, volume, slot) : put_voxels(to, lattice, slot);
        if (!result && !whole && before + to->map.used > GOXEL_COMPUTED_BRICKS_MAX)
            result = GOXEL_ERROR_QUOTA;
    }
    if (result) {
        goxel_volume_destroy(to);
        return result;
    }
    if (computed && !whole)
        *computed = before + to->map.used;
    *ret_volume = to;
    return 0;
}
