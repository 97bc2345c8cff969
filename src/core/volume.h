/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sparse volume of RGBA voxels: a persistent tree over bricks of 16³.
 *
 * Used by: core, format, rpc.  Uses: base.  For runs of near voxels: core/accessor.h.
 *
 * A voxel is a colour; alpha 0 means empty and is stored as 0x00000000, whatever the other three
 * bytes were. A brick that holds no voxel does not exist, and space of one colour costs a word,
 * however large. Everything is counted references, copied on the first write: a copy of a volume
 * costs the same whatever is in it, and a write costs the way to the brick that it touches.
 *
 * A brick that was written voxel by voxel holds plain colours and stays open until the volume is
 * sealed, which gives it the least memory that its colours need. Whole bricks and boxes are sealed as
 * they are made.
 *
 * Life: made by `goxel_volume_create` or `_copy`, ended by `_destroy`; no globals, no paths. Any
 * number of threads may read one volume, and copy it, while nobody writes it; what volumes share is
 * safe across threads (atomic counts).
 *
 * Coordinates are voxels, Z up, each in [GOXEL_COORD_MIN, GOXEL_COORD_MAX]; boxes are inclusive on
 * both ends. Colours are bytes 0–255, not premultiplied.
 */
#ifndef GOXEL_CORE_VOLUME_H
#define GOXEL_CORE_VOLUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/detail.h"
#include "core/color.h"
#include "core/modes.h"
#include "goxel/limits.h"

#define GOXEL_BRICK_SIZE 16               /* voxels on an edge */
#define GOXEL_BRICK_VOXELS (16 * 16 * 16) /* index x + 16 y + 256 z */
#define GOXEL_BRICK_BYTES (GOXEL_BRICK_VOXELS * sizeof(struct goxel_color))

/*
 * Bricks of one volume, shared ones counted each time, and the space of one colour as bricks: no box and
 * no file makes a list without end.
 */
#define GOXEL_VOLUME_BRICKS_MAX ((size_t)1 << 22)

/* Bricks open at once, 1 GiB of them. The write that would open one more seals them all first. */
#define GOXEL_VOLUME_OPEN_MAX 65536

struct goxel_pos {
    int32_t x, y, z;
};

struct goxel_box {
    struct goxel_pos min, max; /* both inclusive */
};

struct goxel_volume;

bool goxel_pos_valid(struct goxel_pos pos);
bool goxel_box_valid(const struct goxel_box *box); /* both corners valid, min ≤ max on each axis */
bool goxel_box_contains(const struct goxel_box *box, struct goxel_pos pos);
/* Bricks that a box touches; at most 2^51. */
int64_t goxel_box_bricks(const struct goxel_box *box);

struct goxel_volume *goxel_volume_create(void);                            /* NULL: out of memory */
struct goxel_volume *goxel_volume_copy(const struct goxel_volume *volume); /* O(1); NULL: out of memory */
void goxel_volume_destroy(struct goxel_volume *volume);                    /* NULL is fine */

int64_t goxel_volume_count(const struct goxel_volume *volume);  /* voxels, O(1) */
int64_t goxel_volume_bricks(const struct goxel_volume *volume); /* bricks, O(1) */
/* The smallest box with every voxel in it; false: empty. */
bool goxel_volume_bounds(const struct goxel_volume *volume, struct goxel_box *ret_box);

/* Outside the coordinate range everything is empty. */
struct goxel_color goxel_volume_get_at(const struct goxel_volume *volume, struct goxel_pos pos);

/* So many positions at once, wherever they lie: what takes time is memory, and it is asked for many of them together. */
void goxel_volume_get_many(const struct goxel_volume *volume, const struct goxel_pos *positions, size_t count,
                           struct goxel_color *ret_colors);

/*
 * Alpha 0 removes. GOXEL_ERROR_INVALID_COORDINATES, GOXEL_ERROR_QUOTA (GOXEL_VOLUME_BRICKS_MAX),
 * GOXEL_ERROR_OUT_OF_MEMORY, or what goxel_brick_load (core/away.h) fails with; on failure nothing changed.
 */
int goxel_volume_set_at(struct goxel_volume *volume, struct goxel_pos pos, struct goxel_color color);

/*
 * Ends an edit: chooses the state of every open brick. Costs what was written, nothing otherwise. No
 * voxel changes; where memory is short, or another volume shares what is open, bricks stay as they are.
 */
void goxel_volume_seal(struct goxel_volume *volume);

/*
 * Sets every voxel of the box (alpha 0 clears it). Costs the surface of the box and what was in it; no
 * time at all goes into empty space that is cleared. On failure (GOXEL_ERROR_INVALID_COORDINATES,
 * GOXEL_ERROR_QUOTA, GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code) the volume is as it was.
 */
int goxel_volume_fill(struct goxel_volume *volume, const struct goxel_box *box, struct goxel_color color,
                      struct goxel_cancel *cancel);
void goxel_volume_clear(struct goxel_volume *volume);

/*
 * Puts a whole brick at a brick-aligned position (multiples of 16), replacing what was there.
 * `voxels` has GOXEL_BRICK_VOXELS colours; alpha-0 voxels are normalised.
 */
int goxel_volume_set_brick(struct goxel_volume *volume, struct goxel_pos pos,
                           const struct goxel_color *voxels);

/*
 * The brick of `from` at `from_pos` (both aligned), empty or not, in place of the one at `pos`. It is
 * shared, not copied: a file that names one brick a million times costs one.
 */
int goxel_volume_share_brick(struct goxel_volume *volume, struct goxel_pos pos,
                             const struct goxel_volume *from, struct goxel_pos from_pos);

/* A brick with a voxel in it, as a reader sees it. */
struct goxel_brick_view {
    struct goxel_pos pos; /* smallest corner, multiples of 16 */
    int count;            /* voxels that are not empty */
    uint64_t id;          /* the same number, in whichever volume: the same voxels */
};
/*
 * *ret_views is an array of goxel_volume_bricks() rows in ascending (z, y, x) of their position, freed
 * with free(3); NULL and 0 if empty. They are valid until the volume changes. GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_volume_views(const struct goxel_volume *volume, struct goxel_brick_view **ret_views,
                       size_t *ret_count);

/* All its colours: where they lie in the volume, or written to the buffer. */
const struct goxel_color *goxel_brick_view_read(const struct goxel_brick_view *view,
                                                struct goxel_color buffer[GOXEL_BRICK_VOXELS]);

/* True, with the colour, if it is known to be of one colour without looking at its voxels. */
bool goxel_brick_view_uniform(const struct goxel_brick_view *view, struct goxel_color *ret_color);

/*
 * Calls `visit` for every voxel inside the box (NULL: all), bricks in (z, y, x) order and voxels in
 * the same order inside each; a non-zero return ends the walk and is returned. The volume must not
 * change meanwhile. GOXEL_ERROR_INVALID_COORDINATES, GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 */
typedef int goxel_voxel_visit(void *ctx, struct goxel_pos pos, struct goxel_color color);
int goxel_volume_visit(const struct goxel_volume *volume, const struct goxel_box *box,
                       struct goxel_cancel *cancel, goxel_voxel_visit *visit, void *ctx);
/* The same of those that come behind a position, whether a voxel is there or not; NULL: all. */
int goxel_volume_visit_after(const struct goxel_volume *volume, const struct goxel_box *box,
                             const struct goxel_pos *after, struct goxel_cancel *cancel,
                             goxel_voxel_visit *visit, void *ctx);

/*
 * Bricks that one picture may hold which were computed rather than shared, GOXEL_BRICK_BYTES each: 2 GiB.
 * The functions below add to *computed what they made, and fail with GOXEL_ERROR_QUOTA above; NULL: it
 * began with this call.
 */
#define GOXEL_COMPUTED_BRICKS_MAX ((size_t)1 << 17)

/*
 * Lays `above` over the volume, voxel on voxel, in one of the modes (core/modes.h), as Goxel merges layers: with
 * GOXEL_MODE_OVER an opaque voxel replaces, a translucent one blends. GOXEL_MODE_INTERSECT with a mask of opaque
 * voxels leaves what the mask selects. On failure (GOXEL_ERROR_QUOTA, GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code)
 * the volume is as it was.
 */
int goxel_volume_merge(struct goxel_volume *volume, const struct goxel_volume *above, enum goxel_mode mode,
                       struct goxel_cancel *cancel, size_t *computed);

/* Leaves what lies in a box. GOXEL_ERROR_INVALID_COORDINATES, and as above. */
int goxel_volume_crop(struct goxel_volume *volume, const struct goxel_box *box, struct goxel_cancel *cancel);

/*
 * A map of the voxel lattice onto itself: turns by right angles, mirrors, moves. Axis i of the
 * result is sign[i] × axis source[i] of what goes in, plus move[i].
 */
struct goxel_lattice {
    int source[3]; /* each of 0, 1, 2 once */
    int sign[3];   /* 1 or -1 */
    int64_t move[3];
};
extern const struct goxel_lattice goxel_lattice_identity;

/* False if the result is no valid position. */
bool goxel_lattice_apply(const struct goxel_lattice *lattice, struct goxel_pos pos,
                         struct goxel_pos *ret_pos);

/*
 * A new volume with every voxel where the lattice puts it; bricks that stay whole are shared.
 * GOXEL_ERROR_INVALID_COORDINATES if a voxel would leave the coordinate range, GOXEL_ERROR_QUOTA,
 * GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 */
int goxel_volume_transform(const struct goxel_volume *volume, const struct goxel_lattice *lattice,
                           struct goxel_cancel *cancel, size_t *computed, struct goxel_volume **ret_volume);

/* Same voxels, same colours: what the tests of every writer and reader ask. */
bool goxel_volume_equal(const struct goxel_volume *a, const struct goxel_volume *b);

#endif
