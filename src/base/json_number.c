/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Number literals to values. strtod(3) alone would need a NUL after the literal and obey the locale's
 * decimal point, so the literal is first rewritten as DIGITSeEXPONENT, which has neither problem.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json_text.h"

/* No double needs more to be rounded rightly (767), if a digit 1 stands for a longer tail. */
#define DIGITS_MAX 800

/* Beyond any exponent that an input of 2^31 bytes could balance with zeros. */
#define EXPONENT_MAX 1000000000000
/* Beyond any exponent that matters with up to DIGITS_MAX digits. */
#define EXPONENT_CLAMP 9999

bool goxel_json_number_int(const char *literal, size_t len, int64_t *ret_value)
{
    bool negative = len > 0 && literal[0] == '-';
    int64_t value = 0;

    for (size_t i = negative ? 1 : 0; i < len; i++) {
        int digit = literal[i] - '0';

        if (digit < 0 || digit > 9)
            return false;
        /* Downwards for negative ones: the lowest int64 has no positive twin. */
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, negative ? -digit : digit, &value))
            return false;
    }
    *ret_value = value;
    return true;
}

/* What stands after the 'e' or 'E'; saturates. */
static int64_t read_exponent(const char *at, const char *end)
{
    bool negative = at < end && *at == '-';
    int64_t value = 0;

    if (at < end && (*at == '-' || *at == '+'))
        at++;
    for (; at < end; at++) {
        if (value < EXPONENT_MAX)
            value = value * 10 + (*at - '0');
    }
    return negative ? -value : value;
}

double goxel_json_number_double(const char *literal, size_t len)
{
    const char *at = literal, *end = literal + len;
    char digits[DIGITS_MAX + 32];
    size_t count = 0;
    int64_t scale = 0;
    bool negative = at < end && *at == '-';
    bool fraction = false, tail = false;
    double value;

    for (at += negative; at < end && *at != 'e' && *at != 'E'; at++) {
        if (*at == '.') {
            fraction = true;
            continue;
        }
        if (count < DIGITS_MAX) {
            if (count > 0 || *at != '0')
                digits[count++] = *at;
            scale -= fraction;
        } else {
            tail = tail || *at != '0';
            scale += !fraction;
        }
    }
    if (tail) {
        digits[count++] = '1';
        scale--;
    }
    if (at < end)
        scale += read_exponent(at + 1, end);
    scale = scale > EXPONENT_CLAMP ? EXPONENT_CLAMP : scale < -EXPONENT_CLAMP ? -EXPONENT_CLAMP : scale;
    if (count == 0)
        digits[count++] = '0';
    (void)snprintf(digits + count, sizeof(digits) - count, "e%d", (int)scale);
    value = strtod(digits, NULL);
    return negative ? -value : value;
}
