/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * GIMP's palettes (.gpl), which Goxel reads too.
 *
 * Used by: rpc.  Uses: base, core/palette.
 *
 * A first line `GIMP Palette`, perhaps `Name: …` and `Columns: N`, and then a line `R G B name` a colour; `#`
 * begins a comment. There is no alpha: what is read is opaque, and alpha is left out of what is written.
 * Source: the file that GIMP writes, as its documentation describes it.
 */
#ifndef GOXEL_FORMAT_GPL_H
#define GOXEL_FORMAT_GPL_H

#include "base/buf.h"
#include "base/detail.h"
#include "core/palette.h"

/*
 * A whole file into a palette of the caller's own. GOXEL_ERROR_INVALID_DATA with line and offset, GOXEL_ERROR_QUOTA,
 * GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_gpl_read(const uint8_t *bytes, size_t len, struct goxel_detail *detail,
                   struct goxel_palette *ret_palette);

/* Names lose their line breaks. The buffer's failure. */
int goxel_gpl_write(const struct goxel_palette *palette, struct goxel_buf *out);

#endif
