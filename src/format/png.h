/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PNG images in memory: small ones of a size that is known beforehand, and pictures.
 *
 * Used by: format, rpc.  Uses: base/buf, base/detail, core/volume.h (colours); libpng behind this header only.
 *
 * Thread-safe; nothing is printed, nothing outlives a call.
 */
#ifndef GOXEL_FORMAT_PNG_H
#define GOXEL_FORMAT_PNG_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/detail.h"
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

/* Life: filled by goxel_png_load, ended by goxel_picture_finish, which takes a zeroed one too. */
struct goxel_picture {
    unsigned width, height;
    bool reduced;               /* its channels had 16 bits */
    struct goxel_color *pixels; /* row by row from the top; owned */
};

/* Pixels of a picture, 64 MiB as RGBA; its sides are at most as long as the range of coordinates. */
#define GOXEL_PICTURE_PIXELS_MAX (1 << 24)

/*
 * Decodes a whole file into a picture of its own size, as above. GOXEL_ERROR_INVALID_DATA with the reason and how far
 * the file was read, GOXEL_ERROR_QUOTA, before anything is allocated for it, or GOXEL_ERROR_OUT_OF_MEMORY.
 */
int goxel_png_load(const uint8_t *bytes, size_t len, struct goxel_detail *detail,
                   struct goxel_picture *ret_picture);
void goxel_picture_finish(struct goxel_picture *picture);

/* Appends the image as RGBA of 8 bits, quickly. The buffer's failure or GOXEL_ERROR_OUT_OF_MEMORY. */
int goxel_png_write(const struct goxel_color *pixels, unsigned width, unsigned height, struct goxel_buf *out);

/* An image that is asked for row by row. */
struct goxel_png_source {
    unsigned width, height;     /* 1 … 2^31 - 1 */
    int level;                  /* effort of the compression, 0 to 9 */
    const char *keyword, *text; /* a chunk tEXt, ASCII; NULL: none */
    /* `width` colours of row y, from the top; 0, or a code that ends the work and is returned. */
    int (*row)(void *ctx, unsigned y, struct goxel_color *ret_pixels);
    void *ctx;
};
/* The same as it comes: what is ready is offered to the buffer's drain. */
int goxel_png_write_rows(const struct goxel_png_source *source, struct goxel_buf *out);

#endif
