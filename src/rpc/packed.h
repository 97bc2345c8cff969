/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Packed voxels: int16 x, y, z and uint8 r, g, b, a, little-endian, 10 bytes each, as base64, or raw in the body of a
 * transfer.
 *
 * Used by: rpc alone.  Uses: core, base; zlib.
 *
 * Bulk voxels travel this way because a tree of JSON objects costs a hundred times as much. The
 * checksum is the CRC-32 (zlib, PNG) of the unpacked bytes.
 */
#ifndef GOXEL_RPC_PACKED_H
#define GOXEL_RPC_PACKED_H

#include "base/buf.h"
#include "base/detail.h"
#include "core/volume.h"

#define GOXEL_PACKED_BYTES 10 /* of one voxel */

/* Most voxels of one message, packed or not. */
#define GOXEL_PACKED_MAX ((int64_t)1 << 22)

struct goxel_voxel {
    struct goxel_pos pos;
    struct goxel_color color;
};

struct goxel_packed {
    const uint8_t *raw; /* count * GOXEL_PACKED_BYTES bytes, in place of what follows; NULL: none */
    const char *base64; /* RFC 4648 with padding, no white space */
    size_t base64_len;
    bool zlib;     /* compressed before base64 */
    int64_t count; /* voxels */
    bool has_checksum;
    uint32_t checksum;
    struct goxel_pos origin; /* added to every position */
};

/*
 * *ret_voxels has `count` rows and is freed with free(3). GOXEL_ERROR_QUOTA (count above
 * GOXEL_PACKED_MAX), GOXEL_ERROR_INVALID_DATA (no base64, wrong length, wrong checksum),
 * GOXEL_ERROR_COMPRESSION, GOXEL_ERROR_INVALID_COORDINATES, GOXEL_ERROR_INVALID_COLOR (alpha 0).
 */
int goxel_packed_read(const struct goxel_packed *packed, struct goxel_detail *detail,
                      struct goxel_voxel **ret_voxels);

/*
 * Appends base64 to `out`, compressed with zlib, and fills *ret_packed with the rest. The origin is
 * chosen so that all fit; GOXEL_ERROR_UNSUPPORTED_OPERATION if they span more than 65536 on an axis.
 */
int goxel_packed_write(const struct goxel_voxel *voxels, size_t count, struct goxel_buf *out,
                       struct goxel_detail *detail, struct goxel_packed *ret_packed);

/* The same bytes as they are, and no base64: offered to the drain of `out` from time to time. */
int goxel_packed_write_raw(const struct goxel_voxel *voxels, size_t count, struct goxel_buf *out,
                           struct goxel_detail *detail, struct goxel_packed *ret_packed);

#endif
