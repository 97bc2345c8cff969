/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of formats as a page for people: docs/formats.md.
 *
 * Used by: the program that writes the page, and its test.  Uses: format/format.h.
 */
#ifndef GOXEL_FORMAT_REFERENCE_H
#define GOXEL_FORMAT_REFERENCE_H

#include "base/buf.h"
#include "format/format.h"

#define GOXEL_FORMATS_PAGE_MAX ((size_t)256 << 10)

void goxel_formats_write(const struct goxel_format *formats, struct goxel_buf *out);

#endif
