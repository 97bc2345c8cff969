/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The content codings of HTTP: gzip (RFC 1952) out, gzip and deflate (RFC 1950) in.
 *
 * Used by: rpc, http.  Uses: base/buf, base/spool; zlib.
 *
 * What comes out of strangers' bytes has the ceiling of whatever takes it, and each step is a small one: a few bytes
 * that would become a million times as many cost what the ceiling allows.
 *
 * One thread at a time; nothing is kept.
 */
#ifndef GOXEL_BASE_GZIP_H
#define GOXEL_BASE_GZIP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/spool.h"

/* Takes what comes out, piece by piece; 0 or a code, which ends the work and is returned. */
typedef int goxel_gzip_take(void *ctx, const void *bytes, size_t len, struct goxel_detail *detail);

/* What is compressed as it is made. Life: made by `create`, ended by `destroy`. */
struct goxel_gzip;
struct goxel_gzip *goxel_gzip_create(goxel_gzip_take *take, void *ctx); /* NULL: out of memory */
void goxel_gzip_destroy(struct goxel_gzip *gzip);                       /* NULL is fine */
/* `last`: nothing follows. What `take` returned, GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_gzip_put(struct goxel_gzip *gzip, const void *bytes, size_t len, bool last,
                   struct goxel_detail *detail);

/*
 * All of it, as one gzip member, or as deflate. GOXEL_ERROR_COMPRESSION: it is neither, damaged, cut short, or followed
 * by something. What `take` returned, GOXEL_ERROR_OUT_OF_MEMORY, the cancel's code.
 */
int goxel_gunzip(const void *bytes, size_t len, struct goxel_cancel *cancel, goxel_gzip_take *take, void *ctx,
                 struct goxel_detail *detail);

/* What takes pieces: `ctx` is a struct goxel_buf, a struct goxel_spool. */
goxel_gzip_take goxel_gzip_to_buf, goxel_gzip_to_spool;

#endif
