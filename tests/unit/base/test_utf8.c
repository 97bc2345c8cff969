/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"

#include <string.h>

#include "unit.h"

static void lengths_follow_rfc_3629(void)
{
    static const struct {
        const char *bytes;
        size_t length;
    } cases[] = {
        {"a", 1},
        {"\xc2\x80", 2},
        {"\xdf\xbf", 2},
        {"\xe0\xa0\x80", 3},
        {"\xed\x9f\xbf", 3},
        {"\xee\x80\x80", 3},
        {"\xef\xbf\xbf", 3},
        {"\xf0\x90\x80\x80", 4},
        {"\xf4\x8f\xbf\xbf", 4},
        {"", 0},
        {"\x80", 0},         /* a continuation alone */
        {"\xc0\xaf", 0},     /* overlong '/' */
        {"\xc1\xbf", 0},     /* overlong */
        {"\xe0\x9f\xbf", 0}, /* overlong */
        {"\xed\xa0\x80", 0}, /* surrogates */
        {"\xed\xbf\xbf", 0},
        {"\xf0\x8f\xbf\xbf", 0}, /* overlong */
        {"\xf4\x90\x80\x80", 0}, /* U+110000 */
        {"\xf5\x80\x80\x80", 0},
        {"\xff", 0},
        {"\xc2", 0}, /* cut short */
        {"\xe2\x82", 0},
        {"\xf0\x9f\x98", 0},
        {"\xe2\x28\xa1", 0}, /* broken in the middle */
        {"\xe2\x82\x28", 0},
        {"\xf0\x9f\x98\x41", 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CU_ASSERT_EQUAL(goxel_utf8_length(cases[i].bytes, strlen(cases[i].bytes)), cases[i].length);
    CU_ASSERT_EQUAL(goxel_utf8_length("\0", 1), 1);
}

static void what_is_not_printable_is_escaped(void)
{
    static const char from[] = "a\nb\0c\x1b[31m\x7f \xc3\xa9 \xc2\x9b \xff \\";
    char to[128];

    CU_ASSERT_EQUAL(goxel_utf8_printable(to, sizeof(to), from, sizeof(from) - 1), sizeof(from) - 1);
    CU_ASSERT_STRING_EQUAL(to, "a\\x0ab\\x00c\\x1b[31m\\x7f \xc3\xa9 \\xc2\\x9b \\xff \\");
}

static void copies_end_between_characters(void)
{
    static const char from[] = "x\xc3\xa9\n"; /* "xé\x0a" */
    char to[16];

    for (size_t size = 1; size <= sizeof(to); size++) {
        size_t done;

        memset(to, '#', sizeof(to));
        done = goxel_utf8_printable(to, size, from, 4);
        CU_ASSERT_EQUAL(done, size < 2 ? 0 : size < 4 ? 1 : size < 8 ? 3 : 4);
        CU_ASSERT_STRING_EQUAL(to, size < 2   ? ""
                                   : size < 4 ? "x"
                                   : size < 8 ? "x\xc3\xa9"
                                              : "x\xc3\xa9\\x0a");
        for (size_t i = size; i < sizeof(to); i++)
            CU_ASSERT_EQUAL(to[i], '#');
    }
}

static void commands_of_terminals_are_known(void)
{
    static const struct {
        const char *bytes;
        size_t length;
        unsigned code_point;
    } rows[] = {
        {"\n", 1, 0x0a},
        {"\x7f", 1, 0x7f},
        {"\xc2\x9b", 2, 0x9b},
        {"\xd8\x9c", 2, 0x61c},
        {"\xe2\x80\x8e", 3, 0x200e},
        {"\xe2\x80\xae", 3, 0x202e},
        {"\xe2\x81\xa9", 3, 0x2069},
        {"a", 0, 0},
        {"\xc2\xa0", 0, 0},
        {"\xe2\x80\x90", 0, 0},
        {"\xf0\x9f\x98\x80", 0, 0},
        {"\xff", 0, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unsigned code_point = 0;

        CU_ASSERT_EQUAL(goxel_utf8_commanding(rows[i].bytes, strlen(rows[i].bytes), &code_point),
                        rows[i].length);
        CU_ASSERT_EQUAL(code_point, rows[i].code_point);
    }
}

static const struct unit_test tests[] = {
    {"lengths follow RFC 3629", lengths_follow_rfc_3629},
    {"what is not printable is escaped", what_is_not_printable_is_escaped},
    {"copies end between characters", copies_end_between_characters},
    {"commands of terminals are known", commands_of_terminals_are_known},
    {NULL, NULL},
};

const struct unit_suite utf8_suite = {"utf8", tests};
