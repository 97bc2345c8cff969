/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The forms of a Range header (RFC 9110, 14.1.2), and those that are none. */
#include "http/range.h"

#include "unit.h"

static void forms(void)
{
    static const struct {
        const char *header;
        uint64_t len;
        enum range range;
        uint64_t from, count;
    } rows[] = {
        {NULL, 100, RANGE_ALL, 0, 0},
        {"bytes=0-0", 100, RANGE_PART, 0, 1},
        {"bytes=0-99", 100, RANGE_PART, 0, 100},
        {"bytes=10-", 100, RANGE_PART, 10, 90},
        {"bytes=10-1000", 100, RANGE_PART, 10, 90},
        {"bytes=99-99", 100, RANGE_PART, 99, 1},
        {"bytes=100-", 100, RANGE_NONE, 0, 0},
        {"bytes=0-", 0, RANGE_NONE, 0, 0},
        {"bytes=-1", 100, RANGE_PART, 99, 1},
        {"bytes=-1000", 100, RANGE_PART, 0, 100},
        {"bytes=-0", 100, RANGE_NONE, 0, 0},
        {"bytes=-5", 0, RANGE_NONE, 0, 0},
        {"BYTES=1-2", 100, RANGE_PART, 1, 2},
        {"bytes=1-99999999999999999999999999", 100, RANGE_PART, 1, 99},
        {"bytes=99999999999999999999999999-", 100, RANGE_NONE, 0, 0},
        {"bytes=18446744073709551615-", 100, RANGE_NONE, 0, 0},
        {"bytes=5-4", 100, RANGE_ALL, 0, 0},
        {"bytes=-", 100, RANGE_ALL, 0, 0},
        {"bytes=", 100, RANGE_ALL, 0, 0},
        {"bytes=1", 100, RANGE_ALL, 0, 0},
        {"bytes=a-b", 100, RANGE_ALL, 0, 0},
        {"bytes=0-1,3-4", 100, RANGE_ALL, 0, 0},
        {"lines=0-1", 100, RANGE_ALL, 0, 0},
        {"bytes=--5", 100, RANGE_ALL, 0, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t from = 0, count = 0;

        CU_ASSERT_EQUAL(range_read(rows[i].header, rows[i].len, &from, &count), rows[i].range);
        CU_ASSERT_EQUAL(from, rows[i].from);
        CU_ASSERT_EQUAL(count, rows[i].count);
    }
}

static const struct unit_test tests[] = {
    {"forms", forms},
    {NULL, NULL},
};

const struct unit_suite range_suite = {"range", tests};
