/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A volume moved, turned or mirrored. Tiles go as boxes, bricks that stay whole are shared. */
#include "base/error.h"
#include "core/accessor.h"

/* Whole bricks land on whole bricks, voxel by voxel the same. */
static bool keeps_bricks(const struct goxel_lattice *lattice)
{
    for (int i = 0; i < 3; i++) {
        if (lattice->source[i] != i || lattice->sign[i] != 1 || lattice->move[i] % GOXEL_BRICK_SIZE != 0)
            return false;
    }
    return true;
}

struct transform {
    const struct goxel_volume *from;
    const struct goxel_lattice *lattice;
    struct goxel_cancel *cancel;
    bool whole;      /* bricks are shared */
    size_t computed; /* bricks made voxel by voxel, and those before */
    struct goxel_volume *to;
};

static int put_voxels(const struct transform *transform, const struct goxel_brick *brick,
                      struct goxel_pos corner)
{
    struct goxel_accessor to = goxel_accessor_make(transform->to);
    struct goxel_color buffer[GOXEL_BRICK_VOXELS];
    const struct goxel_color *voxels = goxel_brick_read(brick, buffer);

    for (int i = 0; i < GOXEL_BRICK_VOXELS; i++) {
        struct goxel_pos pos = {corner.x + (i & 15), corner.y + (i >> 4 & 15), corner.z + (i >> 8)};
        int result;

        if (voxels[i].a == 0)
            continue;
        if (!goxel_lattice_apply(transform->lattice, pos, &pos))
            return GOXEL_ERROR_INVALID_COORDINATES;
        result = goxel_accessor_set(&to, pos, voxels[i]);
        if (result)
            return result;
    }
    return 0;
}

static int put_brick(const struct transform *transform, struct goxel_pos corner)
{
    struct goxel_pos pos;

    if (!goxel_lattice_apply(transform->lattice, corner, &pos))
        return GOXEL_ERROR_INVALID_COORDINATES;
    return goxel_volume_share_brick(transform->to, pos, transform->from, corner);
}

static int put_tile(const struct transform *transform, goxel_link link, const struct goxel_box *box)
{
    struct goxel_pos a, b;
    struct goxel_box moved;

    if (!goxel_lattice_apply(transform->lattice, box->min, &a) ||
        !goxel_lattice_apply(transform->lattice, box->max, &b))
        return GOXEL_ERROR_INVALID_COORDINATES;
    moved = (struct goxel_box){{goxel_min(a.x, b.x), goxel_min(a.y, b.y), goxel_min(a.z, b.z)},
                               {goxel_max(a.x, b.x), goxel_max(a.y, b.y), goxel_max(a.z, b.z)}};
    return goxel_volume_fill(transform->to, &moved, goxel_link_color(link), transform->cancel);
}

static int put_link(void *ctx, goxel_link link, struct goxel_pos corner, int level)
{
    struct transform *transform = ctx;
    struct goxel_box box = goxel_level_box(corner, level);
    int64_t before = transform->to->tally.bricks;
    int result = goxel_cancel_check(transform->cancel);

    if (result)
        return result;
    if (goxel_link_is_tile(link))
        return put_tile(transform, link, &box);
    if (transform->whole)
        return put_brick(transform, corner);
    result = put_voxels(transform, goxel_link_brick(link), corner);
    transform->computed += (size_t)(transform->to->tally.bricks - before);
    return !result && transform->computed > GOXEL_COMPUTED_BRICKS_MAX ? GOXEL_ERROR_QUOTA : result;
}

int goxel_volume_transform(const struct goxel_volume *volume, const struct goxel_lattice *lattice,
                           struct goxel_cancel *cancel, size_t *computed, struct goxel_volume **ret_volume)
{
    struct transform transform = {
        .from = volume,
        .lattice = lattice,
        .cancel = cancel,
        .whole = keeps_bricks(lattice),
        .computed = computed ? *computed : 0,
        .to = goxel_volume_create(),
    };
    int result = transform.to ? 0 : GOXEL_ERROR_OUT_OF_MEMORY;

    if (!result)
        result = goxel_tree_walk(volume, NULL, put_link, &transform);
    if (result) {
        goxel_volume_destroy(transform.to);
        return result;
    }
    goxel_volume_seal(transform.to);
    if (computed)
        *computed = transform.computed;
    *ret_volume = transform.to;
    return 0;
}
