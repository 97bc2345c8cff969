/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nine modes, against Goxel's formulas written once more as divisions of whole numbers. */
#include "core/modes.h"

#include "naive.h"

static const unsigned values[] = {0, 1, 127, 128, 254, 255};
#define VALUES (sizeof(values) / sizeof(values[0]))

static const struct {
    enum goxel_mode mode;
    int value;
    const char *name;
} named[] = {
    {GOXEL_MODE_OVER, 1, "over"},
    {GOXEL_MODE_SUB, 2, "sub"},
    {GOXEL_MODE_SUB_CLAMP, 3, "sub_clamp"},
    {GOXEL_MODE_PAINT, 4, "paint"},
    {GOXEL_MODE_MAX, 5, "max"},
    {GOXEL_MODE_INTERSECT, 6, "intersect"},
    {GOXEL_MODE_INTERSECT_FILL, 7, "intersect_fill"},
    {GOXEL_MODE_MULT_ALPHA, 8, "mult_alpha"},
    {GOXEL_MODE_REPLACE, 9, "replace"},
};
#define NAMED (sizeof(named) / sizeof(named[0]))

static void modes_have_goxels_names_and_numbers(void)
{
    enum goxel_mode mode = GOXEL_MODE_SUB;

    for (size_t i = 0; i < NAMED; i++) {
        CU_ASSERT_EQUAL((int)named[i].mode, named[i].value);
        CU_ASSERT(goxel_mode_find(named[i].name, &mode) && mode == named[i].mode);
        CU_ASSERT_STRING_EQUAL(goxel_mode_traits(named[i].mode)->name, named[i].name);
    }
    CU_ASSERT(goxel_mode_find("add", &mode) && mode == GOXEL_MODE_OVER);
    CU_ASSERT_FALSE(goxel_mode_find("", &mode));
    CU_ASSERT_FALSE(goxel_mode_find("Over", &mode));
    CU_ASSERT_PTR_NULL(goxel_mode_traits((enum goxel_mode)0));
    CU_ASSERT_PTR_NULL(goxel_mode_traits(GOXEL_MODES_END));
}

/* One channel, 0 to 2 for the colour and 3 for alpha, before alpha 0 is made normal. */
static unsigned channel(int mode, int c, const unsigned a[4], const unsigned b[4])
{
    unsigned aa = a[3], ba = b[3], weight = 255 * ba + aa * (255 - ba), least = aa < ba ? aa : ba;

    switch (mode) {
    case 1:
        if (c == 3)
            return ba + aa * (255 - ba) / 255;
        return weight ? (255 * b[c] * ba + a[c] * aa * (255 - ba)) / weight : a[c];
    case 2:
        return c < 3 ? a[c] : aa > ba ? aa - ba : 0;
    case 3:
        return c < 3 ? a[c] : aa < 255 - ba ? aa : 255 - ba;
    case 4:
        return c < 3 ? (255 * a[c] - a[c] * ba + b[c] * ba) / 255 : aa;
    case 5:
        return c < 3 ? (ba ? b[c] : a[c]) : aa > ba ? aa : ba;
    case 6:
        return c < 3 ? a[c] : least;
    case 7:
        return c < 3 ? b[c] : least;
    case 8:
        return a[c] * ba / 255;
    default:
        return b[c];
    }
}

static struct goxel_color expected(int mode, struct goxel_color below, struct goxel_color above)
{
    const unsigned a[4] = {below.r, below.g, below.b, below.a}, b[4] = {above.r, above.g, above.b, above.a};
    unsigned out[4];

    for (int c = 0; c < 4; c++)
        out[c] = channel(mode, c, a, b);
    return out[3] ? rgba(out[0], out[1], out[2], out[3]) : rgba(0, 0, 0, 0);
}

/* Calls `check` with every pair of corner values in each channel's place, in every mode. */
static int over_all_corners(int (*check)(enum goxel_mode, struct goxel_color, struct goxel_color))
{
    int wrong = 0;

    for (size_t n = 0; n < VALUES * VALUES * VALUES * VALUES; n++) {
        unsigned a = values[n % VALUES], b = values[n / VALUES % VALUES];
        unsigned aa = values[n / (VALUES * VALUES) % VALUES], ba = values[n / (VALUES * VALUES * VALUES)];
        struct goxel_color below = rgba(a, b, 255 - a, aa), above = rgba(b, 200, a / 2, ba);

        if (aa == 0)
            below = rgba(0, 0, 0, 0);
        for (size_t i = 0; i < NAMED; i++)
            wrong += check(named[i].mode, below, above);
    }
    return wrong;
}

static int differs(enum goxel_mode mode, struct goxel_color below, struct goxel_color above)
{
    struct goxel_color many[2] = {below, above}, on[2] = {above, below}, back = rgba(0, 0, 0, 0);

    goxel_mode_combine_all(mode, many, on, 2);
    back = goxel_mode_combine(mode, above, below);
    return !same_color(goxel_mode_combine(mode, below, above), expected(mode, below, above)) +
           !same_color(many[0], expected(mode, below, above)) + !same_color(many[1], back);
}

static void corners_match_the_formulas(void)
{
    CU_ASSERT_EQUAL(over_all_corners(differs), 0);
}

static void random_colours_match_the_formulas(void)
{
    uint64_t state = 0x5eed0401;
    int wrong = 0;

    for (int i = 0; i < 200000; i++) {
        uint32_t a = random_next(&state), b = random_next(&state);
        struct goxel_color below, above;

        memcpy(&below, &a, sizeof(below));
        memcpy(&above, &b, sizeof(above));
        wrong += differs(named[(size_t)i % NAMED].mode, below, above);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* By hand, so that both ways of writing the formulas cannot be wrong together. */
static void known_results(void)
{
    static const struct {
        enum goxel_mode mode;
        struct goxel_color below, above, result;
    } cases[] = {
        {GOXEL_MODE_OVER, {10, 20, 30, 100}, {200, 100, 1, 50}, {82, 50, 18, 130}},
        {GOXEL_MODE_OVER, {255, 0, 255, 1}, {0, 255, 0, 1}, {127, 127, 127, 1}},
        {GOXEL_MODE_SUB, {10, 20, 30, 100}, {1, 2, 3, 60}, {10, 20, 30, 40}},
        {GOXEL_MODE_SUB, {10, 20, 30, 100}, {1, 2, 3, 100}, {0, 0, 0, 0}},
        {GOXEL_MODE_SUB_CLAMP, {10, 20, 30, 100}, {1, 2, 3, 60}, {10, 20, 30, 100}},
        {GOXEL_MODE_SUB_CLAMP, {10, 20, 30, 100}, {1, 2, 3, 200}, {10, 20, 30, 55}},
        {GOXEL_MODE_PAINT, {10, 20, 30, 100}, {110, 0, 31, 128}, {60, 9, 30, 100}},
        {GOXEL_MODE_PAINT, {0, 0, 0, 0}, {110, 0, 31, 255}, {0, 0, 0, 0}},
        {GOXEL_MODE_MAX, {10, 20, 30, 100}, {1, 2, 3, 60}, {1, 2, 3, 100}},
        {GOXEL_MODE_MAX, {10, 20, 30, 100}, {1, 2, 3, 0}, {10, 20, 30, 100}},
        {GOXEL_MODE_INTERSECT, {10, 20, 30, 100}, {1, 2, 3, 60}, {10, 20, 30, 60}},
        {GOXEL_MODE_INTERSECT_FILL, {10, 20, 30, 100}, {1, 2, 3, 60}, {1, 2, 3, 60}},
        {GOXEL_MODE_MULT_ALPHA, {10, 20, 30, 100}, {1, 2, 3, 128}, {5, 10, 15, 50}},
        {GOXEL_MODE_MULT_ALPHA, {10, 20, 30, 1}, {1, 2, 3, 254}, {0, 0, 0, 0}},
        {GOXEL_MODE_REPLACE, {10, 20, 30, 100}, {1, 2, 3, 60}, {1, 2, 3, 60}},
        {GOXEL_MODE_REPLACE, {10, 20, 30, 100}, {1, 2, 3, 0}, {0, 0, 0, 0}},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CU_ASSERT(
            same_color(goxel_mode_combine(cases[i].mode, cases[i].below, cases[i].above), cases[i].result));
}

/* What the traits promise holds for every corner; the other way round in the next test. */
static int breaks_a_promise(enum goxel_mode mode, struct goxel_color below, struct goxel_color above)
{
    const struct goxel_mode_traits *traits = goxel_mode_traits(mode);
    struct goxel_color result = goxel_mode_combine(mode, below, above), none = rgba(0, 0, 0, 0);
    int broken = 0;

    if (above.a == 0)
        broken += !same_color(result, traits->keeps_under_empty ? below : none);
    broken += traits->stays_empty && below.a == 0 && result.a != 0;
    broken += above.a >= traits->hides_from && !same_color(result, goxel_mode_combine(mode, none, above));
    broken += traits->everywhere && above.a == 0 && result.a != 0;
    return broken;
}

static void traits_hold(void)
{
    CU_ASSERT_EQUAL(over_all_corners(breaks_a_promise), 0);
}

static void traits_are_not_missing(void)
{
    const struct goxel_color below = rgba(50, 60, 70, 200), none = rgba(0, 0, 0, 0);

    for (size_t i = 0; i < NAMED; i++) {
        const struct goxel_mode_traits *traits = goxel_mode_traits(named[i].mode);
        struct goxel_color opaque = rgba(1, 2, 3, 255), kept, hidden;

        kept = goxel_mode_combine(named[i].mode, below, rgba(1, 2, 3, 0));
        CU_ASSERT_EQUAL(traits->keeps_under_empty, same_color(kept, below));
        CU_ASSERT_EQUAL(traits->stays_empty, goxel_mode_combine(named[i].mode, none, opaque).a == 0);
        hidden = goxel_mode_combine(named[i].mode, below, opaque);
        CU_ASSERT_EQUAL(traits->hides_from <= 255,
                        same_color(hidden, goxel_mode_combine(named[i].mode, none, opaque)));
    }
}

static const struct unit_test tests[] = {
    {"modes have Goxel's names and numbers", modes_have_goxels_names_and_numbers},
    {"corners match the formulas", corners_match_the_formulas},
    {"random colours match the formulas", random_colours_match_the_formulas},
    {"known results", known_results},
    {"what the traits promise holds", traits_hold},
    {"no trait is missing", traits_are_not_missing},
    {NULL, NULL},
};

const struct unit_suite suite_modes = {"modes", tests};
