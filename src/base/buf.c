/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Growth by doubling up to the ceiling; `capacity` counts the terminating NUL, `ceiling` does not.
 */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define FIRST_CAPACITY 64

static int fail(struct goxel_buf *buf, int code)
{
    if (!buf->failed)
        buf->failed = code;
    return buf->failed;
}

void goxel_buf_init(struct goxel_buf *buf, size_t ceiling)
{
    memset(buf, 0, sizeof(*buf));
    /* One is kept for the NUL: `ceiling + 1` must not wrap. */
    buf->ceiling = ceiling < SIZE_MAX ? ceiling : SIZE_MAX - 1;
}

void goxel_buf_finish(struct goxel_buf *buf)
{
    if (!buf)
        return;
    free(buf->data);
    memset(buf, 0, sizeof(*buf));
}

void goxel_buf_clear(struct goxel_buf *buf)
{
    buf->len = 0;
    buf->failed = 0;
    if (buf->data)
        buf->data[0] = '\0';
}

/* What to allocate for `need` bytes (NUL included, at most ceiling + 1). */
static size_t next_capacity(const struct goxel_buf *buf, size_t need)
{
    size_t most = buf->ceiling + 1;
    size_t next = buf->capacity > most / 2 ? most : buf->capacity * 2;

    if (next < FIRST_CAPACITY)
        next = most < FIRST_CAPACITY ? most : FIRST_CAPACITY;
    return next > need ? next : need;
}

int goxel_buf_reserve(struct goxel_buf *buf, size_t more)
{
    size_t capacity;
    char *data;

    if (buf->failed)
        return buf->failed;
    if (more > buf->ceiling - buf->drained - buf->len)
        return fail(buf, GOXEL_ERROR_MESSAGE_SIZE);
    if (buf->len + more < buf->capacity)
        return 0;
    capacity = next_capacity(buf, buf->len + more + 1);
    data = realloc(buf->data, capacity);
    if (!data)
        return fail(buf, GOXEL_ERROR_OUT_OF_MEMORY);
    buf->data = data;
    buf->capacity = capacity;
    buf->data[buf->len] = '\0';
    return 0;
}

int goxel_buf_append(struct goxel_buf *buf, const void *bytes, size_t len)
{
    if (goxel_buf_reserve(buf, len))
        return buf->failed;
    if (len > 0)
        memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
    return 0;
}

int goxel_buf_puts(struct goxel_buf *buf, const char *text)
{
    return goxel_buf_append(buf, text, strlen(text));
}

int goxel_buf_putc(struct goxel_buf *buf, char c)
{
    return goxel_buf_append(buf, &c, 1);
}

int goxel_buf_vprintf(struct goxel_buf *buf, const char *fmt, va_list args)
{
    va_list again;
    int len;

    if (buf->failed)
        return buf->failed;
    va_copy(again, args);
    len = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (len < 0)
        return fail(buf, GOXEL_ERROR_OUT_OF_MEMORY);
    if (goxel_buf_reserve(buf, (size_t)len))
        return buf->failed;
    (void)vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, args);
    buf->len += (size_t)len;
    return 0;
}

int goxel_buf_printf(struct goxel_buf *buf, const char *fmt, ...)
{
    va_list args;
    int code;

    va_start(args, fmt);
    code = goxel_buf_vprintf(buf, fmt, args);
    va_end(args);
    return code;
}

int goxel_buf_put_int(struct goxel_buf *buf, int64_t value)
{
    char digits[20], *at = digits + sizeof(digits);
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do
        *--at = (char)('0' + left % 10);
    while (left /= 10);
    if (value < 0)
        *--at = '-';
    return goxel_buf_append(buf, at, (size_t)(digits + sizeof(digits) - at));
}

int goxel_buf_put_le32(struct goxel_buf *buf, uint32_t value)
{
    const uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                              (uint8_t)(value >> 24)};

    return goxel_buf_append(buf, bytes, sizeof(bytes));
}

void goxel_buf_set_drain(struct goxel_buf *buf, int (*drain)(void *ctx, const void *bytes, size_t len),
                         void *ctx)
{
    buf->drain = drain;
    buf->drain_ctx = ctx;
}

int goxel_buf_drain(struct goxel_buf *buf)
{
    int code;

    if (buf->failed || !buf->drain || buf->len == 0)
        return buf->failed;
    code = buf->drain(buf->drain_ctx, buf->data, buf->len);
    if (code)
        return fail(buf, code);
    buf->drained += buf->len;
    buf->len = 0;
    return 0;
}

int goxel_buf_offer(struct goxel_buf *buf)
{
    return buf->len >= GOXEL_BUF_DRAIN ? goxel_buf_drain(buf) : buf->failed;
}

char *goxel_buf_take(struct goxel_buf *buf, size_t *ret_len)
{
    char *data = buf->data;

    *ret_len = buf->len;
    if (buf->len == 0) {
        free(data);
        data = NULL;
    }
    buf->data = NULL;
    buf->len = 0;
    buf->capacity = 0;
    return data;
}
