/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Escapes of JSON strings to UTF-8. Only the scanner may look at a string that is not known to be
 * well-formed; everybody else comes here with what it has passed.
 */
#include <string.h>

#include "base/json_text.h"
#include "base/utf8.h"

int goxel_json_hex4(const char *digits)
{
    int value = 0;

    for (int i = 0; i < 4; i++) {
        char c = digits[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;

        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static size_t encode(uint32_t point, char bytes[4])
{
    if (point < 0x80) {
        bytes[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        bytes[0] = (char)(0xc0 | point >> 6);
        bytes[1] = (char)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        bytes[0] = (char)(0xe0 | point >> 12);
        bytes[1] = (char)(0x80 | (point >> 6 & 0x3f));
        bytes[2] = (char)(0x80 | (point & 0x3f));
        return 3;
    }
    bytes[0] = (char)(0xf0 | point >> 18);
    bytes[1] = (char)(0x80 | (point >> 12 & 0x3f));
    bytes[2] = (char)(0x80 | (point >> 6 & 0x3f));
    bytes[3] = (char)(0x80 | (point & 0x3f));
    return 4;
}

/* "\uXXXX", or a surrogate pair of two of them. */
static size_t unescape_unicode(const char **at, char bytes[4])
{
    uint32_t point = (uint32_t)goxel_json_hex4(*at + 2);

    *at += 6;
    if (point >= 0xd800 && point < 0xdc00) {
        uint32_t low = (uint32_t)goxel_json_hex4(*at + 2);

        *at += 6;
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
    }
    return encode(point, bytes);
}

size_t goxel_json_unescape(const char **at, char ret_bytes[4])
{
    static const char escapes[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    const char *known;
    size_t len;

    if (**at != '\\') {
        /* The closing quote at the latest stops a character: the length given here is never believed. */
        len = goxel_utf8_length(*at, 4);
        memcpy(ret_bytes, *at, len);
        *at += len;
        return len;
    }
    if ((*at)[1] == 'u')
        return unescape_unicode(at, ret_bytes);
    known = strchr(escapes, (*at)[1]);
    ret_bytes[0] = known ? meanings[known - escapes] : (*at)[1];
    *at += 2;
    return 1;
}
