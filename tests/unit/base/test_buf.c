/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "unit.h"

static void starts_without_memory(void)
{
    struct goxel_buf buf;

    goxel_buf_init(&buf, 10);
    CU_ASSERT_PTR_NULL(buf.data);
    CU_ASSERT_EQUAL(goxel_buf_puts(&buf, ""), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(buf.data);
    CU_ASSERT_STRING_EQUAL(buf.data, "");
    goxel_buf_finish(&buf);
    CU_ASSERT_PTR_NULL(buf.data);
    goxel_buf_finish(&buf);
    goxel_buf_finish(NULL);
}

static void pieces_add_up(void)
{
    struct goxel_buf buf;

    goxel_buf_init(&buf, 1000);
    CU_ASSERT_EQUAL(goxel_buf_append(&buf, "a\0b", 3), 0);
    CU_ASSERT_EQUAL(goxel_buf_putc(&buf, '-'), 0);
    CU_ASSERT_EQUAL(goxel_buf_printf(&buf, "%d %s", 42, "x"), 0);
    CU_ASSERT_EQUAL(goxel_buf_put_le32(&buf, 0x80010203), 0);
    CU_ASSERT_EQUAL(buf.len, 12);
    CU_ASSERT_EQUAL(memcmp(buf.data, "a\0b-42 x\x03\x02\x01\x80", 13), 0);
    goxel_buf_finish(&buf);
}

static void the_ceiling_can_be_reached_and_not_passed(void)
{
    struct goxel_buf buf;

    goxel_buf_init(&buf, 100);
    for (int i = 0; i < 100; i++)
        CU_ASSERT_EQUAL(goxel_buf_putc(&buf, 'x'), 0);
    CU_ASSERT(buf.capacity <= 101);
    CU_ASSERT_EQUAL(goxel_buf_append(&buf, "", 0), 0);
    CU_ASSERT_EQUAL(goxel_buf_putc(&buf, 'y'), GOXEL_ERROR_MESSAGE_SIZE);
    CU_ASSERT_EQUAL(buf.len, 100);
    CU_ASSERT_EQUAL(buf.data[99], 'x');
    CU_ASSERT_EQUAL(buf.data[100], '\0');
    goxel_buf_finish(&buf);
}

static void the_first_failure_is_remembered(void)
{
    struct goxel_buf buf;

    goxel_buf_init(&buf, 4);
    CU_ASSERT_EQUAL(goxel_buf_puts(&buf, "12345"), GOXEL_ERROR_MESSAGE_SIZE);
    CU_ASSERT_EQUAL(goxel_buf_puts(&buf, "1"), GOXEL_ERROR_MESSAGE_SIZE);
    CU_ASSERT_EQUAL(goxel_buf_printf(&buf, "1"), GOXEL_ERROR_MESSAGE_SIZE);
    CU_ASSERT_EQUAL(goxel_buf_reserve(&buf, 0), GOXEL_ERROR_MESSAGE_SIZE);
    CU_ASSERT_EQUAL(buf.len, 0);
    goxel_buf_clear(&buf);
    CU_ASSERT_EQUAL(goxel_buf_printf(&buf, "%s", "1234"), 0);
    CU_ASSERT_STRING_EQUAL(buf.data, "1234");
    CU_ASSERT_EQUAL(goxel_buf_printf(&buf, "%s", "5"), GOXEL_ERROR_MESSAGE_SIZE);
    CU_ASSERT_STRING_EQUAL(buf.data, "1234");
    goxel_buf_finish(&buf);
}

static void sizes_cannot_wrap(void)
{
    struct goxel_buf buf;

    goxel_buf_init(&buf, SIZE_MAX);
    CU_ASSERT_EQUAL(goxel_buf_puts(&buf, "x"), 0);
    CU_ASSERT_EQUAL(goxel_buf_reserve(&buf, SIZE_MAX), GOXEL_ERROR_MESSAGE_SIZE);
    goxel_buf_finish(&buf);
}

static void reserved_room_does_not_move(void)
{
    struct goxel_buf buf;
    const char *data;

    goxel_buf_init(&buf, 5000);
    CU_ASSERT_EQUAL(goxel_buf_reserve(&buf, 5000), 0);
    data = buf.data;
    for (int i = 0; i < 5000; i++)
        goxel_buf_putc(&buf, 'x');
    CU_ASSERT_EQUAL(buf.failed, 0);
    CU_ASSERT_PTR_EQUAL(buf.data, data);
    goxel_buf_finish(&buf);
}

static void taken_bytes_belong_to_the_caller(void)
{
    struct goxel_buf buf;
    size_t len = 99;
    char *bytes;

    goxel_buf_init(&buf, 100);
    CU_ASSERT_PTR_NULL(goxel_buf_take(&buf, &len));
    CU_ASSERT_EQUAL(len, 0);
    goxel_buf_puts(&buf, "hello");
    bytes = goxel_buf_take(&buf, &len);
    CU_ASSERT_EQUAL(len, 5);
    CU_ASSERT_STRING_EQUAL(bytes, "hello");
    free(bytes);
    CU_ASSERT_EQUAL(buf.len, 0);
    goxel_buf_puts(&buf, "again");
    CU_ASSERT_STRING_EQUAL(buf.data, "again");
    goxel_buf_clear(&buf);
    CU_ASSERT_PTR_NULL(goxel_buf_take(&buf, &len));
    goxel_buf_finish(&buf);
}

static void without_memory_it_fails_and_keeps_what_it_has(void)
{
    struct goxel_buf buf;

    goxel_buf_init(&buf, 10000);
    goxel_buf_puts(&buf, "kept");
    (void)unit_fail_allocation(0);
    CU_ASSERT_EQUAL(goxel_buf_reserve(&buf, 5000), GOXEL_ERROR_OUT_OF_MEMORY);
    CU_ASSERT_EQUAL(goxel_buf_puts(&buf, "lost"), GOXEL_ERROR_OUT_OF_MEMORY);
    (void)unit_fail_allocation(-1);
    CU_ASSERT_STRING_EQUAL(buf.data, "kept");
    goxel_buf_clear(&buf);
    CU_ASSERT_EQUAL(goxel_buf_reserve(&buf, 5000), 0);
    goxel_buf_finish(&buf);
}

static const struct unit_test tests[] = {
    {"starts without memory", starts_without_memory},
    {"pieces add up", pieces_add_up},
    {"the ceiling can be reached and not passed", the_ceiling_can_be_reached_and_not_passed},
    {"the first failure is remembered", the_first_failure_is_remembered},
    {"sizes cannot wrap", sizes_cannot_wrap},
    {"reserved room does not move", reserved_room_does_not_move},
    {"taken bytes belong to the caller", taken_bytes_belong_to_the_caller},
    {"without memory it fails and keeps what it has", without_memory_it_fails_and_keeps_what_it_has},
    {NULL, NULL},
};

const struct unit_suite buf_suite = {"buf", tests};
