/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The formulas, a function each, and a row each that says what follows from them. */
#include "core/modes.h"

#include <string.h>

#include "core/brick.h"

/* ---- the formulas ---- */

static struct goxel_color with_alpha(struct goxel_color color, unsigned alpha)
{
    return goxel_color_normal((struct goxel_color){color.r, color.g, color.b, (uint8_t)alpha});
}

/* The usual one of colours that are not premultiplied. */
static struct goxel_color over(struct goxel_color below, struct goxel_color above)
{
    unsigned under, whole;

    if (above.a == 255 || below.a == 0)
        return goxel_color_normal(above);
    if (above.a == 0)
        return below;
    under = below.a * (255u - above.a);
    whole = 255u * above.a + under;
    return (struct goxel_color){
        (uint8_t)((255u * above.a * above.r + under * below.r) / whole),
        (uint8_t)((255u * above.a * above.g + under * below.g) / whole),
        (uint8_t)((255u * above.a * above.b + under * below.b) / whole),
        (uint8_t)(above.a + under / 255u),
    };
}

static struct goxel_color sub(struct goxel_color below, struct goxel_color above)
{
    return with_alpha(below, below.a > above.a ? (unsigned)below.a - above.a : 0);
}

static struct goxel_color sub_clamp(struct goxel_color below, struct goxel_color above)
{
    unsigned most = 255u - above.a;

    return with_alpha(below, below.a < most ? below.a : most);
}

static struct goxel_color paint(struct goxel_color below, struct goxel_color above)
{
    unsigned rest = 255u - above.a;

    return goxel_color_normal((struct goxel_color){
        (uint8_t)((below.r * rest + above.r * above.a) / 255u),
        (uint8_t)((below.g * rest + above.g * above.a) / 255u),
        (uint8_t)((below.b * rest + above.b * above.a) / 255u),
        below.a,
    });
}

static struct goxel_color max(struct goxel_color below, struct goxel_color above)
{
    return above.a ? with_alpha(above, below.a > above.a ? below.a : above.a) : goxel_color_normal(below);
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
    unsigned by = above.a;

    return goxel_color_normal(
        (struct goxel_color){(uint8_t)(below.r * by / 255u), (uint8_t)(below.g * by / 255u),
                             (uint8_t)(below.b * by / 255u), (uint8_t)(below.a * by / 255u)});
}

static struct goxel_color replace(struct goxel_color below, struct goxel_color above)
{
    (void)below;
    return goxel_color_normal(above);
}

/* ---- the table ---- */

/* The loops, each with its formula inside. */
#define ALL(formula) \
    static void formula##_all(struct goxel_color *colors, const struct goxel_color *above, size_t count) \
    { \
        for (size_t i = 0; i < count; i++) \
            colors[i] = formula(colors[i], above[i]); \
    }
ALL(over)
ALL(sub)
ALL(sub_clamp)
ALL(paint)
ALL(max)
ALL(intersect)
ALL(intersect_fill)
ALL(mult_alpha)
ALL(replace)

static const struct row {
    struct goxel_color (*one)(struct goxel_color below, struct goxel_color above);
    void (*all)(struct goxel_color *colors, const struct goxel_color *above, size_t count);
    struct goxel_mode_traits traits; /* name, keeps_under_empty, stays_empty, everywhere, hides_from */
} rows[GOXEL_MODES_END] = {
    /* clang-format off */
    [GOXEL_MODE_OVER] =           {over,           over_all,           {"over",           true,  false, false, 255}},
    [GOXEL_MODE_SUB] =            {sub,            sub_all,            {"sub",            true,  true,  false, 255}},
    [GOXEL_MODE_SUB_CLAMP] =      {sub_clamp,      sub_clamp_all,      {"sub_clamp",      true,  true,  false, 255}},
    [GOXEL_MODE_PAINT] =          {paint,          paint_all,          {"paint",          true,  true,  false, 256}},
    [GOXEL_MODE_MAX] =            {max,            max_all,            {"max",            true,  false, false, 255}},
    [GOXEL_MODE_INTERSECT] =      {intersect,      intersect_all,      {"intersect",      false, true,  true,  256}},
    [GOXEL_MODE_INTERSECT_FILL] = {intersect_fill, intersect_fill_all, {"intersect_fill", false, true,  true,  256}},
    [GOXEL_MODE_MULT_ALPHA] =     {mult_alpha,     mult_alpha_all,     {"mult_alpha",     false, true,  false, 256}},
    [GOXEL_MODE_REPLACE] =        {replace,        replace_all,        {"replace",        false, false, false, 0}},
    /* clang-format on */
};

const struct goxel_mode_traits *goxel_mode_traits(enum goxel_mode mode)
{
    return mode >= GOXEL_MODE_OVER && mode < GOXEL_MODES_END ? &rows[mode].traits : NULL;
}

bool goxel_mode_find(const char *name, enum goxel_mode *ret_mode)
{
    if (strcmp(name, "add") == 0)
        name = rows[GOXEL_MODE_OVER].traits.name;
    for (int mode = GOXEL_MODE_OVER; mode < GOXEL_MODES_END; mode++) {
        if (strcmp(name, rows[mode].traits.name) == 0) {
            *ret_mode = (enum goxel_mode)mode;
            return true;
        }
    }
    return false;
}

struct goxel_color goxel_mode_combine(enum goxel_mode mode, struct goxel_color below,
                                      struct goxel_color above)
{
    return rows[mode].one(below, above);
}

struct goxel_color goxel_mode_lay(enum goxel_mode mode, struct goxel_color below, struct goxel_color above)
{
    return above.a == 0 && mode == GOXEL_MODE_MULT_ALPHA ? below : goxel_mode_combine(mode, below, above);
}

void goxel_mode_combine_all(enum goxel_mode mode, struct goxel_color *colors, const struct goxel_color *above,
                            size_t count)
{
    rows[mode].all(colors, above, count);
}
