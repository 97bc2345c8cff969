/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A ZIP archive as it is written: one entry after the other, compressed as it comes, nothing kept.
 *
 * Used by: format.  Uses: base/buf; zlib behind this header only.
 *
 *     goxel_zip_create(out, level, &zip);
 *     goxel_zip_begin(zip, "a/name");  goxel_zip_put(zip, bytes, len) …  goxel_zip_end(zip);
 *     goxel_zip_finish(zip);           the directory
 *     goxel_zip_destroy(zip);
 *
 * Sizes and checksums follow an entry's data (general purpose bit 3). The same content has the same bytes: all times are the
 * first day that there is, 1980-01-01.
 *
 * Life: made by goxel_zip_create, ended by goxel_zip_destroy at any time; the buffer outlives it. One thread at a time.
 * Format: APPNOTE.TXT of PKWARE, 6.3, without ZIP64: an entry has at most UINT32_MAX bytes.
 */
#ifndef GOXEL_FORMAT_ZIP_H
#define GOXEL_FORMAT_ZIP_H

#include "base/buf.h"

#define GOXEL_ZIP_ENTRIES_MAX 8

struct goxel_zip;

/* `level`: zlib's effort, 0 (stored) to 9. GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_zip_create(struct goxel_buf *out, int level, struct goxel_zip **ret_zip);
void goxel_zip_destroy(struct goxel_zip *zip); /* NULL is fine */

/* The name is ASCII, a constant. There are no more than GOXEL_ZIP_ENTRIES_MAX, and one is ended before the next (asserted). */
void goxel_zip_begin(struct goxel_zip *zip, const char *name);
/* What is ready is offered to the buffer's drain. The buffer's failure, GOXEL_ERROR_MESSAGE_SIZE (UINT32_MAX bytes). */
int goxel_zip_put(struct goxel_zip *zip, const void *bytes, size_t len);
int goxel_zip_end(struct goxel_zip *zip);
int goxel_zip_finish(struct goxel_zip *zip);

/* goxel_zip_put as a drain: `ctx` is the archive. */
int goxel_zip_drain(void *ctx, const void *bytes, size_t len);

#endif
