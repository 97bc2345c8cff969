/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A row of a plane is a list of runs: faces of one colour, side by side. An open quad goes on with the row if one run has all
 * of it, and ends otherwise; what is left of the runs begins new ones.
 *
 * Where rows along v would be fewer quads than rows along u, those are taken, plane by plane.
 */
#include "mesh/sweep.h"

#include <stdlib.h>
#include <string.h>

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
};

/* ---- lists ---- */

static int reserve(struct goxel_sweep_list *list, size_t count)
{
    size_t room = list->room ? list->room : 32;
    struct goxel_sweep_open *more;

    if (count <= list->room)
        return 0;
    while (room < count)
        room *= 2;
    more = realloc(list->list, room * sizeof(*more));
    if (!more)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    list->list = more;
    list->room = room;
    return 0;
}

static int reserve_quad(struct goxel_sweep *sweep)
{
    size_t room = sweep->room ? 2 * sweep->room : 256;
    struct goxel_quad *quads;

    if (sweep->count < sweep->room)
        return 0;
    quads = realloc(sweep->quads, room * sizeof(*quads));
    if (!quads)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    sweep->quads = quads;
    sweep->room = room;
    return 0;
}

static int reserve_cell(struct goxel_sweep *sweep)
{
    size_t room = sweep->cell_room ? 2 * sweep->cell_room : 16;
    struct goxel_sweep_cell *cells;

    if (sweep->cell_count < sweep->cell_room)
        return 0;
    cells = realloc(sweep->cells, room * sizeof(*cells));
    if (!cells)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    sweep->cells = cells;
    sweep->cell_room = room;
    return 0;
}

static struct goxel_order_key *reserve_keys(struct goxel_sweep *sweep, size_t count)
{
    if (count > sweep->key_room) {
        struct goxel_order_key *keys = realloc(sweep->keys, count * sizeof(*keys));

        if (!keys)
            return NULL;
        sweep->keys = keys;
        sweep->key_room = count;
    }
    return sweep->keys;
}

void goxel_sweep_finish(struct goxel_sweep *sweep)
{
    free(sweep->quads);
    free(sweep->cells);
    for (int i = 0; i < GOXEL_SIDE_PLANES; i++)
        free(sweep->open[i].list);
    free(sweep->runs.list);
    free(sweep->next.list);
    free(sweep->keys);
}

/* ---- quads ---- */

/* An open quad ends before row v. */
static int close_quad(struct way *way, int plane, const struct goxel_sweep_open *open, int32_t v)
{
    struct goxel_sweep *sweep = way->sweep;
    struct goxel_quad *quad;
    int code = reserve_quad(sweep);

    if (code)
        return code;
    quad = &sweep->quads[sweep->count++];
    quad->axis = (uint8_t)way->axis;
    quad->plus = plane & 1;
    quad->w = way->corner_w + (plane >> 1) + (plane & 1);
    quad->u0 = way->turned ? open->v0 : open->u0;
    quad->u1 = way->turned ? v : open->u1;
    quad->v0 = way->turned ? open->u0 : open->v0;
    quad->v1 = way->turned ? open->u1 : v;
    memcpy(&quad->color, &open->color, sizeof(quad->color));
    sweep->numbers[plane]++;
    return 0;
}

static int close_plane(struct way *way, int plane, int32_t v)
{
    struct goxel_sweep_list *open = &way->sweep->open[plane];
    int code = 0;

    for (size_t i = 0; i < open->count && !code; i++)
        code = close_quad(way, plane, &open->list[i], v);
    open->count = 0;
    return code;
}

static int close_all(struct way *way, int32_t v)
{
    int code = 0;

    for (; way->planes && !code; way->planes &= way->planes - 1)
        code = close_plane(way, __builtin_ctz(way->planes), v);
    return code;
}

/* The open quads of a plane as row v leaves them, whose runs are at hand. */
static int merge_row(struct way *way, int plane, int32_t v)
{
    struct goxel_sweep *sweep = way->sweep;
    struct goxel_sweep_list *open = &sweep->open[plane], *next = &sweep->next, was;
    size_t at = 0, count = 0;
    int code = reserve(next, open->count + 2 * sweep->runs.count);

    for (size_t i = 0; i < sweep->runs.count && !code; i++) {
        const struct goxel_sweep_open *run = &sweep->runs.list[i];
        int32_t u = run->u0;

        for (; at < open->count && open->list[at].u0 < run->u1 && !code; at++) {
            const struct goxel_sweep_open *old = &open->list[at];

            if (old->u0 < u || old->u1 > run->u1 || old->color != run->color) {
                code = close_quad(way, plane, old, v);
                continue;
            }
            if (u < old->u0)
                next->list[count++] = (struct goxel_sweep_open){u, old->u0, v, run->color};
            next->list[count++] = *old;
            u = old->u1;
        }
        if (u < run->u1)
            next->list[count++] = (struct goxel_sweep_open){u, run->u1, v, run->color};
    }
    for (; at < open->count && !code; at++)
        code = close_quad(way, plane, &open->list[at], v);
    next->count = count;
    was = *open;
    *open = *next;
    *next = was;
    return code;
}

/* ---- rows ---- */

static int add_run(struct goxel_sweep_list *runs, int32_t u, int32_t end, uint32_t color)
{
    struct goxel_sweep_open *last = runs->count ? &runs->list[runs->count - 1] : NULL;
    int code;

    if (last && last->u1 == u && last->color == color) {
        last->u1 = end;
        return 0;
    }
    code = reserve(runs, runs->count + 1);
    if (!code)
        runs->list[runs->count++] = (struct goxel_sweep_open){u, end, 0, color};
    return code;
}

/* The faces that the bits of a row stand for. */
static int add_runs(const struct way *way, const struct goxel_sweep_cell *cell, unsigned bits, size_t index)
{
    struct goxel_sweep_list *runs = &way->sweep->runs;
    int code = 0;

    while (bits && !code) {
        int first = __builtin_ctz(bits), end = first + __builtin_ctz(~(bits >> first));

        bits &= ~((1u << end) - 1);
        if (cell->even) {
            code = add_run(runs, cell->u + first, cell->u + end, cell->color);
            continue;
        }
        for (int u = first; u < end && !code; u++) {
            struct goxel_color color = goxel_link_get_here(cell->link, index + (size_t)u * way->step_u);

            code = add_run(runs, cell->u + u, cell->u + u + 1,
                           goxel_color_bits(goxel_sight_color(way->source->sight, color)));
        }
    }
    return code;
}

static int sweep_row(struct way *way, int plane, int row, int32_t v)
{
    struct goxel_sweep *sweep = way->sweep;
    size_t index = (size_t)(plane >> 1) * way->step_w + (size_t)row * way->step_v;
    int code = 0;

    sweep->runs.count = 0;
    for (size_t i = 0; i < sweep->cell_count && !code; i++) {
        const struct goxel_sweep_cell *cell = &sweep->cells[i];

        if (cell->sides.rows[plane][row])
            code = add_runs(way, cell, cell->sides.rows[plane][row], index);
    }
    if (!code && (sweep->runs.count || sweep->open[plane].count))
        code = merge_row(way, plane, v);
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
        int plane = __builtin_ctz(planes);

        for (int row = 0; row < GOXEL_BRICK_SIZE && !code; row++)
            code = sweep_row(way, plane, row, v + row);
        if (sweep->open[plane].count == 0)
            way->planes &= ~(1u << plane);
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

        if (v != end_v)
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
