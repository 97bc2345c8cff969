/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the readers of Ken Silverman's formats and of their kin share: one layer of voxels whose Z goes down, and palettes of six bits a
 * channel.
 *
 * Used by: format.  Uses: format/input.h, core/accessor.h.
 *
 * Models are turned by half a turn about the X axis, so that they stand upright and are not mirrored: Y and Z change their signs.
 *
 * Life: on the stack of a reader; the project is its own until goxel_slab_end.
 */
#ifndef GOXEL_FORMAT_SLAB_H
#define GOXEL_FORMAT_SLAB_H

#include "core/accessor.h"
#include "format/input.h"

#define GOXEL_SLAB_PALETTE_BYTES (256 * 3)

struct goxel_slab {
    struct goxel_input *in; /* whose failures are the reader's */
    struct goxel_project *project;
    struct goxel_volume *volume; /* the layer's */
    struct goxel_accessor near;
    struct goxel_pos origin; /* where the file's (0, 0, 0) comes to lie */
    uint32_t since;          /* voxels since somebody looked at what they cost */
};

/* A project with a layer. The failure is in `in`. */
void goxel_slab_begin(struct goxel_slab *slab, struct goxel_input *in);
/* The project to the caller, or, after a failure, the end of it. Returns in->failed. */
int goxel_slab_end(struct goxel_slab *slab, struct goxel_project **ret_project);

/*
 * Where the model's pivot (in voxels, from the corner) comes to the project's origin, rounded to the corner of a voxel. A model
 * without one lies with its smallest corner there.
 */
void goxel_slab_pivot(struct goxel_slab *slab, double x, double y, double z);
void goxel_slab_corner(struct goxel_slab *slab, int32_t ysize, int32_t zsize);

/* One voxel; coordinates are the file's, and not negative. The two before it are its slow ways. */
void goxel_slab_check(struct goxel_slab *slab);
void goxel_slab_fail(struct goxel_slab *slab, int code);
static inline void goxel_slab_put(struct goxel_slab *slab, int32_t x, int32_t y, int32_t z,
                                  struct goxel_color color)
{
    const struct goxel_pos pos = {slab->origin.x + x, slab->origin.y - y, slab->origin.z - z};
    int code = goxel_accessor_set(&slab->near, pos, color);

    if (__builtin_expect(code, 0))
        goxel_slab_fail(slab, code);
    if (++slab->since == 4096)
        goxel_slab_check(slab);
}

/* 256 colours of three bytes from 0 to 63. */
void goxel_slab_palette(struct goxel_input *in, struct goxel_color ret_colors[256]);

#endif
