/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/bytes.h"

/* ---- writing ---- */

static void put(struct goxel_buf *buf, uint64_t value, size_t width)
{
    uint8_t bytes[sizeof(value)];

    for (size_t i = 0; i < width; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
    (void)goxel_buf_append(buf, bytes, width);
}

void goxel_put_u8(struct goxel_buf *buf, uint8_t value)
{
    put(buf, value, 1);
}

void goxel_put_u16(struct goxel_buf *buf, uint16_t value)
{
    put(buf, value, 2);
}

void goxel_put_u32(struct goxel_buf *buf, uint32_t value)
{
    put(buf, value, 4);
}

void goxel_put_u64(struct goxel_buf *buf, uint64_t value)
{
    put(buf, value, 8);
}

void goxel_put_varint(struct goxel_buf *buf, uint64_t value)
{
    uint8_t bytes[10];
    size_t len = 0;

    for (; value > 0x7f; value >>= 7)
        bytes[len++] = (uint8_t)(value | 0x80);
    bytes[len++] = (uint8_t)value;
    (void)goxel_buf_append(buf, bytes, len);
}

void goxel_put_run(struct goxel_buf *buf, const void *bytes, size_t len)
{
    goxel_put_varint(buf, len);
    (void)goxel_buf_append(buf, bytes, len);
}

/* ---- reading ---- */

struct goxel_reading goxel_reading_make(const void *bytes, size_t len)
{
    return (struct goxel_reading){bytes, len, false};
}

const uint8_t *goxel_take_bytes(struct goxel_reading *in, size_t len)
{
    const uint8_t *at = in->at;

    if (in->short_of || len > in->left) {
        in->short_of = true;
        in->left = 0;
        return NULL;
    }
    in->at += len;
    in->left -= len;
    return at;
}

static uint64_t take(struct goxel_reading *in, size_t width)
{
    const uint8_t *bytes = goxel_take_bytes(in, width);
    uint64_t value = 0;

    for (size_t i = 0; bytes && i < width; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

uint8_t goxel_take_u8(struct goxel_reading *in)
{
    return (uint8_t)take(in, 1);
}

uint16_t goxel_take_u16(struct goxel_reading *in)
{
    return (uint16_t)take(in, 2);
}

uint32_t goxel_take_u32(struct goxel_reading *in)
{
    return (uint32_t)take(in, 4);
}

uint64_t goxel_take_u64(struct goxel_reading *in)
{
    return take(in, 8);
}

uint64_t goxel_take_varint(struct goxel_reading *in)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = goxel_take_u8(in);

        if (shift == 63 && byte > 1)
            break;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return in->short_of ? 0 : value;
    }
    in->short_of = true;
    in->left = 0;
    return 0;
}

const uint8_t *goxel_take_run(struct goxel_reading *in, size_t max, size_t *ret_len)
{
    uint64_t len = goxel_take_varint(in);
    const uint8_t *bytes = goxel_take_bytes(in, len <= max ? (size_t)len : SIZE_MAX);

    if (bytes)
        *ret_len = (size_t)len;
    return bytes;
}
