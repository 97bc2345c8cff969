/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PNG images of every kind become RGBA; what is not quite one is refused. */
#include "format/png.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "unit.h"

#define EDGE 64

static void append(png_structp png, png_bytep bytes, size_t len)
{
    goxel_buf_append(png_get_io_ptr(png), bytes, len);
}

static void flush(png_structp png)
{
    (void)png;
}

/* What the pixels of the samples are made from. */
static unsigned shade(unsigned x, unsigned y)
{
    return (x * 4 + y) & 255;
}

struct kind {
    int type, depth;
    bool interlaced, transparent;
};

/* An image whose pixel has `shade`, the way its kind can say it. */
static void encode(const struct kind *kind, unsigned edge, struct goxel_buf *out)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_color palette[256];
    png_byte alphas[256], *row;
    unsigned channels, bytes = kind->depth == 16 ? 2 : 1;

    png_set_write_fn(png, out, append, flush);
    png_set_IHDR(png, info, edge, edge, kind->depth, kind->type,
                 kind->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    for (unsigned i = 0; i < 256; i++) {
        palette[i] = (png_color){(png_byte)i, (png_byte)(i ^ 1), (png_byte)(i ^ 2)};
        alphas[i] = (png_byte)(255 - i);
    }
    if (kind->type == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, palette, 256);
    if (kind->transparent)
        png_set_tRNS(png, info, alphas, 256, NULL);
    png_set_gAMA(png, info, 1.0); /* to be ignored */
    png_write_info(png, info);
    channels = png_get_channels(png, info);
    row = calloc(edge, (size_t)channels * bytes);
    for (int pass = png_set_interlace_handling(png); pass > 0; pass--) {
        for (unsigned y = 0; y < edge; y++) {
            for (unsigned x = 0; x < edge; x++)
                for (unsigned c = 0; c < channels; c++)
                    row[(x * channels + c) * bytes] = (png_byte)(shade(x, y) ^ c);
            png_write_row(png, row);
        }
    }
    png_write_end(png, NULL);
    free(row);
    png_destroy_write_struct(&png, &info);
}

static int decode(const struct goxel_buf *file, size_t len, struct goxel_color *pixels)
{
    char reason[GOXEL_PNG_REASON_SIZE];
    int result = goxel_png_read((const uint8_t *)file->data, len, EDGE, EDGE, pixels, reason);

    CU_ASSERT(memchr(reason, '\0', sizeof(reason)) != NULL);
    return result;
}

static void every_kind_becomes_rgba(void)
{
    static const struct kind kinds[] = {
        {PNG_COLOR_TYPE_RGB_ALPHA, 8, false, false},  {PNG_COLOR_TYPE_RGB_ALPHA, 8, true, false},
        {PNG_COLOR_TYPE_RGB_ALPHA, 16, false, false}, {PNG_COLOR_TYPE_RGB, 8, false, false},
        {PNG_COLOR_TYPE_RGB, 16, true, false},        {PNG_COLOR_TYPE_GRAY, 8, false, false},
        {PNG_COLOR_TYPE_GRAY_ALPHA, 8, false, false}, {PNG_COLOR_TYPE_PALETTE, 8, false, false},
        {PNG_COLOR_TYPE_PALETTE, 8, true, true},
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        bool grey = kinds[i].type == PNG_COLOR_TYPE_GRAY || kinds[i].type == PNG_COLOR_TYPE_GRAY_ALPHA;
        struct goxel_color pixels[EDGE * EDGE];
        struct goxel_buf file;
        int wrong = 0;

        goxel_buf_init(&file, 1 << 20);
        encode(&kinds[i], EDGE, &file);
        CU_ASSERT_EQUAL(decode(&file, file.len, pixels), 0);
        for (unsigned p = 0; p < EDGE * EDGE; p++) {
            unsigned s = shade(p % EDGE, p / EDGE);
            struct goxel_color want = {(uint8_t)s, (uint8_t)(grey ? s : s ^ 1), (uint8_t)(grey ? s : s ^ 2),
                                       255};

            if (kinds[i].type == PNG_COLOR_TYPE_RGB_ALPHA)
                want.a = (uint8_t)(s ^ 3);
            if (kinds[i].type == PNG_COLOR_TYPE_GRAY_ALPHA)
                want.a = (uint8_t)(s ^ 1);
            if (kinds[i].transparent)
                want.a = (uint8_t)(255 - s);
            wrong += memcmp(&want, &pixels[p], sizeof(want)) != 0;
        }
        CU_ASSERT_EQUAL(wrong, 0);
        goxel_buf_finish(&file);
    }
}

static void other_sizes_are_refused(void)
{
    static const unsigned edges[] = {1, 63, 65, 4000};
    static const struct kind kind = {PNG_COLOR_TYPE_RGB_ALPHA, 8, false, false};

    for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
        struct goxel_color pixels[EDGE * EDGE];
        struct goxel_buf file;

        goxel_buf_init(&file, 1 << 20);
        encode(&kind, edges[i], &file);
        CU_ASSERT_EQUAL(file.failed, 0);
        CU_ASSERT_EQUAL(decode(&file, file.len, pixels), GOXEL_ERROR_INVALID_DATA);
        goxel_buf_finish(&file);
    }
}

static void damaged_images_are_refused(void)
{
    static const struct kind kind = {PNG_COLOR_TYPE_RGB_ALPHA, 8, false, false};
    struct goxel_color pixels[EDGE * EDGE];
    struct goxel_buf file;
    int accepted = 0;

    goxel_buf_init(&file, 1 << 20);
    encode(&kind, EDGE, &file);
    for (size_t len = 0; len < file.len - 12; len++) /* the last 12 bytes say only that it ends */
        accepted += decode(&file, len, pixels) == 0;
    CU_ASSERT_EQUAL(accepted, 0);
    for (size_t at = 8; at < file.len - 12; at++) {
        file.data[at] ^= 0x10;
        decode(&file, file.len, pixels); /* whatever it says, it must not crash */
        file.data[at] ^= 0x10;
    }
    CU_ASSERT_EQUAL(decode(&file, file.len, pixels), 0);
    goxel_buf_finish(&file);
}

static void written_images_read_back(void)
{
    struct goxel_color pixels[EDGE * EDGE], again[EDGE * EDGE];
    struct goxel_buf file;

    for (unsigned i = 0; i < EDGE * EDGE; i++)
        pixels[i] = (struct goxel_color){(uint8_t)(i * 7), (uint8_t)(i >> 4), (uint8_t)(i * i),
                                         (uint8_t)(i * 13)};
    goxel_buf_init(&file, 1 << 20);
    CU_ASSERT_EQUAL(goxel_png_write(pixels, EDGE, EDGE, &file), 0);
    CU_ASSERT_EQUAL(decode(&file, file.len, again), 0);
    CU_ASSERT_EQUAL(memcmp(pixels, again, sizeof(pixels)), 0);
    goxel_buf_finish(&file);
    goxel_buf_init(&file, 100);
    CU_ASSERT_EQUAL(goxel_png_write(pixels, EDGE, EDGE, &file), GOXEL_ERROR_MESSAGE_SIZE);
    CU_ASSERT_EQUAL(goxel_png_write(pixels, EDGE, EDGE, &file), GOXEL_ERROR_MESSAGE_SIZE);
    goxel_buf_finish(&file);
}

static const struct unit_test tests[] = {
    {"every kind becomes RGBA", every_kind_becomes_rgba},
    {"other sizes are refused", other_sizes_are_refused},
    {"damaged images are refused", damaged_images_are_refused},
    {"written images read back", written_images_read_back},
    {NULL, NULL},
};

const struct unit_suite suite_png = {"png", tests};
