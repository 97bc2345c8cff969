/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The flood goes from cell to cell. A cell is what one link covers: a tile or empty space, all of which is
 * reached as soon as any of it is, or a brick, of which rows are. A cell with something new in it waits in a
 * queue until that was passed on, within it and to its neighbours; there is no recursion but down the tree.
 * Cells stay filled from one flood to the next: that is how components are told apart.
 */
#include "core/connect.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "core/rewrite.h"
#include "core/rows.h"
#include "core/table.h"

struct cell {
    struct goxel_pos corner;
    struct goxel_box part; /* of it that lies in the box */
    struct cell *next;     /* in the queue */
    bool queued;
    bool whole;  /* all of the part matches */
    bool filled; /* if whole */
    /* Only if not whole: rows that match and those reached, and a bit for each row not passed on yet. */
    uint64_t touched[GOXEL_ROWS / 64];
    struct goxel_rows match, reached;
};

#define WHOLE_BYTES offsetof(struct cell, touched)

struct spread {
    const struct goxel_volume *volume; /* reaches all of the box if empty space is meant */
    struct goxel_match match;
    struct goxel_box box;
    int reach; /* axes in which neighbours may differ */
    struct goxel_cancel *cancel;
    struct goxel_table cells; /* by their corners; the numbers are pointers */
    size_t bricks;            /* of cells that are not whole */
    struct cell *queue;
    struct goxel_component reached; /* what came in since it was reset */
};

/* ---- cells ---- */

/* Of a corner of bricks, 17 bits for each coordinate. */
static uint64_t key_of(struct goxel_pos corner)
{
    return ((uint64_t)(uint32_t)corner.x >> 4 & 0x1ffff) << 34 |
           ((uint64_t)(uint32_t)corner.y >> 4 & 0x1ffff) << 17 | ((uint32_t)corner.z >> 4 & 0x1ffff);
}

static void free_cells(struct spread *spread)
{
    for (size_t i = 0; i < spread->cells.size; i++)
        free((void *)(intptr_t)spread->cells.slots[i].value);
    goxel_table_end(&spread->cells);
}

/* The link that covers a position, and where it is. */
static goxel_link leaf_at(const struct goxel_volume *volume, struct goxel_pos pos, struct goxel_box *ret_all)
{
    int level = volume->level, edge;
    goxel_link link = 0;

    if (goxel_tree_covers(volume, pos)) {
        link = volume->octants[goxel_octant_index(pos)];
        while (goxel_link_is_node(link))
            link = goxel_link_node(link)->links[goxel_node_index(pos, level--)];
    }
    edge = 1 << goxel_level_shift(level);
    *ret_all = goxel_level_box((struct goxel_pos){pos.x & -edge, pos.y & -edge, pos.z & -edge}, level);
    return link;
}

static struct cell *make_cell(struct spread *spread, goxel_link link, const struct goxel_box *all)
{
    bool whole = !goxel_link_is_brick(link);
    struct cell *cell = calloc(1, whole ? WHOLE_BYTES : sizeof(*cell));

    if (!cell)
        return NULL;
    cell->corner = all->min;
    cell->whole = whole;
    goxel_box_intersect(all, &spread->box, &cell->part);
    if (!whole) {
        goxel_rows_match(link, &spread->match, &cell->match);
        goxel_rows_clip(&cell->match, cell->corner, &cell->part);
        spread->bricks++;
    }
    return cell;
}

/* The cell of a link that touches the box; NULL if none of it can match. */
static int cell_of(struct spread *spread, goxel_link link, const struct goxel_box *all,
                   struct cell **ret_cell)
{
    struct cell *cell = (struct cell *)(intptr_t)goxel_table_find(&spread->cells, key_of(all->min));
    int64_t *place;

    if (!cell && goxel_link_may_match(link, &spread->match)) {
        if (spread->bricks >= GOXEL_CONNECT_BRICKS_MAX)
            return GOXEL_ERROR_QUOTA;
        cell = make_cell(spread, link, all);
        place = cell ? goxel_table_place(&spread->cells, key_of(all->min)) : NULL;
        if (!place) {
            free(cell);
            return GOXEL_ERROR_OUT_OF_MEMORY;
        }
        *place = (intptr_t)cell;
    }
    *ret_cell = cell;
    return 0;
}

/* ---- what comes in ---- */

#define VOXELS_MAX ((int64_t)GOXEL_VOLUME_BRICKS_MAX * GOXEL_BRICK_VOXELS)

static void enqueue(struct spread *spread, struct cell *cell)
{
    if (cell->queued)
        return;
    cell->queued = true;
    cell->next = spread->queue;
    spread->queue = cell;
}

static void count_in(struct spread *spread, const struct goxel_box *box, int64_t voxels)
{
    if (spread->reached.voxels == 0)
        spread->reached.bounds = *box;
    goxel_box_widen(&spread->reached.bounds, box);
    spread->reached.voxels += voxels;
}

static void reach_whole(struct spread *spread, struct cell *cell)
{
    if (cell->filled)
        return;
    cell->filled = true;
    count_in(spread, &cell->part, goxel_box_voxels(&cell->part));
    enqueue(spread, cell);
}

/* Every run of the row that has a seed in it; each step doubles how far it looks. */
static unsigned fill_runs(unsigned seeds, unsigned row)
{
    unsigned up = row, down = row;

    for (int by = 1; by < GOXEL_BRICK_SIZE; by *= 2) {
        seeds |= up & seeds << by;
        seeds |= down & seeds >> by;
        up &= up << by;
        down &= down >> by;
    }
    return seeds;
}

static void reach_row(struct spread *spread, struct cell *cell, int row, unsigned bits)
{
    unsigned seeds = bits & cell->match.bits[row] & ~(unsigned)cell->reached.bits[row];
    struct goxel_box fresh;

    if (!seeds)
        return;
    /* A run is reached as a whole or not at all: all of these are new. */
    seeds = fill_runs(seeds, cell->match.bits[row]);
    cell->reached.bits[row] |= (uint16_t)seeds;
    cell->touched[row / 64] |= UINT64_C(1) << row % 64;
    fresh.min = (struct goxel_pos){cell->corner.x + __builtin_ctz(seeds), cell->corner.y + (row & 15),
                                   cell->corner.z + (row >> 4)};
    fresh.max = (struct goxel_pos){cell->corner.x + 31 - __builtin_clz(seeds), fresh.min.y, fresh.min.z};
    count_in(spread, &fresh, __builtin_popcount(seeds));
    enqueue(spread, cell);
}

/* All of a cell that lies in the box. */
static void reach_box(struct spread *spread, struct cell *cell, const struct goxel_box *box)
{
    struct goxel_box part;
    unsigned bits;

    if (!goxel_box_intersect(&cell->part, box, &part))
        return;
    if (cell->whole) {
        reach_whole(spread, cell);
        return;
    }
    bits = goxel_row_between(part.min.x - cell->corner.x, part.max.x - cell->corner.x);
    for (int z = part.min.z - cell->corner.z; z <= part.max.z - cell->corner.z; z++) {
        for (int y = part.min.y - cell->corner.y; y <= part.max.y - cell->corner.y; y++)
            reach_row(spread, cell, y | z << 4, bits);
    }
}

/* ---- from a tile, or empty space ---- */

static int reach_link(struct spread *spread, goxel_link link, struct goxel_pos corner, int level,
                      const struct goxel_box *slab);

/* Which links of a node touch the slab is known without asking each of them. */
static int reach_node(struct spread *spread, const struct goxel_node *node, struct goxel_pos corner,
                      int level, const struct goxel_box *slab)
{
    int first = goxel_node_index(slab->min, level), last = goxel_node_index(slab->max, level), result = 0;

    for (int z = first >> 4; z <= last >> 4; z++) {
        for (int y = first >> 2 & 3; y <= (last >> 2 & 3); y++) {
            for (int x = first & 3; x <= (last & 3) && !result; x++) {
                int i = x | y << 2 | z << 4;

                result = reach_link(spread, node->links[i], goxel_node_corner(corner, level, i), level - 1,
                                    slab);
            }
        }
    }
    return result;
}

static int reach_link(struct spread *spread, goxel_link link, struct goxel_pos corner, int level,
                      const struct goxel_box *slab)
{
    struct goxel_box all = goxel_level_box(corner, level), part;
    struct cell *cell;
    int result;

    if (!goxel_box_intersect(&all, slab, &part))
        return 0;
    if (goxel_link_is_node(link))
        return reach_node(spread, goxel_link_node(link), corner, level, &part);
    result = cell_of(spread, link, &all, &cell);
    if (!result && cell)
        reach_box(spread, cell, &part);
    return result;
}

/* The voxels beyond one side of a box; a step of 0: along all of it. */
static void side_of(int32_t min, int32_t max, int step, int32_t *ret_min, int32_t *ret_max)
{
    *ret_min = step > 0 ? max + 1 : step < 0 ? min - 1 : min;
    *ret_max = step > 0 ? max + 1 : step < 0 ? min - 1 : max;
}

static int pass_on_whole(struct spread *spread, const struct cell *cell)
{
    const struct goxel_box *part = &cell->part;
    int result = 0;

    for (int i = 0; i < 27 && !result; i++) {
        int x = i % 3 - 1, y = i / 3 % 3 - 1, z = i / 9 - 1, order = abs(x) + abs(y) + abs(z);
        struct goxel_box slab;

        if (order == 0 || order > spread->reach)
            continue;
        side_of(part->min.x, part->max.x, x, &slab.min.x, &slab.max.x);
        side_of(part->min.y, part->max.y, y, &slab.min.y, &slab.max.y);
        side_of(part->min.z, part->max.z, z, &slab.min.z, &slab.max.z);
        if (!goxel_box_intersect(&slab, &spread->box, &slab))
            continue;
        for (int k = 0; k < GOXEL_OCTANTS && !result; k++)
            result = reach_link(spread, spread->volume->octants[k],
                                goxel_octant_corner(k, spread->volume->level), spread->volume->level, &slab);
    }
    return result;
}

/* ---- from the rows of a brick ---- */

/* A brick that passes on, and the cells around it as far as they were asked for. */
struct near {
    struct cell *center, *cells[27];
    bool known[27];
};

static int cell_beside(struct spread *spread, struct near *near, int x, int y, int z, struct cell **ret_cell)
{
    int i = (x + 1) + 3 * (y + 1) + 9 * (z + 1), result = 0;
    struct goxel_pos corner = near->center->corner;
    struct goxel_box brick, all;

    if (!near->known[i]) {
        corner = (struct goxel_pos){corner.x + GOXEL_BRICK_SIZE * x, corner.y + GOXEL_BRICK_SIZE * y,
                                    corner.z + GOXEL_BRICK_SIZE * z};
        brick = goxel_level_box(corner, 0);
        if (goxel_box_intersect(&brick, &spread->box, &all)) {
            goxel_link link = leaf_at(spread->volume, corner, &all);

            result = cell_of(spread, link, &all, &near->cells[i]);
        }
        near->known[i] = !result;
    }
    *ret_cell = near->cells[i];
    return result;
}

/* Bits of one row of the brick beside. */
static int reach_beside(struct spread *spread, struct near *near, const int beside[3], int row, unsigned bits)
{
    struct goxel_pos corner = near->center->corner;
    struct goxel_box line;
    struct cell *cell;
    int result = cell_beside(spread, near, beside[0], beside[1], beside[2], &cell);

    if (result || !cell)
        return result;
    if (!cell->whole) {
        reach_row(spread, cell, row, bits);
        return 0;
    }
    line.min = (struct goxel_pos){corner.x + GOXEL_BRICK_SIZE * beside[0] + __builtin_ctz(bits),
                                  corner.y + GOXEL_BRICK_SIZE * beside[1] + (row & 15),
                                  corner.z + GOXEL_BRICK_SIZE * beside[2] + (row >> 4)};
    line.max = line.min;
    line.max.x += 31 - __builtin_clz(bits) - __builtin_ctz(bits);
    reach_box(spread, cell, &line);
    return 0;
}

static int outside(int coord)
{
    return (coord >= GOXEL_BRICK_SIZE) - (coord < 0);
}

/* To the row `y`, `z` further, and there to the neighbours in x if that is not one axis too many. */
static int pass_on_to(struct spread *spread, struct near *near, int row, int y, int z)
{
    int to_y = (row & 15) + y, to_z = (row >> 4) + z, to = (to_y & 15) | (to_z & 15) << 4;
    unsigned wide = (unsigned)near->center->reached.bits[row] << 1; /* one place more at both ends */
    int beside[3] = {0, outside(to_y), outside(to_z)}, result;

    if (abs(y) + abs(z) < spread->reach)
        wide |= wide << 1 | wide >> 1;
    result = reach_beside(spread, near, beside, to, wide >> 1 & 0xffff);
    beside[0] = -1;
    if (!result && wide & 1)
        result = reach_beside(spread, near, beside, to, 0x8000);
    beside[0] = 1;
    if (!result && wide >> 17)
        result = reach_beside(spread, near, beside, to, 1);
    return result;
}

static int pass_on_rows(struct spread *spread, struct cell *cell)
{
    struct near near = {.center = cell};
    int result = 0;

    near.cells[13] = cell;
    near.known[13] = true;
    for (int word = 0; word < GOXEL_ROWS / 64 && !result;) {
        int row;

        if (!cell->touched[word]) {
            word++;
            continue;
        }
        row = 64 * word + __builtin_ctzll(cell->touched[word]);
        cell->touched[word] &= cell->touched[word] - 1;
        for (int i = 0; i < 9 && !result; i++) {
            int y = i % 3 - 1, z = i / 3 - 1;

            if (abs(y) + abs(z) <= spread->reach)
                result = pass_on_to(spread, &near, row, y, z);
        }
        /* Rows before this one may have been touched meanwhile. */
        word = row >= 64 && cell->touched[word - 1] ? word - 1 : word;
    }
    return result;
}

static int drain(struct spread *spread)
{
    int result = 0;

    while (spread->queue && !result) {
        struct cell *cell = spread->queue;

        /* A mask of more is out of question: empty space may be without bounds, and its sum without a number. */
        if (spread->reached.voxels > VOXELS_MAX)
            return GOXEL_ERROR_QUOTA;
        spread->queue = cell->next;
        result = goxel_cancel_check(spread->cancel);
        if (!result)
            result = cell->whole ? pass_on_whole(spread, cell) : pass_on_rows(spread, cell);
        cell->queued = false;
    }
    return result;
}

/* ---- the flood ---- */

static int reach_of(int neighbours)
{
    return neighbours == 6 ? 1 : neighbours == 18 ? 2 : neighbours == 26 ? 3 : 0;
}

/* What is reached of a link, seen from the mask, which has nothing yet. */
static int mask_whole(void *ctx, goxel_link old, struct goxel_pos corner, int level, goxel_link *ret_link)
{
    const struct spread *spread = ctx;
    struct goxel_box mine = goxel_level_box(corner, level), all;
    const struct cell *cell;

    (void)old;
    leaf_at(spread->volume, corner, &all);
    if (!goxel_box_within(&mine, &all))
        return GOXEL_DESCEND;
    cell = (const struct cell *)(intptr_t)goxel_table_find(&spread->cells, key_of(all.min));
    if (cell && !cell->whole)
        return GOXEL_DESCEND;
    *ret_link = cell && cell->filled ? goxel_link_of_color(goxel_mask_color) : 0;
    return GOXEL_REWRITTEN;
}

static int mask_brick(void *ctx, goxel_link old, struct goxel_pos corner, goxel_link *ret_link)
{
    const struct spread *spread = ctx;
    struct goxel_box all;
    const struct cell *cell;

    (void)old;
    leaf_at(spread->volume, corner, &all);
    cell = (const struct cell *)(intptr_t)goxel_table_find(&spread->cells, key_of(all.min));
    if (!cell->whole)
        return goxel_rows_encode(&cell->reached, ret_link);
    *ret_link = cell->filled ? goxel_link_of_color(goxel_mask_color) : 0;
    return 0;
}

static int make_mask(struct spread *spread, struct goxel_volume **ret_mask)
{
    static const struct goxel_rewrite how = {.whole = mask_whole, .brick = mask_brick};
    struct goxel_volume *mask = goxel_volume_create();
    int result = mask ? goxel_volume_rewrite(mask, &spread->reached.bounds, &how, spread, spread->cancel)
                      : GOXEL_ERROR_OUT_OF_MEMORY;

    if (result) {
        goxel_volume_destroy(mask);
        return result;
    }
    *ret_mask = mask;
    return 0;
}

static int flood_from(struct spread *spread, struct goxel_pos seed)
{
    struct goxel_box all, one = {seed, seed};
    goxel_link link = leaf_at(spread->volume, seed, &all);
    struct cell *cell;
    int result = cell_of(spread, link, &all, &cell);

    if (result)
        return result;
    reach_box(spread, cell, &one);
    return drain(spread);
}

int goxel_volume_flood(const struct goxel_volume *volume, const struct goxel_flood *flood,
                       struct goxel_cancel *cancel, struct goxel_volume **ret_mask)
{
    struct goxel_volume *copy;
    struct spread spread = {.box = flood->box, .reach = reach_of(flood->neighbours), .cancel = cancel};
    int result;

    if (!goxel_box_valid(&flood->box) || !goxel_box_contains(&flood->box, flood->seed))
        return GOXEL_ERROR_INVALID_COORDINATES;
    if (!spread.reach || flood->tolerance < 0 || flood->tolerance > 255)
        return GOXEL_ERROR_VALIDATION;
    copy = goxel_volume_copy(volume); /* costs nothing, and may be raised */
    if (!copy)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    spread.volume = copy;
    spread.match = (struct goxel_match){goxel_volume_get_at(volume, flood->seed), flood->tolerance};
    result = goxel_tree_reach(copy, flood->box.min);
    if (!result)
        result = goxel_tree_reach(copy, flood->box.max);
    if (!result)
        result = flood_from(&spread, flood->seed);
    if (!result)
        result = make_mask(&spread, ret_mask);
    free_cells(&spread);
    goxel_volume_destroy(copy);
    return result;
}

/* ---- components ---- */

struct components {
    struct spread spread;
    struct goxel_component *list;
    size_t count, capacity, most;
};

/* What was not reached yet, from a voxel of a cell. */
static int add_component(struct components *components, struct cell *cell, struct goxel_pos seed)
{
    struct spread *spread = &components->spread;
    struct goxel_box one = {seed, seed};
    int result;

    if (components->count == components->most)
        return GOXEL_ERROR_QUOTA;
    result = goxel_array_reserve(&components->list, &components->capacity, components->count + 1,
                                 sizeof(*components->list));
    if (result)
        return result;
    spread->reached = (struct goxel_component){.seed = seed};
    reach_box(spread, cell, &one);
    result = drain(spread);
    components->list[components->count++] = spread->reached;
    return result;
}

static int add_components(void *ctx, goxel_link link, struct goxel_pos corner, int level)
{
    struct components *components = ctx;
    struct goxel_box all = goxel_level_box(corner, level);
    struct cell *cell;
    int result = goxel_cancel_check(components->spread.cancel);

    if (!result)
        result = cell_of(&components->spread, link, &all, &cell);
    if (result || !cell) /* no cell: it was away, and could not be loaded */
        return result;
    if (cell->whole)
        return cell->filled ? 0 : add_component(components, cell, cell->part.min);
    for (int row = 0; row < GOXEL_ROWS && !result;) {
        unsigned left = cell->match.bits[row] & ~(unsigned)cell->reached.bits[row];

        if (left)
            result = add_component(components, cell,
                                   (struct goxel_pos){corner.x + __builtin_ctz(left), corner.y + (row & 15),
                                                      corner.z + (row >> 4)});
        else
            row++;
    }
    return result;
}

static int compare_components(const void *a, const void *b)
{
    const struct goxel_component *left = a, *right = b;
    int order;

    if (left->voxels != right->voxels)
        return left->voxels > right->voxels ? -1 : 1;
    order = goxel_pos_compare(left->bounds.min, right->bounds.min);
    return order ? order : goxel_pos_compare(left->seed, right->seed);
}

int goxel_volume_components(const struct goxel_volume *volume, const struct goxel_box *box, int neighbours,
                            size_t most, struct goxel_cancel *cancel, struct goxel_component **ret_components,
                            size_t *ret_count)
{
    static const struct goxel_box range = {{GOXEL_COORD_MIN, GOXEL_COORD_MIN, GOXEL_COORD_MIN},
                                           {GOXEL_COORD_MAX, GOXEL_COORD_MAX, GOXEL_COORD_MAX}};
    struct components components = {.most = most};
    int result;

    if (box && !goxel_box_valid(box))
        return GOXEL_ERROR_INVALID_COORDINATES;
    components.spread = (struct spread){.volume = volume,
                                        .match = goxel_match_any,
                                        .box = box ? *box : range,
                                        .reach = reach_of(neighbours),
                                        .cancel = cancel};
    if (!components.spread.reach)
        return GOXEL_ERROR_VALIDATION;
    result = goxel_tree_walk(volume, box, add_components, &components);
    free_cells(&components.spread);
    if (result) {
        free(components.list);
        return result;
    }
    if (components.count > 0)
        qsort(components.list, components.count, sizeof(*components.list), compare_components);
    *ret_components = components.list;
    *ret_count = components.count;
    return 0;
}
