/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* Tokens as letters: w, s, the character itself, ! for a fault, and the line of each. */
static void expect(const char *text, const char *tokens, const char *lines)
{
    size_t len = strlen(text);
    char *copy = malloc(len ? len : 1); /* no byte more than there is */
    struct goxel_scan scan;
    char got[64] = "", at[64] = "";
    size_t n = 0;
    int token;

    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    memcpy(copy, text, len);
    goxel_scan_init(&scan, copy, len);
    do {
        token = goxel_scan_next(&scan);
        if (token == GOXEL_TOKEN_END || n + 1 >= sizeof(got))
            break;
        got[n] = (char)(token == GOXEL_TOKEN_WORD     ? 'w'
                        : token == GOXEL_TOKEN_STRING ? 's'
                        : token == GOXEL_TOKEN_FAULT  ? '!'
                                                      : token);
        at[n++] = (char)('0' + scan.start_line);
    } while (token != GOXEL_TOKEN_FAULT);
    if (strcmp(got, tokens) != 0 || strcmp(at, lines) != 0)
        printf("\n%s\n  gave %s %s\n", text, got, at);
    CU_ASSERT_STRING_EQUAL(got, tokens);
    CU_ASSERT_STRING_EQUAL(at, lines);
    free(copy);
}

static void test_tokens(void)
{
    expect("", "", "");
    expect(" \t\r\n", "", "");
    expect("workers { count = 4 }", "w{w=w}", "111111");
    expect("a=\"b c\"\nl={'x', y,}", "w=sw={s,w,}", "11122222222");
    expect("a = /run/goxel//x", "w=w", "111");
    expect("a += b", "w+w", "111");
    expect("f(\"x\")", "w(s)", "1111");
    expect("a;b [::1]:80 \xc3\xa9", "www", "111");
}

static void test_comments(void)
{
    expect("# one\na // two\nb /* three\n\n*/ c", "www", "235");
    expect("a#b\nc", "ww", "12");
    expect("//", "", "");
    expect("/**/a", "w", "1");
    expect("l = { a, # why\n b }", "w={w,w}", "1111122");
    expect("a \"# no\" '// no'", "wss", "111");
}

static void test_strings(void)
{
    expect("\"\\\\ \\\" \\$\"", "s", "1");
    expect("\"\\${HOME}\"", "s", "1");
    expect("'${HOME} \\n \\' \\\\'", "s", "1");
    expect("\"$ {\"", "s", "1");
}

static void test_faults(void)
{
    expect("a = \"b", "w=!", "111");
    expect("a = 'b", "w=!", "111");
    expect("a = \"b\nc\"", "w=!", "111");
    expect("\n\"\\", "!", "2");
    expect("'\\", "!", "1");
    expect("\"\\n\"", "!", "1");
    expect("\"\\0\"", "!", "1");
    expect("\"\\x41\"", "!", "1");
    expect("\"\\\n\"", "!", "1");
    expect("\"\t\"", "!", "1");
    expect("\"${HOME}\"", "!", "1");
    expect("a = ${HOME}", "w=!", "111");
    expect("a = b${", "w=!", "111");
    expect("a\n/* b", "w!", "12");
    expect("/*/", "!", "1");
    expect("a * b", "w!", "11");
    expect("a + b", "w!", "11");
    expect("\xef\xbb\xbf"
           "a",
           "!", "1");
    expect("a\xef\xbb\xbf", "w", "1");
    expect("\x01", "!", "1");
    expect("a\x7f", "w!", "11");
    expect("a\vb", "w!", "11");
}

static void test_nul(void)
{
    char text[] = "a = b\0c";
    struct goxel_scan scan;

    goxel_scan_init(&scan, text, sizeof(text) - 1);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_NOT_EQUAL(goxel_scan_next(&scan), GOXEL_TOKEN_FAULT);
    CU_ASSERT_EQUAL(goxel_scan_next(&scan), GOXEL_TOKEN_FAULT);
    CU_ASSERT_EQUAL(goxel_scan_next(&scan), GOXEL_TOKEN_FAULT);
    CU_ASSERT_STRING_EQUAL(scan.fault, "NUL byte");
}

static void test_long_tokens(void)
{
    static const char quotes[] = "w\"'";

    for (size_t q = 0; q < 3; q++) {
        for (size_t over = 0; over < 2; over++) {
            size_t len = GOXEL_TOKEN_BYTES_MAX + over;
            char *text = malloc(len);
            struct goxel_scan scan;
            int token;

            CU_ASSERT_PTR_NOT_NULL_FATAL(text);
            memset(text, 'x', len);
            if (quotes[q] != 'w')
                text[0] = text[len - 1] = quotes[q];
            goxel_scan_init(&scan, text, len);
            token = goxel_scan_next(&scan);
            CU_ASSERT_EQUAL(token == GOXEL_TOKEN_FAULT, over == 1);
            free(text);
        }
    }
}

static void test_blank(void)
{
    char text[] = "a # b\nc /* d\ne */ f";
    struct goxel_scan scan;

    goxel_scan_init(&scan, text, strlen(text));
    while (goxel_scan_next(&scan) != GOXEL_TOKEN_END)
        continue;
    CU_ASSERT_STRING_EQUAL(text, "a    \nc     \n     f");
}

static const struct unit_test tests[] = {
    {"words, strings and signs", test_tokens},
    {"comments", test_comments},
    {"what a string may hold", test_strings},
    {"faults", test_faults},
    {"a NUL byte", test_nul},
    {"tokens have a longest length", test_long_tokens},
    {"comments are blanked, lines stay", test_blank},
    {NULL, NULL},
};

const struct unit_suite suite_scan = {"scan", tests};
