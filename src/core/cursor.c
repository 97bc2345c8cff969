/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way from brick to brick, and the bits that tell which voxels of one are there.
 *
 * In a brick with few voxels, finding them is what costs: sixteen or more at a time where the machine can.
 */
#include "core/cursor.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* ---- from brick to brick ---- */

void goxel_cursor_begin(struct goxel_cursor *cursor, const struct goxel_volume *volume,
                        const struct goxel_box *box)
{
    cursor->volume = volume;
    cursor->boxed = box != NULL;
    if (box)
        cursor->box = *box;
    cursor->octant = 0;
    cursor->depth = -1;
    cursor->left = 0;
    cursor->word = GOXEL_CURSOR_WORDS;
}

/* Goes down to the link at the corner, or takes it if it is a brick's. True: it is the brick at hand. */
static bool enter(struct goxel_cursor *cursor, goxel_link link, struct goxel_pos corner, int level)
{
    struct goxel_box all = goxel_level_box(corner, level);

    if (link == 0 || (cursor->boxed && !goxel_box_intersect(&all, &cursor->box, &all)))
        return false;
    if (level > 0) {
        cursor->frames[++cursor->depth] = (struct goxel_cursor_frame){link, corner, 0};
        return false;
    }
    cursor->link = link;
    cursor->corner = corner;
    return true;
}

bool goxel_cursor_next_brick(struct goxel_cursor *cursor)
{
    int top = cursor->volume->level;

    for (;;) {
        while (cursor->depth >= 0) {
            struct goxel_cursor_frame *frame = &cursor->frames[cursor->depth];
            int level = top - cursor->depth, i = frame->next++;

            if (i == GOXEL_NODE_LINKS)
                cursor->depth--;
            else if (enter(cursor, goxel_link_below(frame->link, i),
                           goxel_node_corner(frame->corner, level, i), level - 1))
                return true;
        }
        if (cursor->octant == GOXEL_OCTANTS)
            return false;
        int octant = cursor->octant++;

        if (enter(cursor, cursor->volume->octants[octant], goxel_octant_corner(octant, top), top))
            return true;
    }
}

/* ---- which voxels are there ---- */

#ifdef __SSE2__

/* Bits of sixteen bytes that are not as those given. */
static inline unsigned differing(__m128i bytes, __m128i from)
{
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, from)) ^ 0xffff;
}

static void mask_rgba(const struct goxel_color *colors, uint16_t *ret_rows)
{
    const __m128i *at = (const __m128i *)colors, none = _mm_setzero_si128();

    for (int row = 0; row < GOXEL_BRICK_VOXELS / 16; row++, at += 4) {
        __m128i a = _mm_packs_epi32(_mm_cmpeq_epi32(at[0], none), _mm_cmpeq_epi32(at[1], none));
        __m128i b = _mm_packs_epi32(_mm_cmpeq_epi32(at[2], none), _mm_cmpeq_epi32(at[3], none));

        ret_rows[row] = (uint16_t)~_mm_movemask_epi8(_mm_packs_epi16(a, b));
    }
}

static void mask_bytes(const uint8_t *indices, uint8_t empty, uint16_t *ret_rows)
{
    __m128i from = _mm_set1_epi8((char)empty);

    for (int row = 0; row < GOXEL_BRICK_VOXELS / 16; row++)
        ret_rows[row] = (uint16_t)differing(_mm_loadu_si128((const __m128i *)indices + row), from);
}

static void mask_nibbles(const uint8_t *indices, uint8_t empty, uint16_t *ret_rows)
{
    __m128i from = _mm_set1_epi8((char)empty), low = _mm_set1_epi8(15);

    for (int row = 0; row < GOXEL_BRICK_VOXELS / 16; row += 2) {
        __m128i both = _mm_loadu_si128((const __m128i *)indices + row / 2);
        __m128i first = _mm_and_si128(both, low), second = _mm_and_si128(_mm_srli_epi16(both, 4), low);

        ret_rows[row] = (uint16_t)differing(_mm_unpacklo_epi8(first, second), from);
        ret_rows[row + 1] = (uint16_t)differing(_mm_unpackhi_epi8(first, second), from);
    }
}

/* The palette's index of the empty colour, which is there. */
static uint8_t empty_index(const struct goxel_brick *brick)
{
    unsigned i = 0;

    while (brick->colors[i].a)
        i++;
    return (uint8_t)i;
}

static void mask_brick(const struct goxel_brick *brick, uint64_t *ret_mask)
{
    uint16_t *rows = (uint16_t *)ret_mask;

    if (brick->state == GOXEL_BRICK_RGBA)
        mask_rgba(brick->colors, rows);
    else if (brick->state == GOXEL_BRICK_PALETTE_8)
        mask_bytes((const uint8_t *)(brick->colors + GOXEL_BRICK_COLORS_8), empty_index(brick), rows);
    else
        mask_nibbles((const uint8_t *)(brick->colors + GOXEL_BRICK_COLORS_4), empty_index(brick), rows);
}

#else

static void mask_brick(const struct goxel_brick *brick, uint64_t *ret_mask)
{
    memset(ret_mask, 0, GOXEL_CURSOR_WORDS * sizeof(*ret_mask));
    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++)
        ret_mask[i / 64] |= (uint64_t)(goxel_brick_get(brick, i).a != 0) << i % 64;
}

#endif

/* Takes away what lies outside the part. A word is four rows of sixteen. */
static void mask_part(uint64_t *mask, struct goxel_pos corner, const struct goxel_box *part)
{
    uint64_t row = (0xffffu << (part->min.x - corner.x) & 0xffff) &
                   0xffffu >> (15 - (part->max.x - corner.x));

    for (int i = 0; i < GOXEL_CURSOR_WORDS; i++) {
        int y = corner.y + (i & 3) * 4, z = corner.z + (i >> 2);
        uint64_t keep = 0;

        for (int k = 0; k < 4 && z >= part->min.z && z <= part->max.z; k++)
            keep |= y + k >= part->min.y && y + k <= part->max.y ? row << 16 * k : 0;
        mask[i] &= keep;
    }
}

/* ---- from brick to voxels ---- */

/* From so many voxels on, all of a palette's colours at once cost less than one at a time. */
#define WORTH_READING 1024

bool goxel_cursor_open_brick(struct goxel_cursor *cursor)
{
    int count = GOXEL_BRICK_VOXELS;
    struct goxel_box part;

    if (!goxel_cursor_next_brick(cursor))
        return false;
    if (goxel_link_is_brick(cursor->link))
        count = goxel_link_brick(cursor->link)->count;
    if (count < GOXEL_BRICK_VOXELS)
        mask_brick(goxel_link_brick(cursor->link), cursor->mask);
    else
        memset(cursor->mask, 0xff, sizeof(cursor->mask));
    part = goxel_level_box(cursor->corner, 0);
    if (cursor->boxed && !goxel_box_within(&part, &cursor->box)) {
        goxel_box_intersect(&part, &cursor->box, &part);
        mask_part(cursor->mask, cursor->corner, &part);
    }
    cursor->colors = NULL;
    if (goxel_link_is_brick(cursor->link) &&
        (count >= WORTH_READING || goxel_link_brick(cursor->link)->state == GOXEL_BRICK_RGBA))
        cursor->colors = goxel_brick_read(goxel_link_brick(cursor->link), cursor->buffer);
    cursor->left = 0;
    cursor->word = -1;
    return true;
}
