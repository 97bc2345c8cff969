/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/detail.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/utf8.h"
#include "unit.h"

static void check_print(int code, const struct goxel_detail *detail, const char *expected)
{
    struct goxel_buf buf;

    goxel_buf_init(&buf, 4096);
    goxel_detail_print(&buf, code, detail);
    CU_ASSERT_STRING_EQUAL(buf.data, expected);
    goxel_buf_finish(&buf);
}

static void a_failure_is_one_statement(void)
{
    struct goxel_detail d;

    CU_ASSERT_EQUAL(goxel_fail(&d, GOXEL_ERROR_LOCKED, "by %s", "another"), GOXEL_ERROR_LOCKED);
    CU_ASSERT_STRING_EQUAL(d.text, "by another");
    CU_ASSERT_EQUAL(d.offset, -1);
    CU_ASSERT_EQUAL(d.line, 0);
    CU_ASSERT_FALSE(d.has_limit);
    check_print(GOXEL_ERROR_LOCKED, &d, "locked: by another");
    check_print(GOXEL_ERROR_LOCKED, NULL, "locked");
    goxel_detail_init(&d);
    check_print(GOXEL_ERROR_LOCKED, &d, "locked");
}

static void nobody_has_to_care(void)
{
    CU_ASSERT_EQUAL(goxel_fail(NULL, GOXEL_ERROR_LOCKED, "x"), GOXEL_ERROR_LOCKED);
    CU_ASSERT_EQUAL(goxel_fail_value(NULL, GOXEL_ERROR_LOCKED, "f", "v", "e"), GOXEL_ERROR_LOCKED);
    CU_ASSERT_EQUAL(goxel_fail_limit(NULL, GOXEL_ERROR_LOCKED, "w", 1, 2), GOXEL_ERROR_LOCKED);
    CU_ASSERT_EQUAL(goxel_fail_at(NULL, GOXEL_ERROR_LOCKED, 1, 2, "x"), GOXEL_ERROR_LOCKED);
    CU_ASSERT_EQUAL(goxel_fail_errno(NULL, GOXEL_ERROR_LOCKED, EIO, "w", "p"), GOXEL_ERROR_LOCKED);
}

static void a_value_comes_with_what_was_expected(void)
{
    struct goxel_detail d;

    CU_ASSERT_EQUAL(goxel_fail_value(&d, GOXEL_ERROR_INVALID_PARAMS, "x", "\"7\"", "an integer up to %d", 9),
                    GOXEL_ERROR_INVALID_PARAMS);
    CU_ASSERT_STRING_EQUAL(d.field, "x");
    CU_ASSERT_STRING_EQUAL(d.value, "\"7\"");
    CU_ASSERT_STRING_EQUAL(d.expected, "an integer up to 9");
    check_print(GOXEL_ERROR_INVALID_PARAMS, &d, "Invalid params: x: expected an integer up to 9, got \"7\"");
    (void)goxel_fail_value(&d, GOXEL_ERROR_INVALID_PARAMS, "x", NULL, "an integer");
    CU_ASSERT_STRING_EQUAL(d.value, "");
    check_print(GOXEL_ERROR_INVALID_PARAMS, &d, "Invalid params: x: expected an integer");
}

static void a_ceiling_names_both_numbers(void)
{
    struct goxel_detail d;

    (void)goxel_fail_limit(&d, GOXEL_ERROR_BATCH_SIZE, "requests", 1000, 1001);
    CU_ASSERT_TRUE(d.has_limit);
    CU_ASSERT_EQUAL(d.limit, 1000);
    CU_ASSERT_EQUAL(d.given, 1001);
    check_print(GOXEL_ERROR_BATCH_SIZE, &d,
                "Invalid Request: batch too long: requests: 1001 is above the limit of 1000");
}

static void a_place_is_a_line_and_an_offset(void)
{
    struct goxel_detail d;

    (void)goxel_fail_at(&d, GOXEL_ERROR_INVALID_DATA, 3, 17, "no such chunk");
    check_print(GOXEL_ERROR_INVALID_DATA, &d, "invalid binary data: no such chunk, line 3, offset 17");
    (void)goxel_fail_at(&d, GOXEL_ERROR_INVALID_DATA, 0, 0, "no magic number");
    memcpy(d.path, "a.gox", sizeof("a.gox"));
    check_print(GOXEL_ERROR_INVALID_DATA, &d, "invalid binary data: no magic number, offset 0, in a.gox");
}

static void a_system_call_names_file_and_reason(void)
{
    struct goxel_detail d;

    (void)goxel_fail_errno(&d, GOXEL_ERROR_FILE_ACCESS, ENOENT, "open", "/a/b");
    CU_ASSERT_EQUAL(d.errnum, ENOENT);
    CU_ASSERT_STRING_EQUAL(d.path, "/a/b");
    check_print(GOXEL_ERROR_FILE_ACCESS, &d, "file access failed: open /a/b: No such file or directory");
    (void)goxel_fail_errno(&d, GOXEL_ERROR_GENERAL, EMFILE, "eventfd", NULL);
    check_print(GOXEL_ERROR_GENERAL, &d, "internal error: eventfd: Too many open files");
}

/* Everything shown is printable, cut between characters, and ends in its NUL. */
static void hostile_text_is_made_printable(void)
{
    char hostile[2001];
    struct goxel_detail d;

    for (size_t i = 0; i < 2000; i++)
        hostile[i] = "\xe2\x82\xac\n\xff"[i % 5];
    hostile[2000] = '\0';
    (void)goxel_fail_value(&d, GOXEL_ERROR_INVALID_PARAMS, hostile, hostile, "%s", hostile);
    const char *const texts[] = {d.text, d.field, d.value, d.expected};

    for (size_t i = 0; i < 4; i++) {
        size_t len = strlen(texts[i]);

        CU_ASSERT(len > 50);
        for (size_t at = 0, n; at < len; at += n) {
            n = goxel_utf8_length(texts[i] + at, len - at);
            CU_ASSERT_FATAL(n > 0);
            CU_ASSERT((unsigned char)texts[i][at] >= 0x20);
        }
    }
    (void)goxel_fail(&d, GOXEL_ERROR_GENERAL, "%s", "one\ntwo");
    CU_ASSERT_STRING_EQUAL(d.text, "one\\x0atwo");
}

static const struct unit_test tests[] = {
    {"a failure is one statement", a_failure_is_one_statement},
    {"nobody has to care", nobody_has_to_care},
    {"a value comes with what was expected", a_value_comes_with_what_was_expected},
    {"a ceiling names both numbers", a_ceiling_names_both_numbers},
    {"a place is a line and an offset", a_place_is_a_line_and_an_offset},
    {"a system call names file and reason", a_system_call_names_file_and_reason},
    {"hostile text is made printable", hostile_text_is_made_printable},
    {NULL, NULL},
};

const struct unit_suite detail_suite = {"detail", tests};
