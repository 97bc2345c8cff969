/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One function a mode, and a table of what is known of each. */
#include "core/modes.h"

#include <string.h>

#include "core/brick.h"

static struct goxel_color over(struct goxel_color below, struct goxel_color above)
{
    unsigned under = below.a * (255u - above.a), whole = 255u * above.a + under;

    if (above.a == 255)
        return above;
    if (whole == 0)
        return below;
    return (struct goxel_color){
        (uint8_t)((255u * above.a * above.r + under * below.r) / whole),
        (uint8_t)((255u * above.a * above.g + under * below.g) / whole),
        (uint8_t)((255u * above.a * above.b + under * below.b) / whole),
        (uint8_t)(above.a + under / 255u),
    };
}

static struct goxel_color with_alpha(struct goxel_color color, int alpha)
{
    color.a = (uint8_t)alpha;
    return color;
}

static struct goxel_color sub(struct goxel_color below, struct goxel_color above)
{
    return with_alpha(below, below.a > above.a ? below.a - above.a : 0);
}

static struct goxel_color sub_clamp(struct goxel_color below, struct goxel_color above)
{
    return with_alpha(below, below.a < 255 - above.a ? below.a : 255 - above.a);
}

/* Between the two, rounded down. */
static uint8_t mix(uint8_t below, uint8_t above, uint8_t alpha)
{
    return (uint8_t)((below * (255 - alpha) + above * alpha) / 255);
}

static struct goxel_color paint(struct goxel_color below, struct goxel_color above)
{
    return (struct goxel_color){mix(below.r, above.r, above.a), mix(below.g, above.g, above.a),
                                mix(below.b, above.b, above.a), below.a};
}

static struct goxel_color max(struct goxel_color below, struct goxel_color above)
{
    return above.a ? with_alpha(above, below.a > above.a ? below.a : above.a) : below;
}

static struct goxel_color intersect(struct goxel_color below, struct goxel_color above)
{
    return with_alpha(below, below.a < above.a ? below.a : above.a);
}

static struct goxel_color intersect_fill(struct goxel_color below, struct goxel_color above)
{
    return with_alpha(above, below.a < above.a ? below.a : above.a);
}

static struct goxel_color mult_alpha(struct goxel_color below, struct goxel_color above)
{
    return (struct goxel_color){(uint8_t)(below.r * above.a / 255), (uint8_t)(below.g * above.a / 255),
                                (uint8_t)(below.b * above.a / 255), (uint8_t)(below.a * above.a / 255)};
}

static struct goxel_color replace(struct goxel_color below, struct goxel_color above)
{
    (void)below;
    return above;
}

/* clang-format off */
static const struct mode {
    const char *name;
    struct goxel_color (*combine)(struct goxel_color below, struct goxel_color above);
    bool keeps_empty, ignores_empty, clears_outside;
    int hides; /* the least alpha that hides what was there; 256: none does */
} modes[GOXEL_MODES_END] = {
    [GOXEL_MODE_OVER]           = {"over",           over,           false, true,  false, 255},
    [GOXEL_MODE_SUB]            = {"sub",            sub,            true,  true,  false, 256},
    [GOXEL_MODE_SUB_CLAMP]      = {"sub_clamp",      sub_clamp,      true,  true,  false, 256},
    [GOXEL_MODE_PAINT]          = {"paint",          paint,          true,  true,  false, 256},
    [GOXEL_MODE_MAX]            = {"max",            max,            false, true,  false, 255},
    [GOXEL_MODE_INTERSECT]      = {"intersect",      intersect,      true,  false, true, 256},
    [GOXEL_MODE_INTERSECT_FILL] = {"intersect_fill", intersect_fill, true,  false, true, 256},
    [GOXEL_MODE_MULT_ALPHA]     = {"mult_alpha",     mult_alpha,     true,  false, false, 256},
    [GOXEL_MODE_REPLACE]        = {"replace",        replace,        false, false, false, 0},
};
/* clang-format on */

const char *goxel_mode_name(int mode)
{
    return mode > 0 && mode < GOXEL_MODES_END ? modes[mode].name : NULL;
}

enum goxel_mode goxel_mode_named(const char *name)
{
    for (int mode = 1; mode < GOXEL_MODES_END; mode++) {
        if (strcmp(modes[mode].name, name) == 0)
            return (enum goxel_mode)mode;
    }
    return strcmp(name, "add") == 0 ? GOXEL_MODE_OVER : (enum goxel_mode)0;
}

struct goxel_color goxel_mode_combine(enum goxel_mode mode, struct goxel_color below,
                                      struct goxel_color above)
{
    return goxel_color_normal(modes[mode].combine(below, above));
}

bool goxel_mode_keeps_empty(enum goxel_mode mode)
{
    return modes[mode].keeps_empty;
}

bool goxel_mode_ignores_empty(enum goxel_mode mode)
{
    return modes[mode].ignores_empty;
}

bool goxel_mode_clears_outside(enum goxel_mode mode)
{
    return modes[mode].clears_outside;
}

bool goxel_mode_hides_below(enum goxel_mode mode, struct goxel_color above)
{
    return above.a >= modes[mode].hides;
}
