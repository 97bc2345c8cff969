/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nearest entry is searched for every colour; of late ones it is known. */
#include "core/reduce.h"

#include <stdlib.h>

#include "base/error.h"
#include "core/brick.h"
#include "core/recolor.h"

#define KNOWN 4096 /* a power of two */

struct reduction {
    const struct goxel_palette *palette;
    struct {
        struct goxel_color from, to; /* of alpha 0: nothing is known yet */
    } known[KNOWN];
};

static struct goxel_color reduced(void *ctx, struct goxel_color color)
{
    struct reduction *reduction = ctx;
    size_t i = goxel_color_bits(color) * UINT32_C(0x9e3779b1) >> 20;

    if (goxel_color_bits(reduction->known[i].from) != goxel_color_bits(color)) {
        int nearest = goxel_palette_nearest(reduction->palette, color);

        reduction->known[i].from = color;
        reduction->known[i].to = reduction->palette->entries[nearest].color;
    }
    return reduction->known[i].to;
}

int goxel_volume_reduce(struct goxel_volume *volume, const struct goxel_box *box,
                        const struct goxel_palette *palette, struct goxel_cancel *cancel)
{
    struct reduction *reduction;
    int result;

    if (palette->count == 0)
        return GOXEL_ERROR_VALIDATION;
    reduction = calloc(1, sizeof(*reduction));
    if (!reduction)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    reduction->palette = palette;
    result = goxel_volume_map_colors(volume, box, reduced, reduction, cancel);
    free(reduction);
    return result;
}
