/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two clocks and one way to write a date.
 */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

/* 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: RFC 3339 has four digits for a year. */
#define FIRST_MS (-62167219200000)
#define LAST_MS 253402300799999

int64_t goxel_clock_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t goxel_clock_ms(void)
{
    return goxel_clock_ns() / 1000000;
}

int64_t goxel_wall_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void goxel_time_text(int64_t wall_ms, char ret_text[GOXEL_TIME_TEXT_SIZE])
{
    int64_t bounded = wall_ms < FIRST_MS ? FIRST_MS : wall_ms > LAST_MS ? LAST_MS : wall_ms;
    int64_t ms = (bounded % 1000 + 1000) % 1000; /* before 1970 too */
    time_t seconds = (time_t)((bounded - ms) / 1000);
    struct tm date;
    size_t len;

    (void)gmtime_r(&seconds, &date);
    /* strftime knows that these are two digits each, which the checks of snprintf cannot see. */
    len = (size_t)snprintf(ret_text, GOXEL_TIME_TEXT_SIZE, "%04u", (unsigned)(date.tm_year + 1900) % 10000u);
    len += strftime(ret_text + len, GOXEL_TIME_TEXT_SIZE - len, "-%m-%dT%H:%M:%S", &date);
    (void)snprintf(ret_text + len, GOXEL_TIME_TEXT_SIZE - len, ".%03uZ", (unsigned)ms % 1000u);
}
