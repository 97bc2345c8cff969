/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `count` is the client's claim, tested before it costs anything: it must fit the ceiling, and the
 * bytes that came in must be able to hold that many.
 */
#include "rpc/packed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/error.h"
#include "rpc/base64.h"
#include "rpc/values.h"

/* Deflate cannot make its input more than 1032 times as long. */
#define ZLIB_RATIO_MAX 1032
#define ZLIB_HEADER 16

static int fail_length(const struct goxel_packed *packed, size_t given, struct goxel_detail *detail)
{
    char text[48];

    (void)snprintf(text, sizeof(text), "%zu bytes", given);
    return goxel_fail_value(
        detail, GOXEL_ERROR_INVALID_DATA, "data", text, "%lld bytes for %lld voxels of %d bytes",
        (long long)packed->count * GOXEL_PACKED_BYTES, (long long)packed->count, GOXEL_PACKED_BYTES);
}

/* Inflates `from` to exactly `len` bytes. */
static int inflate_exactly(const struct goxel_buf *from, const struct goxel_packed *packed, size_t len,
                           struct goxel_detail *detail, unsigned char **ret_bytes)
{
    z_stream stream = {.next_in = (unsigned char *)from->data, .avail_in = (uInt)from->len};
    unsigned char *bytes;
    int status, code = 0;

    if (len / ZLIB_RATIO_MAX > from->len + ZLIB_HEADER)
        return goxel_fail(detail, GOXEL_ERROR_COMPRESSION, "%zu compressed bytes cannot hold %lld voxels",
                          from->len, (long long)packed->count);
    if (inflateInit(&stream) != Z_OK)
        return GOXEL_ERROR_OUT_OF_MEMORY;
    /* One byte more than wanted shows data that goes on. */
    bytes = malloc(len + 1);
    if (!bytes) {
        inflateEnd(&stream);
        return GOXEL_ERROR_OUT_OF_MEMORY;
    }
    stream.next_out = bytes;
    stream.avail_out = (uInt)(len + 1);
    status = inflate(&stream, Z_FINISH);
    if (status == Z_MEM_ERROR)
        code = GOXEL_ERROR_OUT_OF_MEMORY;
    else if (stream.total_out > len)
        code = goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "the data goes on after %lld voxels",
                          (long long)packed->count);
    else if (status != Z_STREAM_END)
        code = goxel_fail(detail, GOXEL_ERROR_COMPRESSION, "zlib: %s",
                          stream.msg ? stream.msg : "data cut short");
    else if (stream.total_out < len)
        code = fail_length(packed, stream.total_out, detail);
    else if (stream.avail_in > 0)
        code = goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "%u bytes follow the compressed data",
                          stream.avail_in);
    inflateEnd(&stream);
    if (code) {
        free(bytes);
        return code;
    }
    *ret_bytes = bytes;
    return 0;
}

static int unpack(const struct goxel_packed *packed, struct goxel_detail *detail, unsigned char **ret_bytes)
{
    size_t len = (size_t)packed->count * GOXEL_PACKED_BYTES;
    struct goxel_buf buf;
    int code;

    goxel_buf_init(&buf, packed->base64_len);
    code = goxel_base64_decode(packed->base64, packed->base64_len, &buf, detail);
    if (!code && packed->zlib)
        code = inflate_exactly(&buf, packed, len, detail, ret_bytes);
    else if (!code && buf.len != len)
        code = fail_length(packed, buf.len, detail);
    else if (!code && !(*ret_bytes = (unsigned char *)goxel_buf_take(&buf, &len)))
        code = GOXEL_ERROR_OUT_OF_MEMORY;
    goxel_buf_finish(&buf);
    return code;
}

static int32_t get_i16(const unsigned char *at)
{
    return (int16_t)(at[0] | at[1] << 8);
}

static int read_voxel(const struct goxel_packed *packed, const unsigned char *at, int64_t index,
                      struct goxel_detail *detail, struct goxel_voxel *ret_voxel)
{
    char field[GOXEL_FIELD_SIZE], value[64];
    struct goxel_voxel voxel = {
        .pos = {packed->origin.x + get_i16(at), packed->origin.y + get_i16(at + 2),
                packed->origin.z + get_i16(at + 4)},
        .color = {at[6], at[7], at[8], at[9]},
    };

    if (!goxel_pos_valid(voxel.pos) || voxel.color.a == 0)
        goxel_field_index(field, "data", (size_t)index);
    if (!goxel_pos_valid(voxel.pos)) {
        (void)snprintf(value, sizeof(value), "[%d, %d, %d]", voxel.pos.x, voxel.pos.y, voxel.pos.z);
        return goxel_fail_value(detail, GOXEL_ERROR_INVALID_COORDINATES, field, value,
                                "each from %d to %d, origin included", GOXEL_COORD_MIN, GOXEL_COORD_MAX);
    }
    if (voxel.color.a == 0)
        return goxel_color_check(voxel.color, field, detail);
    *ret_voxel = voxel;
    return 0;
}

int goxel_packed_read(const struct goxel_packed *packed, struct goxel_detail *detail,
                      struct goxel_voxel **ret_voxels)
{
    size_t len = (size_t)packed->count * GOXEL_PACKED_BYTES;
    unsigned char *unpacked = NULL;
    const unsigned char *bytes;
    struct goxel_voxel *voxels = NULL;
    char text[16];
    int code = 0;

    if (packed->count > GOXEL_PACKED_MAX)
        return goxel_fail_limit(detail, GOXEL_ERROR_QUOTA, "count", GOXEL_PACKED_MAX, packed->count);
    if (!packed->raw)
        code = unpack(packed, detail, &unpacked);
    bytes = packed->raw ? packed->raw : unpacked;
    if (!code && packed->has_checksum && crc32(0, bytes, (uInt)len) != packed->checksum) {
        (void)snprintf(text, sizeof(text), "%08x", packed->checksum);
        code = goxel_fail_value(detail, GOXEL_ERROR_INVALID_DATA, "checksum", text,
                                "%08lx, the CRC-32 of the unpacked bytes", crc32(0, bytes, (uInt)len));
    }
    if (!code && !(voxels = malloc((size_t)packed->count * sizeof(*voxels))))
        code = GOXEL_ERROR_OUT_OF_MEMORY;
    for (int64_t i = 0; !code && i < packed->count; i++)
        code = read_voxel(packed, bytes + i * GOXEL_PACKED_BYTES, i, detail, &voxels[i]);
    free(unpacked);
    if (code) {
        free(voxels);
        return code;
    }
    *ret_voxels = voxels;
    return 0;
}

/* ---- writing ---- */

/* Where positions count from so that they fit 16 bits: 0 if they do anyway, else far from both ends. */
static bool choose_origin(int32_t min, int32_t max, int32_t *ret_origin)
{
    if (min >= INT16_MIN && max <= INT16_MAX)
        *ret_origin = 0;
    else if (max - min <= UINT16_MAX)
        *ret_origin = min + (max - min + 1) / 2;
    else
        return false;
    return true;
}

static bool choose_origins(const struct goxel_voxel *voxels, size_t count, struct goxel_pos *ret_origin)
{
    struct goxel_pos min = {0, 0, 0}, max = {0, 0, 0};

    for (size_t i = 0; i < count; i++) {
        struct goxel_pos pos = voxels[i].pos;

        if (i == 0)
            min = max = pos;
        min = (struct goxel_pos){pos.x < min.x ? pos.x : min.x, pos.y < min.y ? pos.y : min.y,
                                 pos.z < min.z ? pos.z : min.z};
        max = (struct goxel_pos){pos.x > max.x ? pos.x : max.x, pos.y > max.y ? pos.y : max.y,
                                 pos.z > max.z ? pos.z : max.z};
    }
    return choose_origin(min.x, max.x, &ret_origin->x) && choose_origin(min.y, max.y, &ret_origin->y) &&
           choose_origin(min.z, max.z, &ret_origin->z);
}

static void put_i16(unsigned char *at, int32_t value)
{
    at[0] = (unsigned char)(value & 0xff);
    at[1] = (unsigned char)(value >> 8 & 0xff);
}

static void pack(const struct goxel_voxel *voxel, struct goxel_pos origin, unsigned char *at)
{
    put_i16(at, voxel->pos.x - origin.x);
    put_i16(at + 2, voxel->pos.y - origin.y);
    put_i16(at + 4, voxel->pos.z - origin.z);
    memcpy(at + 6, &voxel->color, 4);
}

static int fail_span(struct goxel_detail *detail)
{
    return goxel_fail(detail, GOXEL_ERROR_UNSUPPORTED_OPERATION,
                      "packed voxels span at most 65536 on each axis: ask for a smaller region");
}

static unsigned char *pack_all(const struct goxel_voxel *voxels, size_t count, struct goxel_pos origin)
{
    unsigned char *bytes = malloc(count * GOXEL_PACKED_BYTES + 1);

    for (size_t i = 0; bytes && i < count; i++)
        pack(&voxels[i], origin, bytes + i * GOXEL_PACKED_BYTES);
    return bytes;
}

/* Voxels between two offers. */
#define RAW_STEP 4096

int goxel_packed_write_raw(const struct goxel_voxel *voxels, size_t count, struct goxel_buf *out,
                           struct goxel_detail *detail, struct goxel_packed *ret_packed)
{
    struct goxel_packed packed = {.count = (int64_t)count, .has_checksum = true};
    unsigned char bytes[GOXEL_PACKED_BYTES];
    uLong checksum = crc32(0, NULL, 0);

    if (!choose_origins(voxels, count, &packed.origin))
        return fail_span(detail);
    for (size_t i = 0; i < count && !out->failed; i++) {
        pack(&voxels[i], packed.origin, bytes);
        checksum = crc32(checksum, bytes, sizeof(bytes));
        (void)goxel_buf_append(out, bytes, sizeof(bytes));
        if (i % RAW_STEP == 0)
            (void)goxel_buf_offer(out);
    }
    packed.checksum = (uint32_t)checksum;
    if (!out->failed)
        *ret_packed = packed;
    return out->failed;
}

int goxel_packed_write(const struct goxel_voxel *voxels, size_t count, struct goxel_buf *out,
                       struct goxel_detail *detail, struct goxel_packed *ret_packed)
{
    struct goxel_packed packed = {.zlib = true, .count = (int64_t)count, .has_checksum = true};
    uLong len = (uLong)count * GOXEL_PACKED_BYTES, compressed_len = compressBound(len);
    unsigned char *bytes, *compressed = NULL;
    int code = GOXEL_ERROR_OUT_OF_MEMORY;

    if (!choose_origins(voxels, count, &packed.origin))
        return fail_span(detail);
    bytes = pack_all(voxels, count, packed.origin);
    if (!bytes)
        return code;
    compressed = malloc(compressed_len);
    if (compressed && compress2(compressed, &compressed_len, bytes, len, Z_BEST_SPEED) == Z_OK) {
        packed.checksum = (uint32_t)crc32(0, bytes, (uInt)len);
        code = goxel_base64_encode(compressed, compressed_len, out);
    }
    free(compressed);
    free(bytes);
    if (!code)
        *ret_packed = packed;
    return code;
}
