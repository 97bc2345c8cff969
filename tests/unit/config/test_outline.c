/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/outline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* What is left of a text, the values in it, and what was said (NULL: nothing). */
static void expect(const char *text, const char *left, size_t values, const char *said)
{
    static struct goxel_report report;
    unsigned lines[GOXEL_SLOT_COUNT];
    size_t len = strlen(text);
    char *copy = malloc(len + GOXEL_OUTLINE_ROOM);
    struct goxel_buf errors;
    size_t got;

    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    memcpy(copy, text, len);
    goxel_report_init(&report);
    goxel_buf_init(&errors, 1u << 20);
    got = goxel_outline(copy, len, "f", &report, lines);
    goxel_report_flush(&report, &errors, NULL);
    goxel_report_finish(&report);
    if (strcmp(copy, left) != 0 || strcmp(errors.data ? errors.data : "", said ? said : "") != 0)
        printf("\n%s\n  left %s\n  said %s\n", text, copy, errors.data ? errors.data : "nothing");
    CU_ASSERT_STRING_EQUAL(copy, left);
    CU_ASSERT_EQUAL(got, values);
    CU_ASSERT_STRING_EQUAL(errors.data ? errors.data : "", said ? said : "");
    goxel_buf_finish(&errors);
    free(copy);
}

static void test_good_text_stays(void)
{
    static const char *const texts[] = {
        "",
        "workers { }",
        "workers { count = 4 queue_size = \"5\" }\nsockets { tcp { port = 1 } unix { } }",
        "workers { count = 4 }\nworkers { queue_size = 5 }",
    };
    static const size_t values[] = {0, 0, 3, 2};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        expect(texts[i], texts[i], values[i], NULL);
    expect("storage { allowed_roots = {'/a', /b,} }", "storage { allowed_roots = {'/a', /b,} }", 2, NULL);
    expect("storage { allowed_roots = {} }", "storage { allowed_roots = {} }", 0, NULL);
    expect("storage { allowed_roots = /a }", "storage { allowed_roots = /a }", 1, NULL);
}

static void test_lines(void)
{
    static struct goxel_report report;
    char text[200] = "# x\n/*\n*/ sockets {\n tcp { port\n= 1 }\nsend_timeout_ms = 5 }";
    unsigned lines[GOXEL_SLOT_COUNT];
    size_t given = 0;

    goxel_report_init(&report);
    goxel_outline(text, strlen(text), "f", &report, lines);
    CU_ASSERT_FALSE(goxel_report_bad(&report));
    CU_ASSERT_EQUAL(lines[GOXEL_OPT_SOCKETS_TCP_PORT], 4);
    CU_ASSERT_EQUAL(lines[GOXEL_OPT_SOCKETS_SEND_TIMEOUT_MS], 6);
    for (size_t i = 0; i < GOXEL_SLOT_COUNT; i++)
        given += lines[i] != 0;
    CU_ASSERT_EQUAL(given, 2);
    goxel_report_finish(&report);
}

static void test_unknown_names_are_skipped(void)
{
    expect("workers { cuont = 4 count = 5 }", "workers {           count = 5 }", 1,
           "f:1: workers.cuont: unknown option, did you mean \"workers.count\"?\n");
    expect("workers { xyzzy = {a,b} count = 5 }", "workers {               count = 5 }", 1,
           "f:1: workers.xyzzy: unknown option\n");
    expect("kitchen { a { b = {c} } }\nworkers { }", "                         \nworkers { }", 0,
           "f:1: kitchen: unknown section\n");
    expect("tcp { port = 1 }", "                ", 0,
           "f:1: tcp: unknown section, did you mean \"sockets.tcp\"?\n");
    expect("workers = 4", "           ", 0, "f:1: workers: is a section: workers { ... }\n");
    expect("workers { count { } }", "workers {           }", 0,
           "f:1: workers.count: is an option: count = ...\n");
    expect("port = 1", "        ", 0, "f:1: port: unknown option, did you mean \"sockets.tcp.port\"?\n");
    expect("sockets|tcp|port = 1", "                    ", 0, "f:1: sockets|tcp|port: unknown option\n");
}

static void test_twice(void)
{
    expect("workers { count = 1\ncount = 2 }", "workers { count = 1\n          }", 1,
           "f:2: workers.count: already given on line 1\n");
    expect("workers { count = 1 }\nworkers { count = 1 }", "workers { count = 1 }\nworkers {           }", 1,
           "f:2: workers.count: already given on line 1\n");
}

static void test_lists(void)
{
    expect("workers { count = {1} }", "workers {             }", 0,
           "f:1: workers.count: takes one value, not a list\n");
    expect("storage { allowed_roots += {/a} }", "storage { }", 0,
           "f:1: storage.allowed_roots: a list is given whole, with = instead of +=\n");
    expect("storage { allowed_roots = {,} }", "storage { }", 0,
           "f:1: storage.allowed_roots: expected a value or } before \",\"\n");
    expect("storage { allowed_roots = {a b} }", "storage { }", 0,
           "f:1: storage.allowed_roots: expected , or } before \"b\"\n");
    expect("storage { allowed_roots = {a", "storage { }", 0,
           "f:1: storage.allowed_roots: the file ends, expected , or }\n");
}

static void test_too_many_items(void)
{
    struct goxel_buf text;
    static struct goxel_report report;
    unsigned lines[GOXEL_SLOT_COUNT];

    goxel_buf_init(&text, 1u << 16);
    (void)goxel_buf_puts(&text, "storage { allowed_roots = {");
    for (int i = 0; i < 257; i++)
        (void)goxel_buf_puts(&text, "/a,");
    (void)goxel_buf_puts(&text, "} }");
    CU_ASSERT_EQUAL_FATAL(goxel_buf_reserve(&text, GOXEL_OUTLINE_ROOM), 0);
    goxel_report_init(&report);
    CU_ASSERT_EQUAL(goxel_outline(text.data, text.len, "f", &report, lines), 0);
    CU_ASSERT_STRING_EQUAL(report.errors.text.data,
                           "f:1: storage.allowed_roots: 257 items are more than 256\n");
    goxel_report_finish(&report);
    goxel_buf_finish(&text);
}

/* Everything before the mistake is still read; sections that it cuts short are closed. */
static void test_syntax(void)
{
    expect("workers { count = 1 queue_size }", "workers { count = 1 }", 1,
           "f:1: workers.queue_size: expected = or { before \"}\"\n");
    expect("sockets { tcp { port = 1\n=", "sockets { tcp { port = 1\n}}", 1,
           "f:2: sockets.tcp: expected the name of an option or section before \"=\"\n");
    expect("workers { count = 1", "workers { count = 1}", 1, "f:1: workers: the section is never closed\n");
    expect("sockets {\ntcp {\n}\n", "sockets {\ntcp {\n}\n}", 0,
           "f:1: sockets: the section is never closed\n");
    expect("}", "", 0, "f:1: syntax: a } without its {\n");
    expect("workers { } }", "workers { } ", 0, "f:1: syntax: a } without its {\n");
    expect("workers { count = }", "workers { }", 0, "f:1: workers.count: expected a value before \"}\"\n");
    expect("workers", "", 0, "f:1: workers: the file ends, expected = or {\n");
    expect("\"workers\" { }", "", 0,
           "f:1: syntax: expected the name of an option or section before \"\"workers\"\"\n");
    expect("kitchen {", "", 0, "f:1: kitchen: unknown section\nf:1: kitchen: the file ends, expected }\n");
    expect("workers { count = \"1", "workers { }", 0,
           "f:1: workers.count: the string is not closed on its line\n");
    expect("\n/* workers { }", "\n", 0, "f:2: syntax: the comment is never closed\n");
}

static void test_no_functions(void)
{
    expect("include(\"/etc/passwd\") workers { count = 1 }", "                       workers { count = 1 }",
           1, "f:1: include: there are no functions, and no include()\n");
    expect(
        "include(", "", 0,
        "f:1: include: there are no functions, and no include()\nf:1: include: the file ends, expected )\n");
}

static void test_deep_nesting(void)
{
    size_t depth = 300000;
    char *text = malloc(2 * depth + GOXEL_OUTLINE_ROOM);
    static struct goxel_report report;
    unsigned lines[GOXEL_SLOT_COUNT];

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    for (size_t i = 0; i < depth; i++)
        memcpy(text + 2 * i, "a{", 2);
    goxel_report_init(&report);
    CU_ASSERT_EQUAL(goxel_outline(text, 2 * depth, "f", &report, lines), 0);
    CU_ASSERT_EQUAL(report.errors.count, 2);
    CU_ASSERT_STRING_EQUAL(text, "");
    goxel_report_finish(&report);
    free(text);
}

static const struct unit_test tests[] = {
    {"a good text stays as it is", test_good_text_stays},
    {"where options are given", test_lines},
    {"unknown names are reported and skipped", test_unknown_names_are_skipped},
    {"an option twice", test_twice},
    {"lists", test_lists},
    {"too many items", test_too_many_items},
    {"mistakes in the syntax", test_syntax},
    {"no functions", test_no_functions},
    {"deep nesting", test_deep_nesting},
    {NULL, NULL},
};

const struct unit_suite suite_outline = {"outline", tests};
