/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A volume's life, and its voxels and bricks one at a time. What it is made of: core/tree.h. */
#include "core/volume.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/accessor.h"

/* ---- life ---- */

struct goxel_volume *goxel_volume_create(void)
{
    return calloc(1, sizeof(struct goxel_volume));
}

struct goxel_volume *goxel_volume_copy(const struct goxel_volume *volume)
{
    struct goxel_volume *copy = malloc(sizeof(*copy));

    if (!copy)
        return NULL;
    *copy = *volume;
    for (int i = 0; i < GOXEL_OCTANTS; i++)
        goxel_link_ref(copy->octants[i]);
    return copy;
}

void goxel_volume_clear(struct goxel_volume *volume)
{
    for (int i = 0; i < GOXEL_OCTANTS; i++)
        goxel_link_unref(volume->octants[i]);
    *volume = (struct goxel_volume){.level = 0};
}

void goxel_volume_destroy(struct goxel_volume *volume)
{
    if (!volume)
        return;
    goxel_volume_clear(volume);
    free(volume);
}

int64_t goxel_volume_count(const struct goxel_volume *volume)
{
    return volume->tally.voxels;
}

int64_t goxel_volume_bricks(const struct goxel_volume *volume)
{
    return volume->tally.bricks;
}

/* ---- one voxel ---- */

struct goxel_color goxel_volume_get_at(const struct goxel_volume *volume, struct goxel_pos pos)
{
    return goxel_link_get(goxel_tree_find(volume, pos), goxel_brick_index(pos));
}

/* ---- many voxels ---- */

#define AT_ONCE 32 /* enough that memory is never idle, and little enough that all of it stays in the cache */

/* Three times over all: the tree, the voxel's own bytes, and the palette's colour, which those tell. */
static void get_some(const struct goxel_volume *volume, const struct goxel_pos *positions, size_t count,
                     struct goxel_color *ret_colors)
{
    goxel_link links[AT_ONCE];
    size_t indices[AT_ONCE];

    for (size_t i = 0; i < count; i++) {
        links[i] = goxel_tree_find(volume, positions[i]);
        indices[i] = goxel_brick_index(positions[i]);
        if (goxel_link_is_here(links[i]))
            __builtin_prefetch(
                goxel_brick_place(goxel_link_brick(links[i]), goxel_link_state(links[i]), indices[i]));
    }
    for (size_t i = 0; i < count; i++) {
        struct goxel_brick *brick = goxel_link_brick(links[i]);

        if (goxel_link_is_here(links[i]))
            __builtin_prefetch(brick->colors +
                               goxel_brick_entry(brick, goxel_link_state(links[i]), indices[i]));
    }
    for (size_t i = 0; i < count; i++)
        ret_colors[i] = goxel_link_get(links[i], indices[i]);
}

void goxel_volume_get_many(const struct goxel_volume *volume, const struct goxel_pos *positions, size_t count,
                           struct goxel_color *ret_colors)
{
    for (size_t done = 0; done < count; done += AT_ONCE)
        get_some(volume, positions + done, count - done < AT_ONCE ? count - done : AT_ONCE,
                 ret_colors + done);
}

/* ---- writing one ---- */

/* Puts what the caller made, taking it over on success, in place of what stands there at level 0. */
static int put(struct goxel_volume *volume, struct goxel_pos pos, goxel_link link)
{
    goxel_link old = goxel_tree_find(volume, pos);

    if (!old && !link)
        return 0;
    if (!old && volume->tally.bricks >= (int64_t)GOXEL_VOLUME_BRICKS_MAX)
        return GOXEL_ERROR_QUOTA;
    return goxel_tree_put(volume, pos, 0, link);
}

/* Where there is no open brick yet, or one that loses its last voxel. */
static int set_slowly(struct goxel_volume *volume, struct goxel_pos pos, struct goxel_color color)
{
    goxel_link link = goxel_tree_fetch(volume, pos);
    struct goxel_color old;
    int code = goxel_link_load(link);

    if (code)
        return code;
    old = goxel_link_get(link, goxel_brick_index(pos));
    if (goxel_color_bits(old) == goxel_color_bits(goxel_color_normal(color)))
        return 0;
    if (!color.a && goxel_link_is_brick(link) && goxel_link_brick(link)->count == 1)
        return put(volume, pos, 0);
    return goxel_tree_change(volume, pos, color);
}

int goxel_volume_set_at(struct goxel_volume *volume, struct goxel_pos pos, struct goxel_color color)
{
    struct goxel_brick *brick;

    goxel_tree_find_open(volume, pos, &brick);
    if (brick && goxel_tree_write(volume, brick, goxel_brick_index(pos), color))
        return 0;
    return goxel_pos_valid(pos) ? set_slowly(volume, pos, color) : GOXEL_ERROR_INVALID_COORDINATES;
}

/* ---- whole bricks ---- */

int goxel_volume_set_brick(struct goxel_volume *volume, struct goxel_pos pos,
                           const struct goxel_color *voxels)
{
    struct goxel_color normal[GOXEL_BRICK_VOXELS];
    goxel_link link;
    int result;

    if (!goxel_pos_valid(pos) || !goxel_pos_aligned(pos))
        return GOXEL_ERROR_INVALID_COORDINATES;
    for (size_t i = 0; i < GOXEL_BRICK_VOXELS; i++)
        normal[i] = goxel_color_normal(voxels[i]);
    result = goxel_link_encode(normal, &link);
    if (result)
        return result;
    result = put(volume, pos, link);
    if (result)
        goxel_link_unref(link);
    return result;
}

int goxel_volume_share_brick(struct goxel_volume *volume, struct goxel_pos pos,
                             const struct goxel_volume *from, struct goxel_pos from_pos)
{
    goxel_link link;
    int result;

    if (!goxel_pos_valid(pos) || !goxel_pos_aligned(pos) || !goxel_pos_valid(from_pos) ||
        !goxel_pos_aligned(from_pos))
        return GOXEL_ERROR_INVALID_COORDINATES;
    link = goxel_link_ref(goxel_tree_find(from, from_pos));
    result = put(volume, pos, link);
    if (result)
        goxel_link_unref(link);
    return result;
}

/* ---- the accessor's long way ---- */

int goxel_accessor_reach(struct goxel_accessor *accessor, int32_t x, int32_t y, int32_t z,
                         struct goxel_color color)
{
    struct goxel_pos pos = {x, y, z};
    struct goxel_reader *reader = &accessor->reader;
    size_t index = goxel_brick_index(pos);
    int result;

    reader->near = pos;
    reader->link = goxel_tree_find_open(accessor->volume, pos, &accessor->open);
    if (accessor->open && goxel_tree_write(accessor->volume, accessor->open, index, color))
        return 0;
    if (reader->link && !goxel_link_is_away(reader->link) &&
        goxel_color_bits(goxel_link_get_here(reader->link, index)) ==
            goxel_color_bits(goxel_color_normal(color)))
        return 0;
    result = goxel_volume_set_at(accessor->volume, pos, color);
    reader->link = goxel_tree_find_open(accessor->volume, pos, &accessor->open);
    if (goxel_link_is_away(reader->link))
        *reader = goxel_reader_make(accessor->volume);
    return result;
}
