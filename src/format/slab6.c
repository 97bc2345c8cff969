/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading SLAB6's .vox: see the header. */
#include "format/slab6.h"

#include "base/error.h"
#include "format/slab.h"

#define EMPTY 255

struct size {
    int32_t x, y, z;
};

static int32_t read_axis(struct goxel_input *in, const char *what)
{
    size_t at = in->at;
    int32_t value = goxel_input_i32(in, what);

    goxel_input_check(in, at, what, value, 0, GOXEL_COORD_MAX);
    return in->failed ? 0 : value;
}

static struct size read_size(struct goxel_input *in)
{
    struct size size;

    size.x = read_axis(in, "x size");
    size.y = read_axis(in, "y size");
    size.z = read_axis(in, "z size");
    return size;
}

/* At most 2^60. */
static uint64_t voxels_of(struct size size)
{
    return (uint64_t)size.x * (uint64_t)size.y * (uint64_t)size.z;
}

/* Nothing in such a file says what it is, but everything in it is counted. */
bool goxel_slab6_is_of(const uint8_t *bytes, size_t len)
{
    const struct goxel_import import = {.bytes = bytes, .len = len};
    struct goxel_input in = goxel_input_of(&import);
    struct size size = read_size(&in);

    return !in.failed && goxel_input_left(&in) == voxels_of(size) + GOXEL_SLAB_PALETTE_BYTES;
}

static void put_column(struct goxel_slab *slab, int32_t x, int32_t y, const uint8_t *indices, int32_t zsize,
                       const struct goxel_color *colors)
{
    for (int32_t z = 0; z < zsize; z++) {
        if (indices[z] != EMPTY)
            goxel_slab_put(slab, x, y, z, colors[indices[z]]);
    }
}

/* A size of 0 on the last axis leaves columns without bytes: there may be 2^40 of them. */
static void put_voxels(struct goxel_slab *slab, struct size size, const uint8_t *indices,
                       const struct goxel_color *colors)
{
    if (voxels_of(size) == 0)
        return;
    for (int32_t x = 0; x < size.x; x++) {
        for (int32_t y = 0; y < size.y; y++) {
            put_column(slab, x, y, indices, size.z, colors);
            indices += size.z;
            if (goxel_input_go_on(slab->in))
                return;
        }
    }
}

int goxel_slab6_read(const struct goxel_import *import, struct goxel_project **ret_project)
{
    struct goxel_input in = goxel_input_of(import);
    struct goxel_color colors[256];
    struct goxel_slab slab;
    struct size size = read_size(&in);
    const uint8_t *indices = goxel_input_bytes(&in, voxels_of(size), "voxels");

    goxel_slab_palette(&in, colors);
    if (in.failed)
        return in.failed;
    goxel_warn(import->warnings, "bytes after the end left out", (int64_t)goxel_input_left(&in));
    goxel_slab_begin(&slab, &in);
    goxel_slab_corner(&slab, size.y, size.z);
    if (!in.failed)
        put_voxels(&slab, size, indices, colors);
    return goxel_slab_end(&slab, ret_project);
}
