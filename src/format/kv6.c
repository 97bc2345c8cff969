/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading .kv6: see the header. */
#include "format/kv6.h"

#include <string.h>

#include "base/error.h"
#include "format/slab.h"

#define VOXEL_BYTES 8
#define SIZE_MAX_AXIS 65535

struct head {
    int32_t size[3];
    uint32_t count;
};

static struct head read_head(struct goxel_input *in, struct goxel_slab *slab)
{
    static const char *const sizes[3] = {"x size", "y size", "z size"};
    struct head head;
    float pivot[3];

    goxel_input_expect(in, "Kvxl", 4, "beginning");
    for (int i = 0; i < 3; i++) {
        size_t at = in->at;

        head.size[i] = goxel_input_i32(in, sizes[i]);
        if (!goxel_input_check(in, at, sizes[i], head.size[i], 0, SIZE_MAX_AXIS))
            head.size[i] = 0;
    }
    for (int i = 0; i < 3; i++)
        pivot[i] = goxel_input_f32(in, "pivot");
    head.count = goxel_input_u32(in, "count of voxels");
    goxel_slab_pivot(slab, (double)pivot[0], (double)pivot[1], (double)pivot[2]);
    return head;
}

static void put_voxel(struct goxel_slab *slab, struct goxel_input *voxels, const struct head *head, int32_t x,
                      int32_t y)
{
    size_t at = voxels->at;
    const uint8_t *bytes = goxel_input_bytes(voxels, VOXEL_BYTES, "voxel");
    int32_t z = bytes ? bytes[4] | bytes[5] << 8 : 0;

    if (goxel_input_check(voxels, at + 4, "z", z, 0, (int64_t)head->size[2] - 1))
        goxel_slab_put(slab, x, y, z, (struct goxel_color){bytes[2], bytes[1], bytes[0], 255});
}

/* Voxels from one place of the file, and from another how many each column has. */
static void put_columns(struct goxel_slab *slab, struct goxel_input *in, struct goxel_input *voxels,
                        const struct head *head)
{
    for (int32_t x = 0; x < head->size[0]; x++) {
        for (int32_t y = 0; y < head->size[1] && !goxel_input_go_on(voxels); y++) {
            for (uint32_t left = goxel_input_u16(in, "count of a column"); left > 0 && !voxels->failed;
                 left--)
                put_voxel(slab, voxels, head, x, y);
        }
        if (in->failed || voxels->failed)
            return;
    }
    if (goxel_input_left(voxels) > 0)
        goxel_input_fail(voxels, GOXEL_ERROR_INVALID_DATA, voxels->at, "voxels",
                         "a column for each, and %zu have none", goxel_input_left(voxels) / VOXEL_BYTES);
}

static void read_palette(struct goxel_input *in, struct goxel_project *project)
{
    struct goxel_color colors[256];

    goxel_input_expect(in, "SPal", 4, "palette");
    goxel_slab_palette(in, colors);
    for (size_t i = 0; i < 256 && !in->failed; i++)
        in->failed = goxel_palette_add(&project->scene->palette, colors[i], NULL, 0);
}

static void read_all(struct goxel_input *in, struct goxel_slab *slab)
{
    struct head head = read_head(in, slab);
    struct goxel_input voxels = goxel_input_sub(in, (uint64_t)head.count * VOXEL_BYTES, "voxels");

    (void)goxel_input_bytes(in, (uint64_t)head.size[0] * 4, "counts of x");
    slab->in = &voxels;
    put_columns(slab, in, &voxels, &head);
    slab->in = in;
    if (!in->failed)
        in->failed = voxels.failed;
    if (goxel_input_left(in) > 0)
        read_palette(in, slab->project);
    goxel_warn(in->import->warnings, "bytes after the end left out", (int64_t)goxel_input_left(in));
}

int goxel_kv6_read(const struct goxel_import *import, struct goxel_project **ret_project)
{
    struct goxel_input in = goxel_input_of(import);
    struct goxel_slab slab;

    goxel_slab_begin(&slab, &in);
    if (!in.failed)
        read_all(&in, &slab);
    return goxel_slab_end(&slab, ret_project);
}
