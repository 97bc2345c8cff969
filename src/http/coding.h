/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which content codings a client takes, and has sent (RFC 9110, 8.4 and 12.5.3).
 *
 * Used by: http only.  Uses: base.
 */
#ifndef GOXEL_HTTP_CODING_H
#define GOXEL_HTTP_CODING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/detail.h"

/* Fewer bytes are not worth being compressed. */
#define GOXEL_GZIP_MIN ((size_t)1 << 10)

/* Does `accept_encoding` (NULL: there is none) like gzip no less than plain bytes? */
bool coding_takes_gzip(const char *accept_encoding);

/* Is a body with that Content-Encoding (NULL: none) gzip or deflate? GOXEL_ERROR_MEDIA_TYPE for any other but identity. */
int coding_check(const char *content_encoding, struct goxel_detail *detail, bool *ret_encoded);

#endif
