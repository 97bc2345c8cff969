/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One range of bytes: "bytes=FIRST-LAST", "bytes=FIRST-", "bytes=-COUNT". */
#include "http/range.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Digits; *ret_any: there are some. What does not fit is as much as can be. */
static const char *read_number(const char *text, uint64_t *ret_number, bool *ret_any)
{
    uint64_t number = 0;

    *ret_any = *text >= '0' && *text <= '9';
    for (; *text >= '0' && *text <= '9'; text++) {
        uint64_t digit = (uint64_t)(*text - '0');

        number = number > (UINT64_MAX - digit) / 10 ? UINT64_MAX : number * 10 + digit;
    }
    *ret_number = number;
    return text;
}

/* The bytes of the end. */
static enum range read_end(uint64_t count, uint64_t len, uint64_t *ret_from, uint64_t *ret_len)
{
    if (count == 0 || len == 0)
        return RANGE_NONE;
    *ret_len = count < len ? count : len;
    *ret_from = len - *ret_len;
    return RANGE_PART;
}

enum range range_read(const char *header, uint64_t len, uint64_t *ret_from, uint64_t *ret_len)
{
    uint64_t first, last;
    bool has_first, has_last;
    const char *at;

    if (!header || strncasecmp(header, "bytes=", strlen("bytes=")))
        return RANGE_ALL;
    at = read_number(header + strlen("bytes="), &first, &has_first);
    if (*at++ != '-')
        return RANGE_ALL;
    at = read_number(at, &last, &has_last);
    at += strspn(at, " \t");
    if (*at || (!has_first && !has_last) || (has_first && has_last && last < first))
        return RANGE_ALL;
    if (!has_first)
        return read_end(last, len, ret_from, ret_len);
    if (first >= len)
        return RANGE_NONE;
    *ret_from = first;
    *ret_len = has_last && last < len - 1 ? last - first + 1 : len - first;
    return RANGE_PART;
}
