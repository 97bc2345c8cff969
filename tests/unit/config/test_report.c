/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/report.h"

#include <string.h>

#include "unit.h"

static struct goxel_report report;

static void test_forms(void)
{
    struct goxel_buf errors, warnings;

    goxel_report_init(&report);
    goxel_buf_init(&errors, 4096);
    goxel_buf_init(&warnings, 4096);
    CU_ASSERT_FALSE(goxel_report_bad(&report));
    goxel_report_warning(&report, (struct goxel_origin){"a.conf", 2}, "x.y", "is %d", 3);
    CU_ASSERT_FALSE(goxel_report_bad(&report));
    goxel_report_error(&report, (struct goxel_origin){"a.conf", 7}, "x.y", "is \"%s\"", "\x1b[31m\n");
    goxel_report_error(&report, (struct goxel_origin){"--listen", 0}, "l", "wrong");
    CU_ASSERT_TRUE(goxel_report_bad(&report));
    goxel_report_flush(&report, &errors, &warnings);
    CU_ASSERT_STRING_EQUAL(errors.data, "--listen: l: wrong\na.conf:7: x.y: is \"\\x1b[31m\\x0a\"\n");
    CU_ASSERT_STRING_EQUAL(warnings.data, "a.conf:2: x.y: is 3\n");
    goxel_report_flush(&report, NULL, NULL);
    goxel_report_finish(&report);
    goxel_buf_finish(&errors);
    goxel_buf_finish(&warnings);
}

static void test_order(void)
{
    static const unsigned lines[] = {5, 0, 3, 5, 1};
    struct goxel_buf errors;

    goxel_report_init(&report);
    goxel_buf_init(&errors, 4096);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        goxel_report_error(&report, (struct goxel_origin){"f", lines[i]}, "o", "%zu", i);
    goxel_report_flush(&report, &errors, NULL);
    CU_ASSERT_STRING_EQUAL(errors.data, "f: o: 1\nf:1: o: 4\nf:3: o: 2\nf:5: o: 0\nf:5: o: 3\n");
    goxel_report_finish(&report);
    goxel_buf_finish(&errors);
}

static void test_many(void)
{
    struct goxel_buf errors;
    size_t lines = 0;

    goxel_report_init(&report);
    goxel_buf_init(&errors, 1u << 20);
    for (unsigned i = 0; i < GOXEL_REPORT_LINES_MAX + 7; i++) {
        CU_ASSERT_EQUAL(goxel_report_full(&report), i >= GOXEL_REPORT_LINES_MAX);
        goxel_report_error(&report, (struct goxel_origin){"f", i + 1}, "o", "x");
    }
    goxel_report_flush(&report, &errors, NULL);
    for (size_t i = 0; i < errors.len; i++)
        lines += errors.data[i] == '\n';
    CU_ASSERT_EQUAL(lines, GOXEL_REPORT_LINES_MAX + 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(errors.data, "\nand 7 more\n"));
    goxel_report_finish(&report);
    goxel_buf_finish(&errors);
}

static const struct unit_test tests[] = {
    {"the forms of a line", test_forms},
    {"by line, then as they came", test_order},
    {"of very many the first", test_many},
    {NULL, NULL},
};

const struct unit_suite suite_report = {"report", tests};
