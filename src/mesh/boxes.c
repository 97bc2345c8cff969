/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Layer of bricks after layer, and in it row of bricks after row, all of its sixteen slices at a time. As long as all bricks of
 * a layer are full, its slices are the same, and one stands for all.
 */
#include "mesh/boxes.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "core/rows.h"
#include "core/tree.h"
#include "mesh/order.h"
#include "mesh/runs.h"
#include "mesh/sides.h"

#define SLICES GOXEL_BRICK_SIZE

/* Bricks of one link in a row along x. */
struct stretch {
    goxel_link link;
    struct goxel_pos corner;
    int32_t end_x;
};

struct rectangle {
    int32_t x0, y0, x1, y1; /* from the first place to behind the last one */
    int32_t z;              /* where its box begins */
};

/* In the order in which they end. */
struct rectangles {
    struct rectangle *list;
    size_t count, room;
};

/* The bits of a brick of the row at hand, whole rows of it being 16 z + y. */
struct bits {
    uint16_t rows[GOXEL_ROWS];
};

struct covering {
    const struct goxel_volume *volume;
    struct goxel_sight sight;
    struct goxel_cancel *cancel;
    size_t most;

    struct stretch *stretches; /* in ascending (z, y, x) */
    size_t count, room;

    struct bits *bits; /* of the stretches of the row at hand; of those that are full not set */
    size_t bit_room;
    bool even; /* so far all slices of the layer are as the first one */
    struct goxel_runs open[SLICES], row, spare;
    struct rectangles slices[SLICES];
    int slice; /* at hand */

    struct rectangles standing; /* boxes that go on, in ascending (y, x) */
    struct rectangles next;
    struct goxel_box *boxes;
    size_t box_count, box_room;
};

/* ---- lists ---- */

static int add_rectangle(struct rectangles *rectangles, const struct rectangle *rectangle)
{
    int code = goxel_array_reserve(&rectangles->list, &rectangles->room, rectangles->count + 1,
                                   sizeof(*rectangles->list));

    if (!code)
        rectangles->list[rectangles->count++] = *rectangle;
    return code;
}

static int add_stretch(struct covering *covering, const struct stretch *stretch)
{
    int code = goxel_array_reserve(&covering->stretches, &covering->room, covering->count + 1,
                                   sizeof(*covering->stretches));

    if (!code)
        covering->stretches[covering->count++] = *stretch;
    return code;
}

static int add_box(struct covering *covering, const struct rectangle *rectangle, int32_t end_z)
{
    int code;

    if (covering->box_count == covering->most)
        return GOXEL_ERROR_QUOTA;
    code = goxel_array_reserve(&covering->boxes, &covering->box_room, covering->box_count + 1,
                               sizeof(*covering->boxes));
    if (!code)
        covering->boxes[covering->box_count++] = (struct goxel_box){
            {rectangle->x0, rectangle->y0, rectangle->z}, {rectangle->x1 - 1, rectangle->y1 - 1, end_z - 1}};
    return code;
}

static void finish(struct covering *covering)
{
    free(covering->stretches);
    free(covering->bits);
    for (int i = 0; i < SLICES; i++) {
        goxel_runs_finish(&covering->open[i]);
        free(covering->slices[i].list);
    }
    goxel_runs_finish(&covering->row);
    goxel_runs_finish(&covering->spare);
    free(covering->standing.list);
    free(covering->next.list);
    free(covering->boxes);
}

/* ---- what is there ---- */

static int find(void *ctx, goxel_link link, struct goxel_pos corner, int level)
{
    struct covering *covering = ctx;
    int edge = 1 << goxel_level_shift(level);
    int code = 0;

    if (goxel_link_is_tile(link) && !goxel_sight_there(&covering->sight, goxel_link_color(link)))
        return goxel_cancel_check(covering->cancel);
    for (int z = 0; z < edge && !code; z += GOXEL_BRICK_SIZE) {
        code = goxel_cancel_check(covering->cancel);
        for (int y = 0; y < edge && !code; y += GOXEL_BRICK_SIZE)
            code = add_stretch(
                covering, &(struct stretch){link, {corner.x, corner.y + y, corner.z + z}, corner.x + edge});
    }
    return code;
}

static int compare_pos(struct goxel_pos a, struct goxel_pos b)
{
    if (a.z != b.z)
        return a.z < b.z ? -1 : 1;
    if (a.y != b.y)
        return a.y < b.y ? -1 : 1;
    return (a.x > b.x) - (a.x < b.x);
}

static int compare_stretches(const void *left, const void *right)
{
    const struct stretch *a = left, *b = right;

    return compare_pos(a->corner, b->corner);
}

/* ---- slices ---- */

static bool is_full(const struct covering *covering, const struct stretch *stretch)
{
    goxel_link link = stretch->link;

    if (goxel_link_is_tile(link))
        return true;
    return covering->sight.least == 1 && goxel_link_brick(link)->count == GOXEL_BRICK_VOXELS;
}

static int close_rectangle(void *ctx, const struct goxel_run *open, int32_t y)
{
    struct covering *covering = ctx;
    struct rectangles *slice = &covering->slices[covering->slice];

    /* No two of them are of one box. */
    if (slice->count == covering->most)
        return GOXEL_ERROR_QUOTA;
    return add_rectangle(slice, &(struct rectangle){open->u0, open->v0, open->u1, y, 0});
}

static int add_bits(struct goxel_runs *row, int32_t x, unsigned bits)
{
    int code = 0;

    while (bits && !code) {
        int first = __builtin_ctz(bits), end = first + __builtin_ctz(~(bits >> first));

        bits &= ~((1u << end) - 1);
        code = goxel_runs_add(row, x + first, x + end, 0);
    }
    return code;
}

/* One row of voxels of the slice at hand, out of a row of bricks. */
static int cover_row(struct covering *covering, const struct stretch *stretches, size_t count, int y)
{
    int code = 0;

    covering->row.count = 0;
    for (size_t i = 0; i < count && !code; i++) {
        const struct stretch *stretch = &stretches[i];

        if (is_full(covering, stretch))
            code = goxel_runs_add(&covering->row, stretch->corner.x, stretch->end_x, 0);
        else
            code = add_bits(&covering->row, stretch->corner.x,
                            covering->bits[i].rows[16 * covering->slice + y]);
    }
    return code ? code
                : goxel_runs_merge(&covering->open[covering->slice], &covering->row, stretches->corner.y + y,
                                   &covering->spare, close_rectangle, covering);
}

/* The other slices of the layer become what the first one is. */
static int spread(struct covering *covering)
{
    int code = 0;

    for (int i = 1; i < SLICES && !code; i++) {
        code = goxel_runs_copy(&covering->open[i], &covering->open[0]);
        covering->slices[i].count = 0;
        for (size_t k = 0; k < covering->slices[0].count && !code; k++)
            code = add_rectangle(&covering->slices[i], &covering->slices[0].list[k]);
    }
    covering->even = false;
    return code;
}

/* True: all are full, and nothing was to be read. */
static int read_bits(struct covering *covering, const struct stretch *stretches, size_t count, bool *ret_full)
{
    bool full = true;
    int code = goxel_array_reserve(&covering->bits, &covering->bit_room, count, sizeof(*covering->bits));

    for (size_t i = 0; i < count && !code; i++) {
        if (is_full(covering, &stretches[i]))
            continue;
        full = false;
        goxel_sides_rows(stretches[i].link, covering->sight.least, covering->bits[i].rows);
    }
    *ret_full = full;
    return code;
}

static int cover_bricks(struct covering *covering, const struct stretch *stretches, size_t count)
{
    bool full = true;
    int code = read_bits(covering, stretches, count, &full);
    int rows = full ? 1 : GOXEL_BRICK_SIZE; /* a row like the one before it changes nothing */

    if (!code && covering->even && !full)
        code = spread(covering);
    for (int slice = 0; slice < (covering->even ? 1 : SLICES) && !code; slice++) {
        covering->slice = slice;
        for (int y = 0; y < rows && !code; y++)
            code = cover_row(covering, stretches, count, y);
    }
    return code;
}

static int close_slices(struct covering *covering, int32_t y)
{
    int code = 0;

    for (int slice = 0; slice < (covering->even ? 1 : SLICES) && !code; slice++) {
        covering->slice = slice;
        code = goxel_runs_close(&covering->open[slice], y, close_rectangle, covering);
    }
    return code;
}

/* ---- boxes ---- */

static int compare_rectangles(const void *left, const void *right)
{
    const struct rectangle *a = left, *b = right;

    if (a->y0 != b->y0)
        return a->y0 < b->y0 ? -1 : 1;
    return (a->x0 > b->x0) - (a->x0 < b->x0);
}

static bool same_rectangle(const struct rectangle *a, const struct rectangle *b)
{
    return a->x0 == b->x0 && a->y0 == b->y0 && a->x1 == b->x1 && a->y1 == b->y1;
}

/* A slice at z: boxes that have a rectangle of it go on, others end there. */
static int stack_slice(struct covering *covering, struct rectangles *slice, int32_t z)
{
    struct rectangles *standing = &covering->standing, was = *standing;
    size_t at = 0;
    int code = 0;

    if (slice->count)
        qsort(slice->list, slice->count, sizeof(*slice->list), compare_rectangles);
    covering->next.count = 0;
    for (size_t i = 0; i < slice->count && !code; i++) {
        struct rectangle rectangle = slice->list[i];

        while (at < was.count && compare_rectangles(&was.list[at], &rectangle) < 0 && !code)
            code = add_box(covering, &was.list[at++], z);
        rectangle.z = z;
        if (at < was.count && same_rectangle(&was.list[at], &rectangle))
            rectangle.z = was.list[at++].z;
        if (!code)
            code = add_rectangle(&covering->next, &rectangle);
    }
    while (at < was.count && !code)
        code = add_box(covering, &was.list[at++], z);
    *standing = covering->next;
    covering->next = was;
    return code;
}

/* ---- layers ---- */

static size_t row_end(const struct covering *covering, size_t first, size_t end)
{
    size_t at = first;

    while (at < end && covering->stretches[at].corner.y == covering->stretches[first].corner.y)
        at++;
    return at;
}

static size_t layer_end(const struct covering *covering, size_t first)
{
    size_t at = first;

    while (at < covering->count && covering->stretches[at].corner.z == covering->stretches[first].corner.z)
        at++;
    return at;
}

static int cover_layer(struct covering *covering, size_t first, size_t end)
{
    int32_t end_y = INT32_MIN, z = covering->stretches[first].corner.z;
    int code = 0;

    covering->even = true;
    for (int i = 0; i < SLICES; i++)
        covering->slices[i].count = 0;
    for (size_t at = first, row; at < end && !code; at = row) {
        int32_t y = covering->stretches[at].corner.y;

        row = row_end(covering, at, end);
        code = goxel_cancel_check(covering->cancel);
        if (!code && y != end_y)
            code = close_slices(covering, end_y);
        if (!code)
            code = cover_bricks(covering, covering->stretches + at, row - at);
        end_y = y + GOXEL_BRICK_SIZE;
    }
    if (!code)
        code = close_slices(covering, end_y);
    for (int slice = 0; slice < (covering->even ? 1 : SLICES) && !code; slice++)
        code = stack_slice(covering, &covering->slices[slice], z + slice);
    return code;
}

static int compare_boxes(const void *left, const void *right)
{
    const struct goxel_box *a = left, *b = right;

    return compare_pos(a->min, b->min);
}

static int cover(struct covering *covering)
{
    struct rectangles none = {0};
    int32_t end_z = INT32_MIN;
    int code = goxel_tree_walk(covering->volume, NULL, find, covering);

    if (!code && covering->count)
        qsort(covering->stretches, covering->count, sizeof(*covering->stretches), compare_stretches);
    for (size_t at = 0, layer; at < covering->count && !code; at = layer) {
        int32_t z = covering->stretches[at].corner.z;

        layer = layer_end(covering, at);
        if (z != end_z)
            code = stack_slice(covering, &none, end_z);
        if (!code)
            code = cover_layer(covering, at, layer);
        end_z = z + GOXEL_BRICK_SIZE;
    }
    if (!code)
        code = stack_slice(covering, &none, end_z);
    if (!code && covering->box_count)
        qsort(covering->boxes, covering->box_count, sizeof(*covering->boxes), compare_boxes);
    return code;
}

int goxel_mesh_boxes(const struct goxel_volume *volume, uint8_t alpha_min, size_t most,
                     struct goxel_cancel *cancel, struct goxel_detail *detail, struct goxel_box **ret_boxes,
                     size_t *ret_count)
{
    struct covering covering = {
        .volume = volume, .sight = {.least = alpha_min, .opaque = true}, .cancel = cancel, .most = most};
    uint64_t failures = goxel_away_failures();
    int code = cover(&covering);

    if (!code)
        code = goxel_away_check(failures, detail);
    if (code == GOXEL_ERROR_QUOTA)
        code = goxel_fail_limit(detail, code, "boxes", (int64_t)most, (int64_t)most + 1);
    if (!code) {
        *ret_boxes = covering.boxes;
        *ret_count = covering.box_count;
        covering.boxes = NULL;
    }
    finish(&covering);
    return code;
}
