/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Base64 as in RFC 4648, section 4: the standard alphabet, padded, nothing in between.
 *
 * Used by: rpc alone.  Uses: base.  Thread-safe.
 */
#ifndef GOXEL_RPC_BASE64_H
#define GOXEL_RPC_BASE64_H

#include "base/buf.h"
#include "base/detail.h"

/* Appends the bytes; GOXEL_ERROR_INVALID_DATA with the offset of the first wrong character. */
int goxel_base64_decode(const char *text, size_t len, struct goxel_buf *out, struct goxel_detail *detail);
/* Appends the text; returns out->failed. */
int goxel_base64_encode(const void *bytes, size_t len, struct goxel_buf *out);

#endif
