/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where rows along v would be fewer quads than rows along u, those are taken, plane by plane.
 */
#include "mesh/sweep.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"

struct goxel_sweep_cell {
    goxel_link link; /* what stands there, in memory */
    struct goxel_brick
        *copy; /* of a brick that is away: what was loaded may be gone before the row is done */
    int32_t u; /* its smallest */
    bool even; /* of one colour all over, which is that */
    uint32_t color;
    struct goxel_sides sides;
};

/* One way to go through a layer. */
struct way {
    struct goxel_sweep *sweep;
    const struct goxel_sweep_source *source;
    int axis;
    bool turned;  /* rows are along v */
    uint8_t u, v; /* the axes along a row, and from row to row */
    size_t step_u, step_v, step_w;
    int32_t corner_w; /* of the layer */
    uint32_t planes;  /* that have open quads */
    int plane;        /* at hand */
};

/* ---- lists ---- */

static int reserve_quad(struct goxel_sweep *sweep)
{
    return goxel_array_reserve(&sweep->quads, &sweep->room, sweep->count + 1, sizeof(*sweep->quads));
}

static int reserve_cell(struct goxel_sweep *sweep)
{
    return goxel_array_reserve(&sweep->cells, &sweep->cell_room, sweep->cell_count + 1,
                               sizeof(*sweep->cells));
}

static struct goxel_order_key *reserve_keys(struct goxel_sweep *sweep, size_t count)
{
    return goxel_array_reserve(&sweep->keys, &sweep->key_room, count, sizeof(*sweep->keys)) ? NULL
                                                                                            : sweep->keys;
}

void goxel_sweep_finish(struct goxel_sweep *sweep)
{
    free(sweep->quads);
    free(sweep->cells);
    for (int i = 0; i < GOXEL_SIDE_PLANES; i++)
        goxel_runs_finish(&sweep->open[i]);
    goxel_runs_finish(&sweep->row);
    goxel_runs_finish(&sweep->spare);
    free(sweep->keys);
}

/* ---- quads ---- */

static int close_quad(void *ctx, const struct goxel_run *open, int32_t v)
{
    const struct way *way = ctx;
    struct goxel_sweep *sweep = way->sweep;
    struct goxel_quad *quad;
    int code = reserve_quad(sweep);

    if (code)
        return code;
    quad = &sweep->quads[sweep->count++];
    quad->axis = (uint8_t)way->axis;
    quad->plus = way->plane & 1;
    quad->w = way->corner_w + (way->plane >> 1) + (way->plane & 1);
    quad->u0 = way->turned ? open->v0 : open->u0;
    quad->u1 = way->turned ? v : open->u1;
    quad->v0 = way->turned ? open->u0 : open->v0;
    quad->v1 = way->turned ? open->u1 : v;
    memcpy(&quad->color, &open->color, sizeof(quad->color));
    sweep->numbers[way->plane]++;
    return 0;
}

static int close_all(struct way *way, int32_t v)
{
    int code = 0;

    for (; way->planes && !code; way->planes &= way->planes - 1) {
        way->plane = __builtin_ctz(way->planes);
        code = goxel_runs_close(&way->sweep->open[way->plane], v, close_quad, way);
    }
    return code;
}

/* ---- rows ---- */

/* The faces that the bits of a row stand for. */
static int add_runs(const struct way *way, const struct goxel_sweep_cell *cell, unsigned bits, size_t index)
{
    struct goxel_runs *row = &way->sweep->row;
    int code = 0;

    while (bits && !code) {
        int first = __builtin_ctz(bits), end = first + __builtin_ctz(~(bits >> first));

        bits &= ~((1u << end) - 1);
        if (cell->even) {
            code = goxel_runs_add(row, cell->u + first, cell->u + end, cell->color);
            continue;
        }
        for (int u = first; u < end && !code; u++) {
            struct goxel_color color = goxel_link_get_here(cell->link, index + (size_t)u * way->step_u);

            code = goxel_runs_add(row, cell->u + u, cell->u + u + 1,
                                  goxel_color_bits(goxel_sight_color(way->source->sight, color)));
        }
    }
    return code;
}

static int sweep_row(struct way *way, int row, int32_t v)
{
    struct goxel_sweep *sweep = way->sweep;
    int plane = way->plane;
    size_t index = (size_t)(plane >> 1) * way->step_w + (size_t)row * way->step_v;
    int code = 0;

    sweep->row.count = 0;
    for (size_t i = 0; i < sweep->cell_count && !code; i++) {
        const struct goxel_sweep_cell *cell = &sweep->cells[i];

        if (cell->sides.rows[plane][row])
            code = add_runs(way, cell, cell->sides.rows[plane][row], index);
    }
    if (!code && (sweep->row.count || sweep->open[plane].count))
        code = goxel_runs_merge(&sweep->open[plane], &sweep->row, v, &sweep->spare, close_quad, way);
    return code;
}

/* All planes of a row of bricks, which begins at v. */
static int sweep_bricks(struct way *way, int32_t v)
{
    struct goxel_sweep *sweep = way->sweep;
    uint32_t planes = way->planes;
    int code = 0;

    for (size_t i = 0; i < sweep->cell_count; i++)
        planes |= sweep->cells[i].sides.planes;
    way->planes = planes;
    for (; planes && !code; planes &= planes - 1) {
        way->plane = __builtin_ctz(planes);
        for (int row = 0; row < GOXEL_BRICK_SIZE && !code; row++)
            code = sweep_row(way, row, v + row);
        if (sweep->open[way->plane].count == 0)
            way->planes &= ~(1u << way->plane);
    }
    return code;
}

/* ---- bricks ---- */

static const struct goxel_color white = {255, 255, 255, 255};

/* Of one colour all over, as far as voxels are there. */
static bool is_even(const struct goxel_sweep_source *source, goxel_link link, struct goxel_color *ret_color)
{
    if (!source->colors) {
        *ret_color = white;
        return true;
    }
    if (!goxel_link_is_brick(link)) {
        *ret_color = goxel_sight_color(source->sight, goxel_link_color(link));
        return true;
    }
    if (goxel_link_state(link) == GOXEL_BRICK_RGBA || goxel_link_brick(link)->used != 2)
        return false;
    *ret_color = goxel_sight_color(source->sight, goxel_link_brick(link)->colors[1]);
    return true;
}

static int copy_away(struct goxel_sweep_cell *cell)
{
    const struct goxel_brick *brick = goxel_brick_loaded(goxel_link_brick(cell->link));
    size_t bytes = goxel_brick_bytes(brick);

    cell->copy = malloc(bytes);
    if (!cell->copy)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    memcpy(cell->copy, brick, bytes);
    cell->link = goxel_link_of_brick(cell->copy);
    return 0;
}

static int read_cell(struct way *way, const struct goxel_cell *from)
{
    const struct goxel_sweep_source *source = way->source;
    struct goxel_sweep *sweep = way->sweep;
    struct goxel_sweep_cell *cell;
    struct goxel_color color;
    int code = reserve_cell(sweep);

    if (code)
        return code;
    cell = &sweep->cells[sweep->cell_count];
    cell->link = from->link;
    cell->copy = NULL;
    cell->u = goxel_pos_axis(from->corner, way->u);
    if (goxel_link_is_away(cell->link))
        code = copy_away(cell);
    if (code)
        return code;
    sweep->cell_count++;
    cell->even = is_even(source, cell->link, &color);
    if (cell->even)
        cell->color = goxel_color_bits(color);
    goxel_sides_read(source->volume, source->sight, cell->link, from->corner, way->axis, &cell->sides);
    if (way->turned)
        goxel_sides_turn(&cell->sides);
    return 0;
}

static void drop_cells(struct goxel_sweep *sweep)
{
    for (size_t i = 0; i < sweep->cell_count; i++)
        free(sweep->cells[i].copy);
    sweep->cell_count = 0;
}

/* The bricks of one row, which begins with an entry; *ret_end is behind it. */
static int read_bricks(struct way *way, const uint32_t *entries, size_t count, size_t *ret_end)
{
    const struct goxel_cell *cells = way->source->cells->list;
    int32_t v = goxel_pos_axis(cells[entries[0]].corner, way->v);
    size_t i = 0;
    int code = 0;

    for (; i < count && !code && goxel_pos_axis(cells[entries[i]].corner, way->v) == v; i++)
        code = read_cell(way, &cells[entries[i]]);
    *ret_end = i;
    return code;
}

/* ---- layers ---- */

static int sweep_layer(struct way *way, const uint32_t *entries, size_t count, size_t most, size_t *ret_end)
{
    struct goxel_sweep *sweep = way->sweep;
    const struct goxel_cell *cells = way->source->cells->list;
    int32_t end_v = INT32_MIN;
    size_t at = 0, row = 0;
    int code = 0;

    way->corner_w = goxel_pos_axis(cells[entries[0]].corner, way->axis);
    while (at < count && !code && sweep->count < most) {
        int32_t v = goxel_pos_axis(cells[entries[at]].corner, way->v);

        code = goxel_cancel_check(way->source->cancel);
        if (!code && v != end_v)
            code = close_all(way, end_v);
        end_v = v + GOXEL_BRICK_SIZE;
        if (!code)
            code = read_bricks(way, entries + at, count - at, &row);
        if (!code)
            code = sweep_bricks(way, v);
        drop_cells(sweep);
        at += row;
    }
    if (!code)
        code = close_all(way, end_v);
    *ret_end = at;
    return code;
}

static struct way make_way(struct goxel_sweep *sweep, const struct goxel_sweep_source *source, int axis,
                           bool turned)
{
    const struct goxel_side_axes *axes = &goxel_side_axes[axis];

    return (struct way){
        .sweep = sweep,
        .source = source,
        .axis = axis,
        .turned = turned,
        .u = turned ? axes->v : axes->u,
        .v = turned ? axes->u : axes->v,
        .step_u = turned ? axes->step_v : axes->step_u,
        .step_v = turned ? axes->step_u : axes->step_v,
        .step_w = axes->step_w,
    };
}
/* The same entries in the order of the other way: column after column. NULL: out of memory. */
static const uint32_t *turn_entries(const struct way *way, const uint32_t *entries, size_t count)
{
    struct goxel_order_key *keys = reserve_keys(way->sweep, 3 * count);
    uint32_t *turned;

    if (!keys)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        struct goxel_pos corner = way->source->cells->list[entries[i]].corner;

        keys[i].key = goxel_order_place(corner, way->v) << 32 | goxel_order_place(corner, way->u);
        keys[i].cell = entries[i];
    }
    goxel_order_sort(keys, keys + count, count);
    turned = (uint32_t *)(keys + 2 * count);
    for (size_t i = 0; i < count; i++)
        turned[i] = keys[i].cell;
    return turned;
}

/* Of each plane those of the way that has fewer; the other way's begin at `second`. */
static void keep_fewer(struct goxel_sweep *sweep, int32_t corner_w, const size_t numbers[GOXEL_SIDE_PLANES],
                       size_t second)
{
    size_t kept = 0;

    for (size_t i = 0; i < sweep->count; i++) {
        const struct goxel_quad *quad = &sweep->quads[i];
        int plane = 2 * (quad->w - quad->plus - corner_w) + quad->plus;

        if ((sweep->numbers[plane] < numbers[plane]) == (i >= second))
            sweep->quads[kept++] = *quad;
    }
    sweep->count = kept;
}

static int sweep_other_way(struct goxel_sweep *sweep, const struct goxel_sweep_source *source, int axis,
                           const uint32_t *entries, size_t count)
{
    struct way way = make_way(sweep, source, axis, true);
    const uint32_t *turned = turn_entries(&way, entries, count);
    size_t numbers[GOXEL_SIDE_PLANES], second = sweep->count, end;
    int code;

    if (!turned)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    memcpy(numbers, sweep->numbers, sizeof(numbers));
    memset(sweep->numbers, 0, sizeof(sweep->numbers));
    code = sweep_layer(&way, turned, count, SIZE_MAX, &end);
    if (!code)
        keep_fewer(sweep, way.corner_w, numbers, second);
    return code;
}

/* One quad a plane is as few as there can be. */
static bool may_be_fewer(const struct goxel_sweep *sweep)
{
    for (int i = 0; i < GOXEL_SIDE_PLANES; i++) {
        if (sweep->numbers[i] > 1)
            return true;
    }
    return false;
}

int goxel_sweep_layer(struct goxel_sweep *sweep, const struct goxel_sweep_source *source, int axis,
                      const uint32_t *entries, size_t count, size_t most, size_t *ret_end)
{
    struct way way = make_way(sweep, source, axis, false);
    int code;

    for (int i = 0; i < GOXEL_SIDE_PLANES; i++)
        sweep->open[i].count = 0;
    memset(sweep->numbers, 0, sizeof(sweep->numbers));
    sweep->count = 0;
    code = sweep_layer(&way, entries, count, most, ret_end);
    if (!code && may_be_fewer(sweep))
        code = sweep_other_way(sweep, source, axis, entries, *ret_end);
    return code;
}
