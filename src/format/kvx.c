/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading .kvx: see the header. */
#include "format/kvx.h"

#include "base/error.h"
#include "format/slab.h"

#define SIZE_MAX_XY 65535
#define SIZE_MAX_Z 511 /* a slab begins at 255 at most, and has at most 255 */

struct level {
    int32_t x, y, z;
    size_t tables; /* where the first table begins */
};

static int32_t read_axis(struct goxel_input *in, const char *what, int32_t max)
{
    size_t at = in->at;
    int32_t value = goxel_input_i32(in, what);

    goxel_input_check(in, at, what, value, 0, max);
    return in->failed ? 0 : value;
}

static double read_pivot(struct goxel_input *in, const char *what)
{
    return goxel_input_i32(in, what) / 256.0;
}

static struct level read_head(struct goxel_input *in, struct goxel_slab *slab)
{
    struct level level;
    double x, y, z;

    level.x = read_axis(in, "x size", SIZE_MAX_XY);
    level.y = read_axis(in, "y size", SIZE_MAX_XY);
    level.z = read_axis(in, "z size", SIZE_MAX_Z);
    x = read_pivot(in, "x pivot");
    y = read_pivot(in, "y pivot");
    z = read_pivot(in, "z pivot");
    goxel_slab_pivot(slab, x, y, z);
    level.tables = in->at;
    return level;
}

static uint32_t u16_at(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8;
}

static void read_slab(struct goxel_slab *slab, struct goxel_input *in, const struct level *level, int32_t x,
                      int32_t y, const struct goxel_color *colors)
{
    size_t at = in->at;
    int32_t top = goxel_input_u8(in, "top of a slab"), count = goxel_input_u8(in, "count of a slab");
    const uint8_t *indices;

    (void)goxel_input_u8(in, "faces of a slab");
    indices = goxel_input_bytes(in, (uint64_t)count, "colours of a slab");
    if (!goxel_input_check(in, at, "end of a slab", top + count, 0, level->z))
        return;
    for (int32_t i = 0; i < count; i++)
        goxel_slab_put(slab, x, y, top + i, colors[indices[i]]);
}

/* The slabs of one column, `in` being at its beginning and the column `len` bytes long. */
static void read_column(struct goxel_slab *slab, struct goxel_input *in, const struct level *level, int32_t x,
                        int32_t y, uint32_t len, const struct goxel_color *colors)
{
    struct goxel_input column = goxel_input_sub(in, len, "column");

    while (goxel_input_left(&column) > 0)
        read_slab(slab, &column, level, x, y, colors);
    if (!in->failed)
        in->failed = column.failed;
}

/* All columns of an x; `offsets` are its row of the second table. */
static void read_row(struct goxel_slab *slab, struct goxel_input *in, const struct level *level, int32_t x,
                     const uint8_t *offsets, const struct goxel_color *colors)
{
    for (int32_t y = 0; y < level->y && !goxel_input_go_on(in); y++) {
        uint32_t from = u16_at(offsets + 2 * (size_t)y), to = u16_at(offsets + 2 * (size_t)y + 2);

        if (to < from)
            goxel_input_fail(in, GOXEL_ERROR_INVALID_DATA, (size_t)(offsets - in->bytes) + 2 * (size_t)y,
                             "offset of a column", "one that is not less than the one before");
        else
            read_column(slab, in, level, x, y, to - from, colors);
    }
}

static void read_columns(struct goxel_slab *slab, struct goxel_input *in, const struct level *level,
                         const struct goxel_color *colors)
{
    size_t row = 2 * ((size_t)level->y + 1);
    struct goxel_input starts = goxel_input_sub(in, 4 * ((uint64_t)level->x + 1), "offsets");
    const uint8_t *offsets = goxel_input_bytes(in, (uint64_t)level->x * row, "offsets of columns");

    for (int32_t x = 0; x < level->x && !in->failed; x++) {
        size_t at = starts.at;
        uint64_t start = goxel_input_u32(&starts, "offset") + u16_at(offsets + (size_t)x * row);

        if (!goxel_input_check(in, at, "offset", (int64_t)start, (int64_t)(in->at - level->tables),
                               (int64_t)(in->end - level->tables)))
            return;
        in->at = level->tables + (size_t)start;
        read_row(slab, in, level, x, offsets + (size_t)x * row, colors);
    }
}

/* Over the coarser levels to the palette, which ends the file. */
static void read_palette(struct goxel_input *in, struct goxel_color colors[256])
{
    while (goxel_input_left(in) > GOXEL_SLAB_PALETTE_BYTES)
        (void)goxel_input_bytes(in, goxel_input_u32(in, "size of a level"), "level");
    goxel_slab_palette(in, colors);
}

int goxel_kvx_read(const struct goxel_import *import, struct goxel_project **ret_project)
{
    struct goxel_input in = goxel_input_of(import), first;
    struct goxel_color colors[256];
    struct goxel_slab slab;
    struct level level;

    first = goxel_input_sub(&in, goxel_input_u32(&in, "size of a level"), "first level");
    read_palette(&in, colors);
    if (in.failed)
        return in.failed;
    goxel_slab_begin(&slab, &first);
    level = read_head(&first, &slab);
    read_columns(&slab, &first, &level, colors);
    return goxel_slab_end(&slab, ret_project);
}
