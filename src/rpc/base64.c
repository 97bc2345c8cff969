/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Strict, because two texts that mean the same bytes are one too many: leftover bits must be zero
 * and padding must be there.
 */
#include "rpc/base64.h"

#include <stdint.h>

#include "base/error.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Characters of the last group that are not padding: 2, 3 or 4. */
static size_t last_group(const char *text, size_t len)
{
    if (text[len - 1] != '=')
        return 4;
    return text[len - 2] != '=' ? 3 : 2;
}

int goxel_base64_decode(const char *text, size_t len, struct goxel_buf *out, struct goxel_detail *detail)
{
    if (len % 4)
        return goxel_fail_at(detail, GOXEL_ERROR_INVALID_DATA, 0, (int64_t)len,
                             "base64 has a multiple of 4 characters, padded with =");
    if (goxel_buf_reserve(out, len / 4 * 3))
        return out->failed;
    for (size_t at = 0; at < len; at += 4) {
        size_t chars = at + 4 == len ? last_group(text, len) : 4;
        uint32_t bits = 0;
        unsigned char bytes[3];

        for (size_t i = 0; i < 4; i++) {
            int value = i < chars ? value_of(text[at + i]) : 0;

            if (value < 0)
                return goxel_fail_at(detail, GOXEL_ERROR_INVALID_DATA, 0, (int64_t)(at + i),
                                     "not a base64 character");
            bits = bits << 6 | (uint32_t)value;
        }
        if ((chars == 3 && bits & 0xff) || (chars == 2 && bits & 0xffff))
            return goxel_fail_at(detail, GOXEL_ERROR_INVALID_DATA, 0, (int64_t)(at + chars - 1),
                                 "base64 ends with bits that mean nothing");
        bytes[0] = (unsigned char)(bits >> 16);
        bytes[1] = (unsigned char)(bits >> 8);
        bytes[2] = (unsigned char)bits;
        if (goxel_buf_append(out, bytes, chars - 1))
            return out->failed;
    }
    return 0;
}

int goxel_base64_encode(const void *bytes, size_t len, struct goxel_buf *out)
{
    const unsigned char *in = bytes;

    for (size_t at = 0; at < len; at += 3) {
        size_t some = len - at < 3 ? len - at : 3;
        uint32_t bits = (uint32_t)in[at] << 16;
        char text[4];

        if (some > 1)
            bits |= (uint32_t)in[at + 1] << 8;
        if (some > 2)
            bits |= in[at + 2];
        for (size_t i = 0; i < 4; i++)
            text[i] = i <= some ? alphabet[bits >> (18 - 6 * i) & 63] : '=';
        if (goxel_buf_append(out, text, sizeof(text)))
            break;
    }
    return out->failed;
}
