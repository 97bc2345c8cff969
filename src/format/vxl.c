/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading Ace of Spades' .vxl: see the header. */
#include "format/vxl.h"

#include "base/error.h"
#include "format/slab.h"
#include "format/vxl_cc.h"

#define EDGE 512
#define DEPTH 64

static const struct goxel_color inside = {103, 64, 40, 255};

/* There is no head to know it by: it is as long as so many columns of one span each, at least. */
bool goxel_vxl_is_of(const uint8_t *bytes, size_t len)
{
    return len >= (size_t)EDGE * EDGE * 4 && !goxel_vxl_cc_is_of(bytes, len);
}

struct column {
    struct goxel_slab *slab;
    int32_t x, y;
    int64_t *inside; /* voxels made up, of all columns */
};

static void put_colors(const struct column *column, const uint8_t *bytes, int from, int count)
{
    for (int i = 0; i < count; i++, bytes += 4)
        goxel_slab_put(column->slab, column->x, column->y, from + i,
                       (struct goxel_color){bytes[2], bytes[1], bytes[0], 255});
}

static void put_inside(const struct column *column, int from, int to)
{
    for (int z = from; z < to; z++)
        goxel_slab_put(column->slab, column->x, column->y, z, inside);
    *column->inside += to > from ? to - from : 0;
}

/* What stands in the next span: how far down the ground above its air goes. */
static int next_air(struct goxel_input *in)
{
    struct goxel_input next = *in;
    int air;

    (void)goxel_input_bytes(&next, 3, "span");
    air = goxel_input_u8(&next, "air of a span");
    in->failed = next.failed;
    return air;
}

/* Returns whether another one follows. */
static bool read_span(const struct column *column, struct goxel_input *in)
{
    size_t at = in->at;
    int words = goxel_input_u8(in, "length of a span"), first = goxel_input_u8(in, "first colour of a span");
    int end = goxel_input_u8(in, "last colour of a span") + 1, air = goxel_input_u8(in, "air of a span");
    int top = end - first, low = words ? words - 1 - top : 0, ground;
    const uint8_t *colors;

    if (!goxel_input_check(in, at + 1, "first colour of a span", first, air, DEPTH) ||
        !goxel_input_check(in, at + 2, "last colour of a span", (int64_t)end - 1, (int64_t)first - 1,
                           DEPTH - 1) ||
        !goxel_input_check(in, at, "length of a span", words, words ? 1 + top : 0, words))
        return false;
    colors = goxel_input_bytes(in, 4 * (uint64_t)(top + low), "colours of a span");
    ground = words ? next_air(in) : DEPTH;
    if (in->failed || !goxel_input_check(in, in->at + 3, "air of a span", ground, (int64_t)end + low, DEPTH))
        return false;
    put_colors(column, colors, first, top);
    put_inside(column, end, ground - low);
    put_colors(column, colors + 4 * (size_t)top, ground - low, low);
    return words != 0;
}

static void read_columns(struct goxel_slab *slab, struct goxel_input *in, int64_t *made_up)
{
    struct column column = {.slab = slab, .inside = made_up};

    for (column.y = 0; column.y < EDGE; column.y++) {
        for (column.x = 0; column.x < EDGE && !goxel_input_go_on(in); column.x++) {
            while (read_span(&column, in))
                continue;
        }
    }
}

int goxel_vxl_read(const struct goxel_import *import, struct goxel_project **ret_project)
{
    struct goxel_input in = goxel_input_of(import);
    struct goxel_slab slab;
    int64_t made_up = 0;

    goxel_slab_begin(&slab, &in);
    goxel_slab_corner(&slab, EDGE, DEPTH);
    if (!in.failed)
        read_columns(&slab, &in, &made_up);
    goxel_warn(import->warnings, "voxels inside, whose colour the file does not say, made brown", made_up);
    goxel_warn(import->warnings, "bytes after the end left out", (int64_t)goxel_input_left(&in));
    return goxel_slab_end(&slab, ret_project);
}
