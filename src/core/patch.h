/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Patches: what lies between two states of volumes, to go from either to the other.
 *
 * Used by: core/history, core/step_bytes.  Uses: base/buf, base/bytes, core/diff_links.h.
 *
 * Patches are a run of bytes in the order of the machine, none of them aligned:
 *
 *     head     key of the place (8), as in core/place_key.h; volume (4); entries (4)
 *     SPARSE   one or more entries of 10 bytes: index in the brick (2), colour before (4), colour after (4)
 *     LINKS    entries 0: the link before (8), the link after (8), references both
 *
 * Which volume it is about is a number of the caller's. At one place there is one patch of a volume, so that the
 * order of patches does not matter. What has references must be ended by goxel_patches_release.
 */
#ifndef GOXEL_CORE_PATCH_H
#define GOXEL_CORE_PATCH_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/detail.h"
#include "core/volume.h"

/* Voxels that a patch names one by one: above, a brick's references cost less than they would. */
#define GOXEL_PATCH_SPARSE_MAX 128
#define GOXEL_PATCH_HEAD_BYTES 16
#define GOXEL_PATCH_ENTRY_BYTES 10
#define GOXEL_PATCH_LINKS_BYTES 16

/*
 * Appends what makes `after` of `before`. Bricks with the same voxels make nothing. On failure
 * (GOXEL_ERROR_QUOTA for the buffer's ceiling, GOXEL_ERROR_OUT_OF_MEMORY) some of it may be there.
 */
int goxel_patches_add(struct goxel_buf *patches, uint32_t volume, const struct goxel_volume *before,
                      const struct goxel_volume *after);

/* Gives back what the patches have references to; the bytes are the caller's. */
void goxel_patches_release(const void *patches, size_t len);

/* Memory that stays only because the patches have references to it: of each two bricks the larger. */
int64_t goxel_patches_retained(const void *patches, size_t len);

/* The volume of that number, to be written in place; NULL: its patches are left out. An error ends it all. */
typedef int goxel_patch_find(void *ctx, uint32_t volume, struct goxel_volume **ret_volume);

/*
 * Makes the state after of the state before, or the other way round. What it writes is sealed. Unless it
 * succeeds (GOXEL_ERROR_OUT_OF_MEMORY, what `find` fails with), the volumes are something in between.
 */
int goxel_patches_apply(const void *patches, size_t len, bool forwards, goxel_patch_find *find, void *ctx);

/*
 * The same as bytes that stand for themselves, in any process, and back into patches that are to be released: of each
 * the volume (varint), the key (8), entries (varint), and the entries, or what stood there before and after
 * (core/effects_voxels.h). Failures stay in the buffer. GOXEL_ERROR_INVALID_DATA, GOXEL_ERROR_OUT_OF_MEMORY; what has
 * been read by then is in `patches` all the same.
 */
void goxel_patches_put(struct goxel_buf *buf, const void *patches, size_t len);
int goxel_patches_take(struct goxel_reading *in, uint64_t count, struct goxel_detail *detail,
                       struct goxel_buf *patches);
uint64_t goxel_patches_count(const void *patches, size_t len);

#endif
