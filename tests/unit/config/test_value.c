/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "unit.h"

static const struct goxel_option_row *row_of(enum goxel_option option)
{
    return &goxel_option_rows[option];
}

static bool accepts(const struct goxel_option_row *row, const char *text)
{
    struct goxel_value value = {0};
    struct goxel_detail detail;
    int code;

    goxel_detail_init(&detail);
    code = goxel_value_add(&value, row, text, &detail);
    CU_ASSERT_TRUE(code == 0 || code == DAEMON_ERROR_CONFIG_INVALID);
    if (code != 0) {
        CU_ASSERT_STRING_EQUAL(detail.field, row->full);
        CU_ASSERT_TRUE(detail.expected[0]);
    }
    goxel_value_finish(&value);
    return code == 0;
}

static void test_defaults_pass_their_own_check(void)
{
    for (int slot = 0; slot < GOXEL_SLOT_COUNT; slot++) {
        struct goxel_value value = {0};

        CU_ASSERT_EQUAL(goxel_value_set_default(&value, &goxel_option_rows[slot]), 0);
        goxel_value_finish(&value);
    }
}

/* Every row with a range: both ends in, one beyond out. */
static void test_ranges(void)
{
    for (int slot = 0; slot < GOXEL_OPTION_COUNT; slot++) {
        const struct goxel_option_row *row = &goxel_option_rows[slot];
        bool octal = row->kind == GOXEL_KIND_OCTAL;
        char text[40];

        if (row->kind != GOXEL_KIND_INT && !octal)
            continue;
        for (int64_t off = -1; off <= 1; off++) {
            (void)snprintf(text, sizeof(text), octal ? "%#llo" : "%lld", (long long)(row->max + off));
            CU_ASSERT_EQUAL(accepts(row, text), off <= 0);
            (void)snprintf(text, sizeof(text), octal && row->min + off >= 0 ? "%#llo" : "%lld",
                           (long long)(row->min + off));
            CU_ASSERT_EQUAL(accepts(row, text), off >= 0);
        }
    }
}

static void test_lengths(void)
{
    static const enum goxel_option paths[] = {GOXEL_OPT_LOGGING_FILE, GOXEL_OPT_SOCKETS_UNIX_PATH,
                                              GOXEL_OPT_STORAGE_ALLOWED_ROOTS};

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        const struct goxel_option_row *row = row_of(paths[i]);
        size_t longest = (size_t)row->max;
        char *text = malloc(longest + 2);

        CU_ASSERT_PTR_NOT_NULL_FATAL(text);
        memset(text, 'x', longest + 1);
        text[0] = '/';
        text[longest + 1] = '\0';
        CU_ASSERT_FALSE(accepts(row, text));
        text[longest] = '\0';
        CU_ASSERT_TRUE(accepts(row, text));
        CU_ASSERT_FALSE(accepts(row, ""));
        CU_ASSERT_FALSE(accepts(row, "x"));
        CU_ASSERT_FALSE(accepts(row, "/x\n"));
        CU_ASSERT_FALSE(accepts(row, "/x\x7f"));
        free(text);
    }
    CU_ASSERT_EQUAL(row_of(GOXEL_OPT_SOCKETS_UNIX_PATH)->max, 107);
}

static void test_root_directories(void)
{
    static const struct {
        const char *text, *kept;
    } rows[] = {
        {"", ""},
        {"/", "/"},
        {"///", "/"},
        {"/srv/jail", "/srv/jail"},
        {"/srv/jail/", "/srv/jail"},
        {"//srv///jail//", "/srv/jail"},
        {"/a/ /", "/a/ "},
    };
    const struct goxel_option_row *row = row_of(GOXEL_OPT_SECURITY_CHROOT_DIRECTORY);
    struct goxel_value value = {0};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT_EQUAL(goxel_value_add(&value, row, rows[i].text, NULL), 0);
        CU_ASSERT_STRING_EQUAL(value.text, rows[i].kept);
    }
    CU_ASSERT_FALSE(accepts(row, "/srv//../jail"));
    CU_ASSERT_FALSE(accepts(row, "/srv//./jail"));
    goxel_value_finish(&value);
}

static void test_choices(void)
{
    struct goxel_value value = {0};
    const struct goxel_option_row *colors = row_of(GOXEL_OPT_LOGGING_USE_COLORS);

    CU_ASSERT_TRUE(accepts(row_of(GOXEL_OPT_LOGGING_LEVEL), "error"));
    CU_ASSERT_TRUE(accepts(row_of(GOXEL_OPT_LOGGING_LEVEL), "debug"));
    CU_ASSERT_FALSE(accepts(row_of(GOXEL_OPT_LOGGING_LEVEL), ""));
    CU_ASSERT_FALSE(accepts(row_of(GOXEL_OPT_LOGGING_LEVEL), "warn|info"));
    CU_ASSERT_FALSE(accepts(row_of(GOXEL_OPT_LOGGING_LEVEL), "inf"));
    CU_ASSERT_FALSE(accepts(row_of(GOXEL_OPT_LOGGING_LEVEL), "yes"));
    CU_ASSERT_EQUAL(goxel_value_add(&value, colors, "off", NULL), 0);
    CU_ASSERT_STRING_EQUAL(value.text, "false");
    CU_ASSERT_EQUAL(goxel_value_add(&value, colors, "auto", NULL), 0);
    CU_ASSERT_STRING_EQUAL(value.text, "auto");
    goxel_value_finish(&value);
}

static void test_a_refused_value_changes_nothing(void)
{
    struct goxel_value value = {0};

    CU_ASSERT_EQUAL(goxel_value_add(&value, row_of(GOXEL_OPT_WORKERS_COUNT), "7", NULL), 0);
    CU_ASSERT_EQUAL(goxel_value_add(&value, row_of(GOXEL_OPT_WORKERS_COUNT), "0", NULL),
                    DAEMON_ERROR_CONFIG_INVALID);
    CU_ASSERT_EQUAL(value.number, 7);
    goxel_value_finish(&value);
    CU_ASSERT_EQUAL(goxel_value_add(&value, row_of(GOXEL_OPT_STORAGE_ALLOWED_ROOTS), "/a", NULL), 0);
    CU_ASSERT_EQUAL(goxel_value_add(&value, row_of(GOXEL_OPT_STORAGE_ALLOWED_ROOTS), "a", NULL),
                    DAEMON_ERROR_CONFIG_INVALID);
    CU_ASSERT_EQUAL(value.count, 1);
    goxel_value_finish(&value);
}

static void test_lists_have_a_ceiling(void)
{
    struct goxel_value value = {0};

    for (int i = 0; i < GOXEL_ITEMS_MAX; i++)
        CU_ASSERT_EQUAL(goxel_value_add(&value, row_of(GOXEL_OPT_STORAGE_ALLOWED_ROOTS), "/a", NULL), 0);
    CU_ASSERT_EQUAL(goxel_value_add(&value, row_of(GOXEL_OPT_STORAGE_ALLOWED_ROOTS), "/a", NULL),
                    DAEMON_ERROR_CONFIG_INVALID);
    CU_ASSERT_EQUAL(value.count, GOXEL_ITEMS_MAX);
    goxel_value_finish(&value);
}

static void test_copy_and_same(void)
{
    for (int slot = 0; slot < GOXEL_SLOT_COUNT; slot++) {
        struct goxel_value value = {0}, copy = {0}, empty = {0};
        const struct goxel_option_row *row = &goxel_option_rows[slot];

        CU_ASSERT_EQUAL(goxel_value_set_default(&value, row), 0);
        CU_ASSERT_EQUAL(goxel_value_copy(&copy, &value), 0);
        CU_ASSERT_TRUE(goxel_value_same(&value, &copy));
        if (value.text || value.number || value.count)
            CU_ASSERT_FALSE(goxel_value_same(&value, &empty) || goxel_value_same(&empty, &value));
        goxel_value_finish(&value);
        goxel_value_finish(&copy);
        goxel_value_finish(&copy);
    }
}

static void test_describe(void)
{
    static const struct {
        enum goxel_option option;
        const char *text;
    } rows[] = {
        {GOXEL_OPT_WORKERS_COUNT, "a whole number from 1 to 256 (threads)"},
        {GOXEL_OPT_SOCKETS_TCP_PORT, "a whole number from 0 to 65535"},
        {GOXEL_OPT_SECURITY_UMASK, "an octal number from 0 to 0777 with a leading 0"},
        {GOXEL_OPT_LOGGING_LEVEL, "one of error, warn, info, debug"},
        {GOXEL_OPT_PROCESS_DAEMONIZE, "true or false"},
        {GOXEL_OPT_SOCKETS_UNIX_PATH, "an absolute path of at most 107 bytes"},
        {GOXEL_OPT_HEALTH_RECOVER_ON, "one of responsive, memory, queue, script"},
        {GOXEL_OPT_HEALTH_CHECK_SCRIPT, "empty or an absolute path of at most 4096 bytes"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct goxel_buf text;

        goxel_buf_init(&text, 512);
        goxel_value_describe(row_of(rows[i].option), &text);
        CU_ASSERT_STRING_EQUAL(text.data, rows[i].text);
        goxel_buf_finish(&text);
    }
}

static const struct unit_test tests[] = {
    {"every default passes its own check", test_defaults_pass_their_own_check},
    {"the ends of every range", test_ranges},
    {"lengths and bytes of paths", test_lengths},
    {"root directories", test_root_directories},
    {"choices", test_choices},
    {"a refused value changes nothing", test_a_refused_value_changes_nothing},
    {"lists have a ceiling", test_lists_have_a_ceiling},
    {"copies are the same", test_copy_and_same},
    {"what is accepted, in words", test_describe},
    {NULL, NULL},
};

const struct unit_suite suite_value = {"value", tests};
