/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way from brick to brick, and from voxel to voxel of one. */
#include "core/cursor.h"

#include "core/places.h"

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

/* Takes away what lies outside the part. A word is four rows of sixteen. */
static void mask_part(uint64_t *mask, struct goxel_pos corner, const struct goxel_box *part)
{
    uint64_t row = (0xffffu << (part->min.x - corner.x) & 0xffff) &
                   0xffffu >> (15 - (part->max.x - corner.x));

    for (int i = 0; i < GOXEL_PLACES_WORDS; i++) {
        int y = corner.y + (i & 3) * 4, z = corner.z + (i >> 2);
        uint64_t keep = 0;

        for (int k = 0; k < 4 && z >= part->min.z && z <= part->max.z; k++)
            keep |= y + k >= part->min.y && y + k <= part->max.y ? row << 16 * k : 0;
        mask[i] &= keep;
    }
}

/* ---- from brick to voxels ---- */

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

/* The colours of the brick at hand; NULL: of a tile. */
static const struct goxel_color *colors_of(struct goxel_cursor *cursor, const struct goxel_brick *brick)
{
    if (!brick) {
        if (cursor->filled != cursor->link)
            goxel_link_read(cursor->link, cursor->buffer);
        cursor->filled = cursor->link;
        return cursor->buffer;
    }
    if (brick->state == GOXEL_BRICK_RGBA && !goxel_link_is_away(cursor->link))
        return brick->colors;
    cursor->filled = 0;
    if (cursor->places && cursor->count < GOXEL_PLACES_FEW && brick->state != GOXEL_BRICK_RGBA)
        return read_listed(cursor, brick);
    return goxel_brick_read(goxel_link_brick(cursor->link), cursor->buffer);
}

/* Which places of the brick at hand are to be seen; NULL: of a tile. */
static void find_places(struct goxel_cursor *cursor, const struct goxel_brick *brick)
{
    struct goxel_box part = goxel_level_box(cursor->corner, 0);
    bool whole = !cursor->boxed || goxel_box_within(&part, &cursor->box);
    bool full = !brick || brick->count == GOXEL_BRICK_VOXELS;
    uint64_t mask[GOXEL_PLACES_WORDS];

    cursor->count = GOXEL_BRICK_VOXELS;
    cursor->places = NULL;
    if (whole && full)
        return;
    if (full)
        memset(mask, 0xff, sizeof(mask));
    else
        goxel_places_of_brick(brick, mask);
    if (!whole) {
        goxel_box_intersect(&part, &cursor->box, &part);
        mask_part(mask, cursor->corner, &part);
    }
    cursor->count = goxel_places_list(mask, cursor->list);
    cursor->places = cursor->list;
}

bool goxel_cursor_open_brick(struct goxel_cursor *cursor)
{
    const struct goxel_brick *brick;

    if (!goxel_cursor_next_brick(cursor))
        return false;
    brick = goxel_link_is_tile(cursor->link) ? NULL : goxel_link_here(cursor->link);
    cursor->next = 0;
    find_places(cursor, brick);
    cursor->colors = colors_of(cursor, brick);
    return true;
}
