/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers as text: they read back the same, and are short. */
#include "format/digits.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static const char *text_of(char text[GOXEL_DIGITS_MAX + 1], const char *end)
{
    text[end - text] = '\0';
    return text;
}

static void integers_are_decimal(void)
{
    char text[GOXEL_DIGITS_MAX + 1];

    CU_ASSERT_STRING_EQUAL(text_of(text, goxel_digits_int(text, 0)), "0");
    CU_ASSERT_STRING_EQUAL(text_of(text, goxel_digits_int(text, -1048576)), "-1048576");
    CU_ASSERT_STRING_EQUAL(text_of(text, goxel_digits_int(text, INT64_MIN)), "-9223372036854775808");
    CU_ASSERT_STRING_EQUAL(text_of(text, goxel_digits_uint(text, UINT64_MAX)), "18446744073709551615");
    CU_ASSERT_STRING_EQUAL(text_of(text, goxel_digits_hex(text, 0x0f)), "0f");
}

static void floats_are_short(void)
{
    static const struct {
        float value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.5f, "-0.5"},
        {3, "3"},
        {-1048576, "-1048576"},
        {0.1f, "0.1"},
        {12.3f, "12.3"},
        {1.05f, "1.05"},
        {0.001f, "0.001"},
        {1e-6f, "0.000001"},
        {-1.5e-6f, "-0.0000015"},
        {1e-7f, "0.0000001"},
        {1e-10f, "1e-10"},
        {1.0f / 3, "0.33333334"},
        {1e12f, "1e+12"},
        {104857.5f, "104857.5"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[GOXEL_DIGITS_MAX + 1];

        CU_ASSERT_STRING_EQUAL(text_of(text, goxel_digits_float(text, cases[i].value)), cases[i].text);
    }
}

/* Bits of all kinds, and what scales make of coordinates. */
static void floats_read_back(void)
{
    unsigned seed = 1;

    for (int i = 0; i < 300000; i++) {
        char text[GOXEL_DIGITS_MAX + 1];
        uint32_t bits;
        float value;

        seed = seed * 1103515245 + 12345;
        bits = seed ^ seed << 13;
        memcpy(&value, &bits, sizeof(value));
        if (i % 2)
            value = (float)((int)(seed >> 11) - 1048576) * (float)(0.001 * (i % 50));
        if ((bits & 0x7f800000) == 0x7f800000 && i % 2 == 0)
            continue;
        text_of(text, goxel_digits_float(text, value));
        CU_ASSERT(strtof(text, NULL) == value);
        CU_ASSERT(strlen(text) < GOXEL_DIGITS_MAX);
    }
}

static const struct unit_test tests[] = {
    {"integers are decimal", integers_are_decimal},
    {"floats are short", floats_are_short},
    {"floats read back", floats_read_back},
    {NULL, NULL},
};

const struct unit_suite suite_digits = {"digits", tests};
