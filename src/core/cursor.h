/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Going through a volume: brick after brick, voxel after voxel, in the order of the tree.
 *
 * Used by: core, and whoever looks at all of a volume.  Uses: core/tree.h, open for this as for core/accessor.h.
 *
 *     struct goxel_cursor cursor;
 *
 *     goxel_cursor_begin(&cursor, volume, NULL);
 *     while (goxel_cursor_next(&cursor))
 *         use(cursor.pos, cursor.color);
 *
 * The order is no order of positions: octant after octant, 4³ after 4³, and (z, y, x) inside a brick. It is the
 * same for the same voxels. goxel_volume_visit sorts, for those who need it.
 *
 * Life: 25 KiB on the stack of one thread; there is nothing to end. Empty space costs nothing, and what lies
 * outside the box little. The volume must not change meanwhile.
 */
#ifndef GOXEL_CORE_CURSOR_H
#define GOXEL_CORE_CURSOR_H

#include "core/tree.h"

struct goxel_cursor {
    /* The brick at hand: its smallest corner, and what stands there, a brick or a tile of any level. */
    struct goxel_pos corner;
    goxel_link link;

    /* The voxel at hand. */
    struct goxel_pos pos;
    struct goxel_color color;

    /* ---- its own ---- */
    const struct goxel_color *colors; /* of the brick: of all of its places, or of those below */
    const uint16_t *places;           /* of the voxels in the brick; NULL: they are all there */
    unsigned next, count;             /* of the brick's voxels to be seen */
    int depth;                        /* of the frame at hand; -1: none */
    int octant;
    bool boxed;
    struct goxel_box box;
    const struct goxel_volume *volume;
    struct goxel_cursor_frame {
        goxel_link link; /* may be a tile, which has the same below it everywhere */
        struct goxel_pos corner;
        int next;
    } frames[GOXEL_LEVEL_MAX + 1];
    goxel_link filled; /* the tile whose colour fills the buffer */
    uint16_t list[GOXEL_BRICK_VOXELS + 2];
    struct goxel_color buffer[GOXEL_BRICK_VOXELS];
};

/* Before the first voxel of those inside a valid box (NULL: all). */
void goxel_cursor_begin(struct goxel_cursor *cursor, const struct goxel_volume *volume,
                        const struct goxel_box *box);

/*
 * The next brick that touches the box: `corner` and `link` are set. A tile counts as the bricks that it stands
 * for. False: there is none. What goxel_link_read and goxel_link_get give are its colours, also those outside
 * the box.
 */
bool goxel_cursor_next_brick(struct goxel_cursor *cursor);

/* The same, with its voxels ready for goxel_cursor_next_voxel. */
bool goxel_cursor_open_brick(struct goxel_cursor *cursor);

/* The next voxel of the brick that was opened: `pos` and `color` are set. False: there is none. */
static inline bool goxel_cursor_next_voxel(struct goxel_cursor *cursor)
{
    unsigned i = cursor->next;

    if (__builtin_expect(i == cursor->count, 0))
        return false;
    cursor->next++;
    if (cursor->places)
        i = cursor->places[i];
    cursor->pos.x = cursor->corner.x | (int)(i & 15);
    cursor->pos.y = cursor->corner.y | (int)(i >> 4 & 15);
    cursor->pos.z = cursor->corner.z | (int)(i >> 8);
    cursor->color = cursor->colors[i];
    return true;
}

/* The next voxel. False: there is none. */
static inline bool goxel_cursor_next(struct goxel_cursor *cursor)
{
    while (!goxel_cursor_next_voxel(cursor)) {
        if (!goxel_cursor_open_brick(cursor))
            return false;
    }
    return true;
}

#endif
