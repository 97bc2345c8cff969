/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a round trip has changed no more than a format's limits allow. Used by the tests and by the fuzz targets. */
#ifndef GOXEL_TESTS_FORMAT_WITHIN_H
#define GOXEL_TESTS_FORMAT_WITHIN_H

#include "core/cursor.h"
#include "format/format.h"

static inline struct goxel_color within_color(const struct goxel_format_limits *limits,
                                              struct goxel_color color)
{
    if (!limits->alpha && color.a > 0)
        color.a = color.a < 127 ? 0 : 255;
    if (limits->colors == 1)
        color.r = color.g = color.b = 0;
    return color;
}

/* `again` is what the volume became, as one volume. */
static inline bool within_limits(const struct goxel_format_limits *limits, const struct goxel_volume *volume,
                                 const struct goxel_volume *again)
{
    struct goxel_box box = {{0, 0, 0}, {0, 0, 0}};
    struct goxel_pos zero = {0, 0, 0}, from;
    struct goxel_cursor cursor;
    int64_t count = 0;

    (void)goxel_volume_bounds(volume, &box);
    from = limits->positions ? zero : box.min;
    goxel_cursor_begin(&cursor, volume, NULL);
    while (goxel_cursor_next(&cursor)) {
        struct goxel_pos to = {cursor.pos.x - from.x, cursor.pos.y - from.y, cursor.pos.z - from.z};
        struct goxel_color want = within_color(limits, cursor.color);
        struct goxel_color got = within_color(limits, goxel_volume_get_at(again, to));

        if (want.a == 0)
            continue;
        count++;
        if (memcmp(&want, &got, sizeof(got)) != 0)
            return false;
    }
    return limits->surface || goxel_volume_count(again) == count;
}

#endif
