/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers and runs of bytes, one behind the other: what the store writes and reads.
 *
 * Used by: core, store.  Uses: base/buf.
 *
 * Numbers of a fixed width are little-endian. A *varint* is a number in as few bytes as it needs, seven bits in each,
 * the lowest first, with the highest bit of all but the last one set (LEB128): at most ten bytes.
 *
 * Life: a reader is the caller's, over bytes that stay as long; it owns nothing. What is not there is read as 0, and
 * `short_of` says so from then on: who reads many pieces asks once, before using any.
 */
#ifndef GOXEL_BASE_BYTES_H
#define GOXEL_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* ---- writing; failures stay in the buffer ---- */

void goxel_put_u8(struct goxel_buf *buf, uint8_t value);
void goxel_put_u16(struct goxel_buf *buf, uint16_t value);
void goxel_put_u32(struct goxel_buf *buf, uint32_t value);
void goxel_put_u64(struct goxel_buf *buf, uint64_t value);
void goxel_put_varint(struct goxel_buf *buf, uint64_t value);
void goxel_put_run(struct goxel_buf *buf, const void *bytes,
                   size_t len); /* its length as a varint before it */

/* ---- reading ---- */

struct goxel_reading {
    const uint8_t *at;
    size_t left;   /* bytes */
    bool short_of; /* something was not there, or was no varint */
};

struct goxel_reading goxel_reading_make(const void *bytes, size_t len);
uint8_t goxel_take_u8(struct goxel_reading *in);
uint16_t goxel_take_u16(struct goxel_reading *in);
uint32_t goxel_take_u32(struct goxel_reading *in);
uint64_t goxel_take_u64(struct goxel_reading *in);
uint64_t goxel_take_varint(struct goxel_reading *in);
/* So many bytes, where they lie. NULL: there are not so many. */
const uint8_t *goxel_take_bytes(struct goxel_reading *in, size_t len);
/* A run of at most `max` bytes, where it lies. NULL: there is none. */
const uint8_t *goxel_take_run(struct goxel_reading *in, size_t max, size_t *ret_len);

#endif
