/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/pack.h"

#include <zstd_errors.h>

#include "base/error.h"

#define LEVEL 1
#define RAW 0 /* the byte before */
#define PACKED 1
#define WORTH_PACKING 128 /* bytes */
/* Of a block of a zstd frame (RFC 8878): its bytes at least, and the bytes that it stands for at most. */
#define BLOCK_MIN 4
#define BLOCK_HOLDS ((size_t)128 << 10)

bool goxel_pack(struct goxel_buf *buf, size_t at, ZSTD_CCtx *context)
{
    size_t len = buf->len - at, bound = ZSTD_compressBound(len), packed;
    struct goxel_buf frame;

    goxel_buf_init(&frame, bound);
    if (goxel_buf_reserve(&frame, bound))
        return false;
    packed = context ? ZSTD_compressCCtx(context, frame.data, bound, buf->data + at, len, LEVEL)
                     : ZSTD_compress(frame.data, bound, buf->data + at, len, LEVEL);
    if (ZSTD_isError(packed) || packed >= len) {
        goxel_buf_finish(&frame);
        return false;
    }
    buf->len = at;
    (void)goxel_buf_append(buf, frame.data, packed);
    goxel_buf_finish(&frame);
    return true;
}

int goxel_unpack(const void *bytes, size_t len, struct goxel_buf *unpacked, struct goxel_detail *detail)
{
    unsigned long long size = ZSTD_getFrameContentSize(bytes, len);
    size_t got;

    if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > GOXEL_UNPACKED_MAX ||
        size > (len / BLOCK_MIN + 1) * BLOCK_HOLDS)
        return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "what is compressed has no size");
    unpacked->ceiling = GOXEL_UNPACKED_MAX;
    if (goxel_buf_reserve(unpacked, (size_t)size))
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "what is compressed");
    got = ZSTD_decompress(unpacked->data, (size_t)size, bytes, len);
    if (ZSTD_getErrorCode(got) == ZSTD_error_memory_allocation)
        return goxel_fail(detail, GOXEL_ERROR_OUT_OF_MEMORY, "what is compressed");
    if (ZSTD_isError(got) || got != size)
        return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "what is compressed cannot be unpacked");
    unpacked->len = got;
    return 0;
}

void goxel_pack_begin(struct goxel_buf *buf)
{
    goxel_buf_clear(buf);
    (void)goxel_buf_putc(buf, RAW);
}

void goxel_pack_end(struct goxel_buf *buf, ZSTD_CCtx *context)
{
    if (!buf->failed && buf->len >= WORTH_PACKING && goxel_pack(buf, 1, context))
        buf->data[0] = PACKED;
}

int goxel_unpack_run(const uint8_t *bytes, size_t len, struct goxel_buf *unpacked,
                     struct goxel_detail *detail, struct goxel_reading *ret_in)
{
    int code = 0;

    if (len == 0 || bytes[0] > PACKED)
        return goxel_fail(detail, GOXEL_ERROR_INVALID_DATA, "its data is none");
    *ret_in = goxel_reading_make(bytes + 1, len - 1);
    if (bytes[0] == PACKED) {
        goxel_buf_clear(unpacked);
        code = goxel_unpack(bytes + 1, len - 1, unpacked, detail);
        *ret_in = goxel_reading_make(unpacked->data, unpacked->len);
    }
    return code;
}
