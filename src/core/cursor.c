/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way from brick to brick, and the bits that tell which voxels of one are there.
 *
 * In a brick with few voxels, finding them is what costs: sixteen or more at a time where the machine can.
 */
#include "core/cursor.h"

#define WORDS (GOXEL_BRICK_VOXELS / 64)

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
    cursor->next = cursor->count = 0;
    cursor->filled = 0;
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

/* Bricks and what is in them lie at multiples of sixteen. */

#ifdef __SSE2__

/* Bits of sixteen bytes: those that are as the ones given. */
static inline uint64_t same(__m128i bytes, __m128i as)
{
    return (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, as));
}

static inline uint64_t same_colors(const __m128i *at, __m128i as)
{
    __m128i low = _mm_packs_epi32(_mm_cmpeq_epi32(at[0], as), _mm_cmpeq_epi32(at[1], as));
    __m128i high = _mm_packs_epi32(_mm_cmpeq_epi32(at[2], as), _mm_cmpeq_epi32(at[3], as));

    return (uint64_t)_mm_movemask_epi8(_mm_packs_epi16(low, high));
}

static void mask_colors(const struct goxel_color *colors, uint64_t *ret_mask)
{
    const __m128i *at = (const __m128i *)colors, none = _mm_setzero_si128();

    for (int i = 0; i < WORDS; i++, at += 16)
        ret_mask[i] = ~(same_colors(at, none) | same_colors(at + 4, none) << 16 |
                        same_colors(at + 8, none) << 32 | same_colors(at + 12, none) << 48);
}

/* The empty colour has index 0 in every palette. */
static void mask_bytes(const uint8_t *indices, uint64_t *ret_mask)
{
    const __m128i *at = (const __m128i *)indices, as = _mm_setzero_si128();

    for (int i = 0; i < WORDS; i++, at += 4)
        ret_mask[i] = ~(same(at[0], as) | same(at[1], as) << 16 | same(at[2], as) << 32 |
                        same(at[3], as) << 48);
}

/* Of sixteen bytes, which are 32 voxels. */
static inline uint64_t same_halves(__m128i bytes, __m128i as)
{
    const __m128i half = _mm_set1_epi8(15);
    __m128i even = _mm_and_si128(bytes, half), odd = _mm_and_si128(_mm_srli_epi16(bytes, 4), half);

    return same(_mm_unpacklo_epi8(even, odd), as) | same(_mm_unpackhi_epi8(even, odd), as) << 16;
}

static void mask_halves(const uint8_t *indices, uint64_t *ret_mask)
{
    const __m128i *at = (const __m128i *)indices, as = _mm_setzero_si128();

    for (int i = 0; i < WORDS; i++, at += 2)
        ret_mask[i] = ~(same_halves(at[0], as) | same_halves(at[1], as) << 32);
}

static void mask_brick(const struct goxel_brick *brick, uint64_t *ret_mask)
{
    if (brick->state == GOXEL_BRICK_RGBA)
        mask_colors(brick->colors, ret_mask);
    else if (brick->state == GOXEL_BRICK_PALETTE_8)
        mask_bytes((const uint8_t *)(brick->colors + GOXEL_BRICK_COLORS_8), ret_mask);
    else
        mask_halves((const uint8_t *)(brick->colors + GOXEL_BRICK_COLORS_4), ret_mask);
}

#else

static void mask_brick(const struct goxel_brick *brick, uint64_t *ret_mask)
{
    memset(ret_mask, 0, WORDS * sizeof(*ret_mask));
    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++)
        ret_mask[i / 64] |= (uint64_t)(goxel_brick_get(brick, i).a != 0) << i % 64;
}

#endif

/* Takes away what lies outside the part. A word is four rows of sixteen. */
static void mask_part(uint64_t *mask, struct goxel_pos corner, const struct goxel_box *part)
{
    uint64_t row = (0xffffu << (part->min.x - corner.x) & 0xffff) &
                   0xffffu >> (15 - (part->max.x - corner.x));

    for (int i = 0; i < WORDS; i++) {
        int y = corner.y + (i & 3) * 4, z = corner.z + (i >> 2);
        uint64_t keep = 0;

        for (int k = 0; k < 4 && z >= part->min.z && z <= part->max.z; k++)
            keep |= y + k >= part->min.y && y + k <= part->max.y ? row << 16 * k : 0;
        mask[i] &= keep;
    }
}

/* ---- from brick to voxels ---- */

/* The lowest bit of a word that may have none. */
static inline uint16_t lowest(uint64_t bits)
{
    return (uint16_t)__builtin_ctzll(bits | (uint64_t)1 << 63);
}

/*
 * Lists the places whose bit is set. Where voxels are few, a word has none, one or two of them, and no telling how
 * many: words that have any are listed first, and two places are written for each of those and counted if they are
 * there, all without a branch.
 */
static unsigned list_places(const uint64_t *mask, uint16_t *ret_list)
{
    uint8_t words[WORDS + 1];
    unsigned count = 0, used = 0;

    for (unsigned i = 0; i < WORDS; i++) {
        words[used] = (uint8_t)i;
        used += mask[i] != 0;
    }
    for (unsigned i = 0; i < used; i++) {
        uint64_t first = mask[words[i]], second = first & (first - 1), rest = second & (second - 1);
        unsigned base = words[i] * 64u;

        ret_list[count++] = (uint16_t)(base | lowest(first));
        ret_list[count] = (uint16_t)(base | lowest(second));
        count += second != 0;
        for (; __builtin_expect(rest != 0, 0); rest &= rest - 1)
            ret_list[count++] = (uint16_t)(base | lowest(rest));
    }
    return count;
}

/* From so many voxels on, all of a palette's colours at once cost less than one at a time. */
#define WORTH_READING 1024

/* The colours of the places that are listed, where they lie in a brick: of its palette. */
static const struct goxel_color *read_listed(struct goxel_cursor *cursor, const struct goxel_brick *brick)
{
    const uint8_t *bytes = goxel_brick_place(brick, brick->state, 0);
    const uint16_t *place = cursor->list, *end = place + cursor->count;

    if (brick->state == GOXEL_BRICK_PALETTE_8) {
        for (; place < end; place++)
            cursor->buffer[*place] = brick->colors[bytes[*place]];
    } else {
        for (; place < end; place++)
            cursor->buffer[*place] = brick->colors[bytes[*place / 2] >> 4 * (*place & 1) & 15];
    }
    return cursor->buffer;
}

/* The colours of the brick at hand. */
static const struct goxel_color *colors_of(struct goxel_cursor *cursor)
{
    const struct goxel_brick *brick = goxel_link_brick(cursor->link);

    if (goxel_link_is_tile(cursor->link)) {
        if (cursor->filled != cursor->link)
            goxel_link_read(cursor->link, cursor->buffer);
        cursor->filled = cursor->link;
        return cursor->buffer;
    }
    if (brick->state == GOXEL_BRICK_RGBA)
        return brick->colors;
    cursor->filled = 0;
    return cursor->places && cursor->count < WORTH_READING ? read_listed(cursor, brick)
                                                           : goxel_brick_read(brick, cursor->buffer);
}

/* Which places of the brick at hand are to be seen. */
static void find_places(struct goxel_cursor *cursor)
{
    struct goxel_box part = goxel_level_box(cursor->corner, 0);
    bool whole = !cursor->boxed || goxel_box_within(&part, &cursor->box);
    bool full = goxel_link_is_tile(cursor->link) ||
                goxel_link_brick(cursor->link)->count == GOXEL_BRICK_VOXELS;
    uint64_t mask[WORDS];

    cursor->count = GOXEL_BRICK_VOXELS;
    cursor->places = NULL;
    if (whole && full)
        return;
    if (full)
        memset(mask, 0xff, sizeof(mask));
    else
        mask_brick(goxel_link_brick(cursor->link), mask);
    if (!whole) {
        goxel_box_intersect(&part, &cursor->box, &part);
        mask_part(mask, cursor->corner, &part);
    }
    cursor->count = list_places(mask, cursor->list);
    cursor->places = cursor->list;
}

bool goxel_cursor_open_brick(struct goxel_cursor *cursor)
{
    if (!goxel_cursor_next_brick(cursor))
        return false;
    cursor->next = 0;
    find_places(cursor);
    cursor->colors = colors_of(cursor);
    return true;
}
