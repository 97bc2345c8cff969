/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A box of voxels as files hold it: voxels in rows, rows in planes, planes one after the other.
 *
 * Used by: format.  Uses: format/input.h, core/accessor.h.
 *
 * The axes of a file are numbered as they run: 0 along a row, 1 from row to row, 2 from plane to plane. A table says which of ours each of
 * them is, and whether it runs down ours. A right-handed file with Y up, Z to whoever looks, is turned about X: its y is our z, and its z runs
 * down our y. So models stand, and none is mirrored.
 *
 *     struct goxel_grid grid;
 *
 *     goxel_grid_begin(&grid, &in, &room, layer->volume, &axes, size, origin);
 *     while (grid.left > 0 && !in.failed)
 *         goxel_grid_run(&grid, count, color);
 *     goxel_grid_end(&grid);
 *
 * Life: on the stack; nothing of it outlives the input and the volume.
 */
#ifndef GOXEL_FORMAT_GRID_H
#define GOXEL_FORMAT_GRID_H

#include "core/accessor.h"
#include "format/input.h"

struct goxel_grid_axes {
    int axis[3];  /* of ours: 0 x, 1 y, 2 z; each once */
    bool down[3]; /* our coordinate is the negative of the file's */
};

/* ---- into a volume ---- */

/* What one file has filled so far, all of its volumes together. All zero at first. */
struct goxel_grid_room {
    int64_t bricks; /* of the volumes that are done, which take memory */
    int64_t voxels; /* of all: known before they are written */
};

struct goxel_grid {
    struct goxel_input *in; /* where failures go */
    uint64_t left;          /* voxels that are still to come, empty ones too */

    /* ---- its own ---- */
    struct goxel_grid_room *room;
    struct goxel_accessor near;
    struct goxel_grid_axes axes;
    int64_t size[3], at[3];
    int64_t origin[3];
    int64_t stored; /* bricks in the volume that take memory; of those at hand, all do */
    int64_t at_hand;
    int64_t unchecked; /* voxels since the last look at cancel and ceilings */
    /*
     * The bricks that the planes at hand go through, n[0] × n[1] of them, counted from where the coordinates begin: whole ones are what a volume
     * takes quickly, and one that is of one colour all over costs nothing there. NULL: not yet, or planes are too large.
     */
    struct goxel_color **bricks;
    int32_t *filled; /* places of those at hand: of many that there may be they can be few */
    int32_t first[2], n[2], slab;
};

/*
 * Begins with an empty volume: a grid of size[0] × size[1] × size[2] voxels, whose first one has the coordinates `origin`, both in the file's order of axes. Fails the input with
 * GOXEL_ERROR_INVALID_COORDINATES, and then has nothing left, if it would not lie in the coordinate range. Nothing is allocated for a size.
 */
void goxel_grid_begin(struct goxel_grid *grid, struct goxel_input *in, struct goxel_grid_room *room,
                      struct goxel_volume *volume, const struct goxel_grid_axes *axes, const uint32_t size[3],
                      const int64_t origin[3]);
/*
 * The next voxels, so many of one colour; empty ones cost nothing, however many. Fails the input (and returns the code): more than there
 * are left, GOXEL_ERROR_QUOTA (goxel_import_check_bricks), GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 */
int goxel_grid_run(struct goxel_grid *grid, uint64_t count, struct goxel_color color);
/* The volume, which had nothing in it before, is done: seals it, and counts it in the room. Once for each grid. */
int goxel_grid_end(struct goxel_grid *grid);

/* A layer at the top, named by bytes that may be no text; `visible` unless told. Fails the input. NULL: it failed. */
struct goxel_layer *goxel_import_layer(struct goxel_input *in, struct goxel_project *project,
                                       const uint8_t *name, size_t len);
/*
 * The end of a reader that fills a project of its own: hands it over, with one empty layer if it has none, or, after a failure, lets go of it
 * and returns the code.
 */
int goxel_import_end(struct goxel_input *in, struct goxel_project *project,
                     struct goxel_project **ret_project);

/* ---- out of a volume ---- */

/* Voxels of one plane: sixteen planes are held at a time, 256 MiB at most. */
#define GOXEL_GRID_PLANE_MAX (1 << 22)

/* One plane, its rows one after the other, to be changed as one likes; empty voxels are all zero. A code ends the walk. */
typedef int goxel_grid_put(void *ctx, struct goxel_color *plane);

/*
 * The box, plane after plane. A plane has at most GOXEL_GRID_PLANE_MAX voxels. What `put` returned, GOXEL_ERROR_OUT_OF_MEMORY, the
 * cancel's code.
 */
int goxel_grid_walk(const struct goxel_volume *volume, const struct goxel_box *box,
                    const struct goxel_grid_axes *axes, struct goxel_cancel *cancel, goxel_grid_put *put,
                    void *ctx);
/* Extents of a box in the order of the axes. */
void goxel_grid_size(const struct goxel_box *box, const struct goxel_grid_axes *axes, int64_t ret_size[3]);
/* The smallest coordinates of a box as the file has them. */
void goxel_grid_origin(const struct goxel_box *box, const struct goxel_grid_axes *axes,
                       int64_t ret_origin[3]);

/* Formats without alpha: what is there at all, as in Goxel, and what became of the rest. */
#define GOXEL_EXPORT_ALPHA_MIN 127
struct goxel_export_alpha {
    int64_t dropped, made_opaque; /* voxels */
};
void goxel_export_opaque(struct goxel_export_alpha *alpha, struct goxel_color *colors, size_t count);
void goxel_export_warn_alpha(const struct goxel_export *export, const struct goxel_export_alpha *alpha);

/* Warns of layers that nothing is shown of: hidden ones, and those that cannot be drawn. */
void goxel_export_warn_layers(const struct goxel_export *export);

/* Warns of layers' materials, for formats that have none, unless they are as Goxel makes them; those of `hidden` layers, too, or not. */
void goxel_export_warn_materials(const struct goxel_export *export, bool hidden);

/*
 * What is shown, as one volume, for formats without layers; the caller destroys it. Warns of layers that are left out. The errors of
 * goxel_project_flatten.
 */
int goxel_export_flat(const struct goxel_export *export, struct goxel_volume **ret_volume);

/* Bricks of a volume that take memory; without colours a full one takes none. */
int64_t goxel_export_bricks(const struct goxel_volume *volume, bool colors);
/* What is written can be read: GOXEL_ERROR_QUOTA if goxel_import_check_bricks would refuse so many bricks in a file of so many bytes. */
int goxel_export_check_bricks(const struct goxel_export *export, int64_t bricks, size_t file_bytes);

#endif
