/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Small PNG images in memory, of a size that is known beforehand.
 *
 * Used by: format.  Uses: base/buf, core/volume.h (colours); libpng behind this header only.
 *
 * Thread-safe; nothing is printed, nothing outlives a call.
 */
#ifndef GOXEL_FORMAT_PNG_H
#define GOXEL_FORMAT_PNG_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "core/volume.h"

#define GOXEL_PNG_REASON_SIZE 96

/*
 * Decodes an image of exactly width × height into as many colours, row by row from the top. Grey,
 * palette and 16-bit images become RGBA of 8 bits; colour profiles and gamma are not applied.
 * GOXEL_ERROR_INVALID_DATA with the reason, or GOXEL_ERROR_OUT_OF_MEMORY; `ret_pixels` may then be
 * written in part.
 */
int goxel_png_read(const uint8_t *bytes, size_t len, unsigned width, unsigned height,
                   struct goxel_color *ret_pixels, char ret_reason[GOXEL_PNG_REASON_SIZE]);

/* Appends the image as RGBA of 8 bits, quickly. The buffer's failure or GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_png_write(const struct goxel_color *pixels, unsigned width, unsigned height, struct goxel_buf *out);

#endif
