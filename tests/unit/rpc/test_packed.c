/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packed voxels: what goes out comes back, and no claim of a client's is believed. */
#include "rpc/packed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/error.h"
#include "rig.h"
#include "rpc/base64.h"

static void round_trip(struct goxel_pos at)
{
    struct goxel_voxel voxels[300], *back = NULL;
    struct goxel_packed packed;
    struct goxel_buf text;

    for (int i = 0; i < 300; i++)
        voxels[i] = (struct goxel_voxel){{at.x + i, at.y - i, at.z + i * 200}, {(uint8_t)i, 2, 3, 255}};
    goxel_buf_init(&text, 65536);
    CU_ASSERT_EQUAL_FATAL(goxel_packed_write(voxels, 300, &text, NULL, &packed), 0);
    packed.base64 = text.data;
    packed.base64_len = text.len;
    CU_ASSERT_EQUAL_FATAL(goxel_packed_read(&packed, NULL, &back), 0);
    CU_ASSERT_EQUAL(memcmp(back, voxels, sizeof(voxels)), 0);
    free(back);
    packed.checksum ^= 1;
    CU_ASSERT_EQUAL(goxel_packed_read(&packed, NULL, &back), GOXEL_ERROR_INVALID_DATA);
    goxel_buf_finish(&text);
}

static void what_goes_out_comes_back(void)
{
    round_trip((struct goxel_pos){0, 0, 0});
    round_trip((struct goxel_pos){GOXEL_COORD_MIN, GOXEL_COORD_MAX, GOXEL_COORD_MIN});
    round_trip((struct goxel_pos){GOXEL_COORD_MAX - 299, GOXEL_COORD_MIN + 299, 32000});
}

static void too_far_apart(void)
{
    struct goxel_voxel voxels[2] = {{{0, 0, 0}, {1, 1, 1, 255}}, {{65536, 0, 0}, {1, 1, 1, 255}}};
    struct goxel_packed packed;
    struct goxel_buf text;

    goxel_buf_init(&text, 65536);
    CU_ASSERT_EQUAL(goxel_packed_write(voxels, 2, &text, NULL, &packed), GOXEL_ERROR_UNSUPPORTED_OPERATION);
    voxels[1].pos.x--;
    CU_ASSERT_EQUAL(goxel_packed_write(voxels, 2, &text, NULL, &packed), 0);
    goxel_buf_finish(&text);
}

/* Reads `len` bytes as `count` packed voxels, compressed or not. */
static int read_bytes(const void *bytes, size_t len, bool zlib, int64_t count, struct goxel_detail *detail)
{
    struct goxel_packed packed = {.zlib = zlib, .count = count};
    struct goxel_voxel *voxels = NULL;
    struct goxel_buf text;
    int code;

    goxel_buf_init(&text, (size_t)1 << 26);
    goxel_base64_encode(bytes, len, &text);
    packed.base64 = text.data ? text.data : "";
    packed.base64_len = text.len;
    code = goxel_packed_read(&packed, detail, &voxels);
    free(voxels);
    goxel_buf_finish(&text);
    return code;
}

static const unsigned char two[20] = {1, 0, 2, 0, 3, 0, 9, 9, 9, 255, 0xff, 0xff, 0, 0, 0, 0x80, 1, 2, 3, 4};

static void lengths(void)
{
    CU_ASSERT_EQUAL(read_bytes(two, 20, false, 2, NULL), 0);
    CU_ASSERT_EQUAL(read_bytes(two, 20, false, 1, NULL), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_EQUAL(read_bytes(two, 20, false, 3, NULL), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_EQUAL(read_bytes(two, 19, false, 2, NULL), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_EQUAL(read_bytes(two, 0, false, 2, NULL), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_EQUAL(read_bytes(two, 20, false, GOXEL_PACKED_MAX + 1, NULL), GOXEL_ERROR_QUOTA);
    CU_ASSERT_EQUAL(read_bytes(two, 20, false, INT64_C(1) << 53, NULL), GOXEL_ERROR_QUOTA);
}

static void corrupt_zlib(void)
{
    unsigned char packed[256];
    uLongf len = sizeof(packed) - 8;

    compress2(packed, &len, two, sizeof(two), 9);
    CU_ASSERT_EQUAL(read_bytes(packed, len, true, 2, NULL), 0);
    CU_ASSERT_EQUAL(read_bytes(packed, len, true, 1, NULL), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_EQUAL(read_bytes(packed, len, true, 3, NULL), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_EQUAL(read_bytes(packed, len - 1, true, 2, NULL), GOXEL_ERROR_COMPRESSION);
    memset(packed + len, 0, 8);
    CU_ASSERT_EQUAL(read_bytes(packed, len + 8, true, 2, NULL), GOXEL_ERROR_INVALID_DATA);
    packed[len - 1] ^= 1; /* of its own checksum */
    CU_ASSERT_EQUAL(read_bytes(packed, len, true, 2, NULL), GOXEL_ERROR_COMPRESSION);
    packed[0] ^= 0xff;
    CU_ASSERT_EQUAL(read_bytes(packed, len, true, 2, NULL), GOXEL_ERROR_COMPRESSION);
    CU_ASSERT_EQUAL(read_bytes("", 0, true, 2, NULL), GOXEL_ERROR_COMPRESSION);
}

/* Few bytes that inflate to many: the claim bounds the memory, and the data must not exceed the claim. */
static void zlib_bombs(void)
{
    size_t plain_len = (size_t)30 << 20;
    unsigned char *plain = calloc(1, plain_len), *bomb = malloc(compressBound(plain_len));
    uLongf len = compressBound(plain_len);

    CU_ASSERT_PTR_NOT_NULL_FATAL(plain);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bomb);
    compress2(bomb, &len, plain, plain_len, 9);
    CU_ASSERT_EQUAL(read_bytes(bomb, len, true, 10, NULL), GOXEL_ERROR_INVALID_DATA);
    CU_ASSERT_EQUAL(read_bytes(bomb, 100, true, GOXEL_PACKED_MAX, NULL), GOXEL_ERROR_COMPRESSION);
    free(plain);
    free(bomb);
}

static void voxels_that_cannot_be(void)
{
    unsigned char one[10] = {0xff, 0x7f, 0, 0, 0, 0, 1, 2, 3, 255};
    struct goxel_packed packed = {.count = 1, .origin = {GOXEL_COORD_MAX, 0, 0}};
    struct goxel_voxel *voxels = NULL;
    struct goxel_detail detail;
    struct goxel_buf text;

    goxel_buf_init(&text, 64);
    goxel_base64_encode(one, sizeof(one), &text);
    packed.base64 = text.data;
    packed.base64_len = text.len;
    CU_ASSERT_EQUAL(goxel_packed_read(&packed, &detail, &voxels), GOXEL_ERROR_INVALID_COORDINATES);
    CU_ASSERT_STRING_EQUAL(detail.field, "data[0]");
    goxel_buf_finish(&text);
    one[9] = 0;
    CU_ASSERT_EQUAL(read_bytes(one, sizeof(one), false, 1, &detail), GOXEL_ERROR_INVALID_COLOR);
    CU_ASSERT_STRING_EQUAL(detail.field, "data[0]");
}

static const struct unit_test tests[] = {
    {"what goes out comes back", what_goes_out_comes_back},
    {"too far apart", too_far_apart},
    {"lengths", lengths},
    {"corrupt zlib", corrupt_zlib},
    {"zlib bombs", zlib_bombs},
    {"voxels that cannot be", voxels_that_cannot_be},
    {NULL, NULL},
};

const struct unit_suite packed_suite = {"packed", tests};
