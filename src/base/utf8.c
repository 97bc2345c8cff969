/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one place that knows which bytes are UTF-8; the scanner, the writer, the log and error details
 * all ask here, so that they cannot disagree.
 */
#include "base/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Leading bytes by range, with the bounds of the second byte: RFC 3629, section 4. */
static const struct {
    uint8_t first, last, length, second_min, second_max;
} leads[] = {
    {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf}, {0xe1, 0xec, 3, 0x80, 0xbf},
    {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf}, {0xf0, 0xf0, 4, 0x90, 0xbf},
    {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
};

static size_t multibyte_length(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++) {
        if (bytes[0] < leads[i].first || bytes[0] > leads[i].last)
            continue;
        if (len < leads[i].length || bytes[1] < leads[i].second_min || bytes[1] > leads[i].second_max)
            return 0;
        for (size_t j = 2; j < leads[i].length; j++) {
            if ((bytes[j] & 0xc0) != 0x80)
                return 0;
        }
        return leads[i].length;
    }
    return 0;
}

size_t goxel_utf8_length(const char *bytes, size_t len)
{
    if (len == 0)
        return 0;
    return (uint8_t)bytes[0] < 0x80 ? 1 : multibyte_length((const uint8_t *)bytes, len);
}

size_t goxel_utf8_commanding(const char *bytes, size_t len, unsigned *ret_code_point)
{
    const uint8_t *at = (const uint8_t *)bytes;
    size_t n = goxel_utf8_length(bytes, len);
    unsigned c = 'x'; /* longer characters are plain */

    if (n == 1)
        c = at[0];
    else if (n == 2)
        c = (at[0] & 0x1fu) << 6 | (at[1] & 0x3fu);
    else if (n == 3)
        c = (at[0] & 0x0fu) << 12 | (at[1] & 0x3fu) << 6 | (at[2] & 0x3fu);
    if (c >= 0x20 && (c < 0x7f || c > 0x9f) && c != 0x61c && c != 0x200e && c != 0x200f &&
        (c < 0x2028 || c > 0x202e) && (c < 0x2066 || c > 0x2069))
        return 0;
    *ret_code_point = c;
    return n;
}

/* The C1 controls are U+0080 to U+009F: C2 80 to C2 9F. */
static bool is_control(const char *character)
{
    uint8_t first = (uint8_t)character[0];

    return first < 0x20 || first == 0x7f || (first == 0xc2 && (uint8_t)character[1] < 0xa0);
}

static char *put_escape(char *to, char byte)
{
    static const char hex[] = "0123456789abcdef";

    *to++ = '\\';
    *to++ = 'x';
    *to++ = hex[(uint8_t)byte >> 4];
    *to++ = hex[(uint8_t)byte & 15];
    return to;
}

size_t goxel_utf8_printable(char *to, size_t size, const char *from, size_t len)
{
    size_t done = 0;
    char *stop = to + size - 1; /* the NUL's place */

    while (done < len) {
        size_t n = goxel_utf8_length(from + done, len - done);

        if (n > 0 && !is_control(from + done)) {
            if ((size_t)(stop - to) < n)
                break;
            memcpy(to, from + done, n);
            to += n;
        } else {
            n = n > 0 ? n : 1;
            if ((size_t)(stop - to) < 4 * n)
                break;
            for (size_t i = 0; i < n; i++)
                to = put_escape(to, from[done + i]);
        }
        done += n;
    }
    *to = '\0';
    return done;
}
