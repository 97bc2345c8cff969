/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows from bricks and bricks from rows. A palette is compared once, whatever the voxels are. */
#include "core/rows.h"

#include "base/error.h"

const struct goxel_match goxel_match_any = {{255, 255, 255, 255}, 255};
const struct goxel_color goxel_mask_color = {255, 255, 255, 255};

static void match_colors(const struct goxel_color *voxels, const struct goxel_match *match,
                         struct goxel_rows *rows)
{
    for (int row = 0; row < GOXEL_ROWS; row++) {
        unsigned bits = 0;

        for (int x = 0; x < GOXEL_BRICK_SIZE; x++)
            bits |= (unsigned)goxel_match_color(match, voxels[16 * row + x]) << x;
        rows->bits[row] = (uint16_t)bits;
    }
}

/* Two voxels of a byte at a time. */
static void match_palette_4(const struct goxel_brick *brick, const struct goxel_match *match,
                            struct goxel_rows *rows)
{
    const uint8_t *bytes = (const uint8_t *)(brick->colors + GOXEL_BRICK_COLORS_4);
    unsigned meant = 0, pairs[256];

    for (int i = 0; i < GOXEL_BRICK_COLORS_4; i++)
        meant |= (unsigned)goxel_match_color(match, brick->colors[i]) << i;
    for (int i = 0; i < 256; i++)
        pairs[i] = (meant >> (i & 15) & 1) | (meant >> (i >> 4) & 1) << 1;
    for (int row = 0; row < GOXEL_ROWS; row++) {
        unsigned bits = 0;

        for (int i = 0; i < GOXEL_BRICK_SIZE / 2; i++)
            bits |= pairs[bytes[8 * row + i]] << 2 * i;
        rows->bits[row] = (uint16_t)bits;
    }
}

static void match_palette_8(const struct goxel_brick *brick, const struct goxel_match *match,
                            struct goxel_rows *rows)
{
    const uint8_t *bytes = (const uint8_t *)(brick->colors + GOXEL_BRICK_COLORS_8);
    unsigned meant[GOXEL_BRICK_COLORS_8];

    for (int i = 0; i < GOXEL_BRICK_COLORS_8; i++)
        meant[i] = goxel_match_color(match, brick->colors[i]);
    for (int row = 0; row < GOXEL_ROWS; row++) {
        unsigned bits = 0;

        for (int x = 0; x < GOXEL_BRICK_SIZE; x++)
            bits |= meant[bytes[16 * row + x]] << x;
        rows->bits[row] = (uint16_t)bits;
    }
}

void goxel_rows_match(goxel_link link, const struct goxel_match *match, struct goxel_rows *ret_rows)
{
    const struct goxel_brick *brick;

    if (!goxel_link_is_brick(link)) {
        memset(ret_rows, goxel_match_color(match, goxel_link_color(link)) ? 0xff : 0, sizeof(*ret_rows));
        return;
    }
    brick = goxel_link_here(link);
    if (brick->state == GOXEL_BRICK_RGBA)
        match_colors(brick->colors, match, ret_rows);
    else if (brick->state == GOXEL_BRICK_PALETTE_8)
        match_palette_8(brick, match, ret_rows);
    else
        match_palette_4(brick, match, ret_rows);
}

bool goxel_link_may_match(goxel_link link, const struct goxel_match *match)
{
    const struct goxel_brick *brick;

    if (!goxel_link_is_brick(link))
        return goxel_match_color(match, goxel_link_color(link));
    brick = goxel_link_here(link);
    if (brick->state == GOXEL_BRICK_RGBA)
        return true;
    for (int i = 0; i < brick->used; i++) {
        if (goxel_match_color(match, brick->colors[i]))
            return true;
    }
    return false;
}

void goxel_rows_clip(struct goxel_rows *rows, struct goxel_pos corner, const struct goxel_box *box)
{
    struct goxel_box all = goxel_level_box(corner, 0), part;
    uint16_t keep;

    if (goxel_box_within(&all, box))
        return;
    if (!goxel_box_intersect(&all, box, &part)) {
        memset(rows, 0, sizeof(*rows));
        return;
    }
    keep = goxel_row_between(part.min.x - corner.x, part.max.x - corner.x);
    for (int row = 0; row < GOXEL_ROWS; row++) {
        int y = corner.y + (row & 15), z = corner.z + (row >> 4);
        bool inside = y >= part.min.y && y <= part.max.y && z >= part.min.z && z <= part.max.z;

        rows->bits[row] &= inside ? keep : 0;
    }
}

int goxel_rows_count(const struct goxel_rows *rows)
{
    int count = 0;

    for (int i = 0; i < GOXEL_ROWS; i += 4) {
        uint64_t four;

        memcpy(&four, rows->bits + i, sizeof(four));
        count += __builtin_popcountll(four);
    }
    return count;
}

int goxel_rows_encode(const struct goxel_rows *rows, goxel_link *ret_link)
{
    int count = goxel_rows_count(rows);
    struct goxel_brick *brick;

    if (count == 0 || count == GOXEL_BRICK_VOXELS) {
        *ret_link = count ? goxel_link_of_color(goxel_mask_color) : 0;
        return 0;
    }
    brick = goxel_brick_of_bits(rows->bits, (struct goxel_color){0, 0, 0, 0}, goxel_mask_color);
    if (!brick)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    *ret_link = goxel_link_of_brick(brick);
    return 0;
}
