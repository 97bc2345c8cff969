/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes in fewer bytes: zstd, at the level that costs least.
 *
 * Used by: store.  Uses: base; zstd.  Thread-safe.
 */
#ifndef GOXEL_STORE_PACK_H
#define GOXEL_STORE_PACK_H

#include <stdbool.h>
#include <zstd.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/detail.h"

/* Most bytes that may come of unpacking. */
#define GOXEL_UNPACKED_MAX ((size_t)0xf0000000)

/*
 * What lies from `at` on to the end becomes a zstd frame if that is less; false: it stays as it is. `context` is used if
 * there is one: whoever packs often has one ready.
 */
bool goxel_pack(struct goxel_buf *buf, size_t at, ZSTD_CCtx *context);

/*
 * Unpacks a frame into the buffer, which is initialised and empty. A frame that does not say how much is in it, or more than
 * its length can hold, is none: nobody gets memory by saying so. GOXEL_ERROR_INVALID_DATA, GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_unpack(const void *bytes, size_t len, struct goxel_buf *unpacked, struct goxel_detail *detail);

/* ---- with a byte before them that tells which of both they are ---- */

/* Such a byte, before anything else of what is going to be packed. */
void goxel_pack_begin(struct goxel_buf *buf);
/* All that was appended since, unless it is so little that packing is not worth its time. */
void goxel_pack_end(struct goxel_buf *buf, ZSTD_CCtx *context);

/* What was between the two, where it lies, or in the buffer, which is initialised. The errors of goxel_unpack. */
int goxel_unpack_run(const uint8_t *bytes, size_t len, struct goxel_buf *unpacked,
                     struct goxel_detail *detail, struct goxel_reading *ret_in);

#endif
