/* SPDX-License-Identifier: GPL-3.0-or-later */
/* There and back, and what is sent by those who mean no good. */
#include "base/gzip.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/error.h"
#include "unit.h"

#define LEN 300000

static char *make_text(void)
{
    char *text = malloc(LEN);

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    for (size_t i = 0; i < LEN; i++)
        text[i] = (char)('a' + (i * i >> 7) % 26);
    return text;
}

/* In pieces, as it is made. */
static void compress_text(const char *text, size_t piece, struct goxel_buf *packed)
{
    struct goxel_gzip *gzip = goxel_gzip_create(goxel_gzip_to_buf, packed);

    CU_ASSERT_PTR_NOT_NULL_FATAL(gzip);
    for (size_t at = 0; at < LEN; at += piece)
        CU_ASSERT_EQUAL(goxel_gzip_put(gzip, text + at, LEN - at < piece ? LEN - at : piece, false, NULL), 0);
    CU_ASSERT_EQUAL(goxel_gzip_put(gzip, NULL, 0, true, NULL), 0);
    goxel_gzip_destroy(gzip);
}

static void there_and_back(void)
{
    struct goxel_buf packed, plain;
    char *text = make_text();

    for (size_t piece = 1000; piece < 2 * LEN; piece *= 7) {
        goxel_buf_init(&packed, LEN);
        goxel_buf_init(&plain, LEN);
        compress_text(text, piece, &packed);
        CU_ASSERT(packed.len > 0 && packed.len < LEN);
        CU_ASSERT_EQUAL(goxel_gunzip(packed.data, packed.len, NULL, goxel_gzip_to_buf, &plain, NULL), 0);
        CU_ASSERT_EQUAL_FATAL(plain.len, LEN);
        CU_ASSERT_EQUAL(memcmp(plain.data, text, LEN), 0);
        goxel_buf_finish(&packed);
        goxel_buf_finish(&plain);
    }
    free(text);
}

static void deflate_is_taken(void)
{
    unsigned char packed[64];
    uLong len = sizeof(packed);
    struct goxel_buf plain;

    goxel_buf_init(&plain, 64);
    CU_ASSERT_EQUAL(compress(packed, &len, (const unsigned char *)"voxels", 6), Z_OK);
    CU_ASSERT_EQUAL(goxel_gunzip(packed, len, NULL, goxel_gzip_to_buf, &plain, NULL), 0);
    CU_ASSERT_STRING_EQUAL(plain.data, "voxels");
    goxel_buf_finish(&plain);
}

static int unpack(const void *bytes, size_t len, size_t ceiling)
{
    struct goxel_buf plain;
    struct goxel_detail detail;
    int code;

    goxel_detail_init(&detail);
    goxel_buf_init(&plain, ceiling);
    code = goxel_gunzip(bytes, len, NULL, goxel_gzip_to_buf, &plain, &detail);
    CU_ASSERT(code == 0 || code != GOXEL_ERROR_COMPRESSION || detail.text[0]);
    goxel_buf_finish(&plain);
    return code;
}

static void what_is_none(void)
{
    struct goxel_buf packed;
    char *text = make_text();

    goxel_buf_init(&packed, LEN + 100);
    compress_text(text, LEN, &packed);
    CU_ASSERT_EQUAL(unpack("", 0, LEN), GOXEL_ERROR_COMPRESSION);
    CU_ASSERT_EQUAL(unpack(text, LEN, LEN), GOXEL_ERROR_COMPRESSION);
    CU_ASSERT_EQUAL(unpack(packed.data, packed.len - 1, LEN), GOXEL_ERROR_COMPRESSION);
    CU_ASSERT_EQUAL(unpack(packed.data, 10, LEN), GOXEL_ERROR_COMPRESSION);
    packed.data[packed.len / 2] ^= 0x55;
    CU_ASSERT_EQUAL(unpack(packed.data, packed.len, LEN), GOXEL_ERROR_COMPRESSION);
    packed.data[packed.len / 2] ^= 0x55;
    CU_ASSERT_EQUAL(unpack(packed.data, packed.len, LEN), 0);
    goxel_buf_putc(&packed, 'x');
    CU_ASSERT_EQUAL(unpack(packed.data, packed.len, LEN), GOXEL_ERROR_COMPRESSION);
    goxel_buf_finish(&packed);
    free(text);
}

/* As `cat a.gz b.gz` makes them. */
static void members_follow_each_other(void)
{
    struct goxel_buf packed, plain;
    char *text = make_text();
    size_t one;

    goxel_buf_init(&packed, 3 * LEN);
    goxel_buf_init(&plain, 3 * LEN);
    compress_text(text, LEN, &packed);
    one = packed.len;
    compress_text(text, 1000, &packed);
    compress_text(text, LEN, &packed);
    CU_ASSERT_EQUAL(goxel_gunzip(packed.data, packed.len, NULL, goxel_gzip_to_buf, &plain, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(plain.len, 3 * LEN);
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(memcmp(plain.data + i * LEN, text, LEN), 0);
    CU_ASSERT_EQUAL(unpack(packed.data, packed.len, 3 * LEN - 1), GOXEL_ERROR_MESSAGE_SIZE);
    for (size_t len = one + 1; len < one + 20; len++)
        CU_ASSERT_EQUAL(unpack(packed.data, len, 3 * LEN), GOXEL_ERROR_COMPRESSION);
    goxel_buf_finish(&packed);
    goxel_buf_finish(&plain);
    free(text);
}

/* A megabyte of nothing for each kilobyte: not more than the ceiling is ever there. */
static void bombs(void)
{
    size_t len = (size_t)64 << 20;
    char *zeros = calloc(1, len);
    struct goxel_buf packed;
    struct goxel_gzip *gzip;

    CU_ASSERT_PTR_NOT_NULL_FATAL(zeros);
    goxel_buf_init(&packed, len);
    gzip = goxel_gzip_create(goxel_gzip_to_buf, &packed);
    CU_ASSERT_PTR_NOT_NULL_FATAL(gzip);
    CU_ASSERT_EQUAL(goxel_gzip_put(gzip, zeros, len, true, NULL), 0);
    CU_ASSERT(packed.len < len / 200);
    CU_ASSERT_EQUAL(unpack(packed.data, packed.len, 1 << 20), GOXEL_ERROR_MESSAGE_SIZE);
    goxel_gzip_destroy(gzip);
    goxel_buf_finish(&packed);
    free(zeros);
}

static const struct unit_test tests[] = {
    {"there and back", there_and_back},
    {"deflate is taken", deflate_is_taken},
    {"what is none", what_is_none},
    {"members follow each other", members_follow_each_other},
    {"bombs", bombs},
    {NULL, NULL},
};

const struct unit_suite gzip_suite = {"gzip", tests};
