/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Voxels with their Z down: see the header. */
#include "format/slab.h"

#include <math.h>

#include "base/error.h"

void goxel_slab_begin(struct goxel_slab *slab, struct goxel_input *in)
{
    struct goxel_layer *layer = NULL;
    int code = GOXEL_ERROR_OUT_OF_MEMORY;

    *slab = (struct goxel_slab){.in = in, .project = goxel_project_create("")};
    if (slab->project)
        code = goxel_project_add_layer(slab->project, NULL, -1, &layer, in->import->detail);
    if (code) {
        in->failed = code;
        return;
    }
    slab->volume = layer->volume;
    slab->near = goxel_accessor_make(slab->volume);
}

int goxel_slab_end(struct goxel_slab *slab, struct goxel_project **ret_project)
{
    if (!slab->in->failed)
        goxel_slab_check(slab);
    if (slab->in->failed)
        goxel_project_unref(slab->project);
    else
        *ret_project = slab->project;
    return slab->in->failed;
}

/* No further away than can be added to and stays a number: there no voxel is valid. */
static int32_t rounded(double value)
{
    return (int32_t)fmax(-1e9, fmin(1e9, floor(value + 0.5)));
}

void goxel_slab_pivot(struct goxel_slab *slab, double x, double y, double z)
{
    slab->origin = (struct goxel_pos){-rounded(x), rounded(y) - 1, rounded(z) - 1};
}

void goxel_slab_corner(struct goxel_slab *slab, int32_t ysize, int32_t zsize)
{
    slab->origin = (struct goxel_pos){0, ysize - 1, zsize - 1};
}

void goxel_slab_check(struct goxel_slab *slab)
{
    slab->since = 0;
    if (goxel_input_go_on(slab->in))
        return;
    slab->in->failed = goxel_import_check_bricks(slab->in->import, goxel_volume_bricks(slab->volume));
}

void goxel_slab_fail(struct goxel_slab *slab, int code)
{
    if (code == GOXEL_ERROR_INVALID_COORDINATES)
        goxel_input_fail(slab->in, code, slab->in->at, "position",
                         "one from -1048576 to 1048575, less the pivot");
    else if (!slab->in->failed)
        slab->in->failed = code;
}

static uint8_t of_six_bits(uint8_t value)
{
    return (uint8_t)(value < 63 ? (value * 255 + 31) / 63 : 255);
}

void goxel_slab_palette(struct goxel_input *in, struct goxel_color ret_colors[256])
{
    const uint8_t *bytes = goxel_input_bytes(in, GOXEL_SLAB_PALETTE_BYTES, "palette");

    for (size_t i = 0; bytes && i < 256; i++)
        ret_colors[i] = (struct goxel_color){of_six_bits(bytes[3 * i]), of_six_bits(bytes[3 * i + 1]),
                                             of_six_bits(bytes[3 * i + 2]), 255};
}
