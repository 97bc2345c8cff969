/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/reader.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "config/table.h"
#include "unit.h"

static int note(void *ctx, int slot, unsigned line, const char *text)
{
    return goxel_buf_printf(ctx, "%s:%u=%s;", goxel_option_rows[slot].full, line, text);
}

static int refuse(void *ctx, int slot, unsigned line, const char *text)
{
    (void)ctx;
    (void)slot;
    (void)line;
    (void)text;
    return GOXEL_ERROR_QUOTA;
}

static void expect(const char *text, size_t count, const char *values)
{
    struct goxel_buf got;

    goxel_buf_init(&got, 1u << 16);
    CU_ASSERT_EQUAL(goxel_reader_run(text, count, note, &got), 0);
    CU_ASSERT_STRING_EQUAL(got.data ? got.data : "", values);
    goxel_buf_finish(&got);
}

static void test_values(void)
{
    expect("", 0, "");
    expect("workers { }", 0, "");
    expect("workers { count = 4 }", 1, "workers.count:1=4;");
    expect(
        "sockets {\n tcp {\n port = '1' }\n unix { path = \"/a b\" }\n send_timeout_ms = x }\nworkers { count = 2 }",
        4, "sockets.tcp.port:3=1;sockets.unix.path:4=/a b;sockets.send_timeout_ms:5=x;workers.count:6=2;");
    expect("workers { count = 4 }\nworkers { queue_size = 5 }", 2,
           "workers.count:1=4;workers.queue_size:2=5;");
    expect("health { recover_on = {} }", 0, "");
    expect("storage {\nallowed_roots = {'/a',\n/b,}\n}", 2,
           "storage.allowed_roots:2=/a;storage.allowed_roots:3=/b;");
}

static void test_quotes(void)
{
    expect("logging { file = \"\\\\ \\\" \\$ \\${HOME} # //\" }", 1, "logging.file:1=\\ \" $ ${HOME} # //;");
    expect("logging { file = '${HOME} \\n \\' \\\\' }", 1, "logging.file:1=${HOME} \\n ' \\;");
    expect("logging { file = /a//b;c }", 1, "logging.file:1=/a//b;c;");
}

static void test_every_option_is_in_the_schema(void)
{
    for (int slot = 0; slot < GOXEL_SLOT_COUNT; slot++) {
        const struct goxel_option_row *row = &goxel_option_rows[slot];
        const char *dot = strchr(row->section, '.');
        char text[256], values[256];

        if (dot)
            (void)snprintf(text, sizeof(text), "%.*s { %s { %s = v } }", (int)(dot - row->section),
                           row->section, dot + 1, row->name);
        else
            (void)snprintf(text, sizeof(text), "%s { %s = v }", row->section, row->name);
        (void)snprintf(values, sizeof(values), "%s:1=v;", row->full);
        expect(text, 1, values);
    }
}

static void test_the_callback_stops_it(void)
{
    CU_ASSERT_EQUAL(goxel_reader_run("workers { count = 4 }", 1, refuse, NULL), GOXEL_ERROR_QUOTA);
    expect("workers { count = 4 }", 1, "workers.count:1=4;");
}

/* Whatever went wrong, a reading that did not hand on every value is no success. */
static void test_a_missing_value_is_a_failure(void)
{
    struct goxel_buf got;

    goxel_buf_init(&got, 1u << 16);
    CU_ASSERT_EQUAL(goxel_reader_run("workers { count = 4 }", 2, note, &got), GOXEL_ERROR_OUT_OF_MEMORY);
    CU_ASSERT_EQUAL(goxel_reader_run("workers { count = 4", 2, note, &got), GOXEL_ERROR_OUT_OF_MEMORY);
    CU_ASSERT_EQUAL(goxel_reader_run("kitchen { }", 1, note, &got), GOXEL_ERROR_OUT_OF_MEMORY);
    goxel_buf_finish(&got);
    expect("workers { count = 4 }", 1, "workers.count:1=4;");
}

static const struct unit_test tests[] = {
    {"values in their order", test_values},
    {"quotes", test_quotes},
    {"every option is in the schema", test_every_option_is_in_the_schema},
    {"the callback stops it", test_the_callback_stops_it},
    {"a missing value is a failure", test_a_missing_value_is_a_failure},
    {NULL, NULL},
};

const struct unit_suite suite_reader = {"reader", tests};
