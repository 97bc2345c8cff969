/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sweep goes along columns of bricks, each from a brick with something to repeat until that is used up. It
 * carries, for each of the 16² lines of voxels, the last colour met and how far that still reaches. Bricks that
 * it passes through unhindered are all the same one.
 */
#include "core/extrude.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/mask.h"
#include "core/tree.h"

#define LINES (GOXEL_BRICK_SIZE * GOXEL_BRICK_SIZE)

struct sweep {
    struct goxel_volume *volume;        /* changes */
    const struct goxel_volume *sources; /* what is repeated */
    struct goxel_cancel *cancel;
    int axis, sign;
    int32_t distance;
    struct goxel_color colors[LINES];
    int32_t reach[LINES];
    goxel_link through; /* what comes of empty space that lines pass through from end to end; 0: not known */
};

/* ---- lines ---- */

/* How far apart voxels are, in a brick, along each axis. */
static const int strides[3] = {1, 16, 256};

/* The index of a line's first voxel, as the sweep comes. */
static int first_of(const struct sweep *sweep, int line)
{
    int u = strides[sweep->axis == 0], v = strides[sweep->axis == 2 ? 1 : 2];

    return (line & 15) * u + (line >> 4) * v + (sweep->sign < 0 ? 15 * strides[sweep->axis] : 0);
}

static bool sweep_line(struct sweep *sweep, int line, const struct goxel_color *sources,
                       struct goxel_color *voxels)
{
    int at = first_of(sweep, line), step = sweep->sign * strides[sweep->axis];
    bool changed = false;

    for (int i = 0; i < GOXEL_BRICK_SIZE; i++, at += step) {
        if (sources[at].a) {
            sweep->colors[line] = sources[at];
            sweep->reach[line] = sweep->distance;
        } else if (sweep->reach[line] > 0) {
            changed |= goxel_color_bits(voxels[at]) != goxel_color_bits(sweep->colors[line]);
            voxels[at] = sweep->colors[line];
            sweep->reach[line]--;
        }
    }
    return changed;
}

/* ---- bricks ---- */

/* Each line ended before the brick, or goes on behind it: the next brick is as this one. */
static bool passes(const struct sweep *sweep)
{
    for (int line = 0; line < LINES; line++) {
        if (sweep->reach[line] > 0 && sweep->reach[line] <= GOXEL_BRICK_SIZE)
            return false;
    }
    return true;
}

static bool is_used_up(const struct sweep *sweep)
{
    for (int line = 0; line < LINES; line++) {
        if (sweep->reach[line] > 0)
            return false;
    }
    return true;
}

static void forget(struct sweep *sweep)
{
    goxel_link_unref(sweep->through);
    sweep->through = 0;
}

/* Takes the link over. */
static int put(struct sweep *sweep, struct goxel_pos corner, goxel_link link)
{
    int result = goxel_tree_put(sweep->volume, corner, 0, link);

    if (result)
        goxel_link_unref(link);
    else if (sweep->volume->tally.bricks > (int64_t)GOXEL_VOLUME_BRICKS_MAX)
        result = GOXEL_ERROR_QUOTA;
    return result;
}

static int sweep_voxels(struct sweep *sweep, goxel_link source, goxel_link old, struct goxel_pos corner,
                        bool passing)
{
    struct goxel_color from[GOXEL_BRICK_VOXELS], voxels[GOXEL_BRICK_VOXELS];
    const struct goxel_color *sources = goxel_link_read(source, from), *before = goxel_link_read(old, voxels);
    goxel_link link;
    bool changed = false;
    int result;

    if (before != voxels)
        memcpy(voxels, before, sizeof(voxels));
    for (int line = 0; line < LINES; line++)
        changed |= sweep_line(sweep, line, sources, voxels);
    if (!changed)
        return 0;
    result = goxel_link_encode(voxels, &link);
    if (result)
        return result;
    if (passing)
        sweep->through = goxel_link_ref(link);
    return put(sweep, corner, link);
}

static int sweep_brick(struct sweep *sweep, struct goxel_pos corner)
{
    goxel_link source = goxel_tree_find(sweep->sources, corner), old = goxel_tree_find(sweep->volume, corner);
    bool passing = source == 0 && passes(sweep);
    int result = goxel_cancel_check(sweep->cancel);

    if (result)
        return result;
    if (!passing)
        forget(sweep); /* where lines end, or begin anew, it is another one from here on */
    if (passing && old == 0 && sweep->through) {
        for (int line = 0; line < LINES; line++)
            sweep->reach[line] -= sweep->reach[line] > 0 ? GOXEL_BRICK_SIZE : 0;
        return put(sweep, corner, goxel_link_ref(sweep->through));
    }
    return sweep_voxels(sweep, source, old, corner, passing && old == 0);
}

/* ---- columns of bricks ---- */

static int32_t *coord(struct goxel_pos *pos, int axis)
{
    return axis == 0 ? &pos->x : axis == 1 ? &pos->y : &pos->z;
}

/* The brick after this one; false: the range ends. */
static bool go_on(const struct sweep *sweep, struct goxel_pos *corner)
{
    *coord(corner, sweep->axis) += sweep->sign * GOXEL_BRICK_SIZE;
    return goxel_pos_valid(*corner);
}

/* From a brick with sources on, as far as anything reaches, by more of them perhaps. The last brick. */
static int sweep_column(struct sweep *sweep, struct goxel_pos *corner)
{
    int result;

    memset(sweep->reach, 0, sizeof(sweep->reach));
    forget(sweep);
    do
        result = sweep_brick(sweep, *corner);
    while (!result && !is_used_up(sweep) && go_on(sweep, corner));
    return result;
}

/* Along the columns, in the order in which the sweep comes. */
static int compare_along(const void *a, const void *b, void *ctx)
{
    const struct sweep *sweep = ctx;
    struct goxel_pos left = ((const struct goxel_brick_view *)a)->pos;
    struct goxel_pos right = ((const struct goxel_brick_view *)b)->pos;
    int32_t x = *coord(&left, sweep->axis) * sweep->sign, y = *coord(&right, sweep->axis) * sweep->sign;

    *coord(&left, sweep->axis) = *coord(&right, sweep->axis) = 0;
    return goxel_pos_compare(left, right) ? goxel_pos_compare(left, right) : (x > y) - (x < y);
}

static int sweep_all(struct sweep *sweep)
{
    struct goxel_brick_view *views = NULL;
    struct goxel_brick_view done; /* the last brick that was swept */
    size_t count = 0;
    int result = goxel_volume_views(sweep->sources, &views, &count);

    if (count > 0)
        qsort_r(views, count, sizeof(*views), compare_along, sweep);
    for (size_t i = 0; i < count && !result; i++) {
        bool same_column = i > 0 &&
                           *coord(&done.pos, (sweep->axis + 1) % 3) ==
                               *coord(&views[i].pos, (sweep->axis + 1) % 3) &&
                           *coord(&done.pos, (sweep->axis + 2) % 3) ==
                               *coord(&views[i].pos, (sweep->axis + 2) % 3);

        if (same_column && compare_along(&views[i], &done, sweep) <= 0)
            continue;
        done = views[i];
        result = sweep_column(sweep, &done.pos);
    }
    forget(sweep);
    free(views);
    return result;
}

/* ---- what is asked for ---- */

static bool valid(const struct goxel_extrude *extrude)
{
    return extrude->axis >= 0 && extrude->axis <= 2 && (extrude->sign == 1 || extrude->sign == -1) &&
           extrude->distance >= -GOXEL_EXTRUDE_MAX && extrude->distance <= GOXEL_EXTRUDE_MAX;
}

static bool fits(const struct goxel_volume *sources, const struct goxel_extrude *extrude)
{
    struct goxel_box bounds;

    if (!goxel_volume_bounds(sources, &bounds))
        return true;
    *coord(&bounds.min, extrude->axis) += extrude->sign < 0 ? -extrude->distance : 0;
    *coord(&bounds.max, extrude->axis) += extrude->sign > 0 ? extrude->distance : 0;
    return goxel_box_valid(&bounds);
}

/* Into the volume, a copy. */
static int pull(struct goxel_volume *volume, const struct goxel_volume *sources,
                const struct goxel_extrude *extrude, struct goxel_cancel *cancel)
{
    struct sweep sweep = {.volume = volume,
                          .sources = sources,
                          .cancel = cancel,
                          .axis = extrude->axis,
                          .sign = extrude->sign,
                          .distance = extrude->distance};

    return fits(sources, extrude) ? sweep_all(&sweep) : GOXEL_ERROR_INVALID_COORDINATES;
}

/* Out of the volume: the sources are swept the other way as a mask, to the end of the range at most. */
static int push(struct goxel_volume *volume, const struct goxel_volume *sources,
                const struct goxel_extrude *extrude, struct goxel_cancel *cancel)
{
    struct goxel_volume *mask = NULL, *swept;
    struct sweep sweep = {
        .cancel = cancel, .axis = extrude->axis, .sign = -extrude->sign, .distance = -extrude->distance - 1};
    int result = goxel_volume_mask(sources, NULL, &goxel_match_any, cancel, &mask);

    if (result)
        return result;
    swept = goxel_volume_copy(mask);
    sweep.volume = swept;
    sweep.sources = mask;
    result = swept ? sweep_all(&sweep) : GOXEL_ERROR_OUT_OF_MEMORY;
    if (!result)
        result = goxel_volume_paint_mask(volume, swept, GOXEL_MODE_SUB, goxel_mask_color, cancel);
    goxel_volume_destroy(swept);
    goxel_volume_destroy(mask);
    return result;
}

int64_t goxel_volume_extrude_bricks(const struct goxel_volume *mask, const struct goxel_extrude *extrude)
{
    return goxel_volume_bricks(mask) * (llabs(extrude->distance) / GOXEL_BRICK_SIZE + 2);
}

int goxel_volume_extrude(struct goxel_volume *volume, const struct goxel_volume *mask,
                         const struct goxel_extrude *extrude, struct goxel_cancel *cancel)
{
    struct goxel_volume *sources, *copy;
    int result;

    if (!valid(extrude))
        return GOXEL_ERROR_VALIDATION;
    sources = goxel_volume_copy(volume);
    copy = goxel_volume_copy(volume);
    result = sources && copy
                 ? goxel_volume_paint_mask(sources, mask, GOXEL_MODE_INTERSECT, goxel_mask_color, cancel)
                 : GOXEL_ERROR_OUT_OF_MEMORY;
    if (!result && extrude->distance > 0)
        result = pull(copy, sources, extrude, cancel);
    else if (!result && extrude->distance < 0)
        result = push(copy, sources, extrude, cancel);
    if (!result) {
        goxel_tree_swap(volume, copy);
        goxel_volume_seal(volume);
    }
    goxel_volume_destroy(sources);
    goxel_volume_destroy(copy);
    return result;
}
