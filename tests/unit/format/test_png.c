/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PNG images of every kind become RGBA; what is not quite one is refused. */
#include "format/png.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

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

/* ---- pictures ---- */

/* Packed samples of `depth` bits, in every row the numbers from 0 on; the colour of each by its kind. */
static void encode_samples(const struct kind *kind, unsigned width, unsigned height, struct goxel_buf *out)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_color palette[256];
    png_byte alphas[256], *row;
    /* Where the kind is transparent, the sample 1 is. */
    png_color_16 clear = {.gray = 1, .red = 1, .green = 1, .blue = 1};
    unsigned channels, entries = 1u << (kind->depth < 8 ? kind->depth : 8);

    png_set_write_fn(png, out, append, flush);
    png_set_IHDR(png, info, width, height, kind->depth, kind->type,
                 kind->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    for (unsigned i = 0; i < 256; i++) {
        palette[i] = (png_color){(png_byte)i, (png_byte)(255 - i), 7};
        alphas[i] = i == 1 ? 0 : 255;
    }
    if (kind->type == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, palette, (int)entries);
    if (kind->transparent && kind->type == PNG_COLOR_TYPE_PALETTE)
        png_set_tRNS(png, info, alphas, 2, NULL);
    else if (kind->transparent)
        png_set_tRNS(png, info, NULL, 0, &clear);
    png_write_info(png, info);
    channels = png_get_channels(png, info);
    row = calloc(width, 8);
    for (int pass = png_set_interlace_handling(png); pass > 0; pass--) {
        for (unsigned y = 0; y < height; y++) {
            memset(row, 0, (size_t)width * 8);
            for (unsigned i = 0; i < width * channels; i++) {
                unsigned sample = (i / channels) % entries, bits = (unsigned)kind->depth;

                if (bits == 16)
                    row[2 * i + 1] = (png_byte)sample; /* the lower byte: all but black */
                else
                    row[i * bits / 8] |= (png_byte)(sample << (8 - bits - i * bits % 8));
            }
            png_write_row(png, row);
        }
    }
    png_write_end(png, NULL);
    free(row);
    png_destroy_write_struct(&png, &info);
}

static struct goxel_color expected(const struct kind *kind, unsigned sample)
{
    unsigned entries = 1u << (kind->depth < 8 ? kind->depth : 8);
    uint8_t value = (uint8_t)(kind->depth == 16 ? 0 : (sample % entries) * 255 / (entries - 1));
    bool clear = kind->transparent && sample % entries == 1;
    struct goxel_color color = {value, value, value, clear ? 0 : 255};

    sample %= entries;
    if (kind->type == PNG_COLOR_TYPE_PALETTE)
        color = (struct goxel_color){(uint8_t)sample, (uint8_t)(255 - sample), 7, color.a};
    if (kind->type & PNG_COLOR_MASK_ALPHA)
        color.a = value;
    return color;
}

/* The specification's table of colour types and bit depths, each interlaced and not, with a colour key where it may have one. */
static void every_kind_of_picture_is_loaded(void)
{
    static const struct {
        int type;
        int depths[6];
    } rows[] = {
        {PNG_COLOR_TYPE_GRAY, {1, 2, 4, 8, 16, 0}}, {PNG_COLOR_TYPE_RGB, {8, 16, 0}},
        {PNG_COLOR_TYPE_PALETTE, {1, 2, 4, 8, 0}},  {PNG_COLOR_TYPE_GRAY_ALPHA, {8, 16, 0}},
        {PNG_COLOR_TYPE_RGB_ALPHA, {8, 16, 0}},
    };
    static const unsigned sizes[][2] = {{1, 1}, {5, 3}, {37, 20}, {300, 9}};

    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]) * 6 * 4; n++) {
        struct kind kind = {rows[n / 24].type, rows[n / 24].depths[n / 4 % 6], n & 1, n & 2};

        if (!kind.depth || (kind.transparent && (kind.type & PNG_COLOR_MASK_ALPHA)))
            continue;
        for (size_t s = 0; s < 4; s++) {
            struct goxel_picture picture = {.pixels = NULL};
            struct goxel_detail detail;
            struct goxel_buf file;
            int wrong = 0;

            goxel_buf_init(&file, 1 << 20);
            encode_samples(&kind, sizes[s][0], sizes[s][1], &file);
            CU_ASSERT_EQUAL_FATAL(goxel_png_load((const uint8_t *)file.data, file.len, &detail, &picture), 0);
            CU_ASSERT(picture.width == sizes[s][0] && picture.height == sizes[s][1]);
            CU_ASSERT_EQUAL(picture.reduced, kind.depth == 16);
            for (unsigned p = 0; p < picture.width * picture.height; p++) {
                struct goxel_color want = expected(&kind, p % picture.width);

                wrong += memcmp(&want, &picture.pixels[p], sizeof(want)) != 0;
            }
            CU_ASSERT_EQUAL(wrong, 0);
            goxel_picture_finish(&picture);
            goxel_buf_finish(&file);
        }
    }
}

/* Cut anywhere, or with any byte changed: a picture or a reason, and never more. */
static void damaged_pictures_are_refused(void)
{
    static const struct kind kind = {PNG_COLOR_TYPE_PALETTE, 4, true, true};
    struct goxel_picture picture = {.pixels = NULL};
    struct goxel_detail detail;
    struct goxel_buf file;

    goxel_buf_init(&file, 1 << 20);
    encode_samples(&kind, 37, 20, &file);
    for (size_t len = 0; len < file.len; len++) {
        CU_ASSERT_EQUAL(goxel_png_load((const uint8_t *)file.data, len, &detail, &picture),
                        GOXEL_ERROR_INVALID_DATA);
        CU_ASSERT(detail.offset >= 0 && detail.offset <= (int64_t)len && detail.text[0]);
        CU_ASSERT_PTR_NULL(picture.pixels);
    }
    for (size_t at = 0; at < file.len; at++) {
        file.data[at] ^= 0x21;
        if (goxel_png_load((const uint8_t *)file.data, file.len, &detail, &picture) == 0)
            goxel_picture_finish(&picture);
        file.data[at] ^= 0x21;
    }
    CU_ASSERT_EQUAL(goxel_png_load((const uint8_t *)file.data, file.len, NULL, &picture), 0);
    goxel_picture_finish(&picture);
    CU_ASSERT_EQUAL(goxel_png_load((const uint8_t *)"GIF89a", 6, &detail, &picture),
                    GOXEL_ERROR_INVALID_DATA);
    goxel_buf_finish(&file);
}

/* What the header claims is looked at before anything is allocated by it. */
static void claims_are_bounded(void)
{
    static const struct {
        uint32_t width, height;
        int code;
    } cases[] = {
        {4096, 4096, GOXEL_ERROR_INVALID_DATA}, /* may be, but is not */
        {4097, 4096, GOXEL_ERROR_QUOTA},
        {1 << 20, 1, GOXEL_ERROR_INVALID_DATA},
        {(1 << 20) + 1, 1, GOXEL_ERROR_QUOTA},
        {1, (1 << 20) + 1, GOXEL_ERROR_QUOTA},
        {0x7fffffff, 0x7fffffff, GOXEL_ERROR_QUOTA},
        {0x80000000, 1, GOXEL_ERROR_INVALID_DATA},
        {0, 1, GOXEL_ERROR_INVALID_DATA},
    };
    static const struct kind kind = {PNG_COLOR_TYPE_RGB_ALPHA, 8, false, false};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct goxel_picture picture = {.pixels = NULL};
        struct goxel_detail detail;
        struct goxel_buf file;
        uint8_t *header;
        uint32_t crc;

        goxel_buf_init(&file, 1 << 20);
        encode_samples(&kind, 3, 3, &file);
        header = (uint8_t *)file.data + 12;
        for (int k = 0; k < 4; k++) {
            header[4 + k] = (uint8_t)(cases[i].width >> (24 - 8 * k));
            header[8 + k] = (uint8_t)(cases[i].height >> (24 - 8 * k));
        }
        crc = (uint32_t)crc32(0, header, 17);
        for (int k = 0; k < 4; k++)
            header[17 + k] = (uint8_t)(crc >> (24 - 8 * k));
        CU_ASSERT_EQUAL(goxel_png_load((const uint8_t *)file.data, file.len, &detail, &picture),
                        cases[i].code);
        CU_ASSERT_EQUAL(detail.has_limit, cases[i].code == GOXEL_ERROR_QUOTA);
        CU_ASSERT_PTR_NULL(picture.pixels);
        goxel_buf_finish(&file);
    }
}

/* Chunks that say nothing of voxels may unpack to what they want. */
static void texts_are_passed_over(void)
{
    static const char note[] = "\0\0\0\x04tEXta\0bc";
    static const struct kind kind = {PNG_COLOR_TYPE_GRAY, 8, false, false};
    struct goxel_picture picture = {.pixels = NULL};
    struct goxel_buf file, noted;

    goxel_buf_init(&file, 1 << 20);
    goxel_buf_init(&noted, 1 << 20);
    encode_samples(&kind, 3, 3, &file);
    goxel_buf_append(&noted, file.data, 33);
    for (int i = 0; i < 100; i++) {
        uint32_t crc = (uint32_t)crc32(0, (const uint8_t *)note + 4, 8);
        uint8_t end[4] = {(uint8_t)(crc >> 24), (uint8_t)(crc >> 16), (uint8_t)(crc >> 8), (uint8_t)crc};

        goxel_buf_append(&noted, note, 12);
        goxel_buf_append(&noted, end, 4);
    }
    goxel_buf_append(&noted, file.data + 33, file.len - 33);
    CU_ASSERT_EQUAL(goxel_png_load((const uint8_t *)noted.data, noted.len, NULL, &picture), 0);
    CU_ASSERT_EQUAL(picture.width, 3);
    goxel_picture_finish(&picture);
    goxel_buf_finish(&noted);
    goxel_buf_finish(&file);
}

static void no_memory_for_a_picture(void)
{
    static const struct kind kind = {PNG_COLOR_TYPE_PALETTE, 8, true, true};
    int code = GOXEL_ERROR_OUT_OF_MEMORY;
    struct goxel_buf file;
    long n;

    if (unit_fail_allocation(-1) < 0) {
        unit_skip("allocations cannot be made to fail in this build");
        return;
    }
    goxel_buf_init(&file, 1 << 20);
    encode_samples(&kind, 37, 20, &file);
    for (n = 0; n < 1000 && code == GOXEL_ERROR_OUT_OF_MEMORY; n++) {
        struct goxel_picture picture = {.pixels = NULL};

        (void)unit_fail_allocation(n);
        code = goxel_png_load((const uint8_t *)file.data, file.len, NULL, &picture);
        (void)unit_fail_allocation(-1);
        CU_ASSERT_EQUAL(picture.pixels == NULL, code != 0);
        goxel_picture_finish(&picture);
    }
    CU_ASSERT_EQUAL(code, 0);
    CU_ASSERT(n > 4);
    goxel_buf_finish(&file);
}

static const struct unit_test tests[] = {
    {"every kind becomes RGBA", every_kind_becomes_rgba},
    {"other sizes are refused", other_sizes_are_refused},
    {"damaged images are refused", damaged_images_are_refused},
    {"written images read back", written_images_read_back},
    {"every kind of picture is loaded", every_kind_of_picture_is_loaded},
    {"damaged pictures are refused", damaged_pictures_are_refused},
    {"claims are bounded", claims_are_bounded},
    {"texts are passed over", texts_are_passed_over},
    {"no memory for a picture", no_memory_for_a_picture},
    {NULL, NULL},
};

const struct unit_suite suite_png = {"png", tests};
