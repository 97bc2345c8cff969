/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * docs/api.md: the method table as a page to read.
 *
 * Used by: rpc/make_reference.c, tests.  Uses: rpc/method.h.
 */
#ifndef GOXEL_RPC_REFERENCE_H
#define GOXEL_RPC_REFERENCE_H

#include "rpc/method.h"

#define GOXEL_REFERENCE_MAX ((size_t)1 << 20) /* bytes; the page is far below that */

/*
 * Appends the page in Markdown: every row but those that are there for tests alone, in the order of the table. What fails
 * stays in the buffer. Thread-safe.
 */
void goxel_reference_write(const struct goxel_method *methods, struct goxel_buf *out);

#endif
