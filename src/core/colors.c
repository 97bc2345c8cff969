/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A walk over links: a tile is one addition, a palette is counted by its indices. */
#include "core/colors.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/rows.h"
#include "core/table.h"

/* ---- counting ---- */

struct census {
    const struct goxel_box *box;
    const struct goxel_colors_options *options;
    struct goxel_cancel *cancel;
    struct goxel_table table;
};

static uint8_t rounded(unsigned channel, int bin_size)
{
    return (uint8_t)(channel - channel % (unsigned)bin_size);
}

static int count_color(struct census *census, struct goxel_color color, int64_t count)
{
    int bin = census->options->bin_size;
    struct goxel_color key = {rounded(color.r, bin), rounded(color.g, bin), rounded(color.b, bin),
                              rounded(color.a, bin)};
    int64_t *value;

    if (!color.a || !count)
        return 0;
    value = goxel_table_place(&census->table, goxel_color_bits(key));
    if (!value)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    *value += count;
    return census->table.used > census->options->colors ? GOXEL_ERROR_QUOTA : 0;
}

static int count_palette(struct census *census, const struct goxel_brick *brick)
{
    uint8_t indices[GOXEL_BRICK_VOXELS];
    int counts[GOXEL_BRICK_COLORS_8] = {0}, result = 0;

    goxel_brick_indices(brick, indices);
    for (int i = 0; i < GOXEL_BRICK_VOXELS; i++)
        counts[indices[i]]++;
    for (int i = 0; i < brick->used && !result; i++)
        result = count_color(census, brick->colors[i], counts[i]);
    return result;
}

/* Voxel by voxel; a run of one colour is looked up once. */
static int count_part(struct census *census, const struct goxel_brick *brick, const struct goxel_box *part)
{
    struct goxel_color buffer[GOXEL_BRICK_VOXELS], last = {0, 0, 0, 0};
    const struct goxel_color *voxels = goxel_brick_read(brick, buffer);
    struct goxel_pos pos;
    int64_t run = 0;
    int result = 0;

    for (pos.z = part->min.z; pos.z <= part->max.z; pos.z++) {
        for (pos.y = part->min.y; pos.y <= part->max.y; pos.y++) {
            for (pos.x = part->min.x; pos.x <= part->max.x; pos.x++) {
                struct goxel_color color = voxels[goxel_brick_index(pos)];

                if (goxel_color_bits(color) != goxel_color_bits(last)) {
                    result = count_color(census, last, run);
                    if (result)
                        return result;
                    last = color;
                    run = 0;
                }
                run++;
            }
        }
    }
    return count_color(census, last, run);
}

/* The part of a link that the box has; all of it without a box. */
static struct goxel_box part_of(const struct goxel_box *box, struct goxel_pos corner, int level)
{
    struct goxel_box part = goxel_level_box(corner, level);

    if (box)
        goxel_box_intersect(&part, box, &part);
    return part;
}

static int count_link(void *ctx, goxel_link link, struct goxel_pos corner, int level)
{
    struct census *census = ctx;
    struct goxel_box part = part_of(census->box, corner, level);
    const struct goxel_brick *brick;
    int result = goxel_cancel_check(census->cancel);

    if (result)
        return result;
    if (goxel_link_is_tile(link))
        return count_color(census, goxel_link_color(link), goxel_box_voxels(&part));
    brick = goxel_link_here(link);
    if (brick->state != GOXEL_BRICK_RGBA && goxel_box_voxels(&part) == GOXEL_BRICK_VOXELS)
        return count_palette(census, brick);
    return count_part(census, brick, &part);
}

/* ---- the list ---- */

static int compare_counts(const void *a, const void *b)
{
    const struct goxel_color_count *left = a, *right = b;

    if (left->count != right->count)
        return left->count > right->count ? -1 : 1;
    return memcmp(&left->color, &right->color, sizeof(left->color));
}

static void sort(struct goxel_color_count *colors, size_t count)
{
    if (count > 0)
        qsort(colors, count, sizeof(*colors), compare_counts);
}

static int list(const struct goxel_table *table, struct goxel_color_count **ret_colors)
{
    struct goxel_color_count *colors = malloc((table->used ? table->used : 1) * sizeof(*colors));
    size_t count = 0;
    uint32_t bits;

    if (!colors)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    for (size_t i = 0; i < table->size; i++) {
        if (!table->slots[i].value)
            continue;
        bits = (uint32_t)table->slots[i].key;
        memcpy(&colors[count].color, &bits, sizeof(bits));
        colors[count++].count = table->slots[i].value;
    }
    sort(colors, count);
    *ret_colors = colors;
    return 0;
}

/* ---- colours that are near each other ---- */

/*
 * Colours that stay are kept by cells, `merge` + 1 on an edge. Two in one cell would be near each other:
 * there is one at most, and whatever is near lies in a neighbouring cell.
 */
static struct goxel_color cell_of(const int channels[4], int edge)
{
    return (struct goxel_color){(uint8_t)(channels[0] / edge), (uint8_t)(channels[1] / edge),
                                (uint8_t)(channels[2] / edge), (uint8_t)(channels[3] / edge)};
}

/* The first of those that stay and are near, or -1. */
static int64_t nearest(const struct goxel_table *cells, const struct goxel_color_count *colors,
                       struct goxel_color color, int merge)
{
    int edge = merge + 1;
    int64_t first = -1;

    for (int i = 0; i < 81; i++) { /* 3⁴ */
        int steps[4] = {i % 3 - 1, i / 3 % 3 - 1, i / 9 % 3 - 1, i / 27 - 1};
        int channels[4] = {color.r + steps[0] * edge, color.g + steps[1] * edge, color.b + steps[2] * edge,
                           color.a + steps[3] * edge};
        int64_t there;
        bool inside = true;

        for (int k = 0; k < 4; k++)
            inside &= channels[k] >= 0 && channels[k] / edge <= 255 / edge;
        if (!inside)
            continue;
        there = goxel_table_find(cells, goxel_color_bits(cell_of(channels, edge))) - 1;
        if (there >= 0 && goxel_color_near(color, colors[there].color, merge) && (first < 0 || there < first))
            first = there;
    }
    return first;
}

/* In place; the most frequent colours come first and stay. */
static int merge_near(struct goxel_color_count *colors, size_t *count, int merge, struct goxel_cancel *cancel)
{
    struct goxel_table cells = {0};
    size_t kept = 0;
    int result = 0;

    for (size_t i = 0; i < *count && !result; i++) {
        int64_t near = nearest(&cells, colors, colors[i].color, merge), *cell;
        int channels[4] = {colors[i].color.r, colors[i].color.g, colors[i].color.b, colors[i].color.a};

        result = goxel_cancel_check(cancel);
        if (near >= 0) {
            colors[near].count += colors[i].count;
            continue;
        }
        cell = goxel_table_place(&cells, goxel_color_bits(cell_of(channels, merge + 1)));
        if (!cell) {
            result = GOXEL_ERROR_OUT_OF_MEMORY;
            break;
        }
        colors[kept] = colors[i];
        *cell = (int64_t)++kept;
    }
    goxel_table_end(&cells);
    if (result)
        return result;
    sort(colors, kept);
    *count = kept;
    return 0;
}

static bool valid(const struct goxel_colors_options *options)
{
    return options->bin_size >= 1 && options->bin_size <= 256 && options->merge >= 0 && options->merge <= 255;
}

int goxel_volume_colors(const struct goxel_volume *volume, const struct goxel_box *box,
                        const struct goxel_colors_options *options, struct goxel_cancel *cancel,
                        struct goxel_color_count **ret_colors, size_t *ret_count)
{
    struct census census = {.box = box, .options = options, .cancel = cancel};
    struct goxel_color_count *colors = NULL;
    size_t count;
    int result;

    if (!valid(options))
        return GOXEL_ERROR_VALIDATION;
    if (box && !goxel_box_valid(box))
        return GOXEL_ERROR_INVALID_COORDINATES;
    result = goxel_tree_walk(volume, box, count_link, &census);
    if (!result && census.table.used > 0)
        result = list(&census.table, &colors);
    count = census.table.used;
    goxel_table_end(&census.table);
    if (!result && options->merge > 0)
        result = merge_near(colors, &count, options->merge, cancel);
    if (result) {
        free(colors);
        return result;
    }
    *ret_colors = colors;
    *ret_count = count;
    return 0;
}

/* ---- voxels in a box ---- */

struct count {
    const struct goxel_box *box;
    struct goxel_cancel *cancel;
    int64_t count;
};

static int add_link(void *ctx, goxel_link link, struct goxel_pos corner, int level)
{
    struct count *count = ctx;
    struct goxel_box part = part_of(count->box, corner, level);
    struct goxel_rows rows;
    int result = goxel_cancel_check(count->cancel);

    if (result)
        return result;
    if (goxel_link_is_tile(link)) {
        count->count += goxel_box_voxels(&part);
    } else if (goxel_box_voxels(&part) == GOXEL_BRICK_VOXELS) {
        count->count += goxel_link_brick(link)->count;
    } else {
        goxel_rows_match(link, &goxel_match_any, &rows);
        goxel_rows_clip(&rows, corner, &part);
        count->count += goxel_rows_count(&rows);
    }
    return 0;
}

int goxel_volume_count_in(const struct goxel_volume *volume, const struct goxel_box *box,
                          struct goxel_cancel *cancel, int64_t *ret_count)
{
    struct count count = {box, cancel, 0};
    int result;

    if (!goxel_box_valid(box))
        return GOXEL_ERROR_INVALID_COORDINATES;
    result = goxel_tree_walk(volume, box, add_link, &count);
    if (!result)
        *ret_count = count.count;
    return result;
}

/* ---- voxels of a colour ---- */

struct find {
    const struct goxel_box *box;
    const struct goxel_match *match;
    struct goxel_cancel *cancel;
    goxel_voxel_visit *visit;
    void *ctx;
};

/* A tile, which may be large: the visitor ends it, or the cancel. */
static int visit_tile(const struct find *find, const struct goxel_box *part, struct goxel_color color)
{
    struct goxel_pos pos;
    int result = 0;

    for (pos.z = part->min.z; pos.z <= part->max.z && !result; pos.z++) {
        for (pos.y = part->min.y; pos.y <= part->max.y && !result; pos.y++) {
            result = goxel_cancel_check(find->cancel);
            for (pos.x = part->min.x; pos.x <= part->max.x && !result; pos.x++)
                result = find->visit(find->ctx, pos, color);
        }
    }
    return result;
}

static int visit_brick(const struct find *find, goxel_link link, struct goxel_pos corner,
                       const struct goxel_box *part)
{
    struct goxel_rows rows;
    int result = 0;

    goxel_rows_match(link, find->match, &rows);
    goxel_rows_clip(&rows, corner, part);
    for (int row = 0; row < GOXEL_ROWS; row++) {
        for (unsigned bits = rows.bits[row]; bits && !result; bits &= bits - 1) {
            int x = __builtin_ctz(bits);

            result = find->visit(
                find->ctx, (struct goxel_pos){corner.x + x, corner.y + (row & 15), corner.z + (row >> 4)},
                goxel_link_get(link, (size_t)(16 * row + x)));
        }
    }
    return result;
}

static int find_in_link(void *ctx, goxel_link link, struct goxel_pos corner, int level)
{
    const struct find *find = ctx;
    struct goxel_box part = part_of(find->box, corner, level);
    int result = goxel_cancel_check(find->cancel);

    if (result || !goxel_link_may_match(link, find->match))
        return result;
    if (goxel_link_is_tile(link))
        return visit_tile(find, &part, goxel_link_color(link));
    return visit_brick(find, link, corner, &part);
}

int goxel_volume_find(const struct goxel_volume *volume, const struct goxel_box *box,
                      const struct goxel_match *match, struct goxel_cancel *cancel, goxel_voxel_visit *visit,
                      void *ctx)
{
    struct find find = {box, match, cancel, visit, ctx};

    if (!goxel_match_valid(match))
        return GOXEL_ERROR_VALIDATION;
    if (box && !goxel_box_valid(box))
        return GOXEL_ERROR_INVALID_COORDINATES;
    return goxel_tree_walk(volume, box, find_in_link, &find);
}
