/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Voxels become bits, and faces what comes of shifting them. Colours are asked for where translucent voxels touch, alone. */
#include "mesh/sides.h"

#include <string.h>

#include "core/places.h"
#include "core/rows.h"

const struct goxel_side_axes goxel_side_axes[3] = {
    {1, 2, 0, 16, 256, 1},
    {0, 2, 1, 1, 256, 16},
    {0, 1, 2, 1, 16, 256},
};

/* Voxels of a brick and of the slices that touch it: sixteen planes, one before and one behind them. */
struct planes {
    uint16_t there[GOXEL_BRICK_SIZE + 2][GOXEL_BRICK_SIZE];
    uint16_t opaque[GOXEL_BRICK_SIZE + 2][GOXEL_BRICK_SIZE];
    bool translucent; /* `opaque` is not `there` all over */
};

/* ---- voxels as bits ---- */

/* Rows of the voxels of at least some alpha. */
static void read_alpha(const struct goxel_color *colors, uint8_t least, uint16_t rows[GOXEL_ROWS])
{
    for (int row = 0; row < GOXEL_ROWS; row++) {
        unsigned bits = 0;

        for (int x = 0; x < GOXEL_BRICK_SIZE; x++)
            bits |= (unsigned)(colors[16 * row + x].a >= least) << x;
        rows[row] = (uint16_t)bits;
    }
}

/* What of a palette has at least some alpha: all but the empty colour, or not all. */
static bool palette_reaches(const struct goxel_brick *brick, uint8_t least)
{
    for (unsigned i = 1; i < brick->used; i++) {
        if (brick->colors[i].a < least)
            return false;
    }
    return true;
}

void goxel_sides_rows(goxel_link link, uint8_t least, uint16_t rows[GOXEL_ROWS])
{
    struct goxel_color buffer[GOXEL_BRICK_VOXELS];
    const struct goxel_brick *brick;
    uint64_t mask[GOXEL_PLACES_WORDS];

    if (!goxel_link_is_brick(link)) {
        memset(rows, goxel_link_color(link).a >= least ? 0xff : 0, GOXEL_ROWS * sizeof(*rows));
        return;
    }
    brick = goxel_link_here(link);
    if (least > 1 && (brick->state == GOXEL_BRICK_RGBA || !palette_reaches(brick, least))) {
        read_alpha(goxel_brick_read(brick, buffer), least, rows);
        return;
    }
    goxel_places_of_brick(brick, mask);
    for (int i = 0; i < GOXEL_ROWS; i++)
        rows[i] = (uint16_t)(mask[i >> 2] >> 16 * (i & 3));
}

/* Every voxel that is there hides what is behind. */
static bool all_hide(const struct goxel_sight *sight, goxel_link link)
{
    if (sight->opaque)
        return true;
    if (!goxel_link_is_brick(link))
        return link == 0 || goxel_sight_hides(sight, goxel_link_color(link));
    return goxel_link_state(link) != GOXEL_BRICK_RGBA && palette_reaches(goxel_link_brick(link), 255);
}

/* ---- rows as planes ---- */

/* Bit i of row k becomes bit k of row i. */
static void turn(uint16_t rows[GOXEL_BRICK_SIZE])
{
    unsigned mask = 0x00ff;

    for (int j = 8; j; j >>= 1, mask ^= mask << j & 0xffff) {
        for (int k = 0; k < GOXEL_BRICK_SIZE; k = ((k | j) + 1) & ~j) {
            unsigned change = (rows[k] >> j ^ rows[k | j]) & mask;

            rows[k] = (uint16_t)(rows[k] ^ change << j);
            rows[k | j] = (uint16_t)(rows[k | j] ^ change);
        }
    }
}

static void make_planes(const uint16_t rows[GOXEL_ROWS], int axis, uint16_t (*planes)[GOXEL_BRICK_SIZE])
{
    if (axis == 2) {
        memcpy(planes, rows, GOXEL_ROWS * sizeof(*rows));
        return;
    }
    for (int z = 0; z < GOXEL_BRICK_SIZE; z++) {
        uint16_t slice[GOXEL_BRICK_SIZE];

        memcpy(slice, rows + 16 * z, sizeof(slice));
        if (axis == 0)
            turn(slice);
        for (int i = 0; i < GOXEL_BRICK_SIZE; i++)
            planes[i][z] = slice[i];
    }
}

/* The one plane of a brick beside that touches. */
static void read_slice(goxel_link link, uint8_t least, int axis, int plane, uint16_t slice[GOXEL_BRICK_SIZE])
{
    const struct goxel_side_axes *axes = &goxel_side_axes[axis];

    if (!goxel_link_is_brick(link)) {
        memset(slice, goxel_link_color(link).a >= least ? 0xff : 0, GOXEL_BRICK_SIZE * sizeof(*slice));
        return;
    }
    for (int v = 0; v < GOXEL_BRICK_SIZE; v++) {
        size_t index = (size_t)plane * axes->step_w + (size_t)v * axes->step_v;
        unsigned bits = 0;

        for (int u = 0; u < GOXEL_BRICK_SIZE; u++, index += axes->step_u)
            bits |= (unsigned)(goxel_link_get_here(link, index).a >= least) << u;
        slice[v] = (uint16_t)bits;
    }
}

static void read_planes(const goxel_link links[3], uint8_t least, int axis,
                        uint16_t (*planes)[GOXEL_BRICK_SIZE])
{
    uint16_t rows[GOXEL_ROWS];

    goxel_sides_rows(links[1], least, rows);
    make_planes(rows, axis, planes + 1);
    read_slice(links[0], least, axis, GOXEL_BRICK_SIZE - 1, planes[0]);
    read_slice(links[2], least, axis, 0, planes[GOXEL_BRICK_SIZE + 1]);
}

/* ---- planes as faces ---- */

struct faces {
    const struct goxel_sight *sight;
    const goxel_link *links; /* before, the brick, behind */
    int axis;
};

static uint32_t shown_bits(const struct faces *faces, int plane, size_t index)
{
    /* Planes count from that before the brick. */
    goxel_link link = faces->links[plane == 0 ? 0 : plane == GOXEL_BRICK_SIZE + 1 ? 2 : 1];
    size_t at = (size_t)((plane - 1) & 15) * goxel_side_axes[faces->axis].step_w + index;

    return goxel_color_bits(goxel_sight_color(faces->sight, goxel_link_get_here(link, at)));
}

/* Of the voxels where both are translucent, those whose colours differ. */
static unsigned differing(const struct faces *faces, int plane, int other, int v, unsigned both)
{
    const struct goxel_side_axes *axes = &goxel_side_axes[faces->axis];
    unsigned differ = 0;

    for (; both; both &= both - 1) {
        int u = __builtin_ctz(both);
        size_t index = (size_t)u * axes->step_u + (size_t)v * axes->step_v;

        if (shown_bits(faces, plane, index) != shown_bits(faces, other, index))
            differ |= 1u << u;
    }
    return differ;
}

static void find_faces(const struct faces *faces, const struct planes *planes, int plane, int other,
                       uint16_t rows[GOXEL_BRICK_SIZE])
{
    for (int v = 0; v < GOXEL_BRICK_SIZE; v++) {
        unsigned opaque = planes->opaque[plane][v], beside = planes->opaque[other][v];
        unsigned clear = planes->there[plane][v] & ~opaque, clear_beside = planes->there[other][v] & ~beside;
        unsigned bits = (opaque & ~beside) | (clear & ~planes->there[other][v]);

        if (clear & clear_beside)
            bits |= differing(faces, plane, other, v, clear & clear_beside);
        rows[v] = (uint16_t)bits;
    }
}

/* The same where nothing is translucent. */
static void find_plain_faces(const struct planes *planes, int plane, int other,
                             uint16_t rows[GOXEL_BRICK_SIZE])
{
    for (int v = 0; v < GOXEL_BRICK_SIZE; v++)
        rows[v] = planes->there[plane][v] & (uint16_t)~planes->there[other][v];
}

static bool any_row(const uint16_t rows[GOXEL_BRICK_SIZE])
{
    unsigned bits = 0;

    for (int v = 0; v < GOXEL_BRICK_SIZE; v++)
        bits |= rows[v];
    return bits != 0;
}

void goxel_sides_read(const struct goxel_volume *volume, const struct goxel_sight *sight, goxel_link link,
                      struct goxel_pos corner, int axis, struct goxel_sides *ret_sides)
{
    const goxel_link links[3] = {goxel_link_loaded(goxel_cell_beside(volume, corner, axis, -1)),
                                 goxel_link_loaded(link),
                                 goxel_link_loaded(goxel_cell_beside(volume, corner, axis, 1))};
    const struct faces faces = {sight, links, axis};
    struct planes planes;

    planes.translucent = !all_hide(sight, links[0]) || !all_hide(sight, links[1]) ||
                         !all_hide(sight, links[2]);
    read_planes(links, sight->least, axis, planes.there);
    if (planes.translucent)
        read_planes(links, 255, axis, planes.opaque);

    ret_sides->planes = 0;
    for (int i = 0; i < GOXEL_SIDE_PLANES; i++) {
        int plane = 1 + (i >> 1), other = plane + (i & 1 ? 1 : -1);

        if (planes.translucent)
            find_faces(&faces, &planes, plane, other, ret_sides->rows[i]);
        else
            find_plain_faces(&planes, plane, other, ret_sides->rows[i]);
        ret_sides->planes |= (uint32_t)any_row(ret_sides->rows[i]) << i;
    }
}

void goxel_sides_turn(struct goxel_sides *sides)
{
    for (uint32_t left = sides->planes; left; left &= left - 1)
        turn(sides->rows[__builtin_ctz(left)]);
}
