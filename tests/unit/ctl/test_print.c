/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts of strangers, times and sizes for people. */
#include "ctl/print.h"

#include <string.h>

#include "base/error.h"
#include "ctl/reply.h"
#include "unit.h"

static void texts_are_made_printable(void)
{
    static const struct {
        const char *from, *to;
    } rows[] = {
        {"plain \xc3\xa9 \xf0\x9f\x98\x80", "plain \xc3\xa9 \xf0\x9f\x98\x80"},
        {"\x1b[31mred\x07", "\\u001b[31mred\\u0007"},
        {"a\nb\t", "a\\u000ab\\u0009"},
        {"\xc2\x9b"
         "31m",
         "\\u009b31m"},
        {"\xe2\x80\xae"
         "evil",
         "\\u202eevil"},
        {"\xff\xc3", "\\xff\\xc3"},
        {"", ""},
    };
    char to[64];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CU_ASSERT_STRING_EQUAL(ctl_printable(to, sizeof(to), rows[i].from, strlen(rows[i].from)), rows[i].to);
    CU_ASSERT_STRING_EQUAL(ctl_printable(to, sizeof(to), "a\0b", 3), "a\\u0000b");
}

static void copies_end_between_characters(void)
{
    char to[16];

    CU_ASSERT_STRING_EQUAL(ctl_printable(to, 4, "ab\xc3\xa9", 4), "ab");
    CU_ASSERT_STRING_EQUAL(ctl_printable(to, 5, "ab\xc3\xa9", 4), "ab\xc3\xa9");
    CU_ASSERT_STRING_EQUAL(ctl_printable(to, 7, "a\n", 2), "a");
    CU_ASSERT_STRING_EQUAL(ctl_printable(to, 8, "a\n", 2), "a\\u000a");
}

static void times_and_sizes_are_short(void)
{
    static const struct {
        double value;
        const char *duration, *bytes;
    } rows[] = {
        {0, "0 s", "0 B"},
        {59.9, "59 s", "60 B"},
        {60, "1 min 0 s", "60 B"},
        {3725, "1 h 2 min", "3.6 KiB"},
        {90000, "1 d 1 h", "87.9 KiB"},
        {3.0 * (1 << 20), "36 d 9 h", "3.0 MiB"},
        {-1, "0 s", "-1 B"},
    };
    char text[32];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT_STRING_EQUAL(ctl_duration(text, rows[i].value), rows[i].duration);
        CU_ASSERT_STRING_EQUAL(ctl_bytes(text, rows[i].value), rows[i].bytes);
    }
}

static void members_become_text(void)
{
    static const char json[] =
        "{\"s\":\"a\\u001b\",\"e\":\"\",\"i\":-5,\"d\":1.5,\"t\":true,\"f\":false,\"n\":null,"
        "\"o\":{},\"big\":\"9007199254740993\"}";
    static const char *const rows[][2] = {{"s", "a\\u001b"}, {"e", "-"},   {"i", "-5"},
                                          {"d", "1.5"},      {"t", "yes"}, {"f", "-"},
                                          {"n", "-"},        {"o", "-"},   {"none", "-"}};
    struct goxel_json *root = NULL;
    char text[CTL_TEXT_SIZE];

    CU_ASSERT_EQUAL_FATAL(goxel_json_parse(json, strlen(json), &goxel_json_limits_default, NULL, &root), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CU_ASSERT_STRING_EQUAL(ctl_member_text(root, rows[i][0], text), rows[i][1]);
    CU_ASSERT_EQUAL(ctl_member_number(root, "i"), -5);
    CU_ASSERT_EQUAL(ctl_member_number(root, "big"), 9007199254740992.0);
    CU_ASSERT_EQUAL(ctl_member_number(root, "t"), 0);
    CU_ASSERT_TRUE(ctl_member_true(root, "t"));
    CU_ASSERT_FALSE(ctl_member_true(root, "f"));
    CU_ASSERT_PTR_NULL(ctl_member(root, "s", GOXEL_JSON_INT));
    CU_ASSERT_PTR_NULL(ctl_member(NULL, "s", GOXEL_JSON_STRING));
    goxel_json_free(root);
}

static const struct unit_test tests[] = {
    {"texts are made printable", texts_are_made_printable},
    {"copies end between characters", copies_end_between_characters},
    {"times and sizes are short", times_and_sizes_are_short},
    {"members become text", members_become_text},
    {NULL, NULL},
};

const struct unit_suite print_suite = {"print", tests};
