/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"

#include <stdint.h>

#include "unit.h"

static void dates_are_rfc_3339(void)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1, "1970-01-01T00:00:00.001Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {951782400000, "2000-02-29T00:00:00.000Z"},
        {1795404562123, "2026-11-23T03:29:22.123Z"},
        {253402300799999, "9999-12-31T23:59:59.999Z"},
        {INT64_MAX, "9999-12-31T23:59:59.999Z"},
        {INT64_MIN, "0000-01-01T00:00:00.000Z"},
    };
    char text[GOXEL_TIME_TEXT_SIZE];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        goxel_time_text(cases[i].ms, text);
        CU_ASSERT_STRING_EQUAL(text, cases[i].text);
    }
}

static void the_monotonic_clock_never_goes_back(void)
{
    int64_t before = goxel_clock_ns();

    for (int i = 0; i < 1000; i++) {
        int64_t now = goxel_clock_ns();

        CU_ASSERT(now >= before);
        before = now;
    }
    CU_ASSERT(goxel_clock_ms() >= before / 1000000);
}

static void the_wall_clock_is_of_our_time(void)
{
    CU_ASSERT(goxel_wall_ms() > 1577836800000); /* 2020 */
}

static const struct unit_test tests[] = {
    {"dates are RFC 3339", dates_are_rfc_3339},
    {"the monotonic clock never goes back", the_monotonic_clock_never_goes_back},
    {"the wall clock is of our time", the_wall_clock_is_of_our_time},
    {NULL, NULL},
};

const struct unit_suite clock_suite = {"clock", tests};
