/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/digits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Up to here a float times DECIMALS_MAX powers of ten is whole in a double, whatever the last digits are. */
#define PLAIN_MAX 16777216.0
#define DECIMALS_MAX 7

char *goxel_digits_uint(char *to, uint64_t value)
{
    char digits[20];
    int count = 0;

    do
        digits[count++] = (char)('0' + value % 10);
    while (value /= 10);
    while (count > 0)
        *to++ = digits[--count];
    return to;
}

char *goxel_digits_int(char *to, int64_t value)
{
    if (value < 0)
        *to++ = '-';
    return goxel_digits_uint(to, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

/* `scaled` is the number times 10^decimals, with a last digit that is not 0. */
static char *put_decimals(char *to, uint64_t scaled, uint64_t power, int decimals)
{
    uint64_t rest = scaled % power;

    to = goxel_digits_uint(to, scaled / power);
    *to = '.';
    for (int i = decimals; i > 0; i--, rest /= 10)
        to[i] = (char)('0' + rest % 10);
    return to + 1 + decimals;
}

static char *put_scientific(char *to, float value)
{
    int len = 0;

    for (int digits = 6; digits <= 9; digits++) {
        len = snprintf(to, GOXEL_DIGITS_MAX, "%.*g", digits, (double)value);
        if (strtof(to, NULL) == value)
            break;
    }
    return to + len;
}

char *goxel_digits_float(char *to, float value)
{
    double size = fabs((double)value);
    uint64_t power = 1;

    if (size < PLAIN_MAX && size == floor(size))
        return goxel_digits_int(to, (int64_t)value);
    for (int decimals = 1; decimals <= DECIMALS_MAX && size < PLAIN_MAX; decimals++) {
        uint64_t scaled;

        power *= 10;
        scaled = (uint64_t)(size * (double)power + 0.5);
        if ((float)((double)scaled / (double)power) != (float)size)
            continue;
        if (value < 0)
            *to++ = '-';
        return put_decimals(to, scaled, power, decimals);
    }
    return put_scientific(to, value);
}

char *goxel_digits_hex(char *to, uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";

    *to++ = digits[byte >> 4];
    *to++ = digits[byte & 15];
    return to;
}
